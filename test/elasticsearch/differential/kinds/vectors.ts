/** Random searches by vectors, alone and beside queries. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const dimensions = 3;
const coordinates = fc.constantFrom(-2, -1, 0, 0.5, 1, 3);
const vector = fc.array(coordinates, { minLength: dimensions, maxLength: dimensions });
const unit = fc.constantFrom([1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [0, -0.6, 0.8]);
const anyVector = fc.oneof(
  { weight: 6, arbitrary: vector },
  { weight: 2, arbitrary: unit },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>([0, 0, 0], [1, 2], [], "text", [1, "x", 2], null, 5),
  },
);

const mapping: fc.Arbitrary<Json> = fc
  .record({
    similarity: fc.constantFrom("l2_norm", "cosine", "dot_product", "max_inner_product"),
    element_type: fc.constantFrom("float", "float", "float", "byte"),
    index: fc.constantFrom(true, true, true, false),
  })
  .map(({ similarity, element_type, index: isIndexed }) => ({
    type: "dense_vector",
    dims: dimensions,
    element_type,
    index: isIndexed,
    ...(isIndexed ? { similarity, index_options: { type: "flat" } } : {}),
  }));

const filter = fc.constantFrom<Json>(
  { term: { tag: "red" } },
  { range: { n: { gte: 2 } } },
  { bool: { must_not: { term: { tag: "blue" } } } },
  { match_none: {} },
  { ids: { values: ["1", "3"] } },
);

function knnOf(isQuery: boolean): fc.Arbitrary<Json> {
  return fc
    .tuple(
      anyVector,
      fc.constantFrom("v", "v", "v", "v", "w", "tag", "absent"),
      settings(
        {
          k: mostlyGood(fc.integer({ min: 1, max: 5 }), 0, -1, "2", 20_000),
          num_candidates: mostlyGood(fc.integer({ min: 5, max: 9 }), 1, 0, 10_001),
          filter: fc.oneof(filter, fc.array(filter, { maxLength: 2 })),
          similarity: fc.constantFrom(0.1, 0.7, 2, -1),
          boost: fc.constantFrom(0.5, 2, 0),
          ...(isQuery ? { _name: fc.constant("near") } : { inner_hits: fc.constant({}) }),
        },
        4,
      ),
    )
    .map(([query_vector, field, more]) => ({
      field,
      query_vector,
      ...(isQuery ? {} : { k: 3, num_candidates: 6 }),
      ...more,
    }));
}

const query = fc.oneof(
  fc.constantFrom<Json>(
    { match: { body: "fox" } },
    { term: { tag: "red" } },
    { match_all: { boost: 0.5 } },
    { exists: { field: "v" } },
  ),
  knnOf(true).map((knn) => ({ knn })),
  fc.tuple(knnOf(true), filter).map(([knn, must]) => ({ bool: { should: [{ knn }], must } })),
  knnOf(true).map((knn) => ({ constant_score: { filter: { knn } } })),
  fc.tuple(knnOf(true), knnOf(true)).map(([a, b]) => ({
    dis_max: { queries: [{ knn: a }, { knn: b }], tie_breaker: 0.3 },
  })),
);

const shown = settings(
  {
    size: fc.integer({ min: 0, max: 4 }),
    from: fc.integer({ min: 0, max: 2 }),
    _source: fc.constantFrom<unknown>(false, true, ["v"], ["tag"], { exclude_vectors: false }),
    fields: fc.constantFrom(["v"], ["tag", "v"]),
    aggs: fc.constantFrom<Json>({ t: { terms: { field: "tag" } } }, { m: { avg: { field: "n" } } }),
    sort: fc.constantFrom<unknown>([{ n: "desc" }], ["_score", { n: "asc" }]),
    min_score: fc.constantFrom(0.3, 0.9),
    post_filter: filter,
    track_total_hits: fc.constantFrom<unknown>(false, 2),
    collapse: fc.constant({ field: "tag" }),
    rescore: fc.constant({ window_size: 2, query: { rescore_query: { term: { tag: "red" } } } }),
  },
  2,
);

const search = fc
  .tuple(
    fc.option(query, { nil: undefined }),
    fc.option(fc.oneof(knnOf(false), fc.array(knnOf(false), { minLength: 1, maxLength: 2 })), {
      nil: undefined,
    }),
    shown,
  )
  .map(([one, knn, more]): Step => ({
    ask: `POST /${index}/_search`,
    body: {
      ...(one === undefined ? {} : { query: one }),
      ...(knn === undefined ? {} : { knn }),
      ...more,
    },
  }));

const document = fc.record(
  {
    v: fc.oneof({ weight: 9, arbitrary: vector }, { weight: 1, arbitrary: anyVector }),
    w: vector,
    tag: fc.constantFrom("red", "blue", "green"),
    n: fc.integer({ min: 0, max: 5 }),
    body: fc.constantFrom("the fox", "a red fox jumps", "nothing"),
  },
  { requiredKeys: ["tag"] },
);

/** Indices with vectors of one kind, and searches in them. */
export const vectors = fc
  .tuple(mapping, mapping, fc.array(document, { minLength: 2, maxLength: 8 }), asked(search))
  .map(([v, w, documents, steps]) => [
    ...filled(
      {
        properties: {
          v,
          w,
          tag: { type: "keyword" },
          n: { type: "integer" },
          body: { type: "text" },
        },
      },
      documents,
    ),
    ...steps,
  ]);
