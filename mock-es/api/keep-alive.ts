/** How long scrolls and points in time are kept open. */
import { EsError, illegalArgument } from "../es-error.ts";
import { shardFailure } from "../search/problem.ts";
import type { Cluster } from "../store/cluster.ts";
import { durationText, parseDuration } from "../values/duration.ts";

/**
 * Reads how long a search context shall be kept, in milliseconds.
 *
 * @throws {EsError} 400 for what is no duration, or more than `search.max_keep_alive`
 */
export function parseKeepAlive(cluster: Cluster, text: string, setting: string): number {
  const keepAliveMs = parseDuration(text, setting);
  const mostMs = parseDuration(
    cluster.setting("search.max_keep_alive") ?? "24h",
    "search.max_keep_alive",
  );
  if (keepAliveMs <= mostMs) return keepAliveMs;
  throw illegalArgument(
    `Keep alive for request (${durationText(keepAliveMs)}) is too large. It must be less than (${durationText(mostMs)}). This limit can be set by changing the [search.max_keep_alive] cluster level setting.`,
  );
}

/**
 * As {@link parseKeepAlive}, where the shards are asked: one that they do not accept is their
 * refusal, one that cannot be read is the request's.
 *
 * @throws {EsError} 400
 */
export function shardKeepAlive(
  cluster: Cluster,
  text: string,
  setting: string,
  index: string,
  phase: string,
): number {
  parseDuration(text, setting);
  try {
    return parseKeepAlive(cluster, text, setting);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const { type, reason } = error;
    const { extra } = shardFailure(index, type, reason);
    throw new EsError(400, "search_phase_execution_exception", "all shards failed", {
      ...extra,
      phase,
    });
  }
}
