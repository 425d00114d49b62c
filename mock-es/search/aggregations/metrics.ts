/** Metrics of the values of a field: `min`, `max`, `sum`, `avg`, `stats`, counts. */
import { illegalArgument, xContentParseException } from "../../es-error.ts";
import { type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { IndexedValue } from "../fields/value.ts";
import {
  type AggregationParser,
  checkSettings,
  type Collector,
  type Result,
  shardFinder,
} from "./aggregation.ts";
import { keep } from "./kept-values.ts";
import { Numbers } from "./numbers.ts";
import { type ValueFormat, valueFormat } from "./value-format.ts";
import { compileSource, isAnything, isNumeric, type ValuesSource } from "./values-source.ts";

/** A number, and its text where the field or the request has one. */
export function shownNumber(
  name: string,
  value: number | undefined,
  format: ValueFormat,
): Record<string, unknown> {
  if (value === undefined) return { [name]: null };
  const shown = format.number(value);
  return format.text === undefined
    ? { [name]: shown }
    : { [name]: shown, [`${name}_as_string`]: format.text(value) };
}

/** `format` of an aggregation. */
export function formatOf(body: JsonObject, source: ValuesSource): ValueFormat {
  const { format } = body;
  return valueFormat(source.field, format === undefined ? undefined : textOf(format));
}

/** A metric that is computed from the numbers of a field. */
export function numberMetric(
  type: string,
  write: (numbers: Numbers, format: ValueFormat) => Result,
): AggregationParser {
  return (_, body, __, context) => {
    checkSettings(type, body, ["field", "missing", "format", "value_type"]);
    const source = compileSource(type, body, context, isNumeric);
    const format = formatOf(body, source);
    const shardOf = shardFinder(context);
    return {
      resultType: type,
      create(): Collector {
        const numbers = new Numbers();
        return {
          collect(document) {
            const shard = shardOf(document);
            for (const value of source.read(document)) numbers.add(Number(value), shard);
          },
          result: () => write(numbers, format),
        };
      },
    };
  };
}

const some = (numbers: Numbers, value: number): number | undefined =>
  numbers.count > 0 ? value : undefined;

/** `min`. */
export const parseMin = numberMetric("min", (numbers, format) =>
  shownNumber("value", some(numbers, numbers.min), format),
);

/** `max`. */
export const parseMax = numberMetric("max", (numbers, format) =>
  shownNumber("value", some(numbers, numbers.max), format),
);

/** `sum`; 0 without values. */
export const parseSum = numberMetric("sum", (numbers, format) =>
  shownNumber("value", numbers.sum, format),
);

/** `avg`; null without values. */
export const parseAvg = numberMetric("avg", (numbers, format) =>
  shownNumber("value", some(numbers, numbers.sum / numbers.count), format),
);

/** `stats`. */
export const parseStats = numberMetric("stats", writeStats);

/** The members of `stats`: the numbers first, their texts after them. */
export function writeStats(
  numbers: Pick<Numbers, "count" | "min" | "max" | "sum">,
  format: Pick<ValueFormat, "number"> & {
    readonly text: ((value: number) => string | null) | undefined;
  },
): Record<string, unknown> {
  const { count, min, max, sum } = numbers;
  if (count === 0) return { count, min: null, max: null, avg: null, sum: format.number(0) };
  const parts = Object.entries({ min, max, avg: sum / count, sum });
  const { text } = format;
  return {
    count,
    ...Object.fromEntries(parts.map(([name, value]) => [name, format.number(value)])),
    ...(text === undefined
      ? {}
      : Object.fromEntries(parts.map(([name, value]) => [`${name}_as_string`, bare(text(value))]))),
  };
}

/** The texts of booleans are booleans again. */
export function bare(text: string | null): string | boolean | null {
  return text === "true" || text === "false" ? text === "true" : text;
}

/** A setting of old that has no effect: a whole number. @throws {EsError} 400 */
function checkRehash(type: string, body: JsonObject): void {
  const { rehash } = body;
  if (rehash === undefined || typeof rehash === "number") return;
  if (typeof rehash !== "string") {
    const reason = `[${type}] rehash doesn't support values of type: ${tokenOf(rehash)}`;
    throw xContentParseException(reason).at(body, "rehash");
  }
  if (/^[-+]?\d{1,18}$/.test(rehash)) return;
  const cause = illegalArgument(`For input string: "${rehash}"`).toCause();
  throw xContentParseException(`[${type}] failed to parse field [rehash]`, {
    caused_by: cause,
  }).at(body, "rehash");
}

function countMetric(
  type: string,
  settingNames: readonly string[],
  create: (source: ValuesSource) => Collector,
): AggregationParser {
  return (_, body, __, context) => {
    checkSettings(type, body, ["field", "missing", "value_type", ...settingNames]);
    const precision = Number(body["precision_threshold"] ?? 0);
    if (precision < 0) {
      throw illegalArgument(
        `[precisionThreshold] must be greater than or equal to 0. Found [${precision}] in [${_}]`,
      );
    }
    checkRehash(type, body);
    const source = compileSource(type, body, context, isAnything);
    return { resultType: type, create: () => create(source) };
  };
}

/**
 * `value_count`: repeated keywords of one document count once, repeated numbers each time.
 */
export const parseValueCount = countMetric("value_count", ["format"], (source) => {
  const keepsRepeats = source.field === undefined || isNumeric(source.field);
  let count = 0;
  return {
    collect(document) {
      const values = source.read(document);
      count += keepsRepeats || values.length < 2 ? values.length : new Set(values).size;
    },
    result: () => ({ value: count }),
  };
});

/** `cardinality`: exact, where Elasticsearch estimates beyond `precision_threshold`. */
export const parseCardinality = countMetric(
  "cardinality",
  ["precision_threshold", "execution_hint", "rehash"],
  (source) => {
    const seen = new Set<IndexedValue>();
    return {
      collect(document) {
        // Whole numbers and fractions of several indices are hashed each in their own way.
        for (const value of source.identify(document))
          seen.add(Object.is(value, -0) ? "-0.0" : value);
      },
      result: () => keep({ value: seen.size }, { kind: "distinct", values: seen }),
    };
  },
);
