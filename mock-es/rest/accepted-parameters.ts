/** The query parameters that API endpoints accept. */
import { serverOnly } from "./server-only-parameters.ts";
import { unknownToServer } from "./unknown-to-server.ts";
import { languageParameters } from "./language-parameters.ts";

/**
 * The query parameters that each covered API endpoint accepts, besides the ones that every endpoint
 * accepts.
 *
 * Facts of Elastic's API specification (Apache-2.0, state of 9.5) as the official JavaScript client
 * publishes them in the metadata of its requests; a test compares both. Parameters that the server
 * accepts and the client never sends are in `serverOnly`.
 */
import { administrationParameters } from "./administration-parameters.ts";
const published: Readonly<Record<string, string>> = {
  ...languageParameters,
  info: "",
  ping: "",
  bulk:
    "include_source_on_error list_executed_pipelines pipeline refresh routing _slice _source " +
    "_source_excludes _source_includes timeout wait_for_active_shards require_alias " +
    "require_data_stream",
  index:
    "if_primary_term if_seq_no include_source_on_error op_type pipeline refresh routing " +
    "_slice timeout version version_type wait_for_active_shards require_alias " +
    "require_data_stream",
  create:
    "include_source_on_error pipeline refresh require_alias require_data_stream routing " +
    "timeout version version_type wait_for_active_shards",
  get:
    "force_synthetic_source preference realtime refresh routing _slice _source " +
    "_source_excludes _source_exclude_vectors _source_includes stored_fields version " +
    "version_type",
  exists:
    "preference realtime refresh routing _source _source_excludes _source_exclude_vectors " +
    "_source_includes stored_fields version version_type",
  get_source:
    "preference realtime refresh routing _source _source_excludes _source_exclude_vectors " +
    "_source_includes version version_type",
  exists_source:
    "preference realtime refresh routing _source _source_excludes _source_exclude_vectors " +
    "_source_includes version version_type",
  delete:
    "if_primary_term if_seq_no refresh routing _slice timeout version version_type " +
    "wait_for_active_shards",
  update:
    "if_primary_term if_seq_no include_source_on_error lang refresh require_alias " +
    "retry_on_conflict routing _slice timeout wait_for_active_shards _source " +
    "_source_excludes _source_includes",
  mget:
    "force_synthetic_source preference realtime refresh routing _slice _source " +
    "_source_excludes _source_exclude_vectors _source_includes stored_fields",
  "async_search.submit":
    "wait_for_completion_timeout keep_alive keep_on_completion allow_no_indices " +
    "allow_partial_search_results analyzer analyze_wildcard batched_reduce_size " +
    "ccs_minimize_roundtrips default_operator df docvalue_fields expand_wildcards " +
    "explain ignore_throttled ignore_unavailable include_named_queries_score lenient " +
    "max_concurrent_shard_requests preference pre_filter_shard_size request_cache " +
    "routing _slice search_type stats stored_fields suggest_field suggest_mode " +
    "suggest_size suggest_text terminate_after timeout track_total_hits track_scores " +
    "typed_keys rest_total_hits_as_int version _source _source_excludes " +
    "_source_exclude_vectors _source_includes seq_no_primary_term q size from sort " +
    "force_synthetic_source",
  "async_search.get":
    "keep_alive typed_keys wait_for_completion_timeout return_intermediate_results",
  "async_search.status": "keep_alive",
  "async_search.delete": "",
  "synonyms.get_synonyms_sets": "from size",
  "synonyms.put_synonym": "refresh append",
  "synonyms.get_synonym": "from size search_after",
  "synonyms.delete_synonym": "",
  "synonyms.put_synonym_rule": "refresh",
  "synonyms.get_synonym_rule": "",
  "synonyms.delete_synonym_rule": "refresh",
  "indices.reload_search_analyzers":
    "allow_no_indices expand_wildcards ignore_unavailable resource",
  "query_rules.list_rulesets": "from size",
  "query_rules.put_ruleset": "",
  "query_rules.get_ruleset": "",
  "query_rules.delete_ruleset": "",
  "query_rules.test": "",
  "query_rules.put_rule": "",
  "query_rules.get_rule": "",
  "query_rules.delete_rule": "",
  "indices.get_data_lifecycle": "expand_wildcards include_defaults master_timeout",
  "indices.put_data_lifecycle": "expand_wildcards master_timeout timeout",
  "indices.delete_data_lifecycle": "expand_wildcards master_timeout timeout",
  "enrich.put_policy": "master_timeout",
  "enrich.get_policy": "master_timeout",
  "enrich.delete_policy": "master_timeout",
  "enrich.execute_policy": "master_timeout wait_for_completion",
  "ilm.put_lifecycle": "master_timeout timeout",
  "ilm.get_lifecycle": "master_timeout timeout",
  "ilm.delete_lifecycle": "master_timeout timeout",
  search:
    "allow_no_indices allow_partial_search_results analyzer analyze_wildcard " +
    "batched_reduce_size ccs_minimize_roundtrips default_operator df docvalue_fields " +
    "expand_wildcards explain ignore_throttled ignore_unavailable " +
    "include_named_queries_score lenient max_concurrent_shard_requests preference " +
    "pre_filter_shard_size request_cache routing _slice scroll search_type stats " +
    "stored_fields suggest_field suggest_mode suggest_size suggest_text terminate_after " +
    "timeout track_total_hits track_scores typed_keys rest_total_hits_as_int version " +
    "_source _source_excludes _source_exclude_vectors _source_includes seq_no_primary_term " +
    "q size from sort force_synthetic_source",
  count:
    "allow_no_indices analyzer analyze_wildcard default_operator df expand_wildcards " +
    "ignore_throttled ignore_unavailable lenient min_score preference routing stats _slice " +
    "terminate_after q",
  msearch:
    "allow_no_indices ccs_minimize_roundtrips expand_wildcards ignore_throttled " +
    "ignore_unavailable include_named_queries_score index max_concurrent_searches " +
    "max_concurrent_shard_requests pre_filter_shard_size project_routing " +
    "rest_total_hits_as_int routing search_type _slice typed_keys",
  "ilm.explain_lifecycle": "only_errors only_managed master_timeout",
  "ilm.get_status": "",
  "ilm.start": "master_timeout timeout",
  "ilm.stop": "master_timeout timeout",
  "ilm.remove_policy": "",
  "slm.put_lifecycle": "master_timeout timeout",
  "slm.get_lifecycle": "master_timeout timeout",
  "slm.delete_lifecycle": "master_timeout timeout",
  "slm.execute_lifecycle": "master_timeout timeout",
  "slm.execute_retention": "master_timeout timeout",
  "slm.get_status": "master_timeout timeout",
  "slm.start": "master_timeout timeout",
  "slm.stop": "master_timeout timeout",
  "snapshot.cleanup_repository": "master_timeout timeout",
  "snapshot.clone": "master_timeout",
  "snapshot.create": "master_timeout wait_for_completion",
  "snapshot.create_repository": "master_timeout timeout verify",
  "snapshot.delete": "master_timeout wait_for_completion",
  "snapshot.delete_repository": "master_timeout timeout",
  "snapshot.get":
    "after from_sort_value ignore_unavailable index_details index_names include_repository " +
    "master_timeout order offset size slm_policy_filter sort state verbose",
  "snapshot.get_repository": "local master_timeout",
  "snapshot.restore": "master_timeout wait_for_completion",
  "snapshot.status": "ignore_unavailable master_timeout",
  "snapshot.verify_repository": "master_timeout timeout",
  search_template:
    "allow_no_indices ccs_minimize_roundtrips expand_wildcards explain ignore_throttled " +
    "ignore_unavailable preference profile routing scroll search_type rest_total_hits_as_int " +
    "typed_keys",
  msearch_template:
    "ccs_minimize_roundtrips max_concurrent_searches project_routing search_type " +
    "rest_total_hits_as_int typed_keys",
  render_search_template: "",
  rank_eval: "allow_no_indices expand_wildcards ignore_unavailable search_type",
  scroll: "scroll scroll_id rest_total_hits_as_int",
  clear_scroll: "",
  open_point_in_time:
    "keep_alive allow_no_indices ignore_unavailable preference routing expand_wildcards " +
    "allow_partial_search_results max_concurrent_shard_requests",
  close_point_in_time: "",
  explain:
    "analyzer analyze_wildcard default_operator df lenient preference routing _slice " +
    "_source _source_excludes _source_exclude_vectors _source_includes stored_fields q",
  field_caps:
    "allow_no_indices expand_wildcards fields ignore_unavailable include_unmapped filters " +
    "types include_empty_fields",
  terms_enum: "",
  search_shards:
    "allow_no_indices expand_wildcards ignore_unavailable local master_timeout preference " +
    "routing _slice",
  delete_by_query:
    "allow_no_indices analyzer analyze_wildcard conflicts default_operator df " +
    "expand_wildcards from ignore_unavailable lenient max_docs preference refresh " +
    "request_cache requests_per_second routing _slice q scroll scroll_size search_timeout " +
    "search_type slices sort stats terminate_after timeout version wait_for_active_shards " +
    "wait_for_completion",
  update_by_query:
    "allow_no_indices analyzer analyze_wildcard conflicts default_operator df " +
    "expand_wildcards from ignore_unavailable lenient max_docs pipeline preference q " +
    "refresh request_cache requests_per_second routing _slice scroll scroll_size " +
    "search_timeout search_type slices sort stats terminate_after timeout version " +
    "version_type wait_for_active_shards wait_for_completion",
  "cluster.health":
    "allow_no_indices expand_wildcards ignore_unavailable level local master_timeout timeout " +
    "wait_for_active_shards wait_for_events wait_for_nodes wait_for_no_initializing_shards " +
    "wait_for_no_relocating_shards wait_for_status",
  "cluster.state":
    "allow_no_indices expand_wildcards flat_settings ignore_unavailable local " +
    "master_timeout wait_for_metadata_version wait_for_timeout",
  "cluster.stats": "include_remotes timeout",
  "cluster.get_settings": "flat_settings include_defaults master_timeout timeout",
  "cluster.put_settings": "flat_settings master_timeout timeout",
  "cluster.pending_tasks": "local master_timeout",
  "nodes.info": "flat_settings timeout",
  "nodes.stats":
    "completion_fields fielddata_fields fields groups include_segment_file_sizes level " +
    "timeout types include_unloaded_segments",
  "cluster.put_component_template": "create cause master_timeout",
  "cluster.get_component_template":
    "flat_settings settings_filter include_defaults local master_timeout",
  "cluster.delete_component_template": "master_timeout timeout",
  "cluster.exists_component_template": "master_timeout local",
  "cat.aliases": "h s expand_wildcards master_timeout",
  "cat.allocation": "h s local master_timeout",
  "cat.count": "h s",
  "cat.health": "ts h s master_timeout",
  "cat.help": "",
  "cat.indices": "local expand_wildcards health include_unloaded_segments pri master_timeout h s",
  "cat.master": "h s local master_timeout",
  "cat.nodeattrs": "h s local master_timeout",
  "cat.nodes": "full_id include_unloaded_segments h s master_timeout",
  "cat.pending_tasks": "h s local master_timeout",
  "cat.plugins": "h s include_bootstrap local master_timeout",
  "cat.recovery": "active_only detailed index h s",
  "cat.segments":
    "h s local master_timeout expand_wildcards allow_no_indices ignore_throttled " +
    "ignore_unavailable allow_closed",
  "cat.shards": "h s master_timeout",
  "cat.templates": "h s local master_timeout",
  "cat.thread_pool": "h s local master_timeout",
  "cat.component_templates": "h s local master_timeout",
  "indices.add_block":
    "allow_no_indices expand_wildcards ignore_unavailable master_timeout timeout",
  "indices.remove_block":
    "allow_no_indices expand_wildcards ignore_unavailable master_timeout timeout",
  "indices.create": "master_timeout timeout wait_for_active_shards",
  "indices.delete": "allow_no_indices expand_wildcards ignore_unavailable master_timeout timeout",
  "indices.exists":
    "allow_no_indices expand_wildcards flat_settings ignore_unavailable include_defaults local",
  "indices.get":
    "allow_no_indices expand_wildcards flat_settings ignore_unavailable include_defaults " +
    "local master_timeout features",
  "indices.open":
    "allow_no_indices expand_wildcards ignore_unavailable master_timeout timeout " +
    "wait_for_active_shards",
  "indices.close":
    "allow_no_indices expand_wildcards ignore_unavailable master_timeout timeout " +
    "wait_for_active_shards",
  "indices.get_mapping":
    "allow_no_indices expand_wildcards ignore_unavailable local master_timeout",
  "indices.put_mapping":
    "allow_no_indices expand_wildcards ignore_unavailable master_timeout timeout write_index_only",
  "indices.get_field_mapping":
    "allow_no_indices expand_wildcards ignore_unavailable include_defaults",
  "indices.get_settings":
    "allow_no_indices expand_wildcards flat_settings ignore_unavailable include_defaults " +
    "local master_timeout",
  "indices.put_settings":
    "allow_no_indices expand_wildcards flat_settings ignore_unavailable master_timeout " +
    "preserve_existing reopen timeout",
  "indices.put_alias": "master_timeout timeout",
  "indices.get_alias": "allow_no_indices expand_wildcards ignore_unavailable master_timeout",
  "indices.delete_alias": "master_timeout timeout",
  "indices.exists_alias": "allow_no_indices expand_wildcards ignore_unavailable master_timeout",
  "indices.update_aliases": "master_timeout timeout",
  "indices.put_index_template": "create master_timeout cause",
  "indices.get_index_template": "local flat_settings master_timeout include_defaults",
  "indices.delete_index_template": "master_timeout timeout",
  "indices.exists_index_template": "local flat_settings master_timeout",
  "indices.create_data_stream": "master_timeout timeout",
  "indices.get_data_stream": "expand_wildcards include_defaults master_timeout verbose",
  "indices.data_streams_stats": "expand_wildcards",
  "indices.delete_data_stream": "master_timeout expand_wildcards",
  "indices.rollover": "dry_run master_timeout timeout wait_for_active_shards lazy",
  "indices.refresh": "allow_no_indices expand_wildcards ignore_unavailable",
  "indices.flush": "allow_no_indices expand_wildcards force ignore_unavailable wait_if_ongoing",
  "indices.forcemerge":
    "allow_no_indices expand_wildcards flush ignore_unavailable max_num_segments " +
    "only_expunge_deletes wait_for_completion",
  "indices.clear_cache":
    "index allow_no_indices expand_wildcards fielddata fields ignore_unavailable query request",
  "indices.stats":
    "allow_no_indices completion_fields expand_wildcards fielddata_fields fields " +
    "forbid_closed_indices groups ignore_unavailable include_segment_file_sizes include_unloaded_segments level",
  "indices.resolve_index": "expand_wildcards ignore_unavailable allow_no_indices mode",
  "indices.analyze": "index",
  "indices.validate_query":
    "allow_no_indices all_shards analyzer analyze_wildcard default_operator df " +
    "expand_wildcards explain ignore_unavailable lenient rewrite q routing _slice",
  "indices.put_template": "create master_timeout order cause",
  "indices.get_template": "flat_settings local master_timeout",
  "indices.delete_template": "master_timeout timeout",
  "indices.exists_template": "flat_settings local master_timeout",
  reindex:
    "refresh requests_per_second scroll slices max_docs timeout wait_for_active_shards " +
    "wait_for_completion require_alias",
  "ingest.put_pipeline": "master_timeout timeout if_version",
  "ingest.get_pipeline": "master_timeout summary",
  "ingest.delete_pipeline": "master_timeout timeout",
  "ingest.simulate": "verbose",
  put_script: "context master_timeout timeout",
  get_script: "master_timeout",
  scripts_painless_execute: "",
  delete_script: "master_timeout timeout",
  "security.authenticate": "",
  "security.bulk_delete_role": "refresh",
  "security.bulk_put_role": "refresh",
  "security.bulk_update_api_keys": "",
  "security.change_password": "refresh",
  "security.clear_api_key_cache": "",
  "security.clear_cached_privileges": "",
  "security.clear_cached_realms": "usernames",
  "security.clear_cached_roles": "",
  "security.create_api_key": "refresh",
  "security.delete_role": "refresh",
  "security.delete_role_mapping": "refresh",
  "security.delete_user": "refresh",
  "security.disable_user": "refresh",
  "security.enable_user": "refresh",
  "security.get_api_key":
    "id name owner realm_name username with_limited_by active_only with_profile_uid",
  "security.get_builtin_privileges": "",
  "security.get_role": "include_implicit",
  "security.get_role_mapping": "",
  "security.get_token": "",
  "security.get_user": "with_profile_uid",
  "security.get_user_privileges": "",
  "security.grant_api_key": "refresh",
  "security.has_privileges": "",
  "security.invalidate_api_key": "",
  "security.invalidate_token": "",
  "security.put_privileges": "refresh",
  "security.get_privileges": "",
  "security.delete_privileges": "refresh",
  "security.put_role": "refresh",
  "security.put_role_mapping": "refresh",
  "security.put_user": "refresh",
  "security.query_api_keys": "with_limited_by with_profile_uid typed_keys",
  "security.query_role": "",
  "security.query_user": "with_profile_uid",
  "security.update_api_key": "",
  "cat.circuit_breaker": "h s local master_timeout",
  "cat.fielddata": "fields h s",
  "cat.repositories": "h s local master_timeout",
  "cat.snapshots": "ignore_unavailable h s master_timeout",
  "cat.tasks": "actions detailed nodes parent_task_id h s timeout wait_for_completion",
  "cluster.allocation_explain":
    "index shard primary current_node include_disk_info include_yes_decisions master_timeout",
  "cluster.delete_voting_config_exclusions": "master_timeout wait_for_removal",
  "cluster.post_voting_config_exclusions": "node_names node_ids master_timeout timeout",
  "cluster.remote_info": "",
  "cluster.reroute": "dry_run explain metric retry_failed master_timeout timeout",
  "indices.clone": "master_timeout timeout wait_for_active_shards",
  "indices.recovery": "active_only detailed allow_no_indices expand_wildcards ignore_unavailable",
  "indices.segments": "allow_no_indices expand_wildcards ignore_unavailable",
  "indices.shard_stores": "allow_no_indices expand_wildcards ignore_unavailable status",
  "indices.shrink": "master_timeout timeout wait_for_active_shards",
  "indices.simulate_index_template": "create cause master_timeout include_defaults",
  "indices.simulate_template": "create cause master_timeout include_defaults",
  "indices.split": "master_timeout timeout wait_for_active_shards",
  mtermvectors:
    "ids fields field_statistics offsets payloads positions preference realtime routing " +
    "_slice term_statistics version version_type",
  "tasks.cancel": "actions nodes parent_task_id wait_for_completion",
  "tasks.get": "timeout wait_for_completion follow_relocations",
  "tasks.list": "actions detailed group_by nodes parent_task_id timeout wait_for_completion",
  termvectors:
    "fields field_statistics offsets payloads positions preference realtime routing _slice " +
    "term_statistics version version_type",
  ...administrationParameters,
};

/** Accepted everywhere; `source` with its type stands in for a body that a client cannot send. */
const common = "pretty human error_trace filter_path format source source_content_type";
/** Response parameters of every cat endpoint. */
const cat = "h v ts pri bytes size time s help";

const acceptedByEndpoint = new Map<string, ReadonlySet<string>>();
for (const [name, list] of Object.entries(published)) {
  const words = [common, list, serverOnly[name] ?? "", name.startsWith("cat.") ? cat : ""]
    .join(" ")
    .split(" ");
  const refused = unknownToServer[name] ?? [];
  acceptedByEndpoint.set(
    name,
    new Set(words.filter((word) => word !== "" && !refused.includes(word))),
  );
}

/**
 * Query parameters that an API endpoint accepts.
 *
 * @throws {Error} for an API endpoint that is not in the table: a route was added without its
 *   parameters
 */
export function acceptedParameters(apiEndpoint: string): ReadonlySet<string> {
  const accepted = acceptedByEndpoint.get(apiEndpoint);
  if (accepted === undefined)
    throw new Error(`no accepted parameters are known for ${apiEndpoint}`);
  return accepted;
}
