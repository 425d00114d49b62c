/**
 * The settings of an index without their `index.`: `NAME=CLASS KIND=DEFAULT`, without the space.
 * Class: D can be changed at any time, S while the index is closed, F never, P and I by the server
 * only. Kind: b boolean, i number with its least value if it has one, t duration, z size, p
 * percentage or size, s text. Facts of Elasticsearch 9.5, found by asking a real node for its
 * defaults and for changes of each.
 */
export const indexSettingTable: string = `
allocation.existing_shards_allocator=Ps=gateway_allocator allocation.max_retries=Di0=5
analyze.max_token_count=Di1=10000 auto_expand_replicas=Ds=false blocks.metadata=Db=false
blocks.read=Db=false blocks.read_only=Db=false blocks.read_only_allow_delete=Db=false
blocks.write=Db=false bloom_filter_for_id_field.enabled=Db=true codec=Ss=default
compound_format=Ds=1gb data_path=Ss="" default_pipeline=Ds=_none
dense_vector.experimental_features=Fb=false dense_vector.hnsw_enable_early_termination=Db=true
dense_vector.hnsw_filter_heuristic=Ds=ACORN
dense_vector.post_filter_selectivity_threshold=Pi=1.0 dimensions=Ps=[]
dimensions_tsid_strategy_enabled=Fb=true disable_sequence_numbers=Fb=false
downsample.interval=Is="" downsample.origin.name=Ps="" downsample.origin.uuid=Ps=""
downsample.sampling_method=Is="" downsample.source.name=Ps="" downsample.source.uuid=Ps=""
downsample.status=Is=unknown failure_store.version=Si=0 fast_refresh=Fb=false
fielddata.cache=Ss=node final_pipeline=Ds=_none flush_after_merge=Dz=512mb
force_memory_term_dictionary=Sb=false format=Fi=0 gc_deletes=Dt=60s hidden=Db=false
highlight.max_analyzed_offset=Di1=1000000 highlight.weight_matches_mode.enabled=Db=true
indexing.slowlog.include.user=Db=false indexing.slowlog.reformat=Db=true
indexing.slowlog.source=Db=1000 indexing.slowlog.threshold.index.debug=Dt=-1
indexing.slowlog.threshold.index.info=Dt=-1 indexing.slowlog.threshold.index.trace=Dt=-1
indexing.slowlog.threshold.index.warn=Dt=-1 lifecycle.origination_date=Di-1=-1
lifecycle.parse_origination_date=Db=false lifecycle.prefer_ilm=Db=true
load_fixed_bitset_filters_eagerly=Sb=true logsdb.add_host_name_field=Pb=false
logsdb.route_on_sort_fields=Fb=false logsdb.sort_on_host_name=Pb=false
logsdb.sort_on_message_template=Pb=false mapper.dynamic=Db=true
mapping.array_objects.limit=Di1=50000 mapping.coerce=Sb=false mapping.depth.limit=Di1=20
mapping.dimension_fields.limit=Di0=32768 mapping.doc_values.multi_value=Fb=true
mapping.doc_values.nullability=Fb=true mapping.dynamic_strings.auto_text=Db=true
mapping.exclude_source_vectors=Fb=true
mapping.field_name_length.ignore_dynamic_beyond_limit=Db=false
mapping.field_name_length.limit=Di1=9223372036854775807
mapping.flattened.store_root_doc_values=Fb=false mapping.ignore_above=Si0=2147483647
mapping.ignore_malformed=Sb=false mapping.index_disabled_by_default=Fb=false
mapping.nested_fields.limit=Di0=100 mapping.nested_objects.limit=Di0=10000
mapping.nested_parents.limit=Di0=50 mapping.semantic_text.use_legacy_format=Ib=false
mapping.source.mode=Fs=STORED mapping.synthetic_id=Fb=false
mapping.synthetic_source.skip_ignored_source_read=Db=false
mapping.synthetic_source.skip_ignored_source_write=Db=false
mapping.synthetic_source_keep=Ss=none mapping.total_fields.ignore_dynamic_beyond_limit=Db=false
mapping.total_fields.limit=Di0=1000 mapping.use_columnar_id_mode_by_default=Fb=false
mapping.use_doc_values_skipper=Fb=false max_adjacency_matrix_filters=Di2=100
max_docvalue_fields_search=Di0=100 max_inner_result_window=Di1=100 max_ngram_diff=Di0=1
max_refresh_listeners=Di0=1000 max_regex_length=Di1=1000 max_rescore_window=Di1=10000
max_result_window=Di1=10000 max_script_fields=Di0=32 max_shingle_diff=Di0=3
max_slices_per_scroll=Di1=1024 max_terms_count=Di1=65536
merge.intra_merge_parallelism_enabled=Db=false merge.policy.deletes_pct_allowed=Di5=20.0
merge.policy.expunge_deletes_allowed=Di0=10.0 merge.policy.floor_segment=Dz=16mb
merge.policy.max_merge_at_once=Di2=16 merge.policy.max_merge_at_once_explicit=Di2=30
merge.policy.max_merged_segment=Dz=0b merge.policy.merge_factor=Di2=32
merge.policy.segments_per_tier=Di2=8.0 merge.policy.type=Ds=UNSET
merge.scheduler.auto_throttle=Db=true merge.scheduler.max_merge_count=Di1=6
merge.scheduler.max_thread_count=Di1=1 mode=Fs=standard number_of_replicas=Di0=1
number_of_routing_shards=Si1=1 number_of_shards=Fi1=1
priority=Di0=1 queries.cache.enabled=Sb=true query.default_field=Ds=[*]
query.parse.allow_unmapped_fields=Sb=true query_string.lenient=Sb=false recovery.type=Ss=""
recovery.use_synthetic_source=Fb=false refresh_interval=Dt=1s requests.cache.enable=Db=true
rollup.source.name=Ps="" rollup.source.uuid=Ps=""
routing.allocation.disk.watermark.ignore=Pb=false routing.allocation.enable=Ds=all
routing.allocation.total_shards_per_node=Di-1=-1 routing.rebalance.enable=Ds=all
routing_partition_size=Fi1=1 routing_path=Fs=[] search.idle.after=Dt=30s
search.slowlog.include.user=Db=false search.slowlog.threshold.fetch.debug=Dt=-1
search.slowlog.threshold.fetch.info=Dt=-1 search.slowlog.threshold.fetch.trace=Dt=-1
search.slowlog.threshold.fetch.warn=Dt=-1 search.slowlog.threshold.query.debug=Dt=-1
search.slowlog.threshold.query.info=Dt=-1 search.slowlog.threshold.query.trace=Dt=-1
search.slowlog.threshold.query.warn=Dt=-1 seq_no.index_options=Fs=POINTS_AND_DOC_VALUES
shard.check_on_startup=Ss=false shard_limit.group=Ps=normal slice.enabled=Fb=false
soft_deletes.enabled=Fb=true soft_deletes.retention.operations=Di0=0
soft_deletes.retention_lease.period=Dt=12h sort.field=Fs=[] sort.missing=Fs=[] sort.mode=Fs=[]
sort.order=Fs=[] store.fs.directio_async_prefetch_limit=Si0=64 store.fs.fs_lock=Ss=native
store.preload=Ss=[] store.stats_refresh_interval=St=10s store.type=Ss=""
synthetic_id.bloom_filter.high_bits_per_doc=Fi8=128.0
synthetic_id.bloom_filter.large_segment_min_docs=Fi=320000
synthetic_id.bloom_filter.low_bits_per_doc=Fi=24.0 synthetic_id.bloom_filter.max_size=Fz=8mb
synthetic_id.bloom_filter.num_hash_functions=Fi1=4
synthetic_id.bloom_filter.optimized_merge=Fb=true
synthetic_id.bloom_filter.small_segment_max_docs=Fi=160000
time_series.end_time=Ds=9999-12-31T23:59:59.999Z time_series.es87tsdb_codec.enabled=Fb=true
time_series.es95_codec.enabled=Fb=false time_series.start_time=Fs=-9999-01-01T00:00:00Z
time_series.temporality_field=Fs="" translog.durability=Ds=REQUEST
translog.flush_threshold_age=Dt=1m translog.flush_threshold_size=Dz=10gb
translog.generation_threshold_size=Dz=64mb translog.retention.age=Dt=-1
translog.retention.size=Dz=-1 translog.sync_interval=Dt=5s
unassigned.node_left.delayed_timeout=Dt=1m use_legacy_postings_format=Fb=false
use_time_series_doc_values_format=Fb=false
use_time_series_doc_values_format_large_binary_block_size=Fb=true
use_time_series_doc_values_format_large_block_size=Fb=false verified_before_close=Pb=false
verified_read_only=Pb=false version.compatibility=Pi=9111000 warmer.enabled=Db=true
write.wait_for_active_shards=Ds=1
`;
