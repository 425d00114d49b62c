/** `_nodes/stats`: what the nodes count. What a mock does not have is 0 or empty. */
import { statfsSync } from "node:fs";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import { illegalArgument, notSupported } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import type { IndexState } from "../store/index-state.ts";
import { uptimeMs } from "./cluster-admin.ts";
import {
  type MetricChoice,
  metricsOf,
  readMetricChoice,
  refuseUnknownMetrics,
} from "./index-metrics.ts";
import { matchingNodes, nodeHost, nodeIdentity, nodesEnvelope } from "./node-selection.ts";
import { threadPools } from "./thread-pools.ts";

/** `_nodes/stats`. */
export const nodesStatsRoutes: readonly Route[] = routesOf(
  "nodes.stats",
  "none",
  [
    "GET /_nodes/stats",
    "GET /_nodes/stats/{metric}",
    "GET /_nodes/stats/{metric}/{index_metric}",
    "GET /_nodes/{node_id}/stats",
    "GET /_nodes/{node_id}/stats/{metric}",
    "GET /_nodes/{node_id}/stats/{metric}/{index_metric}",
  ],
  nodesStats,
);

const statsMetrics: readonly string[] =
  "os process jvm thread_pool fs transport http breaker script discovery ingest adaptive_selection script_cache indexing_pressure repositories allocations".split(
    " ",
  );

function nodesStats(request: EsRequest, cluster: Cluster): EsReply {
  const { node_id: nodeId, metric = "_all", index_metric: indexMetric } = request.pathParameters;
  const { query, path } = request;
  const names = metric.split(",");
  if (names.includes("_all") && names.length > 1)
    throw illegalArgument(`request [${path}] contains _all and individual metrics [${metric}]`);
  const others = names.filter((name) => name !== "indices");
  if (!names.includes("_all")) refuseUnknownMetrics(path, others, statsMetrics);
  const has = (name: string): boolean => names.includes("_all") || names.includes(name);
  if (indexMetric !== undefined && !has("indices")) {
    throw illegalArgument(
      `request [${path}] contains index metrics [${indexMetric}] but indices stats not requested`,
    );
  }
  if (query.flag("include_segment_file_sizes", false))
    throw notSupported("[include_segment_file_sizes=true]");
  const level = query.text("level") ?? "node";
  if (!["node", "indices", "shards"].includes(level)) {
    throw illegalArgument(
      `level parameter must be one of [node] or [indices] or [shards] but was [${level}]`,
    );
  }
  if (level === "shards" && has("indices")) throw notSupported("[level=shards] of nodes");
  const choice = readMetricChoice(path, indexMetric ?? "_all", query, true);
  return jsonReply(
    nodesEnvelope(cluster, matchingNodes(request, cluster, nodeId), (node) => {
      const found: Record<string, unknown> = {
        timestamp: cluster.entropy.nowMs(),
        ...identityInStats(node, cluster),
      };
      if (has("indices")) found["indices"] = indicesOf(node, cluster, choice, level);
      for (const [name, write] of Object.entries(writers))
        if (has(name)) Object.assign(found, write(node, cluster));
      return found;
    }),
  );
}

/** In the stats the address of a node has its transport port, and there is no version. */
function identityInStats(node: ClusterNode, cluster: Cluster): Record<string, unknown> {
  const { version: _version, ephemeral_id: _id, ...identity } = nodeIdentity(node, cluster);
  return { ...identity, ip: `${nodeHost(node)}:9300` };
}

function indicesOf(
  node: ClusterNode,
  cluster: Cluster,
  choice: MetricChoice,
  level: string,
): Record<string, unknown> {
  const indices = node.holdsData ? [...cluster.indices.values()] : [];
  const found = metricsOf(indices, choice);
  const { search } = found;
  if (typeof search === "object" && search !== null && node.holdsData)
    found["search"] = { ...search, open_contexts: cluster.contexts.size };
  if (level === "node") return found;
  return { ...found, indices: byName(indices, choice) };
}

function byName(indices: readonly IndexState[], choice: MetricChoice): Record<string, unknown> {
  const metrics = new Set([...choice.metrics].filter((name) => name !== "mappings"));
  const entries = indices.map((index) => [index.name, metricsOf([index], { ...choice, metrics })]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

type Writer = (node: ClusterNode, cluster: Cluster) => Record<string, unknown>;

const noTime = { computation_time_millis: 0, notification_time_millis: 0 };
const noUpdates = {
  count: 0,
  computation_time_millis: 0,
  publication_time_millis: 0,
  context_construction_time_millis: 0,
  commit_time_millis: 0,
  completion_time_millis: 0,
  master_apply_time_millis: 0,
  notification_time_millis: 0,
};
const noStates = { count: 0, uncompressed_size_in_bytes: 0, compressed_size_in_bytes: 0 };
const noPressure = {
  combined_coordinating_and_primary_in_bytes: 0,
  coordinating_in_bytes: 0,
  primary_in_bytes: 0,
  replica_in_bytes: 0,
  all_in_bytes: 0,
};

/** Memory of writes that are under way: none are when a request is answered. */
export const indexingPressure = {
  memory: {
    current: noPressure,
    total: {
      ...noPressure,
      coordinating_rejections: 0,
      primary_rejections: 0,
      replica_rejections: 0,
      primary_document_rejections: 0,
      large_operation_rejections: 0,
    },
    limit_in_bytes: 0,
  },
};

const writers: Readonly<Record<string, Writer>> = {
  os: (_node, cluster) => ({ os: osStats(cluster.entropy.nowMs()) }),
  process: (_node, cluster) => ({
    process: {
      timestamp: cluster.entropy.nowMs(),
      open_file_descriptors: -1,
      max_file_descriptors: -1,
      cpu: { percent: 0, total_in_millis: Math.round(process.cpuUsage().user / 1000) },
      mem: { total_virtual_in_bytes: process.memoryUsage().rss },
    },
  }),
  jvm: (_node, cluster) => ({ jvm: jvmStats(cluster) }),
  thread_pool: () => ({
    thread_pool: Object.fromEntries(
      threadPools.map(({ name }) => [
        name,
        { threads: 0, queue: 0, active: 0, rejected: 0, largest: 0, completed: 0 },
      ]),
    ),
  }),
  fs: (_node, cluster) => ({ fs: fsStats(cluster.entropy.nowMs()) }),
  transport: () => ({
    transport: {
      server_open: 0,
      total_outbound_connections: 0,
      rx_count: 0,
      rx_size_in_bytes: 0,
      tx_count: 0,
      tx_size_in_bytes: 0,
      inbound_handling_time_histogram: [],
      outbound_handling_time_histogram: [],
      actions: {},
    },
  }),
  http: (node) => ({ http: httpStats(node) }),
  breaker: () => ({
    breakers: Object.fromEntries(
      ["fielddata", "request", "inflight_requests", "parent"].map((name) => [name, noBreaker]),
    ),
  }),
  script: () => ({
    script: {
      compilations: 0,
      cache_evictions: 0,
      compilation_limit_triggered: 0,
      contexts: [],
    },
  }),
  discovery: () => ({
    discovery: {
      cluster_state_queue: { total: 0, pending: 0, committed: 0 },
      serialized_cluster_states: { full_states: noStates, diffs: noStates },
      published_cluster_states: { full_states: 0, incompatible_diffs: 0, compatible_diffs: 0 },
      cluster_state_update: {
        unchanged: { count: 0, ...noTime },
        success: noUpdates,
        failure: noUpdates,
      },
      cluster_applier_stats: { recordings: [] },
    },
  }),
  ingest: () => ({
    ingest: { total: { count: 0, time_in_millis: 0, current: 0, failed: 0 }, pipelines: {} },
  }),
  adaptive_selection: () => ({ adaptive_selection: {} }),
  script_cache: () => ({
    script_cache: {
      sum: { compilations: 0, cache_evictions: 0, compilation_limit_triggered: 0 },
    },
  }),
  indexing_pressure: () => ({ indexing_pressure: indexingPressure }),
  repositories: () => ({ repositories: {} }),
  allocations: (node, cluster) => ({
    allocations: {
      shards: node.holdsData
        ? [...cluster.indices.values()].reduce((sum, index) => sum + index.settings.shards, 0)
        : 0,
      undesired_shards: 0,
      forecasted_ingest_load: 0,
      forecasted_disk_usage_in_bytes: 0,
      current_disk_usage_in_bytes: 0,
    },
  }),
};

const noBreaker = {
  limit_size_in_bytes: 0,
  limit_size: "0b",
  estimated_size_in_bytes: 0,
  estimated_size: "0b",
  overhead: 1,
  tripped: 0,
};

/** Memory of this machine in bytes, and in percent. */
export function memoryTotals(): Record<string, number> {
  const total = totalmem();
  const free = freemem();
  const percent = Math.round((100 * free) / total);
  return {
    total_in_bytes: total,
    adjusted_total_in_bytes: total,
    free_in_bytes: free,
    used_in_bytes: total - free,
    free_percent: percent,
    used_percent: 100 - percent,
  };
}

function osStats(timestamp: number): Record<string, unknown> {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return {
    timestamp,
    cpu: {
      percent: 0,
      load_average: { "1m": round(one), "5m": round(five), "15m": round(fifteen) },
      available_processors: availableParallelism(),
    },
    mem: memoryTotals(),
    swap: { total_in_bytes: 0, free_in_bytes: 0, used_in_bytes: 0 },
  };
}

/**
 * Bytes of the file system that this process works in, of the mock nothing is on disk.
 */
export function diskTotals(): Record<string, number> {
  const { bsize, blocks, bfree, bavail } = statfsSync(process.cwd());
  return {
    total_in_bytes: bsize * blocks,
    free_in_bytes: bsize * bfree,
    available_in_bytes: bsize * bavail,
  };
}

function fsStats(timestamp: number): Record<string, unknown> {
  const path = process.cwd();
  const { type } = statfsSync(path);
  const total = diskTotals();
  const data = [{ path, mount: path, type: `0x${type.toString(16)}`, ...total }];
  return { timestamp, total, data };
}

function round(load: number): number {
  return Math.round(load * 100) / 100;
}

/** The heap is that of this process; Node is no Java machine. */
function jvmStats(cluster: Cluster): Record<string, unknown> {
  const { heapUsed, heapTotal, arrayBuffers } = process.memoryUsage();
  const noBuffers = { count: 0, used_in_bytes: 0, total_capacity_in_bytes: 0 };
  const noCollections = { collection_count: 0, collection_time_in_millis: 0 };
  return {
    timestamp: cluster.entropy.nowMs(),
    uptime_in_millis: uptimeMs(cluster),
    mem: {
      heap_used_in_bytes: heapUsed,
      heap_used_percent: Math.round((100 * heapUsed) / heapTotal),
      heap_committed_in_bytes: heapTotal,
      heap_max_in_bytes: heapTotal,
      non_heap_used_in_bytes: 0,
      non_heap_committed_in_bytes: 0,
      pools: {},
    },
    threads: { count: 1, peak_count: 1 },
    gc: { collectors: { young: noCollections, old: noCollections } },
    buffer_pools: {
      mapped: noBuffers,
      direct: { count: 0, used_in_bytes: arrayBuffers, total_capacity_in_bytes: arrayBuffers },
    },
    classes: { current_loaded_count: 0, total_loaded_count: 0, total_unloaded_count: 0 },
  };
}

/** A part of the statistics of a node by its name. */
export function nodeSection(
  name: string,
  node: ClusterNode,
  cluster: Cluster,
): Record<string, unknown> {
  return writers[name]?.(node, cluster) ?? {};
}

/** Connections of a node. */
export interface HttpStats {
  readonly current_open: number;
  readonly total_opened: number;
  readonly clients: readonly Record<string, unknown>[];
}

/** The connections of a node, and what each asked for. */
export function httpStats({ http }: ClusterNode): HttpStats {
  return {
    current_open: http.currentOpen,
    total_opened: http.totalOpened,
    clients: http.list().map((client) => ({
      id: client.id,
      agent: client.agent,
      local_address: client.localAddress,
      remote_address: client.remoteAddress,
      last_uri: client.lastUri,
      x_forwarded_for: client.forwardedFor,
      x_opaque_id: client.opaqueId,
      opened_time_millis: client.openedMs,
      closed_time_millis: client.closedMs,
      last_request_time_millis: client.lastRequestMs ?? -1,
      request_count: client.requests,
      request_size_bytes: client.requestBytes,
    })),
  };
}
