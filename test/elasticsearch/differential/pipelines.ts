/** Random pipeline aggregations over buckets of numbers. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { isOrdered, mostly } from "./requests.ts";
import { type Json, settings } from "./choose.ts";

const numbers = new Set(["byte", "short", "integer", "long", "double", "float", "half_float"]);

const gaps = {
  gap_policy: fc.constantFrom("skip", "insert_zeros", "keep_values"),
  format: fc.constantFrom("0.00", "#,##0.0"),
};

/** A histogram with metrics, and pipelines in it and beside it. */
export function pipelinesOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const path = mostly(fields, (field) => numbers.has(field.type) && isOrdered(field)).map(
    (field) => field.path,
  );
  const metric = fc
    .tuple(fc.constantFrom("sum", "avg", "max", "value_count"), path)
    .map(([kind, field]) => ({ [kind]: { field } }));
  const outer = fc.oneof(
    fc.tuple(path, fc.constantFrom(1, 2)).map(([field, interval]) => ({
      histogram: { field, interval, hard_bounds: { min: -6, max: 9 } },
    })),
    path.map((field) => ({ terms: { field, order: { _key: "asc" } } })),
    path.map((field) => ({ range: { field, ranges: [{ to: 0 }, { from: 0, to: 2 }, {}] } })),
  );
  const source = fc.constantFrom("m", "_count", "e.max", "e[avg]", "e", "zz", "q.50");
  const within = fc.oneof(
    fc
      .tuple(source, settings({ format: gaps.format }))
      .map(([buckets_path, more]) => ({ cumulative_sum: { buckets_path, ...more } })),
    fc
      .tuple(source, settings({ ...gaps, lag: fc.integer({ min: 1, max: 3 }) }, 3))
      .map(([buckets_path, more]) => ({ serial_diff: { buckets_path, ...more } })),
  );
  const beside = fc
    .tuple(
      fc.constantFrom(
        "avg_bucket",
        "max_bucket",
        "min_bucket",
        "sum_bucket",
        "stats_bucket",
        "extended_stats_bucket",
        "percentiles_bucket",
      ),
      fc.constantFrom("x>m", "x>_count", "x>e.max", "x>e.std_deviation", "x>q.50", "x>p", "x"),
      settings(gaps),
    )
    .chain(([kind, buckets_path, more]) =>
      settings(
        kind === "percentiles_bucket"
          ? { percents: fc.constant([0, 50, 99.9]), keyed: fc.boolean() }
          : kind === "extended_stats_bucket"
            ? { sigma: fc.constantFrom(1, 3) }
            : {},
      ).map((own) => ({ [kind]: { buckets_path, ...more, ...own } })),
    );
  return fc.tuple(outer, metric, path, within, beside).map(([x, m, other, p, z]) => ({
    x: {
      ...x,
      aggs: {
        m,
        e: { extended_stats: { field: other } },
        q: { percentiles: { field: other } },
        p,
      },
    },
    z,
  }));
}
