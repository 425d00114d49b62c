import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, searchIn } from "./documents.ts";
import { asRead, bucketsOf, DOCS, run, TYPES } from "./aggregation-fixture.ts";

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

test("orders terms by sub-aggregations, of which an average of nothing is the greatest", () => {
  const order = (path: string, direction: string, sub: object): unknown =>
    (
      bucketsOf({
        terms: { field: "tag", missing: "none", order: { [path]: direction } },
        aggs: sub,
      }) as {
        key: unknown;
      }[]
    ).map(({ key }) => key);
  assert.deepEqual(order("m", "desc", { m: { avg: { field: "x" } } }), ["none", "blue", "red"]);
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
  assert.deepEqual(Object.keys(result), ["sterms#t", "lterms#l", "dterms#d", "sterms#u"]);
  const terms = result["sterms#t"] as { meta: unknown; buckets: object[] };
  assert.deepEqual(terms.meta, { by: "me" });
  assert.deepEqual(Object.keys(terms.buckets[0] ?? {}), ["key", "doc_count", "avg#m"]);
});
