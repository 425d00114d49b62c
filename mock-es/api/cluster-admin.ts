/** The cluster as a whole. */
import type { estypes } from "@elastic/elasticsearch";
import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { clusterHealth } from "../store/cluster-health.ts";

/** Stats and pending tasks; licence and X-Pack information. */
export const clusterAdminRoutes: readonly Route[] = [
  ...routesOf("cluster.pending_tasks", "none", ["GET /_cluster/pending_tasks"], pendingTasks),
  ...routesOf(
    "cluster.stats",
    "none",
    ["GET /_cluster/stats", "GET /_cluster/stats/nodes/{node_id}"],
    stats,
  ),
  ...routesOf("license.get", "none", ["GET /_license"], license),
  ...routesOf("xpack.info", "none", ["GET /_xpack"], xpack),
];

function pendingTasks(): EsReply {
  const value: estypes.ClusterPendingTasksResponse = { tasks: [] };
  return jsonReply(value);
}

function stats(_request: EsRequest, cluster: Cluster): EsReply {
  const indices = [...cluster.indices.values()];
  const shards = indices.reduce((sum, index) => sum + index.settings.shards, 0);
  const bytes = indices.reduce((sum, index) => sum + index.sourceBytes, 0);
  const memory = process.memoryUsage();
  const { length: total } = cluster.nodes;
  const counts = { total, data: 1, ingest: 1, master: 1, coordinating_only: total - 1 };
  return jsonReply({
    _nodes: { total, successful: total, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    cluster_uuid: cluster.uuid,
    timestamp: cluster.entropy.nowMs(),
    status: clusterHealth(cluster),
    indices: {
      count: indices.length,
      shards: { total: shards, primaries: shards, replication: 0 },
      docs: {
        count: indices.reduce((sum, index) => sum + index.documentCount, 0),
        deleted: 0,
        total_size_in_bytes: bytes,
      },
      store: { size_in_bytes: bytes, total_data_set_size_in_bytes: bytes, reserved_in_bytes: 0 },
      fielddata: {
        memory_size_in_bytes: 0,
        evictions: 0,
        global_ordinals: { build_time_in_millis: 0 },
      },
      query_cache: {
        memory_size_in_bytes: 0,
        total_count: 0,
        hit_count: 0,
        miss_count: 0,
        cache_size: 0,
        cache_count: 0,
        evictions: 0,
      },
      completion: { size_in_bytes: 0 },
      segments: {
        count: indices.filter((index) => index.documentCount > 0).length,
        memory_in_bytes: 0,
      },
    },
    nodes: {
      count: counts,
      versions: [cluster.profile.version],
      os: {
        available_processors: 1,
        allocated_processors: 1,
        names: [{ name: process.platform, count: 1 }],
      },
      jvm: {
        max_uptime_in_millis: uptimeMs(cluster),
        mem: { heap_used_in_bytes: memory.heapUsed, heap_max_in_bytes: memory.heapTotal },
        threads: 1,
      },
      fs: { total_in_bytes: 0, free_in_bytes: 0, available_in_bytes: 0 },
      plugins: [],
      network_types: { transport_types: { netty4: total }, http_types: { netty4: total } },
      packaging_types: [{ flavor: "default", type: "tar", count: total }],
      ingest: { number_of_pipelines: 0, processor_stats: {} },
      discovery_types: total === 1 ? { "single-node": 1 } : { "multi-node": total },
    },
  });
}

/** Milliseconds since the mock was started. */
export function uptimeMs(cluster: Cluster): number {
  return Math.max(0, cluster.entropy.nowMs() - cluster.startedMs);
}

function license(_request: EsRequest, cluster: Cluster): EsReply {
  const value: estypes.LicenseGetResponse = {
    license: {
      status: "active",
      uid: cluster.uuid,
      type: "basic",
      issue_date: new Date(cluster.startedMs).toISOString(),
      issue_date_in_millis: cluster.startedMs,
      max_nodes: 1000,
      max_resource_units: null,
      issued_to: cluster.profile.clusterName,
      issuer: "elasticsearch",
      start_date_in_millis: -1,
    },
  };
  return jsonReply(value);
}

/** Features that clients ask for; none of them is there. */
const features =
  "aggregate_metric analytics ccr data_streams enrich eql esql frozen_indices graph ilm logstash ml monitoring rollup searchable_snapshots security slm spatial sql transform voting_only watcher".split(
    " ",
  );

function xpack(request: EsRequest, cluster: Cluster): EsReply {
  const categories = request.query.list("categories") ?? ["build", "license", "features"];
  for (const name of categories) {
    if (!["build", "license", "features", "_all", "_none"].includes(name)) {
      throw illegalArgument(
        `No enum constant org.elasticsearch.protocol.xpack.XPackInfoRequest.Category.${name.toUpperCase()}`,
      );
    }
  }
  const has = (name: string): boolean => categories.includes(name) || categories.includes("_all");
  return jsonReply({
    ...(has("build")
      ? { build: { hash: cluster.profile.buildHash, date: cluster.profile.buildDate } }
      : {}),
    ...(has("license")
      ? { license: { uid: cluster.uuid, type: "basic", mode: "basic", status: "active" } }
      : {}),
    ...(has("features")
      ? {
          features: Object.fromEntries(
            features.map((name) => [name, { available: false, enabled: false }]),
          ),
        }
      : {}),
    ...(request.query.flag("human", true) ? { tagline: "You know, for X" } : {}),
  });
}
