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
  /** Batches that were begun. */
  batches: number;
  updated: number;
  created: number;
  deleted: number;
  versionConflicts: number;
  noops: number;
}

/** Counts of a run that has done nothing yet. */
export function newStatus(): ByQueryStatus {
  return {
    total: 0,
    batches: 0,
    updated: 0,
    created: 0,
    deleted: 0,
    versionConflicts: 0,
    noops: 0,
  };
}

/** What an answer says beside the counts. */
export interface ByQueryAnswer {
  readonly status: ByQueryStatus;
  /** One for each slice, when there are several. */
  readonly slices: readonly ByQueryStatus[];
  readonly failures: readonly ByQueryFailure[];
  readonly tookMs: number;
  readonly requestsPerSecond: number;
  /** Which of the counts `updated` and `created` the answer has. */
  readonly shows: ReadonlySet<"updated" | "created">;
}

/** The answer of a run; with times for people as well where `isHuman`. */
export function renderByQuery(answer: ByQueryAnswer, isHuman: boolean): Record<string, unknown> {
  return {
    took: answer.tookMs,
    timed_out: false,
    ...countsOf(answer, isHuman),
    failures: answer.failures.map(({ index, id, cause, status: code }) => ({
      index,
      id,
      cause,
      status: code,
    })),
  };
}

/** The worst of the failures decides; 200 without any. */
export function failureStatus(failures: readonly ByQueryFailure[]): number {
  return Math.max(200, ...failures.map((failure) => failure.status));
}

/** What was done, by all slices and by each where there are several. */
export function countsOf(answer: ByQueryAnswer, isHuman: boolean): Record<string, unknown> {
  const { status, slices } = answer;
  const own = slices.map((slice, id) => ({ slice_id: id, ...countsOfOne(slice, answer, isHuman) }));
  return {
    ...countsOfOne(status, answer, isHuman),
    ...(slices.length < 2 ? {} : { slices: own }),
  };
}

function countsOfOne(
  status: ByQueryStatus,
  { shows, requestsPerSecond: perSecond }: ByQueryAnswer,
  isHuman: boolean,
): Record<string, unknown> {
  return {
    total: status.total,
    ...(shows.has("updated") ? { updated: status.updated } : {}),
    ...(shows.has("created") ? { created: status.created } : {}),
    deleted: status.deleted,
    batches: status.batches,
    version_conflicts: status.versionConflicts,
    noops: status.noops,
    retries: { bulk: 0, search: 0 },
    ...(isHuman ? { throttled: "0s" } : {}),
    throttled_millis: 0,
    requests_per_second: doubleJson(perSecond === Infinity ? -1 : perSecond),
    ...(isHuman ? { throttled_until: "0s" } : {}),
    throttled_until_millis: 0,
  };
}
