/** `terms_set`: so many of several terms, the number being one of the document. */
import { illegalArgument, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { numberIn } from "../../script/values.ts";
import type { QueryExplanation, SearchContext, SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { createReader } from "../fields/reader.ts";
import {
  boostOf,
  type CompiledQuery,
  matchNone,
  minimumShouldMatch,
  NO_MATCH,
} from "./compiled-query.ts";
import { boosted, explanationOf } from "./compound-queries.ts";
import { match, noMatch } from "./explanation.ts";
import { compileScript } from "./scripting.ts";
import { queryShardFailure, queryShardRefusal, inQuery } from "./shard-problem.ts";
import { exactQuery } from "./term-query.ts";

const settingNames = [
  "terms",
  "minimum_should_match",
  "minimum_should_match_field",
  "minimum_should_match_script",
  "boost",
  "_name",
];

/** `terms_set`. */
export function parseTermsSet(body: JsonObject, context: SearchContext): CompiledQuery {
  const [name = "", second] = Object.keys(body);
  const settings = body[name];
  if (!isObject(settings) || second !== undefined)
    throw parsingException(`[terms_set] query malformed, no start_object after query name`);
  for (const key of Object.keys(settings)) {
    if (!settingNames.includes(key))
      throw parsingException(`[terms_set] query does not support [${key}]`).at(settings, key);
  }
  checkKinds(settings);
  checkOneMinimum(settings);
  const { terms: given } = settings;
  const terms = Array.isArray(given) ? (given as readonly unknown[]) : [];
  if (terms.length === 0) return matchNone;
  const boost = boostOf("terms_set", settings);
  const field = resolveField(context, name);
  const clauses = terms.map((term) => exactQuery(context, field, term, 1));
  const queries = clauses.map((clause) => clause.score);
  const required = requiredOf(settings, terms.length, context);
  const score = (document: SearchDocument): number => {
    const least = required(document);
    if (least === undefined) return NO_MATCH;
    let matched = 0;
    let sum = 0;
    for (const query of queries) {
      const part = query(document);
      if (part === NO_MATCH) continue;
      matched++;
      sum += part;
    }
    return matched >= Math.max(1, least) ? Math.fround(sum) : NO_MATCH;
  };
  const explained = (): QueryExplanation | undefined => {
    const each = clauses.flatMap((clause) => explanationOf(clause) ?? []);
    return each.length < clauses.length ? undefined : explainCovering(each, required);
  };
  return boosted({ score, isConstant: false, explained }, boost);
}

/** @throws {EsError} for terms that are no list, and a name of a field that is none */
function checkKinds(settings: JsonObject): void {
  for (const key of ["terms", "minimum_should_match_field"]) {
    const value = settings[key];
    if (value === undefined) continue;
    const isFit = key === "terms" ? Array.isArray(value) : typeof value !== "object";
    if (isFit) continue;
    const reason =
      value === null
        ? `unknown token [VALUE_NULL] after [${key}]`
        : `query does not support [${key}]`;
    throw parsingException(`[terms_set] ${reason}`).at(settings, key);
  }
}

/** @throws {EsError} 400 for several ways of saying how many, in the order of the server */
function checkOneMinimum(settings: JsonObject): void {
  const ways = ["field", "value", "script"] as const;
  const given = ways.filter(
    (way) => settings[`minimum_should_match${way === "value" ? "" : `_${way}`}`] !== undefined,
  );
  const [, second] = given;
  if (second === undefined) return;
  const [others, both] =
    second === "value"
      ? ["field or script", "a value and a script or field"]
      : ["field or value", "a script and a field or value"];
  throw illegalArgument(`A ${others} has already been specified. Cannot specify both ${both}`);
}

/** Lucene's CoveringQuery. */
function explainCovering(
  queries: readonly QueryExplanation[],
  required: (document: SearchDocument) => number | undefined,
): QueryExplanation {
  return {
    text: `CoveringQuery(queries=[${queries.map(({ text }) => text).join(", ")}])`,
    explain(document, place, factor) {
      const details = queries.map((query) => query.explain(document, place, factor));
      const found = details.filter(({ isMatch }) => isMatch);
      const least = Math.max(1, required(document) ?? 0);
      const what = `${found.length} matches for ${least} required matches`;
      if (found.length < least) return noMatch(what, details);
      const sum = found.reduce((total, { score }) => total + score, 0);
      return match(Math.fround(sum), `${what}, sum of:`, details);
    },
  };
}

/** Kinds of fields whose doc values are numbers. */
const countedKinds: ReadonlySet<string> = new Set(["long", "double", "date", "boolean"]);

/** How many terms a document has to hold; `undefined` when it does not say. */
function requiredOf(
  settings: JsonObject,
  terms: number,
  context: SearchContext,
): (document: SearchDocument) => number | undefined {
  const minimum = settings["minimum_should_match"];
  if (minimum !== undefined) {
    const least = inQuery(context, () => minimumShouldMatch(minimum, terms));
    return () => least;
  }
  const name = settings["minimum_should_match_field"];
  if (name !== undefined) {
    const field = resolveField(context, textOf(name));
    if (field === undefined) {
      const reason = `failed to find minimum_should_match field [${textOf(name)}]`;
      throw queryShardRefusal(context, reason);
    }
    if (!countedKinds.has(field.kind)) {
      const reason = `field [${field.name}] of type [${field.type}] is no number`;
      throw queryShardFailure(context, "class_cast_exception", reason);
    }
    if (!field.hasDocValues) {
      const reason = `Can't load fielddata on [${field.name}] because fielddata is unsupported on fields of type [${field.type}]. Use doc values instead.`;
      throw queryShardFailure(context, "illegal_argument_exception", reason);
    }
    const read = createReader(field);
    return (document) => {
      const [value] = read(document);
      return value === undefined ? undefined : Math.trunc(Number(value));
    };
  }
  const script = settings["minimum_should_match_script"];
  if (script === undefined) {
    const reason = "No minimum should match has been specified";
    throw queryShardFailure(context, "illegal_state_exception", reason);
  }
  const run = compileScript(withCount(script, terms), context);
  return (document) => numberIn(run(document, 0)) ?? 0;
}

/** The script, whose parameters tell the number of terms. */
function withCount(script: unknown, terms: number): JsonObject {
  const own = isObject(script) ? script : { source: script };
  const params = isObject(own["params"]) ? own["params"] : {};
  return { ...own, params: { ...params, num_terms: terms } };
}
