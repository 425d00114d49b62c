/** An entry of a trail, made again of the document that was shipped. */
import { Buffer } from "node:buffer";

import { membersOf, textAt, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { jsonAscii } from "../format/json-text.ts";
import type { Segment } from "../read/segment.ts";
import { RecordLine, TrailEntry } from "../read/trail-entry.ts";

/** Last records, as `es_proxy.record` says. */
const closings: ReadonlySet<unknown> = new Set(["response", "session_end"]);

/**
 * Reads a document of the data stream.
 *
 * @returns `undefined` for a document that no es-proxy has shipped
 */
export function streamEntry(document: AuditDocument): TrailEntry | undefined {
  const original = textAt(document, "event.original");
  if (original === undefined) return undefined;
  const records = valueAt(document, "es_proxy.log.records");
  const journals = Array.isArray(records)
    ? records.map((record) => textAt(membersOf(record), "journal") ?? "")
    : [];
  const lines = original.split("\n").map((text, at) => lineOf(text, journals[at] ?? ""));
  const [first, last] = lines;
  if (first === undefined) return undefined;
  const isClosing = closings.has(valueAt(first.document ?? {}, "es_proxy.record"));
  const entry =
    last === undefined && isClosing
      ? new TrailEntry(undefined, first)
      : new TrailEntry(first, last);
  entry.isCut = valueAt(document, "es_proxy.log.whole") === false;
  const facts = valueAt(document, "es_proxy.facts");
  if (facts !== undefined)
    entry.factsLine = Buffer.from(jsonAscii({ es_proxy: { facts } }), "latin1");
  return entry;
}

function lineOf(text: string, journal: string): RecordLine {
  return new RecordLine(shippedSegment(journal), 0, Buffer.from(text, "utf8"));
}

/** There is no file: whoever needs one learns that it is absent. */
function shippedSegment(journal: string): Segment {
  return {
    name: journal,
    path: "",
    journal,
    format: journal.endsWith(".log") ? "text" : "ecs",
    isCompressed: false,
    isEncrypted: false,
    isSealed: true,
    size: 0,
    inode: 0,
    begunMs: -Infinity,
    firstMs: -Infinity,
    firstFraction: "",
    endMs: Infinity,
  };
}
