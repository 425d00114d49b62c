/** What requests that write many documents found by a query answer. */
import type { EsErrorCause } from "../es-error.ts";
import { doubleJson } from "../json/java-number.ts";

/** A document that could not be written. */
export interface ByQueryFailure {
  readonly index: string;
  readonly id: string;
  readonly cause: EsErrorCause;
  readonly status: number;
}

/** Counts of one run, or of one slice of it. */
export interface ByQueryStatus {
  total: number;
  updated: number;
  created: number;
  deleted: number;
  versionConflicts: number;
  noops: number;
}

/** Counts of a run that has done nothing yet. */
export function newStatus(): ByQueryStatus {
  return { total: 0, updated: 0, created: 0, deleted: 0, versionConflicts: 0, noops: 0 };
}

/** What an answer says beside the counts. */
export interface ByQueryAnswer {
  readonly status: ByQueryStatus;
  /** One for each slice, when there are several. */
  readonly slices: readonly ByQueryStatus[];
  readonly failures: readonly ByQueryFailure[];
  readonly tookMs: number;
  /** Documents that are read at once. */
  readonly batchSize: number;
  readonly requestsPerSecond: number;
  /** Which of the counts `updated` and `created` the answer has. */
  readonly shows: ReadonlySet<"updated" | "created">;
}

/** The answer of a run. */
export function renderByQuery(answer: ByQueryAnswer): Record<string, unknown> {
  const { status, slices, failures, tookMs } = answer;
  return {
    took: tookMs,
    timed_out: false,
    ...countsOf(status, answer),
    ...(slices.length < 2
      ? {}
      : { slices: slices.map((slice, id) => ({ slice_id: id, ...countsOf(slice, answer) })) }),
    failures: failures.map(({ index, id, cause, status: code }) => ({
      index,
      id,
      cause,
      status: code,
    })),
  };
}

function countsOf(status: ByQueryStatus, answer: ByQueryAnswer): Record<string, unknown> {
  const { shows, batchSize } = answer;
  const perSecond = answer.requestsPerSecond;
  return {
    total: status.total,
    ...(shows.has("updated") ? { updated: status.updated } : {}),
    ...(shows.has("created") ? { created: status.created } : {}),
    deleted: status.deleted,
    batches: Math.ceil(status.total / batchSize),
    version_conflicts: status.versionConflicts,
    noops: status.noops,
    retries: { bulk: 0, search: 0 },
    throttled_millis: 0,
    requests_per_second: doubleJson(perSecond === Infinity ? -1 : perSecond),
    throttled_until_millis: 0,
  };
}
