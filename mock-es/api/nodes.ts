import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { uptimeMs } from "./cluster-admin.ts";

/**
 * `_nodes` and `_nodes/stats` of the one node there is; `_nodes/_all/http` is what sniffing clients
 * read.
 */
export const nodeRoutes: readonly Route[] = [
  ...routesOf(
    "nodes.info",
    "none",
    ["GET /_nodes", "GET /_nodes/{node_id}", "GET /_nodes/{node_id}/{metric}"],
    nodesInfo,
  ),
  ...routesOf(
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
  ),
];

/** Roles of the node, as `roles` lists them. */
export const nodeRoles: readonly string[] =
  "data data_cold data_content data_frozen data_hot data_warm ingest master remote_cluster_client transform".split(
    " ",
  );

/** Address part of the HTTP listener. */
export function nodeHost(cluster: Cluster): string {
  return cluster.httpAddress.slice(0, cluster.httpAddress.lastIndexOf(":"));
}

/** What identifies the node in every answer about nodes. */
export function nodeIdentity(cluster: Cluster): Record<string, unknown> {
  return {
    name: cluster.profile.nodeName,
    ephemeral_id: cluster.nodeId,
    transport_address: `${nodeHost(cluster)}:9300`,
    host: nodeHost(cluster),
    ip: nodeHost(cluster),
    version: cluster.profile.version,
    roles: nodeRoles,
    attributes: {},
  };
}

const infoMetrics: readonly string[] =
  "settings os process jvm thread_pool transport http remote_cluster_server plugins ingest aggregations indices".split(
    " ",
  );

function nodesInfo(request: EsRequest, cluster: Cluster): EsReply {
  // `/_nodes/http` and `/_nodes/name` share a form: a word that is a metric is one.
  const { node_id: first, metric: second } = request.pathParameters;
  const isMetric =
    second === undefined &&
    first !== undefined &&
    first.split(",").every((name) => infoMetrics.includes(name));
  const nodeId = isMetric ? undefined : first;
  const names = (isMetric ? first : second)?.split(",") ?? infoMetrics;
  for (const name of names) {
    if (name !== "_all" && name !== "_none" && !infoMetrics.includes(name)) {
      throw illegalArgument(`request [${request.path}] contains unrecognized metric: [${name}]`);
    }
  }
  const has = (name: string): boolean => names.includes("_all") || names.includes(name);
  const { profile, httpAddress } = cluster;
  const node = {
    ...nodeIdentity(cluster),
    build_flavor: "default",
    build_type: "tar",
    build_hash: profile.buildHash,
    total_indexing_buffer: 0,
    ...(has("settings")
      ? { settings: { node: { name: profile.nodeName }, cluster: { name: profile.clusterName } } }
      : {}),
    ...(has("os")
      ? {
          os: {
            name: process.platform,
            arch: process.arch,
            available_processors: 1,
            allocated_processors: 1,
          },
        }
      : {}),
    ...(has("process")
      ? { process: { refresh_interval_in_millis: 1000, id: process.pid, mlockall: false } }
      : {}),
    ...(has("thread_pool") ? { thread_pool: {} } : {}),
    ...(has("transport")
      ? {
          transport: {
            bound_address: [`${nodeHost(cluster)}:9300`],
            publish_address: `${nodeHost(cluster)}:9300`,
            profiles: {},
          },
        }
      : {}),
    ...(has("http")
      ? {
          http: {
            bound_address: [httpAddress],
            publish_address: httpAddress,
            max_content_length_in_bytes: 104_857_600,
          },
        }
      : {}),
    ...(has("plugins") ? { plugins: [], modules: [] } : {}),
    ...(has("ingest") ? { ingest: { processors: [] } } : {}),
  };
  return jsonReply(
    envelope(cluster, matchesNode(cluster, nodeId) ? { [cluster.nodeId]: node } : {}),
  );
}

const statsMetrics: readonly string[] =
  "indices os process jvm thread_pool fs transport http breaker script discovery ingest adaptive_selection script_cache indexing_pressure repositories allocations".split(
    " ",
  );

function nodesStats(request: EsRequest, cluster: Cluster): EsReply {
  const { node_id: nodeId, metric = "_all" } = request.pathParameters;
  const names = metric.split(",");
  for (const name of names) {
    if (name !== "_all" && !statsMetrics.includes(name)) {
      throw illegalArgument(`request [${request.path}] contains unrecognized metric: [${name}]`);
    }
  }
  const has = (name: string): boolean => names.includes("_all") || names.includes(name);
  const timestamp = cluster.entropy.nowMs();
  const memory = process.memoryUsage();
  const node = {
    timestamp,
    ...nodeIdentity(cluster),
    ...(has("indices") ? { indices: indicesOf(cluster) } : {}),
    ...(has("os")
      ? {
          os: {
            timestamp,
            cpu: { percent: 0 },
            mem: { total_in_bytes: memory.rss, used_in_bytes: memory.rss },
          },
        }
      : {}),
    ...(has("process")
      ? {
          process: {
            timestamp,
            open_file_descriptors: -1,
            max_file_descriptors: -1,
            mem: { total_virtual_in_bytes: memory.rss },
          },
        }
      : {}),
    ...(has("jvm")
      ? {
          jvm: {
            timestamp,
            uptime_in_millis: uptimeMs(cluster),
            mem: {
              heap_used_in_bytes: memory.heapUsed,
              heap_committed_in_bytes: memory.heapTotal,
              heap_max_in_bytes: memory.heapTotal,
            },
          },
        }
      : {}),
    ...(has("http") ? { http: { current_open: 0, total_opened: 0 } } : {}),
    ...(has("fs")
      ? { fs: { timestamp, total: { total_in_bytes: 0, free_in_bytes: 0, available_in_bytes: 0 } } }
      : {}),
    ...(has("breaker") ? { breakers: {} } : {}),
    ...(has("thread_pool") ? { thread_pool: {} } : {}),
    ...(has("ingest")
      ? { ingest: { total: { count: 0, time_in_millis: 0, current: 0, failed: 0 }, pipelines: {} } }
      : {}),
  };
  return jsonReply(
    envelope(cluster, matchesNode(cluster, nodeId) ? { [cluster.nodeId]: node } : {}),
  );
}

function indicesOf(cluster: Cluster): Record<string, unknown> {
  let count = 0;
  let bytes = 0;
  let indexed = 0;
  let searches = 0;
  for (const index of cluster.indices.values()) {
    count += index.documentCount;
    bytes += index.sourceBytes;
    indexed += index.counts.indexed;
    searches += index.counts.searches;
  }
  return {
    docs: { count, deleted: 0 },
    store: { size_in_bytes: bytes },
    indexing: { index_total: indexed },
    search: { query_total: searches, open_contexts: cluster.contexts.size },
  };
}

function envelope(cluster: Cluster, nodes: Record<string, unknown>): Record<string, unknown> {
  const total = Object.keys(nodes).length;
  return {
    _nodes: { total, successful: total, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    nodes,
  };
}

function matchesNode(cluster: Cluster, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  return filter.split(",").some((name) => {
    if (["_all", "_local", "_master", "*", cluster.nodeId].includes(name)) return true;
    const [kind, value] = name.split(":");
    if (value !== undefined) return nodeRoles.includes(kind ?? "") && value === "true";
    return simplePattern(name).test(cluster.profile.nodeName) || name === nodeHost(cluster);
  });
}
