import { illegalArgument, type JsonObject, notSupported, textOf } from "../problem.ts";
import { standardTerms } from "../../analysis/analyzer.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import { boostOf, matchNone, minimumShouldMatch, type CompiledQuery } from "./compiled-query.ts";
import { boosted, combine, matchAll } from "./compound-queries.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField, type Field } from "../fields/field.ts";
import { PhraseOccurrence } from "./phrase.ts";
import { anyText } from "./term-level-queries.ts";
import { exactQuery } from "./term-query.ts";
import { createTermScorer } from "./term-statistics.ts";
import { EsError } from "../../es-error.ts";

/** The kinds of full-text clause on one field. */
export type TextMode = "match" | "match_phrase" | "match_phrase_prefix" | "match_bool_prefix";

const COMMON = ["query", "analyzer", "zero_terms_query"];
const SETTINGS: Readonly<Record<TextMode, readonly string[]>> = {
  match: [
    ...COMMON,
    "operator",
    "minimum_should_match",
    "fuzziness",
    "prefix_length",
    "max_expansions",
    "fuzzy_transpositions",
    "fuzzy_rewrite",
    "lenient",
    "auto_generate_synonyms_phrase_query",
  ],
  match_phrase: [...COMMON, "slop"],
  match_phrase_prefix: [...COMMON, "slop", "max_expansions"],
  match_bool_prefix: [
    ...COMMON,
    "operator",
    "minimum_should_match",
    "fuzziness",
    "prefix_length",
    "max_expansions",
    "fuzzy_transpositions",
    "fuzzy_rewrite",
  ],
};

/** Builds the parser of one kind of full-text query. */
export function textQueryParser(
  mode: TextMode,
): (body: JsonObject, context: SearchContext) => CompiledQuery {
  const shape = { name: mode, shortFor: "query", settings: SETTINGS[mode] };
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
    throw illegalArgument(`[${mode}] requires query value`);
  refuseUnsupported(mode, settings);
  const boost = boostOf(mode, settings);
  const field = resolveField(context, name);
  if (field === undefined) return matchNone;
  if (field.kind !== "text") return exactClause(mode, field, settings, context, boost);
  const terms = standardTerms(textOf(query));
  if (terms.length === 0) return zeroTerms(settings, boost);
  if (mode === "match") return boosted(termsClause(field, terms, settings, context), boost);
  if (mode === "match_bool_prefix")
    return boosted(boolPrefix(field, terms, settings, context), boost);
  return phraseClause(mode, field, terms, settings, context, boost);
}

function refuseUnsupported(mode: TextMode, settings: JsonObject): void {
  const fuzziness = settings["fuzziness"];
  if (fuzziness !== undefined && textOf(fuzziness) !== "0")
    throw notSupported(`[fuzziness] in [${mode}]`);
  const analyzer = settings["analyzer"];
  if (analyzer !== undefined && analyzer !== "standard")
    throw notSupported(`the analyzer [${textOf(analyzer)}] in [${mode}]`);
}

function zeroTerms(settings: JsonObject, boost: number): CompiledQuery {
  const choice = textOf(settings["zero_terms_query"] ?? "none").toLowerCase();
  if (choice === "all") return matchAll(boost);
  if (choice === "none") return matchNone;
  throw illegalArgument(`Unsupported zero_terms_query value [${choice}]`);
}

function isAnd(settings: JsonObject): boolean {
  const operator = textOf(settings["operator"] ?? "or").toUpperCase();
  if (operator !== "AND" && operator !== "OR") {
    throw illegalArgument(`No enum constant org.elasticsearch.index.query.Operator.${operator}`);
  }
  return operator === "AND";
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
  if (mode === "match" || mode === "match_phrase") {
    return leniently(booleanSetting(settings, "lenient", false), () =>
      exactQuery(context, field, query, boost),
    );
  }
  if (field.kind === "keyword")
    return anyText(field, (text) => text.startsWith(String(query)), boost);
  const what = mode === "match_bool_prefix" ? "prefix" : "phrase prefix";
  throw illegalArgument(
    `Can only use ${what} queries on text fields - not on [${field.name}] which is of type [${field.type}]`,
  );
}

/**
 * With `isLenient`, a value that the field cannot hold matches nothing instead of failing the
 * search.
 */
export function leniently(isLenient: boolean, compile: () => CompiledQuery): CompiledQuery {
  if (!isLenient) return compile();
  try {
    return compile();
  } catch (error) {
    if (error instanceof EsError && error.type === "search_phase_execution_exception")
      return matchNone;
    throw error;
  }
}

function termsClause(
  field: Field,
  terms: readonly string[],
  settings: JsonObject,
  context: SearchContext,
): CompiledQuery {
  const clauses = terms.map((term) => exactQuery(context, field, term, 1));
  return joined(clauses, settings);
}

function joined(clauses: readonly CompiledQuery[], settings: JsonObject): CompiledQuery {
  const [only] = clauses;
  if (clauses.length === 1 && only !== undefined) return only;
  if (isAnd(settings)) return combine(clauses, [], [], [], 0);
  const given = settings["minimum_should_match"];
  const required = given === undefined ? 1 : Math.max(1, minimumShouldMatch(given, clauses.length));
  return combine([], [], clauses, [], required);
}

function boolPrefix(
  field: Field,
  terms: readonly string[],
  settings: JsonObject,
  context: SearchContext,
): CompiledQuery {
  const last = terms.at(-1) ?? "";
  const clauses = terms.slice(0, -1).map((term) => exactQuery(context, field, term, 1));
  return joined([...clauses, anyText(field, (text) => text.startsWith(last), 1)], settings);
}

function phraseClause(
  mode: TextMode,
  field: Field,
  terms: readonly string[],
  settings: JsonObject,
  context: SearchContext,
  boost: number,
): CompiledQuery {
  const isPrefix = mode === "match_phrase_prefix";
  if (terms.length === 1) {
    const [only = ""] = terms;
    return isPrefix
      ? anyText(field, (text) => text.startsWith(only), boost)
      : exactQuery(context, field, only, boost);
  }
  const slop = Number(settings["slop"] ?? 0);
  if (!(slop >= 0)) throw illegalArgument("No negative slop allowed.");
  const occurrence = new PhraseOccurrence(field, { terms, slop, isPrefix });
  return {
    score: createTermScorer(context, occurrence, boost),
    isConstant: context.corpus === undefined || !context.isScored,
  };
}
