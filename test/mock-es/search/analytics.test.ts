import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, refusalOf, searchIn } from "./documents.ts";
import { asRead, bucketsOf, run, TYPES } from "./aggregation-fixture.ts";

const over = (documents: readonly object[], aggs: object): unknown => {
  const docs = documentsOf(...documents);
  return (asRead(searchIn(docs, TYPES, { size: 0, aggs }).aggregations) as { a: unknown }).a;
};

test("chooses the finest intervals of dates that are few enough, and fills the gaps", () => {
  const days = (buckets: number, more: object = {}): unknown =>
    run({ a: { auto_date_histogram: { field: "day", buckets, ...more } } });
  const key = (text: string, count: number): object => ({
    key_as_string: `${text}T00:00:00.000Z`,
    key: Date.parse(text),
    doc_count: count,
  });
  assert.deepEqual(days(5), {
    buckets: [
      key("2024-01-01", 2),
      key("2024-02-01", 0),
      key("2024-03-01", 0),
      key("2024-04-01", 1),
    ],
    interval: "1M",
  });
  assert.deepEqual(days(2), {
    buckets: [key("2024-01-01", 2), key("2024-04-01", 1)],
    interval: "3M",
  });
  assert.equal((days(12) as { interval: string }).interval, "7d");
  const none = { field: "nothing", minimum_interval: "hour" };
  assert.deepEqual(run({ a: { auto_date_histogram: none } }), { buckets: [], interval: "1h" });
  assert.match(
    refusalOf(() => days(0)).reason,
    /\[auto_date_histogram\] failed to parse field \[buckets\]/,
  );
  assert.equal(refusalOf(() => days(3000)).reason, "buckets must be less than 2184");
});

test("measures keywords by their lengths and by how much their characters tell", () => {
  const tags = { field: "tag", show_distribution: true };
  assert.deepEqual(over([{ tag: ["abb", "a"] }, { tag: "abb" }], { a: { string_stats: tags } }), {
    count: 3,
    min_length: 1,
    max_length: 3,
    avg_length: 7 / 3,
    entropy: 0.9852281360342515,
    distribution: { b: 4 / 7, a: 3 / 7 },
  });
  const nothing = { count: 0, min_length: null, max_length: null, avg_length: null, entropy: 0 };
  assert.deepEqual(run({ a: { string_stats: { field: "nothing" } } }), nothing);
  assert.equal(
    refusalOf(() => run({ a: { string_stats: { field: "n" } } })).reason,
    "Field [n] of type [long] is not supported for aggregation [string_stats]",
  );
});

test("draws boxes between quartiles, with whiskers that leave out what lies far away", () => {
  const times = [1, 2, 3, 4, 5, 100].map((x) => ({ x }));
  assert.deepEqual(over(times, { a: { boxplot: { field: "x" } } }), {
    min: 1,
    max: 100,
    q1: 2.25,
    q2: 3.5,
    q3: 4.75,
    lower: 1,
    upper: 5,
  });
  const empty = { min: "Infinity", max: "-Infinity", q1: "NaN", q2: "NaN", q3: "NaN" };
  assert.deepEqual(run({ a: { boxplot: { field: "nothing" } } }), {
    ...empty,
    lower: "NaN",
    upper: "NaN",
  });
});

test("tells by a t-test whether times before and after differ, as the documentation does", () => {
  const pairs = [
    [102, 89],
    [99, 93],
    [111, 72],
    [97, 98],
    [101, 102],
    [99, 98],
  ].map(([n, x]) => ({ n, x }));
  const groups = { a: { field: "n" }, b: { field: "x" } };
  const value = (more: object): unknown =>
    (over(pairs, { a: { t_test: { ...groups, ...more } } }) as { value: unknown }).value;
  assert.ok(Math.abs(Number(value({ type: "paired" })) - 0.1914368843365979) < 1e-14);
  assert.notEqual(value({}), value({ type: "homoscedastic" }));
  assert.equal(value({ b: { field: "nothing" } }), null);
  assert.match(refusalOf(() => value({ type: "other" })).reason, /No enum constant .*OTHER/);
});

test("divides by the units in each bucket of a histogram of dates", () => {
  const rates = (histogram: object, rate: object): unknown[] =>
    (
      bucketsOf({
        date_histogram: { field: "day", ...histogram },
        aggs: { r: { rate } },
      }) as readonly { r: { value: unknown } }[]
    ).map(({ r }) => r.value);
  const monthly = { calendar_interval: "month" };
  assert.deepEqual(rates(monthly, {}), [2, 0, 0, 1]);
  assert.deepEqual(rates(monthly, { unit: "day" }), [2 / 31, 0, 0, 1 / 30]);
  assert.deepEqual(rates(monthly, { unit: "year" }), [24, 0, 0, 12]);
  assert.deepEqual(rates(monthly, { field: "x", unit: "month" }), [3, 0, 0, 0]);
  assert.deepEqual(rates(monthly, { field: "x", mode: "value_count" }), [2, 0, 0, 0]);
  assert.equal(rates({ fixed_interval: "7d" }, { unit: "day" })[0], 1 / 7);
  assert.match(
    refusalOf(() => rates({ calendar_interval: "day" }, { unit: "month" })).reason,
    /non-month based calendar interval histogram \[day\] only week/,
  );
  assert.match(
    refusalOf(() => run({ a: { rate: { unit: "day" } } })).reason,
    /can only be used inside a date histogram/,
  );
});

test("computes what four scripts say", () => {
  const scripts = {
    init_script: "state.t = []",
    map_script: "state.t.add(doc.x.value * params.factor)",
    combine_script: "double s = 0; for (t in state.t) { s += t } return s",
    reduce_script: "double s = 0; for (a in states) { s += a } return s",
    params: { factor: 2 },
  };
  assert.deepEqual(over([{ x: 1 }, { x: 2.5 }], { a: { scripted_metric: scripts } }), { value: 7 });
  assert.match(
    refusalOf(() => run({ a: { scripted_metric: { map_script: "state.t = 1" } } })).reason,
    /\[combineScript\] must not be null: \[a\]/,
  );
});

test("normalizes, counts distinct values so far, and moves percentiles over buckets", () => {
  const sums = { s: { sum: { field: "x" } } };
  const docs = [
    { day: "2024-01-01", x: 1, tag: "a" },
    { day: "2024-02-01", x: 3, tag: "b" },
    { day: "2024-03-01", x: 5, tag: ["a", "c"] },
  ];
  const monthly = (aggs: object): Record<string, unknown>[] =>
    (
      over(docs, {
        a: { date_histogram: { field: "day", calendar_interval: "month" }, aggs },
      }) as { buckets: Record<string, unknown>[] }
    ).buckets;
  const values = (aggs: object): unknown[] =>
    monthly(aggs).map(({ p }) => (p as { value?: unknown } | undefined)?.value);
  const normalized = (method: string): unknown[] =>
    values({ ...sums, p: { normalize: { buckets_path: "s", method } } });
  assert.deepEqual(normalized("rescale_0_1"), [0, 0.5, 1]);
  assert.deepEqual(normalized("rescale_0_100"), [0, 50, 100]);
  assert.deepEqual(normalized("percent_of_sum"), [1 / 9, 1 / 3, 5 / 9]);
  assert.deepEqual(normalized("mean"), [-0.5, 0, 0.5]);
  assert.deepEqual(normalized("z-score"), [-1.224744871391589, 0, 1.224744871391589]);
  const [, middle] = normalized("softmax");
  assert.equal(middle, Math.exp(3) / (Math.exp(1) + Math.exp(3) + Math.exp(5)));
  assert.match(refusalOf(() => normalized("other")).reason, /invalid method \[other\]/);
  const distinct = { c: { cardinality: { field: "tag" } } };
  assert.deepEqual(
    values({ ...distinct, p: { cumulative_cardinality: { buckets_path: "c" } } }),
    [1, 2, 3],
  );
  const percents = { c: { percentiles: { field: "x", percents: [50] } } };
  const moved = monthly({
    ...percents,
    p: { moving_percentiles: { buckets_path: "c", window: 2 } },
  }).map(({ p }) => p);
  assert.deepEqual(moved, [undefined, { values: { "50.0": 1 } }, { values: { "50.0": 2 } }]);
});

test("sorts by scripts, and takes the values of aggregations from them", () => {
  const docs = documentsOf({ tag: "bb", n: 2, x: 1.5 }, { tag: "a", n: [3, 4] }, { tag: "ccc" });
  const order = (script: string, type: string, more: object = {}): unknown[] =>
    searchIn(docs, TYPES, { sort: { _script: { type, script, ...more } } }).hits.map(
      ({ sort }) => sort?.[0],
    );
  const lengths = "doc['tag'].value.length()";
  assert.deepEqual(asRead(order(lengths, "number", { order: "desc" })), [3, 2, 1]);
  assert.deepEqual(order("doc['tag'].value.toUpperCase()", "string"), ["A", "BB", "CCC"]);
  const values = (aggregation: object): unknown =>
    (
      asRead(searchIn(docs, TYPES, { size: 0, aggs: { a: aggregation } }).aggregations) as {
        a: unknown;
      }
    ).a;
  assert.deepEqual(values({ sum: { script: lengths } }), { value: 6 });
  const doubled = { source: "_value * params.by", params: { by: 2 } };
  assert.deepEqual(values({ max: { field: "n", script: doubled } }), { value: 8 });
  const firsts = { terms: { script: "doc['tag'].value.substring(0, 1)" } };
  assert.deepEqual(
    (values(firsts) as { buckets: { key: string }[] }).buckets.map(({ key }) => key),
    ["a", "b", "c"],
  );
});
