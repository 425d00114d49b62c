import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, refusalOf, searchIn } from "./documents.ts";
import { asRead, DOCS, run, TYPES } from "./aggregation-fixture.ts";

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
