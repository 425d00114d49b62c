/** Aggregations that measure themselves while they run. */
import type { JsonObject } from "../../json/json-value.ts";
import { notSupported } from "../../es-error.ts";
import { textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import type { ShardClock } from "./shard-clock.ts";

/** An aggregation as profiles show it. */
export interface ProfiledAggregation {
  readonly type: string;
  readonly description: string;
  readonly time_in_nanos: number;
  readonly breakdown: Readonly<Record<string, number>>;
  readonly debug?: JsonObject;
  readonly children?: readonly ProfiledAggregation[];
}

/** What measures itself. */
interface Collector {
  collect(document: never, score: number): void;
  result(): unknown;
  /** Number of its buckets. */
  readonly size?: number;
}

/** The server's class for an aggregation, and what it tells of itself. */
export interface Aggregator {
  readonly type: string;
  /** Without the numbers of buckets; `undefined` where the server would take a short cut. */
  readonly debug: JsonObject | undefined;
}

/** Steps of a shard that happen once, whatever the number of buckets. */
const onceSteps = ["initialize", "post_collection", "build_aggregation"] as const;
type Step = (typeof onceSteps)[number] | "build_leaf_collector" | "collect";

/** Measurements of one aggregation, over all its buckets, for each shard. */
export class AggregationMeter {
  readonly #clock: ShardClock;
  readonly #name: string;
  readonly #aggregator: Aggregator;
  readonly #children: readonly AggregationMeter[];
  readonly #taken = new Map<string, { time: number; count: number }>();
  readonly #collectors: Collector[] = [];
  #built = 0;
  #total: number | undefined;

  constructor(
    clock: ShardClock,
    name: string,
    aggregator: Aggregator,
    children: readonly AggregationMeter[],
  ) {
    this.#clock = clock;
    this.#name = name;
    this.#aggregator = aggregator;
    this.#children = children;
  }

  /** A collector like the one that is made, measured. */
  watch<C extends Collector>(create: () => C): Pick<C, "collect" | "result"> {
    const collector = this.#time("initialize", create);
    this.#collectors.push(collector);
    const watched = (): Pick<C, "collect" | "result"> => ({
      collect: (document: never, score: number) =>
        this.#time("collect", () => collector.collect(document, score)),
      result: () => {
        // Counted before the first answer is made, which fills gaps with buckets.
        this.#total ??= this.#collectors.reduce((sum, { size = 0 }) => sum + size, 0);
        this.#time("post_collection", () => this.#built++);
        return this.#time("build_aggregation", () => collector.result());
      },
    });
    return this.#time("build_leaf_collector", watched);
  }

  #time<T>(step: Step, action: () => T): T {
    const key = `${step} ${this.#clock.shard}`;
    let taken = this.#taken.get(key);
    if (taken === undefined) this.#taken.set(key, (taken = { time: 0, count: 0 }));
    const started = this.#clock.now();
    try {
      return action();
    } finally {
      taken.time += this.#clock.now() - started;
      taken.count++;
    }
  }

  /** Nanoseconds that a shard took for collecting. */
  collecting(shard: number): number {
    return this.#taken.get(`collect ${shard}`)?.time ?? 0;
  }

  /** What was measured of a shard. */
  profiled(shard: number): ProfiledAggregation {
    const taken = (step: Step): { readonly time: number; readonly count: number } =>
      this.#taken.get(`${step} ${shard}`) ?? { time: 0, count: 0 };
    const collected = taken("collect");
    const steps: Record<string, number> = {
      build_leaf_collector: taken("build_leaf_collector").time,
      build_leaf_collector_count: collected.count > 0 ? 1 : 0,
      collect: collected.time,
      collect_count: collected.count,
    };
    for (const step of onceSteps) {
      steps[step] = taken(step).time;
      steps[`${step}_count`] = 1;
    }
    const children = this.#children.map((child) => child.profiled(shard));
    const { type, debug } = this.#aggregator;
    return {
      type,
      description: this.#name,
      time_in_nanos: Object.entries(steps)
        .filter(([name]) => !name.endsWith("_count"))
        .reduce((sum, [, time]) => sum + time, 0),
      // Results of shards are put together outside of what is profiled.
      breakdown: { ...steps, reduce: 0, reduce_count: 0 },
      ...(debug === undefined ? {} : { debug: this.#counted(debug) }),
      ...(children.length === 0 ? {} : { children }),
    };
  }

  #counted(debug: JsonObject): JsonObject {
    const hasBuckets = this.#collectors.some(({ size }) => size !== undefined);
    return {
      ...debug,
      ...(hasBuckets ? { total_buckets: this.#total ?? 0 } : {}),
      built_buckets: this.#built,
    };
  }
}

const types: Readonly<Record<string, string>> = {
  avg: "AvgAggregator",
  date_histogram: "DateHistogramAggregator",
  extended_stats: "ExtendedStatsAggregator",
  filter: "FilterAggregationBuilder.FilterAggregator",
  filters: "FiltersAggregator.Compatible",
  global: "GlobalAggregator",
  histogram: "NumericHistogramAggregator",
  max: "MaxAggregator",
  min: "MinAggregator",
  missing: "MissingAggregator",
  stats: "StatsAggregator",
  sum: "SumAggregator",
  top_hits: "TopHitsAggregator",
  value_count: "ValueCountAggregator",
};

/**
 * The server's class for an aggregation, as it is without its short cuts, and what it tells.
 *
 * @param inner names of the aggregations inside
 * @throws {EsError} 400 for one of which it is not known
 */
export function aggregatorOf(
  type: string,
  body: JsonObject,
  inner: readonly string[],
  shards: readonly [SearchContext, ...SearchContext[]],
): Aggregator {
  const [context] = shards;
  // Buckets of several shards are counted as one.
  const isCounted = shards.length === 1;
  const of = (name: string, debug: JsonObject | undefined = {}): Aggregator => ({
    type: name,
    debug: isCounted ? debug : undefined,
  });
  const untold = (name: string): Aggregator => ({ type: name, debug: undefined });
  const plain = Object.hasOwn(types, type) ? types[type] : undefined;
  if (plain !== undefined) return shortened.has(type) ? untold(plain) : of(plain);
  if (type === "percentiles" && body["hdr"] === undefined)
    return of("TDigestPercentilesAggregator");
  const field = resolveField(context, textOf(body["field"] ?? ""));
  const isKeyword = field?.type === "keyword";
  if (field !== undefined && (isKeyword || field.kind === "long" || field.kind === "double")) {
    if (type === "terms") {
      const isDeferred = inner.length > 0 && body["collect_mode"] !== "depth_first";
      const deferred = isDeferred ? { deferred_aggregators: inner } : {};
      if (!isKeyword)
        return of("NumericTermsAggregator", {
          ...deferred,
          result_strategy: `${field.kind}_terms`,
        });
      if (body["execution_hint"] !== "map") return untold("GlobalOrdinalsStringTermsAggregator");
      const strategy = `from Field [${field.name}] of type [keyword]`;
      return of("MapStringTermsAggregator", {
        ...deferred,
        collection_strategy: strategy,
        result_strategy: "terms",
      });
    }
    if (type === "cardinality")
      return isKeyword
        ? untold("GlobalOrdCardinalityAggregator")
        : of("CardinalityAggregator", {
            empty_collectors_used: 0,
            numeric_collectors_used: 1,
            ordinals_collectors_used: 0,
            ordinals_collectors_overhead_too_high: 0,
            string_hashing_collectors_used: 0,
          });
  }
  throw notSupported(`[profile] of the aggregation [${type}]`);
}

/** Those for which the server takes a short cut, and tells of that. */
const shortened: ReadonlySet<string> = new Set(["date_histogram", "filter", "filters", "top_hits"]);
