/** What worker processes have said of their connections to endpoints. */
import type { OwnConnection } from "../upstream/own-connections.ts";

/**
 * Milliseconds that a connection is remembered after a worker has told of it last: a living worker
 * tells again at each look, five minutes apart at most, and Elasticsearch forgets a closed one
 * after five minutes.
 */
const keptMs = 660_000;
/** Some 100 bytes each. */
const maxConnections = 200_000;

/** Connections of all workers, also of those that have ended meanwhile. */
export class ConnectionBook {
  /** By place, in the order in which they were told of last. */
  readonly #known = new Map<string, OwnConnection & { readonly toldMs: number }>();

  /** @param nowMs monotonic milliseconds, like those of {@link list} */
  note(connections: readonly OwnConnection[], nowMs: number): void {
    for (const { place, purpose } of connections) {
      this.#known.delete(place);
      this.#known.set(place, { place, purpose, toldMs: nowMs });
    }
    this.#forget(nowMs);
  }

  list(nowMs: number): OwnConnection[] {
    this.#forget(nowMs);
    return [...this.#known.values()].map(({ place, purpose }) => ({ place, purpose }));
  }

  #forget(nowMs: number): void {
    for (const [place, { toldMs }] of this.#known) {
      if (this.#known.size <= maxConnections && nowMs - toldMs <= keptMs) return;
      this.#known.delete(place);
    }
  }
}
