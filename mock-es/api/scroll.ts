/** Scrolls: a search whose hits are taken page by page. */
import { type JsonObject, tokenOf } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { wholeNumber } from "../search/search-body.ts";
import { actionDenied } from "../security/denial.ts";
import type { Cluster } from "../store/cluster.ts";
import type { ScrollPages } from "../store/search-contexts.ts";
import { defaultLimits } from "../search/fields/document.ts";
import { parseDuration } from "../values/duration.ts";
import { parseKeepAlive, shardKeepAlive } from "./keep-alive.ts";
import { contextMissing, isContextId } from "./point-in-time.ts";
import {
  renderHitList,
  renderScore,
  renderSearch,
  renderShards,
  renderTotal,
} from "./search-answer.ts";
import { searchAll } from "./search-run.ts";
import type { RunOptions } from "./search-run-options.ts";
import type { SearchScope } from "./search-scope.ts";
import { slicedScope } from "./slice.ts";

/** Paging through a scroll, and closing it. */
export const scrollRoutes: readonly Route[] = [
  ...routesOf(
    "scroll",
    "optional",
    ["GET,POST /_search/scroll", "GET,POST /_search/scroll/{scroll_id}"],
    nextPage,
  ),
  ...routesOf(
    "clear_scroll",
    "optional",
    ["DELETE /_search/scroll", "DELETE /_search/scroll/{scroll_id}"],
    clear,
  ),
];

/**
 * The first page of a search with `scroll`. All hits are found now, so that later writes cannot
 * change what follows.
 *
 * @throws {EsError} for what a scroll cannot do
 */
export function openScroll(
  request: EsRequest,
  cluster: Cluster,
  body: JsonObject,
  whole: SearchScope,
  options: RunOptions,
): EsReply {
  const size = checkScroll(body, options);
  const first = whole.shards[0]?.index ?? "_all";
  const keepAlive = request.query.text("scroll") ?? "";
  const keepAliveMs = shardKeepAlive(cluster, keepAlive, "scroll", first, "query");
  const window = Math.min(
    defaultLimits.maxResultWindow,
    ...whole.shards.map((shard) => shard.limits?.maxResultWindow ?? Infinity),
  );
  if (size > window) throw tooLarge(size, window, first);
  const scope = slicedScope(whole, body, "scroll");
  const { slice: _slice, ...rest } = body;
  const found = searchAll(cluster, scope, rest, options);
  const totalAsNumber = request.query.flag("rest_total_hits_as_int", false);
  const pages: ScrollPages = {
    page: found.page,
    next: size,
    size,
    total: found.total,
    maxScore: found.maxScore,
    shards: scope.shards.length,
  };
  const snapshots = scope.shards.map(({ state, shard, filters }) => {
    return { index: state, shard, documents: [], filters };
  });
  const held = found.total?.value ?? 0;
  const context = cluster.contexts.open("scroll", snapshots, keepAliveMs, held, pages);
  return jsonTextReply(
    renderSearch(cluster, { ...found, hits: found.page(0, size) }, scope, {
      tookMs: Math.round(performance.now() - request.startedMs),
      totalAsNumber,
      prefix: `"_scroll_id":${JSON.stringify(context.id)},`,
    }),
  );
}

/**
 * Checks what begins a scroll.
 *
 * @returns how many hits a page has
 * @throws {EsError} 400
 */
export function checkScroll(body: JsonObject, { isCached }: RunOptions): number {
  const size = body["size"] === undefined ? 10 : wholeNumber("size", body["size"]);
  if (size < 0) throw illegalArgument(`[size] parameter cannot be negative, found [${size}]`);
  const { from = 0, rescore, search_after: after, track_total_hits: tracked = true } = body;
  const reset = "parameter must be set to 0 when [search_after] is used";
  const problems = [
    tracked !== true && "disabling [track_total_hits] is not allowed in a scroll context",
    from !== 0 && "using [from] is not allowed in a scroll context",
    size === 0 && "[size] cannot be [0] in a scroll context",
    rescore !== undefined &&
      !(Array.isArray(rescore) && rescore.length === 0) &&
      "using [rescore] is not allowed in a scroll context",
    after !== undefined && "[search_after] cannot be used in a scroll context",
    body["collapse"] !== undefined && "cannot use `collapse` in a scroll context",
    isCached === true && "[request_cache] cannot be used in a scroll context",
    body["pit"] !== undefined && "using [point in time] is not allowed in a scroll context",
    after !== undefined && from !== 0 && `[from] ${reset}`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw validationFailed(...problems);
  return size;
}

function tooLarge(size: number, window: number, index: string): EsError {
  const cause = {
    type: "illegal_argument_exception",
    reason: `Batch size is too large, size must be less than or equal to: [${window}] but was [${size}]. Scroll batch sizes cost as much memory as result windows so they are controlled by the [index.max_result_window] index level setting.`,
  };
  return new EsError(400, "search_phase_execution_exception", "all shards failed", {
    root_cause: [cause],
    phase: "query",
    grouped: true,
    failed_shards: [{ shard: 0, index, node: "", reason: cause }],
    caused_by: { ...cause, caused_by: cause },
  });
}

function nextPage(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body);
  refuseUnknown(body, ["scroll_id", "scroll"]);
  // The body wins over the path and the query string.
  const given =
    body?.["scroll_id"] ?? request.pathParameters["scroll_id"] ?? request.query.text("scroll_id");
  if (typeof given !== "string" || given === "") throw validationFailed("scrollId is missing");
  const keepAlive = body?.["scroll"] ?? request.query.text("scroll");
  if (typeof keepAlive === "string") parseDuration(keepAlive, "scroll");
  checkScrolling(cluster, given);
  const pages = cluster.contexts.find(given, "scroll")?.pages;
  if (pages === undefined) throw contextMissing(cluster, given);
  const isAsked = typeof keepAlive === "string";
  const keepAliveMs = isAsked
    ? prolongedBy(cluster, keepAlive, given)
    : parseDuration(
        cluster.setting("search.default_keep_alive") ?? "5m",
        "search.default_keep_alive",
      );
  cluster.contexts.find(given, "scroll", keepAliveMs);
  const hits = pages.page(pages.next, pages.next + pages.size);
  pages.next += pages.size;
  // Who does not say how long to wait for the next page is told no id. A scroll of one shard ends
  // with that, one of several goes on.
  if (!isAsked && pages.shards === 1) cluster.contexts.close(given, "scroll");
  const id = isAsked ? `"_scroll_id":${JSON.stringify(given)},` : "";
  const total = renderTotal(pages.total, request.query.flag("rest_total_hits_as_int", false));
  const list = renderHitList(hits, total, renderScore(pages.maxScore));
  const took = Math.round(performance.now() - request.startedMs);
  const shards = renderShards(cluster, pages.shards, { failures: [], failedShards: 0 });
  return jsonTextReply(
    `{${id}"took":${took},"timed_out":false,"_shards":${shards},"hits":${list}}`,
  );
}

/** A scroll that shall live for too long is closed. @throws {EsError} 400 */
function prolongedBy(cluster: Cluster, keepAlive: string, id: string): number {
  try {
    return parseKeepAlive(cluster, keepAlive, "scroll");
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    cluster.contexts.close(id, "scroll");
    const cause = error.toCause();
    throw new EsError(400, "search_phase_execution_exception", "all shards failed", {
      root_cause: [cause],
      phase: "query",
      grouped: true,
      failed_shards: [{ shard: -1, index: null, reason: cause }],
      caused_by: cause,
    });
  }
}

/**
 * What is to be read is asked of a server that knows its users.
 *
 * @throws {EsError} 403, also for what cannot be read
 */
function checkScrolling(cluster: Cluster, id: string): void {
  const caller = cluster.access?.caller;
  if (caller === undefined) return;
  const action = "indices:data/read/scroll";
  const isReadable = isContextId(id);
  if (isReadable && caller.permission.allowsSomeIndex(action)) return;
  const denial = actionDenied(caller, action);
  if (isReadable) throw denial;
  const cause = contextMissing(cluster, id).toCause();
  throw new EsError(denial.status, denial.type, denial.reason, { caused_by: cause });
}

function clear(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body);
  refuseUnknown(body, ["scroll_id"]);
  const given =
    body?.["scroll_id"] ?? request.pathParameters["scroll_id"] ?? request.query.text("scroll_id");
  const ids = Array.isArray(given)
    ? given.map(String)
    : typeof given === "string"
      ? given.split(",")
      : [];
  if (ids.length === 0) throw validationFailed("no scroll ids specified");
  cluster.beginAction();
  const unread = ids.filter((id) => id !== "_all").map((id) => contextMissing(cluster, id));
  const unreadable = unread.find(({ type }) => type === "illegal_argument_exception");
  if (unreadable !== undefined) throw unreadable;
  let freed = 0;
  if (ids.includes("_all"))
    cluster.access?.requireCluster("cluster:admin/indices/scroll/clear_all");
  if (ids.includes("_all")) freed = cluster.contexts.closeAll("scroll");
  else {
    for (const id of ids) if (!isContextId(id)) throw contextMissing(cluster, id);
    // Every shard holds a part of a scroll.
    for (const id of ids) {
      const closed = cluster.contexts.close(id, "scroll");
      if (closed !== undefined) freed += Math.max(1, closed.snapshots.length);
    }
  }
  const value: estypes.ClearScrollResponse = { succeeded: true, num_freed: freed };
  return jsonReply(value, freed > 0 || ids.includes("_all") ? 200 : 404);
}

function refuseUnknown(body: JsonObject | undefined, known: readonly string[]): void {
  for (const [name, value] of Object.entries(body ?? {})) {
    if (!known.includes(name))
      throw illegalArgument(
        `Unknown parameter [${name}] in request body or parameter is of the wrong type[${tokenOf(value)}] `,
      );
  }
}
