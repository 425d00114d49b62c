/** The lines of the files of facts: how they are written and found again. */
import { Buffer } from "node:buffer";

import type { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { numberAt, textAt, valueAt } from "../format/audit-document.ts";
import { jsonString } from "../format/json-text.ts";
import { readLine } from "../format/line-reader.ts";
import type { RecordLine, TrailEntry } from "../read/trail-entry.ts";
import { documentsText, type UsedDocuments } from "../examine/document-uses.ts";
import { readOf, type ReadMembers } from "../examine/page-text.ts";
import type { DerivedFacts } from "./derived-facts.ts";

/** Where the two records of an exchange lie. */
export interface RecordPlace {
  /** The last record, in the segment that the file is of. Bytes. */
  readonly at: number;
  readonly length: number;
  /** The first one, where it is in the same segment. Bytes. */
  readonly opening?: readonly [at: number, length: number];
}

/** Documents of an exchange, in a line of its own. */
export interface DocumentsLine extends RecordPlace, UsedDocuments {
  readonly id: string;
}

/** Writes the line of documents, without its line feed. */
export function documentsLine(id: string, place: RecordPlace, documents: UsedDocuments): string {
  const { at, length, opening } = place;
  const first = opening === undefined ? "" : `"opening":[${opening[0]},${opening[1]}],`;
  return `{"id":"${id}","at":${at},"length":${length},${first}` + documentsText(documents).slice(1);
}

/** Reads such a line; `undefined`: it is none. */
export function readDocumentsLine(line: Buffer): DocumentsLine | undefined {
  try {
    // Only this module writes such lines.
    return JSON.parse(line.toString("utf8")) as DocumentsLine;
  } catch {
    return undefined;
  }
}

/** Where an entry's records lie; `undefined`: its last one is not there yet. */
export function placeOf({ opening, closing }: TrailEntry): RecordPlace | undefined {
  return closing === undefined ? undefined : placeOfLines(opening, closing);
}

/** The same for two lines. */
function placeOfLines(opening: RecordLine | undefined, closing: RecordLine): RecordPlace {
  const place = { at: closing.offset, length: closing.bytes.length };
  if (opening === undefined || opening.segment.inode !== closing.segment.inode) return place;
  return { ...place, opening: [opening.offset, opening.bytes.length] };
}

// `{"event":{"id":"…"},"es_proxy":{"facts":{"at":`: an id always has 36 characters.
const head = '{"event":{"id":"';
const neck = '"},"es_proxy":{"facts":{"at":';
const idLength = 36;
const placeAt = head.length + idLength + neck.length;
const comma = 0x2c;

/** The line of an exchange, without its line feed; it begins with the place of its last record. */
export function factsLine(id: string, place: RecordPlace, facts: DerivedFacts): string {
  const { text, page, read } = facts;
  const part = page === undefined ? "" : `,${pageName}${pageText(page, read)}`;
  return `${head}${id}${neck}${place.at},${text}${part}}}}`;
}

/** The place in a line of facts; NaN: it is no such line. */
export function placeInLine(bytes: Buffer, start: number, end: number): number {
  const at = start + placeAt;
  const stop = bytes.indexOf(comma, at);
  if (stop < 0 || stop > end) return Number.NaN;
  return Number(bytes.toString("latin1", at, stop));
}

/** The id in a line of facts. */
export function idInLine(bytes: Buffer, start: number): string {
  return bytes.toString("latin1", start + head.length, start + head.length + idLength);
}

/** What joins calls into one read; times in milliseconds since the epoch. */
interface PageMembers extends ReadMembers {
  readonly start: number;
  readonly end: number;
  readonly status: number;
  readonly user: string;
  readonly bytes: number;
}

const pageName = '"read":';
const pageStart = '{"role":';

/** {@link PageMembers} as JSON. */
function pageText({ startedMs, endedMs, status, user, bytes }: ReadPage, read: string): string {
  return (
    `{${read},"start":${startedMs},"end":${Math.round(endedMs)},"status":${status},` +
    `"user":${jsonString(user)},"bytes":${bytes}}`
  );
}

/** Bytes that stand in a line of facts with a page. */
export const pageMark = Buffer.from(pageName + pageStart, "latin1");

/**
 * The page of a read in a line of facts; `undefined`: there is none.
 *
 * @param ids the documents that the answer told
 */
export function readPageLine(line: Buffer, ids: DistinctSketch | undefined): ReadPage | undefined {
  const document = readLine(line.toString("latin1")) ?? {};
  // Only this module writes such lines.
  const page = valueAt(document, "es_proxy.facts.read") as PageMembers | undefined;
  if (page === undefined) return undefined;
  return {
    id: textAt(document, "event.id") ?? "",
    ...readOf(page),
    startedMs: page.start,
    endedMs: page.end,
    status: page.status,
    user: page.user,
    fingerprint: textAt(document, "es_proxy.facts.fingerprint"),
    documents: numberAt(document, "es_proxy.facts.documents") ?? 0,
    bytes: page.bytes,
    ids,
    keepAliveMs: undefined,
  };
}
