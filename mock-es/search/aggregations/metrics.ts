import { notSupported, textOf } from "../problem.ts";
import { printDate } from "../../values/date.ts";
import type { Field } from "../fields/field.ts";
import type { IndexedValue } from "../fields/value.ts";
import { checkSettings, type AggregationParser, type Collector } from "./aggregation.ts";
import { compileSource, isAnything, isNumeric, type ValuesSource } from "./values-source.ts";

type Results = Record<string, unknown>;

/** Count, extremes and sum of numbers; the sum is compensated (Kahan), as Elasticsearch's is. */
class Numbers {
  count = 0;
  min = Infinity;
  max = -Infinity;
  sum = 0;
  #compensation = 0;

  add(value: number): void {
    this.count++;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    const corrected = value - this.#compensation;
    const next = this.sum + corrected;
    this.#compensation = next - this.sum - corrected;
    this.sum = next;
  }
}

/** Shows a number beside its formatted form, for dates and booleans. */
type Show = (name: string, value: number | null) => Results;

function showOf(field: Field | undefined, format: string | undefined): Show {
  if (field?.kind === "date") {
    const pattern = format ?? field.dateFormat;
    return (name, value) =>
      value === null
        ? { [name]: null }
        : { [name]: value, [`${name}_as_string`]: printDate(value, pattern) };
  }
  if (format !== undefined) throw notSupported("[format] of numbers in metric aggregations");
  if (field?.kind === "boolean") {
    return (name, value) =>
      value === null
        ? { [name]: null }
        : { [name]: value, [`${name}_as_string`]: value === 0 ? "false" : "true" };
  }
  return (name, value) => ({ [name]: value });
}

function numberMetric(
  type: string,
  write: (numbers: Numbers, show: Show) => Results,
): AggregationParser {
  return (_, body, __, context) => {
    checkSettings(type, body, ["field", "missing", "format", "value_type"]);
    const source = compileSource(type, body, context.search, isNumeric);
    const show = showOf(
      source.field,
      body["format"] === undefined ? undefined : textOf(body["format"]),
    );
    return {
      resultType: type,
      create(): Collector {
        const numbers = new Numbers();
        return {
          collect(document) {
            for (const value of source.read(document)) numbers.add(Number(value));
          },
          result: () => write(numbers, show),
        };
      },
    };
  };
}

/** `min`. */
export const parseMin = numberMetric("min", (numbers, show) =>
  show("value", numbers.count > 0 ? numbers.min : null),
);

/** `max`. */
export const parseMax = numberMetric("max", (numbers, show) =>
  show("value", numbers.count > 0 ? numbers.max : null),
);

/** `sum`; 0 without values. */
export const parseSum = numberMetric("sum", (numbers, show) => show("value", numbers.sum));

/** `avg`; null without values. */
export const parseAvg = numberMetric("avg", (numbers, show) =>
  show("value", numbers.count > 0 ? numbers.sum / numbers.count : null),
);

/** `stats`. */
export const parseStats = numberMetric("stats", (numbers, show) => {
  const { count, min, max, sum } = numbers;
  const shown = (name: string, value: number): Results => show(name, count > 0 ? value : null);
  const parts = [shown("min", min), shown("max", max), shown("avg", sum / count), show("sum", sum)];
  if (count === 0) return { count, min: null, max: null, avg: null, sum: 0 };
  // The numbers stand together, their formatted forms after them.
  const numbersFirst = parts.map((part) => Object.entries(part)[0] ?? ["", null]);
  return { count, ...Object.fromEntries(numbersFirst), ...Object.assign({}, ...parts) };
});

function countMetric(type: string, create: (source: ValuesSource) => Collector): AggregationParser {
  return (_, body, __, context) => {
    checkSettings(type, body, [
      "field",
      "missing",
      "precision_threshold",
      "execution_hint",
      "rehash",
      "value_type",
    ]);
    const source = compileSource(type, body, context.search, isAnything);
    return { resultType: type, create: () => create(source) };
  };
}

/** `value_count`: repeated keywords of one document count once, repeated numbers each time. */
export const parseValueCount = countMetric("value_count", (source) => {
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
export const parseCardinality = countMetric("cardinality", (source) => {
  const seen = new Set<IndexedValue>();
  return {
    collect(document) {
      for (const value of source.read(document)) seen.add(value);
    },
    result: () => ({ value: seen.size }),
  };
});
