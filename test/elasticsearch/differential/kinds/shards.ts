/** Random searches over several shards, some of which may fail: groups, pages of buckets, hits. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, filled, index } from "./parts.ts";

const query = fc.constantFrom<Json>(
  { match_all: {} },
  { term: { k: "red" } },
  { range: { n: { gte: 1, lt: 4 } } },
  { range: { d: { lt: "2020-01-02" } } },
  { bool: { filter: [{ range: { n: { gte: 2 } } }] } },
  { bool: { must: [{ match: { t: "red" } }], should: [{ match: { t: "fox" } }] } },
  { constant_score: { filter: { exists: { field: "f" } }, boost: 2 } },
  { query_string: { query: "n:[1 TO 3]" } },
  { query_string: { query: "red NOT fox", fields: ["t"] } },
  { terms: { k: [] } },
);

const collapse = fc
  .tuple(
    fc.constantFrom("k", "n", "f", "h", "d", "x"),
    fc.option(
      settings(
        {
          size: fc.integer({ min: 0, max: 2 }),
          from: fc.constant(1),
          sort: fc.constant([{ n: "desc" }, { _doc: "asc" }]),
          fields: fc.constant(["k", "f"]),
          docvalue_fields: fc.constant([{ field: "f", format: "0.0" }]),
          version: fc.constant(true),
        },
        3,
      ),
      { nil: undefined },
    ),
  )
  .map(([field, inner]) => ({
    field,
    ...(inner === undefined ? {} : { inner_hits: { name: "g", _source: false, ...inner } }),
  }));

const source = fc.oneof(
  fc
    .tuple(fc.constantFrom("n", "k", "d", "f", "l"), settings({ order: fc.constant("desc") }))
    .map(([field, more]) => ({ terms: { field, ...more } })),
  fc.constant({ date_histogram: { field: "d", calendar_interval: "month" } }),
  fc.constant({ histogram: { field: "n", interval: 2 } }),
);

const aggregation = fc.oneof(
  fc
    .tuple(fc.array(source, { minLength: 1, maxLength: 2 }), fc.integer({ min: 1, max: 4 }))
    .map(([sources, size]) => ({
      composite: { size, sources: sources.map((one, at) => ({ [`s${at}`]: one })) },
    })),
  fc.constantFrom<Json>(
    { weighted_avg: { value: { field: "n" }, weight: { field: "l" } } },
    { extended_stats: { field: "f" } },
    { avg: { field: "l" } },
    { diversified_sampler: { field: "k" }, aggs: { z: { max: { field: "n" } } } },
    { terms: { field: "k" }, aggs: { z: { top_hits: { sort: [{ l: "desc" }], _source: false } } } },
    { significant_terms: { field: "k", min_doc_count: 1 } },
    { cardinality: { field: "d" } },
    { global: {}, aggs: { z: { sum: { field: "l" } } } },
  ),
);

const body = settings(
  {
    query,
    collapse,
    aggs: aggregation.map((x) => ({ x })),
    size: fc.integer({ min: 0, max: 4 }),
    from: fc.constantFrom(0, 1),
    sort: fc.constantFrom<unknown>([{ n: "asc" }, "_doc"], [{ k: "desc" }], ["_score", "l"]),
    post_filter: query,
    min_score: fc.constantFrom(0.5, 1.5),
    indices_boost: fc.constant([{ [index]: 3 }]),
    rescore: query.map((rescore_query) => ({ query: { rescore_query }, window_size: 2 })),
    runtime_mappings: fc.constant({ x: { type: "keyword" } }),
    highlight: fc.constant({ fields: { "t*": {}, k: { no_match_size: 4 } } }),
    docvalue_fields: fc.constant(["g", { field: "n", format: "000" }]),
    fields: fc.constant(["*"]),
    track_total_hits: fc.constantFrom<unknown>(false, 1),
  },
  5,
);

const line = fc.constantFrom(
  "",
  "",
  "?allow_partial_search_results=false",
  "?preference=_shards:1",
  "?routing=1",
  "?search_type=dfs_query_then_fetch",
  "?batched_reduce_size=2&typed_keys=true",
);

const document = fc.record(
  {
    n: fc.constantFrom<unknown>(0, 1, 3, 5, [1, 5], [2, 3]),
    l: fc.constantFrom<unknown>(0, 7, 9007199254740991, [1, 2]),
    k: fc.constantFrom<unknown>("red", "blue", ["red", "blue"], ""),
    f: fc.constantFrom<unknown>(3.7, 0.1, [1.5, 2.5], 1e15),
    h: fc.constantFrom<unknown>(3.7, 0.1),
    d: fc.constantFrom<unknown>("2020-01-01", "2020-02-29", ["2019-01-01", "2020-01-01"]),
    t: fc.constantFrom("red", "red fox", "the blue fox"),
    g: fc.constantFrom<unknown>("10,20", ["41.12,-71.34", "10,20"]),
  },
  { requiredKeys: [] },
);

const properties = {
  n: { type: "integer" },
  l: { type: "long" },
  k: { type: "keyword" },
  f: { type: "float" },
  h: { type: "half_float" },
  d: { type: "date" },
  t: { type: "text", fields: { raw: { type: "keyword" } } },
  g: { type: "geo_point" },
};

/** Searches over two or three shards. */
export const shards = fc
  .tuple(
    fc.array(document, { minLength: 3, maxLength: 9 }),
    fc.constantFrom(2, 3),
    asked(
      fc.tuple(line, body).map(([more, one]): Step => ({
        ask: `POST /${index}/_search${more}`,
        body: one,
      })),
    ),
  )
  .map(([documents, number_of_shards, steps]) => [
    ...filled({ properties }, documents, { number_of_shards }),
    ...steps,
  ]);
