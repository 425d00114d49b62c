/** The lines of the files of facts: how they are written and found again. */
import { Buffer } from "node:buffer";

import type { DocumentRef } from "../../elasticsearch/body/document-list.ts";
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
  });
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
  return Object.fromEntries(
    Object.entries(members).filter(
      ([name, value]) =>
        value !== undefined &&
        !(Array.isArray(value) && value.length === 0) &&
        (value !== 0 || name === "took" || name === "hits" || name === "documents"),
    ),
  );
}
