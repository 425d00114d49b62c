import type { Endpoint } from "./endpoint.ts";
import { isLocalResourceError } from "./local-resource-error.ts";
import type { Pool } from "./pool.ts";

/**
 * A place at an endpoint for a connection that is made and kept elsewhere, such as that of a TCP
 * session. It counts like the pool's own connections: for balancing, for the limit per endpoint,
 * for outlier detection, for the metrics.
 */
export class EndpointReservation {
  readonly endpoint: Endpoint;
  readonly #pool: Pool;
  #isConnected = false;

  private constructor(pool: Pool, endpoint: Endpoint) {
    this.#pool = pool;
    this.endpoint = endpoint;
  }

  /**
   * @param key what consistent hashing hashes. @returns `undefined`: no endpoint is available, or
   *   all are full
   */
  static take(pool: Pool, key: string): EndpointReservation | undefined {
    const endpoint = pool.pick(key, []);
    if (endpoint === undefined || endpoint.isDraining || !pool.hasRoom(endpoint)) return undefined;
    // Only idle connections are left: the oldest one makes room.
    if (endpoint.open >= pool.options.connections) endpoint.idle[0]?.abandon();
    endpoint.open += 1;
    endpoint.totals.requests += 1;
    return new EndpointReservation(pool, endpoint);
  }

  /** The connection was accepted. */
  connected(): void {
    this.#isConnected = true;
    this.endpoint.active += 1;
    this.#pool.completed(this.endpoint, 0);
  }

  /** The connection could not be made. The last call. */
  connectFailed(error: Error | undefined): void {
    if (!isLocalResourceError(error)) {
      this.endpoint.totals.connectFailures += 1;
      this.#pool.failed(this.endpoint);
    }
    this.released();
  }

  /** The connection has ended, or is no longer wanted. The last call. */
  released(): void {
    this.endpoint.open -= 1;
    if (this.#isConnected) this.endpoint.active -= 1;
    this.#pool.serveNext();
  }
}
