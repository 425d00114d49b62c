/** What `_stats` counts of searches. */
import { toTexts } from "../json/coerce.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";
import { aggregationsOf } from "../search/search-body.ts";
import { isSuggestOnly } from "../search/suggest/suggest.ts";
import type { IndexState } from "../store/index-state.ts";
import type { RunOptions } from "./search-run-options.ts";
import type { SearchScope } from "./search-scope.ts";

/** Requests that an index remembers; those of the real server are bounded by memory. */
const maxCachedRequests = 1000;

/** Counts a search for each shard that it reads. */
export function noteSearch(scope: SearchScope, body: JsonObject, options: RunOptions): void {
  const { size, stats } = body;
  const suggestsOnly = isSuggestOnly(body);
  const fetches = size === 0 && !suggestsOnly ? 0 : 1;
  for (const { state } of scope.shards) {
    if (suggestsOnly) state.counts.suggests++;
    else state.counts.searches++;
    state.counts.fetches += fetches;
  }
  if (stats !== undefined) noteGroups(scope, toTexts(stats), fetches);
  if (size === 0 || options.isCached === true) noteCache(scope, body, options);
  if (
    body["sort"] === undefined &&
    body["aggs"] === undefined &&
    body["aggregations"] === undefined
  )
    return;
  for (const index of scope.indices) noteFielddata(index, body);
}

function noteGroups(scope: SearchScope, groups: readonly string[], fetches: number): void {
  for (const { state } of scope.shards) {
    for (const group of groups) {
      const counts = state.searchGroups.get(group) ?? { queries: 0, fetches: 0 };
      const queries = counts.queries + 1;
      state.searchGroups.set(group, { queries, fetches: counts.fetches + fetches });
    }
  }
}

/** A search that depends on the time, on other shards or that is measured is never cached. */
function noteCache(scope: SearchScope, body: JsonObject, options: RunOptions): void {
  if (options.isCached === false || options.isDfs === true || body["profile"] === true) return;
  const text = jsonText(body);
  if (/"now(?:[-+/|]|")/.test(text)) return;
  for (const { state, shard } of scope.shards) {
    const isWanted =
      options.isCached ?? state.settings.text("index.requests.cache.enable") !== "false";
    if (!isWanted) continue;
    const key = `${shard} ${text}`;
    if (state.cachedRequests.has(key)) {
      state.counts.cacheHits++;
      continue;
    }
    state.counts.cacheMisses++;
    if (state.cachedRequests.size < maxCachedRequests) state.cachedRequests.add(key);
  }
}

/** Texts with field data, and keywords whose terms are numbered over several segments. */
function noteFielddata(index: IndexState, body: JsonObject): void {
  const fields = new Set<string>();
  for (const key of [body["sort"]].flat()) {
    if (typeof key === "string") fields.add(key);
    else if (isObject(key)) for (const name of Object.keys(key)) fields.add(name);
  }
  const ordinals = new Set<string>();
  collectTerms(aggregationsOf(body), fields, ordinals);
  for (const name of [...fields, ...ordinals]) {
    const field = index.mappings.find(name);
    const isLoaded =
      field?.type === "text"
        ? field.parameters["fielddata"] === true
        : field?.type === "keyword" && ordinals.has(name) && index.counts.refreshes > 1;
    if (isLoaded && index.documentCount > 0 && !index.fielddata.has(name))
      index.fielddata.set(name, index.sourceBytes);
  }
}

function collectTerms(aggregations: unknown, fields: Set<string>, ordinals: Set<string>): void {
  if (!isObject(aggregations)) return;
  for (const definition of Object.values(aggregations)) {
    if (!isObject(definition)) continue;
    const { aggs, aggregations: nested, ...rest } = definition;
    collectTerms(aggs ?? nested, fields, ordinals);
    const { terms } = rest;
    if (!isObject(terms) || typeof terms["field"] !== "string") continue;
    fields.add(terms["field"]);
    if (terms["execution_hint"] !== "map") ordinals.add(terms["field"]);
  }
}
