/** Users, sources, indices, actions by what they cost. */
import { columnOf } from "../audit/read/entry-columns.ts";
import { groupOrders, TopGroups, type NamedGroup } from "../audit/read/top-groups.ts";
import type { AnswerStream } from "./answer-stream.ts";
import type { ExploredTrail } from "./explored-trail.ts";
import { QuestionError, type Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

/** Rows of a ranking. */
const shown = 100;

/** By what, and in which order. */
export interface RankingOptions {
  /** Name of a column or field. */
  readonly by: string;
  readonly sort: string;
}

/**
 * Streams the ranking as it forms.
 *
 * @throws {QuestionError} for a column or order that does not exist
 */
export async function streamRanking(
  trail: ExploredTrail,
  question: Question,
  { by, sort }: RankingOptions,
  stream: () => AnswerStream,
): Promise<void> {
  const column = columnOf(by);
  if (column === undefined) throw new QuestionError(`there is no field "${by.slice(0, 60)}"`);
  const order = groupOrders.find((name) => name === sort);
  if (order === undefined) throw new QuestionError(`sort is one of ${groupOrders.join(", ")}`);
  const groups = new TopGroups(column);
  const report = new TrailReport();
  const answer = stream();
  let progress: readonly [done: number, total: number] = [0, 0];
  const snapshot = (isDone: boolean): unknown => ({
    isDone,
    progress,
    groups: groups.first(order, shown).map(plain),
    ...report.told,
  });
  const onProgress = (done: number, total: number): void => {
    progress = [done, total];
  };
  const withReads = column.name === "read";
  const wanted = { ...question, order: "any" as const, withReads };
  for await (const entries of trail.read(wanted, { listener: report, onProgress })) {
    if (answer.signal.aborted) return;
    for (const entry of entries) groups.add(entry);
    if (answer.isDue) await answer.write(snapshot(false));
  }
  await answer.write(snapshot(true));
}

function plain([value, totals]: NamedGroup): Record<string, unknown> {
  const { count, failures, bytesIn, bytesOut, documents, wall, example } = totals;
  return {
    value: value ?? null,
    count,
    failures,
    bytesIn,
    bytesOut,
    documents,
    p50: wall.at(0.5),
    p95: wall.at(0.95),
    p99: wall.at(0.99),
    max: wall.count === 0 ? undefined : wall.max,
    sum: wall.sum,
    example,
  };
}
