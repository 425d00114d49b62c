/** Which shard a search is at, and what it takes there. */
import type { TopCandidates } from "../sort/top-candidates.ts";

/** Measures a search that goes through one shard after the other. */
export class ShardClock {
  /** Number of the shard among those that are searched. */
  shard = 0;
  readonly #ranking = new Map<number, number>();
  readonly #fetching = new Map<number, { time: number; count: number }>();

  /** Nanoseconds of a clock that only goes forward. */
  now(): number {
    return nanoseconds();
  }

  /** The same candidates, measured. */
  watch(top: TopCandidates): Pick<TopCandidates, "offer"> {
    return {
      offer: (...candidate) => {
        const started = nanoseconds();
        top.offer(...candidate);
        const taken = nanoseconds() - started;
        this.#ranking.set(this.shard, this.ranking(this.shard) + taken);
      },
    };
  }

  /** Nanoseconds for ranking the matches of a shard. */
  ranking(shard: number): number {
    return this.#ranking.get(shard) ?? 0;
  }

  /** Writes a hit of a shard. */
  fetch<T>(shard: number, write: () => T): T {
    const started = nanoseconds();
    const written = write();
    const { time, count } = this.fetched(shard);
    const taken = nanoseconds() - started;
    this.#fetching.set(shard, { time: time + taken, count: count + 1 });
    return written;
  }

  /** Nanoseconds for the hits of a shard, and their number. */
  fetched(shard: number): { readonly time: number; readonly count: number } {
    return this.#fetching.get(shard) ?? { time: 0, count: 0 };
  }
}

/** Nanoseconds of a clock that only goes forward. */
export function nanoseconds(): number {
  return Number(process.hrtime.bigint());
}
