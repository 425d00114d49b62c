/** `dis_max`: the best of several queries. */
import { parsingException } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { Faults } from "../faults.ts";
import type { SearchContext } from "../fields/document.ts";
import { checkInOrder } from "./clause.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  isNothing,
  NO_MATCH,
  numberOf,
  rewrittenToNone,
} from "./compiled-query.ts";
import { allBoosted, boosted, explanationOf, reboostedParts } from "./compound-queries.ts";
import { explainBest } from "./explanation.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** The best score of several queries, plus `tieBreaker` times the others. */
export function bestOf(queries: readonly CompiledQuery[], tieBreaker: number): CompiledQuery {
  const [only] = queries;
  if (only !== undefined && queries.length === 1) return only;
  const scores = queries.map(({ score }) => score);
  return {
    score(document) {
      let best = NO_MATCH;
      let sum = 0;
      for (const clause of scores) {
        const part = clause(document);
        if (part === NO_MATCH) continue;
        sum += part;
        if (part > best) best = part;
      }
      return best === NO_MATCH ? NO_MATCH : Math.fround(best + (sum - best) * tieBreaker);
    },
    isConstant: queries.length === 0,
    explained() {
      const left = queries.filter((query) => !isNothing(query));
      const [first] = left;
      if (first !== undefined && left.length === 1) return explanationOf(first);
      return explainBest((left.length === 0 ? queries : left).map(explanationOf), tieBreaker);
    },
    reboosted: reboostedParts(queries, (boost) => bestOf(allBoosted(queries, boost), tieBreaker)),
  };
}

/** `dis_max`. */
export function parseDisMax(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  for (const [key, value] of Object.entries(body)) {
    const isFit = key === "queries" ? typeof value === "object" && value !== null : true;
    if (!isFit || !["queries", "tie_breaker", "boost", "_name"].includes(key)) {
      throw parsingException(`[dis_max] query does not support [${key}]`).at(body, key);
    }
  }
  checkInOrder(body, { tie_breaker: numberOf, boost: numberOf });
  const given = body["queries"];
  const list = Array.isArray(given)
    ? (given as readonly unknown[])
    : isObject(given)
      ? [given]
      : [];
  if (Array.isArray(given) && list.length === 0) {
    const reason = "[_na] query malformed, must start with start_object";
    throw parsingException(reason).at(given, undefined, "end");
  }
  if (list.length === 0)
    throw parsingException("[dis_max] requires 'queries' field with at least one clause");
  const wrong = list.findIndex((query) => !isObject(query));
  if (wrong >= 0 && Array.isArray(given))
    throw parsingException("[_na] query malformed, must start with start_object").at(
      given,
      String(wrong),
    );
  const faults = new Faults();
  const queries = list.flatMap((query) => faults.attempt("", () => compile(query, context)) ?? []);
  faults.throwFirst("parse");
  const boost = boostOf("dis_max", body);
  const tieBreaker = numberOf(body["tie_breaker"] ?? 0);
  faults.throwAny();
  if (tieBreaker < 0 || tieBreaker > 1)
    throw queryShardFailure(
      context,
      "illegal_argument_exception",
      "tieBreakerMultiplier must be in [0, 1]",
    );
  if (queries.every((query) => query.isNone === true)) return rewrittenToNone;
  return boosted(bestOf(queries, tieBreaker), boost);
}
