import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument } from "../es-error.ts";
import { doubleJson } from "../json/java-number.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import type { Cluster } from "../store/cluster.ts";
import { countShards, healthOf, type HealthStatus } from "../store/cluster-health.ts";
import { namesIn, resolveIndices } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { IndexState } from "../store/index-state.ts";
import { metadataOptions } from "./indices.ts";

/** `_cluster/health`. */
export const clusterHealthRoutes: readonly Route[] = routesOf(
  "cluster.health",
  "none",
  ["GET /_cluster/health", "GET /_cluster/health/{index}"],
  health,
);

/** The client reads a number, which is written with its fraction. */
type ClusterHealth = Omit<estypes.ClusterHealthResponse, "active_shards_percent_as_number"> & {
  readonly active_shards_percent_as_number: unknown;
};

const ranks: readonly HealthStatus[] = ["green", "yellow", "red"];

function health(request: EsRequest, cluster: Cluster): EsReply {
  const expression = request.pathParameters["index"];
  const level = request.query.text("level") ?? "cluster";
  if (!["cluster", "indices", "shards"].includes(level)) {
    throw illegalArgument(
      `level parameter must be one of [cluster] or [indices] or [shards] but was [${level}]`,
    );
  }
  const least = leastStatus(request.query);
  const isMissing =
    expression !== undefined &&
    !expression.includes("*") &&
    expression !== "_all" &&
    !existsAny(cluster, expression);
  const found = isMissing ? undefined : resolved(request, cluster, expression);
  const indices = found ?? [];
  const { primaries, unassigned } = countShards(indices);
  const worst: HealthStatus = found === undefined ? "red" : unassigned > 0 ? "yellow" : "green";
  const isTimedOut =
    isMissing ||
    misses(request, least, worst, cluster.nodes.length) ||
    missesShards(request.query.text("wait_for_active_shards"), primaries, unassigned);
  const percent = primaries + unassigned === 0 ? 100 : (primaries / (primaries + unassigned)) * 100;
  const value: ClusterHealth = {
    cluster_name: cluster.profile.clusterName,
    status: worst,
    timed_out: isTimedOut,
    number_of_nodes: cluster.nodes.length,
    number_of_data_nodes: 1,
    active_primary_shards: primaries,
    active_shards: primaries,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: unassigned,
    unassigned_primary_shards: 0,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    ...(request.query.flag("human", false)
      ? { task_max_waiting_in_queue: "0s", active_shards_percent: `${percent.toFixed(1)}%` }
      : {}),
    active_shards_percent_as_number: doubleJson(percent),
    ...(level === "cluster"
      ? {}
      : {
          indices: Object.fromEntries(
            indices.map((index) => [index.name, indexHealth(index, level)]),
          ),
        }),
  };
  return jsonReply(value, isTimedOut ? 408 : 200);
}

/** `undefined`: a pattern leads to none, and `allow_no_indices` forbids that. */
function resolved(
  { query }: EsRequest,
  cluster: Cluster,
  expression: string | undefined,
): readonly IndexState[] | undefined {
  const options = readIndexOptions(query, { ...metadataOptions, ignoreUnavailable: true });
  try {
    return resolveIndices(cluster, expression, options);
  } catch (error) {
    if (error instanceof EsError && error.type === "index_not_found_exception") return undefined;
    throw error;
  }
}

/** True when fewer shards run than the client wants to wait for. */
function missesShards(wanted: string | undefined, active: number, unassigned: number): boolean {
  if (wanted === undefined) return false;
  if (wanted === "all") return unassigned > 0;
  const number = /^-?\d+$/.test(wanted) ? Number(wanted) : NaN;
  if (number < 0) throw illegalArgument("shard count cannot be a negative value");
  if (Number.isNaN(number))
    throw illegalArgument(`cannot parse ActiveShardCount[${wanted}]`, {
      caused_by: { type: "number_format_exception", reason: `For input string: "${wanted}"` },
    });
  return active < number;
}

function existsAny(cluster: Cluster, expression: string): boolean {
  return namesIn(expression).every(
    (name) => cluster.isTaken(name) || cluster.indicesOfAlias(name) !== undefined,
  );
}

/** The worst status that the client waits for. @throws {EsError} 400 for one that is none */
function leastStatus(query: QueryParameters): HealthStatus | undefined {
  const wanted = query.text("wait_for_status")?.toLowerCase();
  const status = ranks.find((name) => name === wanted);
  if (wanted === undefined || status !== undefined) return status;
  const name = `org.elasticsearch.cluster.health.ClusterHealthStatus.${wanted.toUpperCase()}`;
  throw illegalArgument(`No enum constant ${name}`);
}

/**
 * True when the state that the client wants to wait for is not there; on one node it never comes,
 * so nothing is waited for.
 */
function misses(
  request: EsRequest,
  least: HealthStatus | undefined,
  status: HealthStatus,
  there: number,
): boolean {
  if (least !== undefined && ranks.indexOf(status) > ranks.indexOf(least)) return true;
  const nodes = request.query.text("wait_for_nodes");
  if (nodes === undefined || nodes === "") return false;
  const match = /^(>=|<=|>|<|ge\(|le\(|gt\(|lt\()?(\d+)\)?$/.exec(nodes);
  if (match === null)
    throw new EsError(400, "number_format_exception", `For input string: "${nodes}"`);
  const wantedNodes = Number(match[2]);
  const comparison = match[1] ?? "";
  if (comparison === ">=" || comparison === "ge(") return there < wantedNodes;
  if (comparison === "<=" || comparison === "le(") return there > wantedNodes;
  if (comparison === ">" || comparison === "gt(") return there <= wantedNodes;
  if (comparison === "<" || comparison === "lt(") return there >= wantedNodes;
  return there !== wantedNodes;
}

function indexHealth(index: IndexState, level: string): estypes.ClusterHealthIndexHealthStats {
  const { shards, replicas } = index.settings;
  const status = healthOf(index);
  return {
    status,
    number_of_shards: shards,
    number_of_replicas: replicas,
    active_primary_shards: shards,
    active_shards: shards,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: shards * replicas,
    unassigned_primary_shards: 0,
    ...(level === "shards"
      ? {
          shards: Object.fromEntries(
            Array.from({ length: shards }, (_unused, at) => [
              String(at),
              shardHealth(status, replicas),
            ]),
          ),
        }
      : {}),
  };
}

function shardHealth(
  status: HealthStatus,
  replicas: number,
): estypes.ClusterHealthShardHealthStats {
  return {
    status,
    primary_active: true,
    active_shards: 1,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: replicas,
    unassigned_primary_shards: 0,
  };
}
