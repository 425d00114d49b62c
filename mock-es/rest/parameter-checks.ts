/**
 * Query parameters that no handler reads: they are checked as the server checks them, and refused
 * by name where they would change an answer that the mock does not change.
 */
import { illegalArgument, notSupported } from "../es-error.ts";
import { parseDuration } from "../values/duration.ts";
import { checkActiveShardCount } from "./active-shard-count.ts";
import { checkIndexOptions } from "./index-options.ts";
import type { QueryParameters } from "./query-parameters.ts";

/** Parameters that change what an answer says, with the one value that changes nothing. */
const refusedFlags: Readonly<Record<string, boolean>> = {
  force_synthetic_source: false,
  include_empty_fields: true,
  include_remotes: false,
  write_index_only: false,
};

/** Parameters that are refused with any value, by API endpoint. */
const refused: Readonly<Record<string, readonly string[]>> = {
  "cluster.get_component_template": ["settings_filter"],
  "cluster.state": ["wait_for_metadata_version"],
  "cluster.allocation_explain": ["current_node"],
  delete_by_query: ["from", "stats"],
  update_by_query: ["from", "stats"],
  search: ["suggest_field", "suggest_mode", "suggest_size", "suggest_text"],
  search_template: ["explain", "profile"],
  "nodes.stats": ["types"],
  "async_search.submit": ["suggest_field", "suggest_mode", "suggest_size", "suggest_text"],
};

/** Flags that are refused when they are true, by API endpoint. */
const refusedWhenTrue: Readonly<Record<string, readonly string[]>> = {
  reindex: ["require_alias"],
  "cluster.state": ["flat_settings"],
  "indices.get": ["include_defaults"],
  "indices.get_index_template": ["include_defaults"],
  "indices.get_data_stream": ["verbose"],
  "indices.simulate_template": ["include_defaults"],
  "indices.simulate_index_template": ["include_defaults"],
  "cluster.get_component_template": ["include_defaults"],
};

/** Flags that have nothing to act on here, or are read late. */
const readFlags: readonly string[] = [
  "allow_closed",
  "allow_partial_search_results",
  "ccs_minimize_roundtrips",
  "detailed",
  "flat_settings",
  "follow_relocations",
  "include_bootstrap",
  "include_defaults",
  "include_unloaded_segments",
  "include_unmapped",
  "local",
  "wait_for_completion",
  "wait_for_no_initializing_shards",
  "wait_for_no_relocating_shards",
];

/** Parameters that say how `q` is read. */
const ofQueryString = ["analyzer", "analyze_wildcard", "default_operator", "df", "lenient"];
const takesQueryString: ReadonlySet<string> = new Set([
  "search",
  "count",
  "async_search.submit",
  "delete_by_query",
  "update_by_query",
]);
/** Those that know these parameters only beside `q`. */
const knowsWithQueryString: ReadonlySet<string> = new Set(["explain", "indices.validate_query"]);

const priorities = ["immediate", "urgent", "high", "normal", "low", "languid"];

/**
 * Checks the parameters of a request.
 *
 * @throws {EsError} 400 for values that a parameter cannot have, and for what is not honoured
 */
export function checkParameters(apiEndpoint: string, path: string, query: QueryParameters): void {
  if (query.has("_slice")) throw illegalArgument("request does not support [_slice]");
  for (const name of ["master_timeout", "timeout"]) {
    const text = query.text(name);
    if (text !== undefined && apiEndpoint !== "search") parseDuration(text, name);
  }
  for (const name of readFlags) query.flag(name, false);
  checkIndexOptions(query);
  const parent = query.text("parent_task_id");
  if (parent !== undefined && parent !== "" && !/^[^:]*:-?\d+$/.test(parent))
    throw illegalArgument(`malformed task id ${parent}`);
  const waitsFor = query.text("wait_for_timeout");
  if (waitsFor !== undefined) parseDuration(waitsFor, "wait_for_timeout");
  const active = query.text("wait_for_active_shards");
  if (active !== undefined) checkActiveShardCount(active);
  if (!query.flag("include_source_on_error", true) && apiEndpoint === "bulk")
    throw notSupported("[include_source_on_error=false] of [bulk]");
  for (const name of query.names()) {
    const harmless = refusedFlags[name];
    if (harmless !== undefined && query.flag(name, harmless) !== harmless)
      throw notSupported(`[${name}=${String(!harmless)}]`);
  }
  for (const name of refusedWhenTrue[apiEndpoint] ?? [])
    if (query.flag(name, false)) throw notSupported(`[${name}=true] of [${apiEndpoint}]`);
  checkQueryString(apiEndpoint, path, query);
  for (const name of refused[apiEndpoint] ?? [])
    if (query.has(name)) throw notSupported(`[${name}] of [${apiEndpoint}]`);
  const priority = query.text("wait_for_events")?.toLowerCase();
  if (priority !== undefined && !priorities.includes(priority)) {
    const name = `org.elasticsearch.common.Priority.${priority.toUpperCase()}`;
    throw illegalArgument(`No enum constant ${name}`);
  }
}

function checkQueryString(apiEndpoint: string, path: string, query: QueryParameters): void {
  if (query.has("q")) return;
  if (takesQueryString.has(apiEndpoint)) {
    const given = ofQueryString.filter((name) => query.has(name));
    if (given.length > 0)
      throw illegalArgument(
        `request [${path}] contains parameters [${given.join(", ")}] but missing query string parameter 'q'.`,
      );
  }
  if (knowsWithQueryString.has(apiEndpoint)) {
    const given = ofQueryString.filter((name) => query.has(name)).sort();
    if (given.length > 0)
      throw illegalArgument(
        `request [${path}] contains unrecognized parameter${given.length > 1 ? "s" : ""}: ${given.map((name) => `[${name}]`).join(", ")}`,
      );
  }
}
