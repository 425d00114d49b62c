/** What `_stats` and `_nodes/stats` tell of indices, metric by metric. */
import { illegalArgument } from "../es-error.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";
import type { IndexState } from "../store/index-state.ts";
import { didYouMean } from "../text/likeness.ts";
import { simplePattern } from "../text/simple-pattern.ts";

/** Metrics that a request may name, in the order of the answer. */
const metricNames: readonly string[] =
  "docs shard_stats store indexing get search merge refresh flush warmer query_cache fielddata completion segments translog request_cache recovery bulk mappings dense_vector sparse_vector".split(
    " ",
  );

/** `mappings` is told of nodes only. */
const indexMetricNames = metricNames.filter((name) => name !== "mappings");

/** Names under which metrics stand in the answer where they differ from the request. */
const answerNames: Readonly<Record<string, string>> = { merge: "merges" };

/** What is told of indices. */
export interface MetricChoice {
  readonly metrics: ReadonlySet<string>;
  /** Patterns of the search groups that are told one by one. */
  readonly groups: readonly RegExp[] | undefined;
  /** Patterns of the fields whose field data is told one by one. */
  readonly fielddataFields: readonly RegExp[] | undefined;
  /** Patterns of the fields whose completions are told one by one. */
  readonly completionFields: readonly RegExp[] | undefined;
  /** Closed indices have segments, too. */
  readonly countsUnloaded: boolean;
}

/**
 * Reads which metrics are asked for.
 *
 * @param ofNode whether nodes are asked about
 * @throws {EsError} 400 for a metric that does not exist
 */
export function readMetricChoice(
  path: string,
  metric: string,
  query: QueryParameters,
  ofNode: boolean,
): MetricChoice {
  const metrics = readMetrics(path, metric, ofNode);
  if (!ofNode) refuseIdle(path, query, metrics);
  const patterns = (name: string): RegExp[] | undefined =>
    (query.list(name) ?? query.list("fields"))?.map(simplePattern);
  return {
    metrics,
    groups: query.list("groups")?.map(simplePattern),
    fielddataFields: patterns("fielddata_fields"),
    completionFields: patterns("completion_fields"),
    countsUnloaded: query.flag("include_unloaded_segments", false),
  };
}

/** The metrics that read a parameter. */
const readBy: Readonly<Record<string, readonly string[]>> = {
  completion_fields: ["completion"],
  fielddata_fields: ["fielddata"],
  fields: ["completion", "fielddata"],
  include_segment_file_sizes: ["segments"],
  include_unloaded_segments: ["segments"],
};

/** @throws {EsError} 400 for parameters that none of the metrics reads, which are then unknown */
function refuseIdle(path: string, query: QueryParameters, metrics: ReadonlySet<string>): void {
  const unread = [...query.names()].filter(
    (name) => readBy[name]?.every((metric) => !metrics.has(metric)) === true,
  );
  if (unread.length === 0) return;
  const named = unread.sort().map((name) => `[${name}]`);
  throw illegalArgument(
    `request [${path}] contains unrecognized parameter${named.length > 1 ? "s" : ""}: ${named.join(", ")}`,
  );
}

function readMetrics(path: string, text: string, ofNode: boolean): ReadonlySet<string> {
  const known = ofNode ? metricNames : indexMetricNames;
  const names = text.split(",");
  if (names.includes("_all")) {
    if (names.length === 1) return new Set(known);
    if (!ofNode)
      throw illegalArgument(`request [${path}] contains _all and individual metrics [${text}]`);
  }
  refuseUnknownMetrics(path, names, known, ofNode ? "index metric" : "metric");
  return new Set(names);
}

/** @throws {EsError} 400 that names what is unknown, with what it is like */
export function refuseUnknownMetrics(
  path: string,
  names: readonly string[],
  known: readonly string[],
  kind = "metric",
): void {
  const unknown = [...new Set(names)].filter((name) => !known.includes(name)).sort();
  if (unknown.length === 0) return;
  const described = unknown.map((name) => {
    const like = didYouMean(name, known, 0.5);
    return like === "" ? `[${name}]` : `[${name}] ->${like}`;
  });
  throw illegalArgument(
    `request [${path}] contains unrecognized ${kind}${unknown.length > 1 ? "s" : ""}: ${described.join(", ")}`,
  );
}

/** The chosen metrics of some indices together. */
export function metricsOf(
  indices: readonly IndexState[],
  choice: MetricChoice,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of metricNames)
    if (choice.metrics.has(name))
      found[answerNames[name] ?? name] = writers[name]?.(indices, choice);
  return found;
}

type Writer = (indices: readonly IndexState[], choice: MetricChoice) => Record<string, unknown>;

function total(indices: readonly IndexState[], read: (index: IndexState) => number): number {
  return indices.reduce((sum, index) => sum + read(index), 0);
}

const writers: Readonly<Record<string, Writer>> = {
  docs: (indices) => ({
    count: total(indices, (index) => index.documentCount),
    deleted: 0,
    total_size_in_bytes: total(indices, (index) => index.sourceBytes),
  }),
  shard_stats: (indices) => ({ total_count: total(indices, (index) => index.settings.shards) }),
  store: (indices) => {
    const size = total(indices, (index) => index.sourceBytes);
    return { size_in_bytes: size, total_data_set_size_in_bytes: size, reserved_in_bytes: 0 };
  },
  indexing: (indices) => ({
    index_total: total(indices, (index) => index.counts.indexed),
    index_time_in_millis: 0,
    index_current: 0,
    index_failed: total(indices, (index) => index.counts.failed),
    index_failed_due_to_version_conflict: total(indices, (index) => index.counts.failed),
    delete_total: total(indices, (index) => index.counts.deleted),
    delete_time_in_millis: 0,
    delete_current: 0,
    noop_update_total: total(indices, (index) => index.counts.noopUpdates),
    is_throttled: false,
    throttle_time_in_millis: 0,
    write_load: 0,
    recent_write_load: 0,
    peak_write_load: 0,
  }),
  get: (indices) => ({
    total: total(indices, (index) => index.counts.gets),
    time_in_millis: 0,
    exists_total: total(indices, (index) => index.counts.gets - index.counts.getsMissing),
    exists_time_in_millis: 0,
    missing_total: total(indices, (index) => index.counts.getsMissing),
    missing_time_in_millis: 0,
    current: 0,
  }),
  search: (indices, { groups }) => ({
    open_contexts: 0,
    ...searchCounts(
      total(indices, (index) => index.counts.searches),
      total(indices, (index) => index.counts.fetches),
      total(indices, (index) => index.counts.suggests),
    ),
    ...(groups === undefined ? {} : groupsOf(indices, groups)),
  }),
  merge: (indices) => ({
    current: 0,
    current_docs: 0,
    current_size_in_bytes: 0,
    total: total(indices, (index) => index.counts.merges),
    total_time_in_millis: 0,
    total_docs: 0,
    total_size_in_bytes: 0,
    total_stopped_time_in_millis: 0,
    total_throttled_time_in_millis: 0,
    total_auto_throttle_in_bytes: total(indices, (index) => index.settings.shards) * mergeRate,
  }),
  refresh: (indices) => ({
    total: total(indices, (index) => index.counts.refreshes),
    total_time_in_millis: 0,
    external_total: total(indices, (index) => index.counts.refreshes),
    external_total_time_in_millis: 0,
    listeners: 0,
  }),
  flush: (indices) => ({
    total: total(indices, (index) => index.counts.flushes),
    periodic: 0,
    total_time_in_millis: 0,
    total_time_excluding_waiting_on_lock_in_millis: 0,
  }),
  warmer: () => ({ current: 0, total: 0, total_time_in_millis: 0 }),
  query_cache: () => ({
    memory_size_in_bytes: 0,
    total_count: 0,
    hit_count: 0,
    miss_count: 0,
    cache_size: 0,
    cache_count: 0,
    evictions: 0,
  }),
  fielddata: (indices, { fielddataFields }) => {
    const fields = fieldSizes(indices, (index) => index.fielddata);
    return {
      memory_size_in_bytes: sumOf(fields),
      evictions: 0,
      ...sizesByField(fields, fielddataFields, "memory_size_in_bytes"),
      global_ordinals: { build_time_in_millis: 0 },
    };
  },
  completion: (indices, { completionFields }) => {
    const fields = fieldSizes(indices, completionSizes);
    return {
      size_in_bytes: sumOf(fields),
      ...sizesByField(fields, completionFields, "size_in_bytes"),
    };
  },
  segments: (indices, { countsUnloaded }) => ({
    count: total(indices, (index) => (index.isClosed && !countsUnloaded ? 0 : segmentsOf(index))),
    memory_in_bytes: 0,
    terms_memory_in_bytes: 0,
    stored_fields_memory_in_bytes: 0,
    term_vectors_memory_in_bytes: 0,
    norms_memory_in_bytes: 0,
    points_memory_in_bytes: 0,
    doc_values_memory_in_bytes: 0,
    index_writer_memory_in_bytes: 0,
    version_map_memory_in_bytes: 0,
    fixed_bit_set_memory_in_bytes: 0,
    max_unsafe_auto_id_timestamp: -1,
    file_sizes: {},
  }),
  translog: (indices) => {
    const operations = total(indices, (index) => index.unflushed.operations);
    const bytes = total(
      indices,
      (index) => index.settings.shards * emptyTranslogBytes + index.unflushed.characters,
    );
    return {
      operations,
      size_in_bytes: bytes,
      uncommitted_operations: operations,
      uncommitted_size_in_bytes: bytes,
      earliest_last_modified_age: 0,
    };
  },
  request_cache: (indices) => ({
    memory_size_in_bytes: 0,
    evictions: 0,
    hit_count: total(indices, (index) => index.counts.cacheHits),
    miss_count: total(indices, (index) => index.counts.cacheMisses),
  }),
  recovery: () => ({
    current_as_source: 0,
    current_as_source_queued: 0,
    current_as_target: 0,
    current_as_target_queued: 0,
    current_from_store: 0,
    current_from_store_queued: 0,
    throttle_time_in_millis: 0,
  }),
  bulk: () => ({
    total_operations: 0,
    total_time_in_millis: 0,
    total_size_in_bytes: 0,
    avg_time_in_millis: 0,
    avg_size_in_bytes: 0,
  }),
  mappings: (indices) => ({
    total_count: total(indices, (index) => [...index.mappings.fieldNames()].length),
    total_estimated_overhead_in_bytes: 0,
    total_segments: 0,
    total_segment_fields: 0,
    average_fields_per_segment: 0,
  }),
  dense_vector: () => ({
    value_count: 0,
    off_heap: {
      total_size_bytes: 0,
      total_veb_size_bytes: 0,
      total_vec_size_bytes: 0,
      total_veq_size_bytes: 0,
      total_vex_size_bytes: 0,
      total_cenivf_size_bytes: 0,
      total_clivf_size_bytes: 0,
    },
  }),
  sparse_vector: () => ({ value_count: 0 }),
};

/** What a shard's merges may write in a second before they are slowed down: 20 MiB. */
const mergeRate = 20_971_520;

/** Size of a translog in which nothing stands. */
const emptyTranslogBytes = 55;

/** Segments of an index: the mock keeps the documents of a shard together. */
export function segmentsOf(index: IndexState): number {
  return index.shards.reduce((count, shard) => count + (shard.documentCount > 0 ? 1 : 0), 0);
}

function searchCounts(queries: number, fetches: number, suggests: number): Record<string, number> {
  return {
    query_total: queries,
    query_time_in_millis: 0,
    query_current: 0,
    query_failure: 0,
    fetch_total: fetches,
    fetch_time_in_millis: 0,
    fetch_current: 0,
    fetch_failure: 0,
    scroll_total: 0,
    scroll_time_in_millis: 0,
    scroll_current: 0,
    suggest_total: suggests,
    suggest_time_in_millis: 0,
    suggest_current: 0,
    recent_search_load: 0,
  };
}

function groupsOf(
  indices: readonly IndexState[],
  patterns: readonly RegExp[],
): { readonly groups?: Record<string, unknown> } {
  const sums = new Map<string, { queries: number; fetches: number }>();
  for (const { searchGroups } of indices) {
    for (const [name, { queries, fetches }] of searchGroups) {
      if (!patterns.some((pattern) => pattern.test(name) || pattern.source === "^_all$")) continue;
      const sum = sums.get(name) ?? { queries: 0, fetches: 0 };
      sums.set(name, { queries: sum.queries + queries, fetches: sum.fetches + fetches });
    }
  }
  if (sums.size === 0) return {};
  const entries = [...sums].map(([name, sum]) => [name, searchCounts(sum.queries, sum.fetches, 0)]);
  return { groups: Object.fromEntries(entries) as Record<string, unknown> };
}

function fieldSizes(
  indices: readonly IndexState[],
  read: (index: IndexState) => ReadonlyMap<string, number>,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const index of indices)
    for (const [field, size] of read(index)) sizes.set(field, (sizes.get(field) ?? 0) + size);
  return sizes;
}

/** Size of the values of each completion field: an estimate from the sources. */
function completionSizes(index: IndexState): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  if (index.documentCount === 0) return sizes;
  for (const [field, { type }] of index.mappings.fields())
    if (type === "completion") sizes.set(field, index.sourceBytes);
  return sizes;
}

function sumOf(sizes: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const size of sizes.values()) sum += size;
  return sum;
}

function sizesByField(
  sizes: ReadonlyMap<string, number>,
  patterns: readonly RegExp[] | undefined,
  name: string,
): { readonly fields?: Record<string, Record<string, number>> } {
  if (patterns === undefined) return {};
  const told = [...sizes].filter(([field]) => patterns.some((pattern) => pattern.test(field)));
  return { fields: Object.fromEntries(told.map(([field, size]) => [field, { [name]: size }])) };
}
