/** Random aggregations of the kinds that are rarely asked for, with all of their settings. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { leafOn } from "./requests.ts";
import { type Json, settings, zones } from "./choose.ts";
import { type Paths, pathsOn } from "./field-paths.ts";
import { metricsOn, topHitsOn } from "./more-metrics.ts";

const calendar = fc.constantFrom<Json>(
  { calendar_interval: "year" },
  { calendar_interval: "1M" },
  { calendar_interval: "week" },
  { calendar_interval: "day" },
  { fixed_interval: "30d" },
  { fixed_interval: "36h" },
);

/** One source of a composite aggregation. */
function sourceOn({ any, number, date, point }: Paths): fc.Arbitrary<Json> {
  const more = fc.oneof(
    settings({ order: fc.constantFrom("asc", "desc") }),
    settings({
      order: fc.constantFrom("asc", "desc"),
      missing_order: fc.constantFrom("first", "last", "default"),
    }).map((rest) => ({ missing_bucket: true, ...rest })),
  );
  return fc.oneof(
    fc.tuple(any, more).map(([field, rest]) => ({ terms: { field, ...rest } })),
    fc
      .tuple(number, fc.constantFrom(1, 2.5, 10), more)
      .map(([field, interval, rest]) => ({ histogram: { field, interval, ...rest } })),
    fc
      .tuple(
        date,
        calendar,
        settings({
          time_zone: zones,
          format: fc.constantFrom("yyyy-MM-dd", "epoch_millis"),
          offset: fc.constantFrom("+6h", "-1d"),
        }),
        more,
      )
      .map(([field, every, form, rest]) => ({
        date_histogram: { field, ...every, ...form, ...rest },
      })),
    fc
      .tuple(point, fc.integer({ min: 0, max: 8 }))
      .map(([field, precision]) => ({ geotile_grid: { field, precision } })),
  );
}

function compositeOn(paths: Paths): fc.Arbitrary<Json> {
  return fc
    .tuple(
      fc.array(sourceOn(paths), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 4 }),
      fc.option(fc.constantFrom<unknown>("red", 1, 0, "2020-01-01", null, true, 1577836800000), {
        freq: 2,
        nil: undefined,
      }),
    )
    .map(([sources, size, after]) => ({
      composite: {
        size,
        sources: sources.map((source, at) => ({ [`s${at}`]: source })),
        ...(after === undefined
          ? {}
          : { after: Object.fromEntries(sources.map((_, at) => [`s${at}`, after])) }),
      },
    }));
}

function histogramsOn({ number, date }: Paths): fc.Arbitrary<Json> {
  const order = fc.constantFrom<unknown>({ _key: "desc" }, { _count: "asc" }, [
    { _count: "desc" },
    { _key: "asc" },
  ]);
  return fc.oneof(
    fc
      .tuple(
        number,
        fc.constantFrom(1, 3, 0.5),
        settings(
          {
            min_doc_count: fc.constantFrom(1, 2),
            extended_bounds: fc.constantFrom<Json>({ min: -2, max: 6 }, { min: 0 }, { max: 3 }),
            hard_bounds: fc.constantFrom<Json>({ min: -2, max: 3 }, { max: 2 }),
            offset: fc.constantFrom(0.5, -1, 7),
            missing: fc.constantFrom(0, 2.5, "1"),
            format: fc.constantFrom("0.0", "#,##0"),
            keyed: fc.boolean(),
            order,
          },
          4,
        ),
        fc.constantFrom<Json>({ min_doc_count: 1 }, { hard_bounds: { min: -6, max: 9 } }),
      )
      .map(([field, interval, more, safe]) => ({
        histogram: { field, interval, ...safe, ...more },
      })),
    fc
      .tuple(
        date,
        calendar,
        settings(
          {
            min_doc_count: fc.constantFrom(1, 2),
            extended_bounds: fc.constant<Json>({ min: "2019-12-01", max: "2020-04-01" }),
            hard_bounds: fc.constant<Json>({ min: "2019-12-01", max: "2020-04-01" }),
            offset: fc.constantFrom("+6h", "-1d", "1h"),
            time_zone: zones,
            missing: fc.constantFrom("2020-03-01", 0),
            format: fc.constantFrom("yyyy-MM-dd HH:mm", "epoch_second", "yyyy||MM"),
            keyed: fc.boolean(),
            order,
          },
          4,
        ),
      )
      .map(([field, every, more]) => ({
        date_histogram: { field, min_doc_count: 1, ...every, ...more },
      })),
    fc
      .tuple(number, fc.integer({ min: 1, max: 5 }))
      .map(([field, buckets]) => ({ variable_width_histogram: { field, buckets } })),
  );
}

function rangesOn({ number, date, address, point }: Paths): fc.Arbitrary<Json> {
  return fc.oneof(
    fc
      .tuple(
        number,
        fc.constantFrom<unknown>(
          [{ to: 1 }, { from: "1", to: 2.5 }, { from: 0 }, {}],
          [{ key: "all" }, { from: 3, to: 1 }],
          [{ from: null, to: 2, key: "b" }, { from: -1 }],
        ),
        settings({
          keyed: fc.boolean(),
          missing: fc.constantFrom(0, 2),
          format: fc.constant("0.00"),
        }),
      )
      .map(([field, ranges, more]) => ({ range: { field, ranges, ...more } })),
    fc
      .tuple(
        date,
        fc.constantFrom<unknown>(
          [{ to: "2020-01-01||+1M/d" }, { from: "2020-01-01||+1M/d", key: "late" }],
          [{ from: 1577836800000, to: "2021" }],
          [{ from: "2020-02-29", to: "2020-01-01" }, {}],
        ),
        settings({
          time_zone: zones,
          keyed: fc.boolean(),
          missing: fc.constant("2020-06-01"),
          format: fc.constantFrom("yyyy-MM-dd", "strict_date_optional_time||epoch_millis"),
        }),
      )
      .map(([field, ranges, more]) => ({ date_range: { field, ranges, ...more } })),
    fc
      .tuple(
        address,
        fc.constantFrom<unknown>(
          [{ mask: "10.0.0.0/25" }, { from: "10.0.0.1", to: "192.168.1.1", key: "k" }],
          [{ from: "::" }, { to: "10.0.0.1" }],
        ),
        settings({ keyed: fc.boolean() }),
      )
      .map(([field, ranges, more]) => ({ ip_range: { field, ranges, ...more } })),
    fc
      .tuple(
        address,
        fc.constantFrom(0, 8, 24, 32),
        settings({
          is_ipv6: fc.boolean(),
          append_prefix_length: fc.boolean(),
          keyed: fc.boolean(),
          min_doc_count: fc.constantFrom(1, 2),
        }),
      )
      .map(([field, prefix_length, more]) => ({ ip_prefix: { field, prefix_length, ...more } })),
    fc
      .tuple(
        point,
        settings({
          unit: fc.constantFrom("km", "mi", "m"),
          distance_type: fc.constantFrom("arc", "plane"),
          keyed: fc.boolean(),
        }),
      )
      .map(([field, more]) => ({
        geo_distance: {
          field,
          origin: "10,20",
          ranges: [{ to: 100 }, { from: 100, to: 9000 }, { from: 9000, key: "far" }],
          ...more,
        },
      })),
    fc
      .tuple(
        fc.constantFrom("geohash_grid", "geotile_grid"),
        point,
        settings({
          precision: fc.integer({ min: 1, max: 6 }),
          size: fc.constantFrom(1, 2),
          bounds: fc.constant<Json>({ top_left: "45,-80", bottom_right: "0,30" }),
        }),
      )
      .map(([kind, field, more]) => ({ [kind]: { field, ...more } })),
  );
}

function termsOn(fields: readonly Field[], paths: Paths): fc.Arbitrary<Json> {
  const { any, word, text } = paths;
  const counts = fc.constantFrom(0, 1, 2);
  const heuristic = fc.constantFrom<Json>(
    {},
    { jlh: {} },
    { gnd: {} },
    { percentage: {} },
    { chi_square: { include_negatives: true } },
    { mutual_information: { include_negatives: true, background_is_superset: false } },
  );
  return fc.oneof(
    fc
      .tuple(
        any,
        settings(
          {
            size: fc.integer({ min: 1, max: 3 }),
            shard_size: fc.integer({ min: 1, max: 5 }),
            min_doc_count: counts,
            show_term_doc_count_error: fc.boolean(),
            missing: fc.constantFrom<unknown>("zz", 7, "2020-01-01", "10.0.0.9", true),
            include: fc.constantFrom<unknown>("r.*|b.*", ["red", "1"], ["2"]),
            exclude: fc.constantFrom<unknown>(".*e", ["red", "0"]),
            order: fc.constantFrom<unknown>({ _key: "desc" }, { _count: "asc" }, [
              { _count: "asc" },
              { _key: "desc" },
            ]),
            collect_mode: fc.constantFrom("breadth_first", "depth_first"),
            execution_hint: fc.constantFrom("map", "global_ordinals"),
          },
          4,
        ),
      )
      .map(([field, more]) => ({ terms: { field, ...more } })),
    fc
      .tuple(
        any,
        settings({
          max_doc_count: fc.constantFrom(1, 3),
          precision: fc.constant(0.01),
          include: fc.constantFrom<unknown>("r.*", ["red"]),
          missing: fc.constantFrom<unknown>("zz", 7),
        }),
      )
      .map(([field, more]) => ({ rare_terms: { field, ...more } })),
    fc
      .tuple(
        word,
        heuristic,
        settings({
          min_doc_count: fc.constantFrom(1, 2),
          size: fc.constantFrom(1, 3),
          background_filter: leafOn(fields),
          include: fc.constantFrom<unknown>("r.*", ["red"]),
        }),
      )
      .map(([field, how, more]) => ({
        significant_terms: { field, min_doc_count: 1, ...how, ...more },
      })),
    text.map((field) => ({ significant_text: { field, min_doc_count: 1 } })),
    fc
      .tuple(fc.constantFrom("sampler", "diversified_sampler"), word, fc.constantFrom(1, 100))
      .map(([kind, field, shard_size]) => ({
        [kind]: { shard_size, ...(kind === "sampler" ? {} : { field }) },
      })),
  );
}

/** Aggregations of all kinds. */
export function moreAggregationOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = pathsOn(fields);
  const bucket = fc.oneof(
    { weight: 2, arbitrary: compositeOn(paths) },
    { weight: 3, arbitrary: histogramsOn(paths) },
    { weight: 3, arbitrary: rangesOn(paths) },
    { weight: 3, arbitrary: termsOn(fields, paths) },
  );
  const metric = fc.oneof(
    { weight: 4, arbitrary: metricsOn(paths) },
    { weight: 1, arbitrary: topHitsOn(fields) },
  );
  return fc.oneof(
    { weight: 4, arbitrary: bucket },
    { weight: 4, arbitrary: metric },
    {
      weight: 3,
      arbitrary: fc.tuple(bucket, metric, metric).map(([outer, a, b]) => ({
        ...outer,
        aggs: { a, b },
        meta: { note: "x" },
      })),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(bucket, bucket).map(([outer, inner]) => ({
        ...outer,
        aggs: { y: inner },
      })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(bucket, metric).map(([inner, z]) => ({
        nested: { path: "n" },
        aggs: { y: inner, back: { reverse_nested: {}, aggs: { z } } },
      })),
    },
  );
}
