/** Data streams: names that stand for hidden indices, of which the youngest is written to. */
import { EsError, illegalArgument } from "../es-error.ts";
import { printDate } from "../values/date.ts";
import type { DataStream, IndexState } from "./index-state.ts";
import type { Mappings } from "./mappings.ts";

/** What says in a mapping that an index is one of a data stream. */
export const timestampMark = { _data_stream_timestamp: { enabled: true } };

/** What every data stream's index is mapped with, before its template. */
export const timestampMapping = {
  ...timestampMark,
  properties: { "@timestamp": { type: "date" } },
};

/**
 * Checks the field that tells when a document of a data stream happened.
 *
 * @throws {EsError} 400 for mappings without it, or with one of another type
 */
export function checkTimestampField(mappings: Mappings): void {
  const field = mappings.find("@timestamp");
  const refuse = (what: string): EsError =>
    illegalArgument(`data stream timestamp field [@timestamp] ${what}`);
  if (field === undefined) throw refuse("does not exist");
  const { type } = field;
  if (type !== "date" && type !== "date_nanos")
    throw refuse(`is of type [${type}], but [date,date_nanos] is expected`);
  if (field.parameters["index"] === false) throw refuse("is not indexed");
}

/** Name of an index of a data stream. @param nowMs milliseconds since the epoch */
export function backingName(stream: string, generation: number, nowMs: number): string {
  const day = printDate(nowMs, "uuuu.MM.dd");
  return `.ds-${stream}-${day}-${String(generation).padStart(6, "0")}`;
}

/** The index that is written to. */
export function writeIndexOf({ backing, name }: DataStream): IndexState {
  const index = backing.at(-1);
  if (index === undefined) throw new Error(`data stream ${name} has no index`);
  return index;
}

/** True for the indices of an alias of data streams; aliases of both kinds there are none. */
export function isOfStreams(members: Iterable<IndexState>): boolean {
  for (const { dataStream } of members) return dataStream !== undefined;
  return false;
}

/** The refusal of every write to a data stream but `create`. */
export function onlyCreates(name: string): EsError {
  return illegalArgument("only write ops with an op_type of create are allowed in data streams", {
    caused_by: excludedStream(name).toCause(),
  });
}

/** The answer to what names a data stream where only indices and aliases are looked for. */
export function excludedStream(name: string): EsError {
  return new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    "resource.type": "index_or_alias",
    excluded_ds: "true",
    "resource.id": name,
    index_uuid: "_na_",
    index: name,
  });
}

/**
 * Checks what only data streams ask of a document.
 *
 * @throws {EsError} 400 without a timestamp, or with several
 */
export function checkTimestamp(text: string, timestamp: unknown): void {
  if (timestamp !== undefined && !Array.isArray(timestamp)) return;
  const reason =
    timestamp === undefined
      ? "data stream timestamp field [@timestamp] is missing"
      : "data stream timestamp field [@timestamp] encountered multiple values";
  throw new EsError(
    400,
    "document_parsing_exception",
    `[1:${text.length}] failed to parse: ${reason}`,
    { caused_by: { type: "illegal_argument_exception", reason } },
  );
}
