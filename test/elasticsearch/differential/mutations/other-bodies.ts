/** Bodies about documents, snapshots and the cluster. */
import type { BodyBase } from "./body-base.ts";

/** Requests about documents, snapshots, pipelines and shards. */
export const otherBodies: readonly BodyBase[] = [
  {
    ask: "PUT /_ingest/pipeline/p1",
    body: { description: "x", version: 1, processors: [], _meta: { a: 1 } },
    after: ["GET /_ingest/pipeline/p1", "DELETE /_ingest/pipeline/p1"],
  },
  {
    ask: "POST /_ingest/pipeline/_simulate",
    body: {
      pipeline: { description: "x", version: 1, processors: [] },
      docs: [{ _index: "i", _id: "1", _routing: "r", _source: { a: 1 } }],
    },
    mask: ["docs.*.doc._ingest.timestamp"],
  },
  {
    ask: "PUT /_snapshot/r2",
    body: {
      type: "fs",
      settings: {
        location: "x",
        compress: true,
        chunk_size: "1gb",
        readonly: false,
        max_restore_bytes_per_sec: "1gb",
        max_number_of_snapshots: 10,
      },
    },
    after: ["GET /_snapshot/r2", "DELETE /_snapshot/r2"],
  },
  {
    before: [{ ask: "PUT /_snapshot/r1", body: { type: "fs", settings: { location: "r1" } } }],
    ask: "PUT /_snapshot/r1/s1?wait_for_completion=true",
    body: {
      indices: ["i1"],
      ignore_unavailable: true,
      include_global_state: false,
      partial: false,
      metadata: { a: 1 },
    },
    after: ["GET /_snapshot/r1/*", "DELETE /_snapshot/r1/s1"],
  },
  {
    before: [
      { ask: "PUT /_snapshot/r1", body: { type: "fs", settings: { location: "r1" } } },
      {
        ask: "PUT /_snapshot/r1/s1?wait_for_completion=true",
        body: { indices: ["i1"], include_global_state: false },
      },
    ],
    ask: "POST /_snapshot/r1/s1/_restore?wait_for_completion=true",
    body: {
      indices: ["i1"],
      ignore_unavailable: true,
      include_global_state: false,
      include_aliases: false,
      partial: false,
      rename_pattern: "i1",
      rename_replacement: "q1",
      index_settings: { "index.refresh_interval": "1s" },
      ignore_index_settings: ["index.max_result_window"],
    },
    after: ["GET /q1", "DELETE /q1", "DELETE /_snapshot/r1/s1"],
  },
  {
    before: [
      { ask: "PUT /_snapshot/r1", body: { type: "fs", settings: { location: "r1" } } },
      {
        ask: "PUT /_snapshot/r1/s1?wait_for_completion=true",
        body: { indices: ["i1"], include_global_state: false },
      },
    ],
    ask: "PUT /_snapshot/r1/s1/_clone/s2",
    body: { indices: "i1" },
    after: ["GET /_snapshot/r1/s2", "DELETE /_snapshot/r1/s1,s2"],
  },
  {
    ask: "POST /_cluster/reroute",
    body: { commands: [{ cancel: { index: "i1", shard: 0, node: "x", allow_primary: true } }] },
  },
  {
    ask: "POST /_cluster/allocation/explain",
    body: { index: "i1", shard: 0, primary: true },
    mask: ["current_node.attributes", "node_allocation_decisions.*.node_attributes"],
  },
  {
    ask: "POST /i1/_analyze",
    body: { analyzer: "standard", text: ["a b"], explain: false, attributes: ["x"] },
  },
  {
    ask: "POST /i1/_analyze",
    body: { tokenizer: "standard", filter: ["lowercase"], char_filter: [], text: "x" },
  },
  {
    ask: "POST /_analyze",
    body: {
      tokenizer: "standard",
      filter: [{ type: "stop", stopwords: ["a"], ignore_case: true }],
      text: "x a",
      explain: true,
    },
  },
  { ask: "POST /i1/_analyze", body: { field: "t", text: "x" } },
  {
    ask: "POST /_mget",
    body: {
      docs: [
        {
          _index: "i1",
          _id: "1",
          routing: "1",
          _source: { include: ["a"], exclude: ["b"] },
          stored_fields: ["s"],
          version: 1,
          version_type: "internal",
        },
      ],
    },
  },
  { ask: "POST /i1/_mget", body: { ids: ["1"] } },
  {
    ask: "POST /i1/_update/1?refresh=true",
    body: {
      doc: { b: 1 },
      doc_as_upsert: true,
      detect_noop: false,
      _source: { includes: ["a"], excludes: ["c"] },
    },
    after: ["GET /i1/_doc/1?filter_path=_source"],
  },
  {
    ask: "POST /i1/_update/77?refresh=true",
    body: { doc: { b: 1 }, upsert: { c: 1 }, detect_noop: true, _source: true },
    after: ["GET /i1/_doc/77?filter_path=_source", "DELETE /i1/_doc/77"],
  },
  {
    ask: "POST /i1/_termvectors/1",
    body: {
      fields: ["t"],
      offsets: true,
      positions: true,
      payloads: true,
      term_statistics: true,
      field_statistics: false,
      per_field_analyzer: { t: "standard" },
      routing: "1",
      version: 1,
      version_type: "internal",
    },
  },
  {
    ask: "POST /i1/_termvectors",
    body: {
      doc: { t: "a b" },
      fields: ["t"],
      filter: { max_num_terms: 3, min_term_freq: 1, min_doc_freq: 0, max_word_length: 5 },
    },
    // The real server reads on for ever where it is no object.
    keeps: (path) => path.join(".") === "filter",
  },
  { ask: "POST /i1/_mtermvectors", body: { ids: ["1"], parameters: { fields: ["t"] } } },
  {
    ask: "POST /_mtermvectors",
    body: { docs: [{ _index: "i1", _id: "1", fields: ["t"], offsets: false }] },
  },
  { ask: "POST /i1/_explain/1", body: { query: { term: { a: 1 } } } },
  { ask: "POST /i1/_count", body: { query: { term: { a: 1 } } } },
  { ask: "POST /i1/_validate/query", body: { query: { term: { a: 1 } } } },
  {
    ask: "POST /i1/_field_caps",
    body: {
      fields: ["a"],
      index_filter: { term: { a: 1 } },
      runtime_mappings: { x: { type: "long" } },
    },
  },
  { ask: "POST /i1/_search_shards", body: { query: { term: { a: 1 } } } },
  { ask: "POST /_pit", body: { index_filter: { match_none: {} } } },
  {
    before: [{ ask: "POST /i1/_pit?keep_alive=1m", keep: { pit: "id" } }],
    ask: "POST /_search",
    body: {
      pit: { id: "${pit}", keep_alive: "1m" },
      sort: ["_shard_doc"],
      size: 1,
      slice: { id: 0, max: 2 },
      track_total_hits: true,
    },
  },
  {
    before: [{ ask: "DELETE /_search/scroll/_all?filter_path=succeeded" }],
    ask: "POST /i1/_search?scroll=1m",
    body: { size: 1, slice: { id: 0, max: 2, field: "_id" }, query: { match_all: {} } },
  },
  {
    before: [{ ask: "PUT /i1/_settings", body: { "index.blocks.write": true } }],
    ask: "POST /i1/_split/sp",
    body: { settings: { "index.number_of_shards": 2 }, aliases: { cc: { is_hidden: true } } },
    after: ["GET /sp", "DELETE /sp"],
  },
  {
    before: [{ ask: "PUT /i1/_settings", body: { "index.blocks.write": true } }],
    ask: "POST /i1/_clone/cl",
    body: { settings: { "index.number_of_replicas": 0 }, aliases: { cc: { routing: "1" } } },
    after: ["GET /cl", "DELETE /cl"],
  },
  {
    before: [{ ask: "PUT /i1/_settings", body: { "index.blocks.write": true } }],
    ask: "POST /i1/_shrink/sh",
    body: { settings: {}, aliases: {}, max_primary_shard_size: "1gb" },
    after: ["GET /sh", "DELETE /sh"],
  },
  { ask: "POST /_search/scroll", body: { scroll: "1m", scroll_id: "x" } },
  { ask: "DELETE /_search/scroll", body: { scroll_id: ["x"] } },
  { ask: "DELETE /_pit", body: { id: "x" } },
  { ask: "POST /i1/_pit?keep_alive=1m", body: { index_filter: { term: { a: 1 } } } },
  {
    ask: "POST /_msearch",
    body: [
      {
        index: ["i1"],
        routing: "1",
        preference: "_local",
        search_type: "query_then_fetch",
        request_cache: true,
        ignore_unavailable: true,
        allow_no_indices: true,
        expand_wildcards: "open",
      },
      { query: { match_all: {} } },
    ],
  },
  {
    ask: "POST /_bulk?refresh=true",
    body: [
      {
        index: {
          _index: "i1",
          _id: "5",
          routing: "1",
          if_seq_no: 1,
          if_primary_term: 1,
          require_alias: false,
          list_executed_pipelines: false,
          dynamic_templates: { a: "x" },
        },
      },
      { a: 1 },
      { create: { _index: "i1", _id: "6", version: 3, version_type: "external" } },
      { a: 1 },
      { update: { _index: "i1", _id: "1", retry_on_conflict: 2, _source: ["a"] } },
      { doc: { a: 3 }, detect_noop: true },
      { delete: { _index: "i1", _id: "5" } },
    ],
    after: ["GET /i1/_mapping", "GET /i1/_search?sort=a&seq_no_primary_term=false"],
  },
];
