/** What the cluster has, in sums over indices and nodes. */
import { availableParallelism } from "node:os";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { jsonReply } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { clusterHealth } from "../store/cluster-health.ts";
import { isObject, textOf } from "../json/json-value.ts";
import type { IndexState } from "../store/index-state.ts";
import { uptimeMs } from "./cluster-admin.ts";
import { metricsOf } from "./index-metrics.ts";
import { diskTotals, indexingPressure, memoryTotals } from "./nodes-stats.ts";

/** `_cluster/stats`. */
export const clusterStatsRoutes: readonly Route[] = routesOf(
  "cluster.stats",
  "none",
  ["GET /_cluster/stats", "GET /_cluster/stats/nodes/{node_id}"],
  stats,
);

function stats(_request: EsRequest, cluster: Cluster): EsReply {
  const { length: total } = cluster.nodes;
  return jsonReply({
    _nodes: { total, successful: total, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    cluster_uuid: cluster.uuid,
    timestamp: cluster.entropy.nowMs(),
    status: clusterHealth(cluster),
    indices: indicesIn([...cluster.indices.values()], cluster),
    nodes: nodesIn(cluster),
    snapshots: {
      current_counts: {
        snapshots: 0,
        shard_snapshots: 0,
        snapshot_deletions: 0,
        concurrent_operations: 0,
        cleanups: 0,
      },
      repositories: {},
    },
    repositories: {},
    ccs: { _search: remoteSearches },
  });
}

const noTime = { max: 0, avg: 0, p90: 0 };

/** Searches over several clusters; there is one. */
const remoteSearches = {
  total: 0,
  success: 0,
  skipped: 0,
  took: noTime,
  took_mrt_true: noTime,
  took_mrt_false: noTime,
  remotes_per_search_max: 0,
  remotes_per_search_avg: 0,
  failure_reasons: {},
  features: {},
  clients: {},
  clusters: {},
};

const indexMetrics = new Set([
  "docs",
  "store",
  "fielddata",
  "query_cache",
  "completion",
  "segments",
]);

function indicesIn(indices: readonly IndexState[], cluster: Cluster): Record<string, unknown> {
  const choice = {
    metrics: indexMetrics,
    groups: undefined,
    fielddataFields: undefined,
    completionFields: undefined,
    countsUnloaded: false,
  };
  const shards = indices.map((index) => index.settings.shards);
  const sum = shards.reduce((all, one) => all + one, 0);
  const spread = {
    min: Math.min(...shards),
    max: Math.max(...shards),
    avg: sum / indices.length,
  };
  const none = { min: 0, max: 0, avg: 0 };
  const bytes = indices.reduce((all, index) => all + index.sourceBytes, 0);
  return {
    count: indices.length,
    shards:
      indices.length === 0
        ? {}
        : {
            total: sum,
            primaries: sum,
            replication: 0,
            index: { shards: spread, primaries: spread, replication: none },
          },
    ...metricsOf(indices, choice),
    mappings: mappingsIn(indices),
    analysis: noAnalysis,
    versions:
      indices.length === 0
        ? []
        : [
            {
              version: cluster.profile.version,
              index_count: indices.length,
              primary_shard_count: sum,
              total_primary_bytes: bytes,
            },
          ],
    search: { total: 0, queries: {}, rescorers: {}, sections: {}, retrievers: {}, extended: {} },
    dense_vector: { value_count: 0 },
    sparse_vector: { value_count: 0 },
  };
}

/** Which analyzers indices define is not counted. */
const noAnalysis = {
  char_filter_types: [],
  tokenizer_types: [],
  filter_types: [],
  analyzer_types: [],
  built_in_char_filters: [],
  built_in_tokenizers: [],
  built_in_filters: [],
  built_in_analyzers: [],
  synonyms: {},
  multiple_synonym_graph_filters: { analyzer_count: 0, index_count: 0 },
};

function mappingsIn(indices: readonly IndexState[]): Record<string, unknown> {
  const types = new Map<string, { count: number; indices: Set<string> }>();
  let total = 0;
  for (const index of indices) {
    for (const [, { type }] of index.mappings.fields()) {
      const known = types.get(type) ?? { count: 0, indices: new Set() };
      known.count++;
      known.indices.add(index.name);
      types.set(type, known);
      total++;
    }
  }
  return {
    total_field_count: total,
    total_deduplicated_field_count: total,
    total_deduplicated_mapping_size_in_bytes: 0,
    field_types: [...types]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, found]) => ({
        name,
        count: found.count,
        index_count: found.indices.size,
        script_count: 0,
      })),
    runtime_field_types: runtimeTypesIn(indices),
    source_modes: indices.length === 0 ? {} : { stored: indices.length },
  };
}

/** How many runtime fields there are of each type, and how long their scripts are. */
function runtimeTypesIn(indices: readonly IndexState[]): readonly object[] {
  const types = new Map<
    string,
    { index: IndexState; name: string; source: string | undefined }[]
  >();
  for (const index of indices) {
    for (const [name, definition] of Object.entries(index.mappings.runtimeFields ?? {})) {
      if (!isObject(definition)) continue;
      const type = textOf(definition["type"]);
      const { script } = definition;
      const source = isObject(script) ? textOf(script["source"]) : undefined;
      const list = types.get(type) ?? [];
      list.push({ index, name, source });
      types.set(type, list);
    }
  }
  return [...types]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, fields]) => {
      const sources = fields.flatMap(({ source }) => (source === undefined ? [] : [source]));
      const shadowing = fields.filter((each) => each.index.mappings.find(each.name) !== undefined);
      return {
        name,
        count: fields.length,
        index_count: new Set(fields.map(({ index }) => index)).size,
        scriptless_count: fields.length - sources.length,
        shadowed_count: shadowing.length,
        lang: sources.length === 0 ? [] : ["painless"],
        ...sizesOf("lines", sources, (source) => source.split("\n").length),
        ...sizesOf("chars", sources, (source) => source.length),
        ...sizesOf("source", sources, (source) => source.split("params._source").length - 1),
        ...sizesOf("doc", sources, (source) => source.split("doc[").length - 1),
      };
    });
}

function sizesOf(
  name: string,
  sources: readonly string[],
  measure: (source: string) => number,
): Record<string, number> {
  const sizes = sources.map(measure);
  return {
    [`${name}_max`]: Math.max(0, ...sizes),
    [`${name}_total`]: sizes.reduce((sum, size) => sum + size, 0),
  };
}

function nodesIn(cluster: Cluster): Record<string, unknown> {
  const { length: total } = cluster.nodes;
  const memory = process.memoryUsage();
  const processors = availableParallelism();
  return {
    count: {
      total,
      coordinating_only: total - 1,
      data: 1,
      data_cold: 1,
      data_content: 1,
      data_frozen: 1,
      data_hot: 1,
      data_warm: 1,
      index: 0,
      ingest: 1,
      master: 1,
      ml: 1,
      remote_cluster_client: 1,
      search: 0,
      transform: 1,
      voting_only: 0,
    },
    versions: [cluster.profile.version],
    os: {
      available_processors: processors,
      allocated_processors: processors,
      names: [{ name: process.platform, count: total }],
      pretty_names: [{ pretty_name: process.platform, count: total }],
      architectures: [{ arch: process.arch, count: total }],
      mem: memoryTotals(),
    },
    process: { cpu: { percent: 0 }, open_file_descriptors: { min: 0, max: 0, avg: 0 } },
    jvm: {
      max_uptime_in_millis: uptimeMs(cluster),
      versions: [
        {
          version: process.versions.node,
          vm_name: "Node.js",
          vm_version: process.versions.v8,
          vm_vendor: "Node.js",
          bundled_jdk: false,
          using_bundled_jdk: false,
          count: total,
        },
      ],
      mem: { heap_used_in_bytes: memory.heapUsed, heap_max_in_bytes: memory.heapTotal },
      threads: 1,
    },
    fs: diskTotals(),
    plugins: [],
    network_types: { transport_types: { netty4: total }, http_types: { netty4: total } },
    discovery_types: total === 1 ? { "single-node": 1 } : { "multi-node": total },
    packaging_types: [{ flavor: "default", type: "tar", count: total }],
    ingest: { number_of_pipelines: cluster.objects.pipelines.size, processor_stats: {} },
    indexing_pressure: indexingPressure,
  };
}
