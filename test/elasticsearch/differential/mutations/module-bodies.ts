/** Bodies for what only a server with its modules has: processors, changes by query, templates. */
import type { BodyBase } from "./body-base.ts";

type Json = Readonly<Record<string, unknown>>;

/** A processor of each kind with as many of its settings as can stand together. */
const processors: readonly Json[] = [
  { append: { field: "tags", value: ["x", "{{k}}"], allow_duplicates: false } },
  { bytes: { field: "size", target_field: "n", ignore_missing: true } },
  { convert: { field: "a", type: "long", target_field: "n", ignore_missing: false } },
  {
    csv: {
      field: "line",
      target_fields: ["x", "y"],
      separator: ",",
      quote: '"',
      trim: true,
      empty_value: "none",
      ignore_missing: true,
    },
  },
  {
    date: {
      field: "when",
      target_field: "at",
      formats: ["yyyy-MM-dd", "ISO8601"],
      timezone: "Europe/Berlin",
      locale: "en",
      output_format: "yyyy",
    },
  },
  {
    date_index_name: {
      field: "when",
      index_name_prefix: "p-",
      date_rounding: "M",
      date_formats: ["yyyy-MM-dd"],
      timezone: "UTC",
      locale: "en",
      index_name_format: "yyyy-MM",
    },
  },
  { dissect: { field: "t", pattern: "%{x} %{+x}", append_separator: "-", ignore_missing: true } },
  { dot_expander: { field: "d.e", path: "o" } },
  { dot_expander: { field: "d.e", override: true } },
  { drop: {} },
  { fail: { message: "no {{k}}" } },
  {
    foreach: {
      field: "list",
      processor: { uppercase: { field: "_ingest._value", tag: "u" } },
      ignore_missing: true,
    },
  },
  {
    grok: {
      field: "t",
      patterns: ["%{OWN:x} %{WORD:y}"],
      pattern_definitions: { OWN: "h[a-z]+" },
      trace_match: false,
      ignore_missing: true,
    },
  },
  {
    gsub: {
      field: "t",
      pattern: "l+",
      replacement: "L",
      target_field: "g",
      ignore_missing: true,
    },
  },
  { html_strip: { field: "t", target_field: "h", ignore_missing: false } },
  { join: { field: "list", separator: "-", target_field: "j" } },
  { json: { field: "text", target_field: "js", add_to_root: false } },
  { json: { field: "text", add_to_root: true } },
  {
    kv: {
      field: "pairs",
      field_split: " ",
      value_split: "=",
      target_field: "kv",
      include_keys: ["a", "b"],
      exclude_keys: ["c"],
      ignore_missing: true,
      prefix: "p_",
      trim_key: " ",
      trim_value: " ",
      strip_brackets: true,
    },
  },
  { lowercase: { field: "k", target_field: "low", ignore_missing: true } },
  { pipeline: { name: "p0" } },
  { remove: { field: ["k", "none"], ignore_missing: true } },
  { rename: { field: "k", target_field: "kk", ignore_missing: true } },
  {
    script: {
      lang: "painless",
      source: "ctx.n = params.x",
      params: { x: 1 },
    },
  },
  { set: { field: "s.x", value: "{{k}}", override: false, ignore_empty_value: true } },
  { sort: { field: "list", order: "desc", target_field: "so" } },
  {
    split: {
      field: "t",
      separator: " ",
      target_field: "sp",
      preserve_trailing: true,
      ignore_missing: true,
    },
  },
  { trim: { field: "t", target_field: "tr", ignore_missing: true } },
  { uppercase: { field: "k", target_field: "up", ignore_missing: true } },
  { urldecode: { field: "url", target_field: "u", ignore_missing: true } },
];

const source: Json = {
  a: "12",
  k: "Red",
  t: "hello world",
  size: "1kb",
  line: 'x, "y"',
  when: "2020-01-02",
  list: ["b", "a"],
  text: '{"x":1}',
  pairs: "a=[1] b=2 c=3",
  url: "a%20b",
  "d.e": 1,
};

const simulated = (pipeline: Json, ask = "POST /_ingest/pipeline/_simulate"): BodyBase => ({
  before: [{ ask: "PUT /_ingest/pipeline/p0", body: { processors: [] } }],
  ask,
  body: { pipeline, docs: [{ _index: "i", _id: "1", _routing: "r", _source: source }] },
  keeps: ([first]) => first === "docs",
  mask: ["docs.*.doc._ingest.timestamp"],
});

const common: Json = {
  if: "ctx.k == 'Red'",
  tag: "a",
  description: "of a test",
  ignore_failure: false,
  on_failure: [{ set: { field: "failed", value: "{{_ingest.on_failure_message}}" } }],
};

const twoDocuments: BodyBase["before"] = [
  { ask: "DELETE /src,dst?ignore_unavailable=true" },
  {
    ask: "POST /src/_bulk?refresh=true",
    body: [{ index: { _id: "1" } }, { a: 1, k: "x" }, { index: { _id: "2" } }, { a: 2, k: "y" }],
  },
];
const shown = ["GET /dst/_search?sort=a", "GET /src/_search?sort=a"];

/** A search whose body has aggregations, queries or fields of modules. */
const searched = (body: Json): BodyBase => ({ ask: "POST /i1/_search", body });

/** Requests that only a server with its modules answers. */
export const moduleBodies: readonly BodyBase[] = [
  ...processors.map((one) => simulated({ processors: [one] })),
  simulated({
    description: "x",
    version: 1,
    processors: [{ set: { field: "x", value: 1, ...common } }],
    on_failure: [{ set: { field: "y", value: 2 } }],
  }),
  simulated({ processors: [{ fail: { message: "x", ...common } }] }),
  simulated(
    { processors: [{ fail: { message: "x", ...common, ignore_failure: true } }] },
    "POST /_ingest/pipeline/_simulate?verbose",
  ),
  {
    ask: "PUT /_ingest/pipeline/p1",
    body: { description: "x", version: 1, processors: [{ set: { field: "x", value: 1 } }] },
    after: ["GET /_ingest/pipeline/p1", "DELETE /_ingest/pipeline/p1"],
  },
  {
    before: twoDocuments,
    ask: "POST /_reindex?refresh=true",
    body: {
      source: {
        index: ["src"],
        query: { term: { a: 1 } },
        _source: ["a"],
        size: 10,
      },
      dest: {
        index: "dst",
        op_type: "index",
        version_type: "internal",
        routing: "=x",
      },
      max_docs: 5,
      conflicts: "proceed",
      script: { lang: "painless", source: "ctx._source.b = params.x", params: { x: 1 } },
    },
    after: shown,
  },
  {
    before: twoDocuments,
    ask: "POST /src/_update_by_query?refresh=true",
    body: {
      query: { term: { a: 1 } },
      max_docs: 5,
      conflicts: "proceed",
      script: { lang: "painless", source: "ctx._source.b = params.x", params: { x: 1 } },
      slice: { id: 0, max: 2 },
    },
    after: shown,
  },
  {
    before: twoDocuments,
    ask: "POST /src/_delete_by_query?refresh=true",
    body: { query: { term: { a: 1 } }, max_docs: 5, conflicts: "proceed" },
    after: shown,
  },
  {
    before: twoDocuments,
    ask: "POST /src/_update/1?refresh=true",
    body: {
      script: { lang: "painless", source: "ctx._source.b = params.x", params: { x: 1 } },
      upsert: { a: 3 },
      scripted_upsert: false,
      _source: true,
    },
    after: shown,
  },
  {
    before: twoDocuments,
    ask: "POST /src/_update/3?refresh=true",
    body: {
      script: { source: "ctx._source.b = params.x", params: { x: 1 } },
      upsert: { a: 3 },
      scripted_upsert: true,
      _source: ["a"],
    },
    after: shown,
  },
  {
    ask: "POST /i1/_search/template",
    body: {
      source: '{"query":{"term":{"k":"{{v}}"}},"size":{{n}}}',
      params: { v: "x", n: 1 },
      explain: false,
      profile: false,
    },
  },
  {
    ask: "POST /_render/template",
    body: { source: { query: { term: { k: "{{v}}" } } }, params: { v: "x" } },
  },
  {
    ask: "POST /i1/_msearch/template",
    body: [
      { index: ["i1"], preference: "_local", search_type: "query_then_fetch" },
      { source: '{"size":{{n}}}', params: { n: 1 } },
    ],
  },
  {
    ask: "PUT /_scripts/s1",
    body: { script: { lang: "painless", source: "1 + 1", options: { a: "b" } } },
    after: ["GET /_scripts/s1", "DELETE /_scripts/s1"],
  },
  {
    ask: "POST /_scripts/painless/_execute",
    body: {
      script: { lang: "painless", source: "params.x + 1", params: { x: 1 } },
      context: "painless_test",
    },
  },
  {
    ask: "POST /i1/_rank_eval",
    body: {
      requests: [
        {
          id: "q",
          request: { query: { term: { k: "x" } } },
          ratings: [{ _index: "i1", _id: "1", rating: 1 }],
          params: {},
          summary_fields: ["a"],
        },
      ],
      metric: { precision: { k: 5, relevant_rating_threshold: 1, ignore_unlabeled: false } },
      max_concurrent_searches: 3,
    },
  },
  searched({
    size: 0,
    aggs: {
      x: {
        auto_date_histogram: { field: "f", buckets: 2, minimum_interval: "day", format: "yyyy" },
      },
    },
  }),
  searched({
    size: 0,
    aggs: { x: { adjacency_matrix: { filters: { p: { match_all: {} } }, separator: "&" } } },
  }),
  searched({
    size: 0,
    aggs: {
      x: {
        histogram: { field: "a", interval: 1 },
        aggs: {
          m: { sum: { field: "a" } },
          d: { derivative: { buckets_path: "m", gap_policy: "skip", format: "0.0", unit: "day" } },
          f: {
            moving_fn: {
              buckets_path: "m",
              window: 2,
              script: "MovingFunctions.max(values)",
              shift: 1,
              gap_policy: "skip",
              format: "0.0",
            },
          },
          s: {
            bucket_script: {
              buckets_path: { v: "m" },
              script: "params.v + 1",
              gap_policy: "skip",
              format: "0.0",
            },
          },
          e: { bucket_selector: { buckets_path: { v: "m" }, script: "params.v > 0" } },
          o: { bucket_sort: { sort: [{ m: { order: "desc" } }], from: 0, size: 3 } },
        },
      },
    },
  }),
  searched({
    size: 0,
    aggs: {
      x: {
        scripted_metric: {
          init_script: "state.x = 0",
          map_script: "state.x += 1",
          combine_script: "return state.x",
          reduce_script: "double s = 0; for (x in states) { s += x } return s",
          params: { y: 1 },
        },
      },
    },
  }),
  searched({
    size: 0,
    aggs: {
      x: { terms: { script: { source: "doc['a'].value + params.x", params: { x: 1 } } } },
    },
  }),
  searched({
    query: {
      script_score: {
        query: { match_all: {} },
        script: { source: "doc['a'].value * params.x", params: { x: 2 }, lang: "painless" },
        min_score: 1,
        boost: 2,
      },
    },
  }),
  searched({
    query: {
      script: { script: { source: "doc['a'].value > params.x", params: { x: 0 } }, boost: 2 },
    },
  }),
  searched({
    query: {
      function_score: {
        script_score: { script: { source: "_score * 2", lang: "painless" } },
        boost_mode: "replace",
      },
    },
  }),
  searched({
    sort: [
      {
        _script: {
          type: "number",
          script: { source: "doc['a'].value", lang: "painless" },
          order: "desc",
          mode: "max",
        },
      },
    ],
  }),
  searched({
    script_fields: {
      x: { script: { source: "doc['a'].value + 1", lang: "painless" }, ignore_failure: true },
    },
  }),
  {
    before: [
      { ask: "DELETE /jo?ignore_unavailable=true" },
      {
        ask: "PUT /jo",
        body: {
          mappings: {
            properties: {
              j: { type: "join", relations: { q: ["r"] } },
              p: { type: "percolator" },
              rf: { type: "rank_feature" },
              rs: { type: "rank_features" },
              k: { type: "keyword" },
            },
          },
        },
      },
      {
        ask: "POST /jo/_bulk?refresh=true",
        body: [
          { index: { _id: "1", routing: "1" } },
          { j: "q", k: "x", rf: 2, rs: { a: 3 } },
          { index: { _id: "2", routing: "1" } },
          { j: { name: "r", parent: "1" }, k: "y", rf: 4 },
          { index: { _id: "3" } },
          { p: { term: { k: "x" } } },
        ],
      },
    ],
    ask: "POST /jo/_search",
    body: {
      query: {
        bool: {
          should: [
            {
              has_child: {
                type: "r",
                query: { match_all: {} },
                score_mode: "max",
                min_children: 1,
                max_children: 5,
                ignore_unmapped: true,
                boost: 2,
                inner_hits: { size: 1 },
              },
            },
            {
              has_parent: {
                parent_type: "q",
                query: { match_all: {} },
                score: true,
                ignore_unmapped: true,
              },
            },
            { parent_id: { type: "r", id: "1", ignore_unmapped: true } },
            { percolate: { field: "p", document: { k: "x" }, name: "n" } },
            { rank_feature: { field: "rf", boost: 2, saturation: { pivot: 8 } } },
            { rank_feature: { field: "rs.a", log: { scaling_factor: 4 } } },
            { rank_feature: { field: "rf", sigmoid: { pivot: 7, exponent: 0.6 } } },
          ],
        },
      },
      aggs: { c: { children: { type: "r" } }, p: { parent: { type: "r" } } },
    },
  },
  ...[
    { j: { type: "join", relations: { q: ["r", "s"] }, eager_global_ordinals: true } },
    { p: { type: "percolator" } },
    { rf: { type: "rank_feature", positive_score_impact: false, meta: { a: "b" } } },
    { rs: { type: "rank_features" } },
    {
      sf: {
        type: "scaled_float",
        scaling_factor: 10,
        coerce: true,
        doc_values: true,
        ignore_malformed: true,
        index: true,
        null_value: 1.5,
        store: true,
        meta: { a: "b" },
      },
    },
    {
      st: {
        type: "search_as_you_type",
        max_shingle_size: 3,
        analyzer: "standard",
        search_analyzer: "simple",
        search_quote_analyzer: "simple",
        index: true,
        index_options: "offsets",
        norms: true,
        store: true,
        similarity: "BM25",
        term_vector: "yes",
      },
    },
    {
      tc: {
        type: "token_count",
        analyzer: "standard",
        enable_position_increments: true,
        doc_values: true,
        index: true,
        null_value: 1,
        store: true,
      },
    },
  ].map((properties): BodyBase => ({
    before: [{ ask: "DELETE /n1?ignore_unavailable=true" }, { ask: "PUT /n1", body: {} }],
    ask: "PUT /n1/_mapping",
    body: { properties },
    after: ["GET /n1/_mapping", "DELETE /n1"],
  })),
];
