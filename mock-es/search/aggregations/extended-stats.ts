/** `extended_stats`: `stats` with variances and deviations. */
import { EsError, illegalArgument } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { type AggregationParser, checkSettings, type Result, shardFinder } from "./aggregation.ts";
import { bare, formatOf, writeStats } from "./metrics.ts";
import { Numbers } from "./numbers.ts";
import type { ValueFormat } from "./value-format.ts";
import { compileSource, isNumeric } from "./values-source.ts";

/** How many deviations the bounds are away from the mean when nothing is said. */
export const defaultSigma = 2;

/** `extended_stats`. */
export const parseExtendedStats: AggregationParser = (name, body, _sub, context) => {
  checkSettings("extended_stats", body, ["field", "missing", "format", "value_type", "sigma"]);
  const sigma = Number(body["sigma"] ?? defaultSigma);
  if (!(sigma >= 0)) {
    const cause = illegalArgument(
      `[sigma] must be greater than or equal to 0. Found [${doubleText(sigma)}] in [${name}]`,
    );
    const reason = "[extended_stats] failed to parse field [sigma]";
    throw new EsError(400, "x_content_parse_exception", reason, {
      caused_by: cause.toCause(),
    }).at(body, "sigma");
  }
  const source = compileSource("extended_stats", body, context, isNumeric);
  const plain = formatOf(body, source);
  const format = source.field?.kind === "date" ? withinDates(plain) : plain;
  const shardOf = shardFinder(context);
  return {
    resultType: "extended_stats",
    create() {
      const numbers = new Numbers();
      return {
        collect(document) {
          const shard = shardOf(document);
          for (const value of source.read(document)) numbers.add(Number(value), shard);
        },
        result: () => writeExtendedStats(numbers, sigma, format),
      };
    },
  };
};

/** Squares of dates may be too much for a long. */
function withinDates(format: ValueFormat): OptionalFormat {
  const { text } = format;
  return {
    ...format,
    text: text && ((value) => (Math.abs(value) >= mostLong ? null : text(value))),
  };
}

const mostLong = 2 ** 63;

type ExtendedNumbers = Pick<Numbers, "count" | "min" | "max" | "sum" | "sumOfSquares">;

/** A format that has no text for some values. */
interface OptionalFormat extends Pick<ValueFormat, "number"> {
  readonly text: ((value: number) => string | null) | undefined;
}

/** The members of `extended_stats`. */
export function writeExtendedStats(
  numbers: ExtendedNumbers,
  sigma: number,
  format: OptionalFormat,
): Result {
  const { count, sum, sumOfSquares } = numbers;
  const isEmpty = count === 0;
  const mean = sum / count;
  const spread = sumOfSquares - (sum * sum) / count;
  const population = Math.max(0, spread / count);
  const sampling = count < 2 ? NaN : Math.max(0, spread / (count - 1));
  const deviation = Math.sqrt(population);
  const sample = Math.sqrt(sampling);
  const values = {
    sum_of_squares: sumOfSquares,
    variance: population,
    variance_population: population,
    variance_sampling: sampling,
    std_deviation: deviation,
    std_deviation_population: deviation,
    std_deviation_sampling: sample,
  };
  const bounds = {
    upper: mean + deviation * sigma,
    lower: mean - deviation * sigma,
    upper_population: mean + deviation * sigma,
    lower_population: mean - deviation * sigma,
    upper_sampling: mean + sample * sigma,
    lower_sampling: mean - sample * sigma,
  };
  const show = (parts: Readonly<Record<string, number>>): Result =>
    Object.fromEntries(
      Object.entries(parts).map(([name, value]) => [name, isEmpty ? null : format.number(value)]),
    );
  const { text } = format;
  const texts = (parts: Readonly<Record<string, number>>): Result =>
    text === undefined || isEmpty
      ? {}
      : Object.fromEntries(
          Object.entries(parts).map(([name, value]) => [
            `${name}_as_string`,
            name.startsWith("std_") ? text(value) : bare(text(value)),
          ]),
        );
  return {
    ...writeStats(numbers, format),
    ...show(values),
    std_deviation_bounds: show(bounds),
    ...texts(values),
    ...(text === undefined || isEmpty
      ? {}
      : { std_deviation_bounds_as_string: plain(bounds, text) }),
  };
}

function plain(
  parts: Readonly<Record<string, number>>,
  text: (value: number) => string | null,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, text(value)]));
}
