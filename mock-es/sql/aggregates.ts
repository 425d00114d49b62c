/** Aggregates of SQL as those of ES|QL. */
import { isNumber } from "./functions.ts";
import type { Written } from "./write.ts";

const whole: ReadonlySet<string> = new Set(["byte", "short", "integer", "long"]);

/** Aggregates that give a double, by what they are in ES|QL. */
const doubles: Readonly<Record<string, string>> = {
  avg: "avg($)",
  stddev_pop: "std_dev($)",
  var_pop: "variance($)",
  sum_of_squares: "sum(to_double($) * to_double($))",
  mad: "median_absolute_deviation($)",
};

/**
 * Writes an aggregate.
 *
 * @param value `undefined` for `*`
 * @returns `undefined` for a type that it does not take
 */
export function writeAggregate(
  name: string,
  value: Written | undefined,
  percent: number | undefined,
): Written | undefined {
  if (name === "count") return { text: `count(${value?.text ?? "*"})`, type: "long" };
  if (value === undefined) return undefined;
  const { text, type } = value;
  if (name === "count_distinct")
    return type === "text" ? undefined : { text: `count_distinct(${text})`, type: "long" };
  const isExtreme = name === "min" || name === "max";
  if (isExtreme && (isNumber(type) || type === "datetime" || type === "date"))
    return { text: `${name}(${text})`, type };
  if (!isNumber(type)) return undefined;
  if (name === "sum") return { text: `sum(${text})`, type: whole.has(type) ? "long" : "double" };
  if (name === "percentile")
    return percent === undefined || percent < 0 || percent > 100
      ? undefined
      : { text: `percentile(${text}, ${percent})`, type: "double" };
  const written = Object.hasOwn(doubles, name) ? doubles[name] : undefined;
  if (written === undefined) return undefined;
  return { text: written.replaceAll("$", () => text), type: "double" };
}
