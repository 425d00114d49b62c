/** `variable_width_histogram`: values in clusters of their own making. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleJson } from "../../json/java-number.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { SearchDocument } from "../fields/document.ts";
import { wholeNumber } from "../search-body.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  Bucket,
  checkSettings,
  finishBuckets,
} from "./aggregation.ts";
import type { ShardFinder } from "./shard-finder.ts";
import { compileSource, isPlainNumber } from "./values-source.ts";

interface Entry {
  readonly value: number;
  readonly document: SearchDocument;
  readonly score: number;
}

interface Cluster {
  readonly entries: readonly Entry[];
  readonly centroid: number;
}

/** Clusters of a shard for each bucket that is asked for, as the server has it. */
const clustersForEach = 50;

/** `variable_width_histogram`. */
export function parseVariableWidthHistogram(
  name: string,
  body: JsonObject,
  sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  const type = "variable_width_histogram";
  checkSettings(type, body, ["field", "missing", "buckets", "shard_size", "initial_buffer"]);
  const count = body["buckets"] === undefined ? 10 : wholeNumber("buckets", body["buckets"]);
  if (count <= 0) throw illegalArgument(`[buckets] must be a positive integer for [${name}]`);
  for (const key of ["shard_size", "initial_buffer"])
    if (body[key] !== undefined) throw notSupported(`[${key}] in [${type}]`);
  const source = compileSource(type, body, context, isPlainNumber);
  return {
    resultType: type,
    create() {
      const entries: Entry[] = [];
      return {
        collect(document, score) {
          const values = source.read(document);
          if (values.length > 1 && sub.aggregations.length > 0)
            throw notSupported(`aggregations in [${type}] over several values of a document`);
          for (const value of values) entries.push({ value: Number(value), document, score });
          // Beyond this the server clusters values as they come.
          if (entries.length > count * clustersForEach)
            throw notSupported(`more than ${count * clustersForEach} values in [${type}]`);
        },
        result() {
          if (sub.aggregations.length > 0) refuseMixedUp(entries, context.finder);
          const shown = merged(entries, count).map(({ entries: own, centroid }) => {
            const bucket = new Bucket(sub, context);
            for (const { document, score } of own) bucket.collect(document, score);
            return {
              min: doubleJson(own[0]?.value ?? centroid),
              key: doubleJson(centreOf(own)),
              max: doubleJson(own.at(-1)?.value ?? centroid),
              ...bucket.result(),
            };
          });
          return { buckets: finishBuckets(shown, sub, context) };
        },
      };
    },
  };
}

/**
 * The server puts what it has of the documents of a shard where the inverse of sorting their values
 * would. @throws {EsError} 400 by name where that makes a difference
 */
function refuseMixedUp(entries: readonly Entry[], finder: ShardFinder): void {
  for (const own of Map.groupBy(entries, ({ document }) => finder.find(document)).values()) {
    const sorted = [...own.keys()].sort((a, b) => valueAt(own, a) - valueAt(own, b));
    if (sorted.some((from, to) => sorted[from] !== to))
      throw notSupported("aggregations in [variable_width_histogram] over such an order of values");
  }
}

function valueAt(entries: readonly Entry[], at: number): number {
  return entries[at]?.value ?? NaN;
}

/** The nearest neighbours become one until there are few enough. */
function merged(entries: readonly Entry[], most: number): Cluster[] {
  const clusters: Cluster[] = [];
  for (const entry of [...entries].sort((a, b) => a.value - b.value)) {
    const last = clusters.at(-1);
    if (last?.centroid === entry.value)
      clusters[clusters.length - 1] = { ...last, entries: [...last.entries, entry] };
    else clusters.push({ entries: [entry], centroid: entry.value });
  }
  while (clusters.length > most) {
    let nearest = 0;
    const gap = (at: number): number =>
      (clusters[at + 1]?.centroid ?? Infinity) - (clusters[at]?.centroid ?? 0);
    for (let at = 1; at + 1 < clusters.length; at++) if (gap(at) < gap(nearest)) nearest = at;
    const [left, right] = clusters.slice(nearest, nearest + 2);
    if (left === undefined || right === undefined) break;
    clusters.splice(nearest, 2, together(left, right));
  }
  return clusters;
}

/** The mean of the values, which the server adds up from the last one on, equal ones at once. */
function centreOf(entries: readonly Entry[]): number {
  const counts = new Map<number, number>();
  for (const { value } of entries) counts.set(value, (counts.get(value) ?? 0) + 1);
  let sum = 0;
  for (const [value, count] of [...counts].toReversed()) sum += value * count;
  return sum / entries.length;
}

function together(left: Cluster, right: Cluster): Cluster {
  const [a, b] = [left.entries.length, right.entries.length];
  return {
    entries: [...left.entries, ...right.entries],
    centroid: (left.centroid * a + right.centroid * b) / (a + b),
  };
}
