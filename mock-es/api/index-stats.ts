import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument, notSupported } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { IndexState } from "../store/index-state.ts";
import { type MetricChoice, metricsOf, readMetricChoice } from "./index-metrics.ts";

/**
 * `_stats`: counts of documents and operations. What the mock does not have (memory of segments,
 * query cache) is reported as empty.
 */
export const indexStatsRoutes: readonly Route[] = routesOf(
  "indices.stats",
  "none",
  ["GET /_stats", "GET /_stats/{metric}", "GET /{index}/_stats", "GET /{index}/_stats/{metric}"],
  stats,
);

function stats(request: EsRequest, cluster: Cluster): EsReply {
  const { index: expression, metric = request.query.text("metric") ?? "_all" } =
    request.pathParameters;
  const { query } = request;
  const choice = readMetricChoice(request.path, metric, query, false);
  if (query.flag("include_segment_file_sizes", false))
    throw notSupported("[include_segment_file_sizes=true]");
  const level = query.text("level") ?? "indices";
  if (!["cluster", "indices", "shards"].includes(level)) {
    throw illegalArgument(
      `level parameter must be one of [cluster] or [indices] or [shards] but was [${level}]`,
    );
  }
  const forbidClosed = query.flag("forbid_closed_indices", true);
  const options = { ...searchIndexOptions, forbidClosed };
  const indices = resolveIndices(cluster, expression, readIndexOptions(query, options));
  checkBlocks(indices, "metadata_read");
  const metrics = indices.length === 0 ? {} : metricsOf(indices, choice);
  const value: Record<string, unknown> = {
    _shards: shardTotals(indices),
    _all: { primaries: metrics, total: metrics },
  };
  if (level !== "cluster") {
    value["indices"] = Object.fromEntries(
      indices.map((index) => [index.name, indexStats(cluster, index, choice, level)]),
    );
  }
  return jsonReply(value);
}

function indexStats(
  cluster: Cluster,
  index: IndexState,
  choice: MetricChoice,
  level: string,
): Record<string, unknown> {
  const metrics = metricsOf([index], choice);
  return {
    uuid: index.uuid,
    health: healthOf(index),
    status: index.isClosed ? "close" : "open",
    primaries: metrics,
    total: metrics,
    ...(level === "shards" ? { shards: { "0": [shardStats(cluster, index, metrics)] } } : {}),
  };
}

/** @throws {EsError} 400: operations are counted for an index, not for each of several shards */
function shardStats(
  cluster: Cluster,
  index: IndexState,
  metrics: Record<string, unknown>,
): Record<string, unknown> {
  const [shard] = index.shards;
  if (index.shards.length > 1 || shard === undefined)
    throw notSupported("[level=shards] for an index of several shards");
  const maxSeqNo = shard.maxSeqNo;
  return {
    routing: { state: "STARTED", primary: true, node: cluster.nodeId, relocating_node: null },
    ...metrics,
    commit: {
      id: Buffer.from(index.uuid).toString("base64"),
      generation: 2 + index.counts.flushes,
      user_data: {},
      num_docs: shard.documentCount,
    },
    seq_no: {
      max_seq_no: maxSeqNo,
      local_checkpoint: maxSeqNo,
      global_checkpoint: maxSeqNo,
    },
    retention_leases: { primary_term: 1, version: 0, leases: [] },
    shard_path: { state_path: "", data_path: "", is_custom_data_path: false },
    search_idle: false,
    search_idle_time: 0,
  };
}

function shardTotals(indices: readonly IndexState[]): estypes.ShardStatistics {
  let total = 0;
  let successful = 0;
  for (const { settings } of indices) {
    total += settings.shards * (1 + settings.replicas);
    successful += settings.shards;
  }
  return { total, successful, failed: 0 };
}
