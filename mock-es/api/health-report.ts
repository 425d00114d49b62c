/** `_health_report`: what is well, and what is not. */
import { EsError, notSupported, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import type { JsonObject } from "../json/json-value.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { countShards } from "../store/cluster-health.ts";
import type { IndexState } from "../store/index-state.ts";

/** `_health_report`. */
export const healthReportRoutes: readonly Route[] = routesOf(
  "health_report",
  "none",
  ["GET /_health_report", "GET /_health_report/{feature}"],
  report,
);

/** What an indicator says; all but status and symptom only in a report that is verbose. */
interface Indicator {
  readonly status: "green" | "yellow";
  readonly symptom: string;
  readonly details?: Record<string, unknown>;
  readonly impacts?: readonly JsonObject[];
  readonly diagnosis?: readonly JsonObject[];
}

/** @param size most resources that a diagnosis names */
type Indicate = (cluster: Cluster, isVerbose: boolean, size: number) => Indicator;

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

function shardsAvailability(cluster: Cluster, isVerbose: boolean, size: number): Indicator {
  const { primaries, unassigned } = countShards(cluster.indices.values());
  const states = ["creating", "initializing", "restarting", "started", "unassigned"];
  const counts = states.flatMap((state) => [
    [`${state}_primaries`, state === "started" ? primaries : 0],
    [`${state}_replicas`, state === "unassigned" ? unassigned : 0],
  ]);
  const details = Object.fromEntries(counts) as Record<string, unknown>;
  if (unassigned === 0)
    return { status: "green", symptom: "This cluster has all shards available.", details };
  const shards = unassigned === 1 ? "shard" : "shards";
  const symptom = `This cluster has ${unassigned} unavailable replica ${shards}.`;
  if (!isVerbose) return { status: "yellow", symptom };
  const indices = byPriority(
    [...cluster.indices.values()].filter((index) => countShards([index]).unassigned > 0),
  );
  return {
    status: "yellow",
    symptom,
    details,
    impacts: [impactOfReplicas(indices)],
    diagnosis: diagnosesOfReplicas(indices, size),
  };
}

const healthOfShards = "elasticsearch:health:shards_availability";

function byPriority(indices: readonly IndexState[]): IndexState[] {
  const priority = ({ settings }: IndexState): number =>
    Number(settings.text("index.priority") ?? 1);
  return indices.toSorted((a, b) => priority(b) - priority(a) || (a.name < b.name ? -1 : 1));
}

function impactOfReplicas(indices: readonly IndexState[]): JsonObject {
  const shown = indices.slice(0, shownIndices).map(({ name }) => name);
  const names = [...shown, ...(indices.length > shownIndices ? ["..."] : [])].join(", ");
  const count = `${indices.length} ${indices.length === 1 ? "index" : "indices"}`;
  return {
    id: `${healthOfShards}:impact:replica_unassigned`,
    severity: 2,
    description: `Searches might be slower than usual. Fewer redundant copies of the data exist on ${count} [${names}].`,
    impact_areas: ["search"],
  };
}

/** Indices that an impact names. */
const shownIndices = 10;

/** The one data node holds the primaries, so that each tier lacks another node. */
function diagnosesOfReplicas(indices: readonly IndexState[], size: number): JsonObject[] {
  const byTier = Map.groupBy(indices, ({ settings }) => {
    for (const [name] of settings.entries())
      if (/^index\.routing\.allocation\.(?!include\._tier_preference$)/.test(name))
        throw notSupported(`a report of shards without a node beside the setting [${name}]`);
    const preferred = settings.text("index.routing.allocation.include._tier_preference");
    if (preferred === undefined) throw notSupported("a report of shards without a preferred tier");
    return preferred.split(",")[0] ?? preferred;
  });
  return Array.from(byTier, ([tier, own]) => ({
    id: `${healthOfShards}:diagnosis:increase_tier_capacity_for_allocations:tier:${tier}`,
    cause: `Elasticsearch isn't allowed to allocate some shards from these indices to any of the nodes in the desired data tier because there are not enough nodes in the [${tier}] tier to allocate each shard copy on a different node.`,
    action:
      "Increase the number of nodes in this tier or decrease the number of replica shards in the affected indices.",
    help_url: "https://ela.st/tier-capacity",
    affected_resources: { indices: own.slice(0, size).map(({ name }) => name) },
  }));
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

/** Most resources that a diagnosis names, when a request does not say. */
const defaultSize = 1000;

function report(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const isVerbose = query.flag("verbose", true);
  const size = query.integer("size") ?? defaultSize;
  if (size < 0) throw validationFailed("The size parameter must be a positive integer");
  cluster.beginAction();
  const feature = request.pathParameters["feature"];
  const names = feature === undefined ? Object.keys(indicators) : [feature];
  const found = names.map((name) => {
    const indicate = Object.hasOwn(indicators, name) ? indicators[name] : undefined;
    if (indicate === undefined)
      throw new EsError(404, "resource_not_found_exception", `Did not find indicator ${name}`);
    const { status, symptom, ...rest } = indicate(cluster, isVerbose, size);
    return [name, { status, symptom, ...(isVerbose ? rest : {}) }] as const;
  });
  const isYellow = found.some(([, { status }]) => status === "yellow");
  return jsonReply({
    ...(feature === undefined ? { status: isYellow ? "yellow" : "green" } : {}),
    cluster_name: cluster.profile.clusterName,
    indicators: Object.fromEntries(found),
  });
}
