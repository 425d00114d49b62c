/** One shard of a search: what is read, and how a body is compiled for it. */
import { EsError, notSupported } from "../es-error.ts";
import { isObject, type JsonObject } from "../json/json-value.ts";
import { compileAggregations } from "./aggregations/aggregations.ts";
import { type AggregationLevel, BucketBudget, emptyLevel } from "./aggregations/aggregation.ts";
import { ShardFinder } from "./aggregations/shard-finder.ts";
import { compileCollapse } from "./collapse.ts";
import type { ShardPlan } from "./collection.ts";
import {
  defaultLimits,
  type FieldMappings,
  type AddShown,
  type InnerHits,
  type SearchContext,
  type SearchDocument,
  type SearchLimits,
} from "./fields/document.ts";
import { Faults, isUnsupported } from "./faults.ts";
import { shardFailure } from "./problem.ts";
import { addInner } from "./queries/inner-hits.ts";
import { compileFetchFields } from "./fetch/fetch-fields.ts";
import { wantedFields } from "./fetch/field-values.ts";
import { compileScriptFields } from "./fetch/script-fields.ts";
import { compileHighlight, type Highlighter } from "./highlight/highlight.ts";
import { type CompiledQuery, type NamedQuery, NO_MATCH } from "./queries/compiled-query.ts";
import { boosted } from "./queries/compound-queries.ts";
import { compileClause, compileUnwrapped } from "./queries/query.ts";
import { rangeAsked } from "./lucene/asked-range.ts";
import { explainSearch } from "./lucene/explain-search.ts";
import type { ShardClock } from "./profile/shard-clock.ts";
import { measureShard, type MeasuredShard } from "./profile/shard-profile.ts";
import { holdsQuery } from "./queries/percolate.ts";
import { compileRescore, type Rescorer } from "./rescore.ts";
import {
  aggregationsOf,
  checkMember,
  readPage,
  readTerminateAfter,
  readTracked,
} from "./search-body.ts";
import { byRelevance, compileSort } from "./sort/sort.ts";
import { type ShardSuggestions, suggestShard } from "./suggest/suggest.ts";

/** A shard of an index that a search reads. */
export interface SearchShard {
  readonly index: string;
  readonly shard: number;
  readonly mappings: FieldMappings;
  /** In index order; can be read any number of times. */
  readonly documents: Iterable<SearchDocument>;
  readonly limits?: SearchLimits;
  /** All documents of the shard, where a caller sees fewer. @default those of the shard */
  readonly corpus?: Iterable<SearchDocument>;
  /** See {@link SearchContext.statistics}. */
  readonly statistics?: Iterable<SearchDocument>;
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
  /** Writes totals of inner hits as numbers, for `rest_total_hits_as_int`. @default false */
  readonly totalAsNumber?: boolean;
  /** See {@link SearchContext.showsNamedScores}. @default false */
  readonly showsNamedScores?: boolean;
  /** See {@link SearchContext.asksSeqNo}. @default false */
  readonly asksSeqNo?: boolean;
  /** False: a shard that fails, fails the search. @default true */
  readonly allowsPartialResults?: boolean;
  /** Limit of `search.max_buckets`. @default 65536 */
  readonly maxBuckets?: number;
  /** Id of the node that answers, which explanations show. @default none */
  readonly nodeId?: string;
  /** See {@link SearchContext.fetchSource}. */
  readonly fetchSource?: SearchContext["fetchSource"];
  /** See {@link SearchContext.findScript}. */
  readonly findScript?: SearchContext["findScript"];
  /** See {@link SearchContext.findRuleset}. */
  readonly findRuleset?: SearchContext["findRuleset"];
}

/** Default of `search.max_buckets`. */
const defaultMaxBuckets = 65_536;

/** Documents that were found before the query of a search is asked. */
export interface FoundBefore {
  /** The query of a shard, together with what was found. */
  join(
    query: CompiledQuery | undefined,
    shard: SearchShard,
    named: NamedQuery[],
    context: SearchContext,
  ): CompiledQuery;
}

/** What one shard does for a search. */
export interface Shard extends ShardPlan {
  readonly shard: SearchShard;
  readonly context: SearchContext;
  readonly hasScore: boolean;
  readonly named: readonly NamedQuery[];
  readonly highlight: Highlighter | undefined;
  readonly suggestions: ShardSuggestions;
  /** What hits show of the nested objects that queries found in them. */
  readonly inner: readonly InnerHits[];
  /** What queries add to the fields of hits. */
  readonly shown: readonly AddShown[];
  /** Of a search that is profiled. */
  readonly measured: MeasuredShard | undefined;
}

/** What queries of a shard are compiled with. */
export function contextOf(shard: SearchShard, options: SearchOptions, size: number): SearchContext {
  return {
    mappings: shard.mappings,
    index: shard.index,
    shard: shard.shard,
    nowMs: options.nowMs ?? Date.now(),
    corpus: shard.corpus ?? shard.documents,
    statistics: shard.statistics,
    documents: shard.documents,
    isScored: true,
    nestedPath: undefined,
    size,
    limits: shard.limits ?? defaultLimits,
    ...(options.fetchSource === undefined ? {} : { fetchSource: options.fetchSource }),
    ...(options.findRuleset === undefined ? {} : { findRuleset: options.findRuleset }),
    ...(options.findScript === undefined ? {} : { findScript: options.findScript }),
    totalAsNumber: options.totalAsNumber ?? false,
    showsNamedScores: options.showsNamedScores ?? false,
    asksSeqNo: options.asksSeqNo ?? false,
  };
}

/**
 * Compiles a search body for one shard.
 *
 * @param found documents that were found before the query: by `knn`, or by retrievers
 * @throws {EsError} what is wrong with the body, or the refusal of the shard
 */
export function compileShard(
  body: JsonObject,
  shard: SearchShard,
  options: SearchOptions,
  size: number,
  found: FoundBefore | undefined,
): Shard {
  const asksSeqNo = options.asksSeqNo === true || isTrue(body["seq_no_primary_term"]);
  const context = { ...contextOf(shard, options, size), asksSeqNo };
  try {
    return compileParts(body, shard, options, context, size, found);
  } catch (error) {
    if (error instanceof EsError && !isUnsupported(error)) throwFirstFault(body, context, options);
    throw error;
  }
}

function compileParts(
  body: JsonObject,
  shard: SearchShard,
  options: SearchOptions,
  context: SearchContext,
  size: number,
  found: FoundBefore | undefined,
): Shard {
  const sort =
    body["sort"] === undefined ? byRelevance : compileSort(body["sort"], context, compileClause);
  // Compiled here only to find what this shard refuses, and whether scores are shown.
  const aggregations = compileAll(body, [{ context }], options);
  const trackScores = isTrue(body["track_scores"]);
  const hasScore = !sort.isExplicit || trackScores || sort.keys.some((key) => key.kind === "score");
  const isScored =
    (size > 0 && hasScore) ||
    body["min_score"] !== undefined ||
    isTrue(body["explain"]) ||
    aggregations.aggregations.some((aggregation) => aggregation.needsScores === true);
  const named: NamedQuery[] = [];
  const inner: InnerHits[] = [];
  const shown: AddShown[] = [];
  const queryContext: SearchContext = {
    ...context,
    isScored,
    onInner: (found) => addInner(inner, found, context),
    onNamed: (name, query) => void named.push({ name, query }),
    onShown: (add) => void shown.push(add),
  };
  const { query: given, highlight } = body;
  if (highlight !== undefined && holdsQuery(given, "percolate"))
    throw notSupported("[highlight] with [percolate]");
  const asked = given === undefined ? undefined : asSearched(given, queryContext);
  const plain =
    found === undefined
      ? (asked ?? asSearched({ match_all: {} }, queryContext))
      : found.join(asked, shard, named, queryContext);
  const postFilter =
    body["post_filter"] === undefined
      ? undefined
      : compileClause(body["post_filter"], { ...queryContext, isScored: false });
  const collapse =
    body["collapse"] === undefined ? undefined : compileCollapse(body["collapse"], context);
  const measuredContext = { ...context, isScored };
  const measured = isTrue(body["profile"])
    ? measureShard(found === undefined ? body : { ...body, knn: {} }, measuredContext, shard)
    : undefined;
  const query = measured === undefined ? plain : { ...measured.query, explained: plain.explained };
  return {
    shard,
    context: { ...context, matched: { named, inner, shown } },
    documents: filtered(shard, context),
    query: boosted(query, shard.boost ?? 1),
    postFilter: measured === undefined ? postFilter : measured.postFilter,
    sort,
    hasScore,
    named,
    suggestions: suggestShard(body, context, shard.documents),
    highlight: isObject(highlight)
      ? compileHighlight(body, highlight, { ...context, onNamed: undefined }, compileClause)
      : undefined,
    // Without hits to show nothing is grouped.
    collapse: size === 0 ? undefined : collapse,
    rescorer: rescorerOf(body, sort.isExplicit, { ...context, onNamed: queryContext.onNamed }),
    inner,
    shown,
    measured,
  };
}

/** A query of a search, explained as the server runs it. */
function asSearched(query: unknown, context: SearchContext): CompiledQuery {
  const compiled = compileClause(query, context);
  const { onNamed: _named, onInner: _inner, ...plain } = context;
  return {
    ...compiled,
    explained: () => explainSearch(query, { ...plain, isScored: true }) ?? compiled.explained?.(),
  };
}

/**
 * Throws the refusal of a shard that comes first: those of rewriting, then the query, the filter of
 * hits, the sort, the aggregations, what is scored again, and groups.
 */
function throwFirstFault(body: JsonObject, context: SearchContext, options: SearchOptions): void {
  const faults = new Faults();
  const unscored = { ...context, isScored: false, onNamed: undefined, onInner: undefined };
  const { sort } = body;
  for (const given of [body["query"], body["post_filter"]])
    if (given !== undefined) faults.attempt("", () => compileClause(given, unscored));
  if (sort !== undefined) faults.attempt("", () => compileSort(sort, context, compileClause));
  faults.attempt("", () => compileAll(body, [{ context }], options));
  const { rescore, collapse, suggest } = body;
  if (suggest !== undefined) faults.attempt("", () => suggestShard(body, context, []));
  faults.attempt("", () => compileFetchFields(body["fields"], context));
  faults.attempt("", () => wantedFields("docvalue_fields", body["docvalue_fields"]));
  faults.attempt("", () => compileScriptFields(body["script_fields"], context));
  if (rescore !== undefined) faults.attempt("", () => compileRescore(rescore, context));
  if (collapse !== undefined) faults.attempt("", () => compileCollapse(collapse, context));
  faults.throwAny();
}

function rescorerOf(
  body: JsonObject,
  isSorted: boolean,
  context: SearchContext,
): Rescorer | undefined {
  const { rescore } = body;
  if (rescore === undefined || (Array.isArray(rescore) && rescore.length === 0)) return undefined;
  const rescorer = compileRescore(rescore, context);
  if (!isSorted) return rescorer;
  const reason = "Cannot use [sort] option in conjunction with [rescore].";
  throw shardFailure(context.index, "illegal_argument_exception", reason);
}

/** A shard of no index, on which only what cannot be read is refused. */
const nowhere: SearchShard = {
  index: "_all",
  shard: 0,
  mappings: { find: () => undefined },
  documents: [],
};

/**
 * The first part of a body that cannot be read, or is refused by name, in the order in which it
 * stands there; `undefined` when all of it can.
 */
export function findUnreadable(body: JsonObject): EsError | undefined {
  const context = contextOf(nowhere, {}, 0);
  const faults = new Faults();
  for (const [key, value] of Object.entries(body)) {
    faults.attempt(key, () => readPart(body, key, value, context));
  }
  try {
    for (const stage of ["parse", "validate"] as const) faults.throwFirst(stage);
  } catch (error) {
    if (error instanceof EsError) return error;
  }
  return undefined;
}

function readPart(body: JsonObject, key: string, value: unknown, context: SearchContext): void {
  checkMember(body, key);
  if (key === "from" || key === "size") readPage({ [key]: value }, "_all", Infinity);
  if (key === "terminate_after") readTerminateAfter(body);
  if (key === "track_total_hits") readTracked(value);
  if (key === "query" || key === "post_filter") compileClause(value, context);
  if (key === "aggs" || key === "aggregations") compileAll(body, [{ context }], {});
  if (key === "sort") compileSort(value, context, compileClause);
  if (key === "fields" || key === "docvalue_fields") wantedFields(key, value);
  if (key === "collapse") compileCollapse(value, context);
  if (key === "rescore") compileRescore(value, context);
  if (key === "highlight" && isObject(value)) compileHighlight({}, value, context, compileClause);
}

/** The documents of a shard that its filters let through. */
export function filtered(shard: SearchShard, context: SearchContext): Iterable<SearchDocument> {
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

/** True for a JSON boolean, or its text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

/** Compiles the aggregations of a body over all its shards. */
export function compileAll(
  body: JsonObject,
  plans: readonly { readonly context: SearchContext; readonly shard?: SearchShard }[],
  options: SearchOptions,
  clock?: ShardClock,
): AggregationLevel {
  const aggs = aggregationsOf(body);
  if (aggs === undefined || plans.length === 0) return emptyLevel;
  if (isObject(aggs) && Object.keys(aggs).length === 0) return emptyLevel;
  const shards = plans.map((plan) => plan.context);
  const hasFilters = plans.some(({ shard }) => shard?.filters !== undefined);
  const isPlain = !hasFilters && body["knn"] === undefined && body["slice"] === undefined;
  return compileAggregations(aggs, {
    shards,
    finder: new ShardFinder(shards),
    compile: compileUnwrapped,
    typedKeys: options.typedKeys ?? false,
    totalAsNumber: options.totalAsNumber ?? false,
    budget: new BucketBudget(options.maxBuckets ?? defaultMaxBuckets),
    rangeAsked: isPlain ? (name, shard) => rangeAsked(body["query"], name, shard) : undefined,
    clock,
  });
}
