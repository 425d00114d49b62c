/** Random metrics, and hits in buckets, with all of their settings. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { type Json, settings } from "./choose.ts";
import { type Paths, pathsOn } from "./field-paths.ts";

/** Metrics of one field, or of two. */
export function metricsOn({ any, number, point }: Paths): fc.Arbitrary<Json> {
  const missing = fc.constantFrom<unknown>(0, 2.5, "1");
  const format = fc.constantFrom("0.00", "#,##0.0");
  const keyed = fc.boolean();
  const estimate = { tdigest: fc.constant({ compression: 200 }), keyed, missing, format };
  return fc.oneof(
    fc
      .tuple(
        fc.constantFrom("min", "max", "sum", "avg", "stats", "extended_stats"),
        number,
        settings({ missing, format }),
      )
      .map(([kind, field, more]) => ({ [kind]: { field, ...more } })),
    fc
      .tuple(
        number,
        settings({ ...estimate, percents: fc.constantFrom([50], [0, 25, 99.9], [100, 1]) }, 3),
      )
      .map(([field, more]) => ({ percentiles: { field, ...more } })),
    fc
      .tuple(number, settings(estimate, 3))
      .map(([field, more]) => ({ percentile_ranks: { field, values: [0, 2, 1.5], ...more } })),
    fc
      .tuple(number, settings({ missing, format, compression: fc.constant(500) }))
      .map(([field, more]) => ({ median_absolute_deviation: { field, ...more } })),
    fc
      .tuple(number, settings({ sigma: fc.constantFrom(0, 3), missing, format }))
      .map(([field, more]) => ({ extended_stats: { field, ...more } })),
    fc.tuple(number, number, settings({ format })).map(([field, weight, more]) => ({
      weighted_avg: {
        value: { field, missing: 2 },
        weight: { field: weight, missing: 1 },
        ...more,
      },
    })),
    fc
      .tuple(
        fc.constantFrom("value_count", "cardinality"),
        any,
        settings({ missing: fc.constantFrom<unknown>("x", 1, "2020-01-01") }),
      )
      .map(([kind, field, more]) => ({ [kind]: { field, ...more } })),
    fc
      .tuple(point, settings({ wrap_longitude: fc.boolean() }))
      .map(([field, more]) => ({ geo_bounds: { field, ...more } })),
    point.map((field) => ({ geo_centroid: { field } })),
  );
}

/** `top_hits` with what it shows. */
export function topHitsOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const { any } = pathsOn(fields);
  return settings(
    {
      size: fc.integer({ min: 0, max: 3 }),
      from: fc.constantFrom(0, 1),
      sort: any.map((field) => [{ [field]: "desc" }]),
      version: fc.constant(true),
      seq_no_primary_term: fc.constant(true),
      track_scores: fc.constant(true),
      _source: fc.constantFrom<unknown>(false, ["f0"], { excludes: ["o.*"] }),
      fields: fc.constant(["f*"]),
      docvalue_fields: any.map((field) => [field]),
      stored_fields: fc.constantFrom<unknown>("_none_", ["f0"]),
    },
    4,
  ).map((top_hits) => ({ top_hits }));
}
