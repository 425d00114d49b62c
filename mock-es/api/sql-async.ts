/** `_sql/async`: results of SQL that were asked to be kept. They are there at once. */
import { notSupported } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { textOf } from "../json/json-value.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { KeptResult } from "../store/stored-objects.ts";
import { parseDuration } from "../values/duration.ts";
import { delimiterOf, formOf } from "./esql.ts";
import { endedStatus, forget, keep, keepAliveOf, namedResult } from "./kept-results.ts";
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

function get(request: EsRequest, cluster: Cluster): EsReply {
  const keepMs = keepAliveOf(request);
  // What is wrong with a request is told before what is missing.
  delimiterOf(request, formOf(request), "/_sql");
  const [id, kept] = namedResult(request, cluster, KeptSql);
  if (keepMs !== undefined) {
    const expiresMs = cluster.entropy.nowMs() + keepMs;
    const { first, body, owner, startedMs } = kept;
    const longer = new KeptSql(first, body, owner, { startedMs, expiresMs });
    cluster.objects.keptResults.set(id, longer);
  }
  return page(request, cluster, kept.body, kept.first, { savedId: id });
}

function status(request: EsRequest, cluster: Cluster): EsReply {
  return endedStatus(...namedResult(request, cluster, KeptSql));
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  return forget(cluster, namedResult(request, cluster, KeptSql)[0]);
}
