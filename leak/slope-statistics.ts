import { percentileOf } from "../stress/bench/statistics.ts";

/**
 * A robust slope: the median of the slopes between all pairs of samples, and the range of the
 * middle eighty per cent.
 */
export interface Slope {
  readonly p10: number;
  readonly median: number;
  readonly p90: number;
}

/**
 * Theil–Sen: one sample that is off moves the median little, unlike a fitted line.
 *
 * @param samples taken at equal distances of `step`; the slope is per unit of `step`
 * @throws {RangeError} for fewer than two samples
 */
export function theilSen(samples: readonly number[], step: number): Slope {
  if (samples.length < 2) throw new RangeError("a slope needs two samples");
  const slopes: number[] = [];
  for (const [i, early] of samples.entries())
    for (let j = i + 1; j < samples.length; j += 1)
      slopes.push(((samples[j] ?? 0) - early) / ((j - i) * step));
  slopes.sort((a, b) => a - b);
  return {
    p10: percentileOf(slopes, 0.1),
    median: percentileOf(slopes, 0.5),
    p90: percentileOf(slopes, 0.9),
  };
}

/** `12.3 [−4.0, 20.1]` */
export function slopeText({ median, p10, p90 }: Slope): string {
  return `${median.toFixed(1)} [${p10.toFixed(1)}, ${p90.toFixed(1)}]`;
}
