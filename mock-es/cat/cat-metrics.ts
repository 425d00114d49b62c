/** Columns of the cat endpoints that show what `_stats` and `_nodes/stats` count. */
import { bytes, type CatCell, millis } from "./cat-cell.ts";
import type { CatColumn } from "./cat-table.ts";

/** The tables that show metrics; each leaves some of them out. */
export type MetricTable = "indices" | "nodes" | "shards";

/** A metric as a column. */
export interface MetricColumn extends CatColumn {
  /** Where it stands in the answer of `_stats`. */
  readonly path: readonly [metric: string, name: string];
  readonly unit: "bytes" | "millis" | "none";
}

/**
 * One metric a line: its name, its short names (`+` for the name in camel case), `B` for a size,
 * `T` for a time, and what it is. What is indented goes on with the line before.
 */
const lines = `
completion.size cs,+ B | size of completion
fielddata.memory_size fm,fielddataMemory B | used fielddata cache
fielddata.evictions fe,+ . | fielddata evictions
query_cache.memory_size qcm,queryCacheMemory B | used query cache
query_cache.evictions qce,+ . | query cache evictions
query_cache.hit_count qchc,+ . | query cache hit counts
query_cache.miss_count qcmc,+ . | query cache miss counts
request_cache.memory_size rcm,requestCacheMemory B | used request cache
request_cache.evictions rce,+ . | request cache evictions
request_cache.hit_count rchc,+ . | request cache hit count
request_cache.miss_count rcmc,+ . | request cache miss count
flush.total ft,+ . | number of flushes
flush.total_time ftt,+ T | time spent in flush
get.current gc,+ . | number of current get ops
get.time gti,+ T | time spent in get
get.total gto,+ . | number of get ops
get.exists_time geti,+ T | time spent in successful gets
get.exists_total geto,+ . | number of successful gets
get.missing_time gmti,+ T | time spent in failed gets
get.missing_total gmto,+ . | number of failed gets
indexing.delete_current idc,+ . | number of current deletions
indexing.delete_time idti,+ T | time spent in deletions
indexing.delete_total idto,+ . | number of delete ops
indexing.index_current iic,+ . | number of current indexing ops
indexing.index_time iiti,+ T | time spent in indexing
indexing.index_total iito,+ . | number of indexing ops
indexing.index_failed iif,+ . | number of failed indexing ops
indexing.index_failed_due_to_version_conflict iifvc,+ . | number of failed indexing ops due to
  version conflict
merges.current mc,+ . | number of current merges
merges.current_docs mcd,+ . | number of current merging docs
merges.current_size mcs,+ B | size of current merges
merges.total mt,+ . | number of completed merge ops
merges.total_docs mtd,+ . | docs merged
merges.total_size mts,+ B | size merged
merges.total_time mtt,+ T | time spent in merges
refresh.total rto,+ . | total refreshes
refresh.time rti,+ T | time spent in refreshes
refresh.external_total rto,refreshTotal . | total external refreshes
refresh.external_time rti,refreshTime T | time spent in external refreshes
refresh.listeners rli,+ . | number of pending refresh listeners
script.compilations scrcc,+ . | script compilations
script.cache_evictions scrce,+ . | script cache evictions
script.compilation_limit_triggered scrclt,scriptCacheCompilationLimitTriggered . | script cache
  compilation limit triggered
search.fetch_current sfc,+ . | current fetch phase ops
search.fetch_time sfti,+ T | time spent in fetch phase
search.fetch_total sfto,+ . | total fetch ops
search.open_contexts so,+ . | open search contexts
search.query_current sqc,+ . | current query phase ops
search.query_time sqti,+ T | time spent in query phase
search.query_total sqto,+ . | total query phase ops
search.scroll_current scc,+ . | open scroll contexts
search.scroll_time scti,+ T | time scroll contexts held open
search.scroll_total scto,+ . | completed scroll contexts
segments.count sc,+ . | number of segments
segments.memory sm,+ B | memory used by segments
segments.index_writer_memory siwm,+ B | memory used by index writer
segments.version_map_memory svmm,+ B | memory used by version map
segments.fixed_bitset_memory sfbm,fixedBitsetMemory B | memory used by fixed bit sets for nested
  object field types and type filters for types referred in _parent fields
warmer.current wc,+ . | current warmer ops
warmer.total wto,+ . | total warmer ops
warmer.total_time wtt,+ T | time spent in warmers
suggest.current suc,+ . | number of current suggest ops
suggest.time suti,+ T | time spend in suggest
suggest.total suto,+ . | number of suggest ops
memory.total tm,+ B | total used memory
bulk.total_operations bto,bulkTotalOperation,bulkTotalOperations . | number of bulk shard ops
bulk.total_time btti,+ T | time spend in shard bulk
bulk.total_size_in_bytes btsi,+ . | total size in bytes of shard bulk
bulk.avg_time bati,+ T | average time spend in shard bulk
bulk.avg_size_in_bytes basi,+ . | average size in bytes of shard bulk
dense_vector.value_count dvc,denseVectorCount . | total count of indexed dense vector
sparse_vector.value_count svc,sparseVectorCount . | total count of indexed sparse vectors
shard_stats.total_count sstc,shards,+ . | number of shards assigned
mappings.total_count mtc,+ . | number of mappings
mappings.total_estimated_overhead_in_bytes mteo,+ B | estimated overhead in bytes of mappings
`;

/** Names of metrics under which `_stats` has them, where they differ. */
const paths: Readonly<Record<string, string>> = {
  "memory.total": "segments.memory",
  "refresh.external_time": "refresh.external_total_time",
  "refresh.time": "refresh.total_time",
  "segments.fixed_bitset_memory": "segments.fixed_bit_set_memory",
};

const leftOut: Readonly<Record<MetricTable, RegExp>> = {
  indices: /^(?:query_cache\.\w+_count|script\.|shard_stats\.|mappings\.)/,
  nodes: /^(?:warmer\.|memory\.|dense_vector\.|sparse_vector\.)/,
  shards:
    /^(?:query_cache\.\w+_count|script\.|shard_stats\.|mappings\.|request_cache\.|suggest\.|memory\.)/,
};

const all: readonly MetricColumn[] = lines
  .trim()
  .replaceAll("\n  ", " ")
  .split("\n")
  .map((line) => {
    const [head = "", description = ""] = line.split(" | ");
    const [name = "", aliases = "", kind = ""] = head.split(" ");
    const names = aliases.split(",").map((alias) => (alias === "+" ? camelCase(name) : alias));
    return {
      name,
      aliases: names,
      description,
      isDefault: false,
      isRight: true,
      path: pathOf(name, kind),
      unit: kind === "B" ? "bytes" : kind === "T" ? "millis" : "none",
    };
  });

function camelCase(name: string): string {
  return name.replaceAll(/[._](\w)/g, (_whole, letter: string) => letter.toUpperCase());
}

function pathOf(name: string, kind: string): readonly [metric: string, name: string] {
  const [metric = "", rest = ""] = (paths[name] ?? name).split(".");
  const suffix =
    kind === "T" ? "_in_millis" : kind === "B" && !rest.endsWith("_in_bytes") ? "_in_bytes" : "";
  return metric === "suggest" ? ["search", `suggest_${rest}${suffix}`] : [metric, rest + suffix];
}

/** What some metrics are called in one table only. */
const ownWords: Readonly<Record<MetricTable, Readonly<Record<string, string>>>> = {
  indices: {},
  nodes: {
    "request_cache.hit_count": "request cache hit counts",
    "request_cache.miss_count": "request cache miss counts",
  },
  shards: {
    "bulk.avg_size_in_bytes": "avg size in bytes of shard bulk",
    "dense_vector.value_count": "number of indexed dense vectors in shard",
    "sparse_vector.value_count": "number of indexed sparse vectors in shard",
  },
};

/** The metrics that a table shows. */
export function metricColumns(table: MetricTable): readonly MetricColumn[] {
  const words = ownWords[table];
  // The plural is a short name in two of the three tables.
  const unusual = table === "indices" ? "bulkTotalOperations" : "bulkTotalOperation";
  return all
    .filter(({ name }) => !leftOut[table].test(name))
    .map((column) => ({
      ...column,
      aliases: column.aliases.filter((alias) => alias !== unusual),
      description: words[column.name] ?? column.description,
    }));
}

/**
 * The cells of some metrics.
 *
 * @param metrics an answer of `_stats`; `undefined`: there is none, and the cells are empty
 */
export function metricCells(
  columns: readonly MetricColumn[],
  metrics: Readonly<Record<string, unknown>> | undefined,
): CatCell[] {
  return columns.map(({ path: [metric, name], unit }) => {
    if (metrics === undefined) return null;
    const values = metrics[metric] as Readonly<Record<string, unknown>> | undefined;
    const value = Number(values?.[name] ?? 0);
    if (unit === "bytes") return bytes(value);
    return unit === "millis" ? millis(value) : value;
  });
}
