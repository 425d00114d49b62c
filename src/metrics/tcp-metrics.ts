/**
 * Counts the sessions of one TCP listener in a typed array, whose layout is fixed when the program
 * starts.
 */
import { Layout } from "./layout.ts";

const decisions = ["remote", "pool", "close"] as const;
const failures = [
  "router_error",
  "preread_limit",
  "preread_timeout",
  "dial_failure",
  "address_refused",
  "inactivity",
  "idle",
] as const;
/** How TCP sessions end, as the audit names it. */
const outcomes = [
  "completed",
  "closed",
  "client_aborted",
  "upstream_failed",
  "timed_out",
  "rejected",
  "shutdown",
] as const;

/** Something that is counted once each time it happens. */
export type TcpCount = `decision_${(typeof decisions)[number]}` | (typeof failures)[number];

/** Label `listener`. */
export const tcpLayout = new Layout(1);
const bytesUp = tcpLayout.add("es_proxy_tcp_bytes_total", ["up"]);
const bytesDown = tcpLayout.add("es_proxy_tcp_bytes_total", ["down"]);
const counters = new Map<string, number>([
  ...decisions.map(
    (decision) =>
      [`decision_${decision}`, tcpLayout.add("es_proxy_tcp_decisions_total", [decision])] as const,
  ),
  ...failures.map(
    (failure) => [failure, tcpLayout.add("es_proxy_tcp_failures_total", [failure])] as const,
  ),
]);
const ends = new Map<string, number>(
  outcomes.map(
    (outcome) => [outcome, tcpLayout.add("es_proxy_tcp_sessions_total", [outcome])] as const,
  ),
);

/** What happens on one TCP listener; every call is a few additions in a typed array. */
export class TcpListenerMetrics {
  readonly #values: Float64Array;
  /** Of sessions that have ended. */
  #up = 0;
  #down = 0;

  /** @param values of a block with {@link tcpLayout} */
  constructor(values: Float64Array) {
    this.#values = values;
    this.#up = values[bytesUp] ?? 0;
    this.#down = values[bytesDown] ?? 0;
  }

  count(event: TcpCount): void {
    this.#add(counters.get(event), 1);
  }

  /** A session is over. @param outcome as the audit names it */
  ended(outcome: string, up: number, down: number): void {
    this.#add(ends.get(outcome), 1);
    this.#up += up;
    this.#down += down;
  }

  /**
   * Brings the bytes up to date. Called when a report is made. @param up so far, of sessions that
   * run
   */
  collect(up: number, down: number): void {
    this.#values[bytesUp] = this.#up + up;
    this.#values[bytesDown] = this.#down + down;
  }

  #add(index: number | undefined, amount: number): void {
    if (index !== undefined) this.#values[index] = (this.#values[index] ?? 0) + amount;
  }
}
