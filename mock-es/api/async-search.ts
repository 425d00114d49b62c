/** `_async_search`: searches whose results can be fetched later. They are done at once. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { jsonReply, jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import type { AsyncSearch } from "../store/stored-objects.ts";
import { parseDuration } from "../values/duration.ts";
import { searchOnce } from "./search.ts";

/** `_async_search`. */
export const asyncSearchRoutes: readonly Route[] = [
  ...routesOf(
    "async_search.submit",
    "optional",
    ["POST /_async_search", "POST /{index}/_async_search"],
    submit,
  ),
  ...routesOf("async_search.get", "none", ["GET /_async_search/{id}"], get),
  ...routesOf("async_search.status", "none", ["GET /_async_search/status/{id}"], status),
  ...routesOf("async_search.delete", "none", ["DELETE /_async_search/{id}"], remove),
];

/** How long a result is kept when nothing is said: five days, as in the real server. */
const usualKeepMs = 432_000_000;
/** Results that are kept at most, and characters of all of them together. */
const mostResults = 100;
const mostCharacters = 100_000_000;

function submit(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const wait = query.text("wait_for_completion_timeout");
  if (wait !== undefined) parseDuration(wait, "wait_for_completion_timeout");
  if (query.has("scroll")) throw illegalArgument("[scroll] queries are not supported");
  const startedMs = cluster.entropy.nowMs();
  const keepMs = keepOf(request) ?? usualKeepMs;
  const { json = "{}" } = searchOnce(request, cluster);
  const expiresMs = startedMs + keepMs;
  const owner = cluster.access?.owner;
  const result: AsyncSearch = { response: json, startedMs, expiresMs, owner };
  if (!query.flag("keep_on_completion", false)) return jsonTextReply(render(undefined, result));
  const searches = cluster.objects.asyncSearches;
  forgetOld(cluster);
  let characters = json.length;
  for (const { response } of searches.values()) characters += response.length;
  if (searches.size >= mostResults || characters > mostCharacters) {
    const reason = `more than ${mostResults} results of asynchronous searches, or ${mostCharacters} characters, are not kept by mock-es`;
    throw new EsError(429, "circuit_breaking_exception", reason);
  }
  const id = cluster.identifiers.documentId();
  searches.set(id, result);
  return jsonTextReply(render(id, result));
}

function keepOf({ query }: EsRequest): number | undefined {
  const text = query.text("keep_alive");
  return text === undefined ? undefined : parseDuration(text, "keep_alive");
}

function forgetOld(cluster: Cluster): void {
  const nowMs = cluster.entropy.nowMs();
  const searches = cluster.objects.asyncSearches;
  for (const [id, { expiresMs }] of searches) if (expiresMs <= nowMs) searches.delete(id);
}

/** What stands around the response: a result is always whole. */
function render(id: string | undefined, { response, startedMs, expiresMs }: AsyncSearch): string {
  const own = id === undefined ? "" : `"id":${JSON.stringify(id)},`;
  return `{${own}"is_partial":false,"is_running":false,"start_time_in_millis":${startedMs},"expiration_time_in_millis":${expiresMs},"completion_time_in_millis":${startedMs},"response":${response}}`;
}

function find(request: EsRequest, cluster: Cluster): readonly [id: string, AsyncSearch] {
  forgetOld(cluster);
  const id = request.pathParameters["id"] ?? "";
  const found = cluster.objects.asyncSearches.get(id);
  if (found === undefined || found.owner !== cluster.access?.owner)
    throw new EsError(404, "resource_not_found_exception", id);
  return [id, found];
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  // A result is whole and stays as it was made, whatever is waited for.
  const wait = query.text("wait_for_completion_timeout");
  if (wait !== undefined) parseDuration(wait, "wait_for_completion_timeout");
  query.flag("return_intermediate_results", false);
  if (query.flag("typed_keys", false)) throw notSupported("[typed_keys] of a result that is kept");
  const [id, result] = extended(request, cluster);
  return jsonTextReply(render(id, result));
}

/** A result, kept for as long as the request asks for. */
function extended(request: EsRequest, cluster: Cluster): readonly [id: string, AsyncSearch] {
  const keepMs = keepOf(request);
  const [id, found] = find(request, cluster);
  const result =
    keepMs === undefined ? found : { ...found, expiresMs: cluster.entropy.nowMs() + keepMs };
  cluster.objects.asyncSearches.set(id, result);
  return [id, result];
}

function status(request: EsRequest, cluster: Cluster): EsReply {
  const [id, { response, startedMs, expiresMs }] = extended(request, cluster);
  const counts = /"_shards":(\{"total":\d+,"successful":\d+,"skipped":\d+,"failed":\d+)/.exec(
    response,
  );
  return jsonTextReply(
    `{"id":${JSON.stringify(id)},"is_running":false,"is_partial":false,"start_time_in_millis":${startedMs},"expiration_time_in_millis":${expiresMs},"completion_time_in_millis":${startedMs},"_shards":${counts?.[1] ?? "{"}},"completion_status":200}`,
  );
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const [id] = find(request, cluster);
  cluster.objects.asyncSearches.delete(id);
  return jsonReply({ acknowledged: true });
}
