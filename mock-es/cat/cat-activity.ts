/** Cat endpoints about what a node does and holds in memory. */
import { runningTasks } from "../api/tasks.ts";
import { matchingNodes, nodeHost } from "../api/node-selection.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { bytes } from "./cat-cell.ts";
import { catColumns, catReply, type CatRow } from "./cat-table.ts";

/** Tasks, field data and circuit breakers. */
export const catActivityRoutes: readonly Route[] = [
  ...routesOf("cat.tasks", "none", ["GET /_cat/tasks"], tasks),
  ...routesOf(
    "cat.fielddata",
    "none",
    ["GET /_cat/fielddata", "GET /_cat/fielddata/{fields}"],
    fielddata,
  ),
  ...routesOf(
    "cat.circuit_breaker",
    "none",
    ["GET /_cat/circuit_breaker", "GET /_cat/circuit_breaker/{circuit_breaker_patterns}"],
    breakers,
  ),
];

const taskColumns = catColumns(`
id | - | id of the task with the node
action,ac | | task action
task_id,ti | | unique task id
parent_task_id,pti | | parent task id
type,ty | | task type
start_time,start | | start time in ms
timestamp,ts,hms,hhmmss | | start time in HH:MM:SS
running_time_ns,time | - | running time ns
running_time,time | | running time
node_id,ni | - | unique node id
ip,i | | ip address
port,po | - | bound transport port
node,n | | node name
version,v | - | es version
x_opaque_id,x | - | X-Opaque-ID header
`);
const descriptionColumn = catColumns("description,desc | | task action");

function tasks(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const isDetailed = query.flag("detailed", false);
  const actions = query.list("actions")?.map(simplePattern);
  const parent = query.text("parent_task_id");
  const nodes = new Set(matchingNodes(request, cluster, query.text("nodes")).map(({ id }) => id));
  const columns = isDetailed ? [...taskColumns, ...descriptionColumn] : taskColumns;
  return catReply(request, columns, () =>
    runningTasks(request, cluster, isDetailed)
      .filter(
        (task) =>
          nodes.has(task.node) &&
          (actions === undefined || actions.some((pattern) => pattern.test(task.action))) &&
          (parent === undefined || parent === task.parent_task_id),
      )
      .map((task): CatRow => [
        task.id,
        task.action,
        `${task.node}:${task.id}`,
        task.parent_task_id ?? "-",
        task.type,
        task.start_time_in_millis,
        new Date(task.start_time_in_millis).toISOString().slice(11, 19),
        task.running_time_in_nanos,
        spanText(task.running_time_in_nanos),
        task.node.slice(0, 4),
        nodeHost(request.node),
        9300,
        request.node.name,
        cluster.profile.version,
        task.headers["X-Opaque-Id"] ?? "-",
        task.description,
      ]),
  );
}

/** A short time as the server writes it: `34.5micros`. */
function spanText(nanos: number): string {
  if (nanos >= 1e6) return `${(nanos / 1e6).toFixed(1)}ms`;
  return nanos >= 1000 ? `${(nanos / 1000).toFixed(1)}micros` : `${nanos}nanos`;
}

const fielddataColumns = catColumns(`
id | | node id
host,h | | host name
ip | | ip address
node,n | | node name
field,f | | field name
size,s | | field data usage
`);

function fielddata(request: EsRequest, cluster: Cluster): EsReply {
  const given = request.pathParameters["fields"] ?? request.query.text("fields") ?? "*";
  const patterns = given.split(",").map(simplePattern);
  const [node] = cluster.nodes;
  return catReply(request, fielddataColumns, () => {
    const sizes = new Map<string, number>();
    for (const index of cluster.indices.values())
      for (const [field, size] of index.fielddata)
        if (patterns.some((pattern) => pattern.test(field)))
          sizes.set(field, (sizes.get(field) ?? 0) + size);
    return [...sizes].map(([field, size]): CatRow => [
      node.id,
      nodeHost(node),
      nodeHost(node),
      node.name,
      field,
      bytes(size),
    ]);
  });
}

const breakerColumns = catColumns(`
node_id,id | | persistent node id
node_name,nn | - | node name
breaker,br | | breaker name
limit,l | | limit size
limit_bytes,lb | - | limit size in bytes
estimated,e | | estimated size
estimated_bytes,eb | - | estimated size in bytes
tripped,t | | tripped count
overhead,o | - | overhead
`);

/** The mock is bounded by its own limits of documents and characters, not by breakers. */
function breakers(request: EsRequest, cluster: Cluster): EsReply {
  const given = request.pathParameters["circuit_breaker_patterns"] ?? "*";
  const patterns = given.split(",").map(simplePattern);
  const names = ["fielddata", "inflight_requests", "parent", "request"].filter((name) =>
    patterns.some((pattern) => pattern.test(name)),
  );
  return catReply(request, breakerColumns, () =>
    cluster.nodes.flatMap((node) =>
      names.map((name): CatRow => [node.id, node.name, name, "0b", 0, "0b", 0, 0, "1.0"]),
    ),
  );
}
