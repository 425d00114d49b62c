/** The JSON text of a search's answer. */
import { jsonText } from "../json/json-value.ts";
import type { SearchResult } from "../search/search.ts";
import type { Cluster } from "../store/cluster.ts";
import type { RenderedHits } from "./search-run.ts";
import type { SearchScope } from "./search-scope.ts";

/** What of an answer the body does not decide. */
export interface AnswerOptions {
  readonly tookMs: number;
  /** `rest_total_hits_as_int`: the total is a plain number. */
  readonly totalAsNumber: boolean;
  /** `_scroll_id` or `pit_id`, with a comma behind it. */
  readonly prefix?: string;
  /** `batched_reduce_size`: results of shards that are put together at once. @default 512 */
  readonly batchSize?: number;
}

/** A score as the server writes it: with a fraction even when that is zero. */
export function renderScore(value: unknown): string {
  if (typeof value !== "number") return value === null ? "null" : jsonText(value);
  return Number.isInteger(value) && Math.abs(value) < 1e7 ? `${value}.0` : String(value);
}

/** The member `"total":…,` of `hits`; empty when the total is not tracked. */
export function renderTotal(total: SearchResult["total"], totalAsNumber: boolean): string {
  if (total === undefined) return totalAsNumber ? `"total":-1,` : "";
  return totalAsNumber
    ? `"total":${total.value},`
    : `"total":{"value":${total.value},"relation":"${total.relation}"},`;
}

/** `hits` from its parts. */
export function renderHitList(hits: readonly string[], total: string, maxScore: string): string {
  return `{${total}"max_score":${maxScore},"hits":[${hits.join(",")}]}`;
}

/** `_shards` of a search, with the failures of those that could not run it. */
export function renderShards(
  cluster: Cluster,
  total: number,
  result: Pick<SearchResult, "failures" | "failedShards">,
): string {
  const { failures, failedShards } = result;
  const list =
    failures.length === 0
      ? ""
      : `,"failures":${jsonText(
          failures.map(({ shard, index, reason }) => ({
            shard,
            index,
            node: cluster.nodeId,
            reason:
              reason["index_uuid"] === "_na_"
                ? { ...reason, index_uuid: cluster.indices.get(index)?.uuid ?? "_na_" }
                : reason,
          })),
        )}`;
  return `{"total":${total},"successful":${total - failedShards},"skipped":0,"failed":${failedShards}${list}}`;
}

/** The complete answer of a search. */
export function renderSearch(
  cluster: Cluster,
  found: RenderedHits,
  scope: SearchScope,
  options: AnswerOptions,
): string {
  const { tookMs, totalAsNumber, prefix = "", batchSize } = options;
  const total = renderTotal(found.total, totalAsNumber);
  const maxScore = scope.shards.length === 0 ? "0.0" : renderScore(found.maxScore);
  const hits = renderHitList(found.hits, total, maxScore);
  const early =
    found.terminatedEarly === undefined ? "" : `"terminated_early":${found.terminatedEarly},`;
  const answered = scope.shards.length - found.failedShards;
  const phases = reducePhases(answered, batchSize ?? defaultBatchSize);
  const reduced = phases === 1 ? "" : `"num_reduce_phases":${phases},`;
  const aggregations =
    found.aggregations === undefined ? "" : `,"aggregations":${jsonText(found.aggregations)}`;
  const suggest = found.suggest === undefined ? "" : `,"suggest":${found.suggest}`;
  const profile = found.profile === undefined ? "" : `,"profile":${jsonText(found.profile)}`;
  const shards = renderShards(cluster, scope.shards.length, found);
  return `{${prefix}"took":${tookMs},"timed_out":false,${early}${reduced}"_shards":${shards},"hits":${hits}${aggregations}${suggest}${profile}}`;
}

/** Default of `batched_reduce_size`. */
const defaultBatchSize = 512;

/** How often results were put together: whenever the batch was full, and at the end. */
function reducePhases(shards: number, batchSize: number): number {
  let phases = 1;
  let waiting = 0;
  for (let shard = 0; shard < shards; shard++) {
    if (waiting + (phases > 1 ? 1 : 0) >= batchSize) {
      phases++;
      waiting = 0;
    }
    waiting++;
  }
  return phases;
}
