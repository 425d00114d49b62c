/** The reads of a trail that took several calls, with their totals. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";

import {
  ReadJoiner,
  type ReadListener as JoinListener,
} from "../../elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../elasticsearch/reads/read-operation.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { listJournals, lockedSegments } from "../read/catalog.ts";
import { JournalScanner } from "../read/journal-scanner.ts";
import { tellLocked, type ReadListener } from "../read/read-problem.ts";
import type { Segment } from "../read/segment.ts";
import { Selection } from "../read/selection.ts";
import { derivedBytes } from "../facts/coverage.ts";
import { FactsDeriver } from "../facts/exchange-facts.ts";
import { readFactsKey } from "../facts/facts-files.ts";
import { knownPages } from "../facts/known-pages.ts";
import { indexedPages } from "./indexed-pages.ts";
import { joinedKey, keysOfPage } from "./read-keys.ts";
import type { TrailIndex } from "./trail-index.ts";
import { exchangeOf } from "../facts/recorded-exchange.ts";

/** What is read. */
export interface OperationsOptions {
  /** Live, or a copy. */
  readonly directory: string;
  /** Takes each operation when its last call has been read. */
  readonly onOperation: (operation: ReadOperation) => void;
  readonly listener: ReadListener;
  /** Asked before files are read; without it everything works, slower. */
  readonly index?: TrailIndex;
  /** Is told which call belongs to which operation. */
  readonly members?: Pick<JoinListener, "assigned" | "merged">;
  /** Is told the numbers of calls in the index of their segment, where it has one. */
  readonly onNumber?: (segment: Segment, id: string, number: number) => void;
  /** How far it is with what has no facts yet, in bytes of files. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A segment, and how much of it has facts. */
interface DerivedSegment {
  readonly segment: Segment;
  /** See `derivedBytes`. */
  readonly derived: number;
}

interface KnownSegment extends DerivedSegment {
  /** Its pages; a generator of those that may be parts of reads. */
  readonly pages: () => AsyncIterable<ReadPage> | Iterable<ReadPage>;
}

/** How exchanges without facts are examined. */
interface Examining {
  readonly directory: string;
  /** Names cursors. */
  readonly key: Uint8Array;
  readonly listener: ReadListener;
  readonly onBytes: (bytes: number) => void;
}

/**
 * So far from what has no facts all searches of an index are looked at: those that another one goes
 * on with are not known there. More than the time in which `ReadJoiner` waits for the next page.
 */
const nearMs = 900_000;

/**
 * Joins the calls of all workers: scrolls, points in time, async searches, SQL cursors, and pages
 * by `search_after` and `from`. They stand in the facts, where an index finds those that may belong
 * together; what has no facts yet is examined on the way, some 60 µs an exchange. Changes nothing.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function readOperations(options: OperationsOptions): Promise<void> {
  const { directory, onOperation, listener, onProgress, members } = options;
  const joiner = new ReadJoiner({
    assigned: (page, operation) => members?.assigned(page, operation),
    merged: (one, into) => members?.merged(one, into),
    ended: onOperation,
  });
  const listed = listJournals(directory).map(({ segments }) => segments);
  const known = listed.map((segments) =>
    segments.map((segment) => ({ segment, derived: derivedBytes(directory, segment) })),
  );
  const pagesOf = await pageSource(options, known.flat());
  const journals = known.map((segments) =>
    segments.map((one) => ({ ...one, pages: () => pagesOf(one.segment) })),
  );
  tellLocked(lockedSegments(directory), listener);
  const examined = known.flat().filter((one) => !isDerived(one));
  const total = examined.reduce((sum, { segment }) => sum + segment.size, 0);
  let done = 0;
  const onBytes = (bytes: number): void => onProgress?.((done += bytes), total);
  // One key for all workers: a cursor that one gave may be asked of another one.
  const key = readFactsKey(directory) ?? randomBytes(32);
  const examining = { directory, key, listener, onBytes };
  const sources = journals.map((segments) => pagesOfJournal(segments, examining));
  const heads = await Promise.all(sources.map((source) => source.next()));
  for (;;) {
    let first = -1;
    for (const [at, { value }] of heads.entries())
      if (value !== undefined && value.endedMs < (heads[first]?.value?.endedMs ?? Infinity))
        first = at;
    const page = heads[first]?.value;
    const source = sources[first];
    if (page === undefined || source === undefined) break;
    joiner.add(page);
    heads[first] = await source.next();
  }
  joiner.finish();
}

function isDerived({ segment, derived }: DerivedSegment): boolean {
  return segment.isCompressed ? derived === Infinity : derived >= segment.size;
}

/** The pages of one journal, in the order in which their calls ended. */
async function* pagesOfJournal(
  segments: readonly KnownSegment[],
  examining: Examining,
): AsyncGenerator<ReadPage, undefined> {
  for (let at = 0; at < segments.length;) {
    const rest = segments.slice(at);
    const derived = rest.findIndex(isDerived);
    const missing = derived < 0 ? rest : rest.slice(0, derived);
    if (missing.length > 0) {
      const earlier = segments.slice(0, at).map(({ segment }) => segment);
      yield* examinedPages(missing, earlier, examining);
    }
    at += missing.length;
    yield* storedPages(segments[at]);
    at += 1;
  }
  return undefined;
}

/** Pages of segments that follow each other and of which not all facts are known. */
async function* examinedPages(
  segments: readonly KnownSegment[],
  earlier: readonly Segment[],
  { directory, key, listener, onBytes }: Examining,
): AsyncGenerator<ReadPage> {
  const deriver = new FactsDeriver(directory, key, []);
  const wanted = segments.map(({ segment }) => segment);
  const scanner = new JournalScanner(wanted, earlier, new Selection({}), listener);
  /** The next segment whose facts have not been read. */
  let next = 0;
  let position = 0;
  try {
    for (let entries = await scanner.step(); entries; entries = await scanner.step()) {
      for (const entry of entries) {
        const { closing } = entry;
        if (closing === undefined) continue;
        const at = wanted.indexOf(closing.segment);
        for (; next <= at; next += 1) yield* storedPages(segments[next]);
        if (closing.offset < (segments[at]?.derived ?? 0)) continue;
        const exchange = exchangeOf(entry);
        if (exchange === undefined) continue;
        const { page } = await deriver.derive(exchange, () => undefined);
        if (page !== undefined) yield page;
      }
      const { done } = scanner.position;
      onBytes(done - position);
      position = done;
    }
  } finally {
    await scanner.close();
  }
  for (; next < segments.length; next += 1) yield* storedPages(segments[next]);
}

/** Without the lists of documents facts are derived again. */
async function* storedPages(known: KnownSegment | undefined): AsyncGenerator<ReadPage> {
  if (known !== undefined && known.derived > 0) yield* known.pages();
}

/** What stands in the facts of calls that go on with a search. */
const continuing = ['"continues":true', '"asked":["search_after"', ',"search_after","'].map(
  (text) => Buffer.from(text, "latin1"),
);

/** How the pages of a segment are read that stand in its facts. */
async function pageSource(
  { directory, index, onNumber }: OperationsOptions,
  segments: readonly DerivedSegment[],
): Promise<(segment: Segment) => AsyncIterable<ReadPage> | Iterable<ReadPage>> {
  const keys = new Set([joinedKey]);
  const unknown: Segment[] = [];
  if (index === undefined) return (segment) => knownPages(directory, segment);
  for (const known of segments) {
    const { segment } = known;
    const continued = index.continuedKeys(segment);
    for (const key of continued ?? []) keys.add(key);
    if (continued !== undefined) continue;
    if (!isDerived(known)) unknown.push(segment);
    const isWanted = (line: Buffer): boolean => continuing.some((mark) => line.includes(mark));
    for await (const page of knownPages(directory, segment, isWanted)) {
      const { continued: key } = keysOfPage(page);
      if (key !== undefined) keys.add(key);
    }
  }
  return (segment) => {
    const isNear = unknown.some(
      ({ firstMs, endMs }) => segment.endMs > firstMs - nearMs && segment.firstMs < endMs + nearMs,
    );
    const entries = isNear ? index.entriesOf(segment) : index.callsWith(segment, keys);
    if (entries === undefined) return knownPages(directory, segment);
    const onPage = (id: string, number: number): void => onNumber?.(segment, id, number);
    return indexedPages(directory, segment, entries, onPage);
  };
}
