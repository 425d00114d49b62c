import { httpErrors } from "../core/http-errors.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { RouteMetrics } from "../metrics/route-metrics.ts";

/** What is counted of an exchange. */
interface MeasuredExchange {
  readonly client: { readonly context: { readonly clock: { now(): number } } };
  readonly metrics: RouteMetrics;
  readonly startedMs: number;
  readonly attempts: number;
  readonly route: object | undefined;
}

/**
 * Counts an exchange that is over in the metrics of its route; once.
 *
 * @param status sent to the client; 0: none
 * @param failure why it was not completed; `undefined`: it was
 */
export function measureExchange(
  { client, metrics, startedMs, attempts, route }: MeasuredExchange,
  status: number,
  failure: HttpErrorCode | undefined,
): void {
  const durationMs = client.context.clock.now() - startedMs;
  const outcome = failure === undefined ? "completed" : httpErrors[failure].outcome;
  metrics.ended(durationMs, status, outcome, attempts, route !== undefined);
  if (failure !== undefined) metrics.failed(failure);
}
