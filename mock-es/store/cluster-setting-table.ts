/**
 * The settings of a cluster and its nodes: `NAME=CLASS KIND=DEFAULT`, without the space. Class: D
 * can be changed at any time, N when a node starts. Kind: b boolean, i number with its least value
 * if it has one, t duration, z size, p percentage or size, s text. Facts of Elasticsearch 9.5,
 * found by asking a real node for its defaults and for changes of each.
 */
export const clusterSettingTable: string = `
action.auto_create_index=Ds=true action.destructive_requires_name=Db=false
action.search.pre_filter_shard_size.default=Ns=128
action.search.shard_count.limit=Di1=9223372036854775807 bootstrap.ctrlhandler=Ns=true
bootstrap.memory_lock=Ns=false cache.recycler.page.limit.heap=Ns=10%
cache.recycler.page.type=Ns=CONCURRENT cache.recycler.page.weight.bytes=Ns=1.0
cache.recycler.page.weight.ints=Ns=1.0 cache.recycler.page.weight.longs=Ns=1.0
cache.recycler.page.weight.objects=Ns=0.1 cluster.auto_sharding.max_write_threads=Di1=32
cluster.auto_sharding.min_write_threads=Di1=2 cluster.auto_shrink_voting_configuration=Db=true
cluster.blocks.read_only=Db=false cluster.blocks.read_only_allow_delete=Db=false
cluster.discovery_configuration_check.interval=Ns=30000ms
cluster.election.back_off_time=Ns=100ms cluster.election.duration=Ns=500ms
cluster.election.initial_timeout=Ns=100ms cluster.election.max_timeout=Ns=10s
cluster.election.strategy=Ns=default cluster.fault_detection.follower_check.interval=Ns=1000ms
cluster.fault_detection.follower_check.retry_count=Ns=3
cluster.fault_detection.follower_check.timeout=Ns=10000ms
cluster.fault_detection.leader_check.interval=Ns=1000ms
cluster.fault_detection.leader_check.retry_count=Ns=3
cluster.fault_detection.leader_check.timeout=Ns=10000ms cluster.follower_lag.timeout=Ns=90000ms
cluster.indices.close.enable=Db=true cluster.indices.tombstones.size=Ns=500
cluster.info.update.interval=Dt=30s cluster.info.update.timeout=Dt=15s
cluster.initial_master_nodes=Ns="" cluster.join_validation.cache_timeout=Ns=60s
cluster.lifecycle.default.rollover=Di=max_age=auto,max_primary_shard_size=50gb,min_docs=1,max_primary_shard_docs=200000000
cluster.max_shards_per_node.frozen=Di1=3000 cluster.max_shards_per_node=Di1=1000
cluster.max_voting_config_exclusions=Di1=10 cluster.name=Ns="" cluster.no_master_block=Ds=write
cluster.nodes.reconnect_interval=Ns=10s cluster.persistent_tasks.allocation.enable=Ds=all
cluster.persistent_tasks.allocation.recheck_interval=Dt=30s
cluster.publish.info_timeout=Ns=10000ms cluster.publish.timeout=Ns=30000ms
cluster.remote.connections_per_cluster=Ns=3 cluster.remote.initial_connect_timeout=Ns=30s
cluster.remote.node.attr=Ns="" cluster.routing.allocation.allow_rebalance=Ds=always
cluster.routing.allocation.awareness.attributes=Ds=[]
cluster.routing.allocation.balance.disk_usage=Di0=2.0E-11
cluster.routing.allocation.balance.index=Di0=0.55
cluster.routing.allocation.balance.invalid_weights_log_min_interval=Dt=5m
cluster.routing.allocation.balance.shard=Di0=0.45
cluster.routing.allocation.balance.threshold=Di1=1.0
cluster.routing.allocation.balance.write_load=Di0=10.0
cluster.routing.allocation.cluster_concurrent_frozen_rebalance=Di-1=2
cluster.routing.allocation.cluster_concurrent_rebalance=Di-1=2
cluster.routing.allocation.desired_balance.balancer_round_summaries_interval=Dt=10s
cluster.routing.allocation.desired_balance.enable_balancer_round_summaries=Db=false
cluster.routing.allocation.desired_balance.enable_balancer_round_summaries_logging=Db=false
cluster.routing.allocation.desired_balance.max_balance_computation_time_during_index_creation=Dt=1s
cluster.routing.allocation.desired_balance.progress_log_interval=Dt=1m
cluster.routing.allocation.desired_balance.undesired_allocations.log_interval=Dt=1h
cluster.routing.allocation.desired_balance.undesired_allocations.threshold=Di0=0.1
cluster.routing.allocation.desired_balance.undesired_duration_logging.interval=Dt=5m
cluster.routing.allocation.desired_balance.undesired_duration_logging.max_to_track=Di0=10
cluster.routing.allocation.desired_balance.undesired_duration_logging.threshold=Dt=5m
cluster.routing.allocation.disk.reroute_interval=Dt=60s
cluster.routing.allocation.disk.threshold_enabled=Db=false
cluster.routing.allocation.disk.watermark.flood_stage.frozen.max_headroom=Dz=20GB
cluster.routing.allocation.disk.watermark.flood_stage.frozen=Dp=95%
cluster.routing.allocation.disk.watermark.flood_stage.max_headroom=Dz=100GB
cluster.routing.allocation.disk.watermark.flood_stage=Dp=95%
cluster.routing.allocation.disk.watermark.high.max_headroom=Dz=150GB
cluster.routing.allocation.disk.watermark.high=Dp=90%
cluster.routing.allocation.disk.watermark.low.max_headroom=Dz=200GB
cluster.routing.allocation.disk.watermark.low=Dp=85% cluster.routing.allocation.enable=Ds=all
cluster.routing.allocation.enforce_default_tier_preference=Db=true
cluster.routing.allocation.estimated_heap.threshold_enabled=Db=false
cluster.routing.allocation.index_balance_decider.enabled=Db=false
cluster.routing.allocation.index_balance_decider.excess_shards=Di0=0
cluster.routing.allocation.index_balance_metrics.enabled=Db=false
cluster.routing.allocation.index_balance_metrics.refresh_interval=Dt=1m
cluster.routing.allocation.node_concurrent_incoming_recoveries=Di0=2
cluster.routing.allocation.node_concurrent_outgoing_recoveries=Di0=2
cluster.routing.allocation.node_concurrent_recoveries=Di0=2
cluster.routing.allocation.node_initial_primaries_recoveries=Di0=4
cluster.routing.allocation.same_shard.host=Db=false
cluster.routing.allocation.stats.cache.ttl=Dt=1m
cluster.routing.allocation.total_shards_per_node=Di-1=-1
cluster.routing.allocation.type=Ns=desired_balance
cluster.routing.allocation.unthrottle_replica_assignment_in_simulation=Db=false
cluster.routing.allocation.write_load_decider.allocation_utilization_threshold=Dp=90%
cluster.routing.allocation.write_load_decider.enabled=Ds=DISABLED
cluster.routing.allocation.write_load_decider.hotspot_max_shard_write_load_proportion_threshold=Dp=95%
cluster.routing.allocation.write_load_decider.hotspot_utilization_threshold=Dp=50%
cluster.routing.allocation.write_load_decider.log_interval=Dt=1m
cluster.routing.allocation.write_load_decider.queue_latency_threshold=Dt=3s
cluster.routing.allocation.write_load_decider.reroute_interval=Dt=0ms
cluster.routing.allocation.write_load_decider.shard_write_load_metrics.enabled=Db=true
cluster.routing.allocation.write_load_decider.shard_write_load_type=Ds=RECENT
cluster.routing.rebalance.enable=Ds=all cluster.routing.use_adaptive_replica_selection=Db=true
cluster.service.applier.thread.watchdog.interval=Ns=5m
cluster.service.applier.thread.watchdog.quiet_time=Ns=1h
cluster.service.master_service_execution_history_size=Ns=200
cluster.service.master_service_starvation_logging_threshold=Ns=5m
cluster.service.slow_master_task_logging_threshold=Dt=10s
cluster.service.slow_task_logging_threshold=Dt=30s
cluster.service.slow_task_thread_dump_timeout=Dt=30s
cluster.snapshot.info.max_concurrent_fetches=Di1=5
cluster.system_indices.auto_expand_replicas=Ds=false
cluster.system_indices.number_of_replicas=Di0=1 cluster.time_series.es95_codec.enabled=Db=true
cluster_info_write_load_forecaster.enabled=Db=false cluster_state.document_page_size=Ns=1mb
data_stream.past_tsdb_index_creation_enabled=Db=false
data_streams.auto_sharding.decrease_shards.cooldown=Dt=3d
data_streams.auto_sharding.decrease_shards.load_metric=Ds=PEAK
data_streams.auto_sharding.excludes=Ds=[]
data_streams.auto_sharding.increase_shards.cooldown=Dt=270s
data_streams.auto_sharding.increase_shards.load_metric=Ds=PEAK
data_streams.failure_store.enabled=Ds=[] data_streams.lifecycle.retention.default=Dt=-1
data_streams.lifecycle.retention.failures_default=Dt=30d
data_streams.lifecycle.retention.max=Dt=-1
data_streams.lifecycle.signalling.error_retry_interval=Di1=10
discovery.cluster_formation_warning_timeout=Ns=10000ms discovery.find_peers_interval=Ns=1000ms
discovery.initial_state_timeout=Ns=30s discovery.probe.connect_timeout=Ns=30s
discovery.probe.handshake_timeout=Ns=30s discovery.request_peers_timeout=Ns=3000ms
discovery.seed_hosts=Ns="" discovery.seed_providers=Ns=""
discovery.seed_resolver.max_concurrent_resolvers=Ns="" discovery.seed_resolver.timeout=Ns=""
discovery.type=Ns="" discovery.unconfigured_bootstrap_timeout=Ns=3s
elasticsearch.querylog.enabled=Db=false elasticsearch.querylog.include.system_indices=Db=false
elasticsearch.querylog.include.user=Db=true elasticsearch.querylog.log_level=Ds=INFO
elasticsearch.querylog.threshold=Dt=-1 gateway.expected_data_nodes=Ns=-1
gateway.recover_after_data_nodes=Ns=-1 gateway.recover_after_time=Ns=0ms
gateway.slow_write_logging_threshold=Dt=10s gateway.write_dangling_indices_info=Ns=true
health.master_history.has_master_lookup_timeframe=Ns=30s
health.master_history.identity_changes_threshold=Ns=4
health.master_history.no_master_transitions_threshold=Ns=4 health.node.enabled=Db=true
health.periodic_logger.enabled=Db=false health.periodic_logger.output_mode=Ds=[logs,metrics]
health.periodic_logger.poll_interval=Dt=60s health.reporting.local.monitor.interval=Dt=30s
health.shard_capacity.unhealthy_threshold.red=Di1=5
health.shard_capacity.unhealthy_threshold.yellow=Di1=10
health.shards_availability.primary_unassigned_buffer_time=Dt=5s
health.shards_availability.replica_unassigned_buffer_time=Dt=25s
health_node.transport_action_timeout=Dt=5s http.bind_host=Ns=[]
http.client_stats.closed_channels.max_age=Ns=5m
http.client_stats.closed_channels.max_count=Ns=10000 http.client_stats.enabled=Db=true
http.compression=Ns=true http.compression_level=Ns=3 http.cors.allow-credentials=Ns=false
http.cors.allow-headers=Ns=X-Requested-With,Content-Type,Content-Length,Authorization,Accept,User-Agent,X-Elastic-Client-Meta
http.cors.allow-methods=Ns=OPTIONS,HEAD,GET,POST,PUT,DELETE http.cors.allow-origin=Ns=""
http.cors.enabled=Ns=false http.cors.max-age=Ns=1728000 http.detailed_errors.enabled=Ns=true
http.host=Ns="" http.max_chunk_size=Ns=8kb http.max_content_length=Ns=100mb
http.max_header_size=Ns=16kb http.max_initial_line_length=Ns=4kb
http.max_protobuf_content_length=Ns=8mb http.max_warning_header_count=Ns=-1
http.max_warning_header_size=Ns=-1b http.netty.max_composite_buffer_components=Ns=69905
http.netty.receive_predictor_size=Ns=64kb http.netty.tls_handshakes.max_delayed=Di0=1800
http.netty.tls_handshakes.max_in_progress=Di0=200 http.netty.worker_count=Ns=0
http.pipelining.max_events=Ns=10000 http.port=Ns="" http.publish_host=Ns=[]
http.publish_port=Ns=-1 http.read_timeout=Ns=0ms http.reset_cookies=Ns=false
http.shutdown_grace_period=Ns=0ms http.shutdown_poll_period=Ns=5m http.tcp.keep_alive=Ns=true
http.tcp.keep_count=Ns=-1 http.tcp.keep_idle=Ns=-1 http.tcp.keep_interval=Ns=-1
http.tcp.no_delay=Ns=true http.tcp.receive_buffer_size=Ns=-1b http.tcp.reuse_address=Ns=true
http.tcp.send_buffer_size=Ns=-1b http.tracer.exclude=Ds=[] http.tracer.include=Ds=[]
http.type.default=Ns="" http.type=Ns="" index.codec=Ns=default index.recovery.type=Ns=""
index.store.fs.directio_async_prefetch_limit=Ns=64 index.store.fs.fs_lock=Ns=native
index.store.preload=Ns=[] index.store.type=Ns=""
indexing_pressure.memory.coordinating.limit=Ns=10% indexing_pressure.memory.limit=Ns=10%
indexing_pressure.memory.max_operation_size=Ns=10% indexing_pressure.memory.primary.limit=Ns=10%
indexing_pressure.memory.replica.limit=Ns=80530636b
indexing_pressure.memory.split_bulk.watermark.high.bulk_size=Ns=1mb
indexing_pressure.memory.split_bulk.watermark.high=Ns=7.5%
indexing_pressure.memory.split_bulk.watermark.low.bulk_size=Ns=4mb
indexing_pressure.memory.split_bulk.watermark.low=Ns=5.0%
indexing_pressure.memory.split_bulk_threshold=Ns=8.5%
indices.analysis.hunspell.dictionary.ignore_case=Ns=false
indices.analysis.hunspell.dictionary.lazy=Ns=false indices.batch_indexing=Ns=false
indices.breaker.fielddata.limit=Dz=40% indices.breaker.fielddata.overhead=Di0=1.03
indices.breaker.fielddata.type=Ns=memory indices.breaker.request.limit=Dz=60%
indices.breaker.request.overhead=Di0=1.0 indices.breaker.request.type=Ns=memory
indices.breaker.total.limit=Dz=95% indices.breaker.total.use_real_memory=Db=true
indices.breaker.type=Ns=hierarchy indices.cache.cleanup_interval=Ns=1m
indices.fielddata.cache.expire=Ns=1h indices.fielddata.cache.size=Ns=-1b
indices.id_field_data.enabled=Db=false indices.mapping.dynamic_timeout=Dt=30s
indices.mapping.max_in_flight_updates=Di1=10 indices.memory.index_buffer_size=Ns=10%
indices.memory.interval=Ns=5s indices.memory.max_index_buffer_size=Ns=-1
indices.memory.min_index_buffer_size=Ns=48mb indices.memory.shard_inactive_time=Ns=5m
indices.merge.disk.check_interval=Dt=5s indices.merge.disk.watermark.high.max_headroom=Dz=100gb
indices.merge.disk.watermark.high=Dp=95% indices.merge.policy.max_merged_segment=Ns=5gb
indices.merge.policy.max_time_based_merged_segment=Ns=100gb
indices.merge.scheduler.use_thread_pool=Ns=true indices.pause.on.throttle=Ns=false
indices.queries.cache.all_segments=Ns=false indices.queries.cache.count=Ns=10000
indices.queries.cache.size=Ns=10% indices.query.bool.max_clause_count=Ns=4096
indices.query.bool.max_nested_depth=Ns=30
indices.query.query_string.allowLeadingWildcard=Ns=true
indices.query.query_string.analyze_wildcard=Ns=false indices.recovery.chunk_size=Dz=512kb
indices.recovery.internal_action_long_timeout=Dt=1800000ms
indices.recovery.internal_action_retry_timeout=Dt=1m
indices.recovery.internal_action_timeout=Dt=15m indices.recovery.max_bytes_per_sec=Dz=40mb
indices.recovery.max_concurrent_file_chunks=Di1=2
indices.recovery.max_concurrent_operations=Di1=1
indices.recovery.max_concurrent_snapshot_file_downloads=Di1=5
indices.recovery.max_concurrent_snapshot_file_downloads_per_node=Di1=25
indices.recovery.recovery_activity_timeout=Dt=1800000ms
indices.recovery.retry_delay_network=Dt=5s indices.recovery.retry_delay_state_sync=Dt=500ms
indices.recovery.use_snapshots=Db=true indices.replication.initial_retry_backoff_bound=Dt=50ms
indices.replication.retry_timeout=Dt=60s indices.requests.cache.expire=Ns=0ms
indices.requests.cache.size=Ns=1% indices.stats.recent_read_load.half_life=Dt=5m
indices.stats.recent_write_load.half_life=Dt=5m indices.store.delete.shard.timeout=Ns=30s
indices.store.max_concurrent_closing_shards=Ns=2 indices.store.shard_lock_retry.interval=Ns=1s
indices.store.shard_lock_retry.timeout=Ns=1m ingest.grok.watchdog.interval=Ns=1s
ingest.grok.watchdog.max_execution_time=Ns=1s ingest_node.transport_action_timeout=Dt=20s
logger.level=Ns=INFO master_history.max_age=Ns=30m monitor.fs.health.enabled=Db=true
monitor.fs.health.refresh_interval=Ns=120s monitor.fs.health.slow_path_logging_threshold=Dt=5s
monitor.fs.refresh_interval=Ns=1s monitor.jvm.gc.enabled=Ns=true
monitor.jvm.gc.overhead.debug=Ns=10 monitor.jvm.gc.overhead.info=Ns=25
monitor.jvm.gc.overhead.warn=Ns=50 monitor.jvm.gc.refresh_interval=Ns=1s
monitor.jvm.refresh_interval=Ns=1s monitor.os.refresh_interval=Ns=1s
monitor.process.refresh_interval=Ns=1s network.bind_host=Ns=[]
network.breaker.inflight_requests.limit=Dz=100%
network.breaker.inflight_requests.overhead=Di0=2.0 network.host=Ns="" network.publish_host=Ns=[]
network.server=Ns=true network.tcp.keep_alive=Ns=true network.tcp.keep_count=Ns=-1
network.tcp.keep_idle=Ns=-1 network.tcp.keep_interval=Ns=-1 network.tcp.no_delay=Ns=true
network.tcp.receive_buffer_size=Ns=-1b network.tcp.reuse_address=Ns=true
network.tcp.send_buffer_size=Ns=-1b network.thread.watchdog.interval=Ns=5s
network.thread.watchdog.quiet_time=Ns=10m node._internal.default_refresh_interval=Ns=1s
node.attr.testattr=Ns="" node.bandwidth.recovery.disk.read=Ns=""
node.bandwidth.recovery.disk.write=Ns="" node.bandwidth.recovery.factor.read=Di0=0.4
node.bandwidth.recovery.factor.write=Di0=0.4 node.bandwidth.recovery.network=Ns=""
node.bandwidth.recovery.operator.factor.max_overcommit=Di1=100.0
node.bandwidth.recovery.operator.factor.read=Di0=0.4
node.bandwidth.recovery.operator.factor.write=Di0=0.4
node.bandwidth.recovery.operator.factor=Di0=0.4 node.enable_lucene_segment_infos_trace=Ns=false
node.external_id=Ns=real-node node.id.seed=Ns=0 node.maximum_reindexing_grace_period=Ns=10s
node.maximum_shutdown_grace_period=Ns=0ms node.name=Ns="" node.portsfile=Ns=false
node.processors=Ns=2
node.roles=Ns=[data,data_cold,data_content,data_frozen,data_hot,data_warm,ingest,master,ml,remote_cluster_client,transform]
node.store.allow_mmap=Ns=true path.data=Ns="" path.home=Ns="" path.logs=Ns="" path.repo=Ns=""
path.shared_data=Ns="" plugin.mandatory=Ns=[] readiness.port=Ns=-1
remote_cluster.bind_host=Ns=[] remote_cluster.host=Ns=[]
remote_cluster.max_request_header_size=Ns=64kb remote_cluster.port=Ns=9443
remote_cluster.publish_host=Ns=[] remote_cluster.publish_port=Ns=-1
remote_cluster.tcp.keep_alive=Ns=true remote_cluster.tcp.keep_count=Ns=-1
remote_cluster.tcp.keep_idle=Ns=-1 remote_cluster.tcp.keep_interval=Ns=-1
remote_cluster.tcp.no_delay=Ns=true remote_cluster.tcp.reuse_address=Ns=true
remote_cluster.tcp.send_buffer_size=Ns=-1b remote_cluster_server.enabled=Ns=false
repositories.blobstore.max_heap_size_for_snapshot_deletion=Dz=25%
repositories.default_repository=Ds="" repositories.fs.chunk_size=Ns=9223372036854775807b
repositories.fs.location=Ns="" resource.reload.enabled=Ns=true
resource.reload.interval.high=Ns=5s resource.reload.interval.low=Ns=60s
resource.reload.interval.medium=Ns=30s rest.action.multi.allow_explicit_index=Ns=true
rest.incremental_bulk.request_timeout=Dt=-1 rest.incremental_bulk=Db=true
script.allowed_contexts=Ns=[] script.allowed_types=Ns=[] script.cache.expire=Dt=0ms
script.cache.max_size=Di0=3000 script.disable_max_compilations_rate=Ns=false
script.max_compilations_rate=Ds=150/5m script.max_size_in_bytes=Di0=65535
search.aggs.allowed_inline_metric_scripts=Ds=[] search.aggs.allowed_stored_metric_scripts=Ds=[]
search.aggs.only_allowed_metric_scripts=Db=false search.aggs.rewrite_to_filter_by_filter=Db=true
search.aggs.tdigest_execution_hint=Ds=DEFAULT search.allow_expensive_queries=Db=true
search.batched_query_phase=Db=true search.ccs.collect_telemetry=Db=true
search.check_ccs_compatibility=Ns=false search.default_allow_partial_results=Db=true
search.default_keep_alive=Dt=5m search.default_search_timeout=Dt=-1
search.fetch_phase_chunked_enabled=Db=true search.fetch_phase_chunked_max_in_flight_chunks=Di1=3
search.fetch_phase_chunked_target_chunk_bytes=Dz=1mb
search.highlight.term_vector_multi_value=Ns=true search.keep_alive_interval=Ns=1m
search.low_level_cancellation=Db=true search.max_async_search_response_size=Dz=10mb
search.max_buckets=Di0=65536 search.max_keep_alive=Dt=24h search.max_open_scroll_context=Di0=500
search.memory_accounting_buffer_size=Dz=1mb
search.online_prewarming_threshold_poolsize_factor=Ns=10 search.pit_relocation_enabled=Db=false
search.query_phase_parallel_collection_enabled=Db=true
search.task_watchdog.cooldown_period=Dt=30s search.task_watchdog.coordinator_threshold=Dt=3s
search.task_watchdog.data_node_threshold=Dt=3s search.task_watchdog.enabled=Db=false
search.task_watchdog.interval=Dt=1s search.worker_threads_enabled=Db=true
security.manager.filter_bad_defaults=Ns=true snapshot.max_concurrent_operations=Di1=1000
snapshot.refresh_repo_uuid_on_restore=Db=true snapshots.shutdown.progress.interval=Dt=5s
stateless.get.realtime.wait_for_active_primary_timeout=Dt=2m
synonyms.max_synonym_rules=Di1=100000 thread_pool.analyze.queue_size=Ns=16
thread_pool.analyze.size=Ns=1 thread_pool.auto_complete.queue_size=Ns=100
thread_pool.auto_complete.size=Ns=1 thread_pool.cluster_coordination.queue_size=Ns=-1
thread_pool.cluster_coordination.size=Ns=1
thread_pool.estimated_time_interval.warn_threshold=Ns=5s
thread_pool.estimated_time_interval=Ns=200ms thread_pool.fetch_shard_started.core=Ns=1
thread_pool.fetch_shard_started.keep_alive=Ns=5m thread_pool.fetch_shard_started.max=Ns=4
thread_pool.fetch_shard_store.core=Ns=1 thread_pool.fetch_shard_store.keep_alive=Ns=5m
thread_pool.fetch_shard_store.max=Ns=4 thread_pool.flush.core=Ns=1
thread_pool.flush.keep_alive=Ns=5m thread_pool.flush.max=Ns=1
thread_pool.force_merge.queue_size=Ns=-1 thread_pool.force_merge.size=Ns=1
thread_pool.generic.core=Ns=4 thread_pool.generic.keep_alive=Ns=30s
thread_pool.generic.max=Ns=128 thread_pool.get.queue_size=Ns=1000 thread_pool.get.size=Ns=4
thread_pool.management.core=Ns=1 thread_pool.management.keep_alive=Ns=5m
thread_pool.management.max=Ns=2 thread_pool.merge.core=Ns=1 thread_pool.merge.keep_alive=Ns=5m
thread_pool.merge.max=Ns=2 thread_pool.refresh.core=Ns=1 thread_pool.refresh.keep_alive=Ns=5m
thread_pool.refresh.max=Ns=1 thread_pool.scheduler.warn_threshold=Ns=5s
thread_pool.search.queue_size=Ns=4000 thread_pool.search.size=Ns=4
thread_pool.search_coordination.queue_size=Ns=1000 thread_pool.search_coordination.size=Ns=1
thread_pool.search_throttled.queue_size=Ns=0 thread_pool.search_throttled.size=Ns=0
thread_pool.search_worker.queue_size=Ns=0 thread_pool.search_worker.size=Ns=0
thread_pool.snapshot.core=Ns=1 thread_pool.snapshot.keep_alive=Ns=5m
thread_pool.snapshot.max=Ns=1 thread_pool.snapshot_meta.core=Ns=1
thread_pool.snapshot_meta.keep_alive=Ns=30s thread_pool.snapshot_meta.max=Ns=6
thread_pool.system_critical_read.queue_size=Ns=2000 thread_pool.system_critical_read.size=Ns=1
thread_pool.system_critical_write.queue_size=Ns=1500 thread_pool.system_critical_write.size=Ns=1
thread_pool.system_read.queue_size=Ns=2000 thread_pool.system_read.size=Ns=1
thread_pool.system_write.queue_size=Ns=1000 thread_pool.system_write.size=Ns=1
thread_pool.system_write_coordination.queue_size=Ns=1000
thread_pool.system_write_coordination.size=Ns=1 thread_pool.warmer.core=Ns=1
thread_pool.warmer.keep_alive=Ns=5m thread_pool.warmer.max=Ns=1
thread_pool.write.ewma_alpha=Ns=0.02 thread_pool.write.queue_size=Ns=10000
thread_pool.write.size=Ns=2 thread_pool.write.utilization_ewmr.half_life=Ns=5m
thread_pool.write_coordination.queue_size=Ns=10000 thread_pool.write_coordination.size=Ns=2
transport.bind_host=Ns=[] transport.compress=Ns=INDEXING_DATA
transport.compression_scheme=Ns=LZ4 transport.connect_timeout=Ns=30s
transport.connections_per_node.bulk=Ns=3 transport.connections_per_node.ping=Ns=1
transport.connections_per_node.recovery=Ns=2 transport.connections_per_node.reg=Ns=6
transport.connections_per_node.state=Ns=1 transport.enable_stack_protection=Ns=false
transport.host=Ns="" transport.netty.boss_count=Ns=1
transport.netty.receive_predictor_max=Ns=64kb transport.netty.receive_predictor_min=Ns=64kb
transport.netty.receive_predictor_size=Ns=64kb transport.netty.worker_count=Ns=2
transport.ping_schedule=Ns=-1 transport.port=Ns="" transport.publish_host=Ns=[]
transport.publish_port=Ns=-1 transport.rst_on_close=Ns=false
transport.slow_operation_logging_threshold=Dt=5s transport.tcp.keep_alive=Ns=true
transport.tcp.keep_count=Ns=-1 transport.tcp.keep_idle=Ns=-1 transport.tcp.keep_interval=Ns=-1
transport.tcp.no_delay=Ns=true transport.tcp.receive_buffer_size=Ns=-1b
transport.tcp.reuse_address=Ns=true transport.tcp.send_buffer_size=Ns=-1b
transport.tracer.exclude=Ds=[internal:coordination/fault_detection/*]
transport.tracer.include=Ds=[] transport.type.default=Ns="" transport.type=Ns=""
`;
