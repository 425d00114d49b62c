/** The answer to a question: a timeline, facets and the youngest rows, from one reading. */
import { Timeline } from "../audit/read/timeline.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import { columnOf } from "../audit/read/entry-columns.ts";
import { isFailure } from "../audit/read/top-groups.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { entryRow, rowColumns, type EntryRow } from "./entry-row.ts";
import type { ExploredTrail, YoungestRows } from "./explored-trail.ts";
import { Facets } from "./facets.ts";
import type { Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

const documents = columnOf("docs");

/**
 * Streams the youngest rows at once, then what is known so far while the trail is read; the last
 * line is the whole answer. Where everything up to now is asked for, segments are added up instead
 * of read, and the rows are those at the end of the trail.
 *
 * @returns the facets, for completion
 */
export async function streamSearch(
  trail: ExploredTrail,
  question: Question,
  limit: number,
  stream: AnswerStream,
): Promise<Facets> {
  const timeline = new Timeline();
  const facets = new Facets();
  const youngest = new Youngest(limit);
  const report = new TrailReport();
  let found = 0;
  let progress: readonly [done: number, total: number] = [0, 0];
  const snapshot = (isDone: boolean, shown?: readonly EntryRow[]): unknown => ({
    isDone,
    progress,
    found,
    timeline: timeline.columns(),
    facets: facets.first(),
    // What does not change meanwhile is not sent again.
    ...(shown === undefined ? {} : { columns: rowColumns, rows: shown }),
    warnings: question.filter?.warnings ?? [],
    ...report.told,
  });
  const onProgress = (done: number, total: number): void => {
    progress = [done, total];
  };
  // Throws before the answer has begun.
  const first = await trail.youngest(question, limit);
  await stream.write(snapshot(false, first.rows));
  const told = { listener: report, onProgress };
  const add = (entries: readonly TrailEntry[]): void => {
    for (const entry of entries) {
      found += 1;
      timeline.add(entry.startMs, isFailure(entry), Number(documents?.values(entry)[0] ?? 0));
      facets.add(entry);
      youngest.add(entry);
    }
  };
  const parts =
    question.filter === undefined && question.untilMs === undefined
      ? trail.readSummed?.(question, told)
      : undefined;
  if (parts !== undefined) {
    for await (const part of parts) {
      if (stream.signal.aborted) return facets;
      if ("timeline" in part) {
        found += part.count;
        timeline.merge(part.timeline);
        facets.merge(part);
      } else add(part);
      const isFirst = "length" in part && part.length === 0;
      if (isFirst || stream.isDue) await stream.write(snapshot(false));
    }
    await stream.write(snapshot(true, joined(youngest.rows(), first, found).slice(0, limit)));
    return facets;
  }
  for await (const entries of trail.read(question, told)) {
    if (stream.signal.aborted) return facets;
    add(entries);
    if (stream.isDue) await stream.write(snapshot(false));
  }
  await stream.write(snapshot(true, youngest.rows()));
  return facets;
}

/** The rows that were read and those of the look at the end, as far as none is missing. */
function joined(
  read: readonly EntryRow[],
  { rows, completeFromMs }: YoungestRows,
  found: number,
): EntryRow[] {
  const all = [...new Map([...rows, ...read].map((row) => [row[idAt], row])).values()];
  return all
    .filter((row) => all.length >= found || Number(row[timeAt]) >= completeFromMs)
    .sort(
      (one, other) =>
        Number(other[timeAt]) - Number(one[timeAt]) ||
        (String(other[idAt]) < String(one[idAt]) ? -1 : 1),
    );
}

const [timeAt, idAt] = [rowColumns.indexOf("time"), rowColumns.indexOf("id")];

/** So many entries are kept as they are, which costs less than a row of each; then rows are. */
const mostEntries = 2000;

/** The last entries of a long sequence. */
class Youngest {
  readonly #limit: number;
  readonly #ring: (TrailEntry | EntryRow)[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(entry: TrailEntry): void {
    this.#ring[this.#next] = this.#limit > mostEntries ? entryRow(entry) : entry;
    entry.release();
    this.#next = (this.#next + 1) % this.#limit;
  }

  /** The youngest first. */
  rows(): EntryRow[] {
    const inOrder = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return inOrder.toReversed().map((one) => ("kind" in one ? entryRow(one) : one));
  }
}
