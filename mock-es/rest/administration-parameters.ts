/** Query parameters of API endpoints that tell of the cluster and its nodes, as in `published`. */
export const administrationParameters: Readonly<Record<string, string>> = {
  "dangling_indices.list_dangling_indices": "",
  "dangling_indices.import_dangling_index": "accept_data_loss master_timeout timeout",
  "dangling_indices.delete_dangling_index": "accept_data_loss master_timeout timeout",
  "enrich.stats": "master_timeout",
  "features.get_features": "master_timeout",
  "features.reset_features": "master_timeout",
  health_report: "timeout verbose size",
  "indices.explain_data_lifecycle":
    "allow_no_indices expand_wildcards ignore_unavailable include_defaults master_timeout",
  "indices.modify_data_stream": "master_timeout timeout",
  "indices.migrate_to_data_stream": "master_timeout timeout",
  "indices.resolve_cluster":
    "allow_no_indices expand_wildcards ignore_throttled ignore_unavailable timeout",
  "ingest.geo_ip_stats": "",
  "license.get_basic_status": "",
  "license.get_trial_status": "",
  "license.get": "accept_enterprise local",
  "xpack.info": "categories accept_enterprise human",
  "cluster.info": "",
  "simulate.ingest": "pipeline merge_type",
  "nodes.usage": "timeout",
  "nodes.reload_secure_settings": "timeout",
  reindex_rethrottle: "requests_per_second group_by",
  update_by_query_rethrottle: "requests_per_second group_by",
  delete_by_query_rethrottle: "requests_per_second group_by",
  "nodes.hot_threads": "ignore_idle_threads interval snapshots threads timeout type sort",
};
