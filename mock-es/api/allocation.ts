/** Where shards are and why: `_cluster/reroute`, `_cluster/allocation/explain`, voting. */
import {
  EsError,
  illegalArgument,
  notSupported,
  validationFailed,
  xContentParseException,
} from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { parseShape, type Shape } from "../json/object-parser.ts";
import { jsonReply, textReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexState } from "../store/index-state.ts";
import { nodeHost, rolesOf } from "./node-selection.ts";
import { allocationId } from "./shard-details.ts";
import { checkTimeouts } from "./write-parameters.ts";

/** Requests about where shards are. */
export const allocationRoutes: readonly Route[] = [
  ...routesOf("cluster.reroute", "optional", ["POST /_cluster/reroute"], reroute),
  ...routesOf(
    "cluster.allocation_explain",
    "optional",
    ["GET,POST /_cluster/allocation/explain"],
    explain,
  ),
  ...routesOf(
    "cluster.post_voting_config_exclusions",
    "none",
    ["POST /_cluster/voting_config_exclusions"],
    exclude,
  ),
  ...routesOf(
    "cluster.delete_voting_config_exclusions",
    "none",
    ["DELETE /_cluster/voting_config_exclusions"],
    clearExclusions,
  ),
  ...routesOf("cluster.remote_info", "none", ["GET /_remote/info"], () => jsonReply({})),
];

/** One node has all shards: there is nothing to move, and commands cannot be carried out. */
function reroute(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  checkTimeouts(query);
  const metric = query.text("metric");
  if (metric !== undefined && metric !== "none") throw notSupported(`[metric=${metric}]`);
  query.flag("dry_run", false);
  query.flag("retry_failed", false);
  const body = parseObjectBody(request.body);
  const commands = body?.["commands"] === undefined ? [] : body["commands"];
  if (isObject(commands)) throw notSupported("[commands] as an object");
  if (body !== undefined && !Array.isArray(commands)) {
    const reason = `[cluster_reroute] commands doesn't support values of type: ${tokenOf(commands)}`;
    throw xContentParseException(reason).at(body, "commands");
  }
  cluster.beginAction();
  const explanations = [commands].flat().map((command) => explainCommand(cluster, command));
  const [refused] = explanations;
  const explains = query.flag("explain", false);
  if (refused !== undefined && !explains) throw illegalArgument(refused.explanation);
  return jsonReply({
    acknowledged: true,
    ...(explains ? { explanations: explanations.map(({ shown }) => shown) } : {}),
  });
}

interface Explanation {
  readonly explanation: string;
  readonly shown: Record<string, unknown>;
}

function explainCommand(cluster: Cluster, command: unknown): Explanation {
  const [kind = "", definition] = isObject(command) ? (Object.entries(command)[0] ?? []) : [];
  if (kind !== "cancel" || !isObject(definition))
    throw notSupported(`the command [${kind}] of [_cluster/reroute]`);
  const { index: name, shard, node: wanted } = definition;
  const node = requireNode(cluster, wanted);
  const index = indexOf(cluster, textOf(name));
  if (index.shards[Number(shard)] !== undefined)
    throw notSupported("[cancel] of a shard that is allocated");
  const described = `{${node.name}}{${node.id}}`;
  const explanation = `can't cancel ${textOf(shard)}, failed to find it on node ${described}`;
  const parameters = { index: name, shard, node: wanted, allow_primary: false };
  return {
    explanation: `[cancel_allocation] ${explanation}`,
    shown: {
      command: "cancel",
      parameters,
      decisions: [{ decider: "cancel_allocation_command", decision: "NO", explanation }],
    },
  };
}

/** A node by its id or name. @throws {EsError} 400 where there is none */
function requireNode(cluster: Cluster, wanted: unknown): Cluster["nodes"][number] {
  const node = cluster.nodes.find(({ id, name }) => id === wanted || name === wanted);
  if (node !== undefined) return node;
  throw illegalArgument(`failed to resolve [${textOf(wanted)}], no matching nodes`);
}

function indexOf(cluster: Cluster, name: string): IndexState {
  const index = cluster.indices.get(name);
  if (index !== undefined) return index;
  throw new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    index_uuid: "_na_",
    index: name,
  });
}

const note =
  "No shard was specified in the explain API request, so this response explains a randomly chosen unassigned shard. There may be other unassigned shards in this cluster which cannot be assigned for different reasons. It may not be possible to assign this shard until one of the other shards is assigned correctly. To explain the allocation of other shards (whether assigned or unassigned) you must specify the target shard in the request to this API. See https://www.elastic.co/docs/api/doc/elasticsearch/v9/operation/operation-cluster-allocation-explain?version=9.5 for more information.";

const explainShape: Shape<JsonObject> = {
  name: "cluster/allocation/explain",
  members: {
    index: { kind: "string" },
    shard: { kind: "int" },
    primary: { kind: "boolean" },
    current_node: { kind: "string" },
  },
  build: (values) => values,
};

function explain(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const body = parseShape(explainShape, parseObjectBody(request.body) ?? {});
  const disk = query.flag("include_disk_info", false)
    ? {
        cluster_info: {
          nodes: {},
          shard_sizes: {},
          shard_data_set_sizes: {},
          shard_paths: {},
          reserved_sizes: [],
        },
      }
    : {};
  query.flag("include_yes_decisions", false);
  const name = body["index"] ?? query.text("index");
  const number = body["shard"] ?? query.integer("shard");
  const primary = body["primary"] ?? (query.has("primary") ? query.flag("primary", false) : null);
  checkComplete(name, number, primary);
  if (name === undefined) {
    const waiting = [...cluster.indices.values()]
      .filter(({ settings }) => settings.replicas > 0)
      .sort((one, other) => (one.name < other.name ? -1 : 1))[0];
    if (waiting === undefined)
      throw illegalArgument(
        "There are no unassigned shards in this cluster. Specify an assigned shard in the request body to explain its allocation. See https://www.elastic.co/docs/api/doc/elasticsearch/v9/operation/operation-cluster-allocation-explain?version=9.5 for more information.",
      );
    return jsonReply({ note, ...explainReplica(cluster, waiting, 0, disk) });
  }
  const index = indexOf(cluster, textOf(name));
  const shard = Number(number);
  const isPrimary = textOf(primary) === "true";
  if (index.shards[shard] === undefined)
    throw new EsError(404, "shard_not_found_exception", "no such shard", {
      index_uuid: index.uuid,
      shard: String(shard),
      index: index.name,
    });
  const { current_node: wanted } = body;
  if (wanted !== undefined) requireNode(cluster, wanted);
  if (wanted !== undefined && !isPrimary) throw notSupported("[current_node] of a replica");
  if (isPrimary) return jsonReply(explainPrimary(cluster, index, shard, disk));
  if (index.settings.replicas === 0)
    throw illegalArgument(`unable to find any replica shards to explain [${index.name}][${shard}]`);
  return jsonReply(explainReplica(cluster, index, shard, disk));
}

/** @throws {EsError} 400 for a shard that is named in part */
function checkComplete(name: unknown, shard: unknown, primary: unknown): void {
  const parts = Object.entries({ index: name, shard, primary });
  const missing = parts.filter(([, value]) => value === undefined || value === null);
  if (missing.length === 0 || missing.length === parts.length) return;
  throw validationFailed(...missing.map(([part]) => `${part} must be specified`));
}

function explainPrimary(
  cluster: Cluster,
  index: IndexState,
  shard: number,
  disk: Record<string, unknown>,
): Record<string, unknown> {
  const [node] = cluster.nodes;
  const isWhole = index.settings.replicas === 0;
  const why = isWhole
    ? {
        can_rebalance_cluster: "yes",
        can_rebalance_to_other_node: "no",
        rebalance_explanation:
          "This shard is in a well-balanced location and satisfies all allocation rules so it will remain on this node. Elasticsearch cannot improve the cluster balance by moving it to another node. If you expect this shard to be rebalanced to another node, find the other node in the node-by-node explanation and address the reasons which prevent Elasticsearch from rebalancing this shard there.",
      }
    : {
        can_rebalance_cluster: "no",
        can_rebalance_cluster_decisions: [
          {
            decider: "rebalance_only_when_active",
            decision: "NO",
            explanation: "rebalancing is not allowed until all copies of this shard are active",
          },
        ],
        can_rebalance_to_other_node: "no",
        rebalance_explanation:
          "Elasticsearch is not allowed to allocate or rebalance this shard to another node. If you expect this shard to be rebalanced to another node, find this node in the node-by-node explanation and address the reasons which prevent Elasticsearch from rebalancing this shard there.",
      };
  return {
    index: index.name,
    shard,
    primary: true,
    current_state: "started",
    current_node: {
      id: node.id,
      name: node.name,
      transport_address: `${nodeHost(node)}:9300`,
      attributes: node.attributes,
      roles: rolesOf(node),
      weight_ranking: 1,
    },
    ...disk,
    can_remain_on_current_node: "yes",
    ...why,
  };
}

/** Copies have no second node to live on. */
function explainReplica(
  cluster: Cluster,
  index: IndexState,
  shard: number,
  disk: Record<string, unknown>,
): Record<string, unknown> {
  const [node] = cluster.nodes;
  const place = `[[${index.name}][${shard}], node[${node.id}], [P], s[STARTED], a[id=${allocationId(index, shard)}], failed_attempts[0]]`;
  return {
    index: index.name,
    shard,
    primary: false,
    current_state: "unassigned",
    unassigned_info: {
      reason: "INDEX_CREATED",
      at: new Date(index.createdMs).toISOString(),
      last_allocation_status: "no_attempt",
    },
    ...disk,
    can_allocate: "no",
    allocate_explanation:
      "Elasticsearch isn't allowed to allocate this shard to any of the nodes in the cluster. Choose a node to which you expect this shard to be allocated, find this node in the node-by-node explanation, and address the reasons which prevent Elasticsearch from allocating this shard there.",
    node_allocation_decisions: [
      {
        node_id: node.id,
        node_name: node.name,
        transport_address: `${nodeHost(node)}:9300`,
        node_attributes: node.attributes,
        roles: rolesOf(node),
        node_decision: "no",
        weight_ranking: 1,
        deciders: [
          {
            decider: "same_shard",
            decision: "NO",
            explanation: `a copy of this shard is already allocated to this node ${place}`,
          },
        ],
      },
    ],
  };
}

function exclude(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  checkTimeouts(query);
  const ids = query.list("node_ids") ?? [];
  const names = query.list("node_names") ?? [];
  if (ids.length > 0 === names.length > 0)
    throw illegalArgument("You must set [node_names] or [node_ids] but not both");
  const nodes = [...cluster.nodes];
  const isThere = [...ids, ...names].some((given) =>
    nodes.some(({ id, name }) => id === given || name === given),
  );
  if (isThere) throw notSupported("the exclusion of a node that is part of the cluster");
  for (const id of ids) cluster.votingExclusions.push({ node_id: id, node_name: "_absent_" });
  for (const name of names) cluster.votingExclusions.push({ node_id: "_absent_", node_name: name });
  return textReply("");
}

function clearExclusions(request: EsRequest, cluster: Cluster): EsReply {
  request.query.flag("wait_for_removal", true);
  cluster.votingExclusions.length = 0;
  return textReply("");
}
