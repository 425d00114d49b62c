/** Random mappings, documents and searches over them. */
import * as fc from "fast-check";

/** An index with documents, and searches whose answers two servers should agree on. */
export interface Scenario {
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly documents: readonly Readonly<Record<string, unknown>>[];
  readonly searches: readonly Readonly<Record<string, unknown>>[];
}

const words = fc.constantFrom("red", "Red", "blue", "green fox", "the Blue fox", "", "a-b", "é");
const whole = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(127, 2147483647, -2147483648, 9007199254740991),
);
const fraction = fc.oneof(
  fc.constantFrom(0, -0.5, 1.1, 2.25, 1e10, 0.1, 100000.5),
  fc.integer({ min: -3, max: 3 }),
);
const date = fc.constantFrom(
  "2020-01-01",
  "2020-01-01T12:30:00Z",
  "2020-02-29T23:59:59.999Z",
  "1969-12-31T23:59:59Z",
  "2021-06-15T08:00:00+02:00",
  1577836800000,
  "2020",
);
const address = fc.constantFrom("10.0.0.1", "10.0.0.255", "192.168.1.7", "::1", "2001:db8::1");
const flag = fc.constantFrom(true, false, "true", "false");

interface Kind {
  readonly definition: Readonly<Record<string, unknown>>;
  readonly value: fc.Arbitrary<unknown>;
  /** May be searched by range, sorted and grouped by. */
  readonly isOrdered: boolean;
}

const keyword: Kind = { definition: { type: "keyword" }, value: words, isOrdered: true };

/** Fields by name. The real node has the field types of the server itself only. */
export const kinds: Readonly<Record<string, Kind>> = {
  k: keyword,
  kn: {
    ...keyword,
    definition: { type: "keyword", null_value: "none", ignore_above: 6 },
  },
  t: {
    definition: { type: "text", fields: { raw: { type: "keyword" } } },
    value: words,
    isOrdered: false,
  },
  l: { definition: { type: "long" }, value: whole, isOrdered: true },
  i: {
    definition: { type: "integer" },
    value: fc.integer({ min: -5, max: 5 }),
    isOrdered: true,
  },
  d: { definition: { type: "double" }, value: fraction, isOrdered: true },
  f: { definition: { type: "float" }, value: fraction, isOrdered: true },
  h: {
    definition: { type: "half_float" },
    value: fc.constantFrom(0, 1.1, -2.25, 1000.7, 3),
    isOrdered: true,
  },
  w: { definition: { type: "date" }, value: date, isOrdered: true },
  b: { definition: { type: "boolean" }, value: flag, isOrdered: true },
  a: { definition: { type: "ip" }, value: address, isOrdered: true },
};

const names = Object.keys(kinds);
const ordered = names.filter((name) => kinds[name]?.isOrdered === true);

const mapping = { properties: Object.fromEntries(names.map((n) => [n, kinds[n]?.definition])) };

function valuesOf(name: string): fc.Arbitrary<unknown> {
  const { value } = kinds[name] ?? keyword;
  return fc.oneof(
    { weight: 6, arbitrary: value },
    { weight: 2, arbitrary: fc.array(value, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

const document = fc
  .subarray(names)
  .chain((chosen) => fc.record(Object.fromEntries(chosen.map((name) => [name, valuesOf(name)]))));

const anyName = fc.constantFrom(...names, "t.raw", "missing");
const orderedName = fc.constantFrom(...ordered);

function ofField<T>(name: fc.Arbitrary<string>, make: (name: string) => fc.Arbitrary<T>) {
  return name.chain(make);
}

const valueFor = (name: string): fc.Arbitrary<unknown> => (kinds[name] ?? keyword).value;

/** Dates beside numbers are read as numbers, or not at all, unless nothing is found anyway. */
function boundFor(name: string): fc.Arbitrary<unknown> {
  return name === "w"
    ? valueFor(name).filter((value) => typeof value === "string")
    : valueFor(name);
}

const bounds = (name: string): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .record({ gte: boundFor(name), gt: boundFor(name), lt: boundFor(name), lte: boundFor(name) })
    .chain((all) =>
      fc.subarray(["gte", "lt"] as ("gte" | "lt")[], { minLength: 1 }).chain((some) =>
        fc.boolean().map((isStrict) =>
          Object.fromEntries(
            some.map((bound) => {
              const other = bound === "gte" ? "gt" : "lte";
              const used = isStrict ? other : bound;
              return [used, all[used]];
            }),
          ),
        ),
      ),
    );

const leaf: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.constant({ match_all: {} }),
  ofField(anyName, (name) => valueFor(name).map((value) => ({ term: { [name]: { value } } }))),
  ofField(anyName, (name) =>
    fc.array(valueFor(name), { maxLength: 3 }).map((list) => ({ terms: { [name]: list } })),
  ),
  ofField(orderedName, (name) => bounds(name).map((range) => ({ range: { [name]: range } }))),
  anyName.map((field) => ({ exists: { field } })),
  ofField(fc.constantFrom("k", "kn", "t", "t.raw"), (name) =>
    fc.constantFrom("r", "b", "R", "").map((value) => ({ prefix: { [name]: { value } } })),
  ),
  ofField(fc.constantFrom("k", "t", "t.raw"), (name) =>
    fc.constantFrom("*e*", "?ed", "b*", "*").map((value) => ({ wildcard: { [name]: { value } } })),
  ),
  ofField(fc.constantFrom("k", "t"), (name) =>
    fc.constantFrom("r.d", "b.*", "[rb]ed").map((value) => ({ regexp: { [name]: { value } } })),
  ),
  ofField(anyName, (name) => valueFor(name).map((query) => ({ match: { [name]: { query } } }))),
  words.map((query) => ({ match_phrase: { t: { query } } })),
  words.map((query) => ({ multi_match: { query, fields: ["t", "k"] } })),
  fc
    .constantFrom("red", "t:fox", "k:Red OR l:[1 TO 3]", "blue AND NOT fox", "b:true", "w:2020")
    .map((query) => ({ query_string: { query } })),
  fc.subarray(["1", "2", "9"]).map((ids) => ({ ids: { values: ids } })),
);

const query: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 3, arbitrary: leaf },
  {
    weight: 1,
    arbitrary: fc
      .record({
        must: fc.array(leaf, { maxLength: 2 }),
        should: fc.array(leaf, { maxLength: 2 }),
        must_not: fc.array(leaf, { maxLength: 1 }),
        filter: fc.array(leaf, { maxLength: 1 }),
      })
      .map((bool) => ({ bool })),
  },
  { weight: 1, arbitrary: leaf.map((filter) => ({ constant_score: { filter, boost: 2 } })) },
);

const numeric = fc.constantFrom("l", "i", "d", "f", "h");

const aggregation: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  orderedName.map((field) => ({ terms: { field, size: 5 } })),
  ofField(orderedName, (field) =>
    fc.constantFrom("asc", "desc").map((order) => ({ terms: { field, order: { _key: order } } })),
  ),
  numeric.map((field) => ({ stats: { field } })),
  fc
    .tuple(numeric, fc.constantFrom("avg", "sum", "min", "max", "value_count"))
    .map(([field, kind]) => ({ [kind]: { field } })),
  orderedName.map((field) => ({ cardinality: { field } })),
  orderedName.map((field) => ({ missing: { field } })),
  fc
    .constantFrom("i", "d", "f", "h")
    .map((field) => ({ histogram: { field, interval: 2.5, min_doc_count: 1 } })),
  numeric.map((field) => ({
    range: { field, ranges: [{ to: 0 }, { from: 0, to: 2 }, { from: 2 }] },
  })),
  fc
    .constantFrom("year", "month", "quarter")
    .map((unit) => ({ date_histogram: { field: "w", calendar_interval: unit, min_doc_count: 1 } })),
  fc.constant({
    date_range: { field: "w", ranges: [{ to: "2020-01-01" }, { from: "2020-01-01" }] },
  }),
  leaf.map((filter) => ({ filter })),
  fc.constant({ global: {} }),
);

const sortKey = fc.oneof(
  fc.constantFrom("_score", "_doc"),
  fc.tuple(orderedName, fc.constantFrom("asc", "desc")).map(([name, order]) => ({ [name]: order })),
  fc
    .tuple(numeric, fc.constantFrom("min", "max", "avg", "sum"), fc.constantFrom("_first", "_last"))
    .map(([name, mode, missing]) => ({ [name]: { mode, missing } })),
);

const search: fc.Arbitrary<Record<string, unknown>> = fc
  .record(
    {
      query,
      sort: fc.array(sortKey, { minLength: 1, maxLength: 2 }),
      size: fc.integer({ min: 0, max: 12 }),
      from: fc.integer({ min: 0, max: 3 }),
      aggs: aggregation.map((one) => ({ x: one })),
      _source: fc.constantFrom(false, "k", ["l", "d"], { excludes: ["t", "w"] }, "*"),
      fields: fc.subarray(["k", "l", "w", "d", "h", "a", "b", "t.raw"]),
      docvalue_fields: fc.subarray(["k", "l", "f", "w", "a", "b"]),
      track_total_hits: fc.constantFrom<unknown>(true, false, 2),
      min_score: fc.constantFrom(0.1, 1),
      post_filter: leaf,
      version: fc.constant(true),
    },
    { requiredKeys: [] },
  )
  .filter((body) => body["aggs"] === undefined || Object.keys(body).length > 0);

/** Scenarios with some documents and many searches. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  mapping: fc.constant(mapping),
  documents: fc.array(document, { minLength: 1, maxLength: 12 }),
  searches: fc.array(search, { minLength: 40, maxLength: 40 }),
});
