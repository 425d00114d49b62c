/** The read of several calls that one exchange is a part of. */
import { Buffer } from "node:buffer";

import { ReadJoiner } from "../../elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../elasticsearch/reads/read-operation.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { readOf, type ReadMembers } from "../examine/page-text.ts";
import { textAt, valueAt } from "../format/audit-document.ts";
import { jsonString } from "../format/json-text.ts";
import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { knownPages } from "../facts/known-pages.ts";
import { indexedPages } from "./indexed-pages.ts";
import { cursorKeyHash, isOfItsOwn, searchKeyHash } from "./read-keys.ts";
import { TrailIndex } from "./trail-index.ts";

/** How far other calls may be: cursors live long, pages by `search_after` come soon. */
const [cursorReachMs, pagingReachMs] = [3_600_000, 300_000];
/** Calls that are looked at, some tenths of a second; of a read with more, less is told. */
const maxPages = 50_000;

/** An exchange within its read. */
export interface ReadPart {
  /** As far as its calls lie within an hour of this one. */
  readonly operation: ReadOperation;
  /** Number of this call among those of the read, from 1; 0: it returns no documents. */
  readonly call: number;
}

/**
 * Joins the calls around an exchange that have its cursors, or its query. Indexes say where they
 * are; of segments without one the facts are searched, and what has none yet is not looked at.
 * Changes nothing.
 *
 * @param entry with its facts
 * @returns `undefined`: it is a read of one call, or none
 * @throws {CatalogError} when the directory holds no trail
 */
export async function readOfExchange(
  directory: string,
  entry: TrailEntry,
): Promise<ReadPart | undefined> {
  const document = { es_proxy: { facts: entry.value("es_proxy.facts") } };
  // Only the deriver of facts writes this member.
  const read = valueAt(document, "es_proxy.facts.read") as ReadMembers | undefined;
  if (read === undefined) return undefined;
  const { indices, continues, requestCursors, responseCursors } = readOf(read);
  const all = [...requestCursors, ...responseCursors];
  // One search among many of its kind, which nothing can be said to follow.
  if (all.length === 0 && !continues) return undefined;
  const user = entry.text("user.name") ?? entry.text("user.id") ?? "";
  const fingerprint = textAt(document, "es_proxy.facts.fingerprint");
  const cursors = all.filter(isOfItsOwn);
  const kinds = new Set(cursors.map(({ kind }) => kind));
  const hasCursors = cursors.length > 0;
  const reachMs = hasCursors ? cursorReachMs : pagingReachMs;
  const wanted: WantedPages = {
    fromMs: entry.startMs - reachMs,
    toMs: entry.startMs + reachMs,
    keys: hasCursors ? cursors.map(cursorKeyHash) : [searchKeyHash({ user, fingerprint, indices })],
    isWanted: hasCursors
      ? withOneOf(kinds)
      : withAll(`"fingerprint":"${fingerprint}"`, `"user":${jsonString(user)},`),
  };
  // One that cannot be used costs time only.
  const index = new TrailIndex(directory, () => undefined);
  try {
    return joined(await pagesAround(directory, wanted, index), entry.id);
  } finally {
    index.close();
  }
}

/** Which pages may belong together. */
interface WantedPages {
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** See `read-keys.ts`. */
  readonly keys: readonly number[];
  /** Says by the line of its facts whether a page may be one. */
  readonly isWanted: (line: Buffer) => boolean;
}

/** Pages lead to others by their cursors, which may change with every page. */
async function pagesAround(
  directory: string,
  { fromMs, toMs, keys, isWanted }: WantedPages,
  index: TrailIndex,
): Promise<ReadPage[]> {
  const pages = new Map<string, ReadPage>();
  const known = new Set<number>();
  let next = new Set(keys);
  const add = (page: ReadPage): void => {
    if (page.endedMs < fromMs || page.startedMs > toMs || pages.size === maxPages) return;
    pages.set(page.id, page);
    for (const key of cursorKeys(page)) if (!known.has(key)) next.add(key);
  };
  const indexed: Segment[] = [];
  const searched = new Map<number, ReadPage[]>();
  for (const segment of listJournals(directory).flatMap((journal) => journal.segments)) {
    if (!isWithin(segment, fromMs, toMs)) continue;
    if (index.continuedKeys(segment) !== undefined) indexed.push(segment);
    else
      for await (const page of knownPages(directory, segment, isWanted))
        for (const key of [searchKeyHash(page), ...cursorKeys(page)])
          searched.set(key, [...(searched.get(key) ?? []), page]);
  }
  while (next.size > 0 && pages.size < maxPages) {
    const asked = next;
    next = new Set();
    for (const key of asked) {
      known.add(key);
      for (const page of searched.get(key) ?? []) add(page);
    }
    for (const segment of indexed) {
      const entries = index.callsWith(segment, asked) ?? [];
      for (const page of indexedPages(directory, segment, entries)) add(page);
    }
  }
  return [...pages.values()];
}

function cursorKeys({ requestCursors, responseCursors }: ReadPage): number[] {
  return [...requestCursors, ...responseCursors].filter(isOfItsOwn).map(cursorKeyHash);
}

/** Lines of calls with cursors of these kinds. */
function withOneOf(kinds: ReadonlySet<string>): (line: Buffer) => boolean {
  const marks = Array.from(kinds, (kind) => Buffer.from(`"${kind}","`, "latin1"));
  return (line) => marks.some((mark) => line.includes(mark));
}

/** Lines of the searches of one user for one thing. */
function withAll(...texts: readonly string[]): (line: Buffer) => boolean {
  const marks = texts.map((text) => Buffer.from(text, "latin1"));
  return (line) => marks.every((mark) => line.includes(mark));
}

function isWithin({ firstMs, endMs }: Segment, fromMs: number, toMs: number): boolean {
  return endMs >= fromMs && !(firstMs > toMs);
}

function joined(pages: readonly ReadPage[], id: string): ReadPart | undefined {
  const members = new Map<string, string[]>();
  const ended = new Map<string, ReadOperation>();
  const joiner = new ReadJoiner({
    assigned: (page, operation) => {
      const known = members.get(operation);
      if (known === undefined) members.set(operation, [page]);
      else known.push(page);
    },
    merged: (one, into) => {
      members.set(into, [...(members.get(into) ?? []), ...(members.get(one) ?? [])]);
      members.delete(one);
    },
    ended: (operation) => void ended.set(operation.id, operation),
  });
  const inOrder = pages.toSorted((one, other) => one.endedMs - other.endedMs);
  for (const page of inOrder) joiner.add(page);
  joiner.finish();
  for (const [name, calls] of members) {
    const operation = ended.get(name);
    if (operation === undefined || !calls.includes(id)) continue;
    const own = new Set(calls);
    const all = inOrder.filter((page) => own.has(page.id) && page.role === "page");
    const at = all.findIndex((page) => page.id === id);
    return { operation, call: at < 0 ? 0 : at + 1 };
  }
  return undefined;
}
