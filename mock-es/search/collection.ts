/** Going through the documents of the shards of a search. */
import { notSupported } from "../es-error.ts";
import type { Aggregation, Collector } from "./aggregations/aggregation.ts";
import type { Collapse } from "./collapse.ts";
import { type CompiledQuery, NO_MATCH } from "./queries/compiled-query.ts";
import type { IndexedValue } from "./fields/value.ts";
import type { SearchDocument } from "./fields/document.ts";
import type { ShardClock } from "./profile/shard-clock.ts";
import type { Rescorer } from "./rescore.ts";
import type { Sort, SortValue } from "./sort/sort-key.ts";
import { type Candidate, TopCandidates } from "./sort/top-candidates.ts";

/** What is to be gathered from the documents of one shard. */
export interface ShardPlan {
  readonly documents: Iterable<SearchDocument>;
  readonly query: CompiledQuery;
  readonly postFilter: CompiledQuery | undefined;
  readonly sort: Sort;
  /** How hits are grouped; `undefined`: they are not. */
  readonly collapse?: Collapse | undefined;
  /** How the best hits are scored again; `undefined`: they are not. */
  readonly rescorer?: Rescorer | undefined;
}

/** What is to be gathered from all of them. */
export interface CollectionPlan {
  readonly shards: readonly ShardPlan[];
  /** Compares candidates of all shards. */
  readonly sort: Sort;
  readonly minScore: number;
  readonly after: readonly SortValue[] | undefined;
  readonly from: number;
  readonly size: number;
  /** Matches are counted up to here; -1 when they are not counted. */
  readonly tracked: number;
  /** Matches after which a shard is left. */
  readonly terminateAfter: number;
  readonly aggregations: readonly Aggregation[];
  /** Of a search that is profiled. */
  readonly clock?: ShardClock | undefined;
}

/** What was gathered. */
export interface Collection {
  /** The page that was asked for, best first. */
  readonly page: readonly Candidate[];
  /** Number of matches; not exact beyond what is tracked. */
  readonly matched: number;
  /** -1 when nothing matched. */
  readonly maxScore: number;
  readonly isTerminated: boolean;
  /** One for each aggregation of the plan. */
  readonly collectors: readonly Collector[];
}

/** Goes once through the documents, no further than the answer can change. */
export function collectMatches(plan: CollectionPlan): Collection {
  // With equal scores, no sort and no aggregations the first matches are the page.
  const isFirstBest =
    plan.shards.length === 1 &&
    plan.shards.every((shard) => shard.query.isConstant) &&
    !plan.sort.isExplicit &&
    plan.after === undefined &&
    plan.shards.every(
      ({ collapse, rescorer }) => collapse === undefined && rescorer === undefined,
    ) &&
    plan.aggregations.length === 0 &&
    plan.clock === undefined;
  const [only] = plan.shards;
  return isFirstBest && only !== undefined ? collectFirst(plan, only) : collectBest(plan);
}

function collectFirst(plan: CollectionPlan, shard: ShardPlan): Collection {
  const { score } = shard.query;
  const postFilter = shard.postFilter?.score;
  const isPlain = postFilter === undefined && plan.minScore <= 0;
  // When everything matches and the documents can be counted, nothing beyond the page is looked at;
  // otherwise counting goes on to one more than is tracked.
  const known = isPlain && shard.query.matchesAll === true ? countOf(shard.documents) : undefined;
  const stop = stopOf(plan, shard);
  const end = Math.min(plan.from + plan.size, stop.after);
  const last = known === undefined ? Math.max(end, plan.tracked + 1) : end;
  const page: Candidate[] = [];
  let matched = 0;
  let maxScore = NO_MATCH;
  let ordinal = 0;
  for (const document of shard.documents) {
    const at = ordinal++;
    if (matched >= last && matched > stop.after) break;
    if (matched >= last && stop.after === Infinity) break;
    const value = score(document);
    if (value === NO_MATCH || value < plan.minScore) continue;
    if (postFilter !== undefined && postFilter(document) === NO_MATCH) continue;
    if (matched >= stop.after && !stop.isCounted) {
      return { page, matched, maxScore, isTerminated: true, collectors: [] };
    }
    maxScore = value;
    if (matched >= plan.from && matched < end)
      page.push({ document, score: value, ordinal: at, values: [], shard: 0 });
    matched++;
  }
  const total = known ?? matched;
  return { page, matched: total, maxScore, isTerminated: total > stop.after, collectors: [] };
}

/** Where a shard is left. */
interface Stop {
  /** Matches after which the rest is not looked at; `Infinity` for none. */
  readonly after: number;
  /** True when all matches are counted nevertheless. */
  readonly isCounted: boolean;
}

function stopOf(plan: CollectionPlan, shard: ShardPlan): Stop {
  // Groups of hits are collected one by one, whatever the index knows.
  const isGrouped = shard.collapse !== undefined && plan.size > 0;
  const isCounted =
    shard.query.isCounted === true &&
    (plan.size === 0 || shard.query.countedAlone === undefined) &&
    shard.postFilter === undefined &&
    plan.minScore <= 0 &&
    !isGrouped;
  // A count that the index knows looks at no document, so that nothing is left early.
  const looksAtNone = isCounted && plan.size === 0 && plan.aggregations.length === 0;
  return { after: looksAtNone ? Infinity : plan.terminateAfter, isCounted };
}

function collectBest(plan: CollectionPlan): Collection {
  const isCollapsed = plan.shards.some((shard) => shard.collapse !== undefined);
  // Which hits are left is known when all groups are.
  const isRescored = plan.size > 0 && plan.shards.some((shard) => shard.rescorer !== undefined);
  const limit = isCollapsed || isRescored ? Infinity : plan.from + plan.size;
  const top = new TopCandidates(limit, plan.sort, plan.after);
  const ranking = plan.clock?.watch(top) ?? top;
  const collectors = plan.aggregations.map((aggregation) => aggregation.create());
  const global = collectors.filter((_, at) => plan.aggregations[at]?.isGlobal === true);
  const local = collectors.filter((_, at) => plan.aggregations[at]?.isGlobal !== true);
  let matched = 0;
  let maxScore = NO_MATCH;
  let ordinal = 0;
  let isTerminated = false;
  for (const [number, shard] of plan.shards.entries()) {
    if (plan.clock !== undefined) plan.clock.shard = number;
    const { score } = shard.query;
    const postFilter = shard.postFilter?.score;
    const stop = stopOf(plan, shard);
    let position = 0;
    let inShard = 0;
    for (const document of shard.documents) {
      const at = ordinal++;
      const place = position++;
      for (const collector of global) collector.collect(document, 1);
      const value = score(document);
      if (value === NO_MATCH) continue;
      if (value < plan.minScore) {
        refuseShortCut(local);
        continue;
      }
      if (inShard >= stop.after) {
        isTerminated = true;
        if (!stop.isCounted) break;
        matched++;
        continue;
      }
      // Hits are grouped before anything else is made of them.
      if (plan.size > 0) shard.collapse?.read(document);
      for (const collector of local) collector.collect(document, value);
      if (postFilter !== undefined && postFilter(document) === NO_MATCH) continue;
      matched++;
      inShard++;
      if (value > maxScore) maxScore = value;
      ranking.offer(document, value, at, shard.sort, number, place);
    }
  }
  const sorted = top.sorted();
  const best = isRescored ? rescored(sorted, plan) : firstOfGroups(sorted, plan.shards);
  const page = best.slice(plan.from, plan.from + plan.size);
  if (isRescored) maxScore = best[0]?.score ?? NO_MATCH;
  return { page, matched, maxScore, isTerminated, collectors };
}

/**
 * The server may take aggregations from its index, without a look at single documents, and counts
 * those that the least score keeps out of the hits.
 *
 * @throws {EsError} 400 by name
 */
function refuseShortCut(collectors: readonly Collector[]): void {
  if (collectors.length > 0)
    throw notSupported("a [min_score] that keeps documents out, beside aggregations,");
}

/**
 * The best hits of each shard, scored again, and put together. The server leaves the groups of a
 * shard in the order that they had before, so that a hit may count as one of another group.
 */
function rescored(found: readonly Candidate[], plan: CollectionPlan): Candidate[] {
  const all = plan.shards.flatMap(({ rescorer }, number) => {
    const inShard = found.filter(({ shard }) => shard === number);
    const own = firstOfGroups(inShard, plan.shards);
    const window = Math.max(plan.from + plan.size, rescorer?.window ?? 0);
    const again = rescorer?.rescore(own.slice(0, window)) ?? own;
    return again.map((candidate, at) => ({ candidate, group: groupOf(own[at], plan.shards) }));
  });
  all.sort(({ candidate: a }, { candidate: b }) => b.score - a.score || a.ordinal - b.ordinal);
  return firstOf(all, ({ group }) => group).map(({ candidate }) => candidate);
}

/** A group of hits that collapse; as an object, one hit that does not. */
type Group = IndexedValue | object | undefined;

function groupOf(candidate: Candidate | undefined, shards: readonly ShardPlan[]): Group {
  const collapse = shards[candidate?.shard ?? 0]?.collapse;
  return collapse === undefined || candidate === undefined
    ? candidate
    : collapse.read(candidate.document);
}

/** The first candidate of each group; all of them where nothing is collapsed. */
function firstOfGroups(sorted: readonly Candidate[], shards: readonly ShardPlan[]): Candidate[] {
  return firstOf(sorted, (candidate) => groupOf(candidate, shards));
}

function firstOf<T>(sorted: readonly T[], group: (one: T) => Group): T[] {
  const seen = new Set<Group>();
  return sorted.filter((one) => !seen.has(group(one)) && seen.add(group(one)));
}

/** Number of documents where it can be had without reading them: of an array, a set or a map. */
function countOf(docs: Iterable<SearchDocument>): number | undefined {
  if (Array.isArray(docs)) return docs.length;
  const { size } = docs as Iterable<SearchDocument> & { readonly size?: unknown };
  return typeof size === "number" ? size : undefined;
}
