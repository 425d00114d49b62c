/** Aggregates of numbers: percentiles, spread and weights. */
import { CompensatedSum } from "../../search/aggregations/numbers.ts";
import type { Typed } from "../plan/analysis.ts";
import { constantValue } from "../plan/typed.ts";
import { type Cell, valuesOf } from "../values/value.ts";
import { type Aggregate, type Build, exceptUnsigned, ofValues } from "./aggregate.ts";
import { asDouble, type Call, checkArgument, type Parameter } from "./definition.ts";

/** The value below which a part of the values lies, between two of them if need be. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] ?? 0;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (at - below);
}

function ofNumbers(argument: Typed, compute: (values: readonly number[]) => Cell): Aggregate {
  return ofValues(argument, "double", () => {
    const values: number[] = [];
    return {
      add: (value) => void values.push(asDouble(value)),
      result: () => (values.length === 0 ? null : compute(values)),
    };
  });
}

/** `median`: the percentile 50. */
export function median(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  const parameter: Parameter = {
    ...exceptUnsigned,
    expected: "exponential_histogram, tdigest or numeric except unsigned_long or counter types",
  };
  if (argument === undefined || !checkArgument(call, 0, 1, parameter)) return undefined;
  return ofNumbers(argument, (values) => quantile(values, 0.5));
}

/** `percentile`: exact. */
export function percentile(call: Call): Aggregate | undefined {
  const [argument, percent] = call.from;
  const first: Parameter = {
    ...exceptUnsigned,
    expected: "exponential_histogram, tdigest or numeric except unsigned_long",
  };
  const second: Parameter = { ...exceptUnsigned, expected: "numeric except unsigned_long" };
  if (argument === undefined || percent === undefined) return undefined;
  if (!checkArgument(call, 0, 2, first) || !checkArgument(call, 1, 2, second)) return undefined;
  if (!percent.isConstant)
    throw call.analysis.unsupported(percent, "a percent that is no constant");
  const wanted = constantValue(percent);
  if (wanted === null || typeof wanted === "object")
    throw call.analysis.unsupported(percent, "a percent without one value");
  const part = asDouble(wanted) / 100;
  if (!(part >= 0 && part <= 1))
    throw call.analysis.unsupported(percent, "a percent that is not between 0 and 100");
  return ofNumbers(argument, (values) => quantile(values, part));
}

/** Spread around the mean, by Welford's way as the server computes it. */
export function spread(finish: (squares: number, count: number) => number): Build {
  return (call) => {
    const [argument] = call.from;
    if (argument === undefined || !checkArgument(call, 0, 1, exceptUnsigned)) return undefined;
    return ofValues(argument, "double", () => {
      let found = 0;
      let mean = 0;
      let squares = 0;
      return {
        add(value) {
          const number = asDouble(value);
          const delta = number - mean;
          found++;
          mean += delta / found;
          squares += delta * (number - mean);
        },
        result: () => (found === 0 ? null : finish(squares, found)),
      };
    });
  };
}

/** `weighted_avg` */
export function weightedAvg(call: Call): Aggregate | undefined {
  const [number, weight] = call.from;
  if (number === undefined || weight === undefined) return undefined;
  if (!checkArgument(call, 0, 2, exceptUnsigned) || !checkArgument(call, 1, 2, exceptUnsigned))
    return undefined;
  if ([number, weight].some(({ type }) => type !== "double" && type !== "integer"))
    throw call.analysis.unsupported(call, "[weighted_avg] of such types");
  return {
    type: "double",
    create() {
      const products = new CompensatedSum();
      const weights = new CompensatedSum();
      let hasAny = false;
      return {
        add(row) {
          const a = valuesOf(number.evaluate(row));
          const b = valuesOf(weight.evaluate(row));
          if (a.length > 1 || b.length > 1)
            throw call.analysis.unsupported(call, "[weighted_avg] of several values");
          const [x] = a;
          const [y] = b;
          if (y !== undefined) weights.add(asDouble(y));
          if (x === undefined || y === undefined) return;
          hasAny = true;
          products.add(asDouble(x) * asDouble(y));
        },
        result() {
          if (!hasAny) return null;
          if (weights.value === 0)
            throw call.analysis.unsupported(call, "weights that are zero together");
          return products.value / weights.value;
        },
      };
    },
  };
}
