/** Which nodes a request is about, and what every answer about nodes says of them. */
import type { EsRequest } from "../rest/es-request.ts";
import type { Cluster } from "../store/cluster.ts";
import type { ClusterNode } from "../store/cluster-node.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/** Roles of the node that holds the data, as `roles` lists them. */
const nodeRoles: readonly string[] =
  "data data_cold data_content data_frozen data_hot data_warm ingest master remote_cluster_client transform".split(
    " ",
  );

/** Roles of a node. */
export function rolesOf(node: ClusterNode): readonly string[] {
  return node.holdsData ? nodeRoles : [];
}

/** Address part of a node's HTTP listener. */
export function nodeHost({ httpAddress }: Pick<ClusterNode, "httpAddress">): string {
  return httpAddress.slice(0, httpAddress.lastIndexOf(":"));
}

/** What identifies the node in every answer about nodes. */
export function nodeIdentity(node: ClusterNode, { profile }: Cluster): Record<string, unknown> {
  return {
    name: node.name,
    ephemeral_id: node.id,
    transport_address: `${nodeHost(node)}:9300`,
    host: nodeHost(node),
    ip: nodeHost(node),
    version: profile.version,
    roles: rolesOf(node),
    attributes: node.attributes,
  };
}

/** What stands around the answers of nodes. */
export function nodesEnvelope(
  cluster: Cluster,
  nodes: readonly ClusterNode[],
  describe: (node: ClusterNode) => Record<string, unknown>,
): Record<string, unknown> {
  return {
    _nodes: { total: nodes.length, successful: nodes.length, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    nodes: Object.fromEntries(nodes.map((node) => [node.id, describe(node)])),
  };
}

/** The nodes that a list of names, ids, addresses, roles and attributes means; without one: all. */
export function matchingNodes(
  request: EsRequest,
  cluster: Cluster,
  filter: string | undefined,
): readonly ClusterNode[] {
  if (filter === undefined) return cluster.nodes;
  const names = filter.split(",");
  return cluster.nodes.filter((node) => names.some((name) => isMeant(node, name, request)));
}

function isMeant(node: ClusterNode, name: string, request: EsRequest): boolean {
  if (["_all", "*", node.id].includes(name)) return true;
  if (name === "_local") return node === request.node;
  if (name === "_master") return node.holdsData;
  const [kind = "", value] = name.split(":");
  if (value !== undefined) {
    const attribute = node.attributes[kind];
    if (attribute !== undefined) return simplePattern(value).test(attribute);
    return (node.holdsData && nodeRoles.includes(kind)) === (value === "true");
  }
  return simplePattern(name).test(node.name) || name === nodeHost(node);
}
