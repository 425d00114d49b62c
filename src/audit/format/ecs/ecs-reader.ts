/** Reads what `ecs-encoder.ts` wrote: one JSON object a line. */
import type { AuditDocument } from "../audit-document.ts";
import { noFacts, type LineFacts } from "../line-facts.ts";

/** By what `es_proxy.record` says. */
const kindsOf: ReadonlyMap<string, LineFacts["kind"]> = new Map([
  ["request", "request"],
  ["response", "response"],
  ["session_start", "request"],
  ["session_end", "response"],
  ["gap", "gap"],
  ["event", "event"],
]);

/** A line in the place of an erased record: `"erased":"request"`. */
const erasedMark = /^\{"es_proxy":\{"record":"erased".*?"erased":"(\w+)"/;
// Within a JSON string the encoder escapes every quote, so no value can hold one of these marks.
const recordMark = /"es_proxy":\{"record":"(\w+)"/;
const idMark = /"id":"([0-9a-f-]{36})"/;
const sequenceMark = /"sequence":(\d+)/;

/** Kind, id and sequence number of a line, found by their marks without parsing it. */
export function ecsLineFacts(line: string): LineFacts {
  const record = recordMark.exec(line)?.[1] ?? "";
  const kind = kindsOf.get(record === "erased" ? (erasedMark.exec(line)?.[1] ?? "") : record);
  if (kind === undefined) return noFacts;
  const sequence = Number(sequenceMark.exec(line)?.[1] ?? 0);
  return { kind, id: idMark.exec(line)?.[1] ?? "", sequence };
}

/** The record of a line; undefined when it is not one JSON object. */
export function readEcsLine(line: string): AuditDocument | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // An object of JSON.parse has string keys only.
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as AuditDocument)
      : undefined;
  } catch {
    return undefined;
  }
}
