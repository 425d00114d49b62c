import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { booleanSetting, refuseNull } from "./clause.ts";
import { boostOf, minimumShouldMatch, type Compile, type CompiledQuery } from "./compiled-query.ts";
import { bestOf, boosted, combine, matchAll } from "./compound-queries.ts";
import { checkRegexLength } from "./pattern-queries.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { areAllFields, weightedFields, type WeightedField } from "./multi-match.ts";
import {
  parseQueryString,
  QueryStringSyntaxError,
  type QueryStringNode,
} from "./query-string-syntax.ts";
import { queryShardFailure } from "./shard-problem.ts";
import { leniently } from "./text-queries.ts";

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
interface Scope {
  readonly context: SearchContext;
  readonly compile: Compile;
  readonly defaults: () => readonly WeightedField[];
  readonly isLenient: boolean;
  /** Fields that `*` asks for, where the query names some. */
  readonly ownFields: (() => readonly WeightedField[]) | undefined;
  readonly operator: "and" | "or";
  readonly required: unknown;
  readonly slop: number;
  readonly timeZone: unknown;
  readonly tieBreaker: number;
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
    if (key === "fields" && !Array.isArray(body[key]))
      throw parsingException("[query_string] query does not support [fields]").at(body, key);
  }
  const { query } = body;
  if (query === undefined) throw parsingException("[query_string] must be provided with a [query]");
  const analyzer = body["analyzer"] ?? "standard";
  if (analyzer !== "standard")
    throw notSupported(`the analyzer [${textOf(analyzer)}] in [query_string]`);
  const type = body["type"] ?? "best_fields";
  if (type !== "best_fields") throw notSupported(`[type] [${textOf(type)}] in [query_string]`);
  for (const key of ["quote_analyzer", "quote_field_suffix"]) {
    if (body[key] !== undefined) throw notSupported(`[${key}] in [query_string]`);
  }
  if (booleanSetting(body, "escape", false)) throw notSupported("[escape] in [query_string]");
  if (!booleanSetting(body, "allow_leading_wildcard", true)) {
    throw notSupported("[allow_leading_wildcard] [false] in [query_string]");
  }
  const operator = textOf(body["default_operator"] ?? "or").toLowerCase();
  if (operator !== "and" && operator !== "or") {
    throw illegalArgument(
      `No enum constant org.elasticsearch.index.query.Operator.${operator.toUpperCase()}`,
    );
  }
  const fields = body["fields"] ?? body["default_field"] ?? "*";
  let defaults: readonly WeightedField[] | undefined;
  const scope: Scope = {
    context,
    compile,
    defaults: () => (defaults ??= weightedFields(fields, context)),
    isLenient: booleanSetting(body, "lenient", areAllFields(fields)),
    operator,
    ownFields: areAllFields(fields) ? undefined : () => weightedFields(fields, context),
    required: body["minimum_should_match"],
    slop: Number(body["phrase_slop"] ?? 0),
    timeZone: body["time_zone"],
    tieBreaker: Number(body["tie_breaker"] ?? 0),
  };
  return boosted(
    compileNode(parse(textOf(query), operator, context), scope),
    boostOf("query_string", body),
  );
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

function compileNode(node: QueryStringNode, scope: Scope): CompiledQuery {
  switch (node.kind) {
    case "all":
      return matchAll(1);
    case "any":
      return scope.ownFields === undefined
        ? matchAll(1)
        : bestOf(
            scope
              .ownFields()
              .map(({ name, boost }) =>
                boosted(scope.compile({ exists: { field: name } }, scope.context), boost),
              ),
            scope.tieBreaker,
          );
    case "exists":
      return scope.compile({ exists: { field: node.field } }, scope.context);
    case "boost":
      return boosted(compileNode(node.node, scope), node.boost);
    case "clauses": {
      const of = (occur: string): CompiledQuery[] =>
        node.clauses
          .filter((clause) => clause.occur === occur)
          .map((clause) => compileNode(clause.node, scope));
      const must = of("must");
      const should = of("should");
      const mustNot = of("must_not").map((query) => query.score);
      const fallback = must.length === 0 && should.length > 0 ? 1 : 0;
      const given = scope.required;
      const required =
        given === undefined || should.length === 0
          ? fallback
          : minimumShouldMatch(given, should.length);
      return node.clauses.length === 0
        ? combineNone()
        : combine(must, [], should, mustNot, required);
    }
    case "text":
    case "phrase":
    case "wildcard":
    case "regexp":
    case "range":
      return overFields(node, scope);
  }
}

/** An empty query string, or empty parentheses, matches nothing. */
function combineNone(): CompiledQuery {
  return combine([], [], [], [], 1);
}

type Leaf = Extract<
  QueryStringNode,
  {
    readonly field: string | undefined;
    readonly kind: "text" | "phrase" | "wildcard" | "regexp" | "range";
  }
>;

function overFields(node: Leaf, scope: Scope): CompiledQuery {
  if (node.kind === "regexp") checkRegexLength(scope.context, node.pattern);
  const fields =
    node.field === undefined ? scope.defaults() : weightedFields(node.field, scope.context);
  const queries = fields.map((field) =>
    boosted(
      leniently(scope.isLenient, () =>
        scope.compile(leafQuery(node, field.name, scope), scope.context),
      ),
      field.boost,
    ),
  );
  return bestOf(queries, scope.tieBreaker);
}

/** The JSON form of one word, phrase, pattern or range on one field. */
function leafQuery(node: Leaf, field: string, scope: Scope): unknown {
  const kind = resolveField(scope.context, field)?.kind;
  switch (node.kind) {
    case "text":
      if (node.edits !== undefined) {
        const value = kind === "text" ? node.text.toLowerCase() : node.text;
        return { fuzzy: { [field]: { value, fuzziness: node.edits } } };
      }
      return { match: { [field]: { query: node.text, operator: scope.operator } } };
    case "phrase":
      return { match_phrase: { [field]: { query: node.text, slop: node.slop || scope.slop } } };
    case "wildcard": {
      const value = kind === "text" ? node.pattern.toLowerCase() : node.pattern;
      // A pattern that ends in its only wildcard is a prefix.
      return /^[^*?\\]+\*$/.test(value)
        ? { prefix: { [field]: { value: value.slice(0, -1) } } }
        : { wildcard: { [field]: { value } } };
    }
    case "regexp":
      return { regexp: { [field]: { value: node.pattern } } };
    case "range":
      return {
        range: {
          [field]: {
            ...node.bounds,
            ...(scope.timeZone === undefined ? {} : { time_zone: scope.timeZone }),
          },
        },
      };
  }
}
