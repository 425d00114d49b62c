/** `_sql/async`: results of SQL that were asked to be kept. They are there at once. */
import { EsError, notSupported } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { KeptResult } from "../store/stored-objects.ts";
import { parseDuration } from "../values/duration.ts";
import { delimiterOf, formOf } from "./esql.ts";
import { endedStatus, findKept, keep } from "./kept-results.ts";
import { page } from "./sql-page.ts";
import type { SqlPage } from "./sql-cursors.ts";

/** `_sql/async`. */
export const sqlAsyncRoutes: readonly Route[] = [
  ...routesOf("sql.get_async", "none", ["GET /_sql/async/{id}"], get),
  ...routesOf("sql.get_async_status", "none", ["GET /_sql/async/status/{id}"], status),
  ...routesOf("sql.delete_async", "none", ["DELETE /_sql/async/delete/{id}"], remove),
];

/** How long a result is kept when nothing is said, as in the server. */
const usualKeepAlive = "5d";

/** A result that was asked to be kept, with the settings of its pages. */
class KeptSql implements KeptResult {
  readonly first: SqlPage;
  readonly body: JsonObject;
  readonly owner: string | undefined;
  readonly startedMs: number;
  readonly expiresMs: number;

  constructor(
    first: SqlPage,
    body: JsonObject,
    owner: string | undefined,
    times: { readonly startedMs: number; readonly expiresMs: number },
  ) {
    this.first = first;
    this.body = body;
    this.owner = owner;
    this.startedMs = times.startedMs;
    this.expiresMs = times.expiresMs;
  }

  get cells(): number {
    const { rows, columns } = this.first.table;
    return rows.length * columns.length;
  }
}

/**
 * Keeps a result where a request wants that.
 *
 * @returns its id; `undefined`: it is not kept
 * @throws {EsError} 400 for settings that are none, 429 where too much is kept
 */
export function keepResult(cluster: Cluster, body: JsonObject, first: SqlPage): string | undefined {
  const {
    wait_for_completion_timeout: wait,
    keep_on_completion: isKept = false,
    keep_alive: alive,
  } = body;
  // A query has ended before anything is waited for.
  if (wait !== undefined) parseDuration(textOf(wait), "wait_for_completion_timeout");
  const keepMs = parseDuration(textOf(alive ?? usualKeepAlive), "keep_alive");
  if (typeof isKept !== "boolean")
    throw notSupported(`[keep_on_completion: ${textOf(isKept)}] in an SQL request`);
  if (!isKept) return undefined;
  const startedMs = cluster.entropy.nowMs();
  const times = { startedMs, expiresMs: startedMs + keepMs };
  return keep(cluster, new KeptSql(first, body, cluster.access?.owner, times));
}

function find(request: EsRequest, cluster: Cluster): readonly [id: string, result: KeptSql] {
  const id = request.pathParameters["id"] ?? "";
  const found = findKept(cluster, id);
  if (!(found instanceof KeptSql)) throw new EsError(404, "resource_not_found_exception", id);
  return [id, found];
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const wait = query.text("wait_for_completion_timeout");
  if (wait !== undefined) parseDuration(wait, "wait_for_completion_timeout");
  const alive = query.text("keep_alive");
  // What is wrong with a request is told before what is missing.
  delimiterOf(request, formOf(request), "/_sql");
  const [id, kept] = find(request, cluster);
  if (alive !== undefined) {
    const expiresMs = cluster.entropy.nowMs() + parseDuration(alive, "keep_alive");
    const { first, body, owner, startedMs } = kept;
    const longer = new KeptSql(first, body, owner, { startedMs, expiresMs });
    cluster.objects.keptResults.set(id, longer);
  }
  return page(request, cluster, kept.body, kept.first, { savedId: id });
}

function status(request: EsRequest, cluster: Cluster): EsReply {
  return endedStatus(...find(request, cluster));
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const [id] = find(request, cluster);
  cluster.objects.keptResults.delete(id);
  return jsonReply({ acknowledged: true });
}
