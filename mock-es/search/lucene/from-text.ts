/** Lucene's form of queries over texts: of several fields, query strings, nearly equal terms. */
import { notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { parseFieldClause } from "../queries/clause.ts";
import { boostOf, type CompiledQuery, minimumShouldMatch } from "../queries/compiled-query.ts";
import { fuzzyOptions, type FuzzyOptions, nearTerms } from "../queries/fuzzy.ts";
import { makeMultiMatch } from "../queries/multi-match.ts";
import type { MadeClause, QueryMaker } from "../queries/query-maker.ts";
import { makeQueryString } from "../queries/query-string.ts";
import { makeSimpleQueryString } from "../queries/simple-query-string.ts";
import { keywordOf, occurrenceOf, scoredQuery } from "../queries/term-query.ts";
import type { Occurrence } from "../queries/term-statistics.ts";
import { compileText, namedAnalyzer, placesOf } from "../queries/text-queries.ts";
import { boostedQuery, type LuceneContext, type LuceneQuery, none } from "./lucene-query.ts";

/** Translates a query in its JSON form. */
export type TranslateQuery = (query: JsonObject) => LuceneQuery;

/** Settings of words that a phrase, which is one thing, passes over. */
const ofWords: ReadonlySet<string> = new Set([
  "auto_generate_synonyms_phrase_query",
  "fuzzy_rewrite",
  "fuzzy_transpositions",
  "max_expansions",
  "minimum_should_match",
  "operator",
  "prefix_length",
]);

/** Makes queries in Lucene's form. */
function luceneMaker(context: LuceneContext, translate: TranslateQuery): QueryMaker<LuceneQuery> {
  return {
    context,
    all: () => ({ kind: "all" }),
    none: (reason) => none(reason),
    clause: translate,
    text: (mode, field, settings) => {
      compileText(mode, field, settings, context); // for its refusals
      const given = Object.entries(settings).filter(
        ([key, value]) => value !== undefined && !(mode === "match_phrase" && ofWords.has(key)),
      );
      return translate({ [mode]: { [field]: Object.fromEntries(given) } });
    },
    term: (field, term, rarity) => termLeaf(field, term, context, rarity),
    best: (queries, tieBreaker) => {
      const [only] = queries;
      if (only === undefined) return none("empty DisjunctionMaxQuery");
      return queries.length === 1 ? only : { kind: "best", queries, tieBreaker };
    },
    boosted: boostedQuery,
    bool: (clauses, minimum) => ({ kind: "bool", clauses, minimum }),
  };
}

/** Queries that are made of others. */
export const textTranslations: Readonly<
  Record<string, (body: JsonObject, context: LuceneContext, each: TranslateQuery) => LuceneQuery>
> = {
  multi_match: (body, context, each) => makeMultiMatch(body, luceneMaker(context, each)),
  query_string: (body, context, each) => makeQueryString(body, luceneMaker(context, each)),
  simple_query_string: (body, context, each) =>
    makeSimpleQueryString(body, luceneMaker(context, each)),
  match_bool_prefix: translateBoolPrefix,
  fuzzy(body, context) {
    const settingNames =
      "value fuzziness prefix_length max_expansions transpositions rewrite".split(" ");
    const shape = { name: "fuzzy", shortFor: "value", settings: settingNames };
    const { field: name, settings } = parseFieldClause(body, shape);
    if (settings["rewrite"] !== undefined)
      throw notSupported("[profile] of [fuzzy] with [rewrite]");
    const field = resolveField(context, name);
    if (field === undefined) return none(`unmapped fields [${name}]`);
    const value = toJavaText(settings["value"]);
    const term = field.kind === "keyword" ? keywordOf(field, value) : value;
    const options = fuzzyOptions(settings, "transpositions");
    return boostedQuery(nearly(field, term, options, context), boostOf("fuzzy", settings));
  },
};

function termLeaf(
  field: Field,
  term: string,
  context: LuceneContext,
  rarity?: Occurrence,
): LuceneQuery {
  const text = `${field.name}:${term}`;
  return {
    kind: "leaf",
    type: "TermQuery",
    text,
    isOnOneLevel: true,
    compile: (boost, isScored): CompiledQuery => {
      const own = { ...context, isScored };
      return scoredQuery(own, occurrenceOf(field, term), boost, () => text, rarity);
    },
  };
}

/** The terms that are nearly one, as the server rewrites such a query. */
export function nearly(
  field: Field,
  term: string,
  options: FuzzyOptions,
  context: LuceneContext,
): LuceneQuery {
  const isKnown = ["text", "keyword"].includes(field.type) && field.isIndexed;
  const near = isKnown ? nearTerms(context, field, term, options) : undefined;
  if (near === undefined) throw notSupported(`[profile] of [fuzzy] on the field [${field.name}]`);
  if (near.terms.length === 0) return none("empty BooleanQuery");
  const clauses = near.terms.map((each): MadeClause<LuceneQuery> => {
    const leaf = termLeaf(field, each.term, context, near.rarity);
    return { occur: "", query: boostedQuery(leaf, each.weight) };
  });
  return { kind: "bool", clauses, minimum: 0, isLate: true };
}

function translateBoolPrefix(
  body: JsonObject,
  context: LuceneContext,
  translate: TranslateQuery,
): LuceneQuery {
  const known = ["query", "analyzer", "operator", "minimum_should_match"];
  const near = ["fuzziness", "fuzzy_rewrite"];
  const ofNear = ["prefix_length", "max_expansions", "fuzzy_transpositions"];
  const settingNames = [...known, ...near, ...ofNear];
  const shape = { name: "match_bool_prefix", shortFor: "query", settings: settingNames };
  const { field: name, settings } = parseFieldClause(body, shape);
  for (const key of near)
    if (settings[key] !== undefined)
      throw notSupported(`[profile] of [match_bool_prefix] with [${key}]`);
  const boost = boostOf("match_bool_prefix", settings);
  const field = resolveField(context, name);
  if (field === undefined) return none(`unmapped fields [${name}]`);
  if (field.type !== "text" || !field.isIndexed)
    throw notSupported(`[profile] of [match_bool_prefix] on the field [${name}]`);
  const analyzer =
    settings["analyzer"] === undefined
      ? searchAnalyzerOf(field)
      : namedAnalyzer("match_bool_prefix", textOf(settings["analyzer"]), context);
  const places = placesOf(analyzer, toJavaText(settings["query"]));
  if (places.some(({ terms }) => terms.length > 1))
    throw notSupported("[profile] of [match_bool_prefix] with several terms at a place");
  const terms = places.flatMap((place) => place.terms);
  const last = terms.at(-1);
  if (last === undefined) return none("Matching no documents because no terms present");
  const queries = [
    ...terms.slice(0, -1).map((term) => termLeaf(field, term, context)),
    translate({ prefix: { [name]: { value: last } } }),
  ];
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return boostedQuery(only, boost);
  const isAnd = textOf(settings["operator"] ?? "or").toLowerCase() === "and";
  const clauses = queries.map((query) => ({ occur: isAnd ? "+" : "", query }) as const);
  const given = settings["minimum_should_match"];
  const minimum = given === undefined || isAnd ? 0 : minimumShouldMatch(given, clauses.length);
  return boostedQuery({ kind: "bool", clauses, minimum }, boost);
}
