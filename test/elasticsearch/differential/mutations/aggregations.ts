/** Aggregations with as many of their settings as can stand together. */
type Json = Readonly<Record<string, unknown>>;

export const aggregations: readonly Json[] = [
  {
    terms: {
      field: "k",
      size: 2,
      shard_size: 10,
      min_doc_count: 1,
      shard_min_doc_count: 0,
      show_term_doc_count_error: true,
      order: { _count: "asc" },
      include: "r.*",
      exclude: ["x"],
      missing: "zz",
      collect_mode: "breadth_first",
      execution_hint: "map",
      value_type: "string",
    },
  },
  { terms: { field: "l", format: "0.0", order: [{ _key: "desc" }], include: [1, 3] } },
  { terms: { field: "f", format: "yyyy" } },
  {
    rare_terms: {
      field: "k",
      max_doc_count: 2,
      precision: 0.01,
      include: "r.*",
      exclude: "x",
      missing: "z",
    },
  },
  {
    significant_terms: {
      field: "k",
      size: 2,
      shard_size: 4,
      min_doc_count: 1,
      shard_min_doc_count: 1,
      background_filter: { match_all: {} },
      jlh: {},
      include: "r.*",
      execution_hint: "map",
    },
  },
  {
    significant_text: {
      field: "t",
      min_doc_count: 1,
      filter_duplicate_text: false,
      source_fields: ["t"],
      size: 3,
    },
  },
  {
    histogram: {
      field: "l",
      interval: 2,
      offset: 1,
      min_doc_count: 0,
      extended_bounds: { min: 0, max: 10 },
      hard_bounds: { min: -10, max: 20 },
      keyed: true,
      format: "0.0",
      missing: 1,
      order: { _key: "desc" },
    },
  },
  {
    date_histogram: {
      field: "f",
      calendar_interval: "month",
      offset: "+1d",
      min_doc_count: 1,
      extended_bounds: { min: "2020-01", max: "2020-06" },
      hard_bounds: { min: "2019-01", max: "2022-01" },
      keyed: true,
      format: "yyyy-MM",
      time_zone: "+01:00",
      missing: "2020-01",
      order: { _count: "asc" },
    },
  },
  { date_histogram: { field: "f", fixed_interval: "30d" } },
  {
    range: {
      field: "l",
      ranges: [{ from: 1, to: 3, key: "a" }, { from: 3 }],
      keyed: true,
      missing: 2,
      format: "0.0",
    },
  },
  {
    date_range: {
      field: "f",
      ranges: [{ from: "2020-01-01", to: "2022-01-01", key: "a" }, { to: "2020-06-01||/M" }],
      keyed: true,
      format: "yyyy-MM-dd",
      time_zone: "+01:00",
      missing: "2020-01-01",
    },
  },
  {
    ip_range: {
      field: "ip",
      ranges: [{ from: "10.0.0.0", to: "10.0.0.9", key: "a" }, { mask: "10.0.0.0/8" }],
      keyed: true,
    },
  },
  {
    ip_prefix: {
      field: "ip",
      prefix_length: 8,
      is_ipv6: false,
      append_prefix_length: true,
      keyed: true,
      min_doc_count: 1,
    },
  },
  {
    geo_distance: {
      field: "g",
      origin: { lat: 10, lon: 20 },
      ranges: [{ to: 100, key: "x" }, { from: 100 }],
      unit: "km",
      distance_type: "arc",
      keyed: true,
    },
  },
  {
    geohash_grid: {
      field: "g",
      precision: 3,
      size: 10,
      shard_size: 10,
      bounds: { top_left: "45,-80", bottom_right: "0,30" },
    },
  },
  { geotile_grid: { field: "g", precision: 3, size: 10 } },
  { filter: { term: { k: "red" } } },
  {
    filters: {
      filters: { a: { term: { k: "red" } }, b: { match_all: {} } },
      other_bucket: true,
      other_bucket_key: "rest",
      keyed: true,
    },
  },
  { filters: { filters: [{ term: { k: "red" } }] } },
  { missing: { field: "i" } },
  { global: {} },
  { nested: { path: "n" } },
  { sampler: { shard_size: 10 } },
  {
    diversified_sampler: {
      field: "k",
      shard_size: 10,
      max_docs_per_value: 1,
      execution_hint: "map",
    },
  },
  { random_sampler: { probability: 1, seed: 3, shard_seed: 1 } },
  {
    composite: {
      size: 2,
      sources: [
        {
          a: { terms: { field: "k", missing_bucket: true, missing_order: "first", order: "asc" } },
        },
        { b: { histogram: { field: "l", interval: 2 } } },
        {
          c: {
            date_histogram: {
              field: "f",
              calendar_interval: "month",
              format: "yyyy",
              time_zone: "+01:00",
              offset: "1d",
            },
          },
        },
      ],
      after: { a: "red", b: 1, c: "2020" },
    },
  },
  { variable_width_histogram: { field: "l", buckets: 2, shard_size: 10, initial_buffer: 10 } },
  { avg: { field: "l", missing: 1, format: "0.0" } },
  { sum: { field: "d", missing: 1 } },
  { max: { field: "f", format: "yyyy" } },
  { stats: { field: "l", missing: 1, format: "0" } },
  { extended_stats: { field: "l", sigma: 2, missing: 1, format: "0.0" } },
  { value_count: { field: "k", missing: "x" } },
  { cardinality: { field: "k", precision_threshold: 100, missing: "z", execution_hint: "direct" } },
  {
    percentiles: {
      field: "l",
      percents: [50, 90],
      keyed: false,
      tdigest: { compression: 100, execution_hint: "default" },
      missing: 1,
      format: "0.0",
    },
  },
  { percentiles: { field: "l", hdr: { number_of_significant_value_digits: 3 } } },
  { percentile_ranks: { field: "l", values: [1, 3], keyed: false, missing: 1, format: "0.0" } },
  { median_absolute_deviation: { field: "l", compression: 100, missing: 1, format: "0.0" } },
  {
    weighted_avg: {
      value: { field: "l", missing: 1 },
      weight: { field: "i", missing: 1 },
      format: "0.0",
    },
  },
  { geo_bounds: { field: "g", wrap_longitude: true } },
  { geo_centroid: { field: "g" } },
  {
    top_hits: {
      size: 1,
      from: 0,
      sort: [{ l: "desc" }],
      _source: ["k"],
      version: true,
      seq_no_primary_term: true,
      explain: false,
      track_scores: true,
      fields: ["k"],
      docvalue_fields: ["l"],
      stored_fields: ["k"],
      highlight: { fields: { t: {} } },
    },
  },
];
