/** Searching and counting. */
import type { JsonObject } from "../json/json-value.ts";
import { illegalArgument } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { checkAtLeast } from "../rest/least-value.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { parseDuration } from "../values/duration.ts";
import { readFirst, readQueryFirst, refuseUnreadable } from "./first-fault.ts";
import { pitScope, refuseWithPit, withTiebreaker } from "./point-in-time.ts";
import { checkScroll, openScroll } from "./scroll.ts";
import { renderSearch, renderShards } from "./search-answer.ts";
import { readQueryOnly, readSearchBody } from "./search-body.ts";
import { countMatches, search } from "./search-run.ts";
import type { RunOptions } from "./search-run-options.ts";
import { noteSearch } from "./search-statistics.ts";
import { readShardChoice, scopeOf, type SearchScope, withBoosts } from "./search-scope.ts";
import { seedSearch } from "./seed-search.ts";
import { checkSlice, refuseSlice, slicedScope } from "./slice.ts";

/** `_search` and `_count`. */
export const searchRoutes: readonly Route[] = [
  ...routesOf(
    "search",
    "optional",
    ["GET,POST /_search", "GET,POST /{index}/_search"],
    searchOnce,
    readSearch,
  ),
  ...routesOf(
    "count",
    "optional",
    ["GET,POST /_count", "GET,POST /{index}/_count"],
    count,
    (request) => {
      const asked = readQueryOnly(request);
      refuseUnreadable(asked === undefined ? {} : { query: asked });
    },
  ),
];

/**
 * Reads a search, which is one over nothing.
 *
 * @throws {EsError} 400 for what is wrong with it, whatever it is about
 */
export function readSearch(request: EsRequest, cluster: Cluster): void {
  const { query } = request;
  const whole = readSearchBody(request);
  refuseUnreadable(whole);
  const { pit, slice: _slice, ...body } = whole;
  const options = readRunOptions(cluster, query);
  const scroll = query.text("scroll");
  if (scroll !== undefined) parseDuration(scroll, "scroll");
  if (pit === undefined && scroll !== undefined) checkScroll(body, options);
  else if (pit === undefined) refuseSlice(whole);
  search(cluster, scopeOf(cluster, []), body, options);
}

/** Answers a search. */
export function searchOnce(request: EsRequest, cluster: Cluster): EsReply {
  const body = readSearchBody(request);
  if (cluster.profile.name === "seed") return seedSearch(request, cluster, body);
  const { query } = request;
  const totalAsNumber = query.flag("rest_total_hits_as_int", false);
  checkTotalAsNumber(body, totalAsNumber);
  const options = readRunOptions(cluster, query);
  return readFirst(body, () => searchBody(request, cluster, body, options));
}

function searchBody(
  request: EsRequest,
  cluster: Cluster,
  body: JsonObject,
  options: RunOptions,
): EsReply {
  const { query } = request;
  if (query.has("search_type") && body["knn"] !== undefined) {
    throw illegalArgument(
      "cannot set [search_type] when using [knn] search, since the search type is determined automatically",
    );
  }
  const { pit: _pit, ...rest } = body;
  const expression = request.pathParameters["index"];
  checkSlice(body);
  if (body["pit"] === undefined) {
    const indexOptions = readIndexOptions(query, searchIndexOptions);
    const targets = resolveTargets(cluster, expression, indexOptions);
    const plain = scopeOf(cluster, targets, readShardChoice(query));
    const scope = withBoosts(cluster, plain, body["indices_boost"], indexOptions);
    if (query.has("scroll")) return openScroll(request, cluster, body, scope, options);
    refuseSlice(body);
    return respond(request, cluster, scope, body, options, "");
  }
  refuseWithPit({
    isScroll: query.has("scroll"),
    expression,
    options: readIndexOptions(query, searchIndexOptions),
    choice: readShardChoice(query),
  });
  const { scope, id } = pitScope(cluster, body);
  const { slice: _slice, ...unsliced } = withTiebreaker(rest);
  const prefix = `"pit_id":${JSON.stringify(id)},`;
  const boosted = withBoosts(cluster, slicedScope(scope, rest, "pit"), body["indices_boost"]);
  return respond(request, cluster, boosted, unsliced, options, prefix);
}

/** Reads how a search is run, checking what has no effect on one node. */
export function readRunOptions(cluster: Cluster, query: QueryParameters): RunOptions {
  checkAtLeast(query, "batched_reduce_size", "batchedReduceSize", 2);
  checkAtLeast(query, "pre_filter_shard_size", "preFilterShardSize", 1);
  checkAtLeast(query, "max_concurrent_shard_requests", "maxConcurrentShardRequests", 1);
  const fallback = cluster.setting("search.default_allow_partial_results") !== "false";
  return {
    typedKeys: query.flag("typed_keys", false),
    showsNamedScores: query.flag("include_named_queries_score", false),
    totalAsNumber: query.flag("rest_total_hits_as_int", false),
    allowsPartialResults: query.flag("allow_partial_search_results", fallback),
    isDfs: readSearchType(query.text("search_type")),
    ...(query.has("request_cache") ? { isCached: query.flag("request_cache", true) } : {}),
  };
}

/**
 * True for the search type that takes term statistics from all shards together.
 *
 * @throws {EsError} 400 for a type that does not exist
 */
export function readSearchType(type: string | undefined): boolean {
  if (type === undefined || type === "query_then_fetch") return false;
  if (type === "dfs_query_then_fetch") return true;
  throw illegalArgument(`No search type for [${type}]`);
}

function respond(
  request: EsRequest,
  cluster: Cluster,
  scope: SearchScope,
  body: JsonObject,
  options: RunOptions,
  prefix: string,
): EsReply {
  const found = search(cluster, scope, body, options);
  const { query } = request;
  const batchSize = query.integer("batched_reduce_size");
  // Without hits and aggregations nothing is put together.
  const showsNone = Number(body["size"] ?? 10) === 0 && found.aggregations === undefined;
  return jsonTextReply(
    renderSearch(cluster, found, scope, {
      tookMs: Math.round(performance.now() - request.startedMs),
      totalAsNumber: query.flag("rest_total_hits_as_int", false),
      prefix,
      ...(batchSize === undefined || showsNone ? {} : { batchSize }),
    }),
  );
}

/**
 * A total that is a plain number must be exact.
 *
 * @throws {EsError} 400 when the body limits the count
 */
export function checkTotalAsNumber(body: JsonObject, totalAsNumber: boolean): void {
  if (!totalAsNumber) return;
  const tracked = body["track_total_hits"];
  if (typeof tracked === "number" && tracked >= 0) {
    throw illegalArgument(
      `[rest_total_hits_as_int] cannot be used if the tracking of total hits is not accurate, got ${tracked}`,
    );
  }
}

function count(request: EsRequest, cluster: Cluster): EsReply {
  const asked = readQueryOnly(request);
  return readQueryFirst(asked, () => countQuery(request, cluster, asked));
}

function countQuery(request: EsRequest, cluster: Cluster, asked: unknown): EsReply {
  const { query } = request;
  const minScore = query.number("min_score");
  const terminateAfter = query.integer("terminate_after");
  const targets = resolveTargets(
    cluster,
    request.pathParameters["index"],
    readIndexOptions(query, searchIndexOptions),
  );
  const scope = scopeOf(cluster, targets, readShardChoice(query));
  noteSearch(scope, { size: 0, stats: query.list("stats") }, { isCached: false });
  const found = countMatches(cluster, scope, {
    ...(asked === undefined ? {} : { query: asked }),
    ...(minScore === undefined ? {} : { min_score: minScore }),
    ...(terminateAfter === undefined ? {} : { terminate_after: terminateAfter }),
  });
  const early =
    found.terminatedEarly === undefined ? "" : `"terminated_early":${found.terminatedEarly},`;
  const shards = renderShards(cluster, scope.shards.length, found);
  return jsonTextReply(`{${early}"count":${found.count},"_shards":${shards}}`);
}
