/** Reads the trail of a whole fleet from its data stream. */
import { membersOf, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { Selection } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { streamEntry } from "./stream-entry.ts";
import { searchPage, searchPath, streamQuery, type StreamSelection } from "./stream-query.ts";

/** What is read of a data stream. */
export interface StreamReadOptions extends StreamSelection {
  /** Documents a page. @default 500 */
  readonly pageSize?: number;
  /** Is told first what the trail says is missing in this time, whatever the filter. */
  readonly onGap?: (document: AuditDocument) => void;
}

/** A page must be asked for within this time. */
const keepAlive = "2m";

/**
 * Gives the wanted entries in the order in which they began, from one state of the data stream. An
 * entry that was shipped twice, before and after a rollover, is given once.
 *
 * @throws {ClusterError} when the cluster cannot be asked
 */
export async function* readStream(
  client: ClusterClient,
  options: StreamReadOptions,
): AsyncGenerator<readonly TrailEntry[]> {
  if (options.onGap !== undefined) await tellGaps(client, options, options.onGap);
  const selection = new Selection(options);
  let pit = await openPit(client, options.dataStream);
  let after: readonly unknown[] | undefined;
  let lastId: unknown;
  try {
    for (;;) {
      const page = await searchPage(client, "/_search", {
        size: options.pageSize ?? 500,
        query: streamQuery(options),
        // What was shipped twice stands together.
        sort: [{ "@timestamp": "asc" }, { "event.id": { order: "asc", unmapped_type: "keyword" } }],
        pit: { id: pit, keep_alive: keepAlive },
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: after }),
      });
      pit = page.pit ?? pit;
      const { hits } = page;
      after = hits.at(-1)?.sort;
      if (after === undefined) return;
      const entries: TrailEntry[] = [];
      for (const { _source: source = {} } of hits) {
        const id = valueAt(source, "event.id");
        if (id !== undefined && id === lastId) continue;
        lastId = id;
        const entry = streamEntry(source);
        // The filter is asked once more: a cluster may find more than a reader of lines would.
        if (entry === undefined || !selection.wants(entry)) continue;
        entry.release();
        entries.push(entry);
      }
      if (entries.length > 0) yield entries;
    }
  } finally {
    await client
      .request({ method: "DELETE", path: "/_pit", body: JSON.stringify({ id: pit }) })
      // It ends by itself.
      .catch(() => undefined);
  }
}

/** So many gaps are told at most. */
const maxGaps = 1000;

async function tellGaps(
  client: ClusterClient,
  options: StreamSelection,
  onGap: (document: AuditDocument) => void,
): Promise<void> {
  const isGap = { term: { "es_proxy.record": "gap" } };
  const inTime = streamQuery({ ...options, filter: undefined });
  const { hits } = await searchPage(client, searchPath(options.dataStream), {
    size: maxGaps,
    query: { bool: { filter: [inTime, isGap] } },
    sort: [{ "@timestamp": "asc" }],
    track_total_hits: false,
  });
  const told = new Set<string>();
  for (const { _source: source = {} } of hits) {
    const entry = streamEntry(source);
    const document = entry?.opening?.document;
    if (entry === undefined || document === undefined || told.has(entry.id)) continue;
    told.add(entry.id);
    onGap(document);
  }
}

async function openPit(client: ClusterClient, dataStream: string): Promise<string> {
  const path = `/${encodeURIComponent(dataStream)}/_pit?keep_alive=${keepAlive}`;
  const { id } = membersOf(await client.request({ method: "POST", path }));
  return typeof id === "string" ? id : "";
}
