/** Searches: a body is compiled for each shard, run, and the results are put together. */
import { illegalArgument } from "../es-error.ts";
import { floatJson } from "../json/java-number.ts";
import type { JsonObject } from "../json/json-value.ts";
import { compileAggregations } from "./aggregations/aggregations.ts";
import {
  type AggregationLevel,
  BucketBudget,
  emptyLevel,
  resultsOf,
} from "./aggregations/aggregation.ts";
import { type Collection, collectMatches, type ShardPlan } from "./collection.ts";
import { compileHit, type SearchHit } from "./fetch/hit.ts";
import {
  defaultLimits,
  type FieldMappings,
  type SearchContext,
  type SearchDocument,
  type SearchLimits,
} from "./fields/document.ts";
import { shardFailure } from "./problem.ts";
import { type NamedQuery, NO_MATCH } from "./queries/compiled-query.ts";
import { boosted, matchAll } from "./queries/compound-queries.ts";
import { compileClause } from "./queries/query.ts";
import { checkSearchBody, readPage, readTracked, wholeNumber } from "./search-body.ts";
import { groupFailures, searchRefused, type ShardFailure, tryShard } from "./shard-failures.ts";
import { byRelevance, compileSort } from "./sort/sort.ts";
import type { Sort, SortValue, SortValueType } from "./sort/sort-key.ts";

/** A shard of an index that a search reads. */
export interface SearchShard {
  readonly index: string;
  readonly shard: number;
  readonly mappings: FieldMappings;
  /** In index order; can be read any number of times. */
  readonly documents: Iterable<SearchDocument>;
  readonly limits?: SearchLimits;
  /** Documents that term statistics are taken from. @default those of the shard */
  readonly corpus?: Iterable<SearchDocument>;
  /** Queries of aliases, of which a document has to match one. Absent: all are read. */
  readonly filters?: readonly JsonObject[];
  /** Factor of `indices_boost` for its scores. @default 1 */
  readonly boost?: number;
}

/** What a search needs to know beside its body and the shards. */
export interface SearchOptions {
  /** The instant of `now`, milliseconds since the epoch. @default the current time */
  readonly nowMs?: number;
  /**
   * Deepest hit that from and size may reach; `Infinity` lets a scroll take everything at once.
   * @default that of the shards' limits
   */
  readonly maxResultWindow?: number;
  /** Writes aggregation names as `type#name`, for `typed_keys=true`. @default false */
  readonly typedKeys?: boolean;
  /** False: a shard that fails, fails the search. @default true */
  readonly allowsPartialResults?: boolean;
  /** Limit of `search.max_buckets`. @default 65536 */
  readonly maxBuckets?: number;
  /** See {@link SearchContext.fetchSource}. */
  readonly fetchSource?: SearchContext["fetchSource"];
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
  /** A value that `JSON.stringify` writes as a float, or null. */
  readonly maxScore: unknown;
  readonly aggregations?: Readonly<Record<string, unknown>>;
  /** True when `terminate_after` ended the search; `undefined` when it was not asked for. */
  readonly terminatedEarly?: boolean;
  /** Shards that could not run the search, one for each kind of refusal. */
  readonly failures: readonly ShardFailure[];
  /** Number of shards that could not. */
  readonly failedShards: number;
}

/** Default of `search.max_buckets`. */
const defaultMaxBuckets = 65_536;

/** What one shard does for a search. */
interface Shard extends ShardPlan {
  readonly context: SearchContext;
  readonly hasScore: boolean;
  readonly named: readonly NamedQuery[];
}

/**
 * Runs a search body over shards.
 *
 * The documents are read once, or twice when terms are scored by BM25 or field patterns are
 * expanded. Nothing of them is kept.
 *
 * @throws {EsError} Elasticsearch's own refusal of a body that it would not accept, or a 400 that
 *   names what is not computed
 */
export function runSearch(
  body: unknown,
  shards: readonly SearchShard[],
  options: SearchOptions = {},
): SearchResult {
  const checked = checkSearchBody(body);
  const window = options.maxResultWindow ?? windowOf(shards);
  const page = readPage(checked, shards[0]?.index ?? "_all", window);
  const failures: ShardFailure[] = [];
  const compiled = shards.flatMap((shard) => {
    const plan = tryShard(shard, failures, () => compileShard(checked, shard, options, page.size));
    return plan === undefined ? [] : [{ shard, plan }];
  });
  if (shards.length === 0) checkWithoutShards(checked, options, page.size);
  const plans = compiled.map(({ plan }) => plan);
  const [first] = plans;
  if (failures.length > 0 && (first === undefined || options.allowsPartialResults === false))
    throw searchRefused(failures, first !== undefined);
  const sort = first?.sort ?? byRelevance;
  const valueTypes = mergedTypes(plans);
  const after = readAfter(checked, sort, first);
  const aggregations = compileAll(checked, plans, options);
  const terminateAfter = readTerminateAfter(checked);
  const tracked = readTracked(checked["track_total_hits"]);
  const found = collectMatches({
    shards: plans,
    sort,
    minScore: checked["min_score"] === undefined ? 0 : Math.fround(Number(checked["min_score"])),
    after,
    ...page,
    tracked,
    terminateAfter,
    aggregations: aggregations.aggregations,
  });
  const hits = renderHits(checked, plans, found, valueTypes);
  // A search that only counts always says that it counted everything.
  const countsOnly =
    page.size === 0 && tracked === Infinity && aggregations === emptyLevel && plans.length > 0;
  return {
    hits,
    total: totalHits(found.matched, tracked),
    maxScore: maxScoreOf(checked, first, found, page.size),
    ...(aggregations === emptyLevel
      ? {}
      : { aggregations: resultsOf(aggregations, found.collectors, options.typedKeys ?? false) }),
    ...(terminateAfter < Infinity || countsOnly ? { terminatedEarly: found.isTerminated } : {}),
    failures: groupFailures(failures),
    failedShards: failures.length,
  };
}

function windowOf(shards: readonly SearchShard[]): number {
  let least = Infinity;
  for (const { limits = defaultLimits } of shards) least = Math.min(least, limits.maxResultWindow);
  return least === Infinity ? defaultLimits.maxResultWindow : least;
}

function contextOf(shard: SearchShard, options: SearchOptions): SearchContext {
  return {
    mappings: shard.mappings,
    index: shard.index,
    nowMs: options.nowMs ?? Date.now(),
    corpus: shard.corpus ?? shard.documents,
    isScored: true,
    nestedPath: undefined,
    limits: shard.limits ?? defaultLimits,
    ...(options.fetchSource === undefined ? {} : { fetchSource: options.fetchSource }),
  };
}

function compileShard(
  body: JsonObject,
  shard: SearchShard,
  options: SearchOptions,
  size: number,
): Shard {
  const context = contextOf(shard, options);
  const sort =
    body["sort"] === undefined ? byRelevance : compileSort(body["sort"], context, compileClause);
  const trackScores = isTrue(body["track_scores"]);
  const hasScore = !sort.isExplicit || trackScores || sort.keys[0]?.kind === "score";
  // Compiled here only to find what this shard refuses, and whether scores are shown.
  const aggregations = compileAll(body, [{ context }], options);
  const isScored =
    (size > 0 && (hasScore || sort.keys.some((key) => key.kind === "score"))) ||
    body["min_score"] !== undefined ||
    aggregations.aggregations.some((aggregation) => aggregation.needsScores === true);
  const named: NamedQuery[] = [];
  const queryContext: SearchContext = {
    ...context,
    isScored,
    onNamed: (name, query) => void named.push({ name, query }),
  };
  const query =
    body["query"] === undefined ? matchAll(1) : compileClause(body["query"], queryContext);
  return {
    context,
    documents: filtered(shard, context),
    query: boosted(query, shard.boost ?? 1),
    postFilter:
      body["post_filter"] === undefined
        ? undefined
        : compileClause(body["post_filter"], { ...queryContext, isScored: false }),
    sort,
    hasScore,
    named,
  };
}

/** The documents of a shard that its filters let through. */
function filtered(shard: SearchShard, context: SearchContext): Iterable<SearchDocument> {
  const { documents, filters } = shard;
  if (filters === undefined) return documents;
  const unscored = { ...context, isScored: false };
  const accept = filters.map((filter) => compileClause(filter, unscored).score);
  return {
    *[Symbol.iterator]() {
      for (const document of documents)
        if (accept.some((score) => score(document) !== NO_MATCH)) yield document;
    },
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function compileAll(
  body: JsonObject,
  plans: readonly { readonly context: SearchContext }[],
  options: SearchOptions,
): AggregationLevel {
  const aggs = body["aggs"] ?? body["aggregations"];
  if (aggs === undefined || plans.length === 0) return emptyLevel;
  return compileAggregations(aggs, {
    shards: plans.map((plan) => plan.context),
    compile: compileClause,
    typedKeys: options.typedKeys ?? false,
    budget: new BucketBudget(options.maxBuckets ?? defaultMaxBuckets),
  });
}

/** A search over nothing is still read: what no shard would know is no fault of it. */
function checkWithoutShards(body: JsonObject, options: SearchOptions, size: number): void {
  const nowhere = { index: "_all", shard: 0, mappings: { find: () => undefined }, documents: [] };
  tryShard(nowhere, [], () => compileShard({ ...body, sort: [] }, nowhere, options, size));
  tryShard(nowhere, [], () => compileShard(body, nowhere, options, size));
}

/** What the values of each key are over all shards. @throws {EsError} for those that do not mix */
function mergedTypes(plans: readonly Shard[]): readonly SortValueType[] {
  const [first, ...rest] = plans;
  const types = (first?.sort.keys ?? []).map((key) => key.valueType);
  for (const { sort } of rest) {
    for (const [at, { valueType }] of sort.keys.entries()) {
      const known = types[at];
      if (known === undefined || known === valueType) continue;
      if (known === "string" || valueType === "string") {
        throw illegalArgument(
          `Can't do sort across indices, as a field has [unsigned_long] type in one index, and different type in another index!`,
        );
      }
      types[at] = "double";
    }
  }
  return types;
}

function readAfter(
  body: JsonObject,
  sort: Sort,
  first: Shard | undefined,
): SortValue[] | undefined {
  const given = body["search_after"];
  if (given === undefined || first === undefined) return undefined;
  const values = given as readonly unknown[];
  const refuse = (reason: string): Error =>
    shardFailure(first.context.index, "illegal_argument_exception", reason);
  if (values.length === 0) throw illegalArgument("Values must contains at least one value.");
  const { keys } = sort;
  if (!sort.isExplicit && sort === byRelevance && values.length !== 1)
    throw refuse("Sort must contain at least one field.");
  if (values.length !== keys.length)
    throw refuse(`search_after has ${values.length} value(s) but sort has ${keys.length}.`);
  return keys.map((key, at) => key.parse(values[at]));
}

function readTerminateAfter(body: JsonObject): number {
  const given = body["terminate_after"];
  const number = given === undefined ? 0 : wholeNumber("terminate_after", given);
  if (number < 0) throw illegalArgument("terminateAfter must be > 0");
  return number === 0 ? Infinity : number;
}

function renderHits(
  body: JsonObject,
  plans: readonly Shard[],
  found: Collection,
  valueTypes: readonly SortValueType[],
): SearchHit[] {
  const writers = plans.map((plan) => {
    const { sort, hasScore, named, context } = plan;
    return compileHit(body, { sort, hasScore, named, valueTypes }, context);
  });
  return found.page.flatMap((candidate) => {
    const write = writers[candidate.shard];
    return write === undefined ? [] : [write(candidate)];
  });
}

function maxScoreOf(
  body: JsonObject,
  first: Shard | undefined,
  found: Collection,
  size: number,
): unknown {
  if (first === undefined || size === 0 || !first.hasScore || found.maxScore === NO_MATCH)
    return null;
  const { sort } = first;
  // Where other keys decide between equal scores, the best score is not looked for.
  const isTracked = !sort.isExplicit || isTrue(body["track_scores"]) || sort.keys.length === 1;
  return isTracked ? floatJson(found.maxScore) : null;
}

function totalHits(matched: number, tracked: number): TotalHits | undefined {
  if (tracked < 0) return undefined;
  return matched > tracked
    ? { value: tracked, relation: "gte" }
    : { value: matched, relation: "eq" };
}
