/** Bodies about joins, percolators, features and other fields of modules. */
import type { BodyBase } from "./body-base.ts";

/** Requests that only a server with these types of fields answers. */
export const relationBodies: readonly BodyBase[] = [
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
