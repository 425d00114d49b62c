import type { Aggregation, Collector } from "./aggregations/aggregation.ts";
import { NO_MATCH, type CompiledQuery } from "./queries/compiled-query.ts";
import type { SearchDocument } from "./fields/document.ts";
import type { Sort, SortValue } from "./sort.ts";
import { TopCandidates, type Candidate } from "./top-candidates.ts";

/** What is to be gathered from the documents of a search. */
export interface CollectionPlan {
  readonly query: CompiledQuery;
  readonly postFilter: CompiledQuery | undefined;
  readonly minScore: number;
  readonly sort: Sort;
  readonly after: readonly SortValue[] | undefined;
  readonly from: number;
  readonly size: number;
  /** Matches are counted up to here; -1 when they are not counted. */
  readonly tracked: number;
  readonly terminateAfter: number;
  readonly aggregations: readonly Aggregation[];
}

/** What was gathered. */
export interface Collection {
  /** The page that was asked for, best first. */
  readonly page: readonly Candidate[];
  /** Number of matches; not exact beyond what is tracked. */
  readonly matched: number;
  /** -1 when nothing matched. */
  readonly maxScore: number;
  /** One for each aggregation of the plan. */
  readonly collectors: readonly Collector[];
}

/** Goes once through the documents, no further than the answer can change. */
export function collectMatches(plan: CollectionPlan, docs: Iterable<SearchDocument>): Collection {
  // With equal scores, no sort and no aggregations the first matches are the page.
  const isFirstBest =
    plan.query.isConstant &&
    !plan.sort.isExplicit &&
    plan.after === undefined &&
    plan.aggregations.length === 0;
  return isFirstBest ? collectFirst(plan, docs) : collectBest(plan, docs);
}

function collectFirst(plan: CollectionPlan, docs: Iterable<SearchDocument>): Collection {
  const { score } = plan.query;
  const postFilter = plan.postFilter?.score;
  const countsAll =
    plan.query.matchesAll === true && postFilter === undefined && plan.minScore <= 0;
  // When everything matches and the documents can be counted, nothing beyond the page is looked at;
  // otherwise counting goes on to one more than is tracked.
  const known = countsAll && plan.terminateAfter === Infinity ? countOf(docs) : undefined;
  const end = plan.from + plan.size;
  const last = known === undefined ? Math.max(end, plan.tracked + 1) : end;
  const page: Candidate[] = [];
  let matched = 0;
  let maxScore = NO_MATCH;
  let ordinal = 0;
  for (const document of docs) {
    const at = ordinal++;
    if (matched >= last) break;
    const value = score(document);
    if (value === NO_MATCH || value < plan.minScore) continue;
    if (postFilter !== undefined && postFilter(document) === NO_MATCH) continue;
    maxScore = value;
    if (matched >= plan.from && matched < end)
      page.push({ document, score: value, ordinal: at, values: [] });
    matched++;
    if (matched >= plan.terminateAfter) break;
  }
  return { page, matched: known ?? matched, maxScore, collectors: [] };
}

function collectBest(plan: CollectionPlan, docs: Iterable<SearchDocument>): Collection {
  const top = new TopCandidates(plan.from + plan.size, plan.sort, plan.after);
  const { score } = plan.query;
  const collectors = plan.aggregations.map((aggregation) => aggregation.create());
  const global = collectors.filter((_, at) => plan.aggregations[at]?.isGlobal === true);
  const local = collectors.filter((_, at) => plan.aggregations[at]?.isGlobal !== true);
  const postFilter = plan.postFilter?.score;
  let matched = 0;
  let maxScore = NO_MATCH;
  let ordinal = 0;
  for (const document of docs) {
    const at = ordinal++;
    for (const collector of global) collector.collect(document, 1);
    const value = score(document);
    if (value === NO_MATCH || value < plan.minScore) continue;
    for (const collector of local) collector.collect(document, value);
    if (postFilter !== undefined && postFilter(document) === NO_MATCH) continue;
    matched++;
    if (value > maxScore) maxScore = value;
    top.offer(document, value, at);
    if (matched >= plan.terminateAfter) break;
  }
  return { page: top.sorted().slice(plan.from), matched, maxScore, collectors };
}

/** Number of documents where it can be had without reading them: of an array, a set or a map. */
function countOf(docs: Iterable<SearchDocument>): number | undefined {
  if (Array.isArray(docs)) return docs.length;
  const { size } = docs as Iterable<SearchDocument> & { readonly size?: unknown };
  return typeof size === "number" ? size : undefined;
}
