/** Full-text queries on one field: `match` and its relatives. */
import { builtInAnalysis } from "../../analysis/analysis.ts";
import type { Analyzer } from "../../analysis/token.ts";
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import type { QueryExplanation, SearchContext } from "../fields/document.ts";
import { searchAnalyzerOf, splitsTexts } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { anyText } from "./any-text.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import {
  boostOf,
  matchNone,
  minimumShouldMatch,
  numberOf,
  type CompiledQuery,
} from "./compiled-query.ts";
import { boosted, combine, explanationOf, matchAll } from "./compound-queries.ts";
import { explainBool } from "./explanation.ts";
import { fuzzyOptions, fuzzyQuery } from "./fuzzy.ts";
import type { PhrasePlace } from "./phrase.ts";
import { inQuery, queryShardFailure, queryShardRefusal, requireUnkeyed } from "./shard-problem.ts";
import { rewrittenFuzzy } from "./rewrite-method.ts";
import { checkOperator, settingChecks } from "./setting-checks.ts";
import { exactQuery, requireSearchable } from "./term-query.ts";
import { isTextless, textRefusal } from "./textless-fields.ts";
import { phraseClause, requirePositions, termsQuery } from "./phrase-query.ts";
import { refuseHiddenPrefixes } from "./pattern-queries.ts";

/** The kinds of full-text clause on one field. */
export type TextMode = "match" | "match_phrase" | "match_phrase_prefix" | "match_bool_prefix";

const common = ["query", "analyzer", "zero_terms_query"];
const fuzzy = [
  "fuzziness",
  "prefix_length",
  "max_expansions",
  "fuzzy_transpositions",
  "fuzzy_rewrite",
];
const settingsOf: Readonly<Record<TextMode, readonly string[]>> = {
  match: [
    ...common,
    ...fuzzy,
    "operator",
    "minimum_should_match",
    "lenient",
    "auto_generate_synonyms_phrase_query",
  ],
  match_phrase: [...common, "slop"],
  match_phrase_prefix: [...common, "slop", "max_expansions"],
  match_bool_prefix: ["query", "analyzer", ...fuzzy, "operator", "minimum_should_match"],
};

/** Builds the parser of one kind of full-text query. */
export function textQueryParser(
  mode: TextMode,
): (body: JsonObject, context: SearchContext) => CompiledQuery {
  const shape = {
    name: mode,
    shortFor: "query",
    settings: settingsOf[mode],
    checks: settingChecks,
  };
  return (body, context) => {
    const { field, settings } = parseFieldClause(body, shape);
    return compileText(mode, field, settings, context);
  };
}

/** Compiles a full-text clause on one field from the settings of its JSON form. */
export function compileText(
  mode: TextMode,
  name: string,
  settings: JsonObject,
  context: SearchContext,
): CompiledQuery {
  const { query } = settings;
  if (query === undefined || query === null)
    throw mode === "match"
      ? parsingException("No text specified for text query")
      : illegalArgument(`[${mode}] requires query value`);
  isAnd(settings);
  if (isPhraseMode(mode) && numberOf(settings["slop"] ?? 0) < 0)
    throw illegalArgument("No negative slop allowed.");
  const boost = boostOf(mode, settings);
  const { analyzer: given } = settings;
  const named = given === undefined ? undefined : namedAnalyzer(mode, textOf(given), context);
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested") return matchNone;
  if (isTextless(field.type)) {
    const refused = (): CompiledQuery => {
      throw textRefusal(context, field, mode);
    };
    return leniently(booleanSetting(settings, "lenient", false), refused, () => matchNone);
  }
  if (field.kind !== "text") return exactClause(mode, field, settings, context, boost);
  const isPhrase = isPhraseMode(mode);
  const usual = isPhrase ? field.analysis?.quote : undefined;
  const analyzer = named ?? usual ?? searchAnalyzerOf(field);
  const places = placesOf(analyzer, toJavaText(query));
  const whenEmpty = zeroTerms(settings, boost);
  if (places.length === 0) return whenEmpty;
  if (isPhrase && !field.isIndexed) requirePositions(field, context, places.length);
  if (mode === "match_phrase_prefix" && !field.isIndexed) return matchNone;
  requireSearchable(context, field);
  if (isPhrase) return phraseClause(mode, field, places, settings, context, boost);
  const clauses =
    mode === "match"
      ? places.map((place) => placeClause(field, place, settings, context))
      : boolPrefix(field, places, settings, context);
  return boosted(
    inQuery(context, () => joined(clauses, settings)),
    boost,
  );
}

function isPhraseMode(mode: TextMode): mode is "match_phrase" | "match_phrase_prefix" {
  return mode === "match_phrase" || mode === "match_phrase_prefix";
}

/**
 * An analyzer by its name.
 *
 * @throws {EsError} a shard's refusal of a name that the index does not know
 */
export function namedAnalyzer(query: string, name: string, context: SearchContext): Analyzer {
  const found = (context.mappings.analysis ?? builtInAnalysis).analyzer(name);
  if (found !== undefined) return found;
  throw queryShardRefusal(context, `[${query}] analyzer [${name}] not found`);
}

/** What a text is made of: its terms by position. */
export function placesOf(analyzer: Analyzer, text: string): PhrasePlace[] {
  const byPosition = new Map<number, string[]>();
  for (const { term, position, positionLength = 1, type } of analyzer.analyze(text)) {
    if (positionLength > 1 && type === "SYNONYM")
      throw notSupported("a synonym of several words in a query");
    const terms = byPosition.get(position);
    if (terms === undefined) byPosition.set(position, [term]);
    else if (!terms.includes(term)) terms.push(term);
  }
  const [start = 0] = byPosition.keys();
  return [...byPosition].map(([position, terms]) => ({ terms, position: position - start }));
}

function zeroTerms(settings: JsonObject, boost: number): CompiledQuery {
  const choice = textOf(settings["zero_terms_query"] ?? "none").toLowerCase();
  if (choice === "all") return matchAll(boost);
  if (choice === "none") return matchNone;
  throw parsingException(`Unsupported zero_terms_query value [${choice}]`).at(
    settings,
    "zero_terms_query",
  );
}

function isAnd(settings: JsonObject): boolean {
  const operator = settings["operator"] ?? "or";
  checkOperator(operator);
  return textOf(operator).toUpperCase() === "AND";
}

/** Fields that are not analysed: the whole text is one value. */
function exactClause(
  mode: TextMode,
  field: Field,
  settings: JsonObject,
  context: SearchContext,
  boost: number,
): CompiledQuery {
  const { query } = settings;
  const isFuzzy = settings["fuzziness"] !== undefined && !isPhraseMode(mode);
  if (settings["fuzzy_rewrite"] !== undefined && isFuzzy) throw notSupported("[fuzzy_rewrite]");
  // A phrase is the whole value.
  const isSplit = splitsTexts(field) && !isPhraseMode(mode);
  const given = settings["analyzer"] ?? (isSplit ? "whitespace" : undefined);
  if (given !== undefined && mode === "match_phrase_prefix") {
    const places = placesOf(namedAnalyzer(mode, textOf(given), context), toJavaText(query));
    if (places.length === 0) return zeroTerms(settings, boost);
  }
  if (given !== undefined && given !== "keyword" && mode !== "match_phrase_prefix")
    return analysedClause(mode, field, textOf(given), settings, context, boost);
  if (mode === "match" || mode === "match_phrase") {
    const exact = (): CompiledQuery =>
      isFuzzy
        ? fuzzyOn(context, field, toJavaText(query), fuzzyOptions(settings), boost)
        : exactQuery(context, field, query, boost);
    return leniently(booleanSetting(settings, "lenient", false), exact, () => matchNone);
  }
  if (isFuzzy && (field.kind !== "keyword" || field.type === "flattened"))
    return fuzzyOn(context, field, toJavaText(query), fuzzyOptions(settings), boost);
  if (mode === "match_bool_prefix" && field.kind === "keyword" && field.type !== "flattened") {
    requireSearchable(context, field);
    return anyText(field, (text) => text.startsWith(toJavaText(query)), boost);
  }
  if (mode === "match_bool_prefix") return exactQuery(context, field, query, boost);
  const type = field.name === "_id" ? "_id" : field.type;
  const reason = `Can only use phrase prefix queries on text fields - not on [${field.name}] which is of type [${type}]`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** A text that is analysed by an analyzer of the query, on a field that is not. */
function analysedClause(
  mode: TextMode,
  field: Field,
  name: string,
  settings: JsonObject,
  context: SearchContext,
  boost: number,
): CompiledQuery {
  const places = placesOf(namedAnalyzer(mode, name, context), toJavaText(settings["query"]));
  if (places.length === 0) return zeroTerms(settings, boost);
  const isPrefix = mode === "match_bool_prefix";
  const isUnknown = isPrefix && (field.kind !== "keyword" || field.type === "flattened");
  if (isUnknown || places.some(({ terms }) => terms.length > 1))
    throw notSupported(`[analyzer] of [${mode}] on the type [${field.type}]`);
  const rest = { ...settings, analyzer: "keyword" };
  const [first, second] = places;
  if (mode === "match_phrase" && second !== undefined) {
    const reason = `Can only use phrase queries on text fields - not on [${field.name}] which is of type [${field.type}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  // The last word is a prefix.
  const exact = (place: PhrasePlace | undefined, at: number): CompiledQuery =>
    exactClause(
      isPrefix && at + 1 < places.length ? "match" : mode,
      field,
      { ...rest, query: place?.terms[0] ?? "" },
      context,
      1,
    );
  if (second === undefined) return boosted(exact(first, 0), boost);
  return boosted(
    inQuery(context, () => joined(places.map(exact), settings)),
    boost,
  );
}

function fuzzyOn(
  context: SearchContext,
  field: Field,
  text: string,
  options: ReturnType<typeof fuzzyOptions>,
  boost: number,
): CompiledQuery {
  if (field.kind === "keyword") {
    requireUnkeyed(context, field, "fuzzy");
    requireSearchable(context, field);
    return fuzzyQuery(context, field, text, options, boost);
  }
  const reason = `Can only use fuzzy queries on keyword and text fields - not on [${field.name}] which is of type [${field.type}]`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/**
 * With `isLenient`, a value that the field cannot hold matches nothing instead of failing the
 * search.
 */
export function leniently<T>(isLenient: boolean, compile: () => T, nothing: () => T): T {
  if (!isLenient) return compile();
  try {
    return compile();
  } catch (error) {
    if (error instanceof EsError && error.type === "search_phase_execution_exception")
      return nothing();
    throw error;
  }
}

/** The query for one place of a text: one term, several that count as one, or nearly that term. */
function placeClause(
  field: Field,
  { terms }: PhrasePlace,
  settings: JsonObject,
  context: SearchContext,
): CompiledQuery {
  const [only] = terms;
  if (settings["fuzziness"] !== undefined && only !== undefined && terms.length === 1)
    return rewrittenFuzzy(
      fuzzyQuery(context, field, only, fuzzyOptions(settings), 1),
      settings["fuzzy_rewrite"],
      1,
    );
  return termsQuery(field, terms, context, 1);
}

function joined(clauses: readonly CompiledQuery[], settings: JsonObject): CompiledQuery {
  const [only] = clauses;
  if (clauses.length === 1 && only !== undefined) return only;
  const parts = (): (QueryExplanation | undefined)[] => clauses.map(explanationOf);
  const given = settings["minimum_should_match"];
  if (isAnd(settings)) {
    // Of no optional clauses a number cannot match.
    if (given !== undefined && minimumShouldMatch(given, 0) > 0) return matchNone;
    return combine(clauses, [], [], [], 0, () => explainBool({ must: parts() }));
  }
  const required = given === undefined ? 1 : Math.max(1, minimumShouldMatch(given, clauses.length));
  const minimum = given === undefined ? 0 : required;
  return combine([], [], clauses, [], required, () => explainBool({ should: parts(), minimum }));
}

function boolPrefix(
  field: Field,
  places: readonly PhrasePlace[],
  settings: JsonObject,
  context: SearchContext,
): CompiledQuery[] {
  const clauses = places.slice(0, -1).map((place) => placeClause(field, place, settings, context));
  const last = places.at(-1)?.terms ?? [];
  for (const term of last) refuseHiddenPrefixes(context, field, term);
  return [...clauses, anyText(field, (text) => last.some((term) => text.startsWith(term)), 1)];
}
