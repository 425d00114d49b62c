/**
 * Counts the exchanges of one route in a typed array, whose layout is fixed when the program
 * starts.
 */
import { httpErrors } from "../core/http-errors.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import { durationBounds, Layout } from "./layout.ts";

const statusClasses = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** How exchanges end, as the audit names it. */
export const outcomes = [
  "completed",
  "client_aborted",
  "upstream_failed",
  "timed_out",
  "malformed",
  "rejected",
  "shutdown",
] as const;

export type MeasuredOutcome = (typeof outcomes)[number];

const errorCodes = Object.keys(httpErrors) as HttpErrorCode[];

/** Labels `listener` and `route`. */
export const routeLayout = new Layout(2);
const active = routeLayout.add("es_proxy_requests_active");
const received = routeLayout.add("es_proxy_request_bytes_total");
const sent = routeLayout.add("es_proxy_response_bytes_total");
const retries = routeLayout.add("es_proxy_retries_total");
const clientAborts = routeLayout.add("es_proxy_client_aborts_total");
const upstreamAborts = routeLayout.add("es_proxy_upstream_aborts_total");
const slowUploads = routeLayout.add("es_proxy_slow_uploads_total");
const slowDownloads = routeLayout.add("es_proxy_slow_downloads_total");
const durations = routeLayout.addHistogram("es_proxy_request_duration_seconds");
const durationSum = durations + durationBounds.length + 1;
const ended = routeLayout.slots.length;
for (const statusClass of statusClasses)
  for (const outcome of outcomes)
    routeLayout.add(
      "es_proxy_requests_total",
      [statusClass, outcome],
      !(statusClass === "2xx" && outcome === "completed"),
    );
const failures = routeLayout.slots.length;
for (const code of errorCodes) routeLayout.add("es_proxy_request_failures_total", [code], true);

const outcomeIndex: Readonly<Record<string, number>> = Object.fromEntries(
  outcomes.map((outcome, at) => [outcome, at]),
);
const codeIndex: Readonly<Record<string, number>> = Object.fromEntries(
  errorCodes.map((code, at) => [code, at]),
);
const boundsMs = Float64Array.from(durationBounds, (seconds) => seconds * 1000);

/** What happens on one route; every call is a few additions in a typed array. */
export class RouteMetrics {
  readonly #values: Float64Array;

  /** @param values of a block with {@link routeLayout} */
  constructor(values: Float64Array) {
    this.#values = values;
  }

  /** An exchange begins to be forwarded. Followed by one {@link ended} with `wasActive`. */
  began(): void {
    this.#add(active, 1);
  }

  received(bytes: number): void {
    this.#add(received, bytes);
  }

  sent(bytes: number): void {
    this.#add(sent, bytes);
  }

  /**
   * An exchange is over.
   *
   * @param status sent to the client; 0: none
   * @param attempts tries at endpoints
   */
  ended(
    durationMs: number,
    status: number,
    outcome: MeasuredOutcome,
    attempts: number,
    wasActive: boolean,
  ): void {
    let bucket = 0;
    while (bucket < boundsMs.length && durationMs > (boundsMs[bucket] ?? 0)) bucket += 1;
    this.#add(durations + bucket, 1);
    this.#add(durationSum, durationMs / 1000);
    const statusClass = status >= 100 && status < 600 ? Math.trunc(status / 100) : 0;
    this.#add(ended + statusClass * outcomes.length + (outcomeIndex[outcome] ?? 0), 1);
    if (attempts > 1) this.#add(retries, attempts - 1);
    if (wasActive) this.#add(active, -1);
  }

  /** An exchange was rejected or failed; called beside {@link ended}. */
  failed(code: HttpErrorCode): void {
    this.#add(failures + (codeIndex[code] ?? 0), 1);
    switch (code) {
      case "ESP_ERR_CLIENT_ABORTED":
        this.#add(clientAborts, 1);
        return;
      case "ESP_ERR_WRITE_STALLED":
        this.#add(slowDownloads, 1);
        return;
      case "ESP_ERR_HEAD_TIMEOUT":
      case "ESP_ERR_BODY_TIMEOUT":
        this.#add(slowUploads, 1);
        return;
      case "ESP_ERR_UPSTREAM_RESET":
      case "ESP_ERR_UPSTREAM_TRUNCATED":
      case "ESP_ERR_OUTCOME_UNKNOWN":
        this.#add(upstreamAborts, 1);
        return;
      default:
    }
  }

  #add(index: number, amount: number): void {
    this.#values[index] = (this.#values[index] ?? 0) + amount;
  }
}
