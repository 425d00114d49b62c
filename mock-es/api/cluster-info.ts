/** `_info`: what all nodes count together, `_nodes/usage`, and the reloading of their secrets. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { namesIn } from "../store/index-expression.ts";
import { refuseUnknownMetrics } from "./index-metrics.ts";
import { matchingNodes, nodesEnvelope } from "./node-selection.ts";
import { httpStats, nodeSection } from "./nodes-stats.ts";

/** `_info`, `_nodes/usage` and `_nodes/reload_secure_settings`. */
export const clusterInfoRoutes: readonly Route[] = [
  ...routesOf("cluster.info", "none", ["GET /_info/{target}"], info),
  ...routesOf(
    "nodes.usage",
    "none",
    [
      "GET /_nodes/usage",
      "GET /_nodes/{node_id}/usage",
      "GET /_nodes/usage/{metric}",
      "GET /_nodes/{node_id}/usage/{metric}",
    ],
    usage,
  ),
  ...routesOf(
    "nodes.reload_secure_settings",
    "optional",
    ["POST /_nodes/reload_secure_settings", "POST /_nodes/{node_id}/reload_secure_settings"],
    reload,
  ),
];

const targets: readonly string[] = ["http", "ingest", "script", "thread_pool"];

function info(request: EsRequest, cluster: Cluster): EsReply {
  const { path, pathParameters } = request;
  const { target = "" } = pathParameters;
  const names = namesIn(target);
  const isEvery = names.includes("_all");
  if (isEvery && names.length > 1)
    throw illegalArgument(`request [${path}] contains _all and individual target [${target}]`);
  if (!isEvery) refuseUnknownMetrics(path, names, targets, "target");
  const has = (name: string): boolean => isEvery || names.includes(name);
  const [node] = cluster.nodes;
  const found: Record<string, unknown> = { cluster_name: cluster.profile.clusterName };
  if (has("http")) {
    const all = cluster.nodes.map(httpStats);
    found["http"] = {
      current_open: all.reduce((sum, one) => sum + one.current_open, 0),
      total_opened: all.reduce((sum, one) => sum + one.total_opened, 0),
      clients: all.flatMap(({ clients }) => clients),
    };
  }
  for (const name of ["ingest", "script", "thread_pool"])
    if (has(name) && node !== undefined) Object.assign(found, nodeSection(name, node, cluster));
  return jsonReply(found);
}

/** Which handlers and aggregations were used is not counted. */
function usage(request: EsRequest, cluster: Cluster): EsReply {
  const { path, pathParameters } = request;
  const { node_id: nodeId, metric = "_all" } = pathParameters;
  const names = namesIn(metric);
  const isEvery = names.includes("_all");
  if (isEvery && names.length > 1)
    throw illegalArgument(`request [${path}] contains _all and individual metrics [${metric}]`);
  const nodes = matchingNodes(request, cluster, nodeId);
  return jsonReply(
    nodesEnvelope(cluster, nodes, () => ({
      timestamp: cluster.entropy.nowMs(),
      since: cluster.startedMs,
      ...(isEvery || names.includes("rest_actions") ? { rest_actions: {} } : {}),
      ...(isEvery || names.includes("aggregations") ? { aggregations: {} } : {}),
    })),
  );
}

/** Nothing here is secret: the keystore has no password and no settings. */
function reload(request: EsRequest, cluster: Cluster): EsReply {
  const password = parseObjectBody(request.body)?.["secure_settings_password"];
  if (password !== undefined && password !== "") throw notSupported("[secure_settings_password]");
  const nodes = matchingNodes(request, cluster, request.pathParameters["node_id"]);
  return jsonReply(nodesEnvelope(cluster, nodes, ({ name }) => ({ name })));
}
