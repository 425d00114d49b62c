/** Which bodies of which API endpoints are looked through for secrets. */

/**
 * What may be recorded of a body:
 *
 * - `-`: everything. The users' own documents, queries and results, and figures of the cluster.
 * - `names`: everything but the values of members whose names stand for secrets
 *   (`secret-names.ts`).
 * - `hide`: nothing but a keyed digest.
 *
 * Behind `names`, separated by blanks:
 *
 * - `+name` and `+ancestor>name`: a further member that is removed, anywhere or below `ancestor`;
 * - `=name`: objects and arrays with this name only lead to members, which are judged one by one;
 * - `fields`: members of `properties` and `fields` are names of fields, their objects are no
 *   secrets;
 * - `errors`, `keys`: patterns of messages that repeat values; see `message-patterns.ts`;
 * - `pairs`: in an array, what follows a secret name is removed: `["X-Api-Key", "…"]`.
 *
 * Wherever names are looked for, a `value` is removed when its neighbour says that it belongs to a
 * secret name, as in `{"set":{"field":"api_key","value":"…"}}`.
 */
export interface BodyPolicy {
  readonly request: string;
  readonly answer: string;
  /** Names of API endpoints, separated by blanks and line feeds. */
  readonly endpoints: string;
}

/**
 * Every API endpoint of the endpoint table, exactly once; held by a test. Names of members come
 * from Elastic's API specification. What has status 400 and more is looked through like `names`,
 * whatever stands here, because errors repeat what was asked.
 */
export const bodyPolicies: readonly BodyPolicy[] = [
  {
    // Documents, queries and results: the users' own data.
    request: "-",
    answer: "-",
    endpoints: `bulk create index update delete get get_source mget exists exists_source explain
      search msearch search_template msearch_template render_search_template search_mvt
      search_shards count scroll clear_scroll open_point_in_time close_point_in_time knn_search
      rank_eval terms_enum termvectors mtermvectors field_caps update_by_query delete_by_query
      update_by_query_rethrottle delete_by_query_rethrottle scripts_painless_execute
      async_search.delete async_search.get async_search.status async_search.submit eql.delete
      eql.get eql.get_status eql.search esql.async_query esql.async_query_delete
      esql.async_query_get esql.async_query_stop esql.query sql.clear_cursor sql.delete_async
      sql.get_async sql.get_async_status sql.query sql.translate fleet.msearch fleet.search
      fleet.global_checkpoints graph.explore monitoring.bulk indices.analyze
      indices.validate_query rollup.rollup_search search_application.search
      search_application.render_query search_application.post_behavioral_analytics_event
      query_rules.test inference.chat_completion_unified inference.completion inference.embedding
      inference.inference inference.rerank inference.sparse_embedding inference.stream_completion
      inference.text_embedding ml.infer_trained_model ml.post_data ml.evaluate_data_frame
      ml.get_buckets ml.get_categories ml.get_influencers ml.get_overall_buckets ml.get_records
      ml.post_calendar_events ml.put_trained_model_definition_part ml.put_trained_model_vocabulary
      profiling.flamegraph profiling.stacktraces profiling.status profiling.topn_functions
      synonyms.delete_synonym synonyms.delete_synonym_rule synonyms.get_synonym
      synonyms.get_synonym_rule synonyms.get_synonyms_sets synonyms.put_synonym
      synonyms.put_synonym_rule text_structure.find_field_structure
      text_structure.find_message_structure text_structure.find_structure
      text_structure.test_grok_pattern`,
  },
  {
    // Figures and states, in which nobody can put a credential.
    request: "-",
    answer: "-",
    endpoints: `info ping capabilities health_report cat.aliases cat.allocation cat.circuit_breaker
      cat.component_templates cat.count cat.fielddata cat.health cat.help cat.indices cat.master
      cat.ml_data_frame_analytics cat.ml_datafeeds cat.ml_jobs cat.ml_trained_models cat.nodes
      cat.plugins cat.recovery cat.repositories cat.segments cat.shards cat.snapshots cat.templates
      cat.thread_pool cat.transforms cluster.health cluster.stats cluster.allocation_explain
      cluster.exists_component_template cluster.delete_voting_config_exclusions
      cluster.post_voting_config_exclusions nodes.stats nodes.usage
      nodes.clear_repositories_metering_archive nodes.get_repositories_metering_info
      indices.clear_cache indices.close indices.data_streams_stats indices.delete
      indices.delete_alias indices.delete_data_lifecycle indices.delete_data_stream
      indices.delete_data_stream_options indices.delete_index_template indices.delete_template
      indices.disk_usage indices.exists indices.exists_alias indices.exists_index_template
      indices.exists_template indices.explain_data_lifecycle indices.field_usage_stats indices.flush
      indices.forcemerge indices.get_data_lifecycle_stats indices.open indices.promote_data_stream
      indices.recovery indices.refresh indices.reload_search_analyzers indices.resolve_cluster
      indices.resolve_index indices.segments indices.shard_stores indices.stats ccr.follow_stats
      ccr.stats dangling_indices.delete_dangling_index dangling_indices.import_dangling_index
      dangling_indices.list_dangling_indices enrich.execute_policy enrich.stats
      features.get_features features.reset_features get_script_context get_script_languages
      ilm.explain_lifecycle ilm.get_status ilm.start ilm.stop ingest.geo_ip_stats
      ingest.processor_grok license.get_basic_status license.get_trial_status
      ml.get_data_frame_analytics_stats ml.get_datafeed_stats ml.get_job_stats ml.get_memory_stats
      ml.get_model_snapshot_upgrade_stats ml.get_trained_models_stats rollup.get_rollup_caps
      rollup.get_rollup_index_caps searchable_snapshots.cache_stats searchable_snapshots.clear_cache
      searchable_snapshots.stats slm.get_stats slm.get_status slm.start slm.stop
      transform.get_node_stats transform.get_transform_stats xpack.info xpack.usage`,
  },
  {
    // Settings of users, of which any member may hold a credential.
    request: "names pairs",
    answer: "names pairs",
    endpoints: `_internal.delete_desired_balance _internal.delete_desired_nodes
      _internal.get_desired_balance _internal.get_desired_nodes _internal.prevalidate_node_removal
      _internal.update_desired_nodes autoscaling.delete_autoscaling_policy
      autoscaling.get_autoscaling_capacity autoscaling.get_autoscaling_policy
      autoscaling.put_autoscaling_policy cat.nodeattrs cat.pending_tasks cat.tasks
      ccr.delete_auto_follow_pattern ccr.follow ccr.follow_info ccr.forget_follower
      ccr.get_auto_follow_pattern ccr.pause_auto_follow_pattern ccr.pause_follow
      ccr.put_auto_follow_pattern ccr.resume_auto_follow_pattern ccr.resume_follow ccr.unfollow
      cluster.get_settings cluster.info cluster.pending_tasks cluster.put_settings
      cluster.remote_info cluster.reroute delete_script enrich.delete_policy enrich.get_policy
      enrich.put_policy esql.delete_data_source esql.delete_dataset esql.delete_view
      esql.get_dataset esql.get_query esql.get_view esql.list_queries esql.put_dataset
      esql.put_view get_script put_script ilm.delete_lifecycle ilm.get_lifecycle
      ilm.migrate_to_data_tiers ilm.move_to_step ilm.put_lifecycle ilm.remove_policy ilm.retry
      indices.add_block indices.cancel_migrate_reindex indices.clone indices.create_data_stream
      indices.downsample indices.get_alias indices.get_data_lifecycle indices.get_data_stream
      indices.get_data_stream_options indices.get_data_stream_settings
      indices.get_migrate_reindex_status indices.get_settings indices.migrate_reindex
      indices.migrate_to_data_stream indices.modify_data_stream indices.put_alias
      indices.put_data_lifecycle indices.put_data_stream_options indices.put_data_stream_settings
      indices.put_settings indices.remove_block indices.shrink indices.split
      indices.update_aliases inference.delete_region_policy inference.get_region_policy
      inference.put_region_policy ingest.delete_geoip_database ingest.delete_ip_location_database
      ingest.delete_pipeline ingest.get_geoip_database ingest.get_ip_location_database
      ingest.put_geoip_database ingest.put_ip_location_database license.delete
      license.post_start_basic license.post_start_trial logstash.delete_pipeline
      migration.deprecations migration.get_feature_upgrade_status migration.post_feature_upgrade
      ml.clear_trained_model_deployment_cache ml.close_job ml.delete_calendar
      ml.delete_calendar_event ml.delete_calendar_job ml.delete_data_frame_analytics
      ml.delete_datafeed ml.delete_expired_data ml.delete_filter ml.delete_forecast ml.delete_job
      ml.delete_model_snapshot ml.delete_trained_model ml.delete_trained_model_alias
      ml.estimate_model_memory ml.explain_data_frame_analytics ml.flush_job ml.forecast
      ml.get_calendar_events ml.get_calendars ml.get_data_frame_analytics ml.get_datafeeds
      ml.get_filters ml.get_jobs ml.get_model_snapshots ml.get_trained_models ml.info ml.open_job
      ml.put_calendar ml.put_calendar_job ml.put_data_frame_analytics ml.put_datafeed
      ml.put_filter ml.put_job ml.put_trained_model ml.put_trained_model_alias ml.reset_job
      ml.revert_model_snapshot ml.set_upgrade_mode ml.start_data_frame_analytics ml.start_datafeed
      ml.start_trained_model_deployment ml.stop_data_frame_analytics ml.stop_datafeed
      ml.stop_trained_model_deployment ml.update_data_frame_analytics ml.update_datafeed
      ml.update_filter ml.update_job ml.update_model_snapshot ml.update_trained_model_deployment
      ml.upgrade_job_snapshot ml.validate ml.validate_detector nodes.hot_threads nodes.info
      project.create_many_routing project.create_routing project.delete_routing
      project.get_many_routing project.get_routing project.tags query_rules.delete_rule
      query_rules.delete_ruleset query_rules.get_rule query_rules.get_ruleset
      query_rules.list_rulesets query_rules.put_rule query_rules.put_ruleset rollup.delete_job
      rollup.get_jobs rollup.put_job rollup.start_job rollup.stop_job search_application.delete
      search_application.delete_behavioral_analytics search_application.get
      search_application.get_behavioral_analytics search_application.list search_application.put
      search_application.put_behavioral_analytics searchable_snapshots.mount shutdown.delete_node
      shutdown.get_node shutdown.put_node slm.delete_lifecycle slm.execute_lifecycle
      slm.execute_retention slm.get_lifecycle slm.put_lifecycle
      streams.logs_disable streams.logs_enable streams.status
      tasks.cancel tasks.get tasks.list transform.delete_transform transform.get_transform
      transform.put_transform transform.reset_transform transform.schedule_now_transform
      transform.set_upgrade_mode transform.start_transform transform.stop_transform
      transform.update_transform transform.upgrade_transforms`,
  },
  {
    // Repositories of HDFS take settings such as `conf.fs.azure.account.key`.
    request: "names pairs +settings>key",
    answer: "names pairs +settings>key",
    endpoints: `snapshot.cleanup_repository snapshot.clone snapshot.create
      snapshot.create_repository snapshot.delete snapshot.delete_repository snapshot.get
      snapshot.get_repository snapshot.repository_analyze snapshot.repository_verify_integrity
      snapshot.restore snapshot.status snapshot.verify_repository`,
  },
  {
    // A preview answers with documents, and its definition names indices that it need not repeat.
    request: "names",
    answer: "names",
    endpoints: `ml.preview_data_frame_analytics ml.preview_datafeed transform.preview_transform`,
  },
  {
    // Mappings and what holds them: fields may be called `password`, `_meta` may hold anything.
    request: "names fields",
    answer: "names fields",
    endpoints: `indices.get_data_stream_mappings indices.get_field_mapping indices.get_mapping
      indices.put_data_stream_mappings indices.put_mapping cluster.delete_component_template
      cluster.get_component_template cluster.put_component_template indices.create
      indices.create_from indices.get indices.get_index_template indices.get_template
      indices.put_index_template indices.put_template indices.rollover
      indices.simulate_index_template indices.simulate_template`,
  },
  {
    // Everything that the cluster is made of, pipelines and repositories included.
    request: "names fields",
    answer: "names fields",
    endpoints: "cluster.state",
  },
  {
    request: "names +salt",
    answer: "names +salt",
    endpoints: "ingest.get_pipeline ingest.put_pipeline ingest.simulate simulate.ingest",
  },
  {
    // The text of a pipeline is a language of its own, in which credentials are usual.
    request: "names +pipeline",
    answer: "names +pipeline",
    endpoints: "logstash.get_pipeline logstash.put_pipeline",
  },
  {
    request: "names pairs +headers",
    answer: "names pairs +headers",
    endpoints: "reindex reindex_rethrottle cancel_reindex get_reindex list_reindex",
  },
  {
    // The path of a webhook is often its credential, as with Slack.
    request: "names pairs +headers +webhook>path +webhook>url +webhook>params +request>params",
    answer: "names pairs +headers +webhook>path +webhook>url +webhook>params +request>params",
    endpoints: `watcher.ack_watch watcher.activate_watch watcher.deactivate_watch
      watcher.delete_watch
      watcher.execute_watch watcher.get_settings watcher.get_watch watcher.put_watch
      watcher.query_watches watcher.start watcher.stats watcher.stop watcher.update_settings`,
  },
  {
    // Parameters of a service of one's own are pairs in arrays.
    request: "names pairs +headers",
    answer: "names pairs +headers",
    endpoints: "inference.delete inference.get inference.put inference.update",
  },
  {
    request: "names +settings",
    answer: "names +settings",
    endpoints: "esql.get_data_source esql.put_data_source",
  },
  {
    request: "names +configuration>value +configuration>default_value +values",
    answer: "names +configuration>value +configuration>default_value +values",
    endpoints: `connector.check_in connector.delete connector.get connector.last_sync
      connector.list connector.post connector.put connector.sync_job_cancel
      connector.sync_job_check_in connector.sync_job_claim connector.sync_job_delete
      connector.sync_job_error connector.sync_job_get connector.sync_job_list
      connector.sync_job_post connector.sync_job_update_stats connector.update_active_filtering
      connector.update_api_key_id connector.update_configuration connector.update_error
      connector.update_features connector.update_filtering connector.update_filtering_validation
      connector.update_index_name connector.update_name connector.update_native
      connector.update_pipeline connector.update_scheduling connector.update_service_type
      connector.update_status`,
  },
  {
    request: "names +value",
    answer: "names +value",
    endpoints: `connector.secret_delete connector.secret_get connector.secret_post
      connector.secret_put fleet.delete_secret fleet.get_secret fleet.post_secret`,
  },
  {
    request: "names +signature",
    answer: "names +signature",
    endpoints: "license.get license.post",
  },
  {
    // Who may do what. Objects called `api_key` and `token` say which, and hold no secret.
    request: "names =api_key =token",
    answer: "names =api_key =token",
    endpoints: `security.activate_user_profile security.authenticate security.bulk_delete_role
      security.bulk_put_role security.bulk_update_api_keys security.change_password
      security.clear_api_key_cache security.clear_cached_privileges security.clear_cached_realms
      security.clear_cached_roles security.clear_cached_service_tokens security.delete_privileges
      security.delete_role security.delete_role_mapping security.delete_service_token
      security.delete_user security.disable_user security.disable_user_profile
      security.enable_user security.enable_user_profile security.get_api_key
      security.get_builtin_privileges security.get_privileges security.get_role
      security.get_role_mapping security.get_service_accounts security.get_settings
      security.get_stats security.get_user security.get_user_privileges security.get_user_profile
      security.has_privileges security.has_privileges_user_profile security.invalidate_api_key
      security.put_privileges security.put_role security.put_role_mapping security.put_user
      security.query_api_keys security.query_role security.query_user
      security.suggest_user_profiles security.update_api_key security.update_cross_cluster_api_key
      security.update_settings security.update_user_profile_data ssl.certificates
      nodes.reload_secure_settings`,
  },
  {
    request: "names =api_key",
    answer: "names =api_key +api_key +encoded",
    endpoints: `security.clone_api_key security.create_api_key
      security.create_cross_cluster_api_key security.grant_api_key`,
  },
  {
    request: "names",
    answer: "names =token +token>value",
    endpoints: "security.create_service_token security.enroll_kibana",
  },
  {
    request: "names",
    answer: "names =nodes_credentials =tokens",
    endpoints: "security.get_service_credentials",
  },
  {
    request: "names",
    answer: "names +http_ca_key +transport_key",
    endpoints: "security.enroll_node",
  },
  {
    request: "names +kerberos_ticket",
    answer: "names =api_key =token",
    endpoints: "security.get_token security.delegate_pki security.invalidate_token",
  },
  {
    request: "names +content +query_string +relay_state",
    answer: "names =api_key =token +redirect",
    endpoints: `security.saml_authenticate security.saml_complete_logout security.saml_invalidate
      security.saml_logout security.saml_prepare_authentication
      security.saml_service_provider_metadata`,
  },
  {
    request: "names +redirect_uri +nonce +state",
    answer: "names =api_key =token +redirect +nonce +state",
    endpoints: `security.oidc_authenticate security.oidc_logout
      security.oidc_prepare_authentication`,
  },
  {
    request: "hide",
    answer: "hide",
    endpoints: "encryption.reset",
  },
];
