/**
 * Quantiles of many values in little memory: counts in buckets whose bounds grow by a factor, so
 * that each answer is within one per cent of a value that was there.
 */

/** The bounds of a bucket differ by twice the relative error. */
const growth = 1.02;
const perUnit = 1 / Math.log(growth);
/** Values below count as this one: a nanosecond, where values are milliseconds. */
const least = 1e-6;
/** Sums are whole numbers, which are the same in any order of the values. Nanoseconds. */
const parts = 1e6;

/** A sketch of positive numbers. */
export class Quantiles {
  readonly #buckets = new Map<number, number>();
  count = 0;
  max = 0;
  #sum = 0;

  add(value: number): void {
    const bucket = Math.ceil(Math.log(Math.max(least, value)) * perUnit);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.count += 1;
    this.#sum += Math.round(value * parts);
    this.max = Math.max(this.max, value);
  }

  get sum(): number {
    return this.#sum / parts;
  }

  /** The value that a share of all is not above, from 0 to 1; `undefined` without values. */
  at(share: number): number | undefined {
    if (this.count === 0) return undefined;
    let left = Math.max(1, Math.ceil(share * this.count));
    for (const bucket of [...this.#buckets.keys()].sort((one, other) => one - other)) {
      left -= this.#buckets.get(bucket) ?? 0;
      // The middle of the bucket on a scale of factors.
      if (left <= 0) return Math.min(this.max, growth ** (bucket - 0.5));
    }
    return this.max;
  }
}
