import type { Endpoint } from "./endpoint.ts";
import type { UpstreamConnection } from "./upstream-connection.ts";

/**
 * The idle connections of a pool, by endpoint; reused last in, first out, so that those which are
 * not needed any more reach their idle timeout.
 */
export class IdleConnections {
  readonly #byEndpoint: ReadonlyMap<Endpoint, UpstreamConnection[]>;

  constructor(endpoints: readonly Endpoint[]) {
    this.#byEndpoint = new Map(endpoints.map((endpoint) => [endpoint, []]));
  }

  count(endpoint: Endpoint): number {
    return this.#of(endpoint).length;
  }

  add(connection: UpstreamConnection): void {
    this.#of(connection.endpoint).push(connection);
  }

  /** Does nothing for a connection that is not here. */
  delete(connection: UpstreamConnection): void {
    const idle = this.#of(connection.endpoint);
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
  }

  /** The one that has been idle longest; `undefined`: there is none. */
  oldest(endpoint: Endpoint): UpstreamConnection | undefined {
    return this.#of(endpoint)[0];
  }

  /**
   * Takes out the connection that became idle last; those that `isUsable` refuses are closed.
   *
   * @param peer the client that it must have been made for; `undefined`: any.
   */
  take(
    endpoint: Endpoint,
    peer: object | undefined,
    isUsable: (connection: UpstreamConnection) => boolean,
  ): UpstreamConnection | undefined {
    const idle = this.#of(endpoint);
    for (let i = idle.length - 1; i >= 0; i -= 1) {
      const connection = idle[i];
      if (connection === undefined || (peer !== undefined && connection.peer !== peer)) continue;
      if (isUsable(connection)) {
        if (i === idle.length - 1) idle.pop();
        else idle.splice(i, 1);
        return connection;
      }
      connection.abandon();
    }
    return undefined;
  }

  /** Closes those that `isClosed` picks. */
  close(isClosed: (connection: UpstreamConnection) => boolean): void {
    for (const idle of this.#byEndpoint.values())
      for (const connection of idle.toReversed()) if (isClosed(connection)) connection.abandon();
  }

  #of(endpoint: Endpoint): UpstreamConnection[] {
    return this.#byEndpoint.get(endpoint) ?? nothing;
  }
}

/** What an endpoint of another pool has here. */
const nothing: UpstreamConnection[] = [];
