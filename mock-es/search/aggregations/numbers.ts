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

/** Count, extremes, sum and sum of squares. */
export class Numbers {
  count = 0;
  min = Infinity;
  max = -Infinity;
  readonly #sum = new CompensatedSum();
  readonly #squares = new CompensatedSum();

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    this.#sum.add(value);
    this.#squares.add(value * value);
  }

  get sum(): number {
    return this.#sum.value;
  }

  get sumOfSquares(): number {
    return this.#squares.value;
  }
}
