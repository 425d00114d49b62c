/** Which aggregations may not stand inside which others. */
import { notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { atCollect } from "../faults.ts";
import { resolveField } from "../fields/field.ts";
import { shardFailure } from "../problem.ts";
import type { AggregationContext, Presence } from "./aggregation.ts";

/** An aggregation that others are in. */
export interface Parent {
  readonly name: string;
  readonly type: string;
  readonly body: JsonObject;
}

/** The server's class of an aggregation, as it names it. */
function factoryOf(type: string): string {
  if (type === "composite") return "CompositeAggregationFactory";
  const known = Object.hasOwn(factories, type) ? factories[type] : undefined;
  const words = type.split("_").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${known ?? words.join("")}AggregatorFactory`;
}

/** Names of classes that are not those of the types. */
const factories: Readonly<Record<string, string>> = {
  diversified_sampler: "Diversified",
  geo_distance: "GeoDistanceRange",
  geohash_grid: "GeoHashGrid",
  geotile_grid: "GeoTileGrid",
  ip_range: "BinaryRange",
};

/** Refuses an aggregation that may not stand where it does. @throws {EsError} */
export function checkPlace(
  name: string,
  type: string,
  body: JsonObject,
  parents: readonly Parent[],
  context: AggregationContext,
): void {
  const parent = parents.at(-1);
  if (type === "composite") checkCompositeParents(parents, context);
  if (type === "variable_width_histogram") checkOneBucket(type, body, parents, context);
  // Its buckets are put together when what is in them was chosen already.
  const isClustered = parents.some((outer) => outer.type === "variable_width_histogram");
  if ((type.startsWith("significant_") || type === "top_hits") && isClustered)
    throw notSupported(`[${type}] within [variable_width_histogram]`);
  if (type === "global" && parent !== undefined) {
    const reason = `Aggregation [${parent.name}] cannot have a global sub-aggregation [${name}]. Global aggregations can only be defined as top level aggregations`;
    const [shard] = context.shards;
    throw atCollect(shardFailure(shard?.index ?? "_all", "illegal_argument_exception", reason));
  }
}

/** Where pages of buckets would have to be kept for each bucket around them. */
function checkCompositeParents(parents: readonly Parent[], context: AggregationContext): void {
  const allowed = ["nested", "filter", "random_sampler"];
  const wrong = parents.findLast(({ type }) => !allowed.includes(type));
  if (wrong === undefined) return;
  const reason = `[composite] aggregation cannot be used with a parent aggregation of type: [${factoryOf(wrong.type)}]`;
  throw shardFailure(context.shards[0]?.index ?? "_all", "illegal_argument_exception", reason);
}

/** Aggregations that have one bucket for each around them. */
const ofOneBucket: ReadonlySet<string> = new Set([
  "children",
  "filter",
  "global",
  "missing",
  "nested",
  "parent",
  "random_sampler",
  "reverse_nested",
]);

/** Aggregations that have the same buckets on every shard. */
const ofFixedBuckets: ReadonlySet<string> = new Set([
  ...ofOneBucket,
  "date_range",
  "diversified_sampler",
  "filters",
  "geo_distance",
  "ip_range",
  "range",
  "sampler",
]);

/** Which shards have the bucket that is within all of these. */
export function presenceIn(parents: readonly Parent[]): Presence {
  const last = parents.findLastIndex(({ type }) => !ofFixedBuckets.has(type));
  if (last < 0) return "all";
  // A bucket without documents is on the shards that know its term.
  const isEmptyToo = Number(parents[last]?.body["min_doc_count"] ?? 1) === 0;
  const isTerms = parents[last]?.type === "terms";
  return last === parents.length - 1 && !(isTerms && isEmptyToo) ? "visited" : "unknown";
}

/** Refuses an aggregation over a mapped field where several buckets are around it. */
function checkOneBucket(
  type: string,
  body: JsonObject,
  parents: readonly Parent[],
  context: AggregationContext,
): void {
  if (parents.every((parent) => hasOneBucket(parent, context))) return;
  const [shard] = context.shards;
  const kind = shard && resolveField(shard, textOf(body["field"]))?.kind;
  if (shard === undefined || kind === undefined || kind === "object" || kind === "nested") return;
  // Where all dates are in one bucket, the server takes it for the only one.
  if (parents.some((parent) => parent.type === "date_histogram"))
    throw notSupported(`[${type}] within [date_histogram]`);
  const reason = `[${type}] cannot be nested inside an aggregation that collects more than a single bucket.`;
  throw shardFailure(shard.index, "illegal_argument_exception", reason);
}

/** True for an aggregation that makes one bucket only, and over fields that are there. */
export function hasOneBucket({ type, body }: Parent, { shards }: AggregationContext): boolean {
  const isThere = (name: unknown): boolean =>
    shards.some(({ mappings }) => mappings.find(textOf(name)) !== undefined);
  const path = textOf(body["path"] ?? "");
  if (type === "nested") return shards.some((each) => each.mappings.find(path)?.type === "nested");
  if (type === "missing") return isThere(body["field"]);
  if (ofOneBucket.has(type)) return true;
  const { ranges, filters } = body;
  if (type !== "filters") return Array.isArray(ranges) && ranges.length === 1;
  const count = isObject(filters) ? Object.keys(filters).length : 0;
  const hasOther = body["other_bucket"] !== undefined || body["other_bucket_key"] !== undefined;
  return (Array.isArray(filters) ? filters.length : count) === 1 && !hasOther;
}
