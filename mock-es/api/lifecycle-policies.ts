/** Lifecycle policies of indices: stored and shown. Nothing grows old in this mock. */
import { EsError, illegalArgument } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/** `_ilm/policy`. */
export const lifecyclePolicyRoutes: readonly Route[] = [
  ...routesOf("ilm.put_lifecycle", "required", ["PUT /_ilm/policy/{policy}"], put),
  ...routesOf("ilm.get_lifecycle", "none", ["GET /_ilm/policy", "GET /_ilm/policy/{policy}"], get),
  ...routesOf("ilm.delete_lifecycle", "none", ["DELETE /_ilm/policy/{policy}"], remove),
];

/** Phases in the order in which an index goes through them, and what may be done in each. */
const phases: Readonly<Record<string, readonly string[]>> = {
  hot: "set_priority unfollow rollover readonly downsample shrink forcemerge searchable_snapshot".split(
    " ",
  ),
  warm: "set_priority unfollow readonly downsample allocate migrate shrink forcemerge".split(" "),
  cold: "set_priority unfollow readonly downsample searchable_snapshot allocate migrate freeze".split(
    " ",
  ),
  frozen: ["unfollow", "searchable_snapshot"],
  delete: ["wait_for_snapshot", "delete"],
};

function put(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["policy"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  const policy = body["policy"];
  if (!isObject(policy)) throw illegalArgument("Required [policy]");
  const policies = cluster.objects.lifecyclePolicies;
  const version = (policies.get(name)?.version ?? 0) + 1;
  const nowMs = cluster.entropy.nowMs();
  policies.set(name, { version, modifiedMs: nowMs, policy: completed(policy) });
  return jsonReply({ acknowledged: true });
}

/** The policy as it is shown: phases in their order, each with an age. */
function completed(policy: JsonObject): JsonObject {
  const given = isObject(policy["phases"]) ? policy["phases"] : {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(phases, name))
      throw illegalArgument(`Timeseries lifecycle does not support phase [${name}]`);
  }
  const shown: Record<string, unknown> = {};
  for (const [name, allowed] of Object.entries(phases)) {
    const phase = given[name];
    if (!isObject(phase)) continue;
    const actions = isObject(phase["actions"]) ? phase["actions"] : {};
    for (const action of Object.keys(actions)) {
      if (!allowed.includes(action))
        throw illegalArgument(`invalid action [${action}] defined in phase [${name}]`);
    }
    shown[name] = {
      min_age: textOf(phase["min_age"] ?? "0ms"),
      actions: completedActions(actions),
    };
  }
  const { _meta, deprecated } = policy;
  return {
    phases: shown,
    ...(_meta === undefined ? {} : { _meta }),
    ...(deprecated === undefined ? {} : { deprecated }),
  };
}

function completedActions(actions: JsonObject): JsonObject {
  const { delete: deletion } = actions;
  if (!isObject(deletion)) return actions;
  return { ...actions, delete: { delete_searchable_snapshot: true, ...deletion } };
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const policies = cluster.objects.lifecyclePolicies;
  const given = request.pathParameters["policy"];
  const patterns = (given ?? "*").split(",").map(simplePattern);
  const found = [...policies].filter(([name]) => patterns.some((pattern) => pattern.test(name)));
  if (given !== undefined && !given.includes("*") && found.length === 0) throw missing(given);
  const shown = found.map(([name, { version, modifiedMs, policy }]): [string, unknown] => [
    name,
    {
      version,
      modified_date: new Date(modifiedMs).toISOString(),
      policy,
      in_use_by: { ...usersOf(cluster, name), data_streams: [], composable_templates: [] },
    },
  ]);
  return jsonReply(Object.fromEntries(shown));
}

function usersOf(cluster: Cluster, name: string): { readonly indices: readonly string[] } {
  const indices = [...cluster.indices.values()].filter(
    (index) => index.settings.text("index.lifecycle.name") === name,
  );
  return { indices: indices.map((index) => index.name) };
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["policy"] ?? "";
  if (!cluster.objects.lifecyclePolicies.has(name)) throw missing(name);
  const { indices } = usersOf(cluster, name);
  if (indices.length > 0) {
    throw illegalArgument(
      `Cannot delete policy [${name}]. It is in use by one or more indices: [${indices.join(", ")}]`,
    );
  }
  cluster.objects.lifecyclePolicies.delete(name);
  return jsonReply({ acknowledged: true });
}

function missing(name: string): EsError {
  return new EsError(404, "resource_not_found_exception", `Lifecycle policy not found: ${name}`);
}
