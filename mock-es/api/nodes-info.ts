/** `_nodes`: what the nodes are; `_nodes/_all/http` is what sniffing clients read. */
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { aggregationNames } from "../search/aggregations/aggregations.ts";
import type { Cluster } from "../store/cluster.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import { nestSettings } from "../store/index-settings.ts";
import { matchingNodes, nodeHost, nodeIdentity, nodesEnvelope } from "./node-selection.ts";
import { threadPools } from "./thread-pools.ts";

/** `_nodes`. */
export const nodesInfoRoutes: readonly Route[] = routesOf(
  "nodes.info",
  "none",
  ["GET /_nodes", "GET /_nodes/{node_id}", "GET /_nodes/{node_id}/{metric}"],
  nodesInfo,
);

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
  // Metrics that do not exist are left out, as the real server does.
  const names = (isMetric ? first : second)?.split(",") ?? ["_all"];
  const has = (name: string): boolean => names.includes("_all") || names.includes(name);
  const isFlat = request.query.flag("flat_settings", false);
  return jsonReply(
    nodesEnvelope(cluster, matchingNodes(request, cluster, nodeId), (node) =>
      infoOf(node, cluster, has, isFlat),
    ),
  );
}

function infoOf(
  node: ClusterNode,
  cluster: Cluster,
  has: (name: string) => boolean,
  isFlat: boolean,
): Record<string, unknown> {
  const { profile } = cluster;
  const found: Record<string, unknown> = {
    ...nodeIdentity(node, cluster),
    transport_version: 0,
    index_version: Number(profile.indexVersion),
    component_versions: {},
    build_flavor: "default",
    build_type: "tar",
    build_hash: profile.buildHash,
    ...(has("indices") ? { total_indexing_buffer: 0 } : {}),
  };
  for (const [name, write] of Object.entries(writers))
    if (has(name)) Object.assign(found, write(node, cluster, isFlat));
  return found;
}

type Writer = (node: ClusterNode, cluster: Cluster, isFlat: boolean) => Record<string, unknown>;

const writers: Readonly<Record<string, Writer>> = {
  settings: (node, cluster, isFlat) => {
    const flat = nodeSettings(node, cluster);
    return { settings: isFlat ? flat : nestSettings(Object.entries(flat)) };
  },
  os: () => ({
    os: {
      refresh_interval_in_millis: 1000,
      name: process.platform,
      pretty_name: process.platform,
      arch: process.arch,
      version: "",
      available_processors: 1,
      allocated_processors: 1,
    },
  }),
  process: () => ({
    process: { refresh_interval_in_millis: 1000, id: process.pid, mlockall: false },
  }),
  jvm: (_node, cluster) => ({ jvm: jvmInfo(cluster) }),
  thread_pool: () => ({
    thread_pool: Object.fromEntries(
      threadPools.map(({ name, type, size, core, max, keepAlive, queueSize }) => [
        name,
        {
          type,
          ...(size === undefined ? { core, max, keep_alive: keepAlive } : { size }),
          queue_size: queueSize,
        },
      ]),
    ),
  }),
  transport: (node) => ({
    transport: {
      bound_address: [`${nodeHost(node)}:9300`],
      publish_address: `${nodeHost(node)}:9300`,
      profiles: {},
    },
  }),
  http: (node) => ({
    http: {
      bound_address: [node.httpAddress],
      publish_address: node.httpAddress,
      max_content_length_in_bytes: 104_857_600,
    },
  }),
  plugins: () => ({ plugins: [], modules: [] }),
  ingest: () => ({ ingest: { processors: [] } }),
  aggregations: () => ({
    aggregations: Object.fromEntries(
      aggregationNames.map((name) => [name, { types: valueTypes[name] ?? ["other"] }]),
    ),
  }),
};

/** Node is no Java machine; clients decode these fields all the same. */
function jvmInfo(cluster: Cluster): Record<string, unknown> {
  const { heapTotal } = process.memoryUsage();
  return {
    pid: process.pid,
    version: process.versions.node,
    vm_name: "Node.js",
    vm_version: process.versions.v8,
    vm_vendor: "Node.js",
    using_bundled_jdk: false,
    start_time_in_millis: cluster.startedMs,
    mem: {
      heap_init_in_bytes: 0,
      heap_max_in_bytes: heapTotal,
      non_heap_init_in_bytes: 0,
      non_heap_max_in_bytes: 0,
      direct_max_in_bytes: 0,
    },
    gc_collectors: [],
    memory_pools: [],
    using_compressed_ordinary_object_pointers: "unknown",
    input_arguments: [],
  };
}

function nodeSettings(node: ClusterNode, cluster: Cluster): Record<string, string> {
  const attributes = Object.entries(node.attributes);
  return {
    "cluster.election.strategy": "supports_voting_only",
    "cluster.name": cluster.profile.clusterName,
    "http.type.default": "netty4",
    ...Object.fromEntries(attributes.map(([name, value]) => [`node.attr.${name}`, value])),
    "node.name": node.name,
    "transport.type.default": "netty4",
  };
}

const numbers = ["boolean", "counter", "date", "numeric"];
const anything = ["boolean", "date", "ip", "keyword", "numeric"];
const everything = ["boolean", "counter", "date", "geopoint", "ip", "keyword", "numeric", "range"];

/** Kinds of values that aggregations take; those that take none say `other`. */
const valueTypes: Readonly<Record<string, readonly string[]>> = {
  avg: numbers,
  cardinality: everything,
  date_histogram: ["date", "numeric", "range"],
  date_range: ["boolean", "date", "numeric"],
  diversified_sampler: ["boolean", "date", "keyword", "numeric"],
  extended_stats: numbers,
  geo_bounds: ["geopoint", "position"],
  geo_centroid: ["geopoint", "position"],
  geo_distance: ["geopoint"],
  geohash_grid: ["geopoint"],
  geotile_grid: ["geopoint"],
  histogram: [...numbers, "range"],
  ip_prefix: ["ip"],
  ip_range: ["ip"],
  max: numbers,
  median_absolute_deviation: ["counter", "numeric"],
  min: numbers,
  missing: ["boolean", "date", "geopoint", "ip", "keyword", "numeric", "range"],
  percentile_ranks: numbers,
  percentiles: numbers,
  range: numbers,
  rare_terms: anything,
  significant_terms: anything,
  stats: numbers,
  sum: numbers,
  terms: anything,
  value_count: everything,
  variable_width_histogram: ["counter", "numeric"],
  weighted_avg: ["numeric"],
};
