/** The middle value and the ends of a list of samples, all in the samples' own unit. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Summarises samples by median and range: on a computer shared with others the mean follows the
 * worst neighbour.
 *
 * @throws {RangeError} for an empty list; a figure without samples must not look like zero.
 */
export function spreadOf(samples: readonly number[]): Spread {
  if (samples.length === 0) throw new RangeError("no samples");
  const sorted = [...samples].sort((a, b) => a - b);
  return { median: percentileOf(sorted, 0.5), min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/**
 * The value at `fraction` (0 to 1) of an ascending list, linear between neighbours; 0 for an empty
 * list.
 */
export function percentileOf(sorted: ArrayLike<number>, fraction: number): number {
  if (sorted.length === 0) return 0;
  const position = (sorted.length - 1) * fraction;
  const lower = Math.floor(position);
  const below = sorted[lower] ?? 0;
  const above = sorted[Math.min(lower + 1, sorted.length - 1)] ?? below;
  return below + (above - below) * (position - lower);
}

/**
 * Ratios of two series, round by round. The two samples of a round were taken within seconds of
 * each other, so a computer that slows down between rounds shifts both and leaves the ratio alone.
 *
 * @throws {RangeError} when the series differ in length: then their rounds do not belong together.
 */
export function pairedRatios(samples: readonly number[], base: readonly number[]): number[] {
  if (samples.length !== base.length)
    throw new RangeError("the series have different numbers of rounds");
  return samples.map((sample, round) => sample / (base[round] ?? Number.NaN));
}
