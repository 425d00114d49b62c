import type { Cluster } from "./cluster.ts";
import type { IndexState } from "./index-state.ts";

/**
 * Health of an index or cluster: replicas have no second node to live on, so every index that wants
 * one is yellow.
 */
export type HealthStatus = "green" | "yellow" | "red";

/** Shards that run and shards that wait for a node. */
export interface ShardCounts {
  readonly primaries: number;
  readonly unassigned: number;
}

/** Shards of some indices. */
export function countShards(indices: Iterable<IndexState>): ShardCounts {
  let primaries = 0;
  let unassigned = 0;
  for (const index of indices) {
    primaries += index.settings.shards;
    unassigned += index.settings.shards * index.settings.replicas;
  }
  return { primaries, unassigned };
}

/** Health of one index. */
export function healthOf(index: IndexState): HealthStatus {
  return index.settings.replicas > 0 ? "yellow" : "green";
}

/** Health of the cluster: that of its worst index. */
export function clusterHealth(cluster: Cluster): HealthStatus {
  for (const index of cluster.indices.values()) if (index.settings.replicas > 0) return "yellow";
  return "green";
}
