import { EsError, notSupported, parsingException, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { unexpectedList } from "../../json/object-parser.ts";
import { Faults } from "../faults.ts";
import { suggestion } from "../problem.ts";
import {
  boostOf,
  constantScore,
  counted,
  matchNone,
  minimumShouldMatch,
  NO_MATCH,
  numberOf,
  rewrittenToNone,
  type Compile,
  type CompiledQuery,
  type Scorer,
} from "./compiled-query.ts";
import { explainBool, explainConstant, noMatch } from "./explanation.ts";
import { floatText } from "../../json/java-number.ts";
import type { QueryExplanation, SearchContext, SearchDocument } from "../fields/document.ts";
import { booleanSetting, checkInOrder, plainMembers } from "./clause.ts";
import { checkObjectMember, inField } from "./object-members.ts";
import { asksBeyondDates } from "./range-query.ts";
import { inQuery } from "./shard-problem.ts";

/** Multiplies the scores of a query. */
export function boosted(query: CompiledQuery, boost: number): CompiledQuery {
  if (boost === 1) return query;
  if (query.reboosted !== undefined) return query.reboosted(boost);
  return {
    score(document) {
      const score = query.score(document);
      return score === NO_MATCH ? NO_MATCH : Math.fround(score * boost);
    },
    isConstant: query.isConstant,
    ...(query.isCounted === true ? { isCounted: true, countedAlone: query.countedAlone } : {}),
    ...(query.matchesAll === true ? { matchesAll: true } : {}),
    explained:
      query.explained === undefined
        ? undefined
        : () => boostedExplanation(query.explained?.(), boost),
  };
}

/** Every one of several queries with a boost. */
export function allBoosted(queries: readonly CompiledQuery[], boost: number): CompiledQuery[] {
  return queries.map((query) => boosted(query, boost));
}

/** How a query of parts takes a boost, where one of them does not multiply its score by it. */
export function reboostedParts(
  parts: readonly CompiledQuery[],
  make: (boost: number) => CompiledQuery,
): CompiledQuery["reboosted"] {
  return parts.some((part) => part.reboosted !== undefined) ? make : undefined;
}

function boostedExplanation(
  explained: QueryExplanation | undefined,
  boost: number,
): QueryExplanation | undefined {
  if (explained === undefined) return undefined;
  return {
    ...explained,
    text: `(${explained.text})^${floatText(boost)}`,
    explain: (document, place, factor) =>
      explained.explain(document, place, Math.fround(factor * boost)),
  };
}

/** `match_all` and the query of a search that names none. */
export function matchAll(boost: number): CompiledQuery {
  const explained = (): QueryExplanation => explainConstant("*:*", () => true, boost);
  return { score: () => boost, isConstant: true, isCounted: true, matchesAll: true, explained };
}

function knownMember(name: string, body: JsonObject, key: string, known: readonly string[]): void {
  if (known.includes(key) || key === "boost" || key === "_name") return;
  const reason = `[${name}] unknown field [${key}]${suggestion(key, [...known, "boost", "_name"])}`;
  throw xContentParseException(reason).at(body, key, "key");
}

/** True for a `bool` whose `must_not` matches everything. */
export function excludesAll(body: JsonObject): boolean {
  const excluded = body["must_not"] ?? body["mustNot"];
  const isAll = (clause: unknown): boolean => isObject(clause) && isObject(clause["match_all"]);
  return Array.isArray(excluded) ? excluded.some(isAll) : isAll(excluded);
}

/** True where what must match cannot, or none of what only may match can. */
function isRewrittenToNone(
  body: JsonObject,
  must: readonly CompiledQuery[],
  filter: readonly CompiledQuery[],
  should: readonly CompiledQuery[],
): boolean {
  const isNone = (query: CompiledQuery): boolean => query.isNone === true;
  if (must.some(isNone) || filter.some(isNone)) return true;
  if (excludesAll(body)) return true;
  const count = Array.isArray(body["should"]) ? body["should"].length : 1;
  // A clause that was refused is there, too.
  const hasMore = ["must", "filter", "must_not", "mustNot"].some((name) =>
    Array.isArray(body[name]) ? body[name].length > 0 : isObject(body[name]),
  );
  const isOptional = !hasMore && should.length > 0;
  return isOptional && should.length === count && should.every(isNone);
}

/** `match_all`. */
export function parseMatchAll(body: JsonObject): CompiledQuery {
  for (const key of Object.keys(body)) {
    try {
      knownMember("match_all", body, key, []);
      checkObjectMember("match_all", body, key);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      throw new EsError(400, "parsing_exception", error.reason).around(error);
    }
  }
  return matchAll(boostOf("match_all", body));
}

/** `match_none`. */
export function parseMatchNone(body: JsonObject): CompiledQuery {
  for (const key of Object.keys(body)) {
    if (key === "boost" || key === "_name") continue;
    throw parsingException(`[match_none] query does not support [${key}]`).at(body, key);
  }
  boostOf("match_none", body);
  const text = 'User requested "match_none" query.';
  const explained = { text, explain: () => noMatch(text) };
  return { ...rewrittenToNone, explained: () => explained };
}

const BOOL_MEMBERS = [
  "must",
  "must_not",
  "mustNot",
  "filter",
  "should",
  "minimum_should_match",
  "adjust_pure_negative",
];

/** `bool`: scores of `must` and `should` add up, `filter` and `must_not` only decide. */
export function parseBool(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  const faults = new Faults();
  const documentOrder = Object.keys(body);
  for (const key of documentOrder) {
    faults.attempt(key, () => {
      knownMember("bool", body, key, BOOL_MEMBERS);
      checkObjectMember("bool", body, key);
    });
  }
  const clauses = (name: string, within = context): CompiledQuery[] => {
    const key = name === "must_not" && body[name] === undefined ? "mustNot" : name;
    const value = body[key];
    if (value === undefined || value === null) return [];
    if (typeof value !== "object") {
      faults.attempt(key, () => {
        const reason = `[bool] ${key} doesn't support values of type: ${tokenOf(value)}`;
        throw xContentParseException(reason).at(body, key);
      });
      return [];
    }
    const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
    return list.flatMap((clause, at) => {
      const next = list[at + 1];
      // The server's parser passes over a value in front of a query.
      if (!isObject(clause) && !Array.isArray(clause) && isObject(next)) return [];
      const read = (): CompiledQuery => {
        if (isObject(clause)) return compile(clause, within);
        if (Array.isArray(clause)) throw unexpectedList(list, at);
        const refusal = parsingException("[_na] query malformed, must start with start_object");
        throw at + 1 < list.length
          ? refusal.at(list, String(at + 1))
          : refusal.at(list, undefined, "end");
      };
      return faults.attempt(key, () => inField("bool", key, read)) ?? [];
    });
  };
  const must = clauses("must");
  const filtering = clauses("filter");
  const filter = filtering.map(scorerOf);
  const should = clauses("should");
  // What must not match has nothing to show.
  const mustNot = clauses("must_not", { ...context, onInner: undefined });
  faults.throwFirst("parse", documentOrder);
  faults.throwFirst("rewrite", ["must", "must_not", "filter", "should"]);
  const boost = boostOf("bool", body);
  if (isRewrittenToNone(body, must, filtering, should)) return rewrittenToNone;
  const needed = [body["must"], body["filter"]].flat();
  if (faults.any && needed.some((one) => asksBeyondDates(one, context))) return rewrittenToNone;
  faults.throwFirst("create", ["must", "must_not", "should", "filter"]);
  const given = body["minimum_should_match"] ?? undefined;
  const fallback = should.length > 0 && must.length === 0 && filter.length === 0 ? 1 : 0;
  const isPureNegative = must.length + filter.length + should.length === 0;
  // Without anything that has to match, one of what may match has to.
  const required =
    given === undefined || isPureNegative
      ? fallback
      : Math.max(
          fallback,
          inQuery(context, () => minimumShouldMatch(given, should.length)),
        );
  if (must.length + filter.length + should.length + mustNot.length === 0) return matchAll(boost);
  if (isPureNegative && !booleanSetting(body, "adjust_pure_negative", true))
    return constantScore(() => false, 1);
  const explained = (): QueryExplanation | undefined =>
    explainBool({
      must: must.map(explanationOf),
      filter: filtering.map(explanationOf),
      should: should.map(explanationOf),
      mustNot: mustNot.map(explanationOf),
      ...(given === undefined ? {} : { minimum: required }),
    });
  const combined = combine(must, filter, should, mustNot.map(scorerOf), required, explained);
  const [only, second] = [...must, ...filtering, ...should];
  const isOne = only !== undefined && second === undefined && mustNot.length === 0;
  const isCounted = isOne && only.isCounted === true;
  return boosted(isCounted ? counted(combined, only.countedAlone) : combined, boost);
}

/** How the scores of a query come about, where that is known. */
export function explanationOf({ explained }: CompiledQuery): QueryExplanation | undefined {
  return explained?.();
}

function scorerOf(query: CompiledQuery): Scorer {
  return query.score;
}

/** The boolean combination of compiled clauses; `required` of the `should` ones have to match. */
export function combine(
  must: readonly CompiledQuery[],
  filter: readonly Scorer[],
  should: readonly CompiledQuery[],
  mustNot: readonly Scorer[],
  required: number,
  explained?: CompiledQuery["explained"],
): CompiledQuery {
  const mustScores = must.map(scorerOf);
  const shouldScores = should.map(scorerOf);
  const score = (document: SearchDocument): number => {
    for (const clause of filter) if (clause(document) === NO_MATCH) return NO_MATCH;
    for (const clause of mustNot) if (clause(document) !== NO_MATCH) return NO_MATCH;
    let sum = 0;
    for (const clause of mustScores) {
      const part = clause(document);
      if (part === NO_MATCH) return NO_MATCH;
      sum += part;
    }
    let matched = 0;
    for (const clause of shouldScores) {
      const part = clause(document);
      if (part === NO_MATCH) continue;
      matched++;
      sum += part;
    }
    return matched >= required ? Math.fround(sum) : NO_MATCH;
  };
  const isShouldConstant = should.length === 0 || (should.length === 1 && required === 1);
  return {
    score,
    isConstant: isShouldConstant && [...must, ...should].every((clause) => clause.isConstant),
    explained,
    reboosted: reboostedParts([...must, ...should], (boost) =>
      combine(allBoosted(must, boost), filter, allBoosted(should, boost), mustNot, required),
    ),
  };
}

/** `constant_score`. */
export function parseConstantScore(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  for (const [key, value] of Object.entries(body)) {
    if (value === null) throw parsingException("unexpected token [VALUE_NULL]").at(body, key);
    if (key === "boost" || key === "_name") continue;
    if (key !== "filter")
      throw parsingException(`[constant_score] query does not support [${key}]`).at(body, key);
    if (Array.isArray(value))
      throw parsingException("unexpected token [START_ARRAY]").at(body, key);
    if (!isObject(value) && value !== null)
      throw parsingException("[constant_score] query does not support [filter]").at(body, key);
  }
  checkInOrder(body, { boost: numberOf });
  if (body["filter"] === undefined)
    throw parsingException("[constant_score] requires a 'filter' element");
  const filter = compile(body["filter"], context);
  const boost = boostOf("constant_score", body);
  if (filter.isNone === true) return rewrittenToNone;
  const { score } = filter;
  const text = (): string | undefined => {
    const explained = explanationOf(filter);
    return explained === undefined ? undefined : `ConstantScore(${explained.text})`;
  };
  const accepts = (document: SearchDocument): boolean => score(document) !== NO_MATCH;
  const { matchesAll = false } = filter;
  const constant = { ...constantScore(accepts, boost, text), matchesAll };
  return filter.isCounted === true ? counted(constant, filter.countedAlone) : constant;
}

/** `boosting`: matches of `negative` keep a fraction of their score. */
export function parseBoosting(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  const parts: Record<string, unknown> = {};
  for (const { key, value, place } of plainMembers(body)) {
    const known = isObject(value) ? ["positive", "negative"] : ["negative_boost", "boost", "_name"];
    if (!known.includes(key))
      throw parsingException(`[boosting] query does not support [${key}]`).at(...place);
    if (key.endsWith("boost") && typeof value === "boolean")
      throw notSupported(`a [${key}] that is no number`);
    parts[key] = value;
  }
  checkInOrder(parts, { negative_boost: numberOf, boost: numberOf });
  for (const name of ["positive", "negative"])
    if (parts[name] === undefined)
      throw parsingException(`[boosting] query requires '${name}' query to be set'`);
  const faults = new Faults();
  const [positive, negative] = ["positive", "negative"].map(
    (name) => faults.attempt("", () => compile(parts[name], context)) ?? matchNone,
  );
  faults.throwFirst("parse");
  const negativeBoost = numberOf(parts["negative_boost"] ?? -1);
  if (negativeBoost < 0) {
    throw parsingException(
      "[boosting] query requires 'negative_boost' to be set to be a positive value'",
    );
  }
  faults.throwFirst("rewrite");
  if (positive?.isNone === true) return rewrittenToNone;
  if (faults.any && asksBeyondDates(parts["positive"], context)) return rewrittenToNone;
  faults.throwAny();
  if (positive === undefined || negative === undefined) return rewrittenToNone;
  const score = (document: SearchDocument): number => {
    const part = positive.score(document);
    if (part === NO_MATCH) return NO_MATCH;
    return negative.score(document) === NO_MATCH ? part : Math.fround(part * negativeBoost);
  };
  return boosted({ score, isConstant: false }, boostOf("boosting", body));
}
