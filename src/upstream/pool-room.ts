import { ClientShares } from "./client-shares.ts";
import type { ClientShare } from "./client-shares.ts";
import { ClientWaits } from "./client-waits.ts";
import type { Endpoint } from "./endpoint.ts";
import type { IdleConnections } from "./idle-connections.ts";
import type { PoolOptions } from "./pool-options.ts";

/**
 * Connections that are parked between two looks, a quarter of a second apart, for fresh client
 * connections of one address: they get places, but thousands that take nothing do not get thousands
 * of answers, each of which the proxy and the kernel carry until it stalls (4 MiB on Linux).
 */
const mostFreshParks = 8;

/**
 * Who may have a connection of a pool: places at each endpoint, and what of all of them one client
 * address may have. Connections that wait for a slow client leave their places to others.
 */
export class PoolRoom {
  readonly shares: ClientShares;
  readonly waits: ClientWaits;
  /** A client has less than its share. */
  readonly hasShare = (share: ClientShare): boolean => {
    const { address, busy, isFresh } = share;
    if (isFresh) return busy < this.#mostFreshBusy && address.busy < this.#mostBusy;
    // Parked connections that go on can make fresh ones more than their bound: what is kept for the
    // others stays.
    return busy + Math.min(address.fresh.busy, this.#mostFreshBusy) < this.#mostBusy;
  };
  /** The same, perhaps because some of its own connections are parked. */
  readonly mayServe = (share: ClientShare): boolean => {
    if (!this.#mayPark(share) && !this.#endpoints.some((endpoint) => this.isAt(endpoint)))
      return false;
    while (!this.hasShare(share)) if (!this.#park(undefined, share, share.address)) return false;
    return true;
  };
  /** Connections that one client address may use at a time. */
  readonly #mostBusy: number;
  readonly #mostFreshBusy: number;
  readonly #options: PoolOptions;
  readonly #endpoints: readonly Endpoint[];
  readonly #idle: IdleConnections;
  readonly #mostPending: number;
  readonly #mostFreshPending: number;

  constructor(options: PoolOptions, endpoints: readonly Endpoint[], idle: IdleConnections) {
    this.#options = options;
    this.#endpoints = endpoints;
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
  mayPlace(endpoint: Endpoint, share: ClientShare): boolean {
    return this.isAt(endpoint) || this.#park(endpoint, share, undefined);
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

  /** Parks a connection for `share`: at an endpoint, or one of an address. */
  #park(
    endpoint: Endpoint | undefined,
    share: ClientShare,
    of: ClientShare["address"] | undefined,
  ): boolean {
    if (!this.#mayPark(share) || !this.waits.park(endpoint, of)) return false;
    if (share.isFresh) share.address.freshParks += 1;
    return true;
  }

  #mayPark({ isFresh, address }: ClientShare): boolean {
    return !isFresh || address.freshParks < mostFreshParks;
  }

  /** Places in use at an endpoint; those of parked connections are not. */
  #taken(endpoint: Endpoint): number {
    return endpoint.open - endpoint.parked;
  }
}
