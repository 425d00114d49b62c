/** `knn`: the documents whose vectors are nearest, found by looking at every one. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import {
  checkDimensions,
  createVectorReader,
  scoreOfSimilarity,
  toVector,
  vectorProblem,
  vectorScorer,
  vectorType,
} from "../fields/dense-vector.ts";
import type { QueryExplanation, SearchContext, SearchDocument } from "../fields/document.ts";
import { match, noMatch } from "./explanation.ts";
import { resolveField } from "../fields/field.ts";
import { nestedDocuments, parentPathOf } from "../fields/nested-documents.ts";
import { rootOf } from "../fields/reader.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  NO_MATCH,
  type Scorer,
} from "./compiled-query.ts";
import { queryShardFailure } from "./shard-problem.ts";
import { checkKnown } from "../known-members.ts";

/** Members of a `knn` search and of a `knn` query. */
const members = [
  "field",
  "query_vector",
  "query_vector_builder",
  "k",
  "num_candidates",
  "visit_percentage",
  "rescore_vector",
  "filter",
  "similarity",
  "boost",
  "_name",
  "inner_hits",
];

/** Most candidates that a query may ask for. */
const maxCandidates = 10_000;

/** A `knn` as it was asked for, checked as far as no mapping is needed. */
export interface KnnRequest {
  readonly field: string;
  readonly vector: unknown;
  readonly k: number;
  readonly filters: readonly unknown[];
  readonly similarity: number | undefined;
  readonly boost: number;
  readonly name: string | undefined;
}

/**
 * Reads a `knn`.
 *
 * @param size number of hits that the search shows, which `k` is when it is not given
 * @throws {EsError} 400 in the server's words, or for what is not computed
 */
export function readKnn(body: JsonObject, size: number): KnnRequest {
  checkKnown("knn", body, members);
  for (const key of ["query_vector_builder", "visit_percentage", "inner_hits"])
    if (body[key] !== undefined) throw notSupported(`[${key}] of [knn]`);
  if (body["field"] === undefined) throw illegalArgument("Required [field]");
  const vector = readVector(body);
  if (vector === undefined)
    throw illegalArgument("either [query_vector_builder] or [query_vector] must be provided");
  const given = body["num_candidates"];
  const candidates = given === undefined ? undefined : Number(given);
  const k = body["k"] === undefined ? Math.min(size, candidates ?? size) : Number(body["k"]);
  if (body["k"] !== undefined && k < 1) throw illegalArgument("[k] must be greater than 0");
  if (candidates !== undefined && candidates < 1)
    throw illegalArgument("[num_candidates] must be greater than 0");
  if (candidates !== undefined && candidates > maxCandidates)
    throw illegalArgument(`[num_candidates] cannot exceed [${maxCandidates}]`);
  if (candidates !== undefined && candidates < k)
    throw illegalArgument("[num_candidates] cannot be less than [k]");
  const filter = body["filter"];
  const similarity = body["similarity"];
  return {
    field: textOf(body["field"]),
    vector,
    k,
    filters: filter === undefined ? [] : Array.isArray(filter) ? filter : [filter],
    similarity: similarity === undefined ? undefined : Number(similarity),
    boost: boostOf("knn", body),
    name: body["_name"] === undefined ? undefined : textOf(body["_name"]),
  };
}

/** A single number is a vector of one. @throws {EsError} 400 for what is no list of numbers */
function readVector(body: JsonObject): unknown {
  const vector = body["query_vector"];
  if (vector === undefined || typeof vector === "string") return vector;
  if (typeof vector === "number" || isRawNumber(vector)) return [vector];
  if (!Array.isArray(vector))
    throw xContentParseException(
      `[knn] query_vector doesn't support values of type: ${tokenOf(vector)}`,
    ).at(body, "query_vector");
  const isNumber = (value: unknown): boolean =>
    typeof value === "number" || isRawNumber(value) || isNumeric(value);
  if (!vector.every(isNumber))
    throw xContentParseException("[knn] failed to parse field [query_vector]").at(
      body,
      "query_vector",
    );
  return vector;
}

function isNumeric(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
}

/** True for a filter that lets nothing pass, beside which the server looks at nothing else. */
function isNothing(filter: unknown): boolean {
  return isObject(filter) && Object.hasOwn(filter, "match_none");
}

/** A document with its score. */
export interface Neighbour {
  readonly document: SearchDocument;
  readonly score: number;
}

/**
 * Finds the nearest documents of a shard, best first.
 *
 * @param documents what is looked at
 * @param reachesInside true: a document is as near as the nearest of its nested objects
 * @throws {EsError} a shard's refusal of a field or vector that does not fit
 */
export function nearest(
  request: KnnRequest,
  documents: Iterable<SearchDocument>,
  context: SearchContext,
  compile: Compile,
  reachesInside: boolean,
): Neighbour[] {
  const score = compileKnn(request, context, compile, reachesInside);
  const found: Neighbour[] = [];
  for (const document of documents) {
    const value = score(document);
    if (value !== NO_MATCH) found.push({ document, score: value });
  }
  const sorted = found.sort((a, b) => b.score - a.score);
  if (context.nestedPath === undefined) return sorted.slice(0, request.k);
  // Of the objects of one document only the nearest counts.
  const seen = new Set<SearchDocument>();
  const first = sorted.filter(({ document }) => {
    const root = rootOf(document);
    return !seen.has(root) && seen.add(root);
  });
  return first.slice(0, request.k);
}

/** Scores any document, however far it is. */
function compileKnn(
  request: KnnRequest,
  context: SearchContext,
  compile: Compile,
  reachesInside: boolean,
): Scorer {
  const { field: name, similarity, boost } = request;
  if (request.filters.some(isNothing)) return () => NO_MATCH;
  const path = parentPathOf(context.mappings, name);
  const isInside = reachesInside && path !== undefined && path !== context.nestedPath;
  const inner = isInside ? { ...context, nestedPath: path } : context;
  const field = resolveField(inner, name);
  if (field?.isReachable !== true) return () => NO_MATCH;
  const refuse = (reason: string): EsError =>
    queryShardFailure(context, "illegal_argument_exception", reason);
  if (field.type !== "dense_vector")
    throw refuse("[knn] queries are only supported on [dense_vector] fields");
  if (!field.isIndexed)
    throw refuse(
      `to perform knn search on field [${name}], its mapping must have [index] set to [true]`,
    );
  const type = vectorType(field);
  const vector = toVector(request.vector, type).map(Math.fround);
  try {
    checkDimensions(vector, type);
  } catch (error) {
    throw error instanceof EsError ? refuse(error.reason) : error;
  }
  const problem = vectorProblem(vector, type);
  if (problem !== undefined) throw refuse(problem);
  const read = createVectorReader(field);
  const score = vectorScorer(vector, type);
  const least = similarity === undefined ? 0 : scoreOfSimilarity(similarity, type);
  const unscored = { ...context, isScored: false, onNamed: undefined };
  const filters = request.filters.map((filter) => compile(filter, unscored).score);
  const own = (document: SearchDocument): number => {
    const found = read(document);
    if (found === undefined) return NO_MATCH;
    const value = score(found);
    return value < least ? NO_MATCH : Math.fround(value * boost);
  };
  const best = (document: SearchDocument): number => {
    let most = NO_MATCH;
    for (const object of nestedDocuments(
      context.mappings,
      document,
      path ?? "",
      context.nestedPath,
    ))
      most = Math.max(most, own(object));
    return most;
  };
  return (document) => {
    if (filters.some((filter) => filter(document) === NO_MATCH)) return NO_MATCH;
    return isInside ? best(document) : own(document);
  };
}

/**
 * Matches the documents that were found, with their scores.
 *
 * @param text how the match of a document is explained; absent: it is not
 */
export function neighbours(found: Iterable<Neighbour>, text?: string): CompiledQuery {
  const scores = new Map<SearchDocument, number>();
  for (const { document, score } of found) scores.set(document, score);
  const score = (document: SearchDocument): number => scores.get(document) ?? NO_MATCH;
  return {
    score,
    isConstant: false,
    explained: text === undefined ? undefined : () => explainNeighbours(score, text),
  };
}

function explainNeighbours(score: Scorer, text: string): QueryExplanation {
  return {
    text: "DocAndScoreQuery",
    explain(document, _place, factor) {
      const value = score(document);
      if (value === NO_MATCH) return noMatch(`not ${text}`);
      return match(Math.fround(value * factor), text);
    },
  };
}

/** The query `knn`: the nearest documents of each shard. */
export function parseKnn(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  const request = readKnn(body, context.size ?? defaultSize);
  // Compiled at once, so that what is wrong with it is said where nothing is searched.
  compileKnn(request, context, compile, false);
  const { corpus } = context;
  if (corpus === undefined) throw notSupported("[knn] where documents are matched one by one");
  let found: CompiledQuery | undefined;
  const score = (document: SearchDocument): number => {
    found ??= neighbours(nearest(request, corpus, context, compile, false));
    return found.score(document);
  };
  const text = `within top ${request.k} docs`;
  return { score, isConstant: false, explained: () => explainNeighbours(score, text) };
}

/** Hits that a search shows when it does not say. */
const defaultSize = 10;
