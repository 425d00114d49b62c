/** The answer to a question: a timeline, facets and the youngest rows, from one reading. */
import type { AuditDocument } from "../audit/format/audit-document.ts";
import { textAt, valueAt } from "../audit/format/audit-document.ts";
import { columnOf } from "../audit/read/entry-columns.ts";
import type { ReadListener, ReadProblem } from "../audit/read/read-problem.ts";
import { isFailure } from "../audit/read/top-groups.ts";
import { readTrailWithFacts } from "../audit/facts/facts-trail.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { entryRow, rowColumns, type EntryRow } from "./entry-row.ts";
import { Facets } from "./facets.ts";
import type { Question } from "./question.ts";
import { Timeline } from "./timeline.ts";

/** More problems and gaps are counted only. */
const maxTold = 100;
const documents = columnOf("docs");

/**
 * Reads the trail and streams what is known so far, the last line being the whole answer.
 *
 * @returns the facets, for completion
 */
export async function streamSearch(
  directory: string,
  question: Question,
  limit: number,
  stream: AnswerStream,
): Promise<Facets> {
  const timeline = new Timeline();
  const facets = new Facets();
  const rows = new Youngest(limit);
  const report = new TrailReport();
  let found = 0;
  let progress: readonly [done: number, total: number] = [0, 0];
  const snapshot = (isDone: boolean): unknown => ({
    isDone,
    progress,
    found,
    timeline: timeline.columns(),
    facets: facets.first(),
    columns: rowColumns,
    rows: rows.youngestFirst(),
    warnings: question.filter?.warnings ?? [],
    ...report.told,
  });
  const onProgress = (done: number, total: number): void => {
    progress = [done, total];
  };
  for await (const entries of readTrailWithFacts({
    directory,
    ...question,
    listener: report,
    onProgress,
  })) {
    if (stream.signal.aborted) return facets;
    for (const entry of entries) {
      found += 1;
      timeline.add(entry.startMs, isFailure(entry), Number(documents?.values(entry)[0] ?? 0));
      facets.add(entry);
      rows.add(entryRow(entry));
    }
    if (stream.isDue) await stream.write(snapshot(false));
  }
  await stream.write(snapshot(true));
  return facets;
}

/** The last rows of a long sequence. */
class Youngest {
  readonly #limit: number;
  readonly #ring: EntryRow[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(row: EntryRow): void {
    this.#ring[this.#next] = row;
    this.#next = (this.#next + 1) % this.#limit;
  }

  youngestFirst(): EntryRow[] {
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)].toReversed();
  }
}

/** A gap in the trail: records are missing. */
export interface ToldGap {
  readonly time: string | undefined;
  /** As the record says. */
  readonly gap: unknown;
}

/** Collects what is wrong with a trail. */
export class TrailReport implements ReadListener {
  readonly #problems: ReadProblem[] = [];
  readonly #gaps: ToldGap[] = [];

  problem(problem: ReadProblem): void {
    if (this.#problems.length < maxTold) this.#problems.push(problem);
  }

  gap(document: AuditDocument): void {
    if (this.#gaps.length < maxTold)
      this.#gaps.push({
        time: textAt(document, "@timestamp"),
        gap: valueAt(document, "es_proxy.gap"),
      });
  }

  get told(): { readonly problems: readonly ReadProblem[]; readonly gaps: readonly ToldGap[] } {
    return { problems: this.#problems, gaps: this.#gaps };
  }
}
