/** `simple_query_string`: a syntax for people, in which nothing is an error. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { booleanSetting, refuseNull } from "./clause.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  matchNone,
  minimumShouldMatch,
} from "./compiled-query.ts";
import { boosted, combine, matchAll } from "./compound-queries.ts";
import { areAllFields, type WeightedField, weightedFields } from "./multi-match.ts";
import {
  parseSimpleSyntax,
  type SimpleFlag,
  type SimpleNode,
  simpleFlags,
} from "./simple-syntax.ts";
import { leniently } from "./text-queries.ts";

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

interface Scope {
  readonly fields: readonly WeightedField[];
  readonly isLenient: boolean;
  readonly body: JsonObject;
  readonly compile: Compile;
  readonly context: SearchContext;
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
  }
  const text = body["query"];
  if (text === undefined)
    throw parsingException("[simple_query_string] query text missing").at(body, undefined, "end");
  if (body["quote_field_suffix"] !== undefined)
    throw notSupported("[quote_field_suffix] in [simple_query_string]");
  const operator = textOf(body["default_operator"] ?? "or").toLowerCase();
  if (operator !== "and" && operator !== "or") {
    throw illegalArgument(
      `No enum constant org.elasticsearch.index.query.Operator.${operator.toUpperCase()}`,
    );
  }
  const given = body["fields"] ?? ["*"];
  const scope: Scope = {
    fields: weightedFields(given, context),
    isLenient: booleanSetting(body, "lenient", areAllFields(given)),
    body,
    compile,
    context,
  };
  const node = parseSimpleSyntax(textOf(text), operator === "and", readFlags(body["flags"]));
  if (node === undefined) return matchNone;
  return boosted(compileNode(node, scope, true), boostOf("simple_query_string", body));
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

function compileNode(node: SimpleNode, scope: Scope, isTop: boolean): CompiledQuery {
  switch (node.kind) {
    case "all":
      return matchAll(1);
    case "not":
      return combine([matchAll(1)], [], [], [compileNode(node.node, scope, false).score], 0);
    case "clauses": {
      const parts = node.clauses.map((clause) => compileNode(clause, scope, false));
      if (node.isAnd) return combine(parts, [], [], [], 0);
      const given = isTop ? scope.body["minimum_should_match"] : undefined;
      const required =
        given === undefined ? 1 : Math.max(1, minimumShouldMatch(given, parts.length));
      return combine([], [], parts, [], required);
    }
    case "text":
    case "prefix":
    case "phrase":
    case "fuzzy":
      return overFields(node, scope);
  }
}

type Leaf = Extract<SimpleNode, { readonly text: string }>;

function overFields(node: Leaf, scope: Scope): CompiledQuery {
  const { context, compile, fields, isLenient } = scope;
  const queries = fields.map(({ name, boost }) =>
    boosted(
      leniently(isLenient, () => compile(leafQuery(node, name, scope), context)),
      boost,
    ),
  );
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return only;
  return combine([], [], queries, [], 1);
}

/** The JSON form of one word or phrase on one field. */
function leafQuery(node: Leaf, field: string, { body }: Scope): unknown {
  const analyzer = body["analyzer"] === undefined ? {} : { analyzer: body["analyzer"] };
  const operator = body["default_operator"] ?? "or";
  switch (node.kind) {
    case "phrase":
      return { match_phrase: { [field]: { query: node.text, slop: node.number, ...analyzer } } };
    case "prefix":
      return { prefix: { [field]: { value: node.text.toLowerCase() } } };
    case "fuzzy":
      return {
        fuzzy: {
          [field]: {
            value: node.text.toLowerCase(),
            fuzziness: Math.min(2, node.number),
            prefix_length: body["fuzzy_prefix_length"] ?? 0,
            max_expansions: body["fuzzy_max_expansions"] ?? 50,
            transpositions: body["fuzzy_transpositions"] ?? true,
          },
        },
      };
    case "text":
      return { match: { [field]: { query: node.text, operator, ...analyzer } } };
  }
}
