import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { nestSettings } from "../store/index-settings.ts";
import { routingShards } from "../store/routing.ts";
import type { IndexState } from "../store/index-state.ts";
import { resolveIndices } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { metadataOptions } from "./indices.ts";
import { nodeIdentity } from "./node-selection.ts";

/** `_cluster/state` with its metrics. */
export const clusterStateRoutes: readonly Route[] = routesOf(
  "cluster.state",
  "none",
  ["GET /_cluster/state", "GET /_cluster/state/{metric}", "GET /_cluster/state/{metric}/{index}"],
  state,
);

function state(request: EsRequest, cluster: Cluster): EsReply {
  const { metric = "_all", index: expression } = request.pathParameters;
  const names = metric.split(",");
  const has = (name: string): boolean => names.includes("_all") || names.includes(name);
  // Without a pattern every index is there, closed and hidden ones too.
  const isWhole = expression === undefined || expression === "_all";
  const options = { ignoreUnavailable: true, expandClosed: isWhole, expandHidden: isWhole };
  const indices = resolveIndices(
    cluster,
    expression,
    readIndexOptions(request.query, { ...metadataOptions, ...options }),
  );
  return jsonReply({
    cluster_name: cluster.profile.clusterName,
    cluster_uuid: cluster.uuid,
    ...(has("version")
      ? { version: cluster.stateVersion, state_uuid: `${cluster.nodeId}-${cluster.stateVersion}` }
      : {}),
    ...(has("master_node") ? { master_node: cluster.nodeId } : {}),
    ...(has("blocks") ? { blocks: blocksOf(indices) } : {}),
    ...(has("nodes") ? { nodes: nodesOf(cluster) } : {}),
    ...(has("metadata") ? { metadata: metadataOf(cluster, indices) } : {}),
    ...(has("routing_table") ? { routing_table: { indices: routingTable(cluster, indices) } } : {}),
    ...(has("routing_nodes") ? { routing_nodes: routingNodes(cluster, indices) } : {}),
  });
}

function nodesOf(cluster: Cluster): Record<string, unknown> {
  return Object.fromEntries(cluster.nodes.map((node) => [node.id, nodeIdentity(node, cluster)]));
}

function blocksOf(indices: readonly IndexState[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const { name, isClosed, settings } of indices) {
    const blocks: Record<string, unknown> = {};
    if (isClosed)
      blocks["4"] = { description: "index closed", retryable: false, levels: ["read", "write"] };
    for (const { id, description, levels } of settings.blocks)
      blocks[String(id)] = { description, retryable: false, levels };
    if (Object.keys(blocks).length > 0) found[name] = blocks;
  }
  return Object.keys(found).length === 0 ? {} : { indices: found };
}

function metadataOf(cluster: Cluster, indices: readonly IndexState[]): Record<string, unknown> {
  return {
    cluster_uuid: cluster.uuid,
    cluster_uuid_committed: true,
    cluster_coordination: {
      term: 1,
      last_committed_config: [cluster.nodeId],
      last_accepted_config: [cluster.nodeId],
      voting_config_exclusions: cluster.votingExclusions,
    },
    templates: Object.fromEntries(cluster.templates.legacy),
    indices: Object.fromEntries(
      indices.map((index) => [
        index.name,
        {
          version: 1,
          routing_num_shards: routingShards(index.settings),
          state: index.isClosed ? "close" : "open",
          settings: nestSettings(index.settings.shown()),
          mappings: { _doc: index.mappings.render() },
          aliases: [...index.aliases.keys()],
          primary_terms: Object.fromEntries(
            Array.from({ length: index.settings.shards }, (_unused, at) => [String(at), 1]),
          ),
        },
      ]),
    ),
    index_template: { index_template: Object.fromEntries(cluster.templates.index) },
    component_template: { component_template: Object.fromEntries(cluster.templates.component) },
  };
}

interface ShardRow {
  readonly state: string;
  readonly primary: boolean;
  readonly node: string | null;
  readonly relocating_node: null;
  readonly shard: number;
  readonly index: string;
}

function shardsOf(cluster: Cluster, index: IndexState, shard: number): ShardRow[] {
  const primary: ShardRow = {
    state: "STARTED",
    primary: true,
    node: cluster.nodeId,
    relocating_node: null,
    shard,
    index: index.name,
  };
  const replicas = Array.from({ length: index.settings.replicas }, (): ShardRow => ({
    ...primary,
    state: "UNASSIGNED",
    primary: false,
    node: null,
  }));
  return [primary, ...replicas];
}

function routingTable(cluster: Cluster, indices: readonly IndexState[]): Record<string, unknown> {
  return Object.fromEntries(
    indices.map((index) => [
      index.name,
      {
        shards: Object.fromEntries(
          Array.from({ length: index.settings.shards }, (_unused, shard) => [
            String(shard),
            shardsOf(cluster, index, shard),
          ]),
        ),
      },
    ]),
  );
}

function routingNodes(cluster: Cluster, indices: readonly IndexState[]): Record<string, unknown> {
  const rows = indices.flatMap((index) =>
    Array.from({ length: index.settings.shards }, (_unused, shard) =>
      shardsOf(cluster, index, shard),
    ).flat(),
  );
  return {
    unassigned: rows.filter((row) => row.node === null),
    nodes: { [cluster.nodeId]: rows.filter((row) => row.node !== null) },
  };
}
