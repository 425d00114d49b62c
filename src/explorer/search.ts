/** The answer to a question: a timeline, facets and the youngest rows, from one reading. */
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import { columnOf } from "../audit/read/entry-columns.ts";
import { isFailure } from "../audit/read/top-groups.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { entryRow, rowColumns, type EntryRow } from "./entry-row.ts";
import type { ExploredTrail } from "./explored-trail.ts";
import { Facets } from "./facets.ts";
import type { Question } from "./question.ts";
import { Timeline } from "./timeline.ts";
import { TrailReport } from "./trail-report.ts";

const documents = columnOf("docs");

/**
 * Streams the youngest rows at once, then what is known so far while the trail is read; the last
 * line is the whole answer.
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
  // Throws before the answer has begun.
  await stream.write(snapshot(false, await trail.youngest(question, limit)));
  const onProgress = (done: number, total: number): void => {
    progress = [done, total];
  };
  for await (const entries of trail.read(question, { listener: report, onProgress })) {
    if (stream.signal.aborted) return facets;
    for (const entry of entries) {
      found += 1;
      timeline.add(entry.startMs, isFailure(entry), Number(documents?.values(entry)[0] ?? 0));
      facets.add(entry);
      youngest.add(entry);
    }
    if (stream.isDue) await stream.write(snapshot(false));
  }
  await stream.write(snapshot(true, youngest.rows()));
  return facets;
}

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
