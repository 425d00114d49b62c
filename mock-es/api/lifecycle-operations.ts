/**
 * What lifecycle management does with indices: nothing here, as in a cluster where it is stopped.
 */
import { notSupported } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { humanTime } from "../rest/human-units.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { metadataOptions } from "./indices.ts";

/** `_ilm` but its policies. */
export const lifecycleOperationRoutes: readonly Route[] = [
  ...routesOf("ilm.explain_lifecycle", "none", ["GET /{index}/_ilm/explain"], explain),
  ...routesOf("ilm.get_status", "none", ["GET /_ilm/status"], status),
  ...routesOf("ilm.stop", "none", ["POST /_ilm/stop"], stop),
  ...routesOf("ilm.start", "none", ["POST /_ilm/start"], start),
  ...routesOf("ilm.remove_policy", "none", ["POST /{index}/_ilm/remove"], removePolicy),
];

function policyOf(index: IndexState): string | undefined {
  const name = index.settings.text("index.lifecycle.name");
  return name === "" ? undefined : name;
}

function resolve(request: EsRequest, cluster: Cluster): IndexState[] {
  const options = readIndexOptions(request.query, metadataOptions);
  return resolveIndices(cluster, request.pathParameters["index"], options);
}

function explain(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const onlyManaged = query.flag("only_managed", false);
  const onlyErrors = query.flag("only_errors", false);
  const { lifecyclePolicies } = cluster.objects;
  const found = resolve(request, cluster).filter((index) => {
    const policy = policyOf(index);
    // Without steps, a policy that is not there is the one thing that can be wrong.
    if (onlyErrors) return policy !== undefined && !lifecyclePolicies.has(policy);
    return policy !== undefined || !onlyManaged;
  });
  const isHuman = query.flag("human", false);
  const shown = found.map((index): [string, unknown] => [
    index.name,
    render(cluster, index, isHuman),
  ]);
  return jsonReply({ indices: Object.fromEntries(shown) });
}

function render(cluster: Cluster, index: IndexState, isHuman: boolean): object {
  const policy = policyOf(index);
  if (policy === undefined) return { index: index.name, managed: false };
  return {
    index: index.name,
    managed: true,
    policy,
    ...(isHuman ? { index_creation_date: new Date(index.createdMs).toISOString() } : {}),
    index_creation_date_millis: index.createdMs,
    time_since_index_creation: humanTime(cluster.entropy.nowMs() - index.createdMs),
    skip: index.settings.text("index.lifecycle.skip") === "true",
  };
}

function status(): EsReply {
  return jsonReply({ operation_mode: "STOPPED" });
}

function stop(): EsReply {
  return jsonReply({ acknowledged: true });
}

function start(): EsReply {
  throw notSupported("lifecycle management that runs");
}

function removePolicy(request: EsRequest, cluster: Cluster): EsReply {
  for (const { settings } of resolve(request, cluster)) {
    const keys = Array.from(settings.entries(), ([key]) => key);
    for (const key of keys) if (key.startsWith("index.lifecycle.")) settings.unset(key);
  }
  cluster.stateVersion++;
  return jsonReply({ has_failures: false, failed_indexes: [] });
}
