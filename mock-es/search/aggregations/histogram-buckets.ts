/** What numeric and date histograms have in common. */
import { notSupported } from "../../es-error.ts";
import type { SearchDocument } from "../fields/document.ts";
import {
  type AggregationContext,
  type AggregationLevel,
  Bucket,
  type Collector,
  finishBuckets,
  type Result,
} from "./aggregation.ts";
import type { BucketOrder } from "./bucket-order.ts";
import type { ValuesSource } from "./values-source.ts";

/** How values are put into intervals, and intervals shown. */
export interface HistogramPlan {
  readonly source: ValuesSource;
  /** The key of the bucket a value falls into. */
  keyOf(value: number): number;
  /** The key after a key. */
  nextKey(key: number): number;
  readonly minDocCount: number;
  /** Keys that have to be there even without documents, smallest and largest. */
  readonly extendedBounds: readonly (number | undefined)[];
  /** False for a key outside of the hard bounds, whose values are left out. */
  accepts(key: number): boolean;
  readonly order: BucketOrder;
  readonly isKeyed: boolean;
  showKey(key: number): Record<string, unknown>;
  /** Name of a bucket in the keyed form. */
  keyName(key: number): string;
}

/** Collects either kind of histogram. */
export class HistogramCollector implements Collector {
  readonly #plan: HistogramPlan;
  readonly #sub: AggregationLevel;
  readonly #context: AggregationContext;
  readonly #buckets = new Map<number, Bucket>();

  constructor(plan: HistogramPlan, sub: AggregationLevel, context: AggregationContext) {
    this.#plan = plan;
    this.#sub = sub;
    this.#context = context;
  }

  collect(document: SearchDocument, score: number): void {
    const { source } = this.#plan;
    const values = source.read(document);
    let seen: number[] | undefined;
    for (const value of values) {
      const number = Number(value);
      if (Number.isNaN(number)) continue;
      const key = this.#plan.keyOf(number);
      if (!Number.isFinite(key)) throw notSupported("an [interval] that makes endless keys");
      if (!this.#plan.accepts(key) || seen?.includes(key) === true) continue;
      if (values.length > 1) (seen ??= []).push(key);
      this.#bucket(key).collect(document, score);
    }
  }

  #bucket(key: number): Bucket {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      this.#buckets.set(key, (bucket = new Bucket(this.#sub, this.#context)));
      this.#context.budget.check(this.#buckets.size);
    }
    return bucket;
  }

  get size(): number {
    return this.#buckets.size;
  }

  result(): Result {
    const { minDocCount, order, isKeyed } = this.#plan;
    if (minDocCount === 0) this.#fillGaps();
    for (const [key, bucket] of this.#buckets) bucket.spans(key, this.#plan.nextKey(key));
    const buckets = [...this.#buckets]
      .filter(([, bucket]) => bucket.docCount >= minDocCount)
      .map(([key, bucket]) => ({ key, bucket }))
      .sort(order);
    const shown = buckets.map(({ key, bucket }) => ({
      ...this.#plan.showKey(key),
      ...bucket.result(),
    }));
    const finished = finishBuckets(shown, this.#sub, this.#context);
    if (!isKeyed) return { buckets: finished };
    return {
      buckets: Object.fromEntries(
        buckets.map(({ key }, at) => [this.#plan.keyName(key), finished[at]]),
      ),
    };
  }

  #fillGaps(): void {
    let first = Infinity;
    let last = -Infinity;
    const [low, high] = this.#plan.extendedBounds;
    // Without documents, one bound alone spans nothing.
    if (this.#buckets.size === 0 && (low === undefined || high === undefined)) return;
    for (const key of [...this.#buckets.keys(), low, high]) {
      if (key === undefined) continue;
      first = Math.min(first, key);
      last = Math.max(last, key);
    }
    for (let key = first; key <= last;) {
      this.#bucket(key);
      const next = this.#plan.nextKey(key);
      if (next <= key) throw notSupported("an [interval] that is nothing beside its keys");
      key = next;
    }
  }
}
