/** `simple_query_string`: a syntax for people, in which nothing is an error. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { booleanSetting, checkInOrder, refuseNull } from "./clause.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  madeOnShard,
  minimumShouldMatch,
} from "./compiled-query.ts";
import {
  areAllFields,
  defaultFields,
  namedFields,
  type WeightedField,
  weightedFields,
} from "./weighted-fields.ts";
import { compiledMaker, type QueryMaker } from "./query-maker.ts";
import {
  parseSimpleSyntax,
  type SimpleFlag,
  type SimpleNode,
  simpleFlags,
} from "./simple-syntax.ts";
import { onField } from "./on-field.ts";
import { namedAnalyzer } from "./text-queries.ts";
import { stringChecks } from "./setting-checks.ts";
import { writtenText } from "./query-values.ts";
import { inQuery } from "./shard-problem.ts";

const settings = [
  "query",
  "fields",
  "flags",
  "default_operator",
  "analyzer",
  "analyze_wildcard",
  "lenient",
  "minimum_should_match",
  "quote_field_suffix",
  "fuzzy_prefix_length",
  "fuzzy_max_expansions",
  "fuzzy_transpositions",
  "auto_generate_synonyms_phrase_query",
  "boost",
  "_name",
];

interface Scope<T> {
  readonly maker: QueryMaker<T>;
  readonly fields: readonly WeightedField[];
  readonly isLenient: boolean;
  readonly body: JsonObject;
}

/** `simple_query_string`. */
export function parseSimpleQueryString(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!settings.includes(key) && typeof body[key] === "object")
      throw notSupported(`such a [${key}] in [simple_query_string]`);
    if (!settings.includes(key))
      throw parsingException(`[simple_query_string] unsupported field [${key}]`).at(body, key);
    refuseNull("simple_query_string", body, key);
    if (key !== "fields" && typeof body[key] === "object")
      throw notSupported(`such a [${key}] in [simple_query_string]`);
    if (key === "fields" && !Array.isArray(body[key]))
      throw parsingException("[simple_query_string] unsupported field [fields]").at(body, key);
    checkInOrder(body, stringChecks, key);
  }
  return madeOnShard(makeSimpleQueryString(body, compiledMaker(context, compile)));
}

/** Makes a `simple_query_string`. @param body one that has known settings only */
export function makeSimpleQueryString<T>(body: JsonObject, maker: QueryMaker<T>): T {
  const text = body["query"];
  if (text === undefined)
    throw parsingException("[simple_query_string] query text missing").at(body, undefined, "end");
  const { analyzer } = body;
  if (typeof analyzer === "string") namedAnalyzer("simple_query_string", analyzer, maker.context);
  if (body["quote_field_suffix"] !== undefined)
    throw notSupported("[quote_field_suffix] in [simple_query_string]");
  const operator = textOf(body["default_operator"] ?? "or").toLowerCase();
  if (operator !== "and" && operator !== "or") {
    throw illegalArgument(
      `No enum constant org.elasticsearch.index.query.Operator.${operator.toUpperCase()}`,
    );
  }
  const given = namedFields(body) ?? defaultFields(maker.context);
  const scope: Scope<T> = {
    maker,
    fields: weightedFields(given, maker.context),
    isLenient: booleanSetting(body, "lenient", areAllFields(given)),
    body,
  };
  const node = parseSimpleSyntax(writtenText(text), operator === "and", readFlags(body["flags"]));
  if (node === undefined) return maker.none("empty BooleanQuery");
  return maker.boosted(makeNode(node, scope, true), boostOf("simple_query_string", body));
}

function readFlags(given: unknown): ReadonlySet<SimpleFlag> {
  if (given === undefined) return new Set(simpleFlags);
  if (typeof given === "number") throw notSupported("[flags] as a number");
  const names = textOf(given).split("|");
  if (names.some((name) => name.toUpperCase() === "ALL")) return new Set(simpleFlags);
  const flags = new Set<SimpleFlag>();
  for (const shown of names) {
    const name = shown.toUpperCase();
    if (name === "NONE" || name === "") continue;
    const flag = simpleFlags.find((known) => known === (name === "NEAR" ? "SLOP" : name));
    if (flag === undefined) throw illegalArgument(`Unknown simple_query_string flag [${shown}]`);
    flags.add(flag);
  }
  return flags;
}

function makeNode<T>(node: SimpleNode, scope: Scope<T>, isTop: boolean): T {
  const { maker } = scope;
  switch (node.kind) {
    case "all":
      return maker.all();
    case "not":
      return maker.bool(
        [
          { occur: "-", query: makeNode(node.node, scope, false) },
          { occur: "", query: maker.all() },
        ],
        isTop ? leastOf(1, scope) : 0,
      );
    case "clauses": {
      const occur = node.isAnd ? "+" : "";
      const clauses = node.clauses.map(
        (clause) =>
          ({
            occur,
            query: makeNode(clause, scope, false),
          }) as const,
      );
      return maker.bool(clauses, isTop ? leastOf(node.isAnd ? 0 : clauses.length, scope) : 0);
    }
    case "text":
    case "prefix":
    case "phrase":
    case "fuzzy":
      return inFields(node, scope, isTop);
  }
}

/**
 * What `minimum_should_match` demands of so many optional clauses: of none, too, so that a query
 * whose clauses are all required matches nothing, as on the server.
 */
function leastOf<T>(clauses: number, { body, maker }: Scope<T>): number {
  const { minimum_should_match: given } = body;
  if (given === undefined) return 0;
  return inQuery(maker.context, () => minimumShouldMatch(given, clauses));
}

type Leaf = Extract<SimpleNode, { readonly text: string }>;

function inFields<T>(node: Leaf, scope: Scope<T>, isTop: boolean): T {
  const { maker, fields, isLenient, body } = scope;
  const { minimum_should_match: given } = body;
  // The words of one field are clauses of the whole query.
  const least =
    isTop && fields.length === 1 && given !== undefined ? { minimum_should_match: given } : {};
  const queries = fields.map((field) =>
    onField(field, isLenient, maker, () => leafQuery(node, field.name, scope, least)),
  );
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return only;
  if (only === undefined) return maker.none("No fields to search");
  return maker.best(queries, node.kind === "phrase" ? 0 : 1);
}

/** One word or phrase on one field. */
function leafQuery<T>(node: Leaf, field: string, { body, maker }: Scope<T>, least: JsonObject): T {
  const analyzer = body["analyzer"] === undefined ? {} : { analyzer: body["analyzer"] };
  const operator = body["default_operator"] ?? "or";
  const { text: query } = node;
  switch (node.kind) {
    case "phrase":
      return maker.text("match_phrase", field, { query, slop: node.number, ...analyzer });
    case "prefix":
      return maker.clause({ prefix: { [field]: { value: query.toLowerCase() } } });
    case "fuzzy": {
      const settings = {
        value: query.toLowerCase(),
        fuzziness: Math.min(2, node.number),
        prefix_length: body["fuzzy_prefix_length"] ?? 0,
        max_expansions: body["fuzzy_max_expansions"] ?? 50,
        transpositions: body["fuzzy_transpositions"] ?? true,
      };
      return maker.clause({ fuzzy: { [field]: settings } });
    }
    case "text":
      return maker.text("match", field, { query, operator, ...analyzer, ...least });
  }
}
