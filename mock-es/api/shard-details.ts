/** What the real server tells of the shards of indices: segments, copies on disk, recoveries. */
import { illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { humanBytes, humanTime } from "../rest/human-units.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { type Files, filesOfShard } from "../store/shard-files.ts";
import { metadataOptions } from "./indices.ts";
import { nodeHost, nodeIdentity } from "./node-selection.ts";

/** `_segments`, `_shard_stores` and `_recovery`. */
export const shardDetailRoutes: readonly Route[] = [
  ...routesOf("indices.segments", "none", ["GET /_segments", "GET /{index}/_segments"], segments),
  ...routesOf(
    "indices.shard_stores",
    "none",
    ["GET /_shard_stores", "GET /{index}/_shard_stores"],
    shardStores,
  ),
  ...routesOf("indices.recovery", "none", ["GET /_recovery", "GET /{index}/_recovery"], recovery),
];

/** The documents of a shard are one segment. */
function segments(request: EsRequest, cluster: Cluster): EsReply {
  const options = readIndexOptions(request.query, searchIndexOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(indices, "metadata_read");
  let total = 0;
  let successful = 0;
  for (const { settings } of indices) {
    total += settings.shards * (1 + settings.replicas);
    successful += settings.shards;
  }
  return jsonReply({
    _shards: { total, successful, failed: 0 },
    indices: byName(indices, (index) => ({
      shards: byNumber(index, (shard) => [segmentsOf(cluster, index, shard)]),
    })),
  });
}

function segmentsOf(cluster: Cluster, index: IndexState, number: number): Record<string, unknown> {
  const count = index.shards[number]?.documentCount ?? 0;
  const segment = {
    generation: 0,
    num_docs: count,
    deleted_docs: 0,
    size_in_bytes: Math.round(index.sourceBytes / index.shards.length),
    committed: false,
    search: true,
    version: cluster.profile.luceneVersion,
    compound: true,
    attributes: { "Lucene90StoredFieldsFormat.mode": "BEST_SPEED" },
  };
  return {
    routing: { state: "STARTED", primary: true, node: cluster.nodeId },
    num_committed_segments: 0,
    num_search_segments: count > 0 ? 1 : 0,
    segments: count > 0 ? { _0: segment } : {},
  };
}

const statuses = ["green", "yellow", "red", "all"];

/** Without `status`, only shards that have not all of their copies are told of. */
function shardStores(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const wanted = query.list("status") ?? ["yellow", "red"];
  for (const status of wanted) {
    if (!statuses.includes(status.toLowerCase()))
      throw illegalArgument(`unknown cluster health status [${status}]`);
  }
  const isWanted = (status: string): boolean => wanted.includes("all") || wanted.includes(status);
  const options = readIndexOptions(query, metadataOptions);
  const all = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(all, "metadata_read");
  const indices = all.filter(({ settings }) =>
    isWanted(settings.replicas > 0 ? "yellow" : "green"),
  );
  const [node] = cluster.nodes;
  const { host: _host, ip: _ip, ...identity } = nodeIdentity(node, cluster);
  const version = Number(cluster.profile.indexVersion);
  return jsonReply({
    indices: byName(indices, (index) => ({
      shards: byNumber(index, (shard) => ({
        stores: [
          {
            [node.id]: {
              ...identity,
              external_id: node.name,
              min_index_version: 8_000_099,
              max_index_version: version,
            },
            allocation_id: allocationId(index, shard),
            allocation: "primary",
          },
        ],
      })),
    })),
  });
}

/** An id of the copy of a shard. */
export function allocationId(index: IndexState, shard: number): string {
  return `${index.uuid.slice(0, 18)}${String(shard).padStart(4, "0")}`;
}

/** Every shard was made in an instant, when its index was. */
function recovery(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const options = readIndexOptions(query, metadataOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  checkBlocks(indices, "metadata_read");
  if (query.flag("active_only", false)) return jsonReply({});
  const isHuman = query.flag("human", false);
  const isDetailed = query.flag("detailed", false);
  return jsonReply(
    byName(indices, (index) => ({
      shards: index.shards.map((_shard, id) => recoveryOf(cluster, index, id, isHuman, isDetailed)),
    })),
  );
}

/** Where the documents of the shards of an index come from. */
export function recoveryType(index: IndexState): string {
  if (index.isClosed) return "existing_store";
  if (index.restoredFrom !== undefined) return "snapshot";
  return index.resizedFrom === undefined ? "empty_store" : "local_shards";
}

const none: Files = { count: 0, bytes: 0 };

function sourceOf(cluster: Cluster, { restoredFrom, uuid }: IndexState): Record<string, unknown> {
  if (restoredFrom === undefined) return {};
  const { repository, snapshot, index } = restoredFrom;
  const { indexVersionText: version } = cluster.profile;
  return { repository, snapshot, version, index, restoreUUID: uuid };
}

function recoveryOf(
  cluster: Cluster,
  index: IndexState,
  id: number,
  isHuman: boolean,
  isDetailed: boolean,
): Record<string, unknown> {
  const [node] = cluster.nodes;
  const time = (name: string, value: number): Record<string, unknown> => ({
    ...(isHuman ? { [name]: humanTime(value) } : {}),
    [`${name}_in_millis`]: value,
  });
  const throttled = (name: string): Record<string, unknown> => ({
    ...(isHuman ? { [name]: "-1" } : {}),
    [`${name}_in_millis`]: 0,
  });
  const shard = index.shards[id];
  const restored =
    index.restoredFrom === undefined || shard === undefined ? none : filesOfShard(shard);
  const size = (name: string, bytes = 0): Record<string, unknown> => ({
    ...(isHuman ? { [name]: humanBytes(bytes) } : {}),
    [`${name}_in_bytes`]: bytes,
  });
  const moment = (name: string): Record<string, unknown> => ({
    ...(isHuman ? { [name]: new Date(index.createdMs).toISOString() } : {}),
    [`${name}_in_millis`]: index.createdMs,
  });
  const percent = index.isClosed || restored.count > 0 ? "100.0%" : "0.0%";
  return {
    id,
    type: recoveryType(index).toUpperCase(),
    stage: "DONE",
    primary: true,
    ...moment("start_time"),
    ...moment("stop_time"),
    ...time("total_time", 0),
    source: sourceOf(cluster, index),
    target: {
      id: node.id,
      host: nodeHost(node),
      transport_address: `${nodeHost(node)}:9300`,
      ip: nodeHost(node),
      name: node.name,
    },
    index: {
      size: {
        ...size("total", restored.bytes),
        ...size("reused"),
        ...size("recovered", restored.bytes),
        ...size("recovered_from_snapshot"),
        percent,
      },
      files: {
        total: restored.count,
        reused: 0,
        recovered: restored.count,
        percent,
        ...(isDetailed ? { details: [] } : {}),
      },
      ...time("total_time", 0),
      ...throttled("source_throttle_time"),
      ...throttled("target_throttle_time"),
    },
    translog: {
      recovered: 0,
      total: 0,
      percent: "100.0%",
      total_on_start: 0,
      ...time("total_time", 0),
    },
    verify_index: { ...time("check_index_time", 0), ...time("total_time", 0) },
  };
}

function byName(
  indices: readonly IndexState[],
  describe: (index: IndexState) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(indices.map((index) => [index.name, describe(index)]));
}

function byNumber(
  index: IndexState,
  describe: (shard: number) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(index.shards.map((_shard, number) => [number, describe(number)]));
}
