import { catalogue } from "./catalogue.ts";
import type { MetricName } from "./catalogue.ts";

/** Upper bounds of the duration histogram in seconds; one more bucket takes the rest. */
export const durationBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/**
 * One number of a block: which metric it belongs to, and the values of the labels that the block
 * does not give.
 */
export interface Slot {
  readonly metric: MetricName;
  readonly labels: readonly string[];
  /** `value` is a series of its own; the others are parts of a histogram. */
  readonly part: "value" | "bucket" | "sum";
  /** Left out of the output while it is 0: one of many combinations most of which never happen. */
  readonly isSparse: boolean;
}

/** What the numbers of one kind of block mean; built once when the process starts. */
export class Layout {
  /** How many of a metric's labels the block itself gives; they come first. */
  readonly ownLabels: number;
  readonly slots: Slot[] = [];

  constructor(ownLabels: number) {
    this.ownLabels = ownLabels;
  }

  /**
   * Adds one number and gives its index. @throws {Error} when the labels are not those of the
   * catalogue
   */
  add(metric: MetricName, labels: readonly string[] = [], isSparse = false): number {
    const wanted = catalogue[metric].labels.length;
    if (this.ownLabels + labels.length !== wanted)
      throw new Error(`${metric} has ${wanted} labels`);
    return this.slots.push({ metric, labels, part: "value", isSparse }) - 1;
  }

  /**
   * Adds the buckets of {@link durationBounds}, the one for the rest, and the sum; gives the index
   * of the first.
   */
  addHistogram(metric: MetricName): number {
    const first = this.slots.length;
    for (let at = 0; at <= durationBounds.length; at += 1)
      this.slots.push({ metric, labels: [], part: "bucket", isSparse: false });
    this.slots.push({ metric, labels: [], part: "sum", isSparse: false });
    return first;
  }
}
