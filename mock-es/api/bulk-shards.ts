/** Which actions of a bulk request go to the same shard. */
import type { Cluster } from "../store/cluster.ts";
import { openTarget } from "../store/write-target.ts";
import type { BulkAction } from "./bulk-body.ts";

/**
 * The names that actions give to the shard that each of them goes to. Where one of them is not
 * granted, all are denied: security is asked for the request to the shard.
 */
export function namesOfShards(
  cluster: Cluster,
  actions: readonly BulkAction[],
): ReadonlyMap<BulkAction, readonly string[]> {
  const names = new Map<string, Set<string>>();
  const shards = actions.map((action) => shardOf(cluster, action));
  for (const [at, shard] of shards.entries()) {
    const { index } = actions[at] ?? { index: "" };
    if (shard !== undefined) names.set(shard, (names.get(shard) ?? new Set()).add(index));
  }
  return new Map(
    actions.map((action, at) => [action, [...(names.get(shards[at] ?? "") ?? [action.index])]]),
  );
}

function shardOf(
  cluster: Cluster,
  { index: name, id, conditions }: BulkAction,
): string | undefined {
  const index = openTarget(cluster, name);
  if (index === undefined) return undefined;
  if (index.settings.shards === 1) return `${index.name}/0`;
  return id === undefined
    ? undefined
    : `${index.name}/${index.shardNumber(id, conditions.routing)}`;
}
