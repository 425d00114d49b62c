/** The lines of the files of facts: how they are written and found again. */
import { Buffer } from "node:buffer";

import type { DocumentRef } from "../../elasticsearch/body/document-list.ts";
import type { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";
import type { ReadCursor, ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { numberAt, textAt, valueAt } from "../format/audit-document.ts";
import { readLine } from "../format/line-reader.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { UsedDocuments } from "./document-uses.ts";
import type { ExchangeFacts } from "./exchange-facts.ts";

/** More indices are counted only. */
const maxIndices = 100;

/** Where the two records of an exchange lie. */
export interface RecordPlace {
  /** The last record, in the segment that the file is of. Bytes. */
  readonly at: number;
  readonly length: number;
  /** The first one, where it is in the same segment. Bytes. */
  readonly opening?: readonly [at: number, length: number];
}

/** Documents of an exchange, in a line of its own. */
interface DocumentsLine extends RecordPlace, UsedDocuments {
  readonly id: string;
}

/** Writes the line of documents, without its line feed. */
export function documentsLine(id: string, place: RecordPlace, documents: UsedDocuments): string {
  return JSON.stringify({ id, ...place, ...documents } satisfies DocumentsLine);
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
  if (closing === undefined) return undefined;
  const isSame = opening !== undefined && opening.segment.inode === closing.segment.inode;
  return {
    at: closing.offset,
    length: closing.bytes.length,
    ...(isSame ? { opening: [opening.offset, opening.bytes.length] as const } : {}),
  };
}

// `{"event":{"id":"…"},"es_proxy":{"facts":{"at":`: an id always has 36 characters.
const head = '{"event":{"id":"';
const neck = '"},"es_proxy":{"facts":{"at":';
const idLength = 36;
const placeAt = head.length + idLength + neck.length;
const comma = 0x2c;

/** The line of an exchange, without its line feed; it begins with the place of its last record. */
export function factsLine(id: string, place: RecordPlace, facts: ExchangeFacts): string {
  const members = JSON.stringify(factsMembers(facts));
  return `${head}${id}${neck}${place.at},${members.slice(1)}}}`;
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

/** The members of `es_proxy.facts`; what is not known or empty is left out. */
function factsMembers(facts: ExchangeFacts): Record<string, unknown> {
  const { request, response, fingerprint } = facts;
  const { documents, items, rows, hits, shards } = response;
  const returned = Math.max(documents.count, rows?.count ?? 0);
  const errors = response.errors.reduce((sum, { count }) => sum + count, 0);
  const indices = indicesOf(facts);
  return withoutEmpty({
    examined: { request: facts.requestExamined, response: facts.responseExamined },
    indices: indices.slice(0, maxIndices),
    more_indices: Math.max(0, indices.length - maxIndices),
    names: request.names
      .map(({ kind, use, name }) => `${use} ${kind} ${name}`)
      .slice(0, maxIndices),
    actions: request.actions,
    lookups: request.lookups,
    documents: returned > 0 || facts.match.endpoint.class === "read" ? returned : undefined,
    with_content: documents.withContent,
    missing: documents.missing,
    ids_returned: idsOf(documents.first),
    written: (items?.count ?? 0) - (items?.failed ?? 0),
    ids_written: idsOf(items?.documents.first ?? []),
    items: items?.count ?? 0,
    failures: (items?.failed ?? 0) + (response.searches?.failed ?? 0),
    by_query: response.byQuery,
    errors: response.errors,
    error_count: errors,
    hits: hits?.total,
    hits_relation: hits?.relation,
    took: response.took,
    timed_out: response.timedOut || undefined,
    shards,
    values: response.values,
    columns: rows?.columns,
    fingerprint: fingerprint?.hash,
    query: fingerprint?.text,
    language: fingerprint?.language,
    watched: [...new Set(response.watched.map(({ field }) => field))],
    watched_documents: response.watched,
    read: facts.page === undefined ? undefined : pageMembers(facts.page),
  });
}

/** What joins calls into one read; times in milliseconds since the epoch. */
interface PageMembers {
  readonly role: ReadPage["role"];
  readonly start: number;
  readonly end: number;
  readonly status: number;
  readonly user: string;
  readonly bytes: number;
  readonly indices?: readonly string[];
  readonly continues?: true;
  /** Kinds and digests of cursors, in turn. */
  readonly asked?: readonly string[];
  readonly given?: readonly string[];
}

function pageMembers(page: ReadPage): PageMembers {
  const flat = (cursors: readonly ReadCursor[]): string[] =>
    cursors.flatMap(({ kind, digest }) => [kind, digest]);
  return {
    role: page.role,
    start: page.startedMs,
    end: Math.round(page.endedMs),
    status: page.status,
    user: page.user,
    bytes: page.bytes,
    ...(page.indices.length === 0 ? {} : { indices: page.indices }),
    ...(page.continues ? { continues: true } : {}),
    ...(page.requestCursors.length === 0 ? {} : { asked: flat(page.requestCursors) }),
    ...(page.responseCursors.length === 0 ? {} : { given: flat(page.responseCursors) }),
  };
}

/** Bytes that stand in a line of facts with a page. */
export const pageMark = Buffer.from('"read":{"role":', "latin1");

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
  const cursors = (flat: readonly string[] = []): ReadCursor[] =>
    flat.flatMap((kind, at) => (at % 2 === 0 ? [{ kind, digest: flat[at + 1] ?? "" }] : []));
  return {
    id: textAt(document, "event.id") ?? "",
    role: page.role,
    startedMs: page.start,
    endedMs: page.end,
    status: page.status,
    user: page.user,
    indices: page.indices ?? [],
    fingerprint: textAt(document, "es_proxy.facts.fingerprint"),
    continues: page.continues === true,
    requestCursors: cursors(page.asked),
    responseCursors: cursors(page.given),
    documents: numberAt(document, "es_proxy.facts.documents") ?? 0,
    bytes: page.bytes,
    ids,
    keepAliveMs: undefined,
  };
}

/** Indices that the request names and those that the answer tells. */
function indicesOf({ request, response }: ExchangeFacts): string[] {
  const names = new Set<string>();
  for (const { kind, name, isExclusion } of request.names)
    if ((kind === "index" || kind === "data_stream" || kind === "alias") && !isExclusion)
      names.add(name);
  for (const { index } of request.actions) if (index !== undefined) names.add(index);
  for (const { index } of response.documents.byIndex) names.add(index);
  for (const { index } of response.items?.groups ?? []) if (index !== undefined) names.add(index);
  return [...names];
}

function idsOf(documents: readonly DocumentRef[]): string[] {
  return documents.flatMap(({ id }) => (id === undefined ? [] : [id]));
}

function withoutEmpty(members: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const name in members) {
    const value = members[name];
    const isEmpty =
      value === undefined ||
      (value === 0 && name !== "took" && name !== "hits" && name !== "documents") ||
      (Array.isArray(value) && value.length === 0);
    if (!isEmpty) kept[name] = value;
  }
  return kept;
}
