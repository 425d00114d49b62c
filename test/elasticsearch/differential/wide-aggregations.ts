/** Random aggregations of the less common kinds, with their settings and others inside. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { aggregationOn, isOrdered, leafOn, mostly } from "./requests.ts";

type Json = Readonly<Record<string, unknown>>;

const numbers = new Set(["byte", "short", "integer", "long", "double", "float", "half_float"]);

/** Aggregations of the less common kinds. */
export function wideAggregationOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const pathOf = (holds: (field: Field) => boolean): fc.Arbitrary<string> =>
    mostly(fields, holds).map(({ path }) => path);
  const ordered = pathOf(isOrdered);
  const number = pathOf((field) => numbers.has(field.type) && isOrdered(field));
  const date = pathOf((field) => field.type.startsWith("date") && isOrdered(field));
  const point = pathOf(({ type }) => type === "geo_point");
  const address = pathOf(({ type }) => type === "ip");
  const metric = fc
    .tuple(fc.constantFrom("min", "max", "sum", "avg", "value_count", "stats"), number)
    .map(([kind, field]) => ({ [kind]: { field } }));
  const bucket = fc.oneof(
    fc
      .tuple(ordered, fc.constantFrom<Json>({}, { min_doc_count: 2 }, { min_doc_count: 0 }))
      .map(([field, more]) => ({ terms: { field, ...more, order: { _key: "desc" } } })),
    fc
      .tuple(
        number,
        fc.constantFrom(1, 2.5),
        fc.constantFrom<Json>({}, { offset: 1 }, { keyed: true }),
      )
      .map(([field, interval, more]) => ({
        histogram: { field, interval, min_doc_count: 1, ...more },
      })),
    fc
      .tuple(
        date,
        fc.constantFrom<Json>(
          { calendar_interval: "year" },
          { calendar_interval: "quarter", time_zone: "Europe/Berlin" },
          { fixed_interval: "90d", keyed: true },
          { calendar_interval: "1d", format: "yyyy-MM" },
          { calendar_interval: "month", offset: "+1d" },
        ),
      )
      .map(([field, more]) => ({ date_histogram: { field, min_doc_count: 1, ...more } })),
    fc
      .tuple(date, fc.constantFrom<Json>({}, { format: "yyyy" }, { keyed: true }))
      .map(([field, more]) => ({
        date_range: { field, ranges: [{ to: "2020" }, { from: "2020", to: "2021" }], ...more },
      })),
    fc
      .tuple(number, fc.constantFrom<Json>({}, { keyed: true }, { format: "0.00" }))
      .map(([field, more]) => ({
        range: { field, ranges: [{ to: 1 }, { from: 1, to: 3, key: "k" }, { from: 3 }], ...more },
      })),
    address.map((field) => ({
      ip_range: { field, ranges: [{ to: "10.0.0.128" }, { mask: "10.0.0.0/24" }] },
    })),
    leafOn(fields).map((filter) => ({ filter })),
    fc
      .tuple(leafOn(fields), leafOn(fields))
      .map(([a, b]) => ({ filters: { filters: { a, b }, other_bucket_key: "rest" } })),
    fc.constant({ global: {} }),
    ordered.map((field) => ({ missing: { field } })),
    ordered.map((field) => ({ rare_terms: { field, max_doc_count: 2 } })),
  );
  const composite = fc
    .tuple(
      ordered,
      number,
      fc.constantFrom<Json>({}, { missing_bucket: true }, { order: "desc" }),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([field, other, more, size]) => ({
      composite: {
        size,
        sources: [
          { a: { terms: { field, ...more } } },
          { b: { histogram: { field: other, interval: 2, ...more } } },
        ],
      },
    }));
  return fc.oneof(
    aggregationOn(fields),
    metric,
    bucket,
    composite,
    fc.tuple(bucket, metric).map(([outer, y]) => ({ ...outer, aggs: { y } })),
    fc.tuple(bucket, bucket, metric).map(([outer, inner, z]) => ({
      ...outer,
      aggs: { y: { ...inner, aggs: { z } } },
    })),
    fc.tuple(ordered, number, fc.constantFrom("asc", "desc")).map(([field, other, order]) => ({
      terms: { field, order: [{ m: order }, { _key: "asc" }] },
      aggs: { m: { avg: { field: other } } },
    })),
    fc.tuple(bucket, fc.integer({ min: 1, max: 2 })).map(([outer, size]) => ({
      ...outer,
      aggs: { y: { top_hits: { size, _source: false, sort: ["_doc"] } } },
    })),
    number.map((field) => ({ extended_stats: { field } })),
    number.map((field) => ({ percentiles: { field, percents: [0, 50, 100] } })),
    fc.tuple(number, number).map(([field, weight]) => ({
      weighted_avg: { value: { field }, weight: { field: weight, missing: 1 } },
    })),
    fc
      .constantFrom("geo_bounds", "geo_centroid")
      .chain((kind) => point.map((field) => ({ [kind]: { field } }))),
    point.map((field) => ({ geohash_grid: { field, precision: 3 } })),
    fc
      .tuple(ordered, fc.constantFrom<unknown>("x", 1, "2020-01-01", true))
      .map(([field, missing]) => ({ cardinality: { field, missing } })),
    fc
      .tuple(ordered, fc.constantFrom<unknown>("r.*", ["red", "1"], ["2020-01-01"]))
      .map(([field, include]) => ({ terms: { field, include } })),
  );
}

/** Aggregations by name, some of them with pipelines over the others. */
export function aggregationsOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const path = mostly(fields, (field) => numbers.has(field.type) && isOrdered(field)).map(
    (field) => field.path,
  );
  const histogram = path.chain((field) =>
    path.map((other) => ({
      histogram: { field, interval: 1 },
      aggs: { m: { sum: { field: other } } },
    })),
  );
  const within = fc.constantFrom<Json>(
    { cumulative_sum: { buckets_path: "m" } },
    { cumulative_sum: { buckets_path: "zz" } },
  );
  const beside = fc
    .constantFrom("avg_bucket", "max_bucket", "min_bucket", "sum_bucket")
    .chain((kind) =>
      fc
        .constantFrom("x>m", "x>_count", "x>zz", "zz")
        .map((buckets_path) => ({ [kind]: { buckets_path } })),
    );
  return fc.oneof(
    { weight: 5, arbitrary: wideAggregationOn(fields).map((x) => ({ x })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(wideAggregationOn(fields), wideAggregationOn(fields))
        .map(([x, y]) => ({ x, y })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(histogram, within).map(([x, p]) => ({
        x: { ...x, aggs: { ...x.aggs, p } },
      })),
    },
    { weight: 1, arbitrary: fc.tuple(histogram, beside).map(([x, p]) => ({ x, p })) },
  );
}
