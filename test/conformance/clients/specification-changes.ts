/**
 * Tests of the 7.10.2 suite that a real Elasticsearch 9.5.3 fails, because it answers otherwise
 * than 7.10.2 did. Found by running the suite against the real node
 * (`specification-main.ts --url`); tests that fail there only because a module is not published
 * are not among them.
 */
type TestsByFile = Readonly<Record<string, readonly string[]>>;

/** The cat endpoint has other columns. */
const columns: TestsByFile = {
  "cat.allocation/10_basic.yml": [
    "Help",
    "Empty cluster",
    "One index",
    "Node ID",
    "All Nodes",
    "Column headers",
    "Bytes",
  ],
  "cat.health/10_basic.yml": ["Help", "Empty cluster", "With ts parameter"],
  "cat.indices/10_basic.yml": ["Test cat indices output"],
  "cat.indices/20_hidden.yml": [
    "Test cat indices output for hidden index",
    "Test cat indices output for dot-hidden index and dot-prefixed pattern",
    "Test cat indices output with a hidden index with a visible alias",
    "Test cat indices output with a hidden index with a hidden alias",
    "Test cat indices output with a hidden index, dot-hidden alias and dot pattern",
  ],
  "cat.nodes/10_basic.yml": ["Test cat nodes output"],
  "cat.recovery/10_basic.yml": [
    "Test cat recovery output",
    "Test cat recovery output for closed index",
  ],
  "cat.shards/10_basic.yml": ["Help", "Test cat shards output"],
  "cat.snapshots/10_basic.yml": ["Help", "Test cat snapshots output"],
};

/** They are about mapping types, which are gone since version 8. */
const types: TestsByFile = {
  "indices.create/10_basic.yml": ["Create index with explicit _doc type"],
  "indices.put_mapping/10_basic.yml": ["Put mappings with explicit _doc type"],
  "indices.put_template/10_basic.yml": ["Put template with explicit _doc type"],
  "indices.rollover/40_mapping.yml": ["Mappings with explicit _doc type"],
  "mget/21_alias_to_multiple_indices_with_types.yml": [
    "Multi Get with alias that resolves to multiple indices",
  ],
  "mlt/20_docs.yml": ["Basic mlt query with docs"],
  "mlt/30_unlike.yml": ["Basic mlt query with unlike"],
  "search/150_rewrite_on_coordinator.yml": ["Ensure that we fetch the document only once"],
  "search/160_exists_query.yml": ["Test exists query on _type field"],
};

/** A deprecation warning that is expected is gone with the deprecated thing. */
const warnings: TestsByFile = {
  "indices.create/10_basic.yml": ["Create index without soft deletes"],
  "indices.forcemerge/10_basic.yml": [
    "Check deprecation warning when incompatible only_expunge_deletes and max_num_segments " +
      "values are both set",
  ],
  "indices.stats/20_translog.yml": [
    "Translog retention without soft_deletes",
    "Translog retention settings are deprecated",
    "Translog stats on closed indices without soft-deletes",
  ],
  "search.aggregation/10_histogram.yml": ["Deprecated _time order"],
  "search.aggregation/20_terms.yml": ["Deprecated _term order"],
  "search.aggregation/230_composite.yml": ["Composite aggregation with format"],
  "search.aggregation/250_moving_fn.yml": ["Bad window deprecated interval"],
  "search/10_source_filtering.yml": ["docvalue_fields with default format"],
  "search/40_indices_boost.yml": ["Indices boost using object"],
};

/** Another answer, by a decision of a later version. */
const answers: TestsByFile = {
  "cluster.reroute/20_response_filtering.yml": ["return metadata if requested"],
  "cluster.voting_config_exclusions/10_basic.yml": [
    "Throw exception when adding voting config exclusion without specifying nodes",
    "Throw exception when adding voting config exclusion and specifying both node_ids and " +
      "node_names",
  ],
  "field_caps/10_basic.yml": ["Get leaves field caps"],
  "field_caps/30_filter.yml": ["Field caps with index filter"],
  "indices.get/10_basic.yml": ["Should return an exception when querying invalid indices"],
  "indices.get_mapping/50_wildcard_expansion.yml": ["Get test-* with wildcard_expansion=none"],
  "indices.sort/10_basic.yml": ["Index Sort"],
  "nodes.info/10_basic.yml": ["node_info role test"],
  "nodes.info/30_settings.yml": ["node_info test flat_settings"],
  "nodes.reload_secure_settings/10_basic.yml": [
    "node_reload_secure_settings test wrong password",
    "node_reload_secure_settings test correct(empty) password",
  ],
  "scroll/12_slices.yml": ["Sliced scroll"],
  "search.aggregation/10_histogram.yml": ["date_histogram profiler"],
  "search.aggregation/170_cardinality_metric.yml": ["profiler string"],
  "search.aggregation/180_percentiles_tdigest_metric.yml": [
    "Basic test",
    "Only aggs test",
    "Filtered test",
    "Metadata test",
    "Explicit Percents test",
    "Non-keyed test",
  ],
  "search.aggregation/190_percentiles_hdr_metric.yml": ["Negative values test"],
  "search.aggregation/200_top_hits_metric.yml": ["top_hits aggregation with sequence numbers"],
  "search.aggregation/20_terms.yml": ["string profiler via global ordinals"],
  "search/110_field_collapsing.yml": [
    "field collapsing and search_after",
    "field collapsing and rescore",
  ],
  "search/140_pre_filter_search_shards.yml": ["pre_filter_shard_size with shards that have no hit"],
  "search/240_date_nanos.yml": [
    "date_nanos requires dates after 1970 and before 2262",
    "doc value fields are working as expected across date and date_nanos fields",
  ],
  "search/30_limits.yml": ["Docvalues_fields size limit"],
  "search/310_match_bool_prefix.yml": [
    "multi_match multiple fields with cutoff_frequency throws exception",
  ],
  "search/330_fetch_fields.yml": ["Test disable source", "Test search rewrite"],
  "search_shards/10_basic.yml": ["Search shards aliases with and without filters"],
};

const reasons: Readonly<Record<string, TestsByFile>> = {
  "the columns are others since": columns,
  "mapping types are gone": types,
  "the warning is gone": warnings,
  "Elasticsearch 9 answers otherwise": answers,
};

/** Why a test says nothing about Elasticsearch 9; `undefined` for one that does. */
export function changedSince(path: string, test: string): string | undefined {
  const isListed = ([, files]: readonly [string, TestsByFile]): boolean =>
    files[path]?.includes(test) === true;
  return Object.entries(reasons).find(isListed)?.[0];
}
