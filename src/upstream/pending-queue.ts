import type { Clock } from "../core/clock.ts";
import { TurnSlices } from "../core/turn-slices.ts";
import { countPending } from "./client-shares.ts";
import type { ClientShare } from "./client-shares.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ConnectionWaiter } from "./pending-dial.ts";

/** A waiter in the queue with what its endpoint is picked by. */
export interface PendingWaiter {
  readonly waiter: ConnectionWaiter;
  /** Of its client. */
  readonly share: ClientShare;
  /** What consistent hashing hashes. */
  readonly key: string;
  /** Endpoints that have failed its exchange. */
  readonly avoid: readonly Endpoint[];
  /** Monotonic milliseconds. */
  readonly deadlineMs: number;
}

/**
 * The exchanges of a pool that wait for a connection: clients take turns, and each client's own
 * exchanges are served first in, first out. All wait equally long, so that the deadlines of one
 * client are in the same order.
 */
export class PendingQueue {
  readonly #waiting = new Map<ConnectionWaiter, PendingWaiter>();
  /** Clients that wait, with their exchanges; the client whose turn is next comes first. */
  readonly #lines = new Map<ClientShare, Map<ConnectionWaiter, PendingWaiter>>();
  readonly #clock: Pick<Clock, "now">;
  readonly #expiries: TurnSlices;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#expiries = new TurnSlices(clock, () => this.#expireNext());
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(pending: PendingWaiter): void {
    const { waiter, share } = pending;
    this.#waiting.set(waiter, pending);
    countPending(share, 1);
    let line = this.#lines.get(share);
    if (line === undefined) this.#lines.set(share, (line = new Map()));
    line.set(waiter, pending);
  }

  /** Does nothing for a waiter that is not in the queue. */
  delete(waiter: ConnectionWaiter): void {
    const share = this.#waiting.get(waiter)?.share;
    const line = share && this.#lines.get(share);
    if (share === undefined || line === undefined) return;
    this.#waiting.delete(waiter);
    countPending(share, -1);
    line.delete(waiter);
    if (line.size === 0) this.#lines.delete(share);
  }

  /**
   * Whose turn it is among clients that may be served; `undefined`: nobody's.
   *
   * @param peer the client connection that it must be; `undefined`: any
   */
  next(
    mayServe: (share: ClientShare) => boolean,
    peer: object | undefined,
  ): PendingWaiter | undefined {
    for (const [share, line] of this.#lines) {
      if (!mayServe(share)) continue;
      for (const pending of line.values())
        if (peer === undefined || pending.waiter.peer === peer) return pending;
    }
    return undefined;
  }

  /** Takes out who is served, and lets other clients have the next turn. */
  serve({ waiter, share }: PendingWaiter): void {
    this.delete(waiter);
    const line = this.#lines.get(share);
    if (line === undefined) return;
    this.#lines.delete(share);
    this.#lines.set(share, line);
  }

  /** Takes out all whose deadline has come and tells them, perhaps in later turns. */
  expire(): void {
    this.#expiries.run();
  }

  #expireNext(): boolean {
    const nowMs = this.#clock.now();
    for (const line of this.#lines.values())
      for (const { waiter, deadlineMs } of line.values()) {
        if (deadlineMs > nowMs) break;
        this.delete(waiter);
        waiter.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
        return true;
      }
    return false;
  }
}
