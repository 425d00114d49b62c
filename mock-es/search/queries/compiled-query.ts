import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { explainConstant } from "./explanation.ts";
import type { ScoringQuery, SearchContext, SearchDocument } from "../fields/document.ts";

/** Scores one document: at least 0 for a match, -1 for none. */
export type Scorer = (document: SearchDocument) => number;

/** A query ready to run. */
export type CompiledQuery = ScoringQuery;

/** A query that hits name when they match it. */
export interface NamedQuery {
  readonly name: string;
  readonly query: CompiledQuery;
}

/** Compiles a query clause; handed to parsers of queries that hold other queries. */
export type Compile = (query: unknown, context: SearchContext) => CompiledQuery;

/** The score of a document that does not match. */
export const NO_MATCH = -1;

/** Matches no document. */
export const matchNone: CompiledQuery = { score: () => NO_MATCH, isConstant: true };

/** Matches no document, as the server knows when it rewrites the query. */
export const rewrittenToNone: CompiledQuery = { ...matchNone, isNone: true };

/**
 * Gives every document that the predicate accepts the same score.
 *
 * @param text the query as Lucene writes it; absent where that is not known
 */
export function constantScore(
  accepts: (document: SearchDocument) => boolean,
  boost: number,
  text?: () => string | undefined,
): CompiledQuery {
  return {
    score: (document) => (accepts(document) ? boost : NO_MATCH),
    isConstant: true,
    explained:
      text === undefined
        ? undefined
        : () => {
            const written = text();
            return written === undefined ? undefined : explainConstant(written, accepts, boost);
          },
  };
}

/**
 * A query whose matches the server's index counts by itself.
 *
 * @param alone see {@link ScoringQuery.countedAlone}
 */
export function counted(
  query: CompiledQuery,
  alone?: CompiledQuery["countedAlone"],
): CompiledQuery {
  return { ...query, isCounted: true, countedAlone: alone };
}

/** A number of a setting, which may be a text. @throws {EsError} in Java's words */
export function numberOf(given: unknown): number {
  if (typeof given !== "number" && typeof given !== "string")
    throw notSupported("a setting of a query that is no number");
  const text = String(given);
  const value = Number(text);
  if (text.trim() !== "" && !Number.isNaN(value)) return value;
  const reason = text.trim() === "" ? "empty String" : `For input string: "${text}"`;
  throw new EsError(400, "number_format_exception", reason);
}

/** Reads `boost`. @throws {EsError} `illegal_argument_exception` for a negative one */
export function boostOf(name: string, body: JsonObject): number {
  const boost = body["boost"];
  if (boost === undefined) return 1;
  let value: number;
  try {
    value = numberOf(boost);
  } catch (error) {
    throw error instanceof EsError ? error.standingAt(body, "boost") : error;
  }
  if (value < 0) {
    throw illegalArgument(
      `negative [boost] are not allowed in [${name}], use a value between 0 and 1 to deboost`,
    );
  }
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw notSupported("a [boost] that no float can hold");
  return rounded;
}

/**
 * The number of optional clauses that must match, from `minimum_should_match` (`2`, `-1`, `75%`,
 * `2<75% 9<-3`) and the number of clauses. May exceed that number; then nothing matches, as in
 * Elasticsearch.
 */
export function minimumShouldMatch(specification: unknown, clauses: number): number {
  const text = String(specification).trim();
  let result = text;
  if (text.includes("<")) {
    result = String(clauses);
    for (const condition of text.split(/\s+/)) {
      const [bound = "", value = ""] = condition.split("<");
      if (clauses <= Number(bound)) break;
      result = value;
    }
  }
  const found = /^(-?\d+)(%?)$/.exec(result);
  if (found === null)
    throw new EsError(400, "number_format_exception", `For input string: "${result}"`);
  const number = Number(found[1]);
  const count = found[2] === "%" ? Math.trunc((clauses * number) / 100) : number;
  return Math.max(0, count < 0 ? clauses + count : count);
}
