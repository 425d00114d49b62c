/** Bodies for what only a server with its modules has: processors, changes by query, templates. */
import type { BodyBase } from "./body-base.ts";
import { processors, simulated } from "./processor-bodies.ts";
import { relationBodies } from "./relation-bodies.ts";

type Json = Readonly<Record<string, unknown>>;

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
  ...relationBodies,
];
