/** What `profile` shows of a search: how the work on each shard was done, and what it took. */
import { isObject, type JsonObject } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import type { CompiledQuery } from "../queries/compiled-query.ts";
import { luceneQuery } from "../lucene/from-clause.ts";
import { notProfiled } from "../lucene/from-terms.ts";
import { measureQuery, type ProfiledQuery } from "./measure.ts";
import type { AggregationMeter } from "./measure-aggregation.ts";
import { withoutNested } from "../lucene/nested-filter.ts";
import { rewriteQuery } from "../lucene/rewrite.ts";
import { nanoseconds, type ShardClock } from "./shard-clock.ts";

/** Members of a body with which a search is profiled. */
const profiled: ReadonlySet<string> = new Set(
  "query size from aggs aggregations sort post_filter track_total_hits track_scores min_score terminate_after timeout _source fields docvalue_fields stored_fields highlight version seq_no_primary_term explain profile".split(
    " ",
  ),
);

/** Refuses searches that are not profiled. @throws {EsError} 400 that names the member */
function checkProfiled(body: JsonObject): void {
  for (const key of Object.keys(body)) if (!profiled.has(key)) throw notProfiled(`[${key}]`);
}

/** Queries of a shard that measure themselves. */
export interface MeasuredShard {
  readonly query: CompiledQuery;
  readonly postFilter: CompiledQuery | undefined;
  /** To be read when the search is over. */
  readonly queries: () => readonly ProfiledQuery[];
  /** Nanoseconds that simplifying the queries took. */
  readonly rewriteNanos: number;
}

/**
 * Compiles the queries of a shard so that they measure themselves.
 *
 * @throws {EsError} 400 that names what is not profiled
 */
export function measureShard(
  body: JsonObject,
  context: SearchContext,
  { filters, boost }: { readonly filters?: unknown; readonly boost?: number },
): MeasuredShard {
  checkProfiled(body);
  if (filters !== undefined) throw notProfiled("a search through an alias with a filter");
  if (boost !== undefined) throw notProfiled("[indices_boost]");
  const plain = withoutNested(luceneQuery(body["query"], context), context.mappings);
  const filter =
    body["post_filter"] === undefined ? [] : [luceneQuery(body["post_filter"], context)];
  const started = nanoseconds();
  const rewritten = rewriteQuery(plain, context.isScored);
  const rewriteNanos = nanoseconds() - started;
  const main = measureQuery(rewritten, context.isScored);
  // A filter behind the query is never weighed, though nothing around it says so.
  const [after] = filter.map((each) => {
    const constant = rewriteQuery(each, false);
    return measureQuery(constant.kind === "constant" ? constant.query : constant, false);
  });
  return {
    query: main.query,
    postFilter: after?.query,
    queries: () => [...(after === undefined ? [] : [after.node()]), main.node()],
    rewriteNanos,
  };
}

/** A shard of a search that was profiled. */
export interface ShardMeasures {
  readonly index: string;
  readonly shard: number;
  readonly measured: MeasuredShard;
}

/** `profile` of an answer. */
export function renderProfile(
  body: JsonObject,
  shards: readonly ShardMeasures[],
  clock: ShardClock,
  meters: readonly { readonly name: string; readonly meter?: AggregationMeter | undefined }[],
  nodeId: string,
): JsonObject {
  const shown = shards.map((each, at) => renderShard(body, each, at, clock, meters, nodeId));
  return { shards: shown.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

function renderShard(
  body: JsonObject,
  { index, shard, measured }: ShardMeasures,
  at: number,
  clock: ShardClock,
  meters: readonly { readonly name: string; readonly meter?: AggregationMeter | undefined }[],
  nodeId: string,
): JsonObject & { readonly id: string } {
  const known = meters.flatMap(({ meter }) => (meter === undefined ? [] : [meter]));
  const collecting = known.reduce((sum, meter) => sum + meter.collecting(at), 0);
  const ranking = clock.ranking(at);
  const parts = [{ ...rankingCollector(body), time_in_nanos: ranking }];
  if (meters.length > 0) {
    const names = meters.map(({ name }) => name).join(", ");
    const name = `AggregatorCollector: [${names}]`;
    parts.push({ name, reason: "aggregation", time_in_nanos: collecting });
  }
  const collector = {
    name: "QueryPhaseCollector",
    reason: "search_query_phase",
    time_in_nanos: ranking + collecting,
    children: parts,
  };
  const fetched = clock.fetched(at);
  const searched = {
    query: measured.queries(),
    rewrite_time: measured.rewriteNanos,
    collector: [collector],
  };
  return {
    id: `[${nodeId}][${index}][${shard}]`,
    node_id: nodeId,
    shard_id: shard,
    index,
    cluster: "(local)",
    searches: [searched],
    aggregations: known.map((meter) => meter.profiled(at)),
    ...(fetched.count === 0 ? {} : { fetch: renderFetch(body, fetched) }),
  };
}

function rankingCollector(body: JsonObject): { readonly name: string; readonly reason: string } {
  if (Number(body["size"] ?? 10) === 0)
    return { name: "PartialHitCountCollector", reason: "search_count" };
  const { sort = [] } = body;
  const keys = Array.isArray(sort) ? (sort as readonly unknown[]) : [sort];
  const isByScore = keys.every((key) => {
    if (isObject(key)) {
      const order = isObject(key["_score"]) ? key["_score"]["order"] : key["_score"];
      return "_score" in key && order !== "asc";
    }
    return key === "_score";
  });
  const name = isByScore && keys.length < 2 ? "TopScoreDocCollector" : "SimpleFieldCollector";
  return { name, reason: "search_top_hits" };
}

/** Hits are written in one step; nothing is loaded from a disk before. */
function renderFetch(body: JsonObject, fetched: { readonly time: number; readonly count: number }) {
  return {
    type: "fetch",
    description: "",
    time_in_nanos: fetched.time,
    breakdown: {
      load_stored_fields: 0,
      load_stored_fields_count: 0,
      load_source: fetched.time,
      load_source_count: body["_source"] === false ? 0 : fetched.count,
      next_reader: 0,
      next_reader_count: 0,
    },
  };
}
