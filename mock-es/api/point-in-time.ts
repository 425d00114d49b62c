/** Points in time: searches that go on seeing what was there when they were opened. */
import { isDeepStrictEqual } from "node:util";
import { actionDenied } from "../security/denial.ts";
import { refuseViews } from "../store/index-view.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed, xContentParseException } from "../es-error.ts";
import { checkAtLeast } from "../rest/least-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { IndexOptions } from "../store/index-options.ts";
import { namesIn, resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import type { SearchContext } from "../store/search-contexts.ts";
import { parseDuration } from "../values/duration.ts";
import { mayPass } from "./can-match.ts";
import { shardKeepAlive } from "./keep-alive.ts";
import {
  readShardChoice,
  scopeOf,
  scopeShard,
  type SearchScope,
  type ShardChoice,
} from "./search-scope.ts";

/** Opening and closing points in time. */
export const pointInTimeRoutes: readonly Route[] = [
  ...routesOf("open_point_in_time", "optional", ["POST /{index}/_pit", "POST /_pit"], open),
  ...routesOf("close_point_in_time", "required", ["DELETE /_pit"], close),
];

function open(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  checkAtLeast(query, "max_concurrent_shard_requests", "maxConcurrentShardRequests", 1);
  const keepAlive = query.text("keep_alive");
  if (keepAlive !== undefined) parseDuration(keepAlive, "keep_alive");
  const body = readBody(request);
  const expression = request.pathParameters["index"];
  const missing = [
    ...(namesIn(expression ?? "").length > 0 ? [] : ["[index] is not specified"]),
    ...(keepAlive === undefined ? ["[keep_alive] is not specified"] : []),
  ];
  if (keepAlive === undefined || missing.length > 0) throw validationFailed(...missing);
  const options = readIndexOptions(query, searchIndexOptions);
  const targets = resolveTargets(cluster, expression, options);
  const filter = body["index_filter"];
  refuseViews(
    cluster,
    targets.map(({ index }) => index),
    "points in time",
  );
  const scope = scopeOf(cluster, targets, readShardChoice(query));
  const shards = scope.shards.filter(({ state }) => mayPass(cluster, state, filter));
  const snapshots = shards.map(({ state, shard, filters }) => {
    return { index: state, shard, documents: state.shards[shard]?.snapshot() ?? [], filters };
  });
  const held = snapshots.reduce((sum, { documents }) => sum + documents.length, 0);
  const first = shards[0]?.index ?? "_all";
  const keepAliveMs = shardKeepAlive(cluster, keepAlive, "keep_alive", first, "open_pit");
  const context = cluster.contexts.open("pit", snapshots, keepAliveMs, held);
  const value: estypes.OpenPointInTimeResponse = {
    id: context.id,
    _shards: {
      total: scope.shards.length,
      successful: scope.shards.length,
      skipped: scope.shards.length - shards.length,
      failed: 0,
    },
  };
  return jsonReply(value);
}

/** @throws {EsError} 400 for other members than a filter */
function readBody(request: EsRequest): JsonObject {
  const body = parseObjectBody(request.body) ?? {};
  for (const [key, value] of Object.entries(body)) {
    if (key !== "index_filter")
      throw xContentParseException(`[open_point_in_time_request] unknown field [${key}]`).at(
        body,
        key,
        "key",
      );
    if (!isObject(value))
      throw xContentParseException(
        `[open_point_in_time_request] index_filter doesn't support values of type: ${tokenOf(value)}`,
      ).at(body, key);
  }
  return body;
}

function close(request: EsRequest, cluster: Cluster): EsReply {
  const id = parseObjectBody(request.body)?.["id"];
  if (typeof id !== "string" || id === "")
    throw illegalArgument("search context id is is not provided");
  cluster.beginAction();
  if (!isContextId(id)) throw illegalArgument("Cannot parse scroll id");
  const closed = cluster.contexts.close(id, "pit");
  const value: estypes.ClosePointInTimeResponse = {
    succeeded: closed !== undefined,
    num_freed: closed?.snapshots.length ?? 0,
  };
  return jsonReply(value, closed === undefined ? 404 : 200);
}

/** What a search says beside its body. */
interface BesidePit {
  readonly isScroll: boolean;
  readonly expression: string | undefined;
  readonly options: IndexOptions;
  readonly choice: ShardChoice;
}

/**
 * Refuses what a search may not say beside a point in time, which has it from its opening.
 *
 * @throws {EsError} 400
 */
export function refuseWithPit({ isScroll, expression, options, choice }: BesidePit): void {
  const tail = "cannot be used with point in time";
  const problems = [
    isScroll && "using [point in time] is not allowed in a scroll context",
    namesIn(expression ?? "").length > 0 &&
      `[indices] ${tail}. Do not specify any index with point in time.`,
    !isDeepStrictEqual(options, searchIndexOptions) && `[indicesOptions] ${tail}`,
    choice.routing !== undefined && `[routing] ${tail}`,
    choice.preference !== undefined && `[preference] ${tail}`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw validationFailed(...problems);
}

/**
 * The documents of an open point in time, which the member `pit` of a search body names.
 *
 * @throws {EsError} 404 when it is gone
 */
export function pitScope(
  cluster: Cluster,
  body: JsonObject,
): { readonly scope: SearchScope; readonly id: string } {
  const { id, keepAlive } = readPit(body);
  checkReading(cluster, id);
  const context = cluster.contexts.find(id, "pit");
  if (context === undefined) throw contextMissing(cluster, id);
  const indices = context.snapshots.map(({ index }) => index);
  refuseViews(cluster, indices, "points in time");
  if (keepAlive !== undefined) {
    const index = context.snapshots[0]?.index.name ?? "_all";
    const keepAliveMs = shardKeepAlive(cluster, keepAlive, "keep_alive", index, "query");
    cluster.contexts.find(id, "pit", keepAliveMs);
  }
  return { scope: snapshotScope(cluster, context), id };
}

/**
 * A point in time is of indices, whatever they were named by when it was opened.
 *
 * @throws {EsError} 403, which names none of them, when they are not granted
 */
function checkReading(cluster: Cluster, id: string): void {
  const { access } = cluster;
  const shards = readContextId(id)?.[3];
  if (access?.action === undefined || shards === undefined) return;
  const { caller, action } = access;
  const names = namesIn(shards).map((shard) => shard.slice(0, shard.lastIndexOf("/")));
  const isGranted =
    names.length === 0
      ? caller.permission.allowsSomeIndex(action)
      : names.every((name) => access.allows(name));
  if (!isGranted) throw actionDenied(caller, action);
}

/** The member `pit` of a search body. @throws {EsError} 400 */
function readPit(body: JsonObject): { readonly id: string; readonly keepAlive?: string } {
  const { pit } = body;
  if (!isObject(pit)) {
    const reason = `Unknown key for a ${tokenOf(pit)} in [pit].`;
    throw new EsError(400, "parsing_exception", reason).at(body, "pit");
  }
  for (const [name, value] of Object.entries(pit)) {
    if (name !== "id" && name !== "keep_alive")
      throw xContentParseException(`[pit] unknown field [${name}]`).at(pit, name, "key");
    if (typeof value !== "string") {
      const reason = `[pit] ${name} doesn't support values of type: ${tokenOf(value)}`;
      throw xContentParseException(reason).at(pit, name);
    }
  }
  const { id, keep_alive: keepAlive } = pit as { id?: string; keep_alive?: string };
  if (keepAlive !== undefined) {
    try {
      parseDuration(keepAlive, "keep_alive");
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      const reason = "[pit] failed to parse field [keep_alive]";
      throw xContentParseException(reason).at(pit, "keep_alive").around(error);
    }
  }
  if (id === undefined) throw illegalArgument("point in time id is not provided");
  return { id, ...(keepAlive === undefined ? {} : { keepAlive }) };
}

/** A search over what a context holds. */
function snapshotScope(cluster: Cluster, context: SearchContext): SearchScope {
  const indices = [...new Set(context.snapshots.map((snapshot) => snapshot.index))];
  const shards = context.snapshots.map(({ index, shard, documents, filters }) =>
    scopeShard(cluster, index, shard, documents, filters),
  );
  return { indices, shards };
}

/**
 * A search body with the tiebreaker that the server adds to every sorted search over a point in
 * time: the place of the document. A `search_after` that was made without it stays valid.
 */
export function withTiebreaker(body: JsonObject): JsonObject {
  const { sort, search_after: after } = body;
  if (sort === undefined) return body;
  const keys: unknown[] = Array.isArray(sort) ? sort : [sort];
  const last = keys.at(-1);
  if (last === undefined || namesShardDoc(last)) return body;
  if (Array.isArray(after) && after.length <= keys.length) return body;
  return { ...body, sort: [...keys, "_shard_doc"] };
}

function namesShardDoc(key: unknown): boolean {
  return key === "_shard_doc" || (isObject(key) && Object.hasOwn(key, "_shard_doc"));
}

/** True for an id that a scroll or point in time may have had. */
export function isContextId(id: string): boolean {
  return readContextId(id) !== null;
}

function readContextId(id: string): RegExpExecArray | null {
  return /^(scroll|pit):(\d+):\w+:x+:(.*)$/s.exec(Buffer.from(id, "base64").toString());
}

/**
 * 404 for a scroll or point in time that is not open any more; 400 for an id that none ever had.
 */
export function contextMissing(cluster: Cluster, id: string): EsError {
  const known = readContextId(id);
  if (known === null) return illegalArgument("Cannot parse scroll id");
  const [, kind, first, shards = ""] = known;
  const failed = shards.split(",").map((place, at) => {
    const [index, shard] = place.split("/");
    const reason = {
      type: "search_context_missing_exception",
      reason: `No search context found for id [[${cluster.nodeId}][${Number(first) + at}] searcherId [null]]`,
    };
    return kind === "scroll"
      ? { shard: -1, index: null, reason }
      : { shard: Number(shard), index, node: cluster.nodeId, reason };
  });
  return new EsError(404, "search_phase_execution_exception", "all shards failed", {
    root_cause: failed.map(({ reason }) => reason),
    phase: "query",
    grouped: true,
    failed_shards: failed,
    ...(kind === "scroll" ? { caused_by: failed[0]?.reason } : {}),
  });
}
