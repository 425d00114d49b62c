/** Random queries, sorts and aggregations on random fields. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";

type Json = Readonly<Record<string, unknown>>;

/** Texts that queries look for. */
export const texts = fc.constantFrom(
  "red",
  "Red",
  "fox",
  "the blue",
  "x",
  "1",
  "2020-01-01",
  "10.0.0.1",
);
const anyValue = fc.oneof(
  texts,
  fc.integer({ min: -3, max: 5 }),
  fc.constantFrom<unknown>(true, 2.5, "", "2021", "10.0.0.0/8"),
);

/** A value for a field, now and then of another kind. */
export function valueFor(field: Field): fc.Arbitrary<unknown> {
  const plain = field.value.filter(
    (value) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
  );
  const own = field.type === "flattened" || field.type === "geo_point" ? texts : plain;
  return fc.oneof({ weight: 4, arbitrary: own }, { weight: 1, arbitrary: anyValue });
}

const unordered = new Set(["text", "geo_point", "binary", "flattened"]);

/** Can be sorted by, and grouped by. */
export function isOrdered({ type, definition }: Field): boolean {
  return !unordered.has(type) && definition["doc_values"] !== false;
}

/** Takes queries by prefix, pattern and likeness. */
export function isText({ type }: Field): boolean {
  return type === "text" || type === "keyword";
}

/** A field of which something holds; now and then another. */
export function mostly(
  fields: readonly Field[],
  holds: (field: Field) => boolean,
): fc.Arbitrary<Field> {
  const some = fields.filter(holds);
  const any = fc.constantFrom(...fields);
  return some.length === 0
    ? any
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...some) }, { weight: 1, arbitrary: any });
}

function pathsOf(field: Field): fc.Arbitrary<string> {
  const inner = Object.keys(field.definition["fields"] ?? {});
  const keys = field.type === "flattened" ? ["a", "b.c"] : inner;
  return fc.constantFrom(field.path, ...keys.map((key) => `${field.path}.${key}`));
}

/** Calls `make` with a field's path and values for it; nested fields are asked as such. */
export function onField(
  fields: readonly Field[],
  make: (path: string, value: fc.Arbitrary<unknown>, field: Field) => fc.Arbitrary<Json>,
  holds: (field: Field) => boolean = () => true,
): fc.Arbitrary<Json> {
  return mostly(fields, holds).chain((field) =>
    pathsOf(field).chain((path) =>
      make(path, valueFor(field), field).map((query) =>
        field.nested === undefined ? query : { nested: { path: field.nested, query } },
      ),
    ),
  );
}

/** A query without others in it. */
export function leafOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = fields.map(({ path }) => path);
  const named = fc.subarray([...paths, "al", "f*"], { minLength: 1, maxLength: 3 });
  return fc.oneof(
    onField(fields, (path, value) => value.map((one) => ({ term: { [path]: { value: one } } }))),
    onField(fields, (path, value) =>
      fc.array(value, { maxLength: 3 }).map((some) => ({ terms: { [path]: some } })),
    ),
    onField(fields, (path, value) => value.map((query) => ({ match: { [path]: { query } } }))),
    onField(fields, (path, value, { type }) =>
      fc
        .tuple(value, fc.constantFrom("gte", "gt"), value, fc.constantFrom("lte", "lt"))
        .map(([low, from, high, to]) => ({
          range: { [path]: type === "flattened" ? { [from]: low } : { [from]: low, [to]: high } },
        })),
    ),
    onField(fields, (path) => fc.constant({ exists: { field: path } })),
    onField(fields, (path) => texts.map((query) => ({ match_phrase: { [path]: { query } } }))),
    onField(
      fields,
      (path) => texts.map((query) => ({ match_phrase_prefix: { [path]: { query } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.constantFrom("r", "R", "b", "").map((value) => ({ prefix: { [path]: { value } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.constantFrom("*e*", "R?d", "b*").map((value) => ({ wildcard: { [path]: { value } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.constantFrom("r.d", "[rRb].*").map((value) => ({ regexp: { [path]: { value } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.constantFrom("rad", "bluf", "x").map((value) => ({ fuzzy: { [path]: { value } } })),
      isText,
    ),
    fc
      .tuple(texts, named, fc.constantFrom("best_fields", "most_fields", "phrase", "cross_fields"))
      .map(([query, some, type]) => ({
        multi_match: { query, fields: some, type, lenient: true },
      })),
    fc
      .tuple(fc.constantFrom("red", "fox OR blue", "r* -red", "1", '"the blue"'), named)
      .map(([query, some]) => ({ query_string: { query, fields: some, lenient: true } })),
    fc
      .tuple(fc.constantFrom("red", "fox | blue", "r* -red", '"the blue"'), named)
      .map(([query, some]) => ({ simple_query_string: { query, fields: some, lenient: true } })),
    fc.constant({ match_all: {} }),
    fc.constantFrom("al", "x1", "y1", "d.a", "all").map((field) => ({ exists: { field } })),
    fc.subarray(["1", "2", "9"]).map((values) => ({ ids: { values } })),
  );
}

/** A query on some of the fields. */
export function queryOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const leaf = leafOn(fields);
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc
        .record(
          {
            must: fc.array(leaf, { maxLength: 2 }),
            should: fc.array(leaf, { maxLength: 3 }),
            must_not: fc.array(leaf, { maxLength: 1 }),
            filter: fc.array(leaf, { maxLength: 1 }),
            minimum_should_match: fc.constantFrom<unknown>(1, 2, "50%"),
          },
          { requiredKeys: [] },
        )
        .map((bool) => ({ bool })),
    },
    { weight: 1, arbitrary: leaf.map((filter) => ({ constant_score: { filter } })) },
    {
      weight: 1,
      arbitrary: fc.array(leaf, { minLength: 1, maxLength: 2 }).map((queries) => ({
        dis_max: { queries, tie_breaker: 0.5 },
      })),
    },
  );
}

/** One of the commonest aggregations. */
export function aggregationOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const ordered = mostly(fields, isOrdered);
  const path = ordered.chain((field) =>
    isOrdered(field) ? fc.constant(field.path) : pathsOf(field),
  );
  const metric = fc.constantFrom("min", "max", "sum", "avg", "value_count", "cardinality", "stats");
  return fc.oneof(
    path.map((field) => ({ terms: { field, size: 4 } })),
    path.map((field) => ({ terms: { field, order: { _key: "asc" }, missing: "1" } })),
    fc.tuple(metric, path).map(([kind, field]) => ({ [kind]: { field } })),
    path.map((field) => ({ missing: { field } })),
    // Without bounds the server never comes to the end of a range that has none.
    path.map((field) => ({
      histogram: { field, interval: 2, min_doc_count: 1, hard_bounds: { min: -10, max: 10_000 } },
    })),
    path.map((field) => ({
      date_histogram: { field, calendar_interval: "month", min_doc_count: 1 },
    })),
    path.map((field) => ({ range: { field, ranges: [{ to: 1 }, { from: 1 }] } })),
    path.map((field) => ({ composite: { size: 3, sources: [{ a: { terms: { field } } }] } })),
    fc.tuple(path, path).map(([field, other]) => ({
      terms: { field, order: { _key: "asc" } },
      aggs: { y: { max: { field: other } } },
    })),
    path.map((field) => ({ nested: { path: "n" }, aggs: { y: { terms: { field } } } })),
    leafOn(fields).map((filter) => ({ filter })),
  );
}

/** The body of a search. */
export function bodyOfSearch(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = fields.map(({ path }) => path);
  const sortKey = fc.oneof(
    fc.constantFrom<unknown>("_doc", "_score"),
    fc
      .tuple(mostly(fields, isOrdered), fc.constantFrom("asc", "desc"))
      .map(([{ path, nested }, order]) => ({
        [path]: { order, ...(nested === undefined ? {} : { nested: { path: nested } }) },
      })),
    fc.tuple(mostly(fields, isOrdered), fc.constantFrom("min", "max")).map(([{ path }, mode]) => ({
      [path]: { mode, missing: "_first", unmapped_type: "long" },
    })),
    fc.constantFrom("al", "x1").map((path) => ({ [path]: { unmapped_type: "keyword" } })),
  );
  return fc.record(
    {
      query: queryOn(fields),
      sort: fc.array(sortKey, { minLength: 1, maxLength: 2 }),
      size: fc.integer({ min: 0, max: 8 }),
      aggs: aggregationOn(fields).map((x) => ({ x })),
      _source: fc.constantFrom<unknown>(false, "f*", ["o.*", "n.f0"], { excludes: ["*1", "o"] }),
      fields: fc.subarray([...paths, "al", "f*", "x1"], { minLength: 1 }),
      docvalue_fields: fc.subarray([...paths, "al"], { minLength: 1, maxLength: 2 }),
      stored_fields: fc.subarray(paths, { minLength: 1, maxLength: 2 }),
      post_filter: leafOn(fields),
      track_total_hits: fc.constantFrom<unknown>(true, false, 2),
    },
    { requiredKeys: [] },
  );
}
