/** How many entries began when. */

/** No more bars than a screen is wide. */
const maxBuckets = 240;
const stepsMs = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
  300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 10_800_000, 21_600_000, 43_200_000,
  86_400_000, 604_800_000,
];

/** Columns of equal length: instants, counts, failures, documents. */
export interface TimelineColumns {
  readonly stepMs: number;
  /** Beginnings of the intervals, in milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly counts: readonly number[];
  readonly failures: readonly number[];
  readonly documents: readonly number[];
}

interface Bucket {
  count: number;
  failures: number;
  documents: number;
}

/** Counts in intervals, which grow while entries come that lie far apart. */
export class Timeline {
  #step = 0;
  #buckets = new Map<number, Bucket>();
  /** The first and the last instant that were counted. */
  #firstMs = Infinity;
  #lastMs = -Infinity;

  add(timeMs: number, isFailure: boolean, documents: number): void {
    if (!Number.isFinite(timeMs)) return;
    this.#widen(timeMs);
    this.#addAt(timeMs, { count: 1, failures: isFailure ? 1 : 0, documents });
  }

  /** Adds what another timeline has counted, whose intervals are no longer than these become. */
  merge({ stepMs, times, counts, failures, documents }: TimelineColumns): void {
    while (this.#stepMs < stepMs && this.#step < stepsMs.length - 1) this.#coarsenOnce();
    for (const [at, time] of times.entries()) {
      const count = counts[at] ?? 0;
      if (count === 0) continue;
      const more = { count, failures: failures[at] ?? 0, documents: documents[at] ?? 0 };
      this.#widen(time);
      this.#addAt(time, more);
    }
  }

  /** With the empty intervals between the first and the last one. */
  columns(): TimelineColumns {
    const starts = [...this.#buckets.keys()].sort((one, other) => one - other);
    const stepMs = this.#stepMs;
    const times: number[] = [];
    const [first = 0, last = -1] = [starts[0], starts.at(-1)];
    // Entries may be few and far apart: only the bars that there are, then.
    if ((last - first) / stepMs > maxBuckets * 4) times.push(...starts);
    else for (let time = first; time <= last; time += stepMs) times.push(time);
    const of = (name: keyof Bucket): number[] =>
      times.map((time) => this.#buckets.get(time)?.[name] ?? 0);
    return {
      stepMs,
      times,
      counts: of("count"),
      failures: of("failures"),
      documents: of("documents"),
    };
  }

  get #stepMs(): number {
    return stepsMs[this.#step] ?? 604_800_000;
  }

  #addAt(timeMs: number, more: Bucket): void {
    const start = Math.floor(timeMs / this.#stepMs) * this.#stepMs;
    const bucket = this.#buckets.get(start);
    if (bucket === undefined) {
      this.#buckets.set(start, more);
      return;
    }
    bucket.count += more.count;
    bucket.failures += more.failures;
    bucket.documents += more.documents;
  }

  /** Intervals grow until no more than the screen has room for lie between both ends. */
  #widen(timeMs: number): void {
    this.#firstMs = Math.min(this.#firstMs, timeMs);
    this.#lastMs = Math.max(this.#lastMs, timeMs);
    const spanMs = this.#lastMs - this.#firstMs;
    while (spanMs / this.#stepMs > maxBuckets && this.#step < stepsMs.length - 1)
      this.#coarsenOnce();
  }

  #coarsenOnce(): void {
    this.#step += 1;
    const finer = this.#buckets;
    this.#buckets = new Map();
    for (const [start, bucket] of finer) this.#addAt(start, bucket);
  }
}
