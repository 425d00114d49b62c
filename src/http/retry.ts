import { httpErrors } from "../core/http-errors.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { RequestInfo } from "./request-info.ts";
import type { RetryPolicy, Route } from "./router.ts";

/** What of a route decides. */
export interface RetriedRoute extends Pick<Route, "retry"> {
  readonly pool: Pick<Route["pool"], "takeRetry">;
}

/** What the decision is made from. */
export interface RetriedExchange {
  readonly traits: RequestInfo;
  readonly route: RetriedRoute | undefined;
  readonly attempts: number;
  readonly startedMs: number;
  readonly isReplayable: boolean;
  readonly client: { readonly context: { readonly clock: { now(): number } } };
}

/**
 * Whether another attempt may follow a failed one (RFC 9110 §9.2.2).
 *
 * Nothing sent: any request. Sent: only what is safe to repeat in Elasticsearch's terms and is
 * still at hand. A reused connection that died without an answer does not prove that the request
 * was not processed, so it changes only this: the one fresh attempt is allowed even when the policy
 * has no attempts left.
 */
export function mayRetry(
  exchange: RetriedExchange,
  code: HttpErrorCode,
  wasSent: boolean,
  wasStale: boolean,
): boolean {
  const { route } = exchange;
  if (route === undefined) return false;
  if (httpErrors[code].retry !== (wasSent ? "if_safe" : "unsent")) return false;
  if (wasSent && (!exchange.isReplayable || !exchange.traits.isSafe)) return false;
  if (wasStale && exchange.attempts === 1) return true;
  if (!hasAttemptsLeft(exchange, route)) return false;
  // An attempt that sent nothing put no load on an endpoint: only repetitions cost budget.
  return !wasSent || route.pool.takeRetry(route.retry.budgetPercent);
}

/** Whether an answer with this status is thrown away for another attempt. */
export function isRetriedStatus(exchange: RetriedExchange, status: number): boolean {
  const { route } = exchange;
  if (route === undefined || !route.retry.statuses.has(status)) return false;
  return (
    exchange.isReplayable &&
    exchange.traits.isSafe &&
    hasAttemptsLeft(exchange, route) &&
    route.pool.takeRetry(route.retry.budgetPercent)
  );
}

/**
 * What a request that was sent and lost is answered with. Official clients send a failed request
 * again, four times in all, on 502, 503 and 504 and on a broken connection, also a bulk; on 500
 * they don't. So a lost call that Elasticsearch knows and that is not a read gets a 500 that says
 * so, unless the status of its answer is known.
 */
export function failureOf(exchange: RetriedExchange, code: HttpErrorCode): HttpErrorCode {
  if (!isLostWrite(exchange)) return code;
  const isTooLarge =
    code === "ESP_ERR_UPSTREAM_HEAD_TOO_LARGE" || code === "ESP_ERR_UPSTREAM_BODY_TOO_LARGE";
  return isTooLarge ? "ESP_ERR_ANSWER_WITHHELD" : "ESP_ERR_OUTCOME_UNKNOWN";
}

/**
 * The call changes something in Elasticsearch. What reads or infers may open contexts or cost
 * money, so that it is not repeated either, but its answer is passed on from the first byte.
 */
export function isWrite({ apiMatch, isSafe }: RequestInfo): boolean {
  const kind = apiMatch.endpoint.class;
  return kind !== "unknown" && kind !== "read" && kind !== "meta" && !isSafe;
}

/** If its answer is lost, it is unknown whether the call was carried out. */
function isLostWrite(exchange: RetriedExchange): boolean {
  return exchange.traits.apiMatch.endpoint.class !== "unknown" && !exchange.traits.isSafe;
}

/** Within the policy's attempts and time. */
function hasAttemptsLeft(exchange: RetriedExchange, { retry }: RetriedRoute): boolean {
  if (exchange.attempts >= retry.attempts) return false;
  const elapsedMs = exchange.client.context.clock.now() - exchange.startedMs;
  return elapsedMs + longestBackoffMs(exchange.attempts, retry) < retry.totalTimeoutMs;
}

/** The wait before the attempt that follows `attempts`, without its jitter: doubled each time. */
export function longestBackoffMs(attempts: number, { backoffMs }: RetryPolicy): number {
  return backoffMs * 2 ** (attempts - 1);
}
