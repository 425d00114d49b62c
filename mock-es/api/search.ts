import { illegalArgument, validationFailed } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { isJsonObject, type JsonObject } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { pitScope, withTiebreaker } from "./point-in-time.ts";
import { openScroll } from "./scroll.ts";
import { readQueryOnly, readSearchBody } from "./search-body.ts";
import { countMatches, renderSearch, scopeOf, search, type SearchScope } from "./search-run.ts";
import { seedSearch } from "./seed-search.ts";
import type { estypes } from "@elastic/elasticsearch";
import { jsonReply } from "../rest/es-request.ts";

/** `_search` and `_count`. */
export const searchRoutes: readonly Route[] = [
  ...routesOf("search", "optional", ["GET,POST /_search", "GET,POST /{index}/_search"], searchOnce),
  ...routesOf("count", "optional", ["GET,POST /_count", "GET,POST /{index}/_count"], count),
];

function searchOnce(request: EsRequest, cluster: Cluster): EsReply {
  const body = readSearchBody(request);
  if (cluster.profile.name === "seed") return seedSearch(request, cluster, body);
  const { query } = request;
  const searchType = query.text("search_type");
  if (
    searchType !== undefined &&
    searchType !== "query_then_fetch" &&
    searchType !== "dfs_query_then_fetch"
  ) {
    throw illegalArgument(`No search type for [${searchType}]`);
  }
  const totalAsNumber = query.flag("rest_total_hits_as_int", false);
  checkTotalAsNumber(body, totalAsNumber);
  if (query.has("scroll")) return openScroll(request, cluster, body);
  const { pit, ...rest } = body;
  if (pit === undefined) {
    const targets = resolveTargets(
      cluster,
      request.pathParameters["index"],
      readIndexOptions(query, searchIndexOptions),
    );
    return respond(request, cluster, scopeOf(cluster, targets), body, totalAsNumber, "");
  }
  if (request.pathParameters["index"] !== undefined) {
    throw validationFailed(
      "[indices] cannot be used with point in time. Do not specify any index with point in time.",
    );
  }
  const { scope, id } = pitScope(cluster, pit);
  return respond(
    request,
    cluster,
    scope,
    withTiebreaker(rest),
    totalAsNumber,
    `"pit_id":${JSON.stringify(id)},`,
  );
}

function respond(
  request: EsRequest,
  cluster: Cluster,
  scope: SearchScope,
  body: JsonObject,
  totalAsNumber: boolean,
  prefix: string,
): EsReply {
  const typedKeys = request.query.flag("typed_keys", false);
  const found = search(cluster, scope, body, typedKeys);
  const took = Math.round(performance.now() - request.startedMs);
  return jsonTextReply(renderSearch(found, scope, took, totalAsNumber, prefix));
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
  const query = readQueryOnly(request);
  if (query !== undefined && !isJsonObject(query))
    throw illegalArgument("query malformed, must start with start_object");
  const targets = resolveTargets(
    cluster,
    request.pathParameters["index"],
    readIndexOptions(request.query, searchIndexOptions),
  );
  const scope = scopeOf(cluster, targets);
  const { shards } = scope;
  const value: estypes.CountResponse = {
    count: countMatches(cluster, scope, query),
    _shards: { total: shards, successful: shards, skipped: 0, failed: 0 },
  };
  return jsonReply(value);
}
