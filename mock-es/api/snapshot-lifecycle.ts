/**
 * Policies of snapshots: stored, shown, and carried out when a request says so. None is taken by
 * the clock, as in a cluster where snapshot lifecycle management is stopped.
 */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveDateMath } from "../store/date-math-name.ts";
import type { SnapshotPolicy } from "../store/stored-objects.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { nextCronTime } from "../values/cron.ts";
import { tryDuration } from "../values/duration.ts";
import { takeSnapshot } from "./snapshots.ts";
import { repositoryMissing } from "./repositories.ts";

/** `_slm`. */
export const snapshotLifecycleRoutes: readonly Route[] = [
  ...routesOf("slm.put_lifecycle", "required", ["PUT /_slm/policy/{policy_id}"], put),
  ...routesOf(
    "slm.get_lifecycle",
    "none",
    ["GET /_slm/policy", "GET /_slm/policy/{policy_id}"],
    get,
  ),
  ...routesOf("slm.delete_lifecycle", "none", ["DELETE /_slm/policy/{policy_id}"], remove),
  ...routesOf(
    "slm.execute_lifecycle",
    "none",
    ["PUT,POST /_slm/policy/{policy_id}/_execute"],
    execute,
  ),
  ...routesOf("slm.get_status", "none", ["GET /_slm/status"], status),
  ...routesOf("slm.stop", "none", ["POST /_slm/stop"], stop),
  ...routesOf("slm.start", "none", ["POST /_slm/start"], start),
];

const members = [
  "schedule",
  "name",
  "repository",
  "config",
  "retention",
  "unhealthy_if_no_snapshot_within",
];
const required = ["name", "schedule", "repository"];
const retentionMembers = ["expire_after", "min_count", "max_count"];
/** Shortest interval between snapshots. */
const minIntervalMs = 900_000;

function put(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["policy_id"] ?? "";
  const policy = parseObjectBody(request.body) ?? {};
  for (const key of Object.keys(policy))
    if (!members.includes(key))
      throw xContentParseException(`[snapshot_lifecycle] unknown field [${key}]`).at(
        policy,
        key,
        "key",
      );
  const missing = required.filter((key) => policy[key] === undefined);
  if (missing.length > 0) throw illegalArgument(`Required [${missing.join(", ")}]`);
  const repository = textOf(policy["repository"]);
  if (!cluster.snapshots.repositories.has(repository))
    throw illegalArgument(`no such repository [${repository}]`);
  if (policy["unhealthy_if_no_snapshot_within"] !== undefined)
    throw notSupported("[unhealthy_if_no_snapshot_within] of a snapshot lifecycle policy");
  const { retention } = policy;
  if (isObject(retention))
    for (const key of Object.keys(retention))
      if (!retentionMembers.includes(key))
        throw xContentParseException(`[snapshot_retention] unknown field [${key}]`).at(
          retention,
          key,
          "key",
        );
  checkSchedule(textOf(policy["schedule"]), cluster.entropy.nowMs());
  const { snapshotPolicies } = cluster.objects;
  const earlier = snapshotPolicies.get(id);
  snapshotPolicies.set(id, {
    version: (earlier?.version ?? 0) + 1,
    modifiedMs: cluster.entropy.nowMs(),
    policy: inOrder(policy),
    taken: earlier?.taken ?? 0,
    lastSuccess: earlier?.lastSuccess,
    deleted: earlier?.deleted ?? 0,
  });
  return jsonReply({ acknowledged: true });
}

function inOrder(policy: JsonObject): JsonObject {
  const { name, schedule, repository, config, retention } = policy;
  return {
    name,
    schedule,
    repository,
    ...(config === undefined ? {} : { config }),
    ...(retention === undefined ? {} : { retention }),
  };
}

function checkSchedule(schedule: string, nowMs: number): void {
  const first = nextCronOrInterval(schedule, nowMs, nowMs);
  const second = first === undefined ? undefined : nextCronOrInterval(schedule, nowMs, first);
  if (first !== undefined && second !== undefined && second - first < minIntervalMs)
    throw illegalArgument(
      `invalid schedule [${schedule}]: schedule would be too frequent, executing more than every [15m]`,
    );
}

/** The next time of a cron expression, or of an interval that is counted from a moment. */
function nextCronOrInterval(schedule: string, fromMs: number, afterMs: number): number | undefined {
  const interval = tryDuration(schedule);
  if (interval === undefined) return nextCronTime(schedule, afterMs);
  return fromMs + interval * (Math.floor((afterMs - fromMs) / interval) + 1);
}

function nextTime({ policy, modifiedMs }: SnapshotPolicy, nowMs: number): number {
  return nextCronOrInterval(textOf(policy["schedule"]), modifiedMs, nowMs) ?? -1;
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { snapshotPolicies } = cluster.objects;
  const given = request.pathParameters["policy_id"];
  const patterns = (given ?? "*").split(",").map(simplePattern);
  const found = [...snapshotPolicies].filter(([id]) =>
    patterns.some((pattern) => pattern.test(id)),
  );
  if (given !== undefined && !given.includes("*") && found.length === 0)
    throw new EsError(
      404,
      "resource_not_found_exception",
      `snapshot lifecycle policy or policies [${given}] not found${snapshotPolicies.size === 0 ? ", no policies are configured" : ""}`,
    );
  const nowMs = cluster.entropy.nowMs();
  const isHuman = request.query.flag("human", false);
  const dated = (name: string, value: number): object => ({
    ...(isHuman ? { [name]: new Date(value).toISOString() } : {}),
    [`${name}_millis`]: value,
  });
  const shown = found.map(([id, entry]): [string, unknown] => [
    id,
    {
      version: entry.version,
      ...dated("modified_date", entry.modifiedMs),
      policy: entry.policy,
      ...(entry.lastSuccess === undefined ? {} : { last_success: entry.lastSuccess }),
      ...dated("next_execution", nextTime(entry, nowMs)),
      stats: {
        policy: id,
        snapshots_taken: entry.taken,
        snapshots_failed: 0,
        snapshots_deleted: entry.deleted ?? 0,
        snapshot_deletion_failures: 0,
      },
    },
  ]);
  return jsonReply(Object.fromEntries(shown));
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["policy_id"] ?? "";
  if (!cluster.objects.snapshotPolicies.delete(id))
    throw new EsError(
      404,
      "resource_not_found_exception",
      `snapshot lifecycle policy not found: ${id}`,
    );
  return jsonReply({ acknowledged: true });
}

function execute(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["policy_id"] ?? "";
  const { snapshotPolicies } = cluster.objects;
  const entry = snapshotPolicies.get(id);
  if (entry === undefined) throw illegalArgument(`no such snapshot lifecycle policy [${id}]`);
  const { policy } = entry;
  const repositoryName = textOf(policy["repository"]);
  const repository = cluster.snapshots.repositories.get(repositoryName);
  if (repository === undefined) throw repositoryMissing(repositoryName);
  const suffix = cluster.identifiers.uuid().toLowerCase();
  const name = `${resolveDateMath(cluster, textOf(policy["name"])).toLowerCase()}-${suffix}`;
  const config = isObject(policy["config"]) ? policy["config"] : {};
  const given = isObject(config["metadata"]) ? config["metadata"] : {};
  takeSnapshot(cluster, repository, name, { ...config, metadata: { ...given, policy: id } });
  const time = cluster.entropy.nowMs();
  snapshotPolicies.set(id, {
    ...entry,
    taken: entry.taken + 1,
    lastSuccess: { snapshot_name: name, start_time: time, time },
  });
  return jsonReply({ snapshot_name: name });
}

function status(): EsReply {
  return jsonReply({ operation_mode: "STOPPED" });
}

function stop(): EsReply {
  return jsonReply({ acknowledged: true });
}

function start(): EsReply {
  throw notSupported("snapshot lifecycle management that runs");
}
