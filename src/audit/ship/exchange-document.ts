/**
 * The one document that a fleet's Elasticsearch holds of an exchange, session or event, made of
 * parsed records. Most are made of the lines themselves (`spliced-document.ts`).
 */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";

import { membersOf, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { jsonAscii } from "../format/json-text.ts";
import type { RecordLine, TrailEntry } from "../read/trail-entry.ts";
import { bodyPaths } from "../format/ecs/line-members.ts";

/** Where a trail comes from, and how much of it leaves the machine. */
export interface DocumentOptions {
  /** Name of the machine that wrote the trail. */
  readonly host: string;
  /** Name of the log that proves a journal; `undefined`: no proof is kept. */
  readonly originOf: (journal: string) => string | undefined;
  /** A body that stands in its record is shipped up to this size. Bytes; 0: none is. */
  readonly bodyBytes: number;
}

/** A document, and the id under which it is created at most once. */
interface ExchangeDocument {
  /** The entry's id; of a record without one the digest of its line. */
  readonly id: string;
  /** One line of JSON. */
  readonly json: string;
}

/** A record's proof: its number among the records of its process, and its entry in the log. */
interface LoggedRecord {
  readonly journal: string;
  readonly sequence: unknown;
  /** SHA-256 of the record's line, which is the entry of the log. Base64. */
  readonly entry: string;
}

type Members = Record<string, unknown>;

const bodies = bodyPaths.map((names) => {
  const parts = names.toReversed();
  return { path: parts.join("."), parts };
});

/**
 * Joins the records and facts of an entry. Fields that differ between the records are lists of
 * both; `@timestamp` is when the entry began. `event.original` holds the lines themselves, so that
 * readers of the data stream see what readers of the directory see; it is indexed nowhere. Where a
 * body is left out, it holds the records without their bodies, and `es_proxy.log.whole` is false.
 *
 * @returns `undefined` for a line that is no record
 */
export function exchangeDocument(
  entry: TrailEntry,
  options: DocumentOptions,
): ExchangeDocument | undefined {
  const { opening, closing } = entry;
  const [first, last] = [opening?.document, closing?.document];
  if (first === undefined && last === undefined) return undefined;
  const cut = { isCut: false };
  const shipped = [first, last].map((record) => withoutBodies(record, options.bodyBytes, cut));
  const [firstShipped = {}, lastShipped = {}] = shipped;
  const document = joined(lastShipped, firstShipped);
  const lines = [opening, closing].filter((line) => line !== undefined);
  const records = lines.map((line) => loggedRecord(line));
  const timestamp = first?.["@timestamp"] ?? valueAt(last ?? {}, "event.start");
  const event: Members = {
    ...membersOf(document["event"]),
    original: lines
      .map((line) => {
        if (!cut.isCut) return line.bytes.toString("utf8");
        return jsonAscii(line === opening ? firstShipped : lastShipped);
      })
      .join("\n"),
  };
  event["end"] = (last ?? first)?.["@timestamp"];
  const own: Members = {
    ...membersOf(document["es_proxy"]),
    log: {
      host: options.host,
      origin: options.originOf(records[0]?.journal ?? ""),
      whole: !cut.isCut,
      records,
    },
  };
  const facts = entry.facts === undefined ? undefined : valueAt(entry.facts, "es_proxy.facts");
  if (facts !== undefined) own["facts"] = facts;
  const json = JSON.stringify({
    ...document,
    "@timestamp": timestamp ?? last?.["@timestamp"],
    event,
    es_proxy: own,
  });
  return { id: entry.id === "" ? (records[0]?.entry ?? "") : entry.id, json };
}

function loggedRecord({ segment, bytes, document }: RecordLine): LoggedRecord {
  return {
    journal: segment.journal,
    sequence: valueAt(document ?? {}, "event.sequence"),
    entry: hash("sha256", bytes, "base64"),
  };
}

/** A record without the bodies that are larger than the bound. */
function withoutBodies(
  record: AuditDocument | undefined,
  bodyBytes: number,
  cut: { isCut: boolean },
): AuditDocument {
  let kept = record ?? {};
  for (const { path, parts } of bodies) {
    const content = valueAt(kept, path);
    if (typeof content !== "string" || Buffer.byteLength(content) <= bodyBytes) continue;
    cut.isCut = true;
    kept = without(kept, parts);
  }
  return kept;
}

/** The same members but for the one at the path; what is not on the path is shared. */
function without(record: AuditDocument, [name = "", ...rest]: readonly string[]): AuditDocument {
  const copy: Members = { ...record };
  if (rest.length > 0) copy[name] = without(membersOf(copy[name]), rest);
  else delete copy[name];
  return copy;
}

/** Members of both, the second one's first; values that differ become a list. */
function joined(base: AuditDocument, over: AuditDocument): AuditDocument {
  const result: Members = { ...over };
  for (const [name, other] of Object.entries(base)) {
    const own = result[name];
    if (own === undefined) result[name] = other;
    else if (isObject(own) && isObject(other)) result[name] = joined(other, own);
    else if (!isSame(own, other)) result[name] = [own, other].flat();
  }
  return result;
}

function isObject(value: unknown): value is AuditDocument {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
