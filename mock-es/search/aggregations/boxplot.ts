/** `boxplot`: quartiles and whiskers, of all values where Elasticsearch estimates. */
import { type AggregationParser, checkSettings, type Result } from "./aggregation.ts";
import { formatOf } from "./metrics.ts";
import { quantile } from "./percentiles.ts";
import type { ValueFormat } from "./value-format.ts";
import { compileSource, isNumeric } from "./values-source.ts";

/** `boxplot`. */
export const parseBoxplot: AggregationParser = (_name, body, _sub, context) => {
  checkSettings("boxplot", body, [
    "field",
    "missing",
    "value_type",
    "format",
    "compression",
    "execution_hint",
  ]);
  const source = compileSource("boxplot", body, context, isNumeric);
  const format = formatOf(body, source);
  return {
    resultType: "boxplot",
    create() {
      const values: number[] = [];
      return {
        collect(document) {
          for (const value of source.read(document)) values.push(Number(value));
        },
        result: () =>
          shown(
            values.sort((a, b) => a - b),
            format,
          ),
      };
    },
  };
};

function shown(sorted: readonly number[], format: ValueFormat): Result {
  const { text } = format;
  const isEmpty = sorted.length === 0;
  const at = (part: number): number => (isEmpty ? NaN : quantile(sorted, part));
  const [q1, q2, q3] = [at(0.25), at(0.5), at(0.75)];
  const reach = 1.5 * (q3 - q1);
  const parts = {
    min: sorted[0] ?? Infinity,
    max: sorted.at(-1) ?? -Infinity,
    q1,
    q2,
    q3,
    lower: sorted.find((value) => value >= q1 - reach) ?? NaN,
    upper: sorted.findLast((value) => value <= q3 + reach) ?? NaN,
  };
  const entries = Object.entries(parts);
  return {
    ...Object.fromEntries(entries.map(([name, value]) => [name, format.number(value)])),
    ...(text &&
      !isEmpty &&
      Object.fromEntries(entries.map(([name, value]) => [`${name}_as_string`, text(value)]))),
  };
}
