/**
 * `_tasks`: requests end before the next one begins, so that a list has itself only. Results of
 * those that nobody waited for are kept.
 */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { jsonReply, jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { readRequestsPerSecond } from "./by-query.ts";
import { matchingNodes, nodeHost, nodeIdentity } from "./node-selection.ts";

/** Listing, getting and cancelling tasks. */
export const taskRoutes: readonly Route[] = [
  ...routesOf("tasks.list", "none", ["GET /_tasks"], list),
  ...routesOf("tasks.get", "none", ["GET /_tasks/{task_id}"], get),
  ...routesOf(
    "tasks.cancel",
    "none",
    ["POST /_tasks/_cancel", "POST /_tasks/{task_id}/_cancel"],
    cancel,
  ),
  ...(["reindex", "update_by_query", "delete_by_query"] as const).flatMap((name) =>
    routesOf(`${name}_rethrottle`, "none", [`POST /_${name}/{task_id}/_rethrottle`], rethrottle),
  ),
];

/** A task that runs. */
export interface RunningTask {
  readonly node: string;
  readonly id: number;
  readonly type: "transport";
  readonly action: string;
  readonly description?: string;
  readonly start_time_in_millis: number;
  readonly running_time_in_nanos: number;
  readonly cancellable: boolean;
  readonly cancelled: boolean;
  readonly parent_task_id?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The request that asks, with its part on the node. */
export function runningTasks(
  request: EsRequest,
  cluster: Cluster,
  isDetailed: boolean,
): readonly RunningTask[] {
  const { node, startedMs, opaqueId } = request;
  const id = cluster.identifiers.taskNumber();
  const running = Math.max(1, Math.round((performance.now() - startedMs) * 1e6));
  const action = "cluster:monitor/tasks/lists";
  const whole: RunningTask = {
    node: node.id,
    id,
    type: "transport",
    action,
    ...(isDetailed ? { description: "" } : {}),
    start_time_in_millis: cluster.entropy.nowMs(),
    running_time_in_nanos: running,
    cancellable: true,
    cancelled: false,
    headers: opaqueId === undefined ? {} : { "X-Opaque-Id": opaqueId },
  };
  const part = { ...whole, id: cluster.identifiers.taskNumber(), action: `${action}[n]` };
  return [whole, { ...part, parent_task_id: `${node.id}:${id}` }];
}

/** The tasks that a request chooses by `actions`, `nodes` and `parent_task_id`. */
function chosenTasks(request: EsRequest, cluster: Cluster): readonly RunningTask[] {
  const { query } = request;
  const actions = query.list("actions")?.map(simplePattern);
  const nodes = new Set(matchingNodes(request, cluster, query.text("nodes")).map(({ id }) => id));
  const parent = query.text("parent_task_id");
  return runningTasks(request, cluster, query.flag("detailed", false)).filter(
    (task) =>
      nodes.has(task.node) &&
      (actions === undefined || actions.some((pattern) => pattern.test(task.action))) &&
      (parent === undefined || parent === task.parent_task_id),
  );
}

function list(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const grouping = query.text("group_by") ?? "nodes";
  query.flag("wait_for_completion", false);
  if (!["nodes", "none", "parents"].includes(grouping))
    throw illegalArgument(
      `[group_by] must be one of [nodes], [parents] or [none] but was [${grouping}]`,
    );
  const tasks = chosenTasks(request, cluster);
  if (grouping === "none") return jsonReply({ tasks });
  return jsonReply(
    grouping === "parents" ? { tasks: byParent(tasks) } : { nodes: byNode(cluster, tasks) },
  );
}

function byParent(tasks: readonly RunningTask[]): Record<string, unknown> {
  const key = ({ node, id }: RunningTask): string => `${node}:${id}`;
  const ids = new Set(tasks.map(key));
  const roots = tasks.filter(
    ({ parent_task_id: parent }) => parent === undefined || !ids.has(parent),
  );
  const childrenOf = (task: RunningTask): readonly RunningTask[] =>
    tasks.filter(({ parent_task_id: parent }) => parent === key(task));
  return Object.fromEntries(
    roots.map((task) => {
      const children = childrenOf(task);
      return [key(task), { ...task, ...(children.length > 0 ? { children } : {}) }];
    }),
  );
}

function byNode(cluster: Cluster, tasks: readonly RunningTask[]): Record<string, unknown> {
  const nodes = cluster.nodes.filter(({ id }) => tasks.some((task) => task.node === id));
  return Object.fromEntries(
    nodes.map((node) => {
      const { version: _version, ephemeral_id: _id, ...identity } = nodeIdentity(node, cluster);
      const own = tasks.filter((task) => task.node === node.id);
      const entries = own.map((task) => [`${task.node}:${task.id}`, task]);
      const ip = `${nodeHost(node)}:9300`;
      return [node.id, { ...identity, ip, tasks: Object.fromEntries(entries) as unknown }];
    }),
  );
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["task_id"] ?? "";
  const node = nodeOf(id);
  const results = cluster.objects.taskResults;
  const result = results.get(id);
  if (result !== undefined) return jsonTextReply(result);
  const noIndex = new EsError(404, "index_not_found_exception", "no such index [.tasks]", {
    "resource.type": "index_or_alias",
    "resource.id": ".tasks",
    index_uuid: "_na_",
    index: ".tasks",
  });
  const type = "resource_not_found_exception";
  const missing = `task [${id}] isn't running and hasn't stored its results`;
  // The server has an index for results as soon as there is one.
  const hasIndex = results.size > 0;
  const root = { root_cause: [hasIndex ? { type, reason: missing } : noIndex.toCause()] };
  const cause = hasIndex ? {} : { caused_by: noIndex.toCause() };
  if (cluster.nodes.some((known) => known.id === node))
    throw new EsError(404, type, missing, { ...root, ...cause });
  const reason = `task [${id}] belongs to the node [${node}] which isn't part of the cluster and there is no record of the task`;
  throw new EsError(404, type, reason, {
    ...root,
    caused_by: { type, reason: missing, ...cause },
  });
}

/** @throws {EsError} 400 for what is no id of a task */
function nodeOf(id: string): string {
  const found = /^([^:]+):(\d+)$/.exec(id);
  if (found === null) throw illegalArgument(`malformed task id ${id}`);
  return found[1] ?? "";
}

function cancel(request: EsRequest): EsReply {
  const id = request.pathParameters["task_id"];
  return id === undefined ? jsonReply({ nodes: {} }) : notRunning(id, "is not found");
}

/** Whoever has the number of a task finds that it has ended. */
function rethrottle(request: EsRequest): EsReply {
  const { query, pathParameters } = request;
  const id = pathParameters["task_id"] ?? "";
  const grouping = query.text("group_by") ?? "nodes";
  if (!query.has("requests_per_second"))
    throw illegalArgument("requests_per_second is a required parameter");
  readRequestsPerSecond(query);
  if (grouping !== "nodes") throw notSupported(`[group_by=${grouping}] of a rethrottle`);
  return notRunning(id, "is missing");
}

function notRunning(id: string, what: string): EsReply {
  const node = nodeOf(id);
  return jsonReply({
    node_failures: [
      {
        type: "failed_node_exception",
        reason: `Failed node [${node}]`,
        node_id: node,
        caused_by: {
          type: "resource_not_found_exception",
          reason: `task [${id}] ${what}`,
        },
      },
    ],
    nodes: {},
  });
}
