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
  readonly children?: readonly ProfiledAggregation[];
}

/** What measures itself. */
interface Collector {
  collect(document: never, score: number): void;
  result(): unknown;
}

const steps = ["initialize", "collect", "build_aggregation"] as const;

/** What the server counts and a mock never does. */
const neverDone = Object.fromEntries(
  ["build_leaf_collector", "post_collection", "reduce"].flatMap((name): [string, number][] => [
    [name, 0],
    [`${name}_count`, 0],
  ]),
);

/** Measurements of one aggregation, over all its buckets, for each shard. */
export class AggregationMeter {
  readonly #clock: ShardClock;
  readonly #name: string;
  readonly #type: string;
  readonly #children: readonly AggregationMeter[];
  readonly #taken = new Map<string, { time: number; count: number }>();

  constructor(
    clock: ShardClock,
    name: string,
    type: string,
    children: readonly AggregationMeter[],
  ) {
    this.#clock = clock;
    this.#name = name;
    this.#type = type;
    this.#children = children;
  }

  /** A collector like the one that is made, measured. */
  watch<C extends Collector>(create: () => C): Pick<C, "collect" | "result"> {
    const collector = this.#time("initialize", create);
    return {
      collect: (document: never, score: number) =>
        this.#time("collect", () => collector.collect(document, score)),
      result: () => this.#time("build_aggregation", () => collector.result()),
    };
  }

  #time<T>(step: (typeof steps)[number], action: () => T): T {
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
    const breakdown: Record<string, number> = { ...neverDone };
    let time = 0;
    for (const step of steps) {
      const taken = this.#taken.get(`${step} ${shard}`) ?? { time: 0, count: 0 };
      breakdown[step] = taken.time;
      breakdown[`${step}_count`] = taken.count;
      time += taken.time;
    }
    const children = this.#children.map((child) => child.profiled(shard));
    return {
      type: this.#type,
      description: this.#name,
      time_in_nanos: time,
      breakdown,
      ...(children.length === 0 ? {} : { children }),
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
 * Name of the server's class for an aggregation, as it is without its short cuts.
 *
 * @throws {EsError} 400 for one of which it is not known
 */
export function aggregatorType(type: string, body: JsonObject, context: SearchContext): string {
  const plain = Object.hasOwn(types, type) ? types[type] : undefined;
  if (plain !== undefined) return plain;
  if (type === "percentiles" && body["hdr"] === undefined) return "TDigestPercentilesAggregator";
  const field = resolveField(context, textOf(body["field"] ?? ""));
  if (field?.type === "keyword" || field?.kind === "long" || field?.kind === "double") {
    const isKeyword = field.type === "keyword";
    if (type === "terms")
      return isKeyword ? "GlobalOrdinalsStringTermsAggregator" : "NumericTermsAggregator";
    if (type === "cardinality")
      return isKeyword ? "GlobalOrdCardinalityAggregator" : "CardinalityAggregator";
  }
  throw notSupported(`[profile] of the aggregation [${type}]`);
}
