/** The read of several calls that one exchange is a part of. */
import { Buffer } from "node:buffer";

import { ReadJoiner } from "../../elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../elasticsearch/reads/read-operation.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import type { ReadMembers } from "../examine/page-text.ts";
import { textAt, valueAt } from "../format/audit-document.ts";
import { jsonString } from "../format/json-text.ts";
import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { knownPages } from "./known-pages.ts";

/** How far other calls may be: cursors live long, pages by `search_after` come soon. */
const [cursorReachMs, pagingReachMs] = [3_600_000, 300_000];
/** Calls that are looked at, some tenths of a second; of a read with more, less is told. */
const maxPages = 50_000;
/** Kind of cursors that are sort values: found by the query that they belong to. */
const searchAfter = "search_after";

/** An exchange within its read. */
export interface ReadPart {
  /** As far as its calls lie within an hour of this one. */
  readonly operation: ReadOperation;
  /** Number of this call among those of the read, from 1; 0: it returns no documents. */
  readonly call: number;
}

/**
 * Joins the calls around an exchange that have cursors of its kind, or its query. They are taken
 * from the facts of all workers; what has none yet is not looked at. Changes nothing.
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
  const kinds = [...(read.asked ?? []), ...(read.given ?? [])].filter((_, at) => at % 2 === 0);
  // One search among many of its kind, which nothing can be said to follow.
  if (kinds.length === 0 && read.continues !== true) return undefined;
  const cursors = kinds.filter((kind) => kind !== searchAfter);
  const isWanted =
    cursors.length > 0
      ? withOneOf(new Set(cursors))
      : withAll(
          `"fingerprint":"${textAt(document, "es_proxy.facts.fingerprint")}"`,
          `"user":${jsonString(entry.text("user.name") ?? entry.text("user.id") ?? "")},`,
        );
  const reachMs = cursors.length > 0 ? cursorReachMs : pagingReachMs;
  const [fromMs, toMs] = [entry.startMs - reachMs, entry.startMs + reachMs];
  const pages: ReadPage[] = [];
  for (const segment of listJournals(directory).flatMap(({ segments }) => segments)) {
    if (!isWithin(segment, fromMs, toMs) || pages.length === maxPages) continue;
    for await (const page of knownPages(directory, segment, isWanted)) {
      if (page.endedMs < fromMs || page.startedMs > toMs) continue;
      if (pages.length === maxPages) break;
      pages.push(page);
    }
  }
  return joined(pages, entry.id);
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
