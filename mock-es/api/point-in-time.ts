/** Points in time: searches that go on seeing what was there when they were opened. */
import { refuseViews } from "../store/index-view.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { compileQuery } from "../search/queries/query.ts";
import type { SearchContext } from "../store/search-contexts.ts";
import { parseKeepAlive } from "./keep-alive.ts";
import {
  readShardChoice,
  scopeOf,
  type ScopeShard,
  scopeShard,
  type SearchScope,
} from "./search-scope.ts";

/** Opening and closing points in time. */
export const pointInTimeRoutes: readonly Route[] = [
  ...routesOf("open_point_in_time", "optional", ["POST /{index}/_pit"], open),
  ...routesOf("close_point_in_time", "required", ["DELETE /_pit"], close),
];

function open(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const keepAlive = query.text("keep_alive");
  if (keepAlive === undefined) throw validationFailed("[keep_alive] is not specified");
  const options = readIndexOptions(query, searchIndexOptions);
  const targets = resolveTargets(cluster, request.pathParameters["index"], options);
  const body = parseObjectBody(request.body) ?? {};
  const filter = body["index_filter"];
  refuseViews(
    cluster,
    targets.map(({ index }) => index),
    "points in time",
  );
  const scope = scopeOf(cluster, targets, readShardChoice(query));
  const shards = scope.shards.filter(
    (shard) => filter === undefined || canMatch(cluster, shard, filter),
  );
  const snapshots = shards.map(({ state, shard, filters }) => {
    return { index: state, shard, documents: state.shards[shard]?.snapshot() ?? [], filters };
  });
  const held = snapshots.reduce((sum, { documents }) => sum + documents.length, 0);
  const keepAliveMs = parseKeepAlive(cluster, keepAlive, "keep_alive");
  const context = cluster.contexts.open("pit", snapshots, keepAliveMs, held);
  const value: estypes.OpenPointInTimeResponse = {
    id: context.id,
    _shards: { total: shards.length, successful: shards.length, skipped: 0, failed: 0 },
  };
  return jsonReply(value);
}

/** False for a shard in which no document fits a filter. */
function canMatch(cluster: Cluster, shard: ScopeShard, filter: unknown): boolean {
  const { index, mappings, documents } = shard;
  const score = compileQuery(filter, mappings, { index, nowMs: cluster.entropy.nowMs() });
  for (const document of documents) if (score(document) >= 0) return true;
  return false;
}

function close(request: EsRequest, cluster: Cluster): EsReply {
  const id = parseObjectBody(request.body)?.["id"];
  if (typeof id !== "string" || id === "")
    throw illegalArgument("search context id is is not provided");
  if (!isContextId(id)) throw illegalArgument("Cannot parse scroll id");
  const shards = cluster.contexts.find(id, "pit")?.snapshots.length ?? 1;
  const wasOpen = cluster.contexts.close(id, "pit");
  const value: estypes.ClosePointInTimeResponse = {
    succeeded: wasOpen,
    num_freed: wasOpen ? Math.max(1, shards) : 0,
  };
  return jsonReply(value, wasOpen ? 200 : 404);
}

/**
 * The documents of an open point in time, from the member `pit` of a search body.
 *
 * @throws {EsError} 404 when it is gone
 */
export function pitScope(
  cluster: Cluster,
  pit: unknown,
): { readonly scope: SearchScope; readonly id: string } {
  if (!isObject(pit) || typeof pit["id"] !== "string") {
    throw new EsError(400, "parsing_exception", "point int time id is not provided", {
      line: 1,
      col: 1,
    });
  }
  const { id, keep_alive: keepAlive } = pit;
  const keepAliveMs =
    typeof keepAlive === "string" ? parseKeepAlive(cluster, keepAlive, "keep_alive") : undefined;
  const context = cluster.contexts.find(id, "pit", keepAliveMs);
  if (context === undefined) throw contextMissing(cluster, id);
  return { scope: snapshotScope(cluster, context), id };
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
  return /^(scroll|pit):(\d+):/.exec(Buffer.from(id, "base64").toString("latin1"));
}

/**
 * 404 for a scroll or point in time that is not open any more; 400 for an id that none ever had.
 */
export function contextMissing(cluster: Cluster, id: string): EsError {
  const known = readContextId(id);
  if (known === null) return illegalArgument("Cannot parse scroll id");
  const cause = {
    type: "search_context_missing_exception",
    reason: `No search context found for id [[${cluster.nodeId}][${known[2] ?? ""}] searcherId [null]]`,
  };
  return new EsError(404, "search_phase_execution_exception", "all shards failed", {
    root_cause: [cause],
    phase: "query",
    grouped: true,
    failed_shards: [{ shard: -1, index: null, reason: cause }],
    ...(known[1] === "scroll" ? { caused_by: cause } : {}),
  });
}
