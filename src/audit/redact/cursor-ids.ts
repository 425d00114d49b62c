/** Where ids of scrolls, points in time and other cursors stand in requests and answers. */
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { queryParameter } from "../../elasticsearch/api/query-parameter.ts";
import { namesIndices } from "./call-policies.ts";
import { decodePathPart } from "../../elasticsearch/names/path-part.ts";

/** How an id is found behind its name. */
export interface IdForm {
  /** What is searched, without the quote or the length before it. */
  readonly mark: string;
  /** What follows, in JSON and YAML, one char per byte. */
  readonly form: RegExp;
}

const text = /^["']?\s*:\s*\[?\s*["']?((?:[^"'\\\s[\]{},]|\\.)+)["'\s,}\]]/;
const scrollId: IdForm = { mark: "scroll_id", form: text };
export const cursor: IdForm = { mark: "cursor", form: text };
const pit: IdForm = {
  mark: "pit",
  form: /^["']?\s*:[^}]*?\bid["']?\s*:\s*["']?((?:[^"'\\\s[\]{},]|\\.)+)["'\s,}\]]/,
};
const pitId: IdForm = { mark: "pit_id", form: text };
const id: IdForm = { mark: "id", form: text };

/** Calls whose request may go on with a cursor that its body names. */
const namedInBody: ReadonlyMap<string, IdForm> = new Map([
  ["scroll", scrollId],
  ["sql.query", cursor],
  ["search", pit],
  ["search_template", pit],
  ["async_search.submit", pit],
  ["msearch", pit],
  ["msearch_template", pit],
]);

/** Calls whose path names one. */
const namedInPath: ReadonlySet<string> = new Set(
  `scroll async_search.get eql.get esql.async_query_get esql.async_query_stop sql.get_async`.split(
    /\s+/,
  ),
);
const pathWithId =
  /^\/(?:_search\/scroll|_async_search|_eql\/search|_query\/async|_sql\/async)\/+([^/]+)/;

/** Calls whose answer may open one, at its beginning and, of SQL, at its end. */
const opening: ReadonlyMap<string, IdForm> = new Map([
  ["open_point_in_time", id],
  ["async_search.submit", id],
  ["async_search.get", id],
  ["eql.search", id],
  ["eql.get", id],
  ["esql.async_query", id],
  ["esql.async_query_get", id],
  ["esql.async_query_stop", id],
  ["sql.query", id],
  ["sql.get_async", id],
  ["scroll", scrollId],
]);

/** How the body of a request names a cursor that it goes on with; `undefined`: it does not. */
export function idInRequest(match: ApiMatch): IdForm | undefined {
  const { name } = match.endpoint;
  const form = namedInBody.get(name);
  // Elasticsearch refuses a point in time beside indices, but not in the items of `_msearch`.
  const isRefused = form === pit && !name.startsWith("msearch") && namesIndices(match);
  return isRefused ? undefined : form;
}

/** The cursor that the target names; `undefined`: none; empty: one that cannot be read. */
export function idInTarget({ endpoint, path, query }: ApiMatch): string | undefined {
  if (!namedInPath.has(endpoint.name)) return undefined;
  const segment = pathWithId.exec(path)?.[1];
  if (segment !== undefined) return decodePathPart(segment);
  return endpoint.name === "scroll" ? queryParameter(query, "scroll_id") : "";
}

/** How an answer opens a cursor; `undefined`: it does not. */
export function idInAnswer(match: ApiMatch): IdForm | undefined {
  const { endpoint, query } = match;
  const form = opening.get(endpoint.name);
  if (form !== undefined) return form;
  if (endpoint.name !== "search" && endpoint.name !== "search_template") return undefined;
  if (queryParameter(query, "scroll") !== undefined) return scrollId;
  return namesIndices(match) ? undefined : pitId;
}

/** Whether an answer ends with a cursor. */
export function endsWithCursor({ endpoint }: ApiMatch): boolean {
  return endpoint.name === "sql.query" || endpoint.name === "sql.get_async";
}
