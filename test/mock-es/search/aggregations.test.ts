import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, refusalOf, searchIn } from "./documents.ts";

const TYPES = {
  tag: "keyword",
  text: "text",
  n: "long",
  x: "double",
  day: "date",
  ok: "boolean",
  ip: "ip",
  "o.k": "keyword",
  o: "object",
};
const DOCS = documentsOf(
  { tag: "red", n: 1, x: 0.5, day: "2024-01-15T10:00:00Z", ok: true, ip: "10.0.0.1" },
  { tag: ["red", "blue", "red"], n: 4, x: 2.5, day: "2024-01-31T23:30:00Z", ok: false },
  { tag: "blue", n: [10, 4], day: "2024-04-01", ok: true, text: "hello" },
  { n: 20, o: { k: "v" }, day: null },
);

/** Results as a client reads them. */
function asRead(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

const run = (aggs: unknown, body: object = {}): unknown =>
  asRead(searchIn(DOCS, TYPES, { size: 0, aggs, ...body }).aggregations?.["a"]);
const bucketsOf = (aggs: unknown): unknown => (run({ a: aggs }) as { buckets: unknown }).buckets;

test("answers every metric, with null where there is nothing to measure", () => {
  const metrics = (field: string): Record<string, unknown> =>
    Object.fromEntries(
      ["min", "max", "avg", "sum", "value_count", "cardinality"].map((type) => {
        const result = run({ a: { [type]: { field } } }) as { value: unknown };
        return [type, result.value];
      }),
    );
  assert.deepEqual(metrics("n"), {
    min: 1,
    max: 20,
    avg: 7.8,
    sum: 39,
    value_count: 5,
    cardinality: 4,
  });
  assert.deepEqual(metrics("nothing"), {
    min: null,
    max: null,
    avg: null,
    sum: 0,
    value_count: 0,
    cardinality: 0,
  });
  assert.deepEqual(run({ a: { stats: { field: "x" } } }), {
    count: 2,
    min: 0.5,
    max: 2.5,
    avg: 1.5,
    sum: 3,
  });
  assert.deepEqual(run({ a: { stats: { field: "nothing" } } }), {
    count: 0,
    min: null,
    max: null,
    avg: null,
    sum: 0,
  });
  assert.deepEqual(run({ a: { sum: { field: "x", missing: 10 } } }), { value: 23 });
  assert.deepEqual(run({ a: { value_count: { field: "tag" } } }), { value: 4 });
});

test("shows dates and booleans beside their numbers", () => {
  assert.deepEqual(run({ a: { max: { field: "day" } } }), {
    value: 1_711_929_600_000,
    value_as_string: "2024-04-01T00:00:00.000Z",
  });
  assert.deepEqual(run({ a: { min: { field: "day", format: "yyyy/MM" } } }), {
    value: 1_705_312_800_000,
    value_as_string: "2024/01",
  });
  assert.deepEqual(run({ a: { max: { field: "ok" } } }), { value: 1, value_as_string: "true" });
  assert.deepEqual(Object.keys(run({ a: { stats: { field: "day" } } }) as object), [
    "count",
    "min",
    "max",
    "avg",
    "sum",
    "min_as_string",
    "max_as_string",
    "avg_as_string",
    "sum_as_string",
  ]);
});

test("adds with compensation, so that many small parts do not get lost", () => {
  const docs = documentsOf(...Array.from({ length: 1000 }, () => ({ x: 0.1 })));
  const { aggregations } = searchIn(docs, TYPES, { aggs: { a: { sum: { field: "x" } } } });
  assert.deepEqual(asRead(aggregations), { a: { value: 100 } });
});

const TERMS: readonly (readonly [object, unknown])[] = [
  [
    { field: "tag" },
    [
      ["blue", 2],
      ["red", 2],
    ],
  ],
  [{ field: "tag", size: 1 }, [["blue", 2]]],
  [
    { field: "tag", order: { _key: "desc" } },
    [
      ["red", 2],
      ["blue", 2],
    ],
  ],
  [
    { field: "n", order: [{ _count: "asc" }, { _key: "desc" }] },
    [
      [20, 1],
      [10, 1],
      [1, 1],
      [4, 2],
    ],
  ],
  [
    { field: "tag", missing: "none" },
    [
      ["blue", 2],
      ["red", 2],
      ["none", 1],
    ],
  ],
  [{ field: "tag", include: "r.*" }, [["red", 2]]],
  [{ field: "tag", exclude: ["red"] }, [["blue", 2]]],
  [
    { field: "n", include: [4, 20] },
    [
      [4, 2],
      [20, 1],
    ],
  ],
  [{ field: "n", min_doc_count: 2 }, [[4, 2]]],
  [{ field: "ip" }, [["10.0.0.1", 1]]],
  [{ field: "o.k" }, [["v", 1]]],
  [{ field: "nothing" }, []],
];

for (const [terms, expected] of TERMS) {
  test(`groups by terms ${JSON.stringify(terms)}`, () => {
    const buckets = bucketsOf({ terms }) as { key: unknown; doc_count: number }[];
    assert.deepEqual(
      buckets.map(({ key, doc_count }) => [key, doc_count]),
      expected,
    );
  });
}

test("counts the documents of terms that were cut off", () => {
  assert.deepEqual(
    run({ a: { terms: { field: "n", size: 1, show_term_doc_count_error: true } } }),
    {
      doc_count_error_upper_bound: 0,
      sum_other_doc_count: 3,
      buckets: [{ key: 4, doc_count: 2, doc_count_error_upper_bound: 0 }],
    },
  );
});

test("lists terms of documents that did not match when min_doc_count is 0", () => {
  const result = run(
    { a: { terms: { field: "tag", min_doc_count: 0 } } },
    { query: { term: { n: 1 } } },
  );
  assert.deepEqual((result as { buckets: unknown }).buckets, [
    { key: "red", doc_count: 1 },
    { key: "blue", doc_count: 0 },
  ]);
});

test("orders terms by sub-aggregations, empty ones last", () => {
  const order = (path: string, direction: string, sub: object): unknown =>
    (
      bucketsOf({
        terms: { field: "tag", missing: "none", order: { [path]: direction } },
        aggs: sub,
      }) as {
        key: unknown;
      }[]
    ).map(({ key }) => key);
  assert.deepEqual(order("m", "desc", { m: { avg: { field: "x" } } }), ["blue", "red", "none"]);
  assert.deepEqual(order("m", "asc", { m: { avg: { field: "x" } } }), ["red", "blue", "none"]);
  assert.deepEqual(order("s.max", "desc", { s: { stats: { field: "n" } } }), [
    "none",
    "blue",
    "red",
  ]);
  assert.deepEqual(
    order("f>m", "desc", {
      f: { filter: { match_all: {} }, aggs: { m: { min: { field: "n" } } } },
    }),
    ["none", "blue", "red"],
  );
});

test("names boolean and date keys", () => {
  assert.deepEqual(bucketsOf({ terms: { field: "ok" } }), [
    { key: 1, key_as_string: "true", doc_count: 2 },
    { key: 0, key_as_string: "false", doc_count: 1 },
  ]);
  assert.deepEqual(bucketsOf({ terms: { field: "day", format: "yyyy-MM-dd", size: 1 } }), [
    { key: 1_705_312_800_000, key_as_string: "2024-01-15", doc_count: 1 },
  ]);
});

const DATES: readonly (readonly [object, unknown])[] = [
  [
    { calendar_interval: "month", format: "yyyy-MM" },
    { "2024-01": 2, "2024-02": 0, "2024-03": 0, "2024-04": 1 },
  ],
  [
    { calendar_interval: "1q", format: "yyyy-MM" },
    { "2024-01": 2, "2024-04": 1 },
  ],
  [
    { calendar_interval: "month", format: "yyyy-MM", min_doc_count: 1 },
    { "2024-01": 2, "2024-04": 1 },
  ],
  [
    { calendar_interval: "month", time_zone: "+01:00", format: "yyyy-MM-ddXXX", min_doc_count: 1 },
    { "2024-01-01+01:00": 1, "2024-02-01+01:00": 1, "2024-04-01+01:00": 1 },
  ],
  [
    { calendar_interval: "year", format: "yyyy", extended_bounds: { min: "2022", max: "2025" } },
    { "2022": 0, "2023": 0, "2024": 3, "2025": 0 },
  ],
  [
    { calendar_interval: "week", format: "yyyy-MM-dd", min_doc_count: 1 },
    { "2024-01-15": 1, "2024-01-29": 1, "2024-04-01": 1 },
  ],
  [
    { fixed_interval: "30d", format: "yyyy-MM-dd", min_doc_count: 1 },
    { "2023-12-19": 1, "2024-01-18": 1, "2024-03-18": 1 },
  ],
  [
    { calendar_interval: "day", offset: "+6h", format: "yyyy-MM-dd'T'HH", min_doc_count: 1 },
    { "2024-01-15T06": 1, "2024-01-31T06": 1, "2024-03-31T06": 1 },
  ],
  [
    { calendar_interval: "month", format: "yyyy-MM", hard_bounds: { max: "2024-02" } },
    { "2024-01": 2 },
  ],
];

for (const [settings, expected] of DATES) {
  test(`makes a date histogram of ${JSON.stringify(settings)}`, () => {
    const buckets = bucketsOf({ date_histogram: { field: "day", ...settings } }) as {
      key_as_string: string;
      doc_count: number;
    }[];
    assert.deepEqual(
      Object.fromEntries(buckets.map((bucket) => [bucket.key_as_string, bucket.doc_count])),
      expected,
    );
  });
}

test("names buckets by their keys when keyed", () => {
  assert.deepEqual(
    bucketsOf({
      date_histogram: { field: "day", calendar_interval: "year", format: "yyyy", keyed: true },
    }),
    {
      "2024": { key_as_string: "2024", key: 1_704_067_200_000, doc_count: 3 },
    },
  );
  assert.deepEqual(bucketsOf({ histogram: { field: "n", interval: 15, keyed: true } }), {
    "0.0": { key: 0, doc_count: 3 },
    "15.0": { key: 15, doc_count: 1 },
  });
});

test("makes histograms with offsets, bounds and orders", () => {
  assert.deepEqual(
    bucketsOf({
      histogram: { field: "n", interval: 5, offset: 4, min_doc_count: 1, order: { _key: "desc" } },
    }),
    [
      { key: 19, doc_count: 1 },
      { key: 9, doc_count: 1 },
      { key: 4, doc_count: 2 },
      { key: -1, doc_count: 1 },
    ],
  );
  const buckets = bucketsOf({
    histogram: { field: "x", interval: 0.1, extended_bounds: { min: 0, max: 3 } },
  }) as {
    doc_count: number;
  }[];
  assert.equal(buckets.length, 31);
  assert.equal(buckets.filter((bucket) => bucket.doc_count === 1).length, 2);
});

test("refuses more buckets than search.max_buckets", () => {
  const { type, reason } = refusalOf(() =>
    run({ a: { histogram: { field: "n", interval: 1, extended_bounds: { min: 0, max: 1e9 } } } }),
  );
  assert.equal(type, "too_many_buckets_exception");
  assert.match(
    reason,
    /^Trying to create too many buckets\. Must be less than or equal to: \[65536\]/,
  );
});

test("counts ranges with Java's number names, sorted by bounds", () => {
  assert.deepEqual(
    bucketsOf({
      range: { field: "n", ranges: [{ from: 10 }, { to: 4 }, { from: 4, to: 10.5, key: "mid" }] },
    }),
    [
      { key: "*-4.0", to: 4, doc_count: 1 },
      { key: "mid", from: 4, to: 10.5, doc_count: 2 },
      { key: "10.0-*", from: 10, doc_count: 2 },
    ],
  );
  assert.deepEqual(
    Object.keys(
      bucketsOf({
        range: { field: "n", keyed: true, ranges: [{ to: 1e7 }, { from: 0.0001 }] },
      }) as object,
    ),
    ["*-1.0E7", "1.0E-4-*"],
  );
});

test("counts ranges of dates and date math", () => {
  const ranges = [{ to: "now-4M/M" }, { from: "now-4M/M", to: "now/d" }];
  assert.deepEqual(bucketsOf({ date_range: { field: "day", format: "yyyy-MM-dd", ranges } }), [
    { key: "*-2024-01-01", to: 1_704_067_200_000, to_as_string: "2024-01-01", doc_count: 0 },
    {
      key: "2024-01-01-2024-05-20",
      from: 1_704_067_200_000,
      from_as_string: "2024-01-01",
      to: 1_716_163_200_000,
      to_as_string: "2024-05-20",
      doc_count: 3,
    },
  ]);
});

test("answers filter, filters, missing and global buckets with their sub-aggregations", () => {
  const aggs = { m: { max: { field: "n" } } };
  assert.deepEqual(run({ a: { filter: { term: { tag: "blue" } }, aggs } }), {
    doc_count: 2,
    m: { value: 10 },
  });
  assert.deepEqual(run({ a: { missing: { field: "tag" }, aggs } }), {
    doc_count: 1,
    m: { value: 20 },
  });
  assert.deepEqual(run({ a: { global: {}, aggs } }, { query: { term: { n: 1 } } }), {
    doc_count: 4,
    m: { value: 20 },
  });
  assert.deepEqual(
    bucketsOf({
      filters: {
        other_bucket_key: "rest",
        filters: { z: { term: { tag: "red" } }, b: { term: { n: 1 } } },
      },
    }),
    {
      b: { doc_count: 1 },
      z: { doc_count: 2 },
      rest: { doc_count: 2 },
    },
  );
  assert.deepEqual(
    bucketsOf({ filters: { filters: [{ term: { tag: "red" } }, { term: { n: 1 } }] } }),
    [{ doc_count: 2 }, { doc_count: 1 }],
  );
});

test("shows top hits of each bucket", () => {
  const result = run({
    a: {
      filter: { term: { tag: "red" } },
      aggs: { top: { top_hits: { size: 1, sort: [{ n: "desc" }], _source: "n" } } },
    },
  });
  assert.deepEqual(result, {
    doc_count: 2,
    top: {
      hits: {
        total: { value: 2, relation: "eq" },
        max_score: null,
        hits: [{ _index: "things", _id: "1", _score: null, _source: { n: 4 }, sort: [4] }],
      },
    },
  });
});

test("gives top hits by relevance their scores", () => {
  const result = run(
    { a: { top_hits: {} } },
    { query: { match: { text: "hello" } }, sort: "n" },
  ) as {
    hits: { max_score: number };
  };
  assert.equal(result.hits.max_score, 0.2876821);
});

test("repeats meta and names types when keys are typed", () => {
  const aggs = {
    t: { terms: { field: "tag" }, meta: { by: "me" }, aggs: { m: { avg: { field: "n" } } } },
    l: { terms: { field: "n" } },
    d: { terms: { field: "x" } },
    u: { terms: { field: "nothing" } },
  };
  const result = searchIn(DOCS, TYPES, { size: 0, aggs }, { typedKeys: true }).aggregations ?? {};
  assert.deepEqual(Object.keys(result), ["sterms#t", "lterms#l", "dterms#d", "umterms#u"]);
  const terms = result["sterms#t"] as { meta: unknown; buckets: object[] };
  assert.deepEqual(terms.meta, { by: "me" });
  assert.deepEqual(Object.keys(terms.buckets[0] ?? {}), ["key", "doc_count", "avg#m"]);
});

const REFUSALS: readonly (readonly [unknown, string, string, number?])[] = [
  [
    { a: { term: { field: "n" } } },
    "parsing_exception",
    "Unknown aggregation type [term] did you mean [terms]?",
  ],
  [
    { a: { boxplot: { field: "n" } } },
    "illegal_argument_exception",
    "the aggregation [boxplot] is not supported by mock-es",
  ],
  [{ a: {} }, "parsing_exception", "Missing definition for aggregation [a]"],
  [
    { a: { min: { field: "n" }, max: { field: "n" } } },
    "parsing_exception",
    "Found two aggregation type definitions in [a]: [min] and [max]",
  ],
  [
    { a: { min: "n" } },
    "parsing_exception",
    "Expected [START_OBJECT] under [min], but got a [VALUE_STRING] in [a]",
  ],
  [
    { "a[0]": { min: { field: "n" } } },
    "parsing_exception",
    "Invalid aggregation name [a[0]]. Aggregation names can contain any character except " +
      "'[', ']', and '>'",
  ],
  [
    { a: { terms: { feild: "n" } } },
    "x_content_parse_exception",
    "[terms] unknown field [feild] did you mean [field]?",
  ],
  [
    { a: { min: {} } },
    "illegal_argument_exception",
    "Required one of fields [field, script], but none were specified. ",
  ],
  [
    { a: { min: { script: "1" } } },
    "illegal_argument_exception",
    "[script] in the aggregation [min] is not supported by mock-es",
  ],
  [
    { a: { terms: { field: "n", size: 0 } } },
    "illegal_argument_exception",
    "[size] must be greater than 0. Found [0] in [a]",
  ],
  [
    { a: { avg: { field: "tag" } } },
    "illegal_argument_exception",
    "Field [tag] of type [keyword] is not supported for aggregation [avg]",
  ],
  [
    { a: { date_histogram: { field: "day" } } },
    "illegal_argument_exception",
    "Invalid interval specified, must be non-null and non-empty",
  ],
  [
    { a: { date_histogram: { field: "day", interval: "day" } } },
    "x_content_parse_exception",
    "[date_histogram] unknown field [interval] did you mean [fixed_interval]?",
  ],
  [
    { a: { date_histogram: { field: "day", calendar_interval: "2d" } } },
    "illegal_argument_exception",
    "The supplied interval [2d] could not be parsed as a calendar interval.",
  ],
  [
    { a: { histogram: { field: "n", interval: 0 } } },
    "x_content_parse_exception",
    "[histogram] failed to parse field [interval]",
  ],
  [
    { a: { range: { field: "n" } } },
    "illegal_argument_exception",
    "No [ranges] specified for the [a] aggregation",
  ],
  [
    { a: { terms: { field: "n", order: { x: "asc" } } } },
    "aggregation_execution_exception",
    "Invalid aggregation order path [x]. The provided aggregation [x] either does not " +
      "exist, or is a pipeline aggregation and cannot be used to sort the buckets.",
  ],
  [
    { a: { avg: { field: "n" }, aggs: { b: { min: { field: "n" } } } } },
    "aggregation_initialization_exception",
    "Aggregator [a] of type [avg] cannot accept sub-aggregations",
    500,
  ],
  [
    { a: { terms: { field: "n" }, aggs: { g: { global: {} } } } },
    "aggregation_execution_exception",
    "Aggregation [a] cannot have a global sub-aggregation [g]. Global aggregations can " +
      "only be defined as top level aggregations",
  ],
];

for (const [aggs, type, reason, status] of REFUSALS) {
  test(`refuses the aggregation ${JSON.stringify(aggs)}`, () => {
    assert.deepEqual(
      refusalOf(() => run(aggs)),
      { status: status ?? 400, type, reason },
    );
  });
}

test("refuses to group by a text field", () => {
  assert.match(
    refusalOf(() => run({ a: { terms: { field: "text" } } })).reason,
    /^Fielddata is disabled on \[text\] in \[things\]\. Text fields are not optimised/,
  );
});

test("computes metrics of the buckets beside them, without those that have no value", () => {
  const measured = {
    tags: { terms: { field: "tag" }, aggs: { low: { min: { field: "x" } } } },
    days: { date_histogram: { field: "day", calendar_interval: "month" } },
  };
  const of = (type: string, path: string): unknown =>
    run({ ...measured, a: { [type]: { buckets_path: path } } });
  assert.deepEqual(of("max_bucket", "tags>low"), { value: 2.5, keys: ["blue"] });
  assert.deepEqual(of("min_bucket", "tags>low"), { value: 0.5, keys: ["red"] });
  for (const path of ["tags>low", "tags.low", "tags>low.value"])
    assert.deepEqual(of("avg_bucket", path), { value: 1.5 });
  assert.deepEqual(of("sum_bucket", "tags>_count"), { value: 4 });
  assert.deepEqual(of("max_bucket", "tags>_count"), { value: 2, keys: ["blue", "red"] });
  assert.deepEqual(of("min_bucket", "days>_count"), {
    value: 0,
    keys: ["2024-02-01T00:00:00.000Z", "2024-03-01T00:00:00.000Z"],
  });
  const empty = { tags: { terms: { field: "nothing" } } };
  const overNothing = (type: string): unknown =>
    run({ ...empty, a: { [type]: { buckets_path: "tags>_count" } } });
  assert.deepEqual(overNothing("max_bucket"), { value: null, keys: [] });
  assert.deepEqual(overNothing("avg_bucket"), { value: null });
  assert.deepEqual(overNothing("sum_bucket"), { value: 0 });
  const refusals = {
    tags: "",
    "nowhere>_count": "Validation Failed: 1: No aggregation found for path [nowhere>_count];",
    "tags>high": "Validation Failed: 1: No aggregation [high] found for path [tags>high];",
    "tags>low>deep": "Validation Failed: 1: No aggregation [deep] found for path [tags>low>deep];",
    "tags>low.sum": "the step [sum] of a [buckets_path] is not supported by mock-es",
  };
  for (const [path, reason] of Object.entries(refusals))
    assert.equal(refusalOf(() => of("sum_bucket", path)).reason, reason);
});

test("goes through the buckets of a histogram as the documentation's sales of three months", () => {
  const sales = documentsOf(
    { day: "2015-01-01", x: 200, tag: "hat" },
    { day: "2015-01-01", x: 200, tag: "t-shirt" },
    { day: "2015-01-01", x: 150, tag: "bag" },
    { day: "2015-02-01", x: 50, tag: "hat" },
    { day: "2015-02-01", x: 10, tag: "t-shirt" },
    { day: "2015-03-01", x: 200, tag: "hat" },
    { day: "2015-03-01", x: 175, tag: "t-shirt" },
  );
  const shirts = { filter: { term: { tag: "t-shirt" } }, aggs: { s: { sum: { field: "x" } } } };
  const monthly = (pipelines: object): Record<string, { value?: unknown } | undefined>[] => {
    const histogram = { field: "day", calendar_interval: "month", format: "yyyy-MM" };
    const inner = { sales: { sum: { field: "x" } }, shirts, ...pipelines };
    const aggs = { months: { date_histogram: histogram, aggs: inner } };
    const results = asRead(searchIn(sales, TYPES, { size: 0, aggs }).aggregations);
    return (results as { months: { buckets: Record<string, { value?: unknown }>[] } }).months
      .buckets;
  };
  const valuesOf = (pipelines: object): unknown[] => monthly(pipelines).map(({ a }) => a?.value);
  const sales$ = { buckets_path: "sales" };
  assert.deepEqual(valuesOf({ a: { derivative: sales$ } }), [undefined, -490, 315]);
  const second = { a: { derivative: { buckets_path: "d" } }, d: { derivative: sales$ } };
  assert.deepEqual(valuesOf(second), [undefined, undefined, 805]);
  assert.deepEqual(valuesOf({ a: { cumulative_sum: sales$ } }), [550, 610, 985]);
  assert.deepEqual(valuesOf({ a: { serial_diff: { ...sales$, lag: 1 } } }), [undefined, -490, 315]);
  const moving = (script: string): unknown[] =>
    valuesOf({ a: { moving_fn: { ...sales$, window: 10, script } } });
  assert.deepEqual(moving("MovingFunctions.unweightedAvg(values)"), [null, 550, 305]);
  assert.deepEqual(moving("MovingFunctions.max(values)"), [null, 550, 550]);
  assert.deepEqual(moving("MovingFunctions.sum(values)"), [0, 550, 610]);
  assert.deepEqual(moving("MovingFunctions.ewma(values, 0.5)"), [null, 550, 305]);
  assert.deepEqual(
    moving("MovingFunctions.stdDev(values, MovingFunctions.unweightedAvg(values))"),
    [null, 0, 245],
  );
  assert.match(
    refusalOf(() => moving("MovingFunctions.holt(values, 0.3, 0.1)")).reason,
    /is not supp/,
  );
  const paths = { shirts: "shirts>s", total: "sales" };
  const percent = {
    a: { bucket_script: { buckets_path: paths, script: "params.shirts / params.total * 100" } },
  };
  assert.deepEqual(
    valuesOf(percent).map((value) => Math.round(Number(value))),
    [36, 17, 47],
  );
  const above = { bucket_selector: { buckets_path: paths, script: "params.total > 200" } };
  assert.deepEqual(
    monthly({ a: above }).map(({ sales: { value } = {} }) => value),
    [550, 375],
  );
  const sorted = { bucket_sort: { sort: [{ sales: { order: "desc" } }], from: 0, size: 2 } };
  assert.deepEqual(
    monthly({ a: sorted }).map(({ sales: { value } = {} }) => value),
    [550, 375],
  );
  const { reason } = refusalOf(() =>
    run({
      t: { terms: { field: "tag" }, aggs: { a: { derivative: { buckets_path: "_count" } } } },
    }),
  );
  assert.match(
    reason,
    /\[a\] must have a histogram, date_histogram or auto_date_histogram as parent/,
  );
});

test("names metrics of buckets by their types when keys are typed", () => {
  const aggs = {
    tags: { terms: { field: "tag" }, aggs: { low: { min: { field: "x" } } } },
    best: { max_bucket: { buckets_path: "tags>low" } },
    mean: { avg_bucket: { buckets_path: "tags>low" } },
  };
  const result = searchIn(DOCS, TYPES, { size: 0, aggs }, { typedKeys: true }).aggregations;
  assert.deepEqual(Object.keys(result ?? {}), [
    "sterms#tags",
    "bucket_metric_value#best",
    "simple_value#mean",
  ]);
  assert.deepEqual(asRead(result?.["simple_value#mean"]), { value: 1.5 });
});

test("groups by combinations of values, and finds values of the first documents", () => {
  const types = {
    genre: "keyword",
    product: "keyword",
    quantity: "integer",
    m: "float",
    at: "date",
  };
  const products = documentsOf(
    { genre: "rock", product: "Product A", quantity: 4, m: 3.25, at: "2020-01-01T00:12:12Z" },
    { genre: "rock", product: "Product A", quantity: 5, m: 1 },
    { genre: "rock", product: "Product B", quantity: 1, m: 2.5 },
    { genre: ["jazz", "electronic"], product: "Product B", quantity: 10 },
    { genre: "jazz" },
  );
  const over = (aggs: object): unknown =>
    asRead(searchIn(products, types, { size: 0, aggs: { a: aggs } }).aggregations?.["a"]);
  const terms = [{ field: "genre" }, { field: "product" }];
  const bucket = (genre: string, product: string, count: number): unknown => ({
    key: [genre, product],
    key_as_string: `${genre}|${product}`,
    doc_count: count,
  });
  assert.deepEqual(over({ multi_terms: { terms, size: 3 } }), {
    doc_count_error_upper_bound: 0,
    sum_other_doc_count: 1,
    buckets: [
      bucket("rock", "Product A", 2),
      bucket("electronic", "Product B", 1),
      bucket("jazz", "Product B", 1),
    ],
  });
  const total = { total: { sum: { field: "quantity" } } };
  const ordered = { multi_terms: { terms, order: { total: "desc" }, size: 1 }, aggs: total };
  const { buckets } = over(ordered) as { buckets: { key_as_string: string }[] };
  assert.deepEqual(
    buckets.map((each) => each.key_as_string),
    ["electronic|Product B"],
  );
  const first = {
    top_metrics: {
      metrics: [{ field: "m" }, { field: "quantity" }, { field: "at" }],
      sort: { quantity: "desc" },
      size: 3,
    },
  };
  assert.deepEqual(over(first), {
    top: [
      { sort: [10], metrics: { m: null, quantity: 10, at: null } },
      { sort: [5], metrics: { m: 1, quantity: 5, at: null } },
      {
        sort: [4],
        metrics: { m: Math.fround(3.25), quantity: 4, at: "2020-01-01T00:12:12.000Z" },
      },
    ],
  });
});
