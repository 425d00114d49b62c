import { isObject, type JsonObject } from "../json/json-value.ts";
import { illegalArgument, parsingException, notSupported } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import type { EsRequest } from "../rest/es-request.ts";
import { findUnreadable } from "../search/shard-search.ts";
import { queryFromQueryString } from "../search/queries/query-string.ts";
import { parseFetchSource } from "./fetch-source.ts";

/**
 * The body of a search: what was sent, with the query parameters that mean the same put over it.
 */
export function readSearchBody(request: EsRequest): JsonObject {
  const body = parseObjectBody(request.body) ?? {};
  if (request.query.size === 0) return body;
  const members = searchParameters(request.query);
  // Sorts and doc values of the query string come after those of the body.
  for (const name of ["sort", "docvalue_fields"]) {
    const [given, added] = [body[name], members[name]];
    if (given !== undefined && added !== undefined) members[name] = [given, added].flat();
  }
  return { ...body, ...members };
}

/** Members of a search body that a query string sets. */
function searchParameters(query: QueryParameters): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  const text = query.text("q");
  if (text !== undefined) members["query"] = queryOfText(text, query);
  for (const name of ["size", "from", "terminate_after"]) {
    const value = query.integer(name);
    if (value !== undefined) members[name] = value;
  }
  const timeout = query.text("timeout");
  if (timeout !== undefined) members["timeout"] = timeout;
  for (const name of ["version", "seq_no_primary_term", "track_scores", "explain"]) {
    if (query.has(name)) members[name] = query.flag(name, false);
  }
  // The server fails with a status of 500.
  if (query.text("allow_partial_search_results") === "")
    throw notSupported("[allow_partial_search_results] without a value");
  const tracked = query.text("track_total_hits");
  if (tracked !== undefined) members["track_total_hits"] = toTracked(tracked);
  const sort = query.list("sort");
  const keys = sort?.flatMap(toSort) ?? [];
  if (keys.length > 0) members["sort"] = keys;
  const fetchSource = parseFetchSource(query);
  if (fetchSource !== undefined) {
    members["_source"] =
      fetchSource.enabled === false
        ? false
        : {
            includes: fetchSource.includes ?? [],
            excludes: fetchSource.excludes ?? [],
            ...(fetchSource.hidesVectors === false ? { exclude_vectors: false } : {}),
          };
  }
  const stored = query.list("stored_fields");
  if (stored !== undefined) members["stored_fields"] = stored;
  const stats = query.list("stats");
  if (stats !== undefined) members["stats"] = stats;
  const docvalue = query.list("docvalue_fields");
  if (docvalue !== undefined) members["docvalue_fields"] = docvalue;
  return members;
}

/**
 * The query that `q` stands for, read with `df`, `default_operator`, `analyze_wildcard` and
 * `lenient`.
 */
export function queryOfText(text: string, query: QueryParameters): unknown {
  const operator = query.text("default_operator")?.toLowerCase();
  if (operator !== undefined && operator !== "and" && operator !== "or") {
    throw illegalArgument(`operator needs to be either and or or, but not [${operator}]`);
  }
  return queryFromQueryString(text, {
    defaultField: query.text("df"),
    defaultOperator: operator,
    lenient: query.has("lenient") ? query.flag("lenient", false) : undefined,
    analyzer: query.text("analyzer"),
    analyzeWildcard: query.has("analyze_wildcard")
      ? query.flag("analyze_wildcard", false)
      : undefined,
  });
}

/** The query of a count, delete-by-query or validation: `q`, the body's `query`, or everything. */
export function readQueryOnly(
  request: EsRequest,
  allowed: ReadonlySet<string> = queryOnly,
): unknown {
  const text = request.query.text("q");
  const body = parseObjectBody(request.body);
  const isQueryOnly = allowed.size === 1;
  if (isQueryOnly) refuseQueryString(request);
  for (const name of Object.keys(body ?? {})) {
    if (!allowed.has(name)) {
      const before = Object.keys(body ?? {}).indexOf(name);
      const isRead = Object.keys(body ?? {}).indexOf("query") < before;
      const unreadable = isRead ? findUnreadable({ query: body?.["query"] }) : undefined;
      if (body?.["query"] !== undefined && unreadable !== undefined) throw unreadable;
      const refusal = parsingException(`request does not support [${name}]`);
      throw body === undefined ? refusal : refusal.at(body, name, "key");
    }
  }
  if (text !== undefined && !(body !== undefined && isQueryOnly))
    return queryOfText(text, request.query);
  return body?.["query"];
}

/**
 * What a query string says of a query is not read where there is a body.
 *
 * @throws {EsError} 400 that names it
 */
export function refuseQueryString({ path, query, body }: EsRequest): void {
  if (body.length === 0) return;
  // `_explain` reads `q`, and passes over it.
  const isExplained = path.includes("/_explain/");
  const given = ofQueryString.filter((name) => query.has(name) && !(isExplained && name === "q"));
  if (given.length > 0)
    throw illegalArgument(
      `request [${path}] contains unrecognized parameter${given.length > 1 ? "s" : ""}: ${given.map((name) => `[${name}]`).join(", ")}`,
    );
}

const ofQueryString = ["analyze_wildcard", "analyzer", "default_operator", "df", "lenient", "q"];

const queryOnly: ReadonlySet<string> = new Set(["query"]);

function toTracked(text: string): boolean | number {
  if (text === "true" || text === "false") return text === "true";
  if (/^[+-]?\d{1,10}$/.test(text) && Number(text) < 2 ** 31 && Number(text) >= -(2 ** 31))
    return Number(text);
  throw illegalArgument(`Failed to parse int parameter [track_total_hits] with value [${text}]`, {
    caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
  });
}

function toSort(text: string): unknown[] {
  const colon = text.lastIndexOf(":");
  if (colon === -1) return [text];
  const order = text.slice(colon + 1);
  // The server drops a sort whose direction it does not know.
  return order === "asc" || order === "desc" ? [{ [text.slice(0, colon)]: { order } }] : [];
}

/** Both forms of a query in a body: absent, or an object. */
export function isMatchAll(query: unknown): boolean {
  if (query === undefined) return true;
  if (!isObject(query)) return false;
  const names = Object.keys(query);
  if (names.length !== 1 || names[0] !== "match_all") return false;
  const clause = query["match_all"];
  return isObject(clause) && Object.keys(clause).length === 0;
}
