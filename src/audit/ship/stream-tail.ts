/** Follows the trail of a whole fleet while its documents come in. */
import { setTimeout as wait } from "node:timers/promises";

import { valueAt } from "../format/audit-document.ts";
import { Selection } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { streamEntry } from "./stream-entry.ts";
import { searchPage, searchPath, streamQuery, type StreamSelection } from "./stream-query.ts";

/** What is followed. */
export interface StreamTailOptions extends StreamSelection {
  /** So many entries of the past come first; 0: none. Infinite with `sinceMs`. */
  readonly history: number;
  readonly signal: AbortSignal;
}

/** Between two looks. Milliseconds. */
const pollMs = 1000;
/**
 * A proxy ships some seconds after an exchange has ended, and a document is seen by searches a
 * second later: so far back each look goes. Milliseconds.
 */
const lateMs = 60_000;
const pageSize = 1000;

/**
 * Gives entries as they come in, a page at a time, until the signal is aborted.
 *
 * @throws {ClusterError} when the cluster cannot be asked
 */
export async function* tailStream(
  client: ClusterClient,
  options: StreamTailOptions,
): AsyncGenerator<readonly TrailEntry[]> {
  const { dataStream, history, sinceMs, signal } = options;
  const path = searchPath(dataStream);
  const selection = new Selection(options);
  const query = streamQuery(options);
  /** When each entry ended, by id. */
  const seen = new Map<string, number>();
  const beginMs = sinceMs ?? Date.now();
  if (sinceMs === undefined && history > 0) {
    const entries: TrailEntry[] = [];
    const size = Math.min(history, 10_000);
    let after: readonly unknown[] | undefined;
    do {
      const { hits } = await searchPage(client, path, {
        size,
        query,
        sort: [{ "event.end": "desc" }, { "event.id": "desc" }],
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: after }),
      });
      for (const { _source: source = {} } of hits) {
        const entry = streamEntry(source);
        if (entry === undefined || seen.has(entry.id) || !selection.wants(entry)) continue;
        seen.set(entry.id, endOf(source));
        entries.push(entry);
        if (entries.length === history) break;
      }
      after = hits.length < size ? undefined : hits.at(-1)?.sort;
    } while (after !== undefined && entries.length < history);
    if (entries.length > 0) yield entries.toReversed();
  }
  let horizonMs = beginMs;
  while (!signal.aborted) {
    for (const [id, endMs] of seen) if (endMs < horizonMs) seen.delete(id);
    const from = { gte: Math.floor(horizonMs), format: "epoch_millis" };
    let after: readonly unknown[] | undefined;
    do {
      const { hits } = await searchPage(client, path, {
        size: pageSize,
        query: { bool: { filter: [query, { range: { "event.end": from } }] } },
        sort: [{ "event.end": "asc" }, { "event.id": "asc" }],
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: after }),
      });
      const entries: TrailEntry[] = [];
      for (const { _source: source = {} } of hits) {
        const entry = streamEntry(source);
        if (entry === undefined || seen.has(entry.id)) continue;
        seen.set(entry.id, endOf(source));
        if (selection.wants(entry)) entries.push(entry);
      }
      if (entries.length > 0) yield entries;
      after = hits.length < pageSize ? undefined : hits.at(-1)?.sort;
    } while (after !== undefined && !signal.aborted);
    horizonMs = Math.max(beginMs, Date.now() - lateMs);
    await wait(pollMs, undefined, { signal }).catch(() => undefined);
  }
}

function endOf(source: Parameters<typeof valueAt>[0]): number {
  return Date.parse(String(valueAt(source, "event.end")));
}
