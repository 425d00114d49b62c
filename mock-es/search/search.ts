import { typedKey, type Aggregation, type Collector } from "./aggregations/aggregation.ts";
import { compileAggregations } from "./aggregations/aggregations.ts";
import { collectMatches, type CollectionPlan } from "./collection.ts";
import { NO_MATCH } from "./queries/compiled-query.ts";
import { matchAll } from "./queries/compound-queries.ts";
import type { FieldMappings, SearchContext, SearchDocument } from "./fields/document.ts";
import { compileHit, shortestFloat, type SearchHit } from "./fetch/hit.ts";
import { illegalArgument, shardFailure, type JsonObject } from "./problem.ts";
import { compileClause } from "./queries/query.ts";
import {
  checkSearchBody,
  MAX_RESULT_WINDOW,
  readPage,
  readTracked,
  wholeNumber,
} from "./search-body.ts";
import { byRelevance, compileSort, type Sort, type SortValue } from "./sort.ts";

/** What a search needs to know beside its body and the documents. */
export interface SearchOptions {
  /** Index that error texts name. @default "_all" */
  readonly index?: string;
  /** The instant of `now`, milliseconds since the epoch. @default the current time */
  readonly nowMs?: number;
  /**
   * Deepest hit that from and size may reach; `Infinity` lets a scroll take everything at once.
   * @default 10000
   */
  readonly maxResultWindow?: number;
  /** Writes aggregation names as `type#name`, for `typed_keys=true`. @default false */
  readonly typedKeys?: boolean;
}

/** The number of matches; `gte` when counting stopped at `track_total_hits`. */
export interface TotalHits {
  readonly value: number;
  readonly relation: "eq" | "gte";
}

/** What a search found. */
export interface SearchResult {
  readonly hits: readonly SearchHit[];
  /** `undefined` when `track_total_hits` is false. */
  readonly total: TotalHits | undefined;
  readonly maxScore: number | null;
  readonly aggregations?: Readonly<Record<string, unknown>>;
  /** True when `terminate_after` ended the search; `undefined` when it was not asked for. */
  readonly terminatedEarly?: boolean;
}

interface Plan extends CollectionPlan {
  /** Whether hits show a score. */
  readonly hasScore: boolean;
  /** Whether the answer names the best score; not when other keys decide between equal scores. */
  readonly tracksMaxScore: boolean;
}

/**
 * Runs a search body over documents given in index order.
 *
 * `docs` is read once, or twice when terms are scored by BM25 or field patterns are expanded; an
 * iterator that can be read once only is copied. Nothing of it is kept.
 *
 * @throws {EsError} Elasticsearch's own refusal of a body that it would not accept, or a 400 that
 *   names what is not computed
 */
export function runSearch(
  body: unknown,
  docs: Iterable<SearchDocument>,
  mappings: FieldMappings,
  options: SearchOptions = {},
): SearchResult {
  const checked = checkSearchBody(body);
  const corpus = isReusable(docs) ? docs : [...docs];
  const context: SearchContext = {
    mappings,
    index: options.index ?? "_all",
    nowMs: options.nowMs ?? Date.now(),
    corpus,
    isScored: true,
    nestedPath: undefined,
  };
  const plan = compilePlan(checked, context, options);
  const { sort, hasScore } = plan;
  const toHit = compileHit(checked, sort, hasScore, context);
  const found = collectMatches(plan, corpus);
  const aggregations = results(plan.aggregations, found.collectors, options.typedKeys ?? false);
  const maxScore = hasScore && found.maxScore !== NO_MATCH ? shortestFloat(found.maxScore) : null;
  return {
    hits: found.page.map(toHit),
    total: totalHits(found.matched, plan.tracked),
    maxScore: plan.size === 0 || !plan.tracksMaxScore ? null : maxScore,
    ...(aggregations === undefined ? {} : { aggregations }),
    ...(plan.terminateAfter < Infinity
      ? { terminatedEarly: found.matched >= plan.terminateAfter }
      : {}),
  };
}

/** True for collections that give their elements anew each time; generators do not. */
function isReusable(docs: Iterable<SearchDocument>): boolean {
  const iterator: unknown = docs[Symbol.iterator]();
  return iterator !== docs;
}

function compilePlan(body: JsonObject, context: SearchContext, options: SearchOptions): Plan {
  const { from, size } = readPage(
    body,
    context.index,
    options.maxResultWindow ?? MAX_RESULT_WINDOW,
  );
  const sort = body["sort"] === undefined ? byRelevance : compileSort(body["sort"], context);
  const trackScores = body["track_scores"] === true || body["track_scores"] === "true";
  const hasScore = !sort.isExplicit || trackScores || sort.keys[0]?.kind === "score";
  const aggs = body["aggs"] ?? body["aggregations"];
  const aggregationContext = {
    search: context,
    compile: compileClause,
    typedKeys: options.typedKeys ?? false,
  };
  const aggregations = aggs === undefined ? [] : compileAggregations(aggs, aggregationContext);
  const isScored =
    (size > 0 && (hasScore || sort.keys.some((key) => key.kind === "score"))) ||
    body["min_score"] !== undefined ||
    aggregations.some((aggregation) => aggregation.needsScores === true);
  const unscored = { ...context, isScored: false };
  const queryContext = isScored ? context : unscored;
  const query =
    body["query"] === undefined ? matchAll(1) : compileClause(body["query"], queryContext);
  const terminateAfter =
    body["terminate_after"] === undefined
      ? 0
      : wholeNumber("terminate_after", body["terminate_after"]);
  if (terminateAfter < 0) throw illegalArgument("terminateAfter must be > 0");
  return {
    query,
    postFilter:
      body["post_filter"] === undefined ? undefined : compileClause(body["post_filter"], unscored),
    minScore: body["min_score"] === undefined ? 0 : Math.fround(Number(body["min_score"])),
    sort,
    hasScore,
    tracksMaxScore: !sort.isExplicit || trackScores || sort.keys.length === 1,
    after:
      body["search_after"] === undefined
        ? undefined
        : readSearchAfter(body["search_after"], sort, context),
    from,
    size,
    tracked: readTracked(body["track_total_hits"]),
    terminateAfter: terminateAfter === 0 ? Infinity : terminateAfter,
    aggregations,
  };
}

function readSearchAfter(value: unknown, sort: Sort, context: SearchContext): SortValue[] {
  const values = value as readonly unknown[];
  if (values.length === 0) throw illegalArgument("Values must contains at least one value.");
  const { keys } = sort;
  if (!sort.isExplicit && sort === byRelevance && values.length !== 1) {
    throw shardFailure(
      context.index,
      "illegal_argument_exception",
      "Sort must contain at least one field.",
    );
  }
  if (values.length !== keys.length) {
    const reason = `search_after has ${values.length} value(s) but sort has ${keys.length}.`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  return keys.map((key, at) => key.parse(values[at]));
}

function results(
  aggregations: readonly Aggregation[],
  collectors: readonly Collector[],
  typedKeys: boolean,
): Record<string, unknown> | undefined {
  if (aggregations.length === 0) return undefined;
  return Object.fromEntries(
    aggregations.map(({ name, resultType, meta }, at) => {
      const result = collectors[at]?.result() ?? {};
      return [
        typedKeys ? typedKey(resultType, name) : name,
        meta === undefined ? result : { meta, ...result },
      ];
    }),
  );
}

function totalHits(matched: number, tracked: number): TotalHits | undefined {
  if (tracked < 0) return undefined;
  return matched > tracked
    ? { value: tracked, relation: "gte" }
    : { value: matched, relation: "eq" };
}
