/** Random searches with settings that change what is shown of hits. */
import * as fc from "fast-check";
import type { Step } from "../corpus/corpus.ts";
import type { Field } from "./fields.ts";
import { isOrdered, leafOn, mostly } from "./requests.ts";
import { type Json, settings } from "./choose.ts";
import { moreAggregationOn } from "./more-aggregations.ts";
import { moreQueryOn } from "./more-queries.ts";
import { pipelinesOn } from "./pipelines.ts";

function highlightOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = fields.map(({ path }) => path);
  const own = {
    type: fc.constantFrom("unified", "plain"),
    fragment_size: fc.constantFrom(0, 5, 10, 100),
    number_of_fragments: fc.constantFrom(0, 1, 5),
    order: fc.constantFrom("score", "none"),
    no_match_size: fc.constantFrom(0, 3, 20),
    tags_schema: fc.constant("styled"),
    require_field_match: fc.boolean(),
    boundary_scanner: fc.constantFrom("sentence", "word"),
    highlight_query: leafOn(fields),
    fragmenter: fc.constantFrom("simple", "span"),
    phrase_limit: fc.constant(2),
    max_analyzed_offset: fc.constantFrom(3, 1000),
  };
  const { tags_schema: _tags, ...each } = own;
  return fc
    .tuple(
      fc.subarray([...paths, "f*", "*.raw"], { minLength: 1, maxLength: 2 }),
      settings(each, 2),
      settings({ ...own, encoder: fc.constantFrom("html", "default") }, 2),
    )
    .map(([some, one, all]) => ({
      ...all,
      fields: Object.fromEntries(some.map((path) => [path, one])),
    }));
}

function suggestOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const text = mostly(fields, ({ type }) => type === "text" || type === "keyword");
  return fc.oneof(
    fc
      .tuple(
        fc.constantFrom("rad", "blu fx", "gren", "jumpz the"),
        text,
        settings(
          {
            size: fc.constantFrom(1, 2),
            sort: fc.constantFrom("score", "frequency"),
            suggest_mode: fc.constantFrom("missing", "popular", "always"),
            max_edits: fc.constantFrom(1, 2),
            prefix_length: fc.constantFrom(0, 1),
            min_word_length: fc.constantFrom(1, 3),
            string_distance: fc.constantFrom("internal", "levenshtein", "ngram", "jaro_winkler"),
            max_term_freq: fc.constantFrom(0.01, 2),
            min_doc_freq: fc.constantFrom(0, 1),
            analyzer: fc.constant("whitespace"),
          },
          4,
        ),
      )
      .map(([words, { path }, more]) => ({ s: { text: words, term: { field: path, ...more } } })),
    fc
      .tuple(
        fc.constantFrom("rad fox", "the blu fox", "gren"),
        text,
        settings(
          {
            size: fc.constantFrom(1, 3),
            max_errors: fc.constantFrom(1, 2, 0.5),
            confidence: fc.constantFrom(0, 1, 2),
            gram_size: fc.constantFrom(1, 2),
            real_word_error_likelihood: fc.constantFrom(0.5, 0.95),
            highlight: fc.constant({ pre_tag: "<b>", post_tag: "</b>" }),
            smoothing: fc.constantFrom<Json>(
              { stupid_backoff: { discount: 0.4 } },
              { laplace: { alpha: 0.7 } },
              {
                linear_interpolation: {
                  trigram_lambda: 0.65,
                  bigram_lambda: 0.25,
                  unigram_lambda: 0.1,
                },
              },
            ),
          },
          3,
        ),
      )
      .map(([words, { path }, more]) => ({
        s: {
          text: words,
          phrase: {
            field: path,
            direct_generator: [{ field: path, min_word_length: 1, suggest_mode: "always" }],
            ...more,
          },
        },
      })),
  );
}

function rescoreOn(fields: readonly Field[]): fc.Arbitrary<unknown> {
  const one = fc
    .tuple(
      moreQueryOn(fields),
      settings({
        query_weight: fc.constantFrom(0.5, 2),
        rescore_query_weight: fc.constantFrom(0, 3),
        score_mode: fc.constantFrom("total", "multiply", "avg", "max", "min"),
      }),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(([rescore_query, more, window_size]) => ({
      window_size,
      query: { rescore_query, ...more },
    }));
  return fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 2 }));
}

/** Bodies of searches that show much. */
export function moreBodyOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const ordered = mostly(fields, isOrdered).map(({ path }) => path);
  const types = fc.constantFrom("keyword", "long", "double", "date", "boolean", "ip");
  const shown = settings(
    {
      size: fc.integer({ min: 0, max: 5 }),
      highlight: highlightOn(fields),
      rescore: rescoreOn(fields),
      suggest: suggestOn(fields),
      collapse: fc
        .tuple(ordered, fc.constantFrom<unknown>("asc", "desc"), fc.integer({ min: 0, max: 3 }))
        .map(([field, order, size]) => ({
          field,
          inner_hits: { name: "group", size, sort: [{ _doc: order }] },
        })),
      fields: fc.tuple(ordered, types).map(([field]) => [field, { field: "x*" }, "rt"]),
      runtime_mappings: types.map((type) => ({ rt: { type } })),
      docvalue_fields: ordered.map((field) => [{ field }, "rt"]),
      explain: fc.constant(true),
      indices_boost: fc.constant([{ differential: 2 }]),
      min_score: fc.constantFrom(0.3, 1.5),
      post_filter: leafOn(fields),
      track_scores: fc.constant(true),
      sort: fc.tuple(ordered, ordered).map(([a, b]) => [{ [a]: "desc" }, { [b]: "asc" }, "_doc"]),
    },
    3,
  );
  return fc
    .tuple(fc.option(moreQueryOn(fields), { nil: undefined }), shown)
    .map(([query, more]) => ({ ...(query === undefined ? {} : { query }), ...more }));
}

/** Searches of all kinds, with settings in the request line. */
export function moreSearchesOn(index: string, fields: readonly Field[]): fc.Arbitrary<Step> {
  const body = fc.oneof(
    { weight: 3, arbitrary: moreBodyOn(fields) },
    { weight: 2, arbitrary: moreQueryOn(fields).map((query) => ({ query })) },
    {
      weight: 3,
      arbitrary: moreAggregationOn(fields).map((x) => ({ size: 0, aggs: { x } })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(leafOn(fields), moreAggregationOn(fields))
        .map(([query, x]) => ({ query, size: 0, aggs: { x } })),
    },
    { weight: 1, arbitrary: pipelinesOn(fields).map((aggs) => ({ size: 0, aggs })) },
  );
  const line = fc.constantFrom(
    "",
    "",
    "",
    "?typed_keys=true",
    "?rest_total_hits_as_int=true",
    "?search_type=dfs_query_then_fetch",
    "?version=true&_source=false",
    "?include_named_queries_score=true",
    "?request_cache=false&batched_reduce_size=2",
  );
  return fc.tuple(line, body).map(([more, one]): Step => ({
    ask: `POST /${index}/_search${more}`,
    body: one,
  }));
}
