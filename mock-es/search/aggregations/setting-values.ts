/**
 * A last look at an aggregation that could be made: values of settings that the server does not
 * take, or that nothing here reads, are refused by name instead of being passed over.
 */
import { notSupported } from "../../es-error.ts";
import { numberOf } from "../../json/java-number.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import {
  type Check,
  checkAll,
  isCount,
  isStrictFlag,
  isListOf,
  isNumber,
  isScalar,
  isText,
  isTextOrNumber,
  units,
} from "../queries/member-values.ts";

const isPositive: Check = (value) => isCount(value) && Number(value) > 0;
const isDouble: Check = (value) =>
  Number.isFinite(typeof value === "string" ? Number(value) : numberOf(value));
const isBound: Check = (value) => value === null || isTextOrNumber(value);
const isIn =
  (...names: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && names.includes(value);

const valueTypes =
  "string byte short integer long float double number numeric date ip boolean".split(" ");

const common: Readonly<Record<string, Check>> = {
  append_prefix_length: isStrictFlag,
  background_filter: isObject,
  background_is_superset: isStrictFlag,
  bounds: isObject,
  buckets: isPositive,
  calendar_interval: isText,
  chi_square: isObject,
  collect_mode: isIn("breadth_first", "depth_first"),
  compression: isNumber,
  distance_type: isIn("arc", "plane"),
  exclude: (value) => isText(value) || isListOf(isScalar)(value),
  execution_hint: isIn("map", "global_ordinals"),
  extended_bounds: isObject,
  field: isText,
  filter_duplicate_text: isStrictFlag,
  fixed_interval: isText,
  format: (value) => isText(value) && value !== "",
  gap_policy: isIn("skip", "insert_zeros", "keep_values"),
  gnd: isObject,
  hard_bounds: isObject,
  hdr: isObject,
  include: (value) => isText(value) || isObject(value) || isListOf(isScalar)(value),
  initial_buffer: isPositive,
  interval: isTextOrNumber,
  is_ipv6: isStrictFlag,
  jlh: isObject,
  keyed: isStrictFlag,
  lag: isPositive,
  max_doc_count: isPositive,
  max_docs_per_value: isPositive,
  min_doc_count: isCount,
  missing: isScalar,
  mutual_information: isObject,
  offset: isTextOrNumber,
  other_bucket: isStrictFlag,
  other_bucket_key: isText,
  percentage: isObject,
  percents: isListOf(isNumber),
  precision: isTextOrNumber,
  precision_threshold: isCount,
  prefix_length: isCount,
  seed: isTextOrNumber,
  shard_min_doc_count: isCount,
  shard_seed: isTextOrNumber,
  shard_size: isPositive,
  show_term_doc_count_error: isStrictFlag,
  sigma: (value) => isNumber(value) && Number(value) >= 0,
  source_fields: isListOf(isText),
  tdigest: isObject,
  time_zone: (value) => isText(value) || isNumber(value),
  unit: (value) => typeof value === "string" && units.has(value),
  value_type: (value) => typeof value === "string" && valueTypes.includes(value),
  values: isListOf(isDouble),
  wrap_longitude: isStrictFlag,
};

const own: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  matrix_stats: { missing: isObject },
  cardinality: {
    execution_hint: isIn(
      "direct",
      "global_ordinals",
      "save_memory_heuristic",
      "save_time_heuristic",
      "segment_ordinals",
    ),
  },
  diversified_sampler: { execution_hint: isIn("map", "global_ordinals", "bytes_hash") },
  histogram: { offset: isNumber },
  geotile_grid: { precision: isCount, size: isPositive },
  rate: { unit: isText },
  rare_terms: { precision: (value) => isNumber(value) && Number(value) > 0 },
  top_hits: { from: isCount, size: isCount, ...flags("explain", "seq_no_primary_term") },
  weighted_avg: {},
};

function flags(...names: readonly string[]): Readonly<Record<string, Check>> {
  return Object.fromEntries(
    [...names, "track_scores", "version"].map((name) => [name, isStrictFlag]),
  );
}

/** Aggregations that need a field. */
const onField: ReadonlySet<string> = new Set(
  "geo_bounds geo_centroid geo_distance geohash_grid geotile_grid".split(" "),
);

/** Refuses values that are passed over. @throws {EsError} 400 by name */
export function checkSettingValues(type: string, body: JsonObject): void {
  checkAll(type, body, own[type] ?? {}, type === "top_hits" ? {} : common);
  if (onField.has(type) && body["field"] === undefined)
    throw notSupported(`[${type}] without [field]`);
  for (const key of ["extended_bounds", "hard_bounds"]) {
    const check = type === "histogram" ? (end: unknown) => end === null || isNumber(end) : isBound;
    checkInner(type, key, body, { max: check, min: check });
  }
  checkInner(type, "tdigest", body, {
    compression: isNumber,
    execution_hint: isIn("default", "high_accuracy"),
  });
  checkInner(type, "hdr", body, { number_of_significant_value_digits: isCount });
  if (type === "composite") checkSources(body["sources"]);
  const { ranges } = body;
  if (!Array.isArray(ranges)) return;
  const end = type === "geo_distance" ? isNumber : isBound;
  for (const range of ranges as readonly unknown[])
    if (isObject(range))
      checkAll(type, range, {
        from: end,
        key: type === "geo_distance" ? isText : isTextOrNumber,
        mask: isText,
        to: end,
      });
}

function checkInner(
  type: string,
  key: string,
  body: JsonObject,
  checks: Readonly<Record<string, Check>>,
): void {
  const inner = body[key];
  if (!isObject(inner)) return;
  for (const name of Object.keys(inner))
    if (!Object.hasOwn(checks, name)) throw notSupported(`[${name}] of [${key}] in [${type}]`);
  checkAll(type, inner, checks);
}

const ofSource: Readonly<Record<string, Check>> = {
  interval: (value) => isTextOrNumber(value),
  missing_bucket: isStrictFlag,
  missing_order: isIn("first", "last", "default"),
  order: isIn("asc", "desc"),
  precision: isCount,
};

function checkSources(sources: unknown): void {
  if (!Array.isArray(sources)) return;
  for (const source of sources as readonly unknown[]) {
    if (!isObject(source)) continue;
    for (const definition of Object.values(source)) {
      if (!isObject(definition)) continue;
      for (const [type, settings] of Object.entries(definition))
        if (isObject(settings)) checkAll(`${type} in composite`, settings, ofSource, common);
    }
  }
}
