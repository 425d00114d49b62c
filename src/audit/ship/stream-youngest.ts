/** The youngest entries of a fleet's trail, without reading the rest of it. */
import { Selection } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { streamEntry } from "./stream-entry.ts";
import { searchPage, searchPath, streamQuery, type StreamSelection } from "./stream-query.ts";

/** More a page is refused by clusters as they come. */
const maxPage = 10_000;

/**
 * So many wanted entries, if there are as many, the youngest first. One that was shipped twice is
 * given once.
 *
 * @throws {ClusterError} when the cluster cannot be asked
 */
export async function youngestInStream(
  client: ClusterClient,
  options: StreamSelection,
  count: number,
): Promise<TrailEntry[]> {
  const selection = new Selection(options);
  const size = Math.min(maxPage, count);
  const found: TrailEntry[] = [];
  let after: readonly unknown[] | undefined;
  do {
    const { hits } = await searchPage(client, searchPath(options.dataStream), {
      size,
      query: streamQuery(options),
      sort: [{ "@timestamp": "desc" }, { "event.id": { order: "desc", unmapped_type: "keyword" } }],
      track_total_hits: false,
      ...(after === undefined ? {} : { search_after: after }),
    });
    for (const { _source: source = {} } of hits) {
      const entry = streamEntry(source);
      if (entry === undefined || entry.id === found.at(-1)?.id || !selection.wants(entry)) continue;
      entry.release();
      found.push(entry);
      if (found.length === count) return found;
    }
    after = hits.length < size ? undefined : hits.at(-1)?.sort;
  } while (after !== undefined);
  return found;
}

/** How many documents match. @throws {ClusterError} when the cluster cannot be asked */
export async function countInStream(
  client: ClusterClient,
  options: StreamSelection,
): Promise<number> {
  const { total } = await searchPage(client, searchPath(options.dataStream), {
    size: 0,
    track_total_hits: true,
    query: streamQuery(options),
  });
  return total;
}
