/** `function_score` and `script_score`: scores that are changed by functions of the document. */
import {
  type EsError,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  matchNone,
  NO_MATCH,
  numberOf,
  rewrittenToNone,
  type Scorer,
} from "./compiled-query.ts";
import { Faults } from "../faults.ts";
import { boosted, explanationOf, matchAll } from "./compound-queries.ts";
import { type ExplainedFunction, explainFunctions } from "./function-explanation.ts";
import {
  compileFunction,
  functionNames,
  readDecayFunction,
  type ScoreFunction,
  scriptScore,
} from "./score-functions.ts";
import { castProblem, compileScript, primitiveTypeOf } from "./scripting.ts";

const members = [
  "query",
  "functions",
  "score_mode",
  "boost_mode",
  "max_boost",
  "min_score",
  "boost",
  "_name",
  "weight",
];
const scoreModes = ["multiply", "sum", "avg", "first", "max", "min"];
const boostModes = ["multiply", "replace", "sum", "avg", "max", "min"];

/** One function, for the documents that its filter matches. */
interface Weighted {
  readonly accepts: Scorer | undefined;
  /** True when nothing is said that would keep it from a document. */
  readonly isForAll: boolean;
  readonly weight: number;
  readonly compute: ScoreFunction;
  readonly explained: ExplainedFunction;
}

/** `function_score`. */
export function parseFunctionScore(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  const names: readonly string[] = functionNames;
  const single = Object.keys(body).filter((key) => names.includes(key) || key === "weight");
  for (const key of Object.keys(body)) checkMember(body, key);
  if (body["functions"] !== undefined && single.length > 0) {
    throw parsingException(
      `failed to parse [function_score] query. [you can either define [functions] array or a single function, not both. already found [${single[0] ?? ""}], now encountering [functions].]`,
    ).at(body, "functions");
  }
  const [first, second] = single;
  if (second !== undefined) {
    throw parsingException(
      `failed to parse [function_score] query. already found function [${first ?? ""}], now encountering [${second}]. use [functions] array if you want to define several functions.`,
    ).at(body, second);
  }
  const list = Array.isArray(body["functions"])
    ? (body["functions"] as readonly unknown[])
    : single.length > 0
      ? [Object.fromEntries(single.map((key) => [key, body[key]]))]
      : [];
  const faults = new Faults();
  const found = faults.attempt("query", () =>
    isObject(body["query"]) ? compile(body["query"], context) : matchAll(1),
  );
  const functions = list.flatMap((entry) => {
    return faults.attempt("function", () => readFunction(entry, list, context, compile)) ?? [];
  });
  const boost = boostOf("function_score", body);
  const [scoreMode, boostMode] = [
    modeOf(body, "score_mode", scoreModes),
    modeOf(body, "boost_mode", boostModes),
  ];
  for (const stage of ["parse", "rewrite"] as const)
    faults.throwFirst(stage, ["query", "function"]);
  if (found?.isNone === true) return rewrittenToNone;
  faults.throwFirst("create", ["function", "query"]);
  if (found === undefined) return rewrittenToNone;
  const most = Number(body["max_boost"] ?? Number.MAX_VALUE);
  const least = body["min_score"] === undefined ? undefined : Number(body["min_score"]);
  const factorOf = (document: SearchDocument, score: number): number | undefined =>
    functions.length === 0 ? undefined : combineFunctions(functions, scoreMode, document, score);
  return withBoost(boost);

  // A boost is one of the query that the functions change.
  function withBoost(whole: number): CompiledQuery {
    // Without a weight Lucene asks only which documents match, as if there were no boost.
    const isWeightless = whole === 0;
    const query = boosted(found ?? matchNone, isWeightless ? 1 : whole);
    return {
      isConstant: false,
      reboosted: (boost) => withBoost(whole * boost),
      explained: () => {
        const inner = explanationOf(query);
        if (inner === undefined || isWeightless) return undefined;
        return explainFunctions({
          inner,
          functions: functions.map((each) => each.explained),
          scoreMode,
          boostMode,
          most,
          least,
          factor: factorOf,
          combine: (score, factor) => combineScores(boostMode, score, factor),
        });
      },
      score(document) {
        const score = query.score(document);
        if (score === NO_MATCH) return NO_MATCH;
        const factor = factorOf(document, score);
        const result =
          factor === undefined ? score : combineScores(boostMode, score, Math.min(factor, most));
        if (least !== undefined && result < least) return NO_MATCH;
        return isWeightless ? 0 : result;
      },
    };
  }
}

function modeOf(body: JsonObject, name: string, known: readonly string[]): string {
  const mode = textOf(body[name] ?? "multiply").toLowerCase();
  if (known.includes(mode)) return mode;
  const type = name === "score_mode" ? "FunctionScoreQuery.ScoreMode" : "CombineFunction";
  throw illegalArgument(
    `No enum constant org.elasticsearch.common.lucene.search.function.${type}.${mode.toUpperCase()}`,
  );
}

/** Refuses a member that the query does not have, or whose value is of another kind. */
function checkMember(body: JsonObject, key: string): void {
  const value = body[key];
  const names: readonly string[] = functionNames;
  if (value === null) return;
  if (Array.isArray(value)) {
    if (key === "functions") return;
    const reason = `failed to parse [function_score] query. array [${key}] is not supported`;
    throw parsingException(reason).at(body, key);
  }
  if (isObject(value)) {
    if (key !== "query" && !names.includes(key)) throw unknownFunction(body, key);
    return;
  }
  if (key === "query" || key === "functions" || !members.includes(key)) {
    const reason = `failed to parse [function_score] query. field [${key}] is not supported`;
    throw parsingException(reason).at(body, key);
  }
  if (key === "score_mode") modeOf(body, key, scoreModes);
  if (key === "boost_mode") modeOf(body, key, boostModes);
  if (["boost", "max_boost", "min_score", "weight"].includes(key)) numberOf(value);
}

function unknownFunction(body: JsonObject, key: string): EsError {
  const reason = "unknown query [function_score] did you mean any of [random_score, script_score]?";
  return parsingException(reason, {
    caused_by: { type: "named_object_not_found_exception", reason: `unknown field [${key}]` },
  }).at(body, key);
}

function checkFunctionMember(given: JsonObject, key: string): void {
  const value = given[key];
  const names: readonly string[] = functionNames;
  if (isObject(value) && key !== "filter" && !names.includes(key))
    throw unknownFunction(given, key);
  if (isObject(value) || (key === "weight" && !Array.isArray(value))) return;
  if (Array.isArray(value) || value === null)
    throw notSupported(`such a [${key}] in a function of [function_score]`);
  const reason = `failed to parse [function_score] query. field [${key}] is not supported`;
  throw parsingException(reason).at(given, key);
}

function readFunction(
  entry: unknown,
  list: readonly unknown[],
  context: SearchContext,
  compile: Compile,
): Weighted {
  if (!isObject(entry)) {
    const reason = `failed to parse [START_OBJECT]. malformed query, expected a [${tokenOf(entry)}] while parsing functions but got a [function_score] instead`;
    throw parsingException(reason).at(list, String(list.indexOf(entry)));
  }
  const given = entry;
  for (const key of Object.keys(given)) checkFunctionMember(given, key);
  const weight = given["weight"] === undefined ? 1 : numberOf(given["weight"]);
  if (weight < 0)
    throw illegalArgument("[weight] cannot be negative for a filtering function").standingAt(
      given,
      undefined,
      "end",
    );
  const name = functionNames.find((known) => given[known] !== undefined);
  if (name === undefined && given["weight"] === undefined) {
    throw parsingException(
      "failed to parse [function_score] query. an entry in functions list is missing a function.",
    ).at(given, undefined, "end");
  }
  for (const key of Object.keys(given)) {
    if (key === "filter" || key === "weight" || key === name) continue;
    throw parsingException(`field [${key}] is not supported`).at(given, key);
  }
  const body = name === undefined ? undefined : given[name];
  const { filter } = given;
  const filtered =
    filter === undefined ? undefined : compile(filter, { ...context, isScored: false });
  const accepts = filtered?.score;
  const settings = isObject(body) ? body : {};
  const compute = name === undefined ? () => 1 : compileFunction(name, settings, context);
  const isDecay = name === "gauss" || name === "exp" || name === "linear";
  const explained: ExplainedFunction = {
    name,
    body: settings,
    decay: isDecay ? readDecayFunction(name, settings, context) : undefined,
    weight: given["weight"] === undefined ? undefined : weight,
    filter:
      filtered === undefined || filtered.matchesAll === true
        ? undefined
        : () => context.writtenFilter?.(filter) ?? explanationOf(filtered)?.text,
    accepts: (document) => accepts === undefined || accepts(document) !== NO_MATCH,
    compute,
  };
  const isForAll = filter === undefined || (isObject(filter) && isObject(filter["match_all"]));
  return { accepts, isForAll, weight, compute, explained };
}

/** The factor of all functions that apply; 1 when none does. */
function combineFunctions(
  functions: readonly Weighted[],
  mode: string,
  document: SearchDocument,
  score: number,
): number {
  const [only] = functions;
  // The server does not take means of one function alone.
  if (functions.length === 1 && only?.isForAll === true)
    return only.compute(document, score) * only.weight;
  let factor: number | undefined;
  let weights = 0;
  for (const { accepts, weight, compute } of functions) {
    if (accepts !== undefined && accepts(document) === NO_MATCH) continue;
    const value = compute(document, score) * weight;
    weights += weight;
    if (factor === undefined) factor = value;
    else if (mode === "multiply") factor *= value;
    else if (mode === "max") factor = Math.max(factor, value);
    else if (mode === "min") factor = Math.min(factor, value);
    else factor += value;
    if (mode === "first") break;
  }
  if (factor === undefined) return 1;
  return mode === "avg" ? factor / weights : factor;
}

function combineScores(mode: string, score: number, factor: number): number {
  const { fround } = Math;
  switch (mode) {
    case "replace":
      return fround(factor);
    case "sum":
      return fround(score + factor);
    case "avg":
      return fround((score + factor) / 2);
    case "max":
      return fround(Math.max(score, factor));
    case "min":
      return fround(Math.min(score, factor));
    default:
      return fround(score * factor);
  }
}

/** `script_score`. */
export function parseScriptScore(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!["query", "script", "min_score", "boost", "_name"].includes(key))
      throw parsingException(`[script_score] unknown field [${key}]`).at(body, key, "key");
  }
  if (typeof body["script"] === "string") {
    const reason = "[script_score] script doesn't support values of type: VALUE_STRING";
    throw xContentParseException(reason).at(body, "script");
  }
  if (body["query"] === undefined) throw parsingException("[script_score] requires 'query' field");
  const query = compile(body["query"], context);
  const compute = scriptScore(body["script"], context);
  const boost = boostOf("script_score", body);
  const least = body["min_score"] === undefined ? undefined : Number(body["min_score"]);
  return {
    isConstant: false,
    score(document) {
      const score = query.score(document);
      if (score === NO_MATCH) return NO_MATCH;
      const result = Math.fround(compute(document, score) * boost);
      return least !== undefined && result < least ? NO_MATCH : result;
    },
  };
}

/** `script`: the documents for which a script gives true. */
export function parseScriptQuery(body: JsonObject, context: SearchContext): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (!["script", "boost", "_name"].includes(key))
      throw parsingException(`[script] query does not support [${key}]`).at(body, key);
  }
  if (body["script"] === undefined)
    throw parsingException("script must be provided with a [script] query");
  const run = compileScript(body["script"], context);
  const boost = boostOf("script", body);
  return {
    isConstant: true,
    score: (document) => {
      const answer = run(document, 0) ?? false;
      if (typeof answer !== "boolean")
        throw castProblem(
          context,
          body["script"],
          `cannot cast def [${primitiveTypeOf(answer)}] to boolean`,
        );
      return answer ? boost : NO_MATCH;
    },
  };
}
