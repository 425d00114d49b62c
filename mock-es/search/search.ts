/** Searches: a body is compiled for each shard, run, and the results are put together. */
import { floatJson } from "../json/java-number.ts";
import { readNumber, withRead } from "../json/odd-numbers.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { type AggregationLevel, emptyLevel, resultsOf } from "./aggregations/aggregation.ts";
import { type Collection, collectMatches } from "./collection.ts";
import { groupSearches } from "./collapse.ts";
import { refuseUnknownEnd } from "./early-end.ts";
import { compileHitExplanation } from "./explain.ts";
import { compileHit, type SearchHit } from "./fetch/hit.ts";
import { defaultLimits } from "./fields/document.ts";
import { findNearest, fuse, type Fused, type Ranking } from "./found-before.ts";
import { shardFailure } from "./problem.ts";
import { ShardClock } from "./profile/shard-clock.ts";
import { renderProfile } from "./profile/shard-profile.ts";
import { NO_MATCH } from "./queries/compiled-query.ts";
import { type RankFusion, readRetriever } from "./retrievers.ts";
import {
  checkSearchBody,
  type Page,
  readPage,
  readTerminateAfter,
  readTracked,
  wholeNumber,
} from "./search-body.ts";
import {
  onAbleShards,
  groupFailures,
  searchRefused,
  type ShardFailure,
  tryShard,
} from "./shard-failures.ts";
import { checkOptionValues } from "./option-values.ts";
import { inShard } from "./queries/shard-problem.ts";
import { checkRuntimeFields, withRuntimeFields } from "./runtime-fields.ts";
import {
  compileAll,
  compileShard,
  isTrue,
  type SearchOptions,
  type SearchShard,
  type Shard,
} from "./shard-search.ts";
import { byRelevance } from "./sort/sort.ts";
import { besideLongs, type Sort, type SortValue, type SortValueType } from "./sort/sort-key.ts";
import { isSuggestOnly, mergeSuggestions, type SuggestResult } from "./suggest/suggest.ts";
import { incompatibleSort } from "./sort/incompatible-sort.ts";

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
  /** What was suggested, where the body asks for it. */
  readonly suggest?: SuggestResult | undefined;
  /** How the search was done, where the body asks for it. */
  readonly profile?: JsonObject | undefined;
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
  plainShards: readonly SearchShard[],
  options: SearchOptions = {},
): SearchResult {
  const given = checkSearchBody(body);
  const shards =
    given["runtime_mappings"] === undefined
      ? plainShards
      : plainShards.map((shard) => withOwnFields(shard, given["runtime_mappings"], options));
  const size = given["size"] === undefined ? defaultSize : wholeNumber("size", given["size"]);
  const { body: asked, before } = withoutRetriever(given, shards, options, size);
  const checked = isSuggestOnly(given) ? { ...asked, query: { match_none: {} } } : asked;
  const run = execute(checked, shards, options, before);
  const { plans, found, page, aggregations, failures } = run;
  const [first] = plans;
  const tracked = readTracked(checked["track_total_hits"]);
  const plain = renderHits(checked, run, mergedTypes(plans, checked["sort"]), options.nodeId ?? "");
  const hits = withGroups(checked, plain, shards, options);
  // A search that only counts always says that it counted everything.
  checkOptionValues(given);
  const countsOnly =
    page.size === 0 && tracked === Infinity && aggregations === emptyLevel && plans.length > 0;
  const isLimited =
    checked["terminate_after"] !== undefined &&
    run.terminateAfter < Infinity &&
    !isSuggestOnly(given);
  return {
    hits,
    total: totalHits(found.matched, tracked),
    maxScore: maxScoreOf(checked, first, found, page.size),
    ...(aggregations === emptyLevel
      ? {}
      : { aggregations: resultsOf(aggregations, found.collectors, options.typedKeys ?? false) }),
    ...(isLimited || countsOnly ? { terminatedEarly: found.isTerminated } : {}),
    failures: groupFailures(failures),
    failedShards: failures.length,
    ...(isObject(checked["suggest"]) && Object.values(checked["suggest"]).some(isObject)
      ? { suggest: mergeSuggestions(checked, plans, options.typedKeys ?? false) }
      : {}),
    ...(run.clock === undefined
      ? {}
      : { profile: profileOf(checked, run, run.clock, options.nodeId ?? "") }),
  };
}

function profileOf(
  body: JsonObject,
  { plans, aggregations }: Execution,
  clock: ShardClock,
  nodeId: string,
): JsonObject {
  const shards = plans.flatMap(({ shard: { index, shard }, measured }) =>
    measured === undefined ? [] : [{ index, shard, measured }],
  );
  return renderProfile(body, shards, clock, aggregations.aggregations, nodeId);
}

/** A shard with the runtime fields of a search. @throws {EsError} the refusal of the shard */
function withOwnFields(shard: SearchShard, given: unknown, options: SearchOptions): SearchShard {
  if (!isObject(given)) return shard;
  const { index } = shard;
  const refuse = (reason: string): Error => shardFailure(index, "mapper_parsing_exception", reason);
  inShard(shard, () => checkRuntimeFields(given, refuse, false));
  const { findScript, nowMs = Date.now() } = options;
  const surroundings = { index, nowMs, refuse, ...(findScript && { findScript }) };
  return { ...shard, mappings: withRuntimeFields(shard.mappings, given, surroundings) };
}

/** Hits that a search shows when it does not say. */
const defaultSize = 10;

/** A search that was run, before its hits are written. */
interface Execution {
  /** Of the shards that could run it. */
  readonly plans: readonly Shard[];
  readonly planOf: ReadonlyMap<SearchShard, Shard>;
  readonly found: Collection;
  readonly page: Page;
  readonly aggregations: AggregationLevel;
  readonly terminateAfter: number;
  readonly failures: readonly ShardFailure[];
  /** Of a search that is profiled. */
  readonly clock: ShardClock | undefined;
}

function execute(
  body: JsonObject,
  shards: readonly SearchShard[],
  options: SearchOptions,
  ranked: Fused | undefined,
): Execution {
  const window = options.maxResultWindow ?? windowOf(shards);
  const page = readPage(body, shards[0]?.index ?? "_all", window);
  const failures: ShardFailure[] = [];
  const before = ranked ?? findNearest(body, shards, options, page.size);
  const planOf = new Map<SearchShard, Shard>();
  for (const shard of shards) {
    const plan = tryShard(shard, failures, () =>
      compileShard(body, shard, options, page.size, before),
    );
    if (plan !== undefined) planOf.set(shard, plan);
  }
  if (shards.length === 0) checkWithoutShards(body, options, page.size);
  const compiled = besideLongs([...planOf.values()]);
  const [first] = compiled;
  if (failures.length > 0 && (first === undefined || options.allowsPartialResults === false))
    throw searchRefused(failures, first !== undefined);
  // Values of `search_after` are read as the widest numbers of the shards.
  const isWide = ({ sort: { keys } }: Shard): boolean =>
    keys.every(({ integerEnd }) => integerEnd === undefined);
  const widest = compiled.find(isWide) ?? first;
  const sort = widest?.sort ?? byRelevance;
  const after = readAfter(body, sort, widest);
  const clock = isTrue(body["profile"]) ? new ShardClock() : undefined;
  const terminateAfter = readTerminateAfter(body);
  const settings = {
    sort,
    minScore: body["min_score"] === undefined ? 0 : Math.fround(Number(body["min_score"])),
    after,
    ...page,
    // Only what was ranked is shown, however much else matches.
    ...(ranked === undefined
      ? {}
      : { size: Math.max(0, Math.min(page.size, ranked.documents.length - page.from)) }),
    tracked: readTracked(body["track_total_hits"]),
    terminateAfter,
    clock,
  };
  const { plans, aggregations, found } = onAbleShards(
    compiled,
    failures,
    options.allowsPartialResults,
    (able) => {
      const all = compileAll(body, able, options, clock);
      const found = collectMatches({ ...settings, shards: able, aggregations: all.aggregations });
      return { plans: able, aggregations: all, found };
    },
  );
  if (found.isTerminated || found.matched > terminateAfter)
    refuseUnknownEnd(body, plans, page.size, found.isTerminated);
  return { plans, planOf, found, page, aggregations, terminateAfter, failures, clock };
}

/** The body of a search whose retriever was put in its place, or run before. */
function withoutRetriever(
  body: JsonObject,
  shards: readonly SearchShard[],
  options: SearchOptions,
  size: number,
): { readonly body: JsonObject; readonly before: Fused | undefined } {
  if (body["retriever"] === undefined) return { body, before: undefined };
  const retriever = readRetriever(body, size + Number(body["from"] ?? 0));
  const { retriever: _retriever, ...rest } = body;
  if (retriever.kind === "search")
    return { body: { ...rest, ...retriever.body }, before: undefined };
  return { body: rest, before: runFusion(retriever.fusion, shards, options) };
}

function runFusion(
  fusion: RankFusion,
  shards: readonly SearchShard[],
  options: SearchOptions,
): Fused {
  const rankings = fusion.retrievers.map(({ retriever }): Ranking => {
    if (retriever.kind === "fusion") return runFusion(retriever.fusion, shards, options);
    const body = { ...retriever.body, size: fusion.windowSize, track_total_hits: true };
    const { found, planOf } = execute(body, shards, options, undefined);
    return {
      documents: found.page.map(({ document }) => document),
      scores: found.page.map(({ score }) => score),
      queryOf: (shard) => planOf.get(shard)?.query,
    };
  });
  return fuse(rankings, fusion);
}

function windowOf(shards: readonly SearchShard[]): number {
  let least = Infinity;
  for (const { limits = defaultLimits } of shards) least = Math.min(least, limits.maxResultWindow);
  return least === Infinity ? defaultLimits.maxResultWindow : least;
}

/** A search over nothing is still read: what no shard would know is no fault of it. */
function checkWithoutShards(body: JsonObject, options: SearchOptions, size: number): void {
  const nowhere = { index: "_all", shard: 0, mappings: { find: () => undefined }, documents: [] };
  for (const part of [{ ...body, sort: [] }, body])
    tryShard(nowhere, [], () => compileShard(part, nowhere, options, size, undefined));
}

/** What the values of each key are over all shards. @throws {EsError} for those that do not mix */
function mergedTypes(plans: readonly Shard[], given: unknown): readonly SortValueType[] {
  const [first, ...rest] = plans;
  const types = (first?.sort.keys ?? []).map((key) => key.valueType);
  for (const { sort } of rest) {
    for (const [at, { valueType }] of sort.keys.entries()) {
      const known = types[at];
      if (known === undefined || known === valueType) continue;
      if (known === "string" || valueType === "string") {
        throw incompatibleSort(given, at, [known, valueType]);
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
  const { keys } = sort;
  if (!sort.isExplicit && sort === byRelevance)
    throw refuse("Sort must contain at least one field.");
  if (values.length !== keys.length)
    throw refuse(`search_after has ${values.length} value(s) but sort has ${keys.length}.`);
  const { collapse } = body;
  const isOther = isObject(collapse) && textOf(collapse["field"]) !== sortedField(body["sort"]);
  if (isOther || (isObject(collapse) && keys.length > 1))
    throw refuse(
      "Cannot use [collapse] in conjunction with [search_after] unless the search is sorted on the same field. Multiple sort fields are not allowed.",
    );
  const texts = withRead(values, readNumber);
  return keys.map((key, at) => key.parse((key.valueType === "string" ? texts : values)[at], at));
}

/** The field of the only key of a `sort`. */
function sortedField(sort: unknown): string | undefined {
  const key: unknown = Array.isArray(sort) ? sort[0] : sort;
  if (isObject(key)) return Object.keys(key)[0];
  return typeof key === "string" ? key.split(":")[0] : undefined;
}

function renderHits(
  body: JsonObject,
  { plans, found, clock }: Execution,
  valueTypes: readonly SortValueType[],
  nodeId: string,
): SearchHit[] {
  const writers = plans.map((plan) => {
    const { sort, hasScore, named, highlight, collapse, inner, shown, context, query } = plan;
    const explain = isTrue(body["explain"])
      ? compileHitExplanation(query.explained?.(), plan.shard, nodeId, plan.rescorer)
      : undefined;
    const options = {
      sort,
      hasScore,
      named,
      valueTypes,
      highlight,
      collapse,
      inner,
      shown,
      explain,
    };
    return compileHit(body, options, context);
  });
  return found.page.flatMap((candidate) => {
    const write = writers[candidate.shard];
    if (write === undefined) return [];
    if (clock === undefined) return [write(candidate)];
    return [clock.fetch(candidate.shard, () => write(candidate))];
  });
}

/** Adds the hits of its group, which no index boosts, to each hit of a collapsed search. */
function withGroups(
  body: JsonObject,
  hits: readonly SearchHit[],
  shards: readonly SearchShard[],
  options: SearchOptions,
): readonly SearchHit[] {
  const { collapse } = body;
  if (!isObject(collapse) || collapse["inner_hits"] === undefined) return hits;
  const plain = shards.map(({ boost: _boost, ...shard }) => shard);
  return hits.map((hit) => {
    const value = hit.fields?.[textOf(collapse["field"])]?.[0];
    const inner = groupSearches(body, value).map(({ name, body: asked }) => {
      const asksSeqNo = isTrue(body["seq_no_primary_term"]);
      const found = runSearch(asked, plain, { ...options, asksSeqNo });
      const { total: counted, maxScore, hits: members } = found;
      const total = options.totalAsNumber === true ? (counted?.value ?? -1) : counted;
      return [name, { hits: { total, max_score: maxScore, hits: members } }];
    });
    if (inner.length === 0) return hit;
    return { ...hit, inner_hits: Object.fromEntries(inner) as Record<string, unknown> };
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
