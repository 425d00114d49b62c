/** Bodies about indices: settings, mappings, aliases, templates. */
import type { BodyBase } from "./body-base.ts";

type Json = Readonly<Record<string, unknown>>;

const newIndex: Json = {
  settings: {
    number_of_shards: 1,
    index: {
      refresh_interval: "1s",
      number_of_replicas: 0,
      analysis: {
        analyzer: { my: { type: "custom", tokenizer: "standard", filter: ["lowercase", "sw"] } },
        filter: { sw: { type: "stop", stopwords: ["a"] } },
      },
    },
    "index.max_result_window": 100,
  },
  mappings: {
    dynamic: true,
    date_detection: true,
    numeric_detection: false,
    dynamic_date_formats: ["yyyy"],
    _source: { enabled: true, includes: ["a"], excludes: ["b"] },
    _routing: { required: false },
    _meta: { x: 1 },
    properties: {
      a: { type: "long", index: true, coerce: true, null_value: 1, ignore_malformed: true },
      o: { type: "object", enabled: true, dynamic: false, properties: { z: { type: "ip" } } },
    },
    runtime: { rt: { type: "long" } },
    dynamic_templates: [
      {
        x: {
          match: "a*",
          unmatch: ["b"],
          path_match: "c.*",
          match_mapping_type: "string",
          match_pattern: "simple",
          mapping: { type: "keyword", ignore_above: 3 },
        },
      },
    ],
  },
  aliases: { q: { filter: { term: { a: 1 } }, routing: "1", is_hidden: false } },
};

/** A field of each type with the parameters that it has. */
const fields: Json = {
  k: {
    type: "keyword",
    ignore_above: 5,
    doc_values: true,
    index: true,
    store: false,
    norms: false,
    null_value: "n",
    eager_global_ordinals: true,
    index_options: "docs",
    split_queries_on_whitespace: true,
    similarity: "BM25",
    copy_to: ["z"],
    meta: { u: "v" },
    fields: { t: { type: "text" } },
  },
  t: {
    type: "text",
    analyzer: "standard",
    search_analyzer: "simple",
    search_quote_analyzer: "simple",
    fielddata: true,
    fielddata_frequency_filter: { min: 0.1, max: 1, min_segment_size: 2 },
    index_options: "positions",
    index_phrases: true,
    index_prefixes: { min_chars: 2, max_chars: 3 },
    norms: true,
    position_increment_gap: 2,
    term_vector: "yes",
    similarity: "boolean",
    store: true,
  },
  d: {
    type: "date",
    format: "yyyy",
    locale: "en",
    ignore_malformed: true,
    null_value: "2020",
    doc_values: true,
    store: true,
  },
  n: { type: "date_nanos", format: "yyyy", null_value: "2020", meta: {} },
  b: { type: "boolean", null_value: true, ignore_malformed: true, index: false },
  i: { type: "integer", null_value: 3, coerce: false, ignore_malformed: false, store: true },
  f: { type: "float", null_value: 1.5, coerce: false, index: false },
  l: { type: "long", null_value: 3, coerce: true, ignore_malformed: true, store: true },
  sh: { type: "short", null_value: 3 },
  do: { type: "double", null_value: 1.5, doc_values: true },
  hf: { type: "half_float", null_value: 1.5 },
  lr: { type: "long_range", coerce: false },
  fr: { type: "float_range", index: false },
  dor: { type: "double_range", doc_values: false },
  ipr: { type: "ip_range", store: true, meta: { u: "v" } },
  y: { type: "byte", null_value: 3 },
  ip: { type: "ip", null_value: "::1", ignore_malformed: true, store: true },
  g: { type: "geo_point", ignore_z_value: true, ignore_malformed: true, null_value: "1,2" },
  bi: { type: "binary", doc_values: true, store: true },
  fl: {
    type: "flattened",
    depth_limit: 3,
    ignore_above: 4,
    doc_values: true,
    eager_global_ordinals: false,
    index: true,
    index_options: "docs",
    null_value: "x",
    similarity: "BM25",
    split_queries_on_whitespace: false,
  },
  ir: { type: "integer_range", coerce: true, index: true, doc_values: true, store: true },
  dr: { type: "date_range", format: "yyyy", locale: "en" },
  dv: {
    type: "dense_vector",
    dims: 3,
    element_type: "float",
    index: true,
    similarity: "cosine",
    index_options: { type: "hnsw", m: 4, ef_construction: 20 },
  },
  sv: { type: "sparse_vector" },
  c: {
    type: "completion",
    analyzer: "simple",
    search_analyzer: "simple",
    preserve_separators: true,
    preserve_position_increments: true,
    max_input_length: 10,
    contexts: [{ name: "x", type: "category", path: "k" }],
  },
  ne: {
    type: "nested",
    dynamic: "strict",
    include_in_parent: true,
    include_in_root: true,
    properties: { z: { type: "long" } },
  },
  ob: { type: "object", dynamic: "false", enabled: true, subobjects: true },
  al: { type: "alias", path: "k" },
  z: { type: "keyword" },
};

/** A mapping with one of these fields, beside those that it names. */
function withField(name: string): BodyBase {
  return {
    before: [{ ask: "DELETE /n1?ignore_unavailable=true" }, { ask: "PUT /n1", body: {} }],
    ask: "PUT /n1/_mapping",
    body: {
      properties: {
        ...(name === "al" || name === "c" ? { k: { type: "keyword" } } : {}),
        [name]: fields[name],
      },
    },
    after: ["GET /n1/_mapping", "DELETE /n1"],
  };
}

const template: Json = {
  settings: { number_of_shards: 1, "index.refresh_interval": "1s" },
  mappings: { properties: { a: { type: "long" } }, _meta: { a: 1 } },
  aliases: { a: { filter: { term: { a: 1 } }, routing: "x" } },
  lifecycle: { enabled: true, data_retention: "7d" },
  data_stream_options: { failure_store: { enabled: false } },
};

/** Requests that make or change indices, and templates of them. */
export const indexBodies: readonly BodyBase[] = [
  { ask: "PUT /n1", body: newIndex, after: ["GET /n1", "DELETE /n1"] },
  ...Object.keys(fields).map(withField),
  {
    before: [
      { ask: "DELETE /n1?ignore_unavailable=true" },
      { ask: "PUT /n1", body: { mappings: { properties: { k: { type: "keyword" } } } } },
    ],
    ask: "PUT /n1/_mapping",
    body: {
      dynamic: "strict",
      properties: { zz: { type: "keyword", similarity: "BM25", copy_to: ["k"] } },
      _meta: { a: 1 },
      date_detection: true,
      numeric_detection: true,
      dynamic_templates: [{ a: { match: "x", runtime: { type: "long" } } }],
      runtime: { r: { type: "date", format: "yyyy" } },
    },
    after: ["GET /n1/_mapping", "DELETE /n1"],
  },
  {
    before: [{ ask: "DELETE /n1?ignore_unavailable=true" }, { ask: "PUT /n1", body: {} }],
    ask: "PUT /n1/_settings",
    body: {
      index: { number_of_replicas: 0, refresh_interval: "1s", max_result_window: 10_000 },
      "index.blocks.write": false,
      "routing.allocation.include._name": "x",
      "search.slowlog.threshold.query.warn": "1s",
    },
    after: ["GET /n1/_settings", "DELETE /n1"],
  },
  {
    ask: "PUT /_cluster/settings",
    body: {
      persistent: { "action.auto_create_index": "true", cluster: { max_shards_per_node: 900 } },
      transient: { "search.max_buckets": 100 },
    },
    after: ["GET /_cluster/settings"],
  },
  {
    before: [{ ask: "DELETE /n1?ignore_unavailable=true" }, { ask: "PUT /n1", body: {} }],
    ask: "POST /_aliases",
    body: {
      actions: [
        {
          add: {
            index: "i1",
            alias: "b",
            filter: { term: { a: 1 } },
            routing: "1",
            search_routing: "2",
            index_routing: "1",
            is_hidden: false,
            is_write_index: false,
          },
        },
        { add: { indices: ["i1"], aliases: ["c", "d"] } },
        { remove: { index: "i1", alias: "b", must_exist: true } },
        { remove_index: { index: "n1" } },
      ],
    },
    after: ["GET /_alias", "DELETE /i1/_alias/b,c,d"],
  },
  {
    ask: "PUT /i1/_alias/c",
    body: {
      filter: { term: { a: 1 } },
      routing: "1",
      index_routing: "1",
      search_routing: "2",
      is_write_index: false,
      is_hidden: true,
    },
    after: ["GET /i1/_alias", "DELETE /i1/_alias/c"],
  },
  {
    ask: "POST /roll/_rollover?dry_run",
    body: {
      conditions: {
        max_age: "1d",
        max_docs: 1,
        max_size: "1gb",
        max_primary_shard_size: "1gb",
        max_primary_shard_docs: 5,
        min_age: "1d",
        min_docs: 1,
      },
      settings: { number_of_replicas: 0 },
      mappings: { properties: { a: { type: "long" } } },
      aliases: { z: { filter: { term: { a: 1 } }, routing: "1" } },
    },
  },
  {
    before: [{ ask: "PUT /w-000001", body: { aliases: { wroll: { is_write_index: true } } } }],
    ask: "POST /wroll/_rollover",
    body: {
      conditions: { max_docs: 0 },
      settings: { number_of_replicas: 0 },
      mappings: { properties: { a: { type: "long" } } },
      aliases: { z: { routing: "1" } },
    },
    after: ["GET /w-*", "DELETE /w-000001", "DELETE /w-000002"],
  },
  {
    ask: "PUT /_component_template/ct",
    body: { template, version: 1, _meta: { a: 1 }, deprecated: false },
    after: ["GET /_component_template/ct", "DELETE /_component_template/ct"],
  },
  {
    before: [{ ask: "PUT /_component_template/c1", body: { template: {} } }],
    ask: "PUT /_index_template/it",
    body: {
      index_patterns: ["foo*"],
      template,
      composed_of: ["c1", "c2"],
      ignore_missing_component_templates: ["c2"],
      priority: 3,
      version: 2,
      _meta: { a: 1 },
      allow_auto_create: true,
      data_stream: { hidden: false, allow_custom_routing: false },
      deprecated: false,
    },
    after: ["GET /_index_template/it", "DELETE /_index_template/it"],
  },
  {
    ask: "PUT /_template/lt",
    body: {
      index_patterns: ["foo*"],
      order: 1,
      version: 2,
      settings: { number_of_shards: 1 },
      mappings: { properties: { a: { type: "long" } } },
      aliases: { a: { routing: "1" } },
    },
    after: ["GET /_template/lt", "DELETE /_template/lt"],
  },
  {
    ask: "POST /_index_template/_simulate_index/foo",
    body: { index_patterns: ["foo"], template: { settings: { number_of_shards: 1 } } },
  },
  {
    ask: "POST /_index_template/_simulate",
    body: {
      index_patterns: ["foo"],
      template: { settings: { number_of_shards: 1 }, aliases: { a: {} } },
    },
  },
];
