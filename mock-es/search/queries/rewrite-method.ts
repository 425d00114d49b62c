/** `rewrite`: how a query for many terms becomes one for each of them. */
import { notSupported } from "../../es-error.ts";
import { textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { type CompiledQuery, constantScore, NO_MATCH } from "./compiled-query.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** Ways in which every document that matches has the same score. */
const constant = ["constant_score", "constant_score_blended", "constant_score_boolean"];
const scoring = /^(?:scoring_boolean|top_terms_(?:boost_|blended_freqs_)?\d+)$/;

/**
 * Checks a `rewrite`.
 *
 * @throws {EsError} the refusal of a shard; 400 by name for ways that give scores
 */
export function checkRewrite(given: unknown, context: SearchContext): void {
  if (given === undefined || given === null) return;
  const name = textOf(given);
  if (constant.includes(name)) return;
  if (scoring.test(name)) throw notSupported(`[rewrite] [${name}]`);
  const reason = `Failed to parse rewrite_method [${name}]`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** A query of similar terms, by a `rewrite` that gives each match the same score. */
export function rewrittenFuzzy(query: CompiledQuery, given: unknown, boost: number): CompiledQuery {
  if (given === undefined) return query;
  if (!constant.includes(textOf(given))) throw notSupported(`[fuzzy_rewrite] [${textOf(given)}]`);
  return constantScore((document) => query.score(document) !== NO_MATCH, boost);
}
