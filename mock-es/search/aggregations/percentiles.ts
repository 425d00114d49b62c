/**
 * `percentiles`, `percentile_ranks` and `median_absolute_deviation`: computed of all values, where
 * Elasticsearch estimates beyond some thousands of them.
 */
import {
  type EsError,
  illegalArgument,
  notSupported,
  xContentParseException,
} from "../../es-error.ts";
import { doubleJson, doubleText, numberOf } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import {
  type AggregationContext,
  type AggregationKind,
  type AggregationLevel,
  type AggregationParser,
  checkSettings,
  type Result,
} from "./aggregation.ts";
import { hdrPercentile, hdrRank, readDigits, refuseNegative, refuseNull } from "./hdr.ts";
import { keep } from "./kept-values.ts";
import { formatOf, shownNumber } from "./metrics.ts";
import type { ValueFormat } from "./value-format.ts";
import { compileSource, isNumeric, isPlainNumber } from "./values-source.ts";

const common = ["field", "missing", "value_type", "format"];
const tunings = ["keyed", "tdigest", "hdr", "compression", "execution_hint"];

/** Percents that are computed when none are given. */
export const usualPercents = [1, 5, 25, 50, 75, 95, 99];

/** `percentiles`. */
export const parsePercentiles: AggregationParser = (name, body, _sub, context) => {
  checkSettings("percentiles", body, [...common, ...tunings, "percents"]);
  const percents = readList("percentiles", "percents", body, name) ?? usualPercents;
  for (const percent of percents) {
    if (percent >= 0 && percent <= 100) continue;
    throw notBuilt(
      "percentiles",
      `percent must be in [0,100], got [${doubleText(percent)}]: [${name}]`,
    );
  }
  const sorted = percents.toSorted((a, b) => a - b);
  return quantileKind("percentiles", body, context, sorted, (values, percent, digits) =>
    digits === undefined ? quantile(values, percent / 100) : hdrPercentile(values, percent, digits),
  );
};

/** `percentile_ranks`. */
export const parsePercentileRanks: AggregationParser = (name, body, _sub, context) => {
  checkSettings("percentile_ranks", body, [...common, ...tunings, "values"]);
  const limits = readList("percentile_ranks", "values", body, name);
  if (limits === undefined)
    throw notBuilt("percentile_ranks", `[values] must not be null: [${name}]`);
  const sorted = limits.toSorted((a, b) => a - b);
  return quantileKind("percentile_ranks", body, context, sorted, (values, limit, digits) =>
    digits === undefined ? rank(values, limit) * 100 : hdrRank(values, limit, digits),
  );
};

/** `median_absolute_deviation`. */
export function parseMedianAbsoluteDeviation(
  name: string,
  body: JsonObject,
  _sub: AggregationLevel,
  context: AggregationContext,
): AggregationKind {
  checkSettings("median_absolute_deviation", body, [...common, "compression", "execution_hint"]);
  const compression = Number(body["compression"] ?? 1000);
  if (compression <= 0)
    throw illegalArgument(
      `[compression] must be greater than 0. Found [${compression.toFixed(1)}] in [${name}]`,
    );
  const source = compileSource("median_absolute_deviation", body, context, isPlainNumber);
  const format = formatOf(body, source);
  return {
    resultType: "median_absolute_deviation",
    create() {
      const values: number[] = [];
      return {
        collect(document) {
          for (const value of source.read(document)) values.push(Number(value));
        },
        result() {
          values.sort((a, b) => a - b);
          const median = quantile(values, 0.5);
          const deviations = values.map((value) => Math.abs(value - median)).sort((a, b) => a - b);
          const middle = values.length === 0 ? undefined : quantile(deviations, 0.5);
          return shownNumber("value", middle, format);
        },
      };
    },
  };
}

/** @throws {EsError} 400 for both ways of computing */
function checkOneMethod(type: string, body: JsonObject): void {
  const [, last] = Object.keys(body).filter((key) => key === "tdigest" || key === "hdr");
  if (last === undefined) return;
  const error = notBuilt(type, "Only one percentiles method should be declared.");
  if (type === "percentiles") throw error;
  // What is required stands before it, so that it is built while this is read.
  if (Object.keys(body).indexOf("values") > Object.keys(body).indexOf(last))
    throw notSupported(`[tdigest] and [hdr] before [values] in [${type}]`);
  const given = body[last];
  if (!isObject(given)) throw error;
  throw xContentParseException(`[${type}] failed to parse field [${last}]`).around(
    error.standingAt(given, undefined, "end"),
  );
}

function notBuilt(type: string, reason: string): EsError {
  return xContentParseException(`Failed to build [${type}] after last required field arrived`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}

/** A number as a text; NaN for other texts. */
function decimalOf(text: string): number {
  const isDecimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text.trim());
  return isDecimal ? Number(text) : NaN;
}

function readList(
  type: string,
  setting: string,
  body: JsonObject,
  name: string,
): readonly number[] | undefined {
  const given = body[setting];
  if (given === undefined) return undefined;
  if (given === null) {
    const reason = `[${type}] ${setting} doesn't support values of type: VALUE_NULL`;
    throw xContentParseException(reason).at(body, setting);
  }
  if (isObject(given)) throw notSupported(`such [${setting}] in [${type}]`);
  const list = (Array.isArray(given) ? (given as readonly unknown[]) : [given]).map((value, at) => {
    if (typeof value === "string" && /^[+-]?(?:NaN|Infinity)$|\d[dDfF]$/.test(value.trim()))
      throw notSupported(`such a number in [${setting}] of [${type}]`);
    const number = typeof value === "string" ? decimalOf(value) : numberOf(value);
    if (!Number.isNaN(number)) return number;
    const text = textOf(value);
    const reason = text.trim() === "" ? "empty String" : `For input string: "${text}"`;
    const cause = { type: "number_format_exception", reason };
    const problem = xContentParseException(`[${type}] failed to parse field [${setting}]`, {
      caused_by: cause,
    });
    throw Array.isArray(given) ? problem.at(given, String(at)) : problem.at(body, setting);
  });
  if (list.length === 0) throw notBuilt(type, `[${setting}] must not be empty: [${name}]`);
  return list;
}

function quantileKind(
  type: string,
  body: JsonObject,
  context: AggregationContext,
  asked: readonly number[],
  compute: (sorted: readonly number[], asked: number, digits: number | undefined) => number,
): AggregationKind {
  const digits = readDigits(type, body);
  checkCompression(type, body["tdigest"]);
  checkOneMethod(type, body);
  const source = compileSource(type, body, context, isNumeric);
  const format = formatOf(body, source);
  const isKeyed = body["keyed"] !== false;
  return {
    resultType: `${digits === undefined ? "tdigest" : "hdr"}_${type}`,
    create() {
      const values: number[] = [];
      return {
        collect(document) {
          for (const value of source.read(document)) {
            if (digits !== undefined) refuseNegative(Number(value), document.index);
            values.push(Number(value));
          }
        },
        result() {
          values.sort((a, b) => a - b);
          const result = show(values);
          if (digits !== undefined || type !== "percentiles") return result;
          return keep(result, { kind: "percentiles", values, show });
        },
      };
    },
  };

  function show(values: readonly number[]): Result {
    const results = asked.map((key): readonly [number, number | undefined] => [
      key,
      values.length === 0 ? undefined : compute(values, key, digits),
    ]);
    return { values: isKeyed ? keyed(results, format) : listed(results, format) };
  }
}

/** `compression` of `tdigest` bounds an error that exact values do not have. */
function checkCompression(type: string, tdigest: unknown): void {
  if (!isObject(tdigest)) return;
  refuseNull(type, "tdigest", tdigest, "compression");
  const given = Number(tdigest["compression"] ?? 0);
  if (given >= 0) return;
  const reason = `[compression] must be greater than or equal to 0. Found [${doubleText(given)}]`;
  throw notBuilt(type, reason);
}

type Results = readonly (readonly [key: number, value: number | undefined])[];

function keyed(results: Results, format: ValueFormat): Result {
  return Object.assign(
    {},
    ...results.map(([key, value]) => shownNumber(doubleText(key), value, format)),
  ) as Result;
}

function listed(results: Results, format: ValueFormat): Result[] {
  return results.map(([key, value]) => ({
    key: doubleJson(key),
    ...shownNumber("value", value, format),
  }));
}

/** The value below which a part of sorted values lies, between two of them if need be. */
export function quantile(sorted: readonly number[], part: number): number {
  const at = part * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? 0;
  const high = sorted[below + 1] ?? low;
  const weight = at - below;
  return low + (high - low) * weight;
}

/**
 * The part of sorted values that lies below a value. Each of them stands for the space up to the
 * middle of its neighbours, as in the server's digest.
 */
function rank(sorted: readonly number[], value: number): number {
  const count = sorted.length;
  const least = sorted[0] ?? 0;
  const most = sorted.at(-1) ?? 0;
  if (value < least) return 0;
  if (value > most) return 1;
  const equal = (wanted: number): number => sorted.filter((other) => other === wanted).length;
  if (value === least && value === most) return 0.5;
  if (value === least) return equal(least) / 2 / count;
  if (value === most) return (count - equal(most) / 2) / count;
  let left = ((sorted[1] ?? 0) - least) / 2;
  for (const [at, own] of sorted.entries()) {
    const next = sorted[at + 1];
    const right = next === undefined ? (own - (sorted[at - 1] ?? 0)) / 2 : (next - own) / 2;
    if (value < own + right) {
      const start = own - (next === undefined ? right : left);
      return Math.max(0, (at + (value - start) / (own + right - start)) / count);
    }
    left = right;
  }
  return 1;
}
