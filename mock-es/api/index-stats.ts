import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { healthOf } from "../store/cluster-health.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { IndexState } from "../store/index-state.ts";

/**
 * `_stats`: counts of documents and operations. What the mock does not have (segments, translog,
 * query cache) is reported as empty.
 */
export const indexStatsRoutes: readonly Route[] = routesOf(
  "indices.stats",
  "none",
  ["GET /_stats", "GET /_stats/{metric}", "GET /{index}/_stats", "GET /{index}/_stats/{metric}"],
  stats,
);

const metrics: readonly string[] =
  "docs shard_stats store indexing get search merge refresh flush warmer query_cache fielddata completion segments translog request_cache recovery bulk dense_vector sparse_vector".split(
    " ",
  );

/** Names under which metrics stand in the answer where they differ from the request. */
const answerNames: Readonly<Record<string, string>> = { merge: "merges" };

function stats(request: EsRequest, cluster: Cluster): EsReply {
  const { index: expression, metric = "_all" } = request.pathParameters;
  const wanted = readMetrics(metric, request.path);
  const indices = resolveIndices(
    cluster,
    expression,
    readIndexOptions(request.query, searchIndexOptions),
  );
  const level = request.query.text("level") ?? "indices";
  const value: Record<string, unknown> = {
    _shards: shardTotals(indices),
    _all: { primaries: sum(indices, wanted), total: sum(indices, wanted) },
  };
  if (level !== "cluster") {
    value["indices"] = Object.fromEntries(
      indices.map((index) => [
        index.name,
        {
          uuid: index.uuid,
          health: healthOf(index),
          status: "open",
          primaries: sum([index], wanted),
          total: sum([index], wanted),
        },
      ]),
    );
  }
  return jsonReply(value);
}

function readMetrics(text: string, path: string): ReadonlySet<string> {
  const names = text.split(",");
  if (names.includes("_all")) {
    if (names.length > 1)
      throw illegalArgument(`request [${path}] contains _all and individual metrics [${text}]`);
    return new Set(metrics);
  }
  const unknown = names.filter((name) => !metrics.includes(name));
  if (unknown.length > 0) {
    throw illegalArgument(
      `request [${path}] contains unrecognized metric${unknown.length > 1 ? "s" : ""}: ${unknown.map((name) => `[${name}]`).join(", ")}`,
    );
  }
  return new Set(names);
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

function sum(indices: readonly IndexState[], wanted: ReadonlySet<string>): Record<string, unknown> {
  const total = (read: (index: IndexState) => number): number =>
    indices.reduce((all, index) => all + read(index), 0);
  const all: Record<string, () => unknown> = {
    docs: () => ({
      count: total((index) => index.documentCount),
      deleted: 0,
      total_size_in_bytes: total((index) => index.sourceBytes),
    }),
    shard_stats: () => ({ total_count: total((index) => index.settings.shards) }),
    store: () => ({
      size_in_bytes: total((index) => index.sourceBytes),
      total_data_set_size_in_bytes: total((index) => index.sourceBytes),
      reserved_in_bytes: 0,
    }),
    indexing: () => ({
      index_total: total((index) => index.counts.indexed),
      index_time_in_millis: 0,
      index_current: 0,
      index_failed: 0,
      delete_total: total((index) => index.counts.deleted),
      delete_time_in_millis: 0,
      delete_current: 0,
      noop_update_total: 0,
      is_throttled: false,
      throttle_time_in_millis: 0,
    }),
    get: () => ({
      total: total((index) => index.counts.gets),
      time_in_millis: 0,
      exists_total: total((index) => index.counts.gets - index.counts.getsMissing),
      exists_time_in_millis: 0,
      missing_total: total((index) => index.counts.getsMissing),
      missing_time_in_millis: 0,
      current: 0,
    }),
    search: () => ({
      open_contexts: 0,
      query_total: total((index) => index.counts.searches),
      query_time_in_millis: 0,
      query_current: 0,
      fetch_total: total((index) => index.counts.searches),
      fetch_time_in_millis: 0,
      fetch_current: 0,
      scroll_total: 0,
      scroll_time_in_millis: 0,
      scroll_current: 0,
      suggest_total: 0,
      suggest_time_in_millis: 0,
      suggest_current: 0,
    }),
    merge: () => ({
      current: 0,
      current_docs: 0,
      current_size_in_bytes: 0,
      total: total((index) => index.counts.merges),
      total_time_in_millis: 0,
      total_docs: 0,
      total_size_in_bytes: 0,
    }),
    refresh: () => ({
      total: total((index) => index.counts.refreshes),
      total_time_in_millis: 0,
      external_total: total((index) => index.counts.refreshes),
      external_total_time_in_millis: 0,
      listeners: 0,
    }),
    flush: () => ({
      total: total((index) => index.counts.flushes),
      periodic: 0,
      total_time_in_millis: 0,
    }),
    warmer: () => ({ current: 0, total: 0, total_time_in_millis: 0 }),
    query_cache: () => ({
      memory_size_in_bytes: 0,
      total_count: 0,
      hit_count: 0,
      miss_count: 0,
      cache_size: 0,
      cache_count: 0,
      evictions: 0,
    }),
    fielddata: () => ({ memory_size_in_bytes: 0, evictions: 0 }),
    completion: () => ({ size_in_bytes: 0 }),
    segments: () => ({
      count: indices.filter((index) => index.documentCount > 0).length,
      memory_in_bytes: 0,
      max_unsafe_auto_id_timestamp: -1,
      file_sizes: {},
    }),
    translog: () => ({
      operations: 0,
      size_in_bytes: 0,
      uncommitted_operations: 0,
      uncommitted_size_in_bytes: 0,
      earliest_last_modified_age: 0,
    }),
    request_cache: () => ({ memory_size_in_bytes: 0, evictions: 0, hit_count: 0, miss_count: 0 }),
    recovery: () => ({ current_as_source: 0, current_as_target: 0, throttle_time_in_millis: 0 }),
    bulk: () => ({
      total_operations: 0,
      total_time_in_millis: 0,
      total_size_in_bytes: 0,
      avg_time_in_millis: 0,
      avg_size_in_bytes: 0,
    }),
    dense_vector: () => ({ value_count: 0 }),
    sparse_vector: () => ({ value_count: 0 }),
  };
  const chosen = metrics.filter((name) => wanted.has(name));
  return Object.fromEntries(chosen.map((name) => [answerNames[name] ?? name, all[name]?.()]));
}
