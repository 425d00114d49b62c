import type { Endpoint } from "./endpoint.ts";
import type { ConnectionWaiter } from "./pending-dial.ts";

/** A waiter in the queue with what its endpoint is picked by. */
export interface PendingWaiter {
  readonly waiter: ConnectionWaiter;
  /** What consistent hashing hashes. */
  readonly key: string;
  /** Endpoints that have failed its exchange. */
  readonly avoid: readonly Endpoint[];
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
}

/**
 * The exchanges of a pool that wait for a connection, first in, first out. All wait equally long,
 * so that their deadlines are in the same order.
 */
export class PendingQueue {
  readonly #waiting = new Map<ConnectionWaiter, PendingWaiter>();

  get size(): number {
    return this.#waiting.size;
  }

  /** The one that has waited longest; `undefined`: the queue is empty. */
  get first(): PendingWaiter | undefined {
    for (const pending of this.#waiting.values()) return pending;
    return undefined;
  }

  add(pending: PendingWaiter): void {
    this.#waiting.set(pending.waiter, pending);
  }

  /** Does nothing for a waiter that is not in the queue. */
  delete(waiter: ConnectionWaiter): void {
    this.#waiting.delete(waiter);
  }

  /**
   * Takes out the first waiter of a client.
   *
   * @param peer its client connection; `undefined`: any.
   */
  take(peer: object | undefined): ConnectionWaiter | undefined {
    for (const waiter of this.#waiting.keys()) {
      if (peer !== undefined && waiter.peer !== peer) continue;
      this.#waiting.delete(waiter);
      return waiter;
    }
    return undefined;
  }

  /** Takes out the first waiter whose deadline has come; `undefined`: there is none. */
  takeExpired(nowMs: number): ConnectionWaiter | undefined {
    const { first } = this;
    if (first === undefined || first.deadlineMs > nowMs) return undefined;
    this.#waiting.delete(first.waiter);
    return first.waiter;
  }
}
