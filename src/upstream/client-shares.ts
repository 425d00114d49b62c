/** What one client address has of a pool. */
export interface ClientShare {
  /** Connections that it uses, or that are being made for it. */
  busy: number;
  /** Connections that wait for it, counted apart. */
  parked: number;
  /** Its exchanges in the queue. */
  pending: number;
}

/** The shares of a pool that are in use, by client address. */
export class ClientShares {
  readonly #byKey = new Map<string, ClientShare>();
  readonly #percent: number;

  /** @param percent of anything that one address may have */
  constructor(percent: number) {
    this.#percent = percent;
  }

  /** Addresses known now: those that had something at the last {@link tick}, and later ones. */
  get size(): number {
    return this.#byKey.size;
  }

  of(key: string): ClientShare {
    let share = this.#byKey.get(key);
    if (share === undefined) this.#byKey.set(key, (share = { busy: 0, parked: 0, pending: 0 }));
    return share;
  }

  /**
   * How many of `all` one address may have: what others are sure of is rounded down, so that few
   * are not divided.
   */
  most(all: number): number {
    return all - Math.floor((all * (100 - this.#percent)) / 100);
  }

  /** Forgets addresses that have nothing; not at each exchange, because most come again. */
  tick(): void {
    for (const [key, { busy, parked, pending }] of this.#byKey)
      if (busy + parked + pending === 0) this.#byKey.delete(key);
  }
}
