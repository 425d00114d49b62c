import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Milliseconds after which the same reason at the same endpoint is logged again: a dead endpoint
 * fails with each request.
 */
const quietMs = 60_000;

/**
 * Tells the operator why connections to endpoints cannot be made. Clients and records get an error
 * code only, and a dead endpoint fails with each request: so each reason is logged once a minute at
 * most.
 */
export class DialFailures {
  readonly #pool: string;
  readonly #clock: Clock;
  readonly #log: Log;
  /**
   * When each reason was logged last, in monotonic milliseconds; the reasons are a few error codes.
   */
  readonly #said = new Map<Endpoint, Map<string, number>>();

  constructor(pool: string, clock: Clock, log: Log) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * A dial has failed, or TLS has ended a connection. @param reason the system's or OpenSSL's error
   * code
   */
  note(endpoint: Endpoint, reason: string): void {
    const said = this.#said.get(endpoint) ?? new Map<string, number>();
    this.#said.set(endpoint, said);
    const nowMs = this.#clock.now();
    if (nowMs - (said.get(reason) ?? -Infinity) < quietMs) return;
    said.set(reason, nowMs);
    this.#log.warn(
      { pool: this.#pool, endpoint: endpoint.address.url, reason },
      "no connection to the endpoint",
    );
  }
}
