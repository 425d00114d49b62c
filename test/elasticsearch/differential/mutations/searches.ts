/** Searches with as many of the parts of their bodies as can stand together. */
import { mutatedIndex } from "./mutated-index.ts";

type Json = Readonly<Record<string, unknown>>;

export const searches: readonly Json[] = [
  {
    query: { match: { t: "fox" } },
    from: 0,
    size: 2,
    sort: [
      {
        l: {
          order: "desc",
          mode: "max",
          missing: "_first",
          unmapped_type: "long",
          numeric_type: "double",
        },
      },
      { f: { order: "asc", format: "yyyy" } },
      "_score",
      { "n.a": { nested: { path: "n", filter: { term: { "n.a": 1 } }, max_children: 1 } } },
    ],
    track_scores: true,
    track_total_hits: true,
    min_score: 0.1,
    terminate_after: 100,
    timeout: "1s",
    version: true,
    seq_no_primary_term: true,
    explain: false,
    profile: false,
    stats: ["a"],
    indices_boost: [{ [mutatedIndex]: 2 }],
    search_after: [1, "2020", 1, 1],
  },
  {
    query: { match: { t: "fox" } },
    _source: { includes: ["k"], excludes: ["l"] },
    fields: [{ field: "f", format: "yyyy", include_unmapped: true }, "k"],
    docvalue_fields: [{ field: "f", format: "yyyy" }],
    stored_fields: ["k"],
    post_filter: { term: { k: "red" } },
  },
  {
    query: { match: { t: "fox" } },
    highlight: {
      type: "unified",
      fragment_size: 10,
      number_of_fragments: 2,
      order: "score",
      pre_tags: ["<b>"],
      post_tags: ["</b>"],
      encoder: "html",
      require_field_match: true,
      no_match_size: 5,
      boundary_scanner: "word",
      boundary_scanner_locale: "en",
      boundary_max_scan: 10,
      boundary_chars: ".",
      tags_schema: "styled",
      highlight_query: { match_all: {} },
      phrase_limit: 10,
      fields: {
        t: { type: "plain", fragment_size: 5, fragmenter: "span", number_of_fragments: 1 },
        t2: {},
      },
    },
  },
  {
    query: { match: { t: "fox" } },
    collapse: {
      field: "i",
      inner_hits: { name: "x", size: 1, sort: ["d"], from: 0 },
      max_concurrent_group_searches: 2,
    },
  },
  {
    query: { match: { t: "fox" } },
    rescore: [
      {
        window_size: 5,
        query: {
          rescore_query: { term: { k: "red" } },
          query_weight: 0.5,
          rescore_query_weight: 2,
          score_mode: "multiply",
        },
      },
    ],
  },
  {
    suggest: {
      text: "rad fx",
      s: {
        text: "rad",
        term: {
          field: "t",
          size: 2,
          sort: "score",
          suggest_mode: "always",
          max_edits: 2,
          prefix_length: 0,
          min_word_length: 1,
          max_inspections: 5,
          min_doc_freq: 0,
          max_term_freq: 0.5,
          string_distance: "internal",
          shard_size: 5,
          analyzer: "standard",
        },
      },
      p: {
        phrase: {
          field: "t",
          gram_size: 1,
          real_word_error_likelihood: 0.9,
          confidence: 0,
          max_errors: 1,
          separator: " ",
          size: 2,
          shard_size: 5,
          force_unigrams: true,
          token_limit: 5,
          highlight: { pre_tag: "<b>", post_tag: "</b>" },
          direct_generator: [
            {
              field: "t",
              min_word_length: 1,
              suggest_mode: "always",
              size: 3,
              max_edits: 1,
              prefix_length: 0,
            },
          ],
          smoothing: { laplace: { alpha: 0.5 } },
        },
      },
    },
  },
  {
    runtime_mappings: { rt: { type: "keyword" }, rd: { type: "date", format: "yyyy" } },
    fields: ["rt"],
    query: { term: { rt: "x" } },
  },
  {
    size: 0,
    aggs: {
      x: {
        histogram: { field: "l", interval: 1 },
        aggs: {
          m: { sum: { field: "d" } },
          c: { cumulative_sum: { buckets_path: "m", format: "0.0" } },
          s: { serial_diff: { buckets_path: "m", lag: 1, gap_policy: "skip", format: "0.0" } },
        },
        meta: { a: 1 },
      },
      y: { avg_bucket: { buckets_path: "x>m", gap_policy: "skip", format: "0.0" } },
      z: { percentiles_bucket: { buckets_path: "x>m", percents: [50], keyed: true } },
      w: { extended_stats_bucket: { buckets_path: "x>m", sigma: 2 } },
    },
  },
];
