/** `top_hits`: the best documents of a bucket. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { floatJson } from "../../json/java-number.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { compileHit } from "../fetch/hit.ts";
import { checkSourceMember } from "../fetch/source-filter.ts";
import type { MatchedParts, SearchContext } from "../fields/document.ts";
import { shardFailure } from "../problem.ts";
import { wholeNumber } from "../search-body.ts";
import { byRelevance, compileSort } from "../sort/sort.ts";
import { type Candidate, TopCandidates } from "../sort/top-candidates.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  checkSettings,
} from "./aggregation.ts";
import { byIndex } from "./by-index.ts";

const settingNames = [
  "from",
  "size",
  "sort",
  "_source",
  "fields",
  "docvalue_fields",
  "stored_fields",
  "version",
  "seq_no_primary_term",
  "track_scores",
  "explain",
  "highlight",
  "script_fields",
];

/** `top_hits`. */
export function parseTopHits(
  name: string,
  body: JsonObject,
  _: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("top_hits", body, settingNames);
  checkSourceMember(body);
  for (const key of ["explain", "highlight", "script_fields"]) {
    if (body[key] !== undefined && body[key] !== false)
      throw notSupported(`[${key}] in [top_hits]`);
  }
  const from = body["from"] === undefined ? 0 : wholeNumber("from", body["from"]);
  const size = body["size"] === undefined ? 3 : wholeNumber("size", body["size"]);
  for (const [setting, value] of Object.entries({ from, size })) {
    if (value >= 0) continue;
    throw illegalArgument(
      `[${setting}] must be greater than or equal to 0. Found [${value}] in [${name}]`,
    );
  }
  const shards = byIndex(context, (shard) => {
    checkWindow(name, from + size, shard);
    const sort =
      body["sort"] === undefined ? byRelevance : compileSort(body["sort"], shard, context.compile);
    const hasScore =
      !sort.isExplicit || body["track_scores"] === true || sort.keys[0]?.kind === "score";
    // Objects within a document are not what the query of the search found.
    const matched = shard.nestedPath === undefined ? shard.matched : undefined;
    checkInnerHits(matched, context, shard);
    const options = { named: [], ...matched, sort, hasScore, isTopHits: true };
    const toHit = compileHit(body, options, shard);
    return { sort, hasScore, toHit };
  });
  const [first] = context.shards;
  const own = first === undefined ? undefined : shards(first);
  const { sort, hasScore } = own ?? { sort: byRelevance, hasScore: true };
  const isMerged = context.shards.length > 1 && (context.presence ?? "all") !== "all";
  return {
    resultType: "top_hits",
    needsScores: true,
    create() {
      // One more tells whether the last one is the last for certain.
      const top = new TopCandidates(from + size + (isMerged ? 1 : 0), sort);
      let count = 0;
      let best = -1;
      return {
        collect(document, score) {
          if (from + size === 0) {
            const reason =
              "numHits must be > 0; please use TotalHitCountCollectorManager if you just need the total hit count";
            throw shardFailure(document.index, "illegal_argument_exception", reason);
          }
          const shard = isMerged ? context.finder.find(document) : 0;
          top.offer(document, score, count++, shards(document)?.sort ?? sort, shard);
          if (score > best) best = score;
        },
        result() {
          const sorted = top.sorted();
          if (isMerged) refuseEqual(sorted);
          return {
            hits: {
              total: context.totalAsNumber ? count : { value: count, relation: "eq" },
              max_score: hasScore && count > 0 ? floatJson(best) : null,
              hits: sorted
                .slice(from, from + size)
                .map((candidate) => shards(candidate.document)?.toHit(candidate)),
            },
          };
        },
      };
    },
  };
}

/**
 * Buckets of several shards are put together in the order in which a heap gives them.
 *
 * @throws {EsError} 400 by name where hits of several shards are equal
 */
function refuseEqual(sorted: readonly Candidate[]): void {
  for (const [at, { shard, values }] of sorted.entries()) {
    const next = sorted[at + 1];
    if (next === undefined || next.shard === shard) continue;
    if (values.every((value, key) => value === next.values[key]))
      throw notSupported("[top_hits] of equal hits of several shards in such a bucket");
  }
}

/** Inner hits are scored by the statistics of their shard, which a hit here does not know. */
function checkInnerHits(
  matched: MatchedParts | undefined,
  { shards }: AggregationContext,
  { index }: SearchContext,
): void {
  if (matched === undefined || matched.inner.length === 0) return;
  if (shards.filter((shard) => shard.index === index).length > 1)
    throw notSupported("[top_hits] over several shards beside [inner_hits] of a query");
}

function checkWindow(name: string, wanted: number, { index, limits }: SearchContext): void {
  const most = limits.maxInnerResultWindow;
  if (wanted <= most) return;
  const reason = `Top hits result window is too large, the top hits aggregator [${name}]'s from + size must be less than or equal to: [${most}] but was [${wanted}]. This limit can be set by changing the [index.max_inner_result_window] index level setting.`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}
