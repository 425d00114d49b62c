/** `_query/async`: queries whose results can be fetched later. They are done at once. */
import { notSupported } from "../es-error.ts";
import type { QueryResult } from "../esql/plan/query.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { textOf } from "../json/json-value.ts";
import type { EsReply, EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { KeptResult } from "../store/stored-objects.ts";
import { parseDuration } from "../values/duration.ts";
import { resultReply, runRequest } from "./esql.ts";
import { forget, keep, keepAliveOf, namedResult } from "./kept-results.ts";

/** `_query/async`. */
export const esqlAsyncRoutes: readonly Route[] = [
  ...routesOf("esql.async_query", "required", ["POST /_query/async"], submit),
  ...routesOf("esql.async_query_get", "none", ["GET /_query/async/{id}"], get),
  ...routesOf("esql.async_query_stop", "none", ["POST /_query/async/{id}/stop"], stop),
  ...routesOf("esql.async_query_delete", "none", ["DELETE /_query/async/{id}"], remove),
];

const members = ["wait_for_completion_timeout", "keep_on_completion", "keep_alive"];

/** A result that was asked to be kept. */
class KeptQuery implements KeptResult {
  readonly result: QueryResult;
  readonly owner: string | undefined;

  constructor(result: QueryResult, owner: string | undefined) {
    this.result = result;
    this.owner = owner;
  }

  get expiresMs(): number {
    return this.result.expiresMs;
  }

  get cells(): number {
    const { rows, columns } = this.result.table;
    return rows.length * columns.length;
  }
}

function submit(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const { wait_for_completion_timeout: wait, keep_alive: alive } = body;
  // A query has ended before anything is waited for.
  if (wait !== undefined) parseDuration(textOf(wait), "wait_for_completion_timeout");
  const keepMs = alive === undefined ? undefined : parseDuration(textOf(alive), "keep_alive");
  const { keep_on_completion: isKept = false } = body;
  if (typeof isKept !== "boolean")
    throw notSupported(`[keep_on_completion: ${textOf(isKept)}] in an ES|QL request`);
  const ran = runRequest(request, cluster, members);
  const result = keepMs === undefined ? ran : { ...ran, expiresMs: ran.startedMs + keepMs };
  if (!isKept) return render(request, cluster, undefined, result);
  const id = keep(cluster, new KeptQuery(result, cluster.access?.owner));
  return render(request, cluster, id, result);
}

function render(
  request: EsRequest,
  cluster: Cluster,
  id: string | undefined,
  result: QueryResult,
): EsReply {
  const own = id === undefined ? "" : `"id":${JSON.stringify(id)},`;
  const reply = resultReply(request, cluster, result, `${own}"is_running":false,`);
  if (id === undefined) return reply;
  return { ...reply, headers: [...(reply.headers ?? []), "X-Elasticsearch-Async-Id", id] };
}

function find(request: EsRequest, cluster: Cluster): readonly [id: string, result: QueryResult] {
  // What is wrong with a request is told before what is missing.
  request.query.flag("drop_null_columns", false);
  const [id, { result }] = namedResult(request, cluster, KeptQuery);
  return [id, result];
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const keepMs = keepAliveOf(request);
  const [id, found] = find(request, cluster);
  if (keepMs === undefined) return render(request, cluster, id, found);
  const result = { ...found, expiresMs: cluster.entropy.nowMs() + keepMs };
  cluster.objects.keptResults.set(id, new KeptQuery(result, cluster.access?.owner));
  return render(request, cluster, id, result);
}

/** What has ended is not stopped, and answered as it is. */
function stop(request: EsRequest, cluster: Cluster): EsReply {
  const [id, result] = find(request, cluster);
  return render(request, cluster, id, result);
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const [id] = find(request, cluster);
  return forget(cluster, id);
}
