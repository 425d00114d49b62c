/**
 * Searches that `terminate_after` ends early, where the answer depends on how the server counts.
 */
import { notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { aggregationsOf, readTracked } from "./search-body.ts";
import type { CompiledQuery } from "./queries/compiled-query.ts";
import type { SearchContext } from "./fields/document.ts";
import { resolveField } from "./fields/field.ts";
import { nestedPaths } from "./lucene/nested-filter.ts";

/** A shard of a search that ended early. */
interface EndedShard {
  readonly query: CompiledQuery;
  readonly context: SearchContext;
}

/**
 * Refuses what the server may read from its index as a whole, although it leaves the search early:
 * some aggregations, and the number of documents that have a field. Objects of nested fields are
 * documents, too, so that nothing is known of an index as a whole where there are some.
 *
 * @param isTerminated false when everything was counted nevertheless
 * @throws {EsError} 400, by name
 */
export function refuseUnknownEnd(
  body: JsonObject,
  shards: readonly EndedShard[],
  size: number,
  isTerminated: boolean,
): void {
  // What the hits' least score keeps out may count nevertheless.
  if (size === 0 && body["min_score"] !== undefined && readTracked(body["track_total_hits"]) < 0)
    throw notSupported("[terminate_after] with [min_score] where nothing is counted");
  const aggregations = aggregationsOf(body);
  const hasAggregations = isObject(aggregations) && Object.keys(aggregations).length > 0;
  for (const { query, context } of shards) {
    const { countedAlone, matchesAll = false } = query;
    const isWhole = matchesAll || countedAlone === "presence";
    if (isWhole && nestedPaths(context.mappings).length > 0)
      throw notSupported("[terminate_after] in an index with nested fields");
    if (!isTerminated) continue;
    if (countedAlone === "presence" && (size > 0 || hasAggregations))
      throw notSupported("[terminate_after] that ends a search for [exists]");
    if (countedAlone === "points" && size === 0 && hasAggregations)
      throw notSupported("[terminate_after] that ends an aggregated search by numbers");
    if (hasAggregations) checkLevel(aggregations, matchesAll, context);
  }
}

function checkLevel(level: JsonObject, isOfAll: boolean, context: SearchContext): void {
  for (const aggregation of Object.values(level)) {
    if (!isObject(aggregation)) continue;
    for (const [type, settings] of Object.entries(aggregation)) {
      if (!isReadAsWhole(type, settings, isOfAll, context)) continue;
      throw notSupported(`[terminate_after] that ends a search with an aggregation [${type}]`);
    }
    for (const inner of [aggregation["aggs"], aggregation["aggregations"]])
      if (isObject(inner)) checkLevel(inner, isOfAll, context);
  }
}

/** True for what the server may take from filters, terms or points without a document. */
function isReadAsWhole(
  type: string,
  settings: unknown,
  isOfAll: boolean,
  context: SearchContext,
): boolean {
  if (type === "min" || type === "max") return isOfAll;
  if (type === "filter" || type === "filters") return true;
  if (type !== "terms" || !isObject(settings)) return false;
  const field = resolveField(context, textOf(settings["field"]));
  return field !== undefined && field.kind !== "long" && field.kind !== "double";
}
