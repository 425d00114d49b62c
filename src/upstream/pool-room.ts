import { ClientShares } from "./client-shares.ts";
import type { ClientShare } from "./client-shares.ts";
import { ClientWaits } from "./client-waits.ts";
import type { Endpoint } from "./endpoint.ts";
import type { IdleConnections } from "./idle-connections.ts";
import type { PoolOptions } from "./pool-options.ts";

/**
 * Who may have a connection of a pool: places at each endpoint, and what of all of them one client
 * address may have. Connections that wait for a slow client leave their places to others.
 */
export class PoolRoom {
  readonly shares: ClientShares;
  readonly waits: ClientWaits;
  /** A client has less than its share. */
  readonly hasShare = (share: ClientShare): boolean =>
    share.address.busy < this.#mostBusy && (!share.isFresh || share.busy < this.#mostFreshBusy);
  /** The same, perhaps because one of its own connections is parked. */
  readonly mayServe = (share: ClientShare): boolean =>
    this.hasShare(share) || (this.waits.park(undefined, share.address) && this.hasShare(share));
  /** Connections that one client address may use at a time. */
  readonly #mostBusy: number;
  readonly #mostFreshBusy: number;
  readonly #options: PoolOptions;
  readonly #idle: IdleConnections;
  readonly #mostPending: number;
  readonly #mostFreshPending: number;

  constructor(options: PoolOptions, endpoints: readonly Endpoint[], idle: IdleConnections) {
    this.#options = options;
    this.#idle = idle;
    this.shares = new ClientShares(options.clientPercent);
    this.#mostBusy = this.shares.most(options.connections * endpoints.length);
    this.waits = new ClientWaits(options.connections, this.#mostBusy);
    this.#mostFreshBusy = this.shares.mostFresh(this.#mostBusy);
    this.#mostPending = this.shares.most(options.pending);
    this.#mostFreshPending = this.shares.mostFresh(this.#mostPending);
  }

  /** Whether one more exchange can be served by this endpoint now. */
  isAt(endpoint: Endpoint): boolean {
    return this.#taken(endpoint) < this.#options.connections || this.#idle.count(endpoint) > 0;
  }

  /** Whether one more exchange can be served there, perhaps because a connection is parked. */
  mayPlace(endpoint: Endpoint): boolean {
    return this.isAt(endpoint) || this.waits.park(endpoint, undefined);
  }

  /** Whether one more exchange may wait. */
  isInQueue(share: ClientShare, pendingCount: number): boolean {
    if (pendingCount >= this.#options.pending) return false;
    if (share.address.pending >= this.#mostPending) return false;
    return !share.isFresh || share.pending < this.#mostFreshPending;
  }

  /** There are more connections than places, because one that had been parked goes on. */
  isExceeded(endpoint: Endpoint): boolean {
    return this.#taken(endpoint) > this.#options.connections;
  }

  /** Only idle connections are left that cannot be used: the oldest one is closed. */
  make(endpoint: Endpoint): void {
    if (this.#taken(endpoint) >= this.#options.connections) this.#idle.oldest(endpoint)?.abandon();
  }

  /** Called at each sweep. */
  tick(): void {
    this.waits.tick();
    this.shares.tick();
  }

  /** Places in use at an endpoint; those of parked connections are not. */
  #taken(endpoint: Endpoint): number {
    return endpoint.open - endpoint.parked;
  }
}
