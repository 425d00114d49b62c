/** Metrics of the buckets beside them, such as `max_bucket` and `stats_bucket`. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { doubleJson, doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, jsonText } from "../../json/json-value.ts";
import type { Result, SiblingPipeline } from "./aggregation.ts";
import { memberOf } from "./bucket-order.ts";
import {
  bucketNumber,
  bucketsPathOf,
  checkPath,
  gapPolicyOf,
  pathSteps,
  reduceFailure,
} from "./buckets-path.ts";
import { defaultSigma, writeExtendedStats } from "./extended-stats.ts";
import { writeStats } from "./metrics.ts";
import { usualPercents } from "./percentiles.ts";
import { type NumberText, numberTextOf, simpleValue } from "./pipeline-values.ts";
import { metaOf } from "./aggregation.ts";

/** A bucket with the value that is looked at. */
interface Valued {
  readonly key: string;
  readonly value: number;
}

type Reduce = (buckets: readonly Valued[], text: NumberText) => Result;

/** One kind of them: its settings, the name of its result type, and what it makes of the values. */
interface Kind {
  readonly settings: readonly string[];
  readonly resultType: string;
  readonly compile: (body: JsonObject) => Reduce;
}

const kinds: Readonly<Record<string, Kind>> = {
  avg_bucket: {
    settings: [],
    resultType: "simple_value",
    compile: () => (buckets, text) =>
      simpleValue(buckets.length === 0 ? NaN : sum(buckets) / buckets.length, text),
  },
  max_bucket: {
    settings: [],
    resultType: "bucket_metric_value",
    compile: () => (buckets, text) => best(buckets, 1, text),
  },
  min_bucket: {
    settings: [],
    resultType: "bucket_metric_value",
    compile: () => (buckets, text) => best(buckets, -1, text),
  },
  sum_bucket: {
    settings: [],
    resultType: "simple_value",
    compile: () => (buckets, text) => simpleValue(sum(buckets), text),
  },
  stats_bucket: {
    settings: [],
    resultType: "stats_bucket",
    compile: () => (buckets, text) => writeStats(numbersOf(buckets), { number: doubleJson, text }),
  },
  extended_stats_bucket: {
    settings: ["sigma"],
    resultType: "extended_stats_bucket",
    compile: compileExtended,
  },
  percentiles_bucket: {
    settings: ["percents", "keyed"],
    resultType: "percentiles_bucket",
    compile: compilePercentiles,
  },
};

/** True for a type that {@link compileSibling} knows. */
export function isSibling(type: string): boolean {
  return Object.hasOwn(kinds, type);
}

/**
 * Compiles one of them.
 *
 * @param aggs the definitions that it stands among
 * @throws {EsError} 400 in the server's words, or a refusal of what is not computed
 */
export function compileSibling(
  name: string,
  type: string,
  definition: JsonObject,
  aggs: JsonObject,
): SiblingPipeline {
  const body = isObject(definition[type]) ? definition[type] : {};
  const kind = kinds[type];
  const known = ["buckets_path", "gap_policy", "format", ...(kind?.settings ?? [])];
  const other = Object.keys(body).find((key) => !known.includes(key));
  if (kind === undefined || other !== undefined) throw notSupported(`[${other}] in [${type}]`);
  const path = bucketsPathOf(name, body);
  const gap = gapPolicyOf(body);
  const text = numberTextOf(body);
  const reduce = kind.compile(body);
  checkPath(path, aggs);
  const steps = pathSteps(path);
  return {
    name,
    resultType: kind.resultType,
    meta: metaOf(definition),
    compute(siblings) {
      const { buckets, rest, within } = bucketsAt(siblings, steps);
      const valued = buckets.flatMap((bucket) => {
        const value = bucketNumber(bucket, rest, gap, within);
        return value === undefined || Number.isNaN(value) ? [] : [{ key: keyOf(bucket), value }];
      });
      return reduce(valued, text);
    },
  };
}

/** The buckets that a path leads through first, and the rest of the path. */
function bucketsAt(
  siblings: Result,
  steps: readonly string[],
): {
  readonly buckets: readonly Result[];
  readonly rest: readonly string[];
  readonly within: string;
} {
  let at: unknown = siblings;
  for (const [place, step] of steps.entries()) {
    at = memberOf(at, step);
    const buckets = isObject(at) ? at["buckets"] : undefined;
    const rest = steps.slice(place + 1);
    if (Array.isArray(buckets))
      return { buckets: buckets as readonly Result[], rest, within: step };
    if (isObject(buckets)) {
      const list = Object.entries(buckets).map(([key, bucket]) => ({
        ...(isObject(bucket) ? bucket : {}),
        key,
      }));
      return { buckets: list, rest, within: step };
    }
  }
  throw reduceFailure(
    "The first aggregation in buckets_path must be a multi-bucket aggregation for aggregation",
  );
}

function keyOf({ key, key_as_string: text }: Result): string {
  return typeof text === "string" ? text : typeof key === "string" ? key : jsonText(key);
}

function sum(buckets: readonly Valued[]): number {
  return buckets.reduce((total, { value }) => total + value, 0);
}

function numbersOf(buckets: readonly Valued[]): {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly sumOfSquares: number;
} {
  const values = buckets.map(({ value }) => value);
  return {
    count: values.length,
    min: Math.min(...values),
    max: Math.max(...values),
    sum: sum(buckets),
    sumOfSquares: values.reduce((total, value) => total + value * value, 0),
  };
}

/** The greatest or least value, with the keys of all buckets that have it. */
function best(buckets: readonly Valued[], sign: 1 | -1, text: NumberText): Result {
  const [first] = buckets;
  if (first === undefined) return { value: null, keys: [] };
  const value = buckets.reduce(
    (most, bucket) => (sign * bucket.value > sign * most ? bucket.value : most),
    first.value,
  );
  const keys = buckets.filter((bucket) => bucket.value === value).map(({ key }) => key);
  return { ...simpleValue(value, text), keys };
}

function compileExtended(body: JsonObject): Reduce {
  const sigma = Number(body["sigma"] ?? defaultSigma);
  if (!(sigma >= 0)) throw illegalArgument("sigma must be a non-negative double");
  return (buckets, text) =>
    writeExtendedStats(numbersOf(buckets), sigma, { number: doubleJson, text });
}

function compilePercentiles(body: JsonObject): Reduce {
  const given = body["percents"];
  const percents = Array.isArray(given) ? (given as readonly unknown[]).map(Number) : usualPercents;
  if (!percents.every((percent) => percent >= 0 && percent <= 100)) {
    throw illegalArgument("percents must only contain non-null doubles from 0.0-100.0 inclusive");
  }
  return (buckets, text) => {
    const sorted = buckets.map(({ value }) => value).sort((a, b) => a - b);
    const valueAt = (percent: number): number =>
      sorted[Math.round((percent / 100) * (sorted.length - 1))] ?? NaN;
    if (body["keyed"] === false) {
      return {
        // The text has the name that it has in an object.
        values: percents.map((percent) => ({
          key: doubleJson(percent),
          ...simpleValue(valueAt(percent), undefined),
          ...(text === undefined || !Number.isFinite(valueAt(percent))
            ? {}
            : { [`${doubleText(percent)}_as_string`]: text(valueAt(percent)) }),
        })),
      };
    }
    const parts = percents.map((percent) =>
      simpleValue(valueAt(percent), text, doubleText(percent)),
    );
    return { values: Object.assign({}, ...parts) as Result };
  };
}
