import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { OperationCounts } from "../store/index-state.ts";
import type { estypes } from "@elastic/elasticsearch";

/**
 * Refresh, flush, force merge and clear cache. Everything stored is visible at once and kept in
 * memory, so these have nothing to do; they check that the indices exist and count that they were
 * called.
 */
export const indexActionRoutes: readonly Route[] = [
  ...routesOf(
    "indices.refresh",
    "none",
    ["POST,GET /_refresh", "POST,GET /{index}/_refresh"],
    counted("refreshes", true),
  ),
  ...routesOf(
    "indices.flush",
    "none",
    ["POST,GET /_flush", "POST,GET /{index}/_flush"],
    counted("flushes", true),
  ),
  ...routesOf(
    "indices.forcemerge",
    "none",
    ["POST /_forcemerge", "POST /{index}/_forcemerge"],
    counted("merges", true),
  ),
  ...routesOf(
    "indices.clear_cache",
    "none",
    ["POST /_cache/clear", "POST /{index}/_cache/clear"],
    counted(undefined, false),
  ),
];

/**
 * Answers `_shards` for the indices of the path; `touchesReplicas` counts their copies too, none of
 * which is assigned on one node.
 */
function counted(counter: keyof OperationCounts | undefined, touchesReplicas: boolean) {
  return (request: EsRequest, cluster: Cluster): EsReply => {
    const expression = request.pathParameters["index"] ?? request.query.text("index");
    const indices = resolveIndices(
      cluster,
      expression,
      readIndexOptions(request.query, searchIndexOptions),
    );
    let total = 0;
    let successful = 0;
    for (const index of indices) {
      if (counter !== undefined) index.counts[counter]++;
      const { shards, replicas } = index.settings;
      total += shards * (touchesReplicas ? 1 + replicas : 1);
      successful += shards;
    }
    const value: estypes.ShardsOperationResponseBase = {
      _shards: { total, successful, failed: 0 },
    };
    return jsonReply(value);
  };
}
