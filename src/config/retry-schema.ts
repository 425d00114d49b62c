import { z } from "zod";

import { defaults } from "./defaults.ts";
import { count, duration, durationOr, statuses } from "./scalar-schemas.ts";

/** The keys of `retry`, without defaults: in a route each one given replaces the pool's. */
export const retryKeys = {
  attempts: count(1, 20).describe("Tries of one exchange, the first included. 1: never retried."),
  total_timeout: duration().describe("No new attempt starts later than this after the first."),
  backoff: duration({ zero: "off" }).describe(
    "Wait before the second attempt; doubles each time, with jitter. 0: none.",
  ),
  statuses: statuses
    .refine(
      (ranges) => ranges.every(({ from, to }) => from > 429 || to < 429),
      "429 is back pressure and is passed on, never retried",
    )
    .describe(
      "Statuses that are retried, on another endpoint where there is one. Only what is " +
        "safe is ever sent twice: reads, in Elasticsearch's terms, and what was provably not " +
        "sent. 429 is refused: it is back pressure.",
    ),
  budget_percent: count(0, 100).describe("Retries at most, in percent of the pool's requests."),
};

/** `retry` of a pool. */
export const poolRetry = z
  .strictObject({
    attempts: retryKeys.attempts.default(defaults.retry.attempts),
    total_timeout: durationOr(defaults.retry.totalTimeoutMs).describe(
      retryKeys.total_timeout.description ?? "",
    ),
    backoff: durationOr(defaults.retry.backoffMs, { zero: "off" }).describe(
      retryKeys.backoff.description ?? "",
    ),
    statuses: retryKeys.statuses.prefault([]),
    budget_percent: retryKeys.budget_percent.default(defaults.retry.budgetPercent),
  })
  .prefault({})
  .describe(
    "Retries within the pool. A connection that could not be made is always worth another attempt.",
  );

/** `retry` of a route: overrides of single keys. */
export const routeRetry = z
  .strictObject(retryKeys)
  .partial()
  .default({})
  .describe("Keys of the pool's `retry` that are different on this route.");
