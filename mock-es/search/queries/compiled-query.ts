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

/** True for a query that is made as one that matches nothing: Lucene leaves it out of others. */
export function isNothing(query: CompiledQuery): boolean {
  return query.score === matchNone.score;
}

/** A query that the server makes on a shard only: nothing is known of it when it is rewritten. */
export function madeOnShard(query: CompiledQuery): CompiledQuery {
  return query.isNone === true ? { ...query, isNone: false } : query;
}

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
  if (!text.includes("<")) return leastOf(text, clauses);
  let least = clauses;
  for (const condition of text.replaceAll(/\s*<\s*/g, "<").split(/\s+/)) {
    const [bound = "", value] = condition.split("<");
    if (clauses <= javaInt(bound)) return least;
    if (value === undefined || value === "")
      throw new EsError(
        400,
        "array_index_out_of_bounds_exception",
        "Index 1 out of bounds for length 1",
      );
    least = leastOf(value, clauses);
  }
  return least;
}

/** As a float, which the server counts with. */
const hundredth = Math.fround(0.01);

/** Of a number or a percentage without conditions. */
function leastOf(text: string, clauses: number): number {
  // A part of a clause that may be missing is none.
  const count = text.includes("%")
    ? Math.fround(Math.fround(clauses * javaInt(text.slice(0, -1))) * hundredth)
    : javaInt(text);
  return Math.max(0, count < 0 ? clauses + Math.trunc(count) : Math.trunc(count));
}

/** As `Integer.parseInt` reads a text. */
function javaInt(text: string): number {
  const number = /^[-+]?\d+$/.test(text) ? Number(text) : NaN;
  if (number >= -(2 ** 31) && number < 2 ** 31) return number;
  throw new EsError(400, "number_format_exception", `For input string: "${text}"`);
}
