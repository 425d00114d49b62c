/** One exchange as a part of a read that may take many. */
import { DistinctSketch, type SketchState } from "./distinct-sketch.ts";

/**
 * - `open`: opens a point in time and returns no documents;
 * - `page`: returns documents, or tells that there are no more;
 * - `close`: closes cursors before they expire.
 */
export type ReadRole = "open" | "page" | "close";

/** An id that one call returns and a later one gives back, known by its digest only. */
export interface ReadCursor {
  /**
   * `scroll`, `point_in_time`, `async_search`, `sql` …; `search_after`: digest of sort values, of
   * the last hit in an answer and of `search_after` in a request.
   */
  readonly kind: string;
  readonly digest: string;
}

/** What the join needs to know of one exchange. */
export interface ReadPage {
  /** Id of the exchange. */
  readonly id: string;
  readonly role: ReadRole;
  /** Wall clock, milliseconds since 1970. */
  readonly startedMs: number;
  readonly endedMs: number;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** Who asked; "" for nobody known. */
  readonly user: string;
  /** Index expressions as asked; none where the cursor stands for them. */
  readonly indices: readonly string[];
  /** Hash of the query's fingerprint; undefined: no query, or none that could be read. */
  readonly fingerprint: string | undefined;
  /** The request goes on behind another page: it has `search_after` or a `from` above 0. */
  readonly continues: boolean;
  readonly requestCursors: readonly ReadCursor[];
  readonly responseCursors: readonly ReadCursor[];
  /** Documents or rows in the answer. */
  readonly documents: number;
  /** Bytes of the answer's body as sent. */
  readonly bytes: number;
  /** The documents whose ids the answer tells; undefined: none. */
  readonly ids: DistinctSketch | undefined;
  /** How long the cursor lives without a call; undefined: not known. */
  readonly keepAliveMs: number | undefined;
}

/** A page as JSON. */
export type ReadPageState = Omit<ReadPage, "ids"> & { readonly ids: SketchState | undefined };

export function pageState(page: ReadPage): ReadPageState {
  return { ...page, ids: page.ids?.toState() };
}

export function pageFrom(state: ReadPageState): ReadPage {
  return {
    ...state,
    ids: state.ids === undefined ? undefined : DistinctSketch.fromState(state.ids),
  };
}

/** Kind of cursors that are sort values. */
export const searchAfter = "search_after";
/** Kind of an operation whose pages ask for what comes behind others. */
export const paging = "paging";

/** What tells the search of a page. */
export type SearchedPage = Pick<ReadPage, "user" | "fingerprint" | "indices">;

/** What pages of one search have in common when no cursor joins them. */
export function searchKey({ user, fingerprint, indices }: SearchedPage): string | undefined {
  if (fingerprint === undefined) return undefined;
  return JSON.stringify([user, fingerprint, indices.toSorted()]);
}

/** Sort values say nothing without the search that they belong to; all other ids are unique. */
export function cursorKey({ kind, digest }: ReadCursor, search: string | undefined): string {
  return kind === searchAfter ? `${kind} ${digest} ${search ?? ""}` : `${kind} ${digest}`;
}

/**
 * The part that a call to an API endpoint has in a read.
 *
 * @param apiEndpoint name as in the endpoint table
 * @returns undefined for calls that are no reads of several documents
 */
export function readRole(apiEndpoint: string): ReadRole | undefined {
  return roles.get(apiEndpoint);
}

const roles: ReadonlyMap<string, ReadRole> = new Map([
  ["open_point_in_time", "open"],
  ["search", "page"],
  ["search_template", "page"],
  ["msearch", "page"],
  ["msearch_template", "page"],
  ["scroll", "page"],
  ["async_search.submit", "page"],
  ["async_search.get", "page"],
  ["eql.search", "page"],
  ["eql.get", "page"],
  ["esql.query", "page"],
  ["esql.async_query", "page"],
  ["esql.async_query_get", "page"],
  ["esql.async_query_stop", "page"],
  ["sql.query", "page"],
  ["sql.get_async", "page"],
  ["clear_scroll", "close"],
  ["close_point_in_time", "close"],
  ["async_search.delete", "close"],
  ["eql.delete", "close"],
  ["esql.async_query_delete", "close"],
  ["sql.clear_cursor", "close"],
  ["sql.delete_async", "close"],
]);
