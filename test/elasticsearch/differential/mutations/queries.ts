/** Queries with as many of their settings as can stand together. */
import { mutatedIndex } from "./mutated-index.ts";

type Json = Readonly<Record<string, unknown>>;

export const queries: readonly Json[] = [
  {
    bool: {
      must: [{ match_all: {} }],
      filter: { term: { k: "red" } },
      should: [{ term: { k: "blue" } }],
      must_not: [{ term: { k: "x" } }],
      minimum_should_match: 0,
      boost: 2,
      _name: "a",
      adjust_pure_negative: true,
    },
  },
  {
    boosting: {
      positive: { match: { t: "red" } },
      negative: { term: { k: "red" } },
      negative_boost: 0.5,
      boost: 2,
    },
  },
  { constant_score: { filter: { term: { k: "red" } }, boost: 2, _name: "x" } },
  {
    dis_max: {
      queries: [{ term: { k: "red" } }, { match: { t: "fox" } }],
      tie_breaker: 0.3,
      boost: 2,
    },
  },
  {
    match: {
      t: {
        query: "red fox",
        operator: "and",
        minimum_should_match: 1,
        fuzziness: 1,
        prefix_length: 1,
        max_expansions: 10,
        fuzzy_transpositions: true,
        lenient: true,
        zero_terms_query: "none",
        auto_generate_synonyms_phrase_query: true,
        analyzer: "standard",
        boost: 2,
        _name: "m",
      },
    },
  },
  {
    match_phrase: {
      t: { query: "red fox", slop: 1, analyzer: "standard", zero_terms_query: "none", boost: 2 },
    },
  },
  {
    match_phrase_prefix: {
      t: {
        query: "red f",
        slop: 1,
        max_expansions: 5,
        analyzer: "standard",
        zero_terms_query: "none",
      },
    },
  },
  {
    match_bool_prefix: {
      t: {
        query: "red f",
        operator: "or",
        minimum_should_match: 1,
        analyzer: "standard",
        fuzziness: 1,
      },
    },
  },
  {
    multi_match: {
      query: "red fox",
      fields: ["t", "t2^2"],
      type: "best_fields",
      operator: "or",
      tie_breaker: 0.3,
      minimum_should_match: 1,
      fuzziness: 1,
      lenient: true,
      analyzer: "standard",
      zero_terms_query: "none",
      boost: 2,
      slop: 1,
      prefix_length: 0,
      max_expansions: 5,
    },
  },
  {
    combined_fields: {
      query: "red fox",
      fields: ["t", "t2^2"],
      operator: "or",
      minimum_should_match: 1,
      zero_terms_query: "none",
      boost: 2,
      auto_generate_synonyms_phrase_query: true,
    },
  },
  {
    query_string: {
      query: "red fox",
      fields: ["t", "t2"],
      default_operator: "or",
      minimum_should_match: 1,
      lenient: true,
      tie_breaker: 0.2,
      phrase_slop: 1,
      fuzzy_prefix_length: 1,
      fuzzy_max_expansions: 10,
      allow_leading_wildcard: true,
      analyze_wildcard: false,
      boost: 2,
      type: "best_fields",
      time_zone: "+01:00",
      fuzziness: "AUTO",
      escape: false,
      max_determinized_states: 1000,
      enable_position_increments: true,
    },
  },
  { query_string: { query: "red", default_field: "t" } },
  {
    simple_query_string: {
      query: "red fox",
      fields: ["t", "t2"],
      default_operator: "or",
      flags: "ALL",
      minimum_should_match: 1,
      lenient: true,
      analyze_wildcard: false,
      boost: 2,
      fuzzy_prefix_length: 1,
      fuzzy_max_expansions: 5,
      fuzzy_transpositions: true,
      analyzer: "standard",
    },
  },
  { term: { k: { value: "red", boost: 2, case_insensitive: true, _name: "x" } } },
  { terms: { k: ["red", "blue"], boost: 2, _name: "x" } },
  { terms_set: { k: { terms: ["red", "blue"], minimum_should_match_field: "i", boost: 2 } } },
  {
    range: {
      l: { gte: 1, lt: 5, boost: 2, relation: "within", format: "yyyy", time_zone: "+01:00" },
    },
  },
  {
    range: {
      f: { gt: "2020-01-01", lte: "2021", format: "yyyy-MM-dd||yyyy", time_zone: "+01:00" },
    },
  },
  { range: { r: { gte: 1, relation: "contains" } } },
  { exists: { field: "k", boost: 2 } },
  { ids: { values: ["1", "2"], boost: 2 } },
  { prefix: { k: { value: "r", case_insensitive: true, rewrite: "constant_score", boost: 2 } } },
  { wildcard: { k: { value: "r*", case_insensitive: true, boost: 2, rewrite: "constant_score" } } },
  { wildcard: { k: { wildcard: "r*" } } },
  {
    regexp: {
      k: {
        value: "r.*",
        flags: "ALL",
        max_determinized_states: 1000,
        case_insensitive: true,
        boost: 2,
        rewrite: "constant_score",
      },
    },
  },
  {
    fuzzy: {
      k: {
        value: "rad",
        fuzziness: 1,
        prefix_length: 1,
        max_expansions: 5,
        transpositions: true,
        boost: 2,
      },
    },
  },
  {
    function_score: {
      query: { match_all: {} },
      functions: [
        { filter: { term: { k: "red" } }, weight: 2 },
        { field_value_factor: { field: "i", factor: 2, modifier: "square", missing: 1 } },
        { gauss: { l: { origin: 1, scale: 2, offset: 1, decay: 0.5 }, multi_value_mode: "min" } },
      ],
      score_mode: "sum",
      boost_mode: "sum",
      max_boost: 10,
      min_score: 0.1,
      boost: 2,
    },
  },
  {
    function_score: {
      query: { match_all: {} },
      random_score: { seed: 1, field: "_seq_no" },
      boost_mode: "replace",
      min_score: 0,
    },
  },
  {
    nested: {
      path: "n",
      query: { term: { "n.a": 1 } },
      score_mode: "max",
      ignore_unmapped: true,
      inner_hits: {
        name: "x",
        size: 1,
        from: 0,
        _source: false,
        sort: ["n.a"],
        fields: ["n.a"],
        docvalue_fields: ["n.a"],
        version: true,
        explain: false,
        highlight: { fields: { "n.t": {} } },
      },
    },
  },
  { distance_feature: { field: "f", origin: "2020-01-01", pivot: "10d", boost: 2 } },
  { distance_feature: { field: "g", origin: "10,20", pivot: "10km" } },
  {
    geo_distance: {
      distance: "1000km",
      unit: "m",
      distance_type: "arc",
      g: { lat: 10, lon: 20 },
      validation_method: "STRICT",
      ignore_unmapped: true,
      boost: 2,
    },
  },
  {
    geo_bounding_box: {
      g: { top_left: "45,-80", bottom_right: "0,30" },
      validation_method: "STRICT",
      ignore_unmapped: true,
    },
  },
  { geo_bounding_box: { g: { top: 45, left: -80, bottom: 0, right: 30 } } },
  {
    more_like_this: {
      fields: ["t"],
      like: [{ _id: "1" }, "red fox"],
      unlike: "x",
      min_term_freq: 1,
      min_doc_freq: 1,
      max_query_terms: 5,
      max_doc_freq: 10,
      min_word_length: 1,
      max_word_length: 10,
      stop_words: ["the"],
      minimum_should_match: 1,
      include: true,
      boost_terms: 1,
      fail_on_unsupported_field: true,
      boost: 2,
      analyzer: "standard",
    },
  },
  {
    span_near: {
      clauses: [{ span_term: { t: { value: "red", boost: 2 } } }, { span_term: { t: "fox" } }],
      slop: 2,
      in_order: true,
      boost: 2,
    },
  },
  { span_first: { match: { span_term: { t: "red" } }, end: 2 } },
  {
    span_not: {
      include: { span_term: { t: "red" } },
      exclude: { span_term: { t: "blue" } },
      pre: 1,
      post: 1,
    },
  },
  { span_or: { clauses: [{ span_term: { t: "red" } }] } },
  { span_multi: { match: { prefix: { t: { value: "r" } } } } },
  { span_within: { big: { span_term: { t: "red" } }, little: { span_term: { t: "red" } } } },
  { span_containing: { big: { span_term: { t: "red" } }, little: { span_term: { t: "red" } } } },
  { field_masking_span: { query: { span_term: { t2: "fox" } }, field: "t" } },
  {
    intervals: {
      t: {
        all_of: {
          intervals: [
            {
              match: {
                query: "red",
                max_gaps: 1,
                ordered: true,
                analyzer: "standard",
                filter: { before: { match: { query: "fox" } } },
              },
            },
            { prefix: { prefix: "fo", analyzer: "standard" } },
          ],
          max_gaps: 5,
          ordered: true,
        },
        boost: 2,
      },
    },
  },
  {
    intervals: {
      t: {
        any_of: {
          intervals: [
            { wildcard: { pattern: "r*", use_field: "t2" } },
            { fuzzy: { term: "rad", fuzziness: 1, prefix_length: 1, transpositions: true } },
          ],
        },
      },
    },
  },
  { wrapper: { query: "eyJtYXRjaF9hbGwiOnt9fQ==" } },
  { match_all: { boost: 2, _name: "x" } },
  { match_none: {} },
  { terms: { k: { index: mutatedIndex, id: "1", path: "k", routing: "1" } } },
];
