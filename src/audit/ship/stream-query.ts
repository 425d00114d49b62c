/** Questions to the data stream that holds a fleet's trail. */
import type { QueryClause } from "../../kql/query-dsl.ts";
import type { DocumentForm } from "../../kql/wide-query.ts";
import type { AuditDocument } from "../format/audit-document.ts";
import type { SelectionOptions } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { ClusterClient } from "./cluster-client.ts";
import { streamEntry } from "./stream-entry.ts";

/** What is wanted of a data stream. */
export interface StreamSelection extends Omit<SelectionOptions, "facts"> {
  readonly dataStream: string;
}

/** A document that was found. */
interface StreamHit {
  readonly _source?: AuditDocument;
  readonly sort?: readonly unknown[];
}

/** What a search found. */
interface StreamPage {
  /** Name of the point in time that it was asked of, from now on. */
  readonly pit: string | undefined;
  readonly hits: readonly StreamHit[];
  /** Documents that match, as far as they were counted. */
  readonly total: number;
  readonly aggregations: Readonly<Record<string, StreamTerms>> | undefined;
}

/** What a `terms` aggregation found. */
interface StreamTerms {
  readonly buckets?: readonly { readonly key: unknown }[];
  readonly sum_other_doc_count?: number;
}

/** Bodies that stand in a document in another form than as text, or are not in it. */
const otherBodies = (name: string): QueryClause => ({
  bool: {
    should: [
      { exists: { field: `es_proxy.${name}.complete` } },
      { term: { "es_proxy.log.whole": false } },
    ],
    minimum_should_match: 1,
  },
});

const documentForm: DocumentForm = {
  // An exchange matches when one of its records does.
  places: { "@timestamp": ["@timestamp", "event.end"] },
  // Of a document it is when its last record was written; records have it only of gaps.
  unsure: { "event.end": { term: { "es_proxy.record": "gap" } } },
  elsewhere: {
    "http.request.body.content": otherBodies("request_body"),
    "http.response.body.content": otherBodies("response_body"),
  },
};

/**
 * What the cluster is asked for: all that is wanted, and perhaps more. Documents with values that
 * were not indexed, because they are too long or of another form, are always among it.
 */
export function streamQuery({ filter, sinceMs, untilMs }: StreamSelection): QueryClause {
  const time: Record<string, unknown> = { format: "epoch_millis" };
  if (sinceMs !== undefined) time["gte"] = Math.floor(sinceMs);
  if (untilMs !== undefined) time["lt"] = Math.ceil(untilMs);
  const clauses: QueryClause[] = [{ exists: { field: "es_proxy.log.host" } }];
  if (sinceMs !== undefined || untilMs !== undefined)
    clauses.push({ range: { "@timestamp": time } });
  if (filter !== undefined) clauses.push(withIgnored(filter.wideQuery(documentForm)));
  return { bool: { filter: clauses } };
}

function withIgnored(query: QueryClause): QueryClause {
  return { bool: { should: [query, { exists: { field: "_ignored" } }], minimum_should_match: 1 } };
}

/** Asks for one page. @throws {ClusterError} when the cluster cannot be asked */
export async function searchPage(
  client: ClusterClient,
  path: string,
  body: unknown,
): Promise<StreamPage> {
  const answer = await client.request({ method: "POST", path, body: JSON.stringify(body) });
  const {
    pit_id: pit,
    hits,
    aggregations,
  } = answer as {
    readonly pit_id?: string;
    readonly aggregations?: StreamPage["aggregations"];
    readonly hits?: {
      readonly total?: { readonly value?: number };
      readonly hits?: readonly StreamHit[];
    };
  };
  return { pit, hits: hits?.hits ?? [], total: hits?.total?.value ?? 0, aggregations };
}

/** Where documents of a data stream are searched outside of a point in time. */
export function searchPath(dataStream: string): string {
  return `/${encodeURIComponent(dataStream)}/_search`;
}

/**
 * The youngest entry whose id is this, or ends so; `undefined`: there is none.
 *
 * @throws {ClusterError} when the cluster cannot be asked
 */
export async function findInStream(
  client: ClusterClient,
  dataStream: string,
  id: string,
): Promise<TrailEntry | undefined> {
  const { hits } = await searchPage(client, searchPath(dataStream), {
    size: 1,
    query: { wildcard: { "event.id": { value: `*${id.toLowerCase()}` } } },
    sort: [{ "@timestamp": "desc" }],
  });
  return hits.map(({ _source: source = {} }) => streamEntry(source))[0];
}
