/** `_slm/_execute_retention`: removes the snapshots of policies that are too old or too many. */
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { Snapshot } from "../store/snapshots.ts";
import { tryDuration } from "../values/duration.ts";

/** `_slm/_execute_retention`. */
export const snapshotRetentionRoutes: readonly Route[] = routesOf(
  "slm.execute_retention",
  "none",
  ["POST /_slm/_execute_retention"],
  execute,
);

function execute(_request: EsRequest, cluster: Cluster): EsReply {
  const { snapshotPolicies } = cluster.objects;
  const nowMs = cluster.entropy.nowMs();
  for (const [id, entry] of snapshotPolicies) {
    const { retention, repository: name } = entry.policy;
    const repository = cluster.snapshots.repositories.get(textOf(name));
    if (!isObject(retention) || repository === undefined) continue;
    const own = [...repository.contents.snapshots.values()]
      .filter(({ metadata }) => metadata?.["policy"] === id)
      .sort((a, b) => a.startedMs - b.startedMs);
    const gone = expired(own, retention, nowMs);
    for (const snapshot of gone) cluster.snapshots.delete(repository.contents, snapshot);
    snapshotPolicies.set(id, { ...entry, deleted: (entry.deleted ?? 0) + gone.length });
  }
  return jsonReply({ acknowledged: true });
}

/**
 * The snapshots that a policy does not keep: those beyond the most, then those that are too old as
 * long as the fewest are left.
 *
 * @param own the oldest first
 */
function expired(own: readonly Snapshot[], retention: JsonObject, nowMs: number): Snapshot[] {
  const { expire_after: age, min_count: fewest, max_count: most } = retention;
  const tooMany = most === undefined ? 0 : Math.max(0, own.length - Number(most));
  const spare = fewest === undefined ? own.length : Math.max(0, own.length - Number(fewest));
  const maxAgeMs = age === undefined ? Infinity : (tryDuration(textOf(age)) ?? Infinity);
  return own.filter(
    ({ startedMs }, at) => at < tooMany || (at < spare && nowMs - startedMs > maxAgeMs),
  );
}
