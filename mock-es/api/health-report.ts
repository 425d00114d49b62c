/** `_health_report`: what is well, and what is not. */
import { EsError, notSupported, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { countShards } from "../store/cluster-health.ts";

/** `_health_report`. */
export const healthReportRoutes: readonly Route[] = routesOf(
  "health_report",
  "none",
  ["GET /_health_report", "GET /_health_report/{feature}"],
  report,
);

/** What an indicator says, `details` only in a report that is verbose. */
interface Indicator {
  readonly status: "green" | "yellow";
  readonly symptom: string;
  readonly details?: Record<string, unknown>;
}

type Indicate = (cluster: Cluster, isVerbose: boolean) => Indicator;

const indicators: Readonly<Record<string, Indicate>> = {
  master_is_stable: ({ nodes }) => {
    const masters = nodes
      .filter((node) => node.holdsData)
      .map(({ id, name }) => ({ node_id: id, name }));
    return {
      status: "green",
      symptom: "The cluster has a stable master node",
      details: { current_master: masters[0], recent_masters: masters },
    };
  },
  repository_integrity: ({ snapshots }) => {
    const count = snapshots.repositories.size;
    if (count === 0) return { status: "green", symptom: "No snapshot repositories configured." };
    const details = { total_repositories: count };
    return { status: "green", symptom: "All repositories are healthy.", details };
  },
  shards_availability: shardsAvailability,
  disk: () => ({
    status: "green",
    symptom: "The cluster has enough available disk space.",
    details: {
      indices_with_readonly_block: 0,
      nodes_with_enough_disk_space: 1,
      nodes_with_unknown_disk_status: 0,
      nodes_over_high_watermark: 0,
      nodes_over_flood_stage_watermark: 0,
    },
  }),
  shards_capacity: shardsCapacity,
  file_settings: () => ({
    status: "green",
    symptom: "No file-based setting changes have occurred",
  }),
};

function shardsAvailability(cluster: Cluster, isVerbose: boolean): Indicator {
  const { primaries, unassigned } = countShards(cluster.indices.values());
  if (unassigned > 0) {
    if (isVerbose)
      throw notSupported("a report of shards without a node that is not [verbose=false]");
    const shards = unassigned === 1 ? "shard" : "shards";
    const symptom = `This cluster has ${unassigned} unavailable replica ${shards}.`;
    return { status: "yellow", symptom };
  }
  const states = ["creating", "initializing", "restarting", "started", "unassigned"];
  const counts = states.flatMap((state) => [
    [`${state}_primaries`, state === "started" ? primaries : 0],
    [`${state}_replicas`, 0],
  ]);
  return {
    status: "green",
    symptom: "This cluster has all shards available.",
    details: Object.fromEntries(counts) as Record<string, unknown>,
  };
}

/** Free places for shards below which the server is no longer green. */
const fewShards = 10;
const frozenShards = 3000;

function shardsCapacity(cluster: Cluster): Indicator {
  const most = Number(cluster.setting("cluster.max_shards_per_node") ?? 1000);
  const { primaries, unassigned } = countShards(cluster.indices.values());
  if (primaries + unassigned + fewShards > most)
    throw notSupported("a report of a cluster with hardly any room for shards");
  return {
    status: "green",
    symptom: "The cluster has enough room to add new shards.",
    details: {
      data: { max_shards_in_cluster: most },
      frozen: { max_shards_in_cluster: frozenShards },
    },
  };
}

function report(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const isVerbose = query.flag("verbose", true);
  if ((query.integer("size") ?? 0) < 0)
    throw validationFailed("The size parameter must be a positive integer");
  cluster.beginAction();
  const feature = request.pathParameters["feature"];
  const names = feature === undefined ? Object.keys(indicators) : [feature];
  const found = names.map((name) => {
    const indicate = Object.hasOwn(indicators, name) ? indicators[name] : undefined;
    if (indicate === undefined)
      throw new EsError(404, "resource_not_found_exception", `Did not find indicator ${name}`);
    const { details, ...rest } = indicate(cluster, isVerbose);
    return [name, isVerbose && details !== undefined ? { ...rest, details } : rest] as const;
  });
  const isYellow = found.some(([, { status }]) => status === "yellow");
  return jsonReply({
    ...(feature === undefined ? { status: isYellow ? "yellow" : "green" } : {}),
    cluster_name: cluster.profile.clusterName,
    indicators: Object.fromEntries(found),
  });
}
