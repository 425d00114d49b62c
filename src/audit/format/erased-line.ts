/**
 * What stands in the place of a record that was erased: its entry of the log, so that the tree
 * stays whole, and why it is gone. The same JSON in both formats.
 */
import { Buffer } from "node:buffer";

import { hashBytes, recordEntry } from "../../tlog/hashes.ts";
import { numberAt, textAt } from "./audit-document.ts";
import { jsonAscii } from "./json-text.ts";
import { readLine } from "./line-reader.ts";

/** Why a record was erased, and by which event of the trail. */
export interface Erasure {
  /** Id of the `audit.erase` record that names the entry. */
  readonly event: string;
  readonly reason: string;
  readonly by: string;
}

/** What a line in the place of an erased one says. */
export interface ErasedLine {
  /** SHA-256 of the line that stood here. 32 bytes. */
  readonly entry: Buffer;
  /** Id of the `audit.erase` record. */
  readonly event: string;
}

// No other line begins so: those of `ecs` begin with a timestamp.
const start = Buffer.from('{"es_proxy":{"record":"erased","entry":"', "latin1");
const hexLength = 2 * hashBytes;
const hex = /^[0-9a-f]{64}$/;

/**
 * The line, without line feed, that takes the place of another one. Kept are the kind of the
 * record, its id, time and sequence number: what a reader needs to see that nothing is missing.
 *
 * @param line without line feed, one char per byte
 */
export function erasedLine(line: string, { event, reason, by }: Erasure): string {
  const document = readLine(line) ?? {};
  const entry = recordEntry(Buffer.from(line, "latin1")).toString("hex");
  const fields = {
    es_proxy: {
      record: "erased",
      entry,
      erased: textAt(document, "es_proxy.record"),
      erasure: { event, reason, by },
    },
    "@timestamp": textAt(document, "@timestamp"),
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      sequence: numberAt(document, "event.sequence"),
      id: textAt(document, "event.id"),
    },
  };
  return jsonAscii(fields);
}

/** Whether the line at `at` is such a one, judged by its beginning; costs one comparison. */
export function isErasedLine(bytes: Buffer, at: number, end: number): boolean {
  // The third byte is "@" or a digit of a year in every other line.
  if (bytes[at + 2] !== start[2] || end - at < start.length + hexLength) return false;
  return start.compare(bytes, at, at + start.length) === 0;
}

/** Reads such a line; `undefined` when it is none, or a damaged one. */
export function readErasedLine(bytes: Buffer, at: number, end: number): ErasedLine | undefined {
  if (!isErasedLine(bytes, at, end)) return undefined;
  const hexAt = at + start.length;
  const digits = bytes.toString("latin1", hexAt, hexAt + hexLength);
  if (!hex.test(digits)) return undefined;
  const document = readLine(bytes.toString("latin1", at, end));
  const event = textAt(document ?? {}, "es_proxy.erasure.event");
  return event === undefined ? undefined : { entry: Buffer.from(digits, "hex"), event };
}

/** The entry of the log that a line stands for: its SHA-256, or the one that it was erased with. */
export function entryOfLine(bytes: Buffer, at: number, end: number): Buffer {
  return readErasedLine(bytes, at, end)?.entry ?? recordEntry(bytes.subarray(at, end));
}
