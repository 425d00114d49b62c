/** Reads that took several calls, by how much they took. */
import type { ReadOperation } from "../elasticsearch/reads/read-operation.ts";
import type { AnswerStream } from "./answer-stream.ts";
import type { ExploredTrail } from "./explored-trail.ts";
import { QuestionError, type Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";

/** Rows of the list. */
const shown = 200;

const orders: Readonly<Record<string, (read: ReadOperation) => number>> = {
  documents: ({ documents }) => documents,
  distinct: ({ distinctDocuments }) => distinctDocuments,
  calls: ({ calls }) => calls,
  bytes: ({ bytes }) => bytes,
  time: ({ durationMs }) => durationMs,
  began: ({ startedMs }) => startedMs,
};

/**
 * Streams the largest reads as they are found.
 *
 * @throws {QuestionError} for an order that does not exist
 */
export async function streamReads(
  trail: ExploredTrail,
  { sinceMs = -Infinity, untilMs = Infinity }: Question,
  sort: string,
  stream: () => AnswerStream,
): Promise<void> {
  const order = Object.hasOwn(orders, sort) ? orders[sort] : undefined;
  if (order === undefined)
    throw new QuestionError(`sort is one of ${Object.keys(orders).join(", ")}`);
  const answer = stream();
  const report = new TrailReport();
  let progress: readonly [done: number, total: number] = [0, 0];
  let found = 0;
  let largest: ReadOperation[] = [];
  const first = (): ReadOperation[] =>
    largest.sort((one, other) => order(other) - order(one)).slice(0, shown);
  const snapshot = (isDone: boolean): unknown => ({
    isDone,
    found,
    reads: first().map(plain),
    progress,
    ...report.told,
  });
  const onOperation = (read: ReadOperation): void => {
    if (read.endedMs < sinceMs || read.startedMs >= untilMs) return;
    found += 1;
    largest.push(read);
    if (largest.length >= 4 * shown) largest = first();
    if (answer.isDue) void answer.write(snapshot(false));
  };
  await trail.operations(onOperation, {
    listener: report,
    onProgress: (done, total) => {
      progress = [done, total];
      if (answer.isDue) void answer.write(snapshot(false));
    },
  });
  await answer.write(snapshot(true));
}

function plain(read: ReadOperation): Record<string, unknown> {
  return {
    id: read.id,
    beganMs: read.startedMs,
    kind: read.kind,
    users: read.users,
    indices: read.indices.slice(0, 20),
    calls: read.calls,
    failed: read.failedCalls,
    documents: read.documents,
    distinct: read.distinctDocuments,
    isExact: read.isDistinctExact,
    bytes: read.bytes,
    ms: read.durationMs,
    end: read.end,
  };
}
