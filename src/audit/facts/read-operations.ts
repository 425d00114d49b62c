/** The reads of a trail that took several calls, with their totals. */
import { randomBytes } from "node:crypto";

import { ReadJoiner } from "../../elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../elasticsearch/reads/read-operation.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import { listJournals, lockedSegments } from "../read/catalog.ts";
import { JournalScanner } from "../read/journal-scanner.ts";
import { tellLocked, type ReadListener } from "../read/read-problem.ts";
import type { Segment } from "../read/segment.ts";
import { Selection } from "../read/selection.ts";
import { derivedBytes } from "./coverage.ts";
import { FactsDeriver } from "./exchange-facts.ts";
import { readFactsKey } from "./facts-files.ts";
import { knownPages } from "./known-pages.ts";
import { exchangeOf } from "./recorded-exchange.ts";

/** What is read. */
export interface OperationsOptions {
  /** Live, or a copy. */
  readonly directory: string;
  /** Takes each operation when its last call has been read. */
  readonly onOperation: (operation: ReadOperation) => void;
  readonly listener: ReadListener;
  /** How far it is with what has no facts yet, in bytes of files. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A segment, and how much of it has facts. */
interface KnownSegment {
  readonly segment: Segment;
  /** See `derivedBytes`. */
  readonly derived: number;
}

/**
 * Joins the calls of all workers: scrolls, points in time, async searches, SQL cursors, and pages
 * by `search_after` and `from`. They stand in the facts; what has none yet is examined on the way,
 * some 60 µs an exchange. Changes nothing.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function readOperations(options: OperationsOptions): Promise<void> {
  const { directory, onOperation, listener, onProgress } = options;
  const joiner = new ReadJoiner({
    assigned: () => undefined,
    merged: () => undefined,
    ended: onOperation,
  });
  const journals = listJournals(directory).map(({ segments }) =>
    segments.map((segment) => ({ segment, derived: derivedBytes(directory, segment) })),
  );
  tellLocked(lockedSegments(directory), listener);
  const examined = journals.flat().filter((known) => !isDerived(known));
  const total = examined.reduce((sum, { segment }) => sum + segment.size, 0);
  let done = 0;
  const onBytes = (bytes: number): void => onProgress?.((done += bytes), total);
  const sources = journals.map((known) => pagesOf(directory, known, listener, onBytes));
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

function isDerived({ segment, derived }: KnownSegment): boolean {
  return segment.isCompressed ? derived === Infinity : derived >= segment.size;
}

/** The pages of one journal, in the order in which their calls ended. */
async function* pagesOf(
  directory: string,
  segments: readonly KnownSegment[],
  listener: ReadListener,
  onBytes: (bytes: number) => void,
): AsyncGenerator<ReadPage, undefined> {
  for (let at = 0; at < segments.length;) {
    const rest = segments.slice(at);
    const derived = rest.findIndex(isDerived);
    const missing = derived < 0 ? rest : rest.slice(0, derived);
    if (missing.length > 0) {
      const earlier = segments.slice(0, at).map(({ segment }) => segment);
      yield* examinedPages(directory, missing, earlier, listener, onBytes);
    }
    at += missing.length;
    yield* storedPages(directory, segments[at]);
    at += 1;
  }
  return undefined;
}

/** Pages of segments that follow each other and of which not all facts are known. */
async function* examinedPages(
  directory: string,
  segments: readonly KnownSegment[],
  earlier: readonly Segment[],
  listener: ReadListener,
  onBytes: (bytes: number) => void,
): AsyncGenerator<ReadPage> {
  const key = readFactsKey(directory) ?? randomBytes(32);
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
        for (; next <= at; next += 1) yield* storedPages(directory, segments[next]);
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
  for (; next < segments.length; next += 1) yield* storedPages(directory, segments[next]);
}

/** Without the lists of documents facts are derived again. */
async function* storedPages(
  directory: string,
  known: KnownSegment | undefined,
): AsyncGenerator<ReadPage> {
  if (known !== undefined && known.derived > 0) yield* knownPages(directory, known.segment);
}
