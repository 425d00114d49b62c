/** `knn`: the documents whose vectors are nearest, found by looking at every one. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import {
  checkDimensions,
  createVectorReader,
  scoreOfSimilarity,
  toQueryVector,
  vectorProblem,
  vectorScorer,
  vectorType,
} from "../fields/dense-vector.ts";
import type { QueryExplanation, SearchContext, SearchDocument } from "../fields/document.ts";
import { explainConstant, match, noMatch } from "./explanation.ts";
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
import { explainExact, isExact, oversample } from "./exact-knn.ts";
import { mayMatchRoots } from "./nested-match.ts";
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
 * @param isQuery true for the query, false for the `knn` of a search
 * @throws {EsError} 400 in the server's words, or for what is not computed
 */
export function readKnn(body: JsonObject, size: number, isQuery = false): KnnRequest {
  checkKnown("knn", body, members);
  for (const key of ["query_vector_builder", "visit_percentage"])
    if (body[key] !== undefined) throw notSupported(`[${key}] of [knn]`);
  if (isQuery && body["inner_hits"] !== undefined) throw notSupported("[inner_hits] of [knn]");
  const rescored = body["rescore_vector"];
  const factor = isObject(rescored) ? Number(rescored["oversample"]) : 0;
  if (rescored !== undefined && !(factor === 0 || (factor >= 1 && factor <= 10)))
    throw notSupported("such a [rescore_vector] of [knn]");
  if (body["field"] === undefined) throw illegalArgument("Required [field]");
  const vector = readVector(body);
  const problem =
    vector === undefined
      ? "either [query_vector_builder] or [query_vector] must be provided"
      : isQuery
        ? problemOfQuery(body)
        : problemOfSearch(body, size);
  if (problem !== undefined)
    throw isQuery ? unbuilt(illegalArgument(problem)) : illegalArgument(problem);
  const given = body["num_candidates"];
  const k = Number(body["k"] ?? Math.min(size, Number(given ?? size)));
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

/** The refusal of a query whose settings do not fit together. */
function unbuilt(cause: EsError): EsError {
  return xContentParseException("Failed to build [knn] after last required field arrived", {
    caused_by: cause.toCause(),
  });
}

function problemOfQuery(body: JsonObject): string | undefined {
  const [k, candidates] = [body["k"], body["num_candidates"]];
  if (k !== undefined && Number(k) < 1) return "[k] must be greater than 0";
  if (candidates === undefined) return undefined;
  if (Number(candidates) > maxCandidates)
    return `[num_candidates] cannot exceed [${maxCandidates}]`;
  return k !== undefined && Number(candidates) < Number(k)
    ? "[num_candidates] cannot be less than [k]"
    : undefined;
}

function problemOfSearch(body: JsonObject, size: number): string | undefined {
  const k = Number(body["k"] ?? size);
  const candidates = Number(body["num_candidates"] ?? Math.min(k * 1.5, maxCandidates));
  if (k < 1) return "[k] must be greater than 0";
  if (candidates < k) return "[num_candidates] cannot be less than [k]";
  return candidates > maxCandidates
    ? `[num_candidates] cannot exceed [${maxCandidates}]`
    : undefined;
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
 * @param most how many are found
 * @throws {EsError} a shard's refusal of a field or vector that does not fit
 */
export function nearest(
  request: KnnRequest,
  documents: Iterable<SearchDocument>,
  context: SearchContext,
  compile: Compile,
  reachesInside: boolean,
  most = request.k,
): Neighbour[] {
  const score = compileKnn(request, context, compile, reachesInside);
  const found: Neighbour[] = [];
  for (const document of documents) {
    const value = score(document);
    if (value !== NO_MATCH) found.push({ document, score: value });
  }
  const sorted = found.sort((a, b) => b.score - a.score);
  if (context.nestedPath === undefined) return sorted.slice(0, most);
  // Of the objects of one document only the nearest counts.
  const seen = new Set<SearchDocument>();
  const first = sorted.filter(({ document }) => {
    const root = rootOf(document);
    return !seen.has(root) && seen.add(root);
  });
  return first.slice(0, most);
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
  let vector: number[];
  try {
    vector = toQueryVector(request.vector, type).map(Math.fround);
    checkDimensions(vector, type);
  } catch (error) {
    throw error instanceof EsError ? refuse(error.reason) : error;
  }
  const problem = vectorProblem(vector, type, true);
  if (problem !== undefined) throw refuse(problem);
  const read = createVectorReader(field);
  const score = vectorScorer(vector, type);
  const least = similarity === undefined ? 0 : scoreOfSimilarity(similarity, type);
  const unscored = { ...context, isScored: false, onNamed: undefined };
  // A filter on members of the nested objects chooses among these, others among their documents.
  const isOfObjects = (filter: unknown): boolean =>
    path !== undefined && !mayMatchRoots(filter, path, context.mappings);
  const outside = path === context.nestedPath ? { ...unscored, nestedPath: undefined } : unscored;
  const filters = request.filters
    .filter((filter) => !isOfObjects(filter))
    .map((filter) => compile(filter, outside).score);
  const ofObjects = request.filters
    .filter(isOfObjects)
    .map((filter) => compile(filter, { ...unscored, nestedPath: path }).score);
  const own = (document: SearchDocument): number => {
    const found = read(document);
    if (found === undefined) return NO_MATCH;
    if (ofObjects.some((filter) => filter(document) === NO_MATCH)) return NO_MATCH;
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
    const outer = outside === unscored ? document : rootOf(document);
    if (filters.some((filter) => filter(outer) === NO_MATCH)) return NO_MATCH;
    return isInside ? best(document) : own(document);
  };
}

/**
 * Matches the documents that were found, with their scores.
 *
 * @param among how those that were found are called in explanations; absent: nothing is explained
 */
export function neighbours(found: Iterable<Neighbour>, among?: string): CompiledQuery {
  const scores = new Map<SearchDocument, number>();
  for (const { document, score } of found) scores.set(document, score);
  const score = (document: SearchDocument): number => scores.get(document) ?? NO_MATCH;
  return {
    score,
    isConstant: false,
    explained: among === undefined ? undefined : () => explainNeighbours(score, among),
  };
}

function explainNeighbours(score: Scorer, among: string): QueryExplanation {
  return {
    text: "DocAndScoreQuery",
    explain(document, _place, factor) {
      const value = score(document);
      if (value === NO_MATCH) return noMatch(`not in ${among}`);
      return match(Math.fround(value * factor), `within ${among}`);
    },
  };
}

/** The query `knn`: the nearest documents of each shard, or all of them by their distance. */
export function parseKnn(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  const request = readKnn(body, context.size ?? defaultSize, true);
  // Compiled at once, so that what is wrong with it is said where nothing is searched.
  const exact = compileKnn(request, context, compile, false);
  const field = resolveField(context, request.field);
  const looksAtAll = isExact(body, field);
  if (context.isForInnerHits === true) return { score: exact, isConstant: false };
  if (looksAtAll && context.nestedPath === undefined) {
    const explained = (): QueryExplanation | undefined => explainedExact(request, context, compile);
    return { score: exact, isConstant: false, explained };
  }
  if (!looksAtAll && field?.isReachable === true && request.k < 1)
    throw queryShardFailure(
      context,
      "illegal_argument_exception",
      `k must be at least 1, got: ${request.k}`,
    );
  const { corpus } = context;
  if (corpus === undefined) throw notSupported("[knn] where documents are matched one by one");
  let found: readonly Neighbour[] | undefined;
  let query: CompiledQuery | undefined;
  const most = looksAtAll ? Infinity : request.k;
  const all = (): readonly Neighbour[] =>
    (found ??= nearest(request, corpus, context, compile, false, most));
  const score = (document: SearchDocument): number => {
    query ??= neighbours(all());
    return query.score(document);
  };
  const options = field?.parameters["index_options"];
  const isRescored = oversample(body, isObject(options) ? options : {}) > 0;
  return {
    score,
    isConstant: false,
    explained: () =>
      explainFound(
        request,
        explainNeighbours(score, isRescored ? "top k documents" : `top ${all().length} docs`),
      ),
  };
}

/** Explains those that were found, which with a least similarity stand within another query. */
function explainFound(
  { similarity, boost }: KnnRequest,
  found: QueryExplanation,
): QueryExplanation {
  if (similarity === undefined) return found;
  return {
    ...found,
    explain(document, place, factor) {
      const inner = found.explain(document, place, 1 / boost);
      if (!inner.isMatch) return inner;
      const score = Math.fround(inner.score * boost * factor);
      return match(score, "vector similarity within limit", [inner]);
    },
  };
}

/** Explains a query that looks at all vectors; `undefined` where its filters are not explained. */
function explainedExact(
  request: KnnRequest,
  context: SearchContext,
  compile: Compile,
): QueryExplanation | undefined {
  const { field, filters, similarity, boost } = request;
  const bare = { ...request, filters: [], similarity: undefined, boost: 1 };
  const [first] = filters;
  const whole = filters.length > 1 ? { bool: { filter: filters } } : first;
  const unscored = { ...context, isScored: false, onNamed: undefined };
  const compiled = whole === undefined ? undefined : compile(whole, unscored);
  const text = compiled?.explained?.()?.text;
  if (compiled !== undefined && text === undefined) return undefined;
  const passes = (document: SearchDocument): boolean => compiled?.score(document) !== NO_MATCH;
  const mapped = resolveField(context, field);
  return explainExact({
    bare: compileKnn(bare, context, compile, false),
    filter: text === undefined ? undefined : explainConstant(text, passes, 1),
    least:
      similarity === undefined || mapped === undefined
        ? undefined
        : { score: scoreOfSimilarity(similarity, vectorType(mapped)), similarity },
    boost,
    field,
  });
}

/** Hits that a search shows when it does not say. */
const defaultSize = 10;
