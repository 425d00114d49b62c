/** Small answers about the cluster: features, dangling indices, busy threads, other clusters. */
import { EsError, illegalArgument } from "../es-error.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { jsonReply, textReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { parseDuration } from "../values/duration.ts";

/** `_features`, `_dangling`, `_nodes/hot_threads`, `_resolve/cluster` and the state of licences. */
export const administrationRoutes: readonly Route[] = [
  ...routesOf("features.get_features", "none", ["GET /_features"], features),
  ...routesOf("features.reset_features", "none", ["POST /_features/_reset"], resetFeatures),
  ...routesOf("dangling_indices.list_dangling_indices", "none", ["GET /_dangling"], dangling),
  ...routesOf(
    "dangling_indices.import_dangling_index",
    "none",
    ["POST /_dangling/{index_uuid}"],
    noSuchDangling,
  ),
  ...routesOf(
    "dangling_indices.delete_dangling_index",
    "none",
    ["DELETE /_dangling/{index_uuid}"],
    noSuchDangling,
  ),
  ...routesOf(
    "nodes.hot_threads",
    "none",
    ["GET /_nodes/hot_threads", "GET /_nodes/{node_id}/hot_threads"],
    hotThreads,
  ),
  ...routesOf(
    "indices.resolve_cluster",
    "none",
    ["GET /_resolve/cluster", "GET /_resolve/cluster/{name}"],
    resolveCluster,
  ),
  ...routesOf("license.get_trial_status", "none", ["GET /_license/trial_status"], () =>
    jsonReply({ eligible_to_start_trial: true }),
  ),
  ...routesOf("license.get_basic_status", "none", ["GET /_license/basic_status"], () =>
    jsonReply({ eligible_to_start_basic: false }),
  ),
  ...routesOf("ingest.geo_ip_stats", "none", ["GET /_ingest/geoip/stats"], geoIpStats),
];

function features(): EsReply {
  return jsonReply({
    features: [
      { name: "tasks", description: "Manages task results" },
      { name: "synonyms", description: "Manages synonyms" },
    ],
  });
}

/** Forgets what the server keeps in indices of its own: results of tasks, sets of synonyms. */
function resetFeatures(_request: EsRequest, cluster: Cluster): EsReply {
  const { taskResults, synonymSets } = cluster.objects;
  taskResults.clear();
  synonymSets.clear();
  return jsonReply({
    features: ["synonyms", "tasks"].map((name) => ({ feature_name: name, status: "SUCCESS" })),
  });
}

function dangling(_request: EsRequest, cluster: Cluster): EsReply {
  const count = cluster.nodes.length;
  return jsonReply({
    _nodes: { total: count, successful: count, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    dangling_indices: [],
  });
}

function noSuchDangling(request: EsRequest, cluster: Cluster): EsReply {
  const uuid = request.pathParameters["index_uuid"] ?? "";
  request.query.flag("accept_data_loss", false);
  cluster.beginAction();
  throw illegalArgument(`No dangling index found for UUID [${uuid}]`);
}

/** Requests end before the next one begins: no thread is ever busy beside the one that answers. */
function hotThreads({ query }: EsRequest): EsReply {
  for (const name of ["threads", "snapshots"]) query.integer(name);
  const interval = query.text("interval");
  if (interval !== undefined) parseDuration(interval, "interval");
  query.flag("ignore_idle_threads", true);
  const type = query.text("type") ?? "cpu";
  if (!["cpu", "wait", "block", "mem"].includes(type))
    throw illegalArgument(`type not supported [${type}]`);
  const sort = query.text("sort") ?? "total";
  if (!["total", "cpu"].includes(sort)) throw illegalArgument(`sort order not supported [${sort}]`);
  return textReply("");
}

const indexOptionNames = "ignore_unavailable allow_no_indices expand_wildcards ignore_throttled";

function resolveCluster(request: EsRequest, cluster: Cluster): EsReply {
  const expression = request.pathParameters["name"];
  const { query } = request;
  if (expression === undefined) {
    const given = indexOptionNames.split(" ").filter((name) => query.has(name));
    if (given.length === 0) return jsonReply({});
    throw illegalArgument(
      `No index options are allowed on _resolve/cluster when no index expression is specified, but received: [${given.join(", ")}]`,
    );
  }
  const names = expression.split(",");
  const isRemote = (name: string): boolean => /^[^<:]+:/.test(name);
  for (const name of names.filter(isRemote)) {
    const alias = name.slice(0, name.indexOf(":"));
    if (!alias.includes("*"))
      throw new EsError(
        404,
        "no_such_remote_cluster_exception",
        `no such remote cluster: [${alias}]`,
      );
  }
  const local = names.filter((name) => !isRemote(name));
  if (local.length === 0) return jsonReply({});
  const options = readIndexOptions(query, { ...searchIndexOptions, forbidClosed: false });
  return jsonReply({
    "(local)": { connected: true, skip_unavailable: false, ...matches(cluster, local, options) },
  });
}

function matches(
  cluster: Cluster,
  names: readonly string[],
  options: typeof searchIndexOptions,
): Record<string, unknown> {
  const { profile } = cluster;
  try {
    const targets = resolveTargets(cluster, names.join(","), options);
    return {
      matching_indices: targets.some(({ index }) => !index.isClosed),
      version: {
        number: profile.version,
        build_flavor: "default",
        minimum_wire_compatibility_version: profile.minimumWire,
        minimum_index_compatibility_version: profile.minimumIndex,
      },
    };
  } catch (error) {
    if (error instanceof EsError && error.type === "index_not_found_exception")
      return { error: error.reason };
    throw error;
  }
}

function geoIpStats(): EsReply {
  return jsonReply({
    stats: {
      successful_downloads: 0,
      failed_downloads: 0,
      total_download_time: 0,
      databases_count: 0,
      skipped_updates: 0,
      expired_databases: 0,
    },
    nodes: {},
  });
}
