/** Aggregates of numbers: percentiles, spread and weights. */
import { CompensatedSum } from "../../search/aggregations/numbers.ts";
import { arithmeticProblem, type Typed } from "../plan/analysis.ts";
import { attempt, constantValue } from "../plan/typed.ts";
import { type Cell, type Scalar, valuesOf } from "../values/value.ts";
import { arithmeticOf } from "./comparison.ts";
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
        result: () => (found === 0 || !Number.isFinite(squares) ? null : finish(squares, found)),
      };
    });
  };
}

/** `median_absolute_deviation`: the median of the distances to the median. */
export function medianDeviation(call: Call): Aggregate | undefined {
  const [argument] = call.from;
  if (argument === undefined || !checkArgument(call, 0, 1, exceptUnsigned)) return undefined;
  return ofNumbers(argument, (values) => {
    const middle = quantile(values, 0.5);
    return quantile(
      values.map((value) => Math.abs(middle - value)),
      0.5,
    );
  });
}

/** `weighted_avg`: the sum of the products by the sum of the weights. */
export function weightedAvg(call: Call): Aggregate | undefined {
  const [number, weight] = call.from;
  if (number === undefined || weight === undefined) return undefined;
  if (!checkArgument(call, 0, 2, exceptUnsigned) || !checkArgument(call, 1, 2, exceptUnsigned))
    return undefined;
  const fixed = weight.isConstant ? constantValue(weight) : 1;
  if (fixed === null || fixed === 0) {
    const message = `SECOND argument of [${call.text}] cannot be null or 0, received [${fixed}]`;
    return call.analysis.fail(call, message);
  }
  // With a constant weight it is the average.
  const isPlain = weight.isConstant || number.isConstant;
  const products = isPlain ? number : arithmeticOf(call, "*");
  if (products === undefined) return undefined;
  return {
    type: "double",
    create() {
      const above = total(products);
      const below = total(weight);
      let found = 0;
      return {
        add(row) {
          const values = valuesOf(products.evaluate(row));
          above.add(values);
          found += values.length;
          if (!isPlain) below.add(valuesOf(weight.evaluate(row)));
        },
        result: () =>
          attempt(call.analysis, call, () => {
            const [sum, by] = [above.sum(), isPlain ? found : below.sum()];
            if (sum === undefined || by === undefined) return null;
            const quotient = sum / by;
            if (!Number.isFinite(quotient)) throw arithmeticProblem("/ by zero");
            return quotient;
          }),
      };
    },
  };
}

interface Total {
  add(values: readonly Scalar[]): void;
  /** `undefined` without a value, and where a whole sum is beyond a long. */
  sum(): number | undefined;
}

function total({ type }: Typed): Total {
  const sum = new CompensatedSum();
  let whole = 0n;
  let found = 0;
  let isBroken = false;
  return {
    add(values) {
      found += values.length;
      for (const value of values) {
        if (type === "double") sum.add(value as number);
        else whole += BigInt(value as number | bigint);
        isBroken ||= whole !== BigInt.asIntN(64, whole);
      }
    },
    sum() {
      if (found === 0 || isBroken) return undefined;
      return type === "double" ? sum.value : Number(whole);
    },
  };
}
