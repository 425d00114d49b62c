/** Lucene's form of the queries that are profiled. */
import { Faults } from "../faults.ts";
import { EsError } from "../../es-error.ts";
import { withDigits } from "../queries/odd-numbers.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import { isUnsupported } from "../faults.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { nestedScope } from "../fields/nested-documents.ts";
import { booleanSetting } from "../queries/clause.ts";
import { boostOf, type CompiledQuery, minimumShouldMatch } from "../queries/compiled-query.ts";
import { boosted, excludesAll } from "../queries/compound-queries.ts";
import { compileClause } from "../queries/query.ts";
import { compileText, namedAnalyzer, placesOf } from "../queries/text-queries.ts";
import { readBounds } from "../queries/range-query.ts";
import { boostingQuery } from "./boosting-query.ts";
import { fuzzyOptions } from "../queries/fuzzy.ts";
import {
  anyTermOf,
  exact,
  notProfiled,
  requireTerms,
  translateIds,
  translatePattern,
  translateTerm,
  translateTerms,
} from "./from-terms.ts";
import { nearly, textTranslations } from "./from-text.ts";
import {
  boostedQuery,
  type LuceneClause,
  type LuceneContext,
  type LuceneQuery,
  none,
} from "./lucene-query.ts";
import { existing, rangeOfPoints } from "./from-values.ts";
import { queryInside } from "../queries/wrapper.ts";
import { nestedQuery } from "./nested-query.ts";

type Translate = (body: JsonObject, context: LuceneContext) => LuceneQuery;

/**
 * A query in Lucene's form, before it is simplified.
 *
 * @param query one that was compiled before, so that it is well-formed
 * @throws {EsError} 400 that names a query of which that is not known
 */
export function luceneQuery(query: unknown, context: LuceneContext): LuceneQuery {
  if (query === undefined) return { kind: "all" };
  const [name = "", given = {}] = isObject(query) ? (Object.entries(query)[0] ?? []) : [];
  const body = isObject(given) ? withDigits(name, given) : given;
  const translate = Object.hasOwn(translations, name) ? translations[name] : undefined;
  const refused = notProfiled(`the query [${name}]`);
  if (!isObject(body)) throw refused;
  if (translate === undefined) return explainedLeaf(query, context, refused);
  if (context.takesExplained !== true) return translate(body, context);
  try {
    return translate(body, context);
  } catch (error) {
    if (error instanceof EsError && isUnsupported(error))
      return explainedLeaf(query, context, error);
    throw error;
  }
}

/** A query that explains itself, as one thing. */
function explainedLeaf(query: unknown, context: LuceneContext, refused: Error): LuceneQuery {
  const compile = (boost: number, isScored: boolean): CompiledQuery =>
    boosted(compileClause(query, { ...context, isScored }), boost);
  const own = context.takesExplained === true ? compile(1, true).explained?.() : undefined;
  if (own === undefined) throw refused;
  return {
    kind: "leaf",
    type: "",
    text: JSON.stringify(query), // only compared
    compile,
    isConstant: own.isConstant === true,
    isOnOneLevel: own.isOnOneLevel === true,
  };
}

const translations: Readonly<Record<string, Translate>> = {
  bool: translateBool,
  boosting: (body, context) => {
    if (context.takesExplained !== true) throw notProfiled("the query [boosting]");
    const { boost: _boost, ...plain } = body;
    const negative = body["negative"];
    const query = boostingQuery(
      luceneQuery(body["positive"], context),
      luceneQuery(negative, context),
      Number(body["negative_boost"]),
      (isScored) => compileClause({ boosting: plain }, { ...context, isScored }),
      () => compileClause(negative, { ...context, isScored: false }),
    );
    return boostedQuery(query, boostOf("boosting", body));
  },
  constant_score: (body, context) =>
    boostedQuery(
      { kind: "constant", query: luceneQuery(body["filter"], context) },
      boostOf("constant_score", body),
    ),
  dis_max: (body, context) => {
    const { queries } = body;
    const list = Array.isArray(queries) ? (queries as readonly unknown[]) : [queries];
    const inner = list.map((each) => luceneQuery(each, context));
    const tieBreaker = Number(body["tie_breaker"] ?? 0);
    return boostedQuery({ kind: "best", queries: inner, tieBreaker }, boostOf("dis_max", body));
  },
  exists: (body, context) => {
    const found = existing(textOf(body["field"]), context);
    return boostedQuery(
      found ?? none('The "exists" query was rewritten to a "match_none" query.', true),
      boostOf("exists", body),
    );
  },
  ids: translateIds,
  match: translateMatch,
  match_all: (body) => boostedQuery({ kind: "all" }, boostOf("match_all", body)),
  match_none: () => none('User requested "match_none" query.', true),
  match_phrase: translatePhrase,
  nested: (body, context) => {
    const path = textOf(body["path"]);
    const inner = luceneQuery(body["query"], {
      ...context,
      ...nestedScope(context, path),
      onInner: undefined,
      onNamed: undefined,
    });
    const { boost: _boost, ...plain } = body;
    return boostedQuery(
      nestedQuery(inner, plain, context, (isScored) =>
        compileClause({ nested: plain }, { ...context, isScored }),
      ),
      boostOf("nested", body),
    );
  },
  prefix: (body, context) => translatePattern("prefix", body, context),
  range: translateRange,
  regexp: (body, context) => translatePattern("regexp", body, context),
  term: translateTerm,
  terms: translateTerms,
  wildcard: (body, context) => translatePattern("wildcard", body, context),
  wrapper: (body, context) => luceneQuery(queryInside(body), context),
  ...Object.fromEntries(
    Object.entries(textTranslations).map(([name, make]): [string, Translate] => [
      name,
      (body, context) => make(body, context, (query) => luceneQuery(query, context)),
    ]),
  ),
};

function translateBool(body: JsonObject, context: LuceneContext): LuceneQuery {
  const faults = new Faults();
  // Of a clause that is refused there is nothing, until it is known whether it is looked at.
  const translate = (name: string): (LuceneQuery | undefined)[] => {
    const given = body[name] ?? (name === "must_not" ? body["mustNot"] : undefined) ?? [];
    const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
    return list.map((each) => faults.attempt(name, () => luceneQuery(each, context)));
  };
  const isNothing = (query: LuceneQuery | undefined): boolean =>
    query?.kind === "none" && query.isKnownBefore;
  const [must, filter, should, mustNot] = [
    translate("must"),
    translate("filter"),
    translate("should"),
    translate("must_not"),
  ];
  const required = [...must, ...filter];
  const isOptional = required.length === 0 && should.length > 0;
  if (excludesAll(body) || required.some(isNothing) || (isOptional && should.every(isNothing)))
    return none('The "bool" query was rewritten to a "match_none" query.', true);
  // Beside a clause that can match nothing the others are not looked at.
  faults.throwAny();
  if (!booleanSetting(body, "adjust_pure_negative", true))
    throw notProfiled("[adjust_pure_negative]");
  const of = (
    occur: LuceneClause["occur"],
    queries: readonly (LuceneQuery | undefined)[],
  ): LuceneClause[] =>
    queries.flatMap((query) => (query === undefined || isNothing(query) ? [] : [{ occur, query }]));
  const excluded = of("-", mustNot);
  const clauses = [...of("+", must), ...excluded, ...of("", should), ...of("#", filter)];
  const boost = boostOf("bool", body);
  if (clauses.length === 0) return boostedQuery({ kind: "all" }, boost);
  if (excluded.length === clauses.length) clauses.push({ occur: "#", query: { kind: "all" } });
  const given = body["minimum_should_match"];
  const minimum = given === undefined ? 0 : minimumShouldMatch(given, should.length);
  return boostedQuery({ kind: "bool", clauses, minimum }, boost);
}

const fuzzySettings = ["fuzziness", "prefix_length", "max_expansions", "fuzzy_transpositions"];
const matchSettings = [
  "query",
  "analyzer",
  "operator",
  "minimum_should_match",
  "zero_terms_query",
  ...fuzzySettings,
];

/** The field of a full-text query with its settings; other settings are refused. */
function textClause(
  kind: string,
  body: JsonObject,
  known: readonly string[],
): { readonly name: string; readonly settings: JsonObject } {
  const [name = "", given] = Object.entries(body)[0] ?? [];
  const settings = isObject(given) ? given : { query: given };
  for (const key of Object.keys(settings))
    if (!known.includes(key) && key !== "boost" && key !== "_name")
      throw notProfiled(`[${key}] in [${kind}]`);
  return { name, settings };
}

function termsOfText(field: Field, settings: JsonObject, context: LuceneContext, kind: string) {
  const given = settings["analyzer"];
  const own = kind === "match" ? searchAnalyzerOf(field) : (field.analysis?.quote ?? undefined);
  const analyzer =
    given === undefined
      ? (own ?? searchAnalyzerOf(field))
      : namedAnalyzer(kind, textOf(given), context);
  return placesOf(analyzer, toJavaText(settings["query"])).map(({ terms, position }, at) => {
    const [term, other] = terms;
    if (term === undefined || other !== undefined || (kind !== "match" && position !== at))
      throw notProfiled(`[${kind}] with several terms at a place, or places without any`);
    return term;
  });
}

const noTerms = "Matching no documents because no terms present";

function translateMatch(body: JsonObject, context: LuceneContext): LuceneQuery {
  const { name, settings } = textClause("match", body, matchSettings);
  const boost = boostOf("match", settings);
  const field = resolveField(context, name);
  if (field === undefined) return none(`unmapped fields [${name}]`);
  if (field.kind !== "text") return boostedQuery(exact(field, settings["query"], context), boost);
  requireTerms(field);
  const terms = termsOfText(field, settings, context, "match");
  const isAnd = textOf(settings["operator"] ?? "or").toLowerCase() === "and";
  const isFuzzy = settings["fuzziness"] !== undefined;
  const queries = terms.map((term) =>
    isFuzzy ? nearly(field, term, fuzzyOptions(settings), context) : exact(field, term, context),
  );
  const [only] = queries;
  if (only === undefined)
    return textOf(settings["zero_terms_query"] ?? "none").toLowerCase() === "all"
      ? boostedQuery({ kind: "all" }, boost)
      : none(noTerms);
  if (queries.length === 1) return boostedQuery(only, boost);
  const clauses = queries.map((query): LuceneClause => ({ occur: isAnd ? "+" : "", query }));
  const given = settings["minimum_should_match"];
  const minimum =
    given === undefined || isAnd ? 0 : Math.max(0, minimumShouldMatch(given, terms.length));
  return boostedQuery({ kind: "bool", clauses, minimum }, boost);
}

function translatePhrase(body: JsonObject, context: LuceneContext): LuceneQuery {
  const { name, settings } = textClause("match_phrase", body, ["query", "analyzer", "slop"]);
  const boost = boostOf("match_phrase", settings);
  const field = resolveField(context, name);
  if (field === undefined) return none(`unmapped fields [${name}]`);
  if (field.kind !== "text") return boostedQuery(exact(field, settings["query"], context), boost);
  requireTerms(field);
  const terms = termsOfText(field, settings, context, "match_phrase");
  const [only] = terms;
  if (only === undefined) return none(noTerms);
  if (terms.length === 1) return boostedQuery(exact(field, only, context), boost);
  const slop = Number(settings["slop"] ?? 0);
  const { boost: _boost, ...rest } = settings;
  const query: LuceneQuery = {
    kind: "leaf",
    type: "PhraseQuery",
    text: `${field.name}:"${terms.join(" ")}"${slop > 0 ? `~${slop}` : ""}`,
    compile: (own, isScored) =>
      compileText("match_phrase", name, { ...rest, boost: own }, { ...context, isScored }),
  };
  return boostedQuery(query, boost);
}

function translateRange(body: JsonObject, context: LuceneContext): LuceneQuery {
  const [name = "", given] = Object.entries(body)[0] ?? [];
  const settings = isObject(given) ? given : {};
  const field = resolveField(context, name);
  const isNothing = none('The "range" query was rewritten to a "match_none" query.', true);
  const boost = boostOf("range", settings);
  if (field === undefined) return isNothing;
  if (field.kind !== "keyword" && field.kind !== "text")
    return boostedQuery(rangeOfPoints(field, settings, context) ?? isNothing, boost);
  requireTerms(field);
  const { lower, upper } = readBounds(context, field, settings);
  const from = lower === undefined ? "[*" : `${lower.isOpen ? "{" : "["}${String(lower.value)}`;
  const to = upper === undefined ? "*]" : `${String(upper.value)}${upper.isOpen ? "}" : "]"}`;
  const { boost: _boost, ...rest } = settings;
  const clause = { range: { [name]: rest } };
  return boostedQuery(anyTermOf(`${name}:${from} TO ${to}`, clause, context), boost);
}
