/** Results of queries that are kept between requests: for how long, for whom, and how many. */
import { EsError } from "../es-error.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import type { Cluster } from "../store/cluster.ts";
import type { KeptResult } from "../store/stored-objects.ts";
import { parseDuration } from "../values/duration.ts";

/** Results that are kept at most, and values of all of them together. */
const mostResults = 100;
const mostCells = 5_000_000;

/**
 * Keeps a result.
 *
 * @returns its id
 * @throws {EsError} 429 where too much is kept
 */
export function keep(cluster: Cluster, result: KeptResult): string {
  const results = forgetOld(cluster);
  let { cells } = result;
  for (const other of results.values()) cells += other.cells;
  if (results.size >= mostResults || cells > mostCells) {
    const reason = `more than ${mostResults} results of queries, or ${mostCells} values, are not kept by mock-es`;
    throw new EsError(429, "circuit_breaking_exception", reason);
  }
  const id = cluster.identifiers.documentId();
  results.set(id, result);
  return id;
}

/** What is kept by an id for the one who asks; `undefined` for nothing. */
export function findKept(cluster: Cluster, id: string): KeptResult | undefined {
  const found = forgetOld(cluster).get(id);
  return found?.owner === cluster.access?.owner ? found : undefined;
}

/**
 * What a request names by its id.
 *
 * @throws {EsError} 404 where it is of another kind, of somebody else, or not there
 */
export function namedResult<Kind extends KeptResult>(
  request: EsRequest,
  cluster: Cluster,
  kind: abstract new (...values: never[]) => Kind,
): readonly [id: string, result: Kind] {
  const id = request.pathParameters["id"] ?? "";
  const found = findKept(cluster, id);
  if (!(found instanceof kind)) throw new EsError(404, "resource_not_found_exception", id);
  return [id, found];
}

/**
 * Milliseconds for which a request wants a result to be kept from now on; `undefined`: it does not
 * say. Nothing is waited for, since results are there at once.
 *
 * @throws {EsError} 400 for times that are none
 */
export function keepAliveOf({ query }: EsRequest): number | undefined {
  const wait = query.text("wait_for_completion_timeout");
  if (wait !== undefined) parseDuration(wait, "wait_for_completion_timeout");
  const alive = query.text("keep_alive");
  return alive === undefined ? undefined : parseDuration(alive, "keep_alive");
}

/** Removes a result, and says so. */
export function forget(cluster: Cluster, id: string): EsReply {
  cluster.objects.keptResults.delete(id);
  return jsonReply({ acknowledged: true });
}

function forgetOld(cluster: Cluster): Map<string, KeptResult> {
  const nowMs = cluster.entropy.nowMs();
  const results = cluster.objects.keptResults;
  for (const [id, { expiresMs }] of results) if (expiresMs <= nowMs) results.delete(id);
  return results;
}

/** The status of a result of EQL or SQL, which is always whole. */
export function endedStatus(id: string, { expiresMs }: KeptResult): EsReply {
  return jsonReply({
    id,
    is_running: false,
    is_partial: false,
    expiration_time_in_millis: expiresMs,
    completion_status: 200,
  });
}
