/** Sums over numbers. */

/** A sum that is compensated for rounding (Kahan), as Elasticsearch's sums are. */
export class CompensatedSum {
  #value = 0;
  #delta = 0;

  add(value: number): void {
    // Once a sum is not finite, its compensation would be NaN.
    if (!Number.isFinite(value)) {
      this.#value += value;
      return;
    }
    if (!Number.isFinite(this.#value)) return;
    const corrected = value + this.#delta;
    const updated = this.#value + corrected;
    this.#delta = corrected - (updated - this.#value);
    this.#value = updated;
  }

  get value(): number {
    return this.#value;
  }
}

/** A sum of the sums of shards, which tell these without their compensation. */
class ShardSums {
  readonly #sums: CompensatedSum[] = [];

  add(value: number, shard: number): void {
    (this.#sums[shard] ??= new CompensatedSum()).add(value);
  }

  get value(): number {
    const [only, ...others] = this.#sums;
    if (others.length === 0) return only?.value ?? 0;
    const whole = new CompensatedSum();
    // Shards without values leave holes.
    this.#sums.forEach(({ value }) => whole.add(value));
    return whole.value;
  }
}

/** Count, extremes, sum and sum of squares. */
export class Numbers {
  count = 0;
  min = Infinity;
  max = -Infinity;
  readonly #sum = new ShardSums();
  readonly #squares = new ShardSums();

  /** @param shard number of the shard that has the value */
  add(value: number, shard = 0): void {
    this.count++;
    if (value <= this.min) this.min = Math.min(this.min, value);
    if (value >= this.max) this.max = Math.max(this.max, value);
    this.#sum.add(value, shard);
    this.#squares.add(value * value, shard);
  }

  get sum(): number {
    return this.#sum.value;
  }

  get sumOfSquares(): number {
    return this.#squares.value;
  }
}
