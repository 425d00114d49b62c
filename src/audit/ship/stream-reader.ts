/** Reads the trail of a whole fleet from its data stream. */
import { membersOf, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { Selection, type SelectionOptions } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { QueryClause } from "../../kql/query-dsl.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { streamEntry } from "./stream-entry.ts";

/** What is read of a data stream. */
export interface StreamOptions extends Omit<SelectionOptions, "facts"> {
  readonly dataStream: string;
  /** Documents a page. @default 500 */
  readonly pageSize?: number;
  /** How many documents match, before they are read. */
  readonly onTotal?: (total: number) => void;
}

interface Page {
  readonly pit_id?: string;
  readonly hits?: {
    readonly total?: { readonly value?: number };
    readonly hits?: readonly StreamHit[];
  };
}

interface StreamHit {
  readonly _source?: AuditDocument;
  readonly sort?: readonly unknown[];
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
  options: StreamOptions,
): AsyncGenerator<readonly TrailEntry[]> {
  const selection = new Selection(options);
  let pit = await openPit(client, options.dataStream);
  let after: readonly unknown[] | undefined;
  let lastId: unknown;
  try {
    for (;;) {
      const page = await search(client, {
        size: options.pageSize ?? 500,
        query: streamQuery(options),
        // What was shipped twice stands together.
        sort: [{ "@timestamp": "asc" }, { "event.id": { order: "asc", unmapped_type: "keyword" } }],
        pit: { id: pit, keep_alive: keepAlive },
        track_total_hits: after === undefined,
        ...(after === undefined ? {} : { search_after: after }),
      });
      pit = page.pit_id ?? pit;
      const hits = page.hits?.hits ?? [];
      if (after === undefined) options.onTotal?.(page.hits?.total?.value ?? 0);
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

/** What the cluster is asked for. */
export function streamQuery({ filter, sinceMs, untilMs }: StreamOptions): QueryClause {
  const time: Record<string, unknown> = { format: "epoch_millis" };
  if (sinceMs !== undefined) time["gte"] = Math.floor(sinceMs);
  if (untilMs !== undefined) time["lt"] = Math.ceil(untilMs);
  const clauses: QueryClause[] = [{ exists: { field: "es_proxy.log.host" } }];
  if (sinceMs !== undefined || untilMs !== undefined)
    clauses.push({ range: { "@timestamp": time } });
  if (filter !== undefined) clauses.push(filter.query());
  return { bool: { filter: clauses } };
}

async function openPit(client: ClusterClient, dataStream: string): Promise<string> {
  const path = `/${encodeURIComponent(dataStream)}/_pit?keep_alive=${keepAlive}`;
  const { id } = membersOf(await client.request({ method: "POST", path }));
  return typeof id === "string" ? id : "";
}

async function search(client: ClusterClient, body: unknown): Promise<Page> {
  const answer = await client.request({
    method: "POST",
    path: "/_search",
    body: JSON.stringify(body),
  });
  // Each member is looked at before it is used.
  return answer as Page;
}
