/** What one client address has of a pool. */
class AddressShare {
  /** Connections that it uses, or that are being made for it. */
  busy = 0;
  /** Connections that wait for it, counted apart. */
  parked = 0;
  /** Its exchanges in the queue. */
  pending = 0;
  /** Connections that were parked for its fresh ones since the last {@link ClientShares.tick}. */
  freshParks = 0;
  readonly known: ClientShare = { address: this, isFresh: false, busy: 0, pending: 0 };
  readonly fresh: ClientShare = { address: this, isFresh: true, busy: 0, pending: 0 };
}

/**
 * What the client connections of one address have that have taken an answer before, or those that
 * have not: who opens thousands of connections and takes nothing must not use up what others at the
 * same address (behind one gateway, say) could have.
 */
export interface ClientShare {
  readonly address: AddressShare;
  /** None of its client connections has taken an answer. */
  readonly isFresh: boolean;
  /** As in {@link AddressShare}, where they are counted, too. */
  busy: number;
  pending: number;
}

/** The part that fresh connections leave of their address's share to the others: one in so many. */
const keptPart = 4;

/** The shares of a pool that are in use, by client address. */
export class ClientShares {
  readonly #byKey = new Map<string, AddressShare>();
  readonly #percent: number;

  /** @param percent of anything that one address may have */
  constructor(percent: number) {
    this.#percent = percent;
  }

  /** Addresses known now: those that had something at the last {@link tick}, and later ones. */
  get size(): number {
    return this.#byKey.size;
  }

  /** @param isFresh the client connection has taken no answer yet */
  of(key: string, isFresh: boolean): ClientShare {
    let address = this.#byKey.get(key);
    if (address === undefined) this.#byKey.set(key, (address = new AddressShare()));
    return isFresh ? address.fresh : address.known;
  }

  /**
   * How many of `all` one address may have: what others are sure of is rounded down, so that few
   * are not divided.
   */
  most(all: number): number {
    return all - Math.floor((all * (100 - this.#percent)) / 100);
  }

  /** How many of {@link most} fresh connections may have. */
  mostFresh(most: number): number {
    return most - Math.floor(most / keptPart);
  }

  /** Forgets addresses that have nothing; not at each exchange, because most come again. */
  tick(): void {
    for (const [key, address] of this.#byKey) {
      address.freshParks = 0;
      const { busy, parked, pending } = address;
      if (busy + parked + pending === 0) this.#byKey.delete(key);
    }
  }
}

/** Connections are used, or given back. */
export function countBusy(share: ClientShare, more: 1 | -1): void {
  share.busy += more;
  share.address.busy += more;
}

/** Exchanges enter the queue, or leave it. */
export function countPending(share: ClientShare, more: 1 | -1): void {
  share.pending += more;
  share.address.pending += more;
}
