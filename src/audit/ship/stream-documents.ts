/** Who was sent a document or wrote it, as far as the documents of a fleet's stream tell. */
import { countText } from "../../core/count-text.ts";
import { parseIndexExpressions } from "../../elasticsearch/names/index-expression.ts";
import { coversIndex } from "../../elasticsearch/names/index-matcher.ts";
import type { QueryClause } from "../../kql/query-dsl.ts";
import { valueAt } from "../format/audit-document.ts";
import { Selection } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { streamEntry } from "./stream-entry.ts";
import { searchPage, searchPath, streamQuery, type StreamSelection } from "./stream-query.ts";

/** Which document. */
export interface StreamDocumentOptions extends StreamSelection {
  /** An index expression: a name, a data stream, wildcards, a list. */
  readonly indices: string;
  readonly id: string;
}

/** One exchange that names the document. */
export interface StreamSighting {
  readonly entry: TrailEntry;
  readonly uses: readonly ("read" | "wrote")[];
  readonly indices: readonly string[];
}

/** What was found, and how much nobody but the proxies themselves can tell. */
export interface StreamSightings {
  readonly found: readonly StreamSighting[];
  /** Exchanges of these indices with more documents than their facts name. */
  readonly untold: number;
}

/** Facts name so many ids. */
const toldIds = 100;

/** {@link StreamSightings.untold} in a sentence without its full stop; "" for none. */
export function untoldInStream(untold: number): string {
  if (untold === 0) return "";
  return (
    `${countText(untold, "exchange")} had more documents than their facts name (${toldIds}); ` +
    "ask the directories of their proxies"
  );
}

const pageSize = 1000;
/** With more names than these all exchanges count, of whatever index. */
const maxIndices = 10_000;

/**
 * Searches the ids in the facts, in the order in which the exchanges began.
 *
 * @throws {ClusterError} when the cluster cannot be asked
 */
export async function searchStreamDocument(
  client: ClusterClient,
  options: StreamDocumentOptions,
): Promise<StreamSightings> {
  const { dataStream, id, indices } = options;
  const path = searchPath(dataStream);
  const expressions = parseIndexExpressions(indices, Date.now());
  const selection = new Selection(options);
  const names = ["es_proxy.facts.ids_returned", "es_proxy.facts.ids_written"];
  const named: QueryClause = {
    bool: { should: names.map((name) => ({ term: { [name]: id } })), minimum_should_match: 1 },
  };
  const query: QueryClause = { bool: { filter: [streamQuery(options), named] } };
  const found: StreamSighting[] = [];
  const covered = (entry: TrailEntry): string[] => {
    const touched = entry.value("es_proxy.facts.indices");
    const list = Array.isArray(touched) ? touched.map(String) : [];
    return list.filter((name) => coversIndex(expressions, name) !== "no");
  };
  for (let after: readonly unknown[] | undefined; ;) {
    const { hits } = await searchPage(client, path, {
      size: pageSize,
      query,
      sort: [{ "@timestamp": "asc" }, { "event.id": "asc" }],
      ...(after === undefined ? {} : { search_after: after }),
    });
    for (const { _source: source = {} } of hits) {
      const entry = streamEntry(source);
      if (entry === undefined || entry.id === found.at(-1)?.entry.id) continue;
      const touched = covered(entry);
      if (touched.length === 0 || !selection.wants(entry)) continue;
      found.push({ entry, uses: usesOf(entry, id), indices: touched });
    }
    after = hits.length < pageSize ? undefined : hits.at(-1)?.sort;
    if (after === undefined) break;
  }
  const many = ["es_proxy.facts.documents", "es_proxy.facts.items"].map((name) => ({
    range: { [name]: { gt: toldIds } },
  }));
  const untold: QueryClause = {
    bool: {
      filter: [streamQuery(options), { bool: { should: many, minimum_should_match: 1 } }],
      must_not: [named],
    },
  };
  const isCovered = (name: string): boolean => coversIndex(expressions, name) !== "no";
  return { found, untold: await countOf(client, path, untold, isCovered) };
}

/** How many exchanges of these indices match. */
async function countOf(
  client: ClusterClient,
  path: string,
  query: QueryClause,
  isCovered: (index: string) => boolean,
): Promise<number> {
  const field = "es_proxy.facts.indices";
  const { total, aggregations } = await searchPage(client, path, {
    size: 0,
    track_total_hits: true,
    query,
    aggs: { indices: { terms: { field, size: maxIndices } } },
  });
  const { buckets = [], sum_other_doc_count: others = 0 } = aggregations?.["indices"] ?? {};
  if (total === 0 || others > 0) return total;
  const covered = buckets.map(({ key }) => key).filter((name) => isCovered(String(name)));
  if (covered.length === 0) return 0;
  const ofThem = { bool: { filter: [query, { terms: { [field]: covered } }] } };
  return (await searchPage(client, path, { size: 0, track_total_hits: true, query: ofThem })).total;
}

function usesOf(entry: TrailEntry, id: string): StreamSighting["uses"] {
  const holds = (name: string): boolean => {
    const ids = valueAt(entry.facts ?? {}, `es_proxy.facts.${name}`);
    return Array.isArray(ids) && ids.includes(id);
  };
  return [
    ...(holds("ids_returned") ? (["read"] as const) : []),
    ...(holds("ids_written") ? (["wrote"] as const) : []),
  ];
}
