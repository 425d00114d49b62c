import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { uptimeMs } from "./cluster-admin.ts";

/** `_nodes` and `_nodes/stats`; `_nodes/_all/http` is what sniffing clients read. */
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

/** Address part of a node's HTTP listener. */
export function nodeHost({ httpAddress }: Pick<ClusterNode, "httpAddress">): string {
  return httpAddress.slice(0, httpAddress.lastIndexOf(":"));
}

/** What identifies the node in every answer about nodes. */
export function nodeIdentity(node: ClusterNode, { profile }: Cluster): Record<string, unknown> {
  return {
    name: node.name,
    ephemeral_id: node.id,
    transport_address: `${nodeHost(node)}:9300`,
    host: nodeHost(node),
    ip: nodeHost(node),
    version: profile.version,
    roles: node.holdsData ? nodeRoles : [],
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
  return jsonReply(
    envelope(cluster, matchingNodes(request, cluster, nodeId), (node) =>
      infoOf(node, cluster, has),
    ),
  );
}

function infoOf(
  node: ClusterNode,
  cluster: Cluster,
  has: (name: string) => boolean,
): Record<string, unknown> {
  const { profile } = cluster;
  const { httpAddress } = node;
  return {
    ...nodeIdentity(node, cluster),
    build_flavor: "default",
    build_type: "tar",
    build_hash: profile.buildHash,
    total_indexing_buffer: 0,
    ...(has("settings")
      ? { settings: { node: { name: node.name }, cluster: { name: profile.clusterName } } }
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
            bound_address: [`${nodeHost(node)}:9300`],
            publish_address: `${nodeHost(node)}:9300`,
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
  return jsonReply(
    envelope(cluster, matchingNodes(request, cluster, nodeId), (node) =>
      statsOf(node, cluster, has),
    ),
  );
}

function statsOf(
  node: ClusterNode,
  cluster: Cluster,
  has: (name: string) => boolean,
): Record<string, unknown> {
  const timestamp = cluster.entropy.nowMs();
  const memory = process.memoryUsage();
  return {
    timestamp,
    ...identityInStats(node, cluster),
    ...(has("indices") ? { indices: indicesOf(node, cluster) } : {}),
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
    ...(has("http") ? { http: httpStats(node) } : {}),
    ...(has("fs")
      ? { fs: { timestamp, total: { total_in_bytes: 0, free_in_bytes: 0, available_in_bytes: 0 } } }
      : {}),
    ...(has("breaker") ? { breakers: {} } : {}),
    ...(has("thread_pool") ? { thread_pool: {} } : {}),
    ...(has("ingest")
      ? { ingest: { total: { count: 0, time_in_millis: 0, current: 0, failed: 0 }, pipelines: {} } }
      : {}),
  };
}

/** In the stats the address of a node has its transport port, and there is no version. */
function identityInStats(node: ClusterNode, cluster: Cluster): Record<string, unknown> {
  const { version: _version, ephemeral_id: _id, ...identity } = nodeIdentity(node, cluster);
  return { ...identity, ip: `${nodeHost(node)}:9300` };
}

function httpStats({ http }: ClusterNode): Record<string, unknown> {
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

function indicesOf(node: ClusterNode, cluster: Cluster): Record<string, unknown> {
  let count = 0;
  let bytes = 0;
  let indexed = 0;
  let searches = 0;
  for (const index of node.holdsData ? cluster.indices.values() : []) {
    count += index.documentCount;
    bytes += index.sourceBytes;
    indexed += index.counts.indexed;
    searches += index.counts.searches;
  }
  return {
    docs: { count, deleted: 0 },
    store: { size_in_bytes: bytes },
    indexing: { index_total: indexed },
    search: { query_total: searches, open_contexts: node.holdsData ? cluster.contexts.size : 0 },
  };
}

function envelope(
  cluster: Cluster,
  nodes: readonly ClusterNode[],
  describe: (node: ClusterNode) => Record<string, unknown>,
): Record<string, unknown> {
  return {
    _nodes: { total: nodes.length, successful: nodes.length, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    nodes: Object.fromEntries(nodes.map((node) => [node.id, describe(node)])),
  };
}

function matchingNodes(
  request: EsRequest,
  cluster: Cluster,
  filter: string | undefined,
): readonly ClusterNode[] {
  if (filter === undefined) return cluster.nodes;
  const names = filter.split(",");
  return cluster.nodes.filter((node) => names.some((name) => isMeant(node, name, request)));
}

function isMeant(node: ClusterNode, name: string, request: EsRequest): boolean {
  if (["_all", "*", node.id].includes(name)) return true;
  if (name === "_local") return node === request.node;
  if (name === "_master") return node.holdsData;
  const [kind, value] = name.split(":");
  if (value !== undefined)
    return (node.holdsData && nodeRoles.includes(kind ?? "")) === (value === "true");
  return simplePattern(name).test(node.name) || name === nodeHost(node);
}
