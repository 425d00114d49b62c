/** Percentiles of a high dynamic range histogram, with the steps that it rounds values to. */
import { EsError, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { shardFailure } from "../problem.ts";

/** Reads `hdr`; `undefined` when it is not asked for. @throws {EsError} for other digits */
export function readDigits(type: string, body: JsonObject): number | undefined {
  const { hdr } = body;
  if (hdr === undefined) return undefined;
  const settings = isObject(hdr) ? hdr : {};
  refuseNull(type, "hdr", settings, "number_of_significant_value_digits");
  const digits = Number(settings["number_of_significant_value_digits"] ?? 3);
  if (digits >= 0 && digits <= 5) return digits;
  const reason = "[numberOfSignificantValueDigits] must be between 0 and 5";
  const inner = new EsError(
    400,
    "x_content_parse_exception",
    "[hdr] failed to parse field [number_of_significant_value_digits]",
    { caused_by: { type: "illegal_argument_exception", reason } },
  );
  throw xContentParseException(`[${type}] failed to parse field [hdr]`, {
    root_cause: [{ type: inner.type, reason: inner.reason }],
    caused_by: inner.toCause(),
  }).at(settings, "number_of_significant_value_digits");
}

/** Refuses `null` for a setting of a way of computing. @throws {EsError} in the server's words */
export function refuseNull(type: string, way: string, settings: JsonObject, key: string): void {
  if (settings[key] !== null) return;
  const reason = `[${way}] ${key} doesn't support values of type: VALUE_NULL`;
  const inner = new EsError(400, "x_content_parse_exception", reason);
  throw xContentParseException(`[${type}] failed to parse field [${way}]`, {
    root_cause: [{ type: inner.type, reason }],
    caused_by: inner.toCause(),
  }).at(settings, key);
}

/** Refuses what such a histogram cannot hold. @throws {EsError} */
export function refuseNegative(value: number, index: string): void {
  if (value >= 0) return;
  const reason = "Negative values are not supported by HDR aggregation";
  throw shardFailure(index, "illegal_argument_exception", reason);
}

/** The steps of a histogram over sorted values; the finest are at the least value above 0. */
function stepsOf(
  sorted: readonly number[],
  digits: number,
): (value: number) => readonly [number, number] {
  const buckets = 2 ** Math.ceil(Math.log2(2 * 10 ** digits));
  const least = sorted.find((value) => value > 0) ?? 1;
  const lowest = Math.floor(Math.log2(least));
  const finest = 2 ** lowest / (buckets / 2);
  return (value) => {
    const above = value <= 0 ? 0 : Math.max(0, Math.floor(Math.log2(value)) - lowest);
    const step = finest * 2 ** above;
    const low = Math.floor(value / step) * step;
    return [low, low + step - finest];
  };
}

/** The greatest value that counts as equal to the one at a percent (HdrHistogram). */
export function hdrPercentile(sorted: readonly number[], percent: number, digits: number): number {
  const [low, high] = stepsOf(
    sorted,
    digits,
  )(sorted[Math.max(1, Math.floor((percent / 100) * sorted.length + 0.5)) - 1] ?? 0);
  return percent === 0 ? low : high;
}

/** The percent of values that are at most what counts as equal to a value. */
export function hdrRank(sorted: readonly number[], value: number, digits: number): number {
  const [, high] = stepsOf(sorted, digits)(value);
  return (100 * sorted.filter((each) => each <= high).length) / sorted.length;
}
