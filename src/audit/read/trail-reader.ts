/** Reads a whole trail, of all workers, as one sequence of entries. */
import { listJournals, listReadable, lockedSegments, type JournalSegments } from "./catalog.ts";
import { EntryHeap } from "./entry-heap.ts";
import { JournalScanner } from "./journal-scanner.ts";
import { tellLocked, type ReadListener } from "./read-problem.ts";
import type { Segment } from "./segment.ts";
import { Selection, type SelectionOptions } from "./selection.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** What is read, and how. */
export interface ReadOptions extends SelectionOptions {
  /** Live, or a copy. */
  readonly directory: string;
  /**
   * `begin`: in the order in which entries began; one that took longer than a minute comes where it
   * ended. `any`: as they are met, for sums. @default "begin"
   */
  readonly order?: "begin" | "any";
  /** Also what was recorded beside the trail, see `side-log.ts`. @default false */
  readonly withSideLog?: boolean;
  /** Is told what is wrong with the trail. */
  readonly listener?: ReadListener;
  /** How far it is, in bytes of files; called after each few megabytes. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Entries wait at most so long, in the time of the trail, for others that began before them. */
const patienceMs = 60_000;
/** More entries do not wait. */
const maxWaiting = 50_000;
/** Nor do more bytes of lines. */
const maxWaitingBytes = 33_554_432;
/**
 * So far beyond the time that is asked for segments are read, for the ends of exchanges. The last
 * record of one that takes longer may not be met.
 */
const longExchangeMs = 3_600_000;
const silent: ReadListener = { problem: () => undefined, gap: () => undefined };

/**
 * Reads the wanted entries of a trail. Takes no lock and changes nothing; what is written meanwhile
 * may be missing. Memory is bounded by the exchanges that were open at the same time.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function* readTrail(options: ReadOptions): AsyncGenerator<readonly TrailEntry[]> {
  const selection = new Selection(options);
  const { listener = silent, order = "begin", onProgress } = options;
  const list = options.withSideLog === true ? listReadable : listJournals;
  const scanners = list(options.directory).map((journal) => {
    const segments = within(journal, options);
    const earlier = journal.segments.filter(
      ({ firstMs }) => firstMs < (segments[0]?.firstMs ?? -Infinity),
    );
    return new JournalScanner(segments, earlier, selection, listener);
  });
  const { fromMs, toMs } = boundsOf(options);
  tellLocked(lockedSegments(options.directory, fromMs, toMs), listener);
  const waiting = new EntryHeap();
  try {
    for (;;) {
      const scanner = earliest(scanners);
      const entries = await scanner?.step();
      if (entries === undefined) {
        if (scanner === undefined || scanners.every(({ timeMs }) => timeMs === Infinity)) break;
        continue;
      }
      onProgress?.(...progressOf(scanners));
      if (order === "any") {
        if (entries.length > 0) yield entries;
        continue;
      }
      for (const entry of entries) {
        entry.release();
        waiting.push(entry);
      }
      const ready = takeReady(waiting, (earliest(scanners)?.timeMs ?? Infinity) - patienceMs);
      if (ready.length > 0) yield ready;
    }
    const rest = takeReady(waiting, Infinity);
    if (rest.length > 0) yield rest;
  } finally {
    for (const scanner of scanners) await scanner.close();
  }
}

/** The segments that may hold something of the time that is asked for. */
function within({ segments }: JournalSegments, options: ReadOptions): readonly Segment[] {
  const { fromMs, toMs } = boundsOf(options);
  const end = toMs + longExchangeMs;
  return segments.filter(({ firstMs, endMs }) => endMs >= fromMs && firstMs <= end);
}

function boundsOf({ filter, sinceMs, untilMs }: ReadOptions): {
  readonly fromMs: number;
  readonly toMs: number;
} {
  const bounds = filter?.timeBounds ?? { fromMs: -Infinity, toMs: Infinity };
  return {
    fromMs: Math.max(sinceMs ?? -Infinity, bounds.fromMs),
    toMs: Math.min(untilMs ?? Infinity, bounds.toMs),
  };
}

/** The scanner that is furthest behind; `undefined`: all are at their end. */
function earliest(scanners: readonly JournalScanner[]): JournalScanner | undefined {
  let best: JournalScanner | undefined;
  for (const scanner of scanners) if (scanner.timeMs < (best?.timeMs ?? Infinity)) best = scanner;
  return best;
}

function takeReady(waiting: EntryHeap, untilMs: number): TrailEntry[] {
  const ready: TrailEntry[] = [];
  while (
    waiting.count > 0 &&
    (waiting.firstMs <= untilMs || waiting.count > maxWaiting || waiting.bytes > maxWaitingBytes)
  ) {
    const entry = waiting.pop();
    if (entry !== undefined) ready.push(entry);
  }
  return ready;
}

function progressOf(scanners: readonly JournalScanner[]): [done: number, total: number] {
  let [done, total] = [0, 0];
  for (const { position } of scanners) {
    done += position.done;
    total += position.total;
  }
  return [done, total];
}
