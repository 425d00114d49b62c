import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import type { Compile, CompiledQuery } from "./compiled-query.ts";
import {
  matchAll,
  parseBool,
  parseBoosting,
  parseConstantScore,
  parseMatchAll,
  parseMatchNone,
} from "./compound-queries.ts";
import { parseDisMax } from "./dis-max.ts";
import {
  defaultLimits,
  type FieldMappings,
  type SearchContext,
  type SearchDocument,
  type SearchLimits,
} from "../fields/document.ts";
import {
  parseFuzzy,
  parsePrefix,
  parseRegexpQuery,
  parseWildcardQuery,
} from "./pattern-queries.ts";
import { Faults, stageOf } from "../faults.ts";
import { suggestion } from "../problem.ts";
import { parseCombinedFields } from "./combined-fields.ts";
import { parseDistanceFeature } from "./distance-feature.ts";
import { firstInText } from "./first-in-text.ts";
import { parseFunctionScore, parseScriptQuery, parseScriptScore } from "./function-score.ts";
import { parseGeoBoundingBox, parseGeoDistance } from "./geo.ts";
import { parseIntervals } from "./intervals.ts";
import { parseHasChild, parseHasParent, parseParentId } from "./joins.ts";
import { parseKnn } from "./knn.ts";
import { checkMemberValues } from "./member-values.ts";
import { parseMoreLikeThis } from "./more-like-this.ts";
import { parseMultiMatch } from "./multi-match.ts";
import { withDigits } from "./odd-numbers.ts";
import { parseNested } from "./nested.ts";
import { parsePercolate } from "./percolate.ts";
import { parsePinned } from "./pinned.ts";
import { parseRankFeature } from "./rank-feature.ts";
import { parseQueryStringQuery } from "./query-string.ts";
import { parseRange } from "./range-query.ts";
import { unwrapped } from "./shard-problem.ts";
import { parseRule } from "./rule.ts";
import { spanNames, spanQueryParser } from "./spans.ts";
import { parseSimpleQueryString } from "./simple-query-string.ts";
import { parseExists, parseIds, parseTerm, parseTerms } from "./term-level-queries.ts";
import { parseSparseVector } from "./sparse-vector.ts";
import { parseTermsSet } from "./terms-set.ts";
import { textQueryParser } from "./text-queries.ts";
import { parseWrapper } from "./wrapper.ts";

type ObjectParser = (body: JsonObject, context: SearchContext, compile: Compile) => CompiledQuery;

const PARSERS: Readonly<Record<string, ObjectParser>> = {
  bool: parseBool,
  boosting: parseBoosting,
  combined_fields: parseCombinedFields,
  constant_score: parseConstantScore,
  dis_max: parseDisMax,
  distance_feature: parseDistanceFeature,
  exists: parseExists,
  function_score: parseFunctionScore,
  fuzzy: parseFuzzy,
  geo_bounding_box: parseGeoBoundingBox,
  geo_distance: parseGeoDistance,
  has_child: parseHasChild,
  has_parent: parseHasParent,
  ids: parseIds,
  intervals: parseIntervals,
  knn: parseKnn,
  match: textQueryParser("match"),
  match_all: parseMatchAll,
  match_bool_prefix: textQueryParser("match_bool_prefix"),
  match_none: parseMatchNone,
  match_phrase: textQueryParser("match_phrase"),
  match_phrase_prefix: textQueryParser("match_phrase_prefix"),
  more_like_this: parseMoreLikeThis,
  multi_match: parseMultiMatch,
  nested: parseNested,
  parent_id: parseParentId,
  percolate: parsePercolate,
  pinned: parsePinned,
  prefix: parsePrefix,
  query_string: parseQueryStringQuery,
  range: parseRange,
  rank_feature: parseRankFeature,
  regexp: parseRegexpQuery,
  rule: parseRule,
  script: parseScriptQuery,
  script_score: parseScriptScore,
  simple_query_string: parseSimpleQueryString,
  sparse_vector: parseSparseVector,
  ...Object.fromEntries(spanNames.map((name) => [name, spanQueryParser(name)])),
  term: parseTerm,
  terms: parseTerms,
  terms_set: parseTermsSet,
  wildcard: parseWildcardQuery,
  wrapper: parseWrapper,
};

/** Queries of Elasticsearch that are refused by name, not as unknown ones. */
const NOT_COMPUTED: readonly string[] = [
  "field_masking_span",
  "span_field_masking",
  "span_gap",
  "geo_grid",
  "geo_polygon",
  "geo_shape",
  "semantic",
  "shape",
  "text_expansion",
  "weighted_tokens",
];

/**
 * Compiles a query once, so that it can be asked of many documents.
 *
 * The compiled function returns a score of at least 0 for a document that matches and -1 for one
 * that does not. Without a corpus every term scores its boost; {@link runSearch} gives BM25 scores.
 *
 * @throws {EsError} Elasticsearch's own refusal of an unknown or malformed query
 */
export function compileQuery(
  query: unknown,
  mappings: FieldMappings,
  options: {
    readonly index?: string;
    readonly nowMs?: number;
    readonly limits?: SearchLimits;
    /** The documents of the shard. Absent: not known. */
    readonly corpus?: Iterable<SearchDocument> | undefined;
  } = {},
): (document: SearchDocument) => number {
  return compileClause(query, {
    mappings,
    index: options.index ?? "_all",
    nowMs: options.nowMs ?? Date.now(),
    corpus: options.corpus,
    isScored: false,
    nestedPath: undefined,
    limits: options.limits ?? defaultLimits,
  }).score;
}

/** Compiles one query clause in the context of a search. */
export const compileClause: Compile = (query, context) => {
  if (query === undefined) return matchAll(1);
  try {
    return compileKnown(query, context);
  } catch (error) {
    if (!(error instanceof EsError) || stageOf(error) !== "parse") throw error;
    stand(error, query);
    if (!isObject(query)) throw error;
    throw firstInText(query, error, (clause) => compileClause(clause, context));
  }
};

/** As {@link compileClause}, for an aggregation: the refusal of a query stands as it is. */
export const compileUnwrapped: Compile = (query, context) =>
  unwrapped(context, () => compileClause(query, context));

/** The server's parser has read a clause when it finds what is missing in it. */
function stand(error: EsError, query: unknown): void {
  if (error.place !== undefined || error.stand !== undefined || !isObject(query)) return;
  const [body] = Object.values(query);
  const container = isObject(body) ? body : query;
  if (error.type === "parsing_exception") error.at(container, undefined, "end");
  else error.standingAt(container, undefined, "end");
}

const compileKnown: Compile = (query, context) => {
  if (!isObject(query))
    throw parsingException("[_na] query malformed, must start with start_object");
  const [name, second] = Object.keys(query);
  if (name === undefined)
    throw illegalArgument("query malformed, empty clause found").at(query, undefined, "end");
  const body = query[name];
  if (!isObject(body))
    throw parsingException(`[${name}] query malformed, no start_object after query name`).at(
      query,
      name,
    );
  const parser = Object.hasOwn(PARSERS, name) ? PARSERS[name] : undefined;
  if (parser === undefined) throw refusal(name, query);
  const faults = new Faults();
  const compiled = faults.attempt("", () => parser(withDigits(name, body), context, compileClause));
  faults.throwFirst("parse");
  if (second !== undefined) {
    const reason = `[${name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`;
    // The parser still stands at the name.
    throw parsingException(reason).at(query, second, "key").standingAt(query, second, "key");
  }
  faults.throwAny();
  if (compiled === undefined) throw new Error("a query was neither compiled nor refused");
  checkMemberValues(name, body);
  const given = nameOf(body);
  if (given !== undefined) context.onNamed?.(given, compiled);
  return compiled;
};

/** `_name` of a clause: in its body, or beside the settings of its one field. */
function nameOf(body: JsonObject): string | undefined {
  const own = body["_name"];
  if (typeof own === "string") return own;
  const [settings] = Object.values(body);
  const inner = isObject(settings) ? settings["_name"] : undefined;
  return typeof inner === "string" ? inner : undefined;
}

function refusal(name: string, query: JsonObject): Error {
  if (NOT_COMPUTED.includes(name)) return notSupported(`the query [${name}]`);
  const known = [...Object.keys(PARSERS), ...NOT_COMPUTED];
  return parsingException(`unknown query [${name}]${suggestion(name, known)}`, {
    caused_by: { type: "named_object_not_found_exception", reason: `unknown field [${name}]` },
  }).at(query, name);
}
