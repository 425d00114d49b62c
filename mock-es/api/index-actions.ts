/** Refresh, flush, force merge and clear cache. */
import type { estypes } from "@elastic/elasticsearch";
import { notSupported, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { BlockLevel } from "../store/index-blocks.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";

/**
 * The four actions. Everything is kept in memory, so flush, force merge and clear cache have
 * nothing to do; they check what they are given and count that they were called.
 */
export const indexActionRoutes: readonly Route[] = [
  ...routesOf(
    "indices.refresh",
    "none",
    ["POST,GET /_refresh", "POST,GET /{index}/_refresh"],
    action(({ index }) => {
      index.refresh();
    }),
  ),
  ...routesOf(
    "indices.flush",
    "none",
    ["POST,GET /_flush", "POST,GET /{index}/_flush"],
    action(({ index }) => {
      index.counts.flushes++;
      index.flush();
    }, checkFlush),
  ),
  ...routesOf(
    "indices.forcemerge",
    "none",
    ["POST /_forcemerge", "POST /{index}/_forcemerge"],
    action(
      ({ index, query }) => {
        index.counts.merges++;
        if (!query.flag("flush", true)) return;
        index.refresh();
        index.counts.flushes++;
        index.flush();
      },
      checkMerge,
      "metadata_write",
    ),
  ),
  ...routesOf(
    "indices.clear_cache",
    "none",
    ["POST /_cache/clear", "POST /{index}/_cache/clear"],
    action(() => undefined, checkClear, "metadata_write"),
  ),
];

interface ActionContext {
  readonly index: IndexState;
  readonly query: QueryParameters;
}

/** Answers `_shards` for the indices of the path; copies count, none of which is assigned. */
function action(
  run: (context: ActionContext) => void,
  check: (query: QueryParameters) => void = () => undefined,
  level?: BlockLevel,
): (request: EsRequest, cluster: Cluster) => EsReply {
  return (request, cluster) => {
    const { query } = request;
    check(query);
    const expression = request.pathParameters["index"] ?? query.text("index");
    const options = readIndexOptions(query, searchIndexOptions);
    let total = 0;
    let successful = 0;
    const indices = resolveIndices(cluster, expression, options);
    if (level !== undefined) checkBlocks(indices, level);
    for (const index of indices) {
      run({ index, query });
      const { shards, replicas } = index.settings;
      total += shards * (1 + replicas);
      successful += shards;
    }
    const value: estypes.ShardsOperationResponseBase = {
      _shards: { total, successful, failed: 0 },
    };
    return jsonReply(value);
  };
}

function checkFlush(query: QueryParameters): void {
  const waits = query.flag("wait_if_ongoing", true);
  if (query.flag("force", false) && !waits)
    throw validationFailed("wait_if_ongoing must be true for a force flush");
}

function checkMerge(query: QueryParameters): void {
  const segments = query.integer("max_num_segments");
  if (query.flag("only_expunge_deletes", false) && segments !== undefined) {
    throw validationFailed(
      "cannot set only_expunge_deletes and max_num_segments at the same time, those two parameters are mutually exclusive",
    );
  }
  if (!query.flag("wait_for_completion", true)) throw notSupported("[wait_for_completion=false]");
}

function checkClear(query: QueryParameters): void {
  for (const name of ["query", "request", "fielddata"]) query.flag(name, false);
}
