/** Histograms that come to an end: without bounds a server may count buckets for ever. */
import type { Field } from "./fields.ts";

type Json = Readonly<Record<string, unknown>>;

const bounds: Readonly<Record<string, Json>> = {
  date_histogram: { min: "2019-01-01", max: "2023-01-01" },
  histogram: { min: -10, max: 10_000 },
};

/**
 * A body whose histograms over ranges, and those that show empty buckets, have `hard_bounds`: a
 * range may have no end, and a number may be so large that an interval is nothing beside it.
 */
export function bounded(body: unknown, fields: readonly Field[]): unknown {
  if (Array.isArray(body)) return body.map((each) => bounded(each, fields));
  if (!isObject(body)) return body;
  const entries = Object.entries(body).map(([key, value]): [string, unknown] => {
    // Pages are as long as they are asked for.
    if (key === "sources") return [key, value];
    const within = bounded(value, fields);
    const limits = Object.hasOwn(bounds, key) ? bounds[key] : undefined;
    return [
      key,
      limits !== undefined && isObject(within) ? ending(within, limits, fields) : within,
    ];
  });
  return Object.fromEntries(entries);
}

function ending(histogram: Json, limits: Json, fields: readonly Field[]): Json {
  const { field: path, min_doc_count: least, hard_bounds: given } = histogram;
  const isRange = fields.some((field) => {
    return (field.path === path || path === "al") && field.type.endsWith("_range");
  });
  const showsEmpty = limits === bounds["histogram"] && !(Number(least) >= 1);
  if (!isRange && !showsEmpty) return histogram;
  if (given !== undefined && !isObject(given)) return histogram;
  return { ...histogram, hard_bounds: { ...limits, ...given } };
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
