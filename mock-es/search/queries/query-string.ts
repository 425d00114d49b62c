import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { booleanSetting, checkInOrder, refuseNull } from "./clause.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  madeOnShard,
  minimumShouldMatch,
} from "./compiled-query.ts";
import { checkRegexLength } from "./pattern-queries.ts";
import type { SearchContext } from "../fields/document.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { expandFields } from "../fields/field-names.ts";
import { isSumOf, isTextType, overFields } from "./multi-match.ts";
import {
  areAllFields,
  defaultFields,
  namedFields,
  type WeightedField,
  weightedFields,
} from "./weighted-fields.ts";
import { compiledMaker, type MadeClause, type QueryMaker } from "./query-maker.ts";
import {
  parseQueryString,
  QueryStringSyntaxError,
  type QueryStringNode,
} from "./query-string-syntax.ts";
import { queryShardFailure, inQuery } from "./shard-problem.ts";
import { onField } from "./on-field.ts";
import { isTextless } from "./textless-fields.ts";
import { stringChecks } from "./setting-checks.ts";
import { namedAnalyzer, placesOf } from "./text-queries.ts";
import { writtenText } from "./query-values.ts";
import { checkQueryText } from "./query-text.ts";

/** The query parameters that go with `?q=`. */
export interface QueryStringOptions {
  /** `df`. Absent: every field. */
  readonly defaultField?: string | undefined;
  /** `default_operator`. @default "or" */
  readonly defaultOperator?: "and" | "or" | undefined;
  /** `lenient`: a value that a field cannot hold matches nothing. */
  readonly lenient?: boolean | undefined;
  /** `analyzer`; only `standard` is known. */
  readonly analyzer?: string | undefined;
  /** `analyze_wildcard`. */
  readonly analyzeWildcard?: boolean | undefined;
}

/** The query in JSON form that `?q=` and its companions stand for. */
export function queryFromQueryString(q: string, options: QueryStringOptions = {}): unknown {
  const { defaultField, defaultOperator, lenient, analyzer, analyzeWildcard } = options;
  return {
    query_string: {
      query: q,
      ...(defaultField === undefined ? {} : { default_field: defaultField }),
      ...(defaultOperator === undefined ? {} : { default_operator: defaultOperator }),
      ...(lenient === undefined ? {} : { lenient }),
      ...(analyzer === undefined ? {} : { analyzer }),
      ...(analyzeWildcard === undefined ? {} : { analyze_wildcard: analyzeWildcard }),
    },
  };
}

const SETTINGS = [
  "query",
  "default_field",
  "fields",
  "default_operator",
  "analyzer",
  "allow_leading_wildcard",
  "analyze_wildcard",
  "auto_generate_synonyms_phrase_query",
  "enable_position_increments",
  "escape",
  "fuzziness",
  "fuzzy_max_expansions",
  "fuzzy_prefix_length",
  "fuzzy_rewrite",
  "fuzzy_transpositions",
  "lenient",
  "max_determinized_states",
  "minimum_should_match",
  "phrase_slop",
  "quote_analyzer",
  "quote_field_suffix",
  "rewrite",
  "tie_breaker",
  "time_zone",
  "type",
  "boost",
  "_name",
];

/** What a query string's words are looked up in. */
interface Scope<T> {
  readonly maker: QueryMaker<T>;
  readonly defaults: () => readonly WeightedField[];
  readonly isLenient: boolean;
  /** One field is asked, or all are, and no list of them. */
  readonly hasOwnField: boolean;
  /** Fields that `*` asks for, where the query names some. */
  readonly ownFields: (() => readonly WeightedField[]) | undefined;
  readonly type: string;
  readonly operator: "and" | "or";
  readonly required: unknown;
  readonly slop: number;
  readonly timeZone: unknown;
  readonly tieBreaker: number | undefined;
  readonly analyzer: unknown;
  readonly quoteAnalyzer: unknown;
  /** Put behind the names of fields that a phrase is looked for in, where there are such. */
  readonly quoteSuffix: string;
  readonly allowsLeading: boolean;
}

/** `query_string`. */
export function parseQueryStringQuery(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!SETTINGS.includes(key))
      throw parsingException(`[query_string] query does not support [${key}]`).at(body, key);
    refuseNull("query_string", body, key);
    checkInOrder(body, stringChecks, key);
    if (key === "fields" && !Array.isArray(body[key]))
      throw parsingException("[query_string] query does not support [fields]").at(body, key);
  }
  return madeOnShard(makeQueryString(body, compiledMaker(context, compile)));
}

/** Makes a `query_string`. @param body one that has known settings only */
export function makeQueryString<T>(body: JsonObject, maker: QueryMaker<T>): T {
  const { context } = maker;
  const { query } = body;
  if (query === undefined) throw parsingException("[query_string] must be provided with a [query]");
  checkQueryText("query_string", body);
  const type = textOf(body["type"] ?? "best_fields").toLowerCase();
  if (!isTextType(type)) throw notSupported(`[type] [${textOf(type)}] in [query_string]`);
  const operator = textOf(body["default_operator"] ?? "or").toLowerCase();
  if (operator !== "and" && operator !== "or") {
    throw illegalArgument(
      `No enum constant org.elasticsearch.index.query.Operator.${operator.toUpperCase()}`,
    );
  }
  const named = namedFields(body);
  if (named !== undefined && body["default_field"] !== undefined) {
    const reason =
      "Validation Failed: 1: [query_string] cannot use [fields] parameter in conjunction with [default_field];";
    throw queryShardFailure(context, "query_validation_exception", reason);
  }
  const fields = named ?? body["default_field"] ?? defaultFields(context);
  let defaults: readonly WeightedField[] | undefined;
  const { analyzer, quote_analyzer: quoteAnalyzer, tie_breaker: tie } = body;
  if (analyzer !== undefined) namedAnalyzer("query_string", textOf(analyzer), context);
  const scope: Scope<T> = {
    maker,
    defaults: () => (defaults ??= weightedFields(fields, context)),
    isLenient: booleanSetting(body, "lenient", areAllFields(fields)),
    hasOwnField: namedFields(body) === undefined,
    type,
    operator,
    ownFields: areAllFields(fields) ? undefined : () => weightedFields(fields, context),
    required: body["minimum_should_match"],
    slop: Number(body["phrase_slop"] ?? 0),
    timeZone: body["time_zone"],
    tieBreaker: tie === undefined ? undefined : Number(tie),
    analyzer,
    quoteAnalyzer: quoteAnalyzer ?? analyzer,
    quoteSuffix: textOf(body["quote_field_suffix"] ?? ""),
    allowsLeading: booleanSetting(body, "allow_leading_wildcard", true),
  };
  const given = writtenText(query);
  const text = booleanSetting(body, "escape", false)
    ? given.replaceAll(/[\\+\-!():^[\]"{}~*?|&/]/g, String.raw`\$&`)
    : given;
  const node = parse(text, operator, context);
  return maker.boosted(makeNode(node, scope, true), boostOf("query_string", body));
}

function parse(text: string, operator: "and" | "or", context: SearchContext): QueryStringNode {
  try {
    return parseQueryString(text, operator);
  } catch (error) {
    if (!(error instanceof QueryStringSyntaxError)) throw error;
    throw queryShardFailure(
      context,
      "parse_exception",
      error.message,
      `Failed to parse query [${text}]`,
    );
  }
}

function makeNode<T>(node: QueryStringNode, scope: Scope<T>, isTop: boolean): T {
  const { maker } = scope;
  switch (node.kind) {
    case "all":
      return maker.all();
    case "any": {
      const own = scope.ownFields?.();
      if (own === undefined) return maker.all();
      const each = own.map(({ name, boost }) =>
        maker.boosted(maker.clause({ exists: { field: name } }), boost),
      );
      return maker.best(each, scope.tieBreaker ?? 0);
    }
    case "exists":
      return maker.clause({ exists: { field: node.field } });
    case "boost":
      return maker.boosted(makeNode(node.node, scope, isTop), node.boost);
    case "clauses": {
      const clauses = node.clauses.flatMap((clause): MadeClause<T>[] => {
        const occur = { must: "+", should: "", must_not: "-" }[clause.occur] as "+" | "" | "-";
        const spliced = splicedTerms(clause.node, scope, false);
        const isPlain = spliced?.boost === 1;
        const queries = isPlain ? spliced.terms : [makeNode(clause.node, scope, false)];
        return queries.map((query) => ({ occur, query }));
      });
      return bool(clauses, scope, isTop);
    }
    case "text": {
      const occur = scope.operator === "and" ? "+" : "";
      const spliced = isTop ? splicedTerms(node, scope, true) : undefined;
      if (spliced === undefined) return leaf(node, scope);
      const clauses = spliced.terms.map((query) => ({ occur, query }) as const);
      return maker.boosted(bool(clauses, scope, true), spliced.boost);
    }
    case "phrase":
    case "wildcard":
    case "regexp":
    case "range":
      return leaf(node, scope);
  }
}

/** A boolean query; `minimum_should_match` is of the outermost only. */
function bool<T>(clauses: readonly MadeClause<T>[], scope: Scope<T>, isTop: boolean): T {
  if (clauses.length === 0) return scope.maker.none("empty BooleanQuery");
  const optional = clauses.filter(({ occur }) => occur === "").length;
  const given = isTop ? scope.required : undefined;
  // Of no optional clauses a number cannot match.
  if (given !== undefined && optional === 0 && leastOf(scope.maker.context, given, 0) > 0)
    return scope.maker.none("no clause may match");
  // What only excludes is of everything.
  const excludes = clauses.every(({ occur }) => occur === "-");
  return scope.maker.bool(
    excludes ? [...clauses, { occur: "#", query: scope.maker.all() }] : clauses,
    given === undefined ? 0 : leastOf(scope.maker.context, given, optional),
  );
}

/**
 * The terms of several words in one field: they are clauses beside the others, and those of one
 * word that has several where it is the whole query.
 */
function splicedTerms<T>(
  node: QueryStringNode,
  scope: Scope<T>,
  isTop: boolean,
): { readonly terms: readonly T[]; readonly boost: number } | undefined {
  if (node.kind !== "text" || scope.type !== "best_fields") return undefined;
  if (withBounds(node, scope) !== node) return undefined;
  if (node.isRun !== true && !isTop) return undefined;
  const [only, other] = fieldsOf(node, scope);
  if (only === undefined || other !== undefined) return undefined;
  const field = resolveField(scope.maker.context, only.name);
  if (field?.kind !== "text" || !field.isIndexed) return undefined;
  const places = placesOf(analyzerOf(field, scope), node.text);
  if (places.length < 2 || places.some(({ terms }) => terms.length > 1)) return undefined;
  const terms = places.flatMap((place) => place.terms.map((term) => scope.maker.term(field, term)));
  return { terms, boost: only.boost };
}

function analyzerOf<T>(field: Field, { analyzer, maker }: Scope<T>) {
  if (analyzer === undefined) return searchAnalyzerOf(field);
  return namedAnalyzer("query_string", textOf(analyzer), maker.context);
}

type Leaf = Extract<
  QueryStringNode,
  {
    readonly field: string | undefined;
    readonly kind: "text" | "phrase" | "wildcard" | "regexp" | "range";
  }
>;

function fieldsOf<T>(node: Leaf, scope: Scope<T>): readonly WeightedField[] {
  return node.field === undefined
    ? scope.defaults()
    : weightedFields(node.field, scope.maker.context);
}

/** Points that a pattern of names finds are searched for terms, and refuse it. @throws {EsError} */
function refusePoints(pattern: string | undefined, context: SearchContext): void {
  if (pattern === undefined || pattern === "*" || !pattern.includes("*")) return;
  const found = expandFields(pattern, context).map((name) => resolveField(context, name)?.type);
  if (found.includes("geo_point"))
    throw queryShardFailure(context, "unsupported_operation_exception", null);
}

function isNearly(node: Leaf): boolean {
  return node.kind === "text" && node.edits !== undefined;
}

/** A pattern that ends in its only wildcard. */
function isPrefix(node: Leaf): boolean {
  return node.kind === "wildcard" && /^[^*?\\]+\*$/.test(node.pattern);
}

/** Words that begin with an operator mean all beyond what follows, where a field is named. */
function withBounds<T>(node: Leaf, { hasOwnField }: Scope<T>): Leaf {
  if (node.kind !== "text" || isNearly(node)) return node;
  if (node.field === undefined && !hasOwnField) return node;
  const [, operator, value] = /^([<>]=?)([^]+)$/.exec(node.text) ?? [];
  if (operator === undefined || value === undefined) return node;
  const name = `${operator.startsWith(">") ? "g" : "l"}t${operator.endsWith("=") ? "e" : ""}`;
  return { kind: "range", field: node.field, bounds: { [name]: value } };
}

function leaf<T>(given: Leaf, scope: Scope<T>): T {
  const node = withBounds(given, scope);
  const { maker, isLenient, tieBreaker, operator } = scope;
  const { context } = maker;
  if (node.kind === "regexp") checkRegexLength(context, node.pattern);
  if (node.kind === "wildcard" && !scope.allowsLeading && /^[*?]/.test(node.pattern))
    throw notSupported("[allow_leading_wildcard] [false] of such a pattern in [query_string]");
  const all = fieldsOf(node, scope);
  // Fields without texts refuse other things, but are not asked for these.
  const isAsked = node.kind !== "range" && !isPrefix(node) && !isNearly(node);
  const asked = isAsked
    ? all
    : all.filter(({ name }) => !isTextless(resolveField(context, name)?.type));
  if (asked.length === 0 && all.length > 0) return maker.none("No fields to search");
  // A field without a name is refused only alone, and by what is no pattern.
  const isUnnamed = asked.length > 1 || node.kind === "wildcard";
  const fields = isUnnamed ? asked.filter(({ name }) => name !== "") : asked;
  if (fields.length < asked.length && fields.length === 0) return maker.none("No fields to search");
  const many = { fields, tieBreaker, isLenient };
  if (node.kind === "phrase") {
    const { slop, text } = node;
    const { quoteAnalyzer, quoteSuffix } = scope;
    const settings = { query: text, slop: slop || scope.slop, ...named(quoteAnalyzer) };
    const own = fields.map((field) => {
      const other = `${field.name}${quoteSuffix}`;
      return resolveField(context, other) === undefined ? field : { ...field, name: other };
    });
    return overFields(maker, { ...many, fields: own, type: "phrase", settings });
  }
  if (node.kind === "text" && node.edits === undefined) {
    if (scope.type === "cross_fields") refusePoints(node.field, context);
    const settings = { query: node.text, operator, ...named(scope.analyzer) };
    return overFields(maker, { ...many, type: scope.type, settings });
  }
  const queries = fields.map((field) =>
    onField(field, isLenient, maker, () => maker.clause(leafQuery(node, field.name, scope))),
  );
  return maker.best(queries, tieBreaker ?? (isSumOf(scope.type) ? 1 : 0));
}

function named(analyzer: unknown): JsonObject {
  return analyzer === undefined ? {} : { analyzer };
}

/** The JSON form of one word that is nearly another, pattern or range on one field. */
function leafQuery<T>(
  node: Exclude<Leaf, { readonly kind: "phrase" }>,
  field: string,
  { maker, timeZone }: Scope<T>,
): JsonObject {
  const kind = resolveField(maker.context, field)?.kind;
  switch (node.kind) {
    case "text": {
      const value = kind === "text" ? node.text.toLowerCase() : node.text;
      return { fuzzy: { [field]: { value, fuzziness: node.edits } } };
    }
    case "wildcard": {
      const value = kind === "text" ? node.pattern.toLowerCase() : node.pattern;
      return isPrefix(node)
        ? { prefix: { [field]: { value: value.slice(0, -1) } } }
        : { wildcard: { [field]: { value } } };
    }
    case "regexp":
      return { regexp: { [field]: { value: node.pattern } } };
    case "range": {
      const zone = timeZone === undefined ? {} : { time_zone: timeZone };
      return { range: { [field]: { ...node.bounds, ...zone } } };
    }
  }
}

function leastOf(context: SearchContext, given: unknown, optional: number): number {
  return inQuery(context, () => minimumShouldMatch(given, optional));
}
