/** Settings of few values, with what the server says of others. */
import { illegalArgument } from "../es-error.ts";

/** The values of a setting, which it takes in any case, and the class that its refusal names. */
const enums: Readonly<Record<string, readonly [enumClass: string, values: string]>> = {
  "cluster.routing.allocation.enable": [
    "org.elasticsearch.cluster.routing.allocation.decider.EnableAllocationDecider.Allocation",
    "all primaries new_primaries none",
  ],
  "cluster.routing.rebalance.enable": [
    "org.elasticsearch.cluster.routing.allocation.decider.EnableAllocationDecider.Rebalance",
    "all primaries replicas none",
  ],
  "index.dense_vector.hnsw_filter_heuristic": [
    "org.elasticsearch.index.mapper.vectors.DenseVectorFieldMapper.FilterHeuristic",
    "fanout acorn",
  ],
  "index.mapping.source.mode": [
    "org.elasticsearch.index.mapper.SourceFieldMapper.Mode",
    "disabled stored synthetic columnar columnar_stored",
  ],
  "index.merge.policy.type": [
    "org.elasticsearch.index.MergePolicyConfig.Type",
    "unset tiered log_byte_size time_based",
  ],
  "index.routing.allocation.enable": [
    "org.elasticsearch.cluster.routing.allocation.decider.EnableAllocationDecider.Allocation",
    "all primaries new_primaries none",
  ],
  "index.routing.rebalance.enable": [
    "org.elasticsearch.cluster.routing.allocation.decider.EnableAllocationDecider.Rebalance",
    "all primaries replicas none",
  ],
  "index.seq_no.index_options": [
    "org.elasticsearch.index.mapper.SeqNoFieldMapper.SeqNoIndexOptions",
    "points_and_doc_values doc_values_only",
  ],
  "index.translog.durability": [
    "org.elasticsearch.index.translog.Translog.Durability",
    "request async",
  ],
};

/** Settings that only older indices have. */
const removed: ReadonlySet<string> = new Set([
  "index.force_memory_term_dictionary",
  "index.mapper.dynamic",
  "index.max_adjacency_matrix_filters",
]);

/** Settings that go with a kind of index that the mock has not: their refusal where they are on. */
const elsewhere: Readonly<Record<string, string>> = {
  "index.fast_refresh": "index.fast_refresh is allowed only in stateless",
  "index.mapping.synthetic_id":
    "The setting [index.mapping.synthetic_id] is only permitted when [index.mode] is set to [TIME_SERIES]. Current mode: [STANDARD].",
  "index.recovery.use_synthetic_source":
    "The setting [index.recovery.use_synthetic_source] is only permitted when [index.mapping.source.mode] is set to [SYNTHETIC]. Current mode: [STORED].",
};

/**
 * Checks the value of a setting that takes a few.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkChoice(name: string, text: string): void {
  const reason = problemOf(name, text);
  if (reason !== undefined) throw illegalArgument(reason);
}

function problemOf(name: string, text: string): string | undefined {
  const [enumClass, values] = enums[name] ?? [];
  if (enumClass !== undefined && values?.split(" ").includes(text.toLowerCase()) !== true)
    return `No enum constant ${enumClass}.${text.toUpperCase()}`;
  if (removed.has(name)) return `unknown setting [${name}]`;
  if (text === "true" && elsewhere[name] !== undefined) return elsewhere[name];
  switch (name) {
    case "index.codec":
      if (text === "default" || text === "best_compression") return undefined;
      return `unknown value for [index.codec] must be one of [default, best_compression] but was: ${text}`;
    case "index.shard.check_on_startup":
      if (["true", "false", "checksum"].includes(text)) return undefined;
      return `unknown value for [index.shard.check_on_startup] must be one of [true, false, checksum] but was: ${text}`;
    case "index.store.fs.fs_lock":
      if (text === "native" || text === "simple") return undefined;
      return `unrecognized [index.store.fs.fs_lock] "${text}": must be native or simple`;
    case "index.store.type":
      if (["", "fs", "hybridfs", "mmapfs", "niofs"].includes(text)) return undefined;
      return `Unknown store type [${text}]`;
    case "index.mapping.synthetic_source_keep":
      if (text !== "all") return undefined;
      return "index.mapping.synthetic_source_keep can't be set to [all]";
    case "index.fielddata.cache":
      if (text === "node" || text === "none") return undefined;
      return `failed to parse [${text}] must be one of [node,none]`;
    case "index.soft_deletes.enabled":
      if (text !== "false") return undefined;
      return "Creating indices with soft-deletes disabled is no longer supported. Please do not specify a value for setting [index.soft_deletes.enabled].";
    case "index.recovery.type":
      return text === "" ? undefined : `Unknown recovery type [${text}]`;
    case "index.routing_path":
      return text === "" ? undefined : "[index.routing_path] requires [index.mode=time_series]";
    default: {
      if (name.startsWith("index.synthetic_id."))
        return `The setting [${name}] can only be set when [index.mapping.synthetic_id] is enabled.`;
      const level = text.toUpperCase();
      return name.startsWith("logger.") && !logLevels.has(level)
        ? `Unknown level constant [${level}].`
        : undefined;
    }
  }
}

const logLevels: ReadonlySet<string> = new Set(
  "OFF FATAL ERROR WARN INFO DEBUG TRACE ALL".split(" "),
);
