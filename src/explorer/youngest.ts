/** The youngest rows, and those before them, without reading a whole trail. */
import { readTrailWithFacts, tailTrailWithFacts } from "../audit/facts/facts-trail.ts";
import type { ReadSource } from "../audit/read/selection.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import { listJournals } from "../audit/read/catalog.ts";
import { entryRow, rowColumns, type EntryRow } from "./entry-row.ts";
import type { OlderRows, YoungestRows } from "./explored-trail.ts";
import type { Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

/** Of the end of each journal: a tenth of a second or so. Bytes. */
const lookBytes = 8_388_608;
/** Entries that are looked at beside those that are wanted. */
const spareRows = 1000;
/** Times that are asked for one after the other grow by this factor. */
const growth = 4;
/** The shortest of them. Milliseconds. */
const leastSpanMs = 1000;

/** A question, and who knows of which reads entries are parts, where it asks for them. */
interface RowQuestion extends Question {
  readonly reads: ReadSource | undefined;
}

/** Rows from the end of the trail; none for a question about the past. */
export async function youngestRows(
  directory: string,
  { filter, reads, sinceMs = -Infinity, untilMs }: RowQuestion,
  count: number,
): Promise<YoungestRows> {
  // Throws for a directory without a trail, which a tail waits for.
  listJournals(directory);
  const none = { rows: [], completeFromMs: Infinity };
  if (untilMs !== undefined) return none;
  const tail = tailTrailWithFacts({
    directory,
    filter,
    reads,
    // Those that began first of them may have neighbours that are not met.
    history: 2 * count + spareRows,
    historyBytes: lookBytes,
    listener: new TrailReport(),
    signal: AbortSignal.abort(),
  });
  for await (const entries of tail)
    return {
      rows: entries
        .filter(({ startMs }) => startMs >= sinceMs)
        .toSorted((one, other) => other.startMs - one.startMs)
        .slice(0, count)
        .map(entryRow),
      completeFromMs: beginOfLook(entries),
    };
  return none;
}

/** When the look at the last journal begins: whatever began later has ended later, too. */
function beginOfLook(entries: readonly TrailEntry[]): number {
  const begins = new Map<string, number>();
  for (const { opening, closing } of entries) {
    const { segment, timeMs } = closing ?? opening ?? { segment: undefined, timeMs: Infinity };
    if (segment === undefined) continue;
    begins.set(segment.journal, Math.min(begins.get(segment.journal) ?? Infinity, timeMs));
  }
  return Math.max(-Infinity, ...begins.values());
}

/**
 * At least so many rows that began before `untilMs`, if there are as many. Longer and longer times
 * before it are asked for, so that the cost is that of the rows and not of the trail.
 *
 * @param spanMs how long so many rows took, as far as it is known
 * @throws {CatalogError} when the directory holds no trail
 */
export async function olderRows(
  directory: string,
  { filter, reads, sinceMs = -Infinity, untilMs = Infinity }: RowQuestion,
  count: number,
  spanMs: number,
  signal: AbortSignal,
): Promise<OlderRows> {
  const firstMs = Math.max(sinceMs, beginningOf(directory));
  for (let span = Math.max(spanMs, leastSpanMs); ; span *= growth) {
    const from = untilMs - span;
    const isAll = !(from > firstMs);
    const rows: EntryRow[] = [];
    const since = isAll ? sinceMs : from;
    const listener = new TrailReport();
    const options = { directory, filter, reads, sinceMs: since, untilMs, listener };
    for await (const entries of readTrailWithFacts(options)) {
      if (signal.aborted) return { columns: rowColumns, rows: [], isAll: false };
      rows.push(...entries.map(entryRow));
      if (rows.length > 2 * count) rows.splice(0, rows.length - count);
    }
    if (!isAll && rows.length < count) continue;
    return {
      columns: rowColumns,
      rows: rows.slice(-count).toReversed(),
      isAll: isAll && rows.length <= count,
    };
  }
}

/** When the trail begins. Milliseconds since the epoch. */
function beginningOf(directory: string): number {
  const begun = listJournals(directory).map(({ segments }) => {
    const [first] = segments;
    return Math.min(first?.firstMs ?? Infinity, first?.begunMs ?? Infinity);
  });
  return Math.min(...begun);
}
