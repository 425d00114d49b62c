/** The words of a query: its clauses on single fields, of which highlights are made. */
import { EsError, notSupported } from "../../es-error.ts";
import { withDigits } from "../queries/odd-numbers.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { isUnsupported } from "../faults.ts";
import { queryInside } from "../queries/wrapper.ts";
import { weightedFields } from "../queries/weighted-fields.ts";
import type { QueryMaker } from "../queries/query-maker.ts";
import { makeQueryString } from "../queries/query-string.ts";
import { makeSimpleQueryString } from "../queries/simple-query-string.ts";

/** A clause on one field. */
export interface QueryLeaf {
  readonly type: string;
  readonly field: string;
  readonly settings: JsonObject;
}

/** Members of queries that hold others, which documents have to match or may match. */
const inner: Readonly<Record<string, readonly string[]>> = {
  bool: ["must", "should", "filter"],
  boosting: ["positive"],
  constant_score: ["filter"],
  dis_max: ["queries"],
  function_score: ["query"],
  nested: ["query"],
  pinned: ["organic"],
  rule: ["organic"],
  script_score: ["query"],
  span_multi: ["match"],
  span_or: ["clauses"],
};

/** Queries whose words are not looked for, or only where they stand together. */
const unread: ReadonlySet<string> = new Set(
  "intervals more_like_this span_containing span_field_masking span_first span_near span_not span_within".split(
    " ",
  ),
);

/** Setting that the short form of a clause means. */
const shortFor: Readonly<Record<string, string>> = {
  match: "query",
  match_bool_prefix: "query",
  match_phrase: "query",
  match_phrase_prefix: "query",
  fuzzy: "value",
  prefix: "value",
  range: "gte",
  regexp: "value",
  span_term: "value",
  term: "value",
  wildcard: "value",
};

const phraseTypes: Readonly<Record<string, string>> = {
  phrase: "match_phrase",
  phrase_prefix: "match_phrase_prefix",
  bool_prefix: "match_bool_prefix",
};

/** Collects the clauses of a query that can be compiled. */
export function collectLeaves(query: unknown, context: SearchContext, into: QueryLeaf[]): void {
  if (!isObject(query)) return;
  const [type = ""] = Object.keys(query);
  const given = query[type];
  if (!isObject(given)) return;
  const body = withDigits(type, given);
  if (unread.has(type)) throw notSupported(`a highlight of the query [${type}]`);
  const members = Object.hasOwn(inner, type) ? inner[type] : undefined;
  for (const member of members ?? []) {
    const value = body[member];
    for (const clause of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      collectLeaves(clause, context, into);
  }
  if (members !== undefined) return;
  if (type === "query_string" || type === "simple_query_string") {
    const make = type === "query_string" ? makeQueryString : makeSimpleQueryString;
    into.push(...unlessDropped(() => make(body, leafMaker(context)), []));
  } else if (type === "multi_match") {
    const { fields = ["*"], type: kind, boost: _boost, tie_breaker: _tie, ...settings } = body;
    const each = phraseTypes[textOf(kind ?? "")] ?? "match";
    for (const { name } of weightedFields(fields, context))
      into.push({ type: each, field: name, settings });
  } else if (type === "combined_fields") {
    for (const { name } of weightedFields(body["fields"], context))
      into.push({ type: "match", field: name, settings: { query: body["query"] } });
  } else if (type === "terms_set") {
    for (const [field, settings] of Object.entries(body))
      for (const value of isObject(settings) ? [settings["terms"]].flat() : [])
        into.push({ type: "term", field, settings: { value } });
  } else if (type === "wrapper") {
    collectLeaves(queryInside(body), context, into);
  } else if (type === "terms") {
    for (const [field, values] of Object.entries(body))
      for (const value of Array.isArray(values) ? (values as readonly unknown[]) : [])
        into.push({ type: "term", field, settings: { value } });
  } else addClause(type, body, into);
}

/** What a clause is for highlights; nothing for one that the query had no use for. */
export function unlessDropped<T>(run: () => T, nothing: T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || isUnsupported(error)) throw error;
    return nothing;
  }
}

/** Collects what may, or has to, match of a query string. */
function leafMaker(context: SearchContext): QueryMaker<readonly QueryLeaf[]> {
  const collected = (query: unknown): readonly QueryLeaf[] => {
    const found: QueryLeaf[] = [];
    collectLeaves(query, context, found);
    return found;
  };
  return {
    context,
    all: () => [],
    none: () => [],
    clause: collected,
    text: (mode, field, settings) => [{ type: mode, field, settings }],
    term: (field, value) => [{ type: "term", field: field.name, settings: { value } }],
    best: (queries) => queries.flat(),
    boosted: (query) => query,
    bool: (clauses) => clauses.flatMap(({ occur, query }) => (occur === "-" ? [] : query)),
  };
}

function addClause(type: string, body: JsonObject, into: QueryLeaf[]): void {
  const short = Object.hasOwn(shortFor, type) ? shortFor[type] : undefined;
  if (short === undefined) return;
  for (const [field, given] of Object.entries(body))
    if (field !== "boost" && field !== "_name")
      into.push({
        type: type === "span_term" ? "term" : type,
        field,
        settings: isObject(given) ? given : { [short]: given },
      });
}
