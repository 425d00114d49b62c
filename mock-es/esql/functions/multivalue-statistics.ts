/** Statistics of the values of one cell. */
import { CompensatedSum } from "../../search/aggregations/numbers.ts";
import { argumentProblem, arithmeticProblem } from "../plan/analysis.ts";
import { attempt, constant, constantValue, ofCells } from "../plan/typed.ts";
import { type DataType, isNumeric } from "../values/types.ts";
import { type Cell, compareScalars, isList, type Scalar, valuesOf } from "../values/value.ts";
import {
  asDouble,
  type Call,
  checkArgument,
  type FunctionDefinition,
  takes,
} from "./definition.ts";
import { exactInteger, exactLong } from "./math.ts";
import { doubleText } from "../../json/java-number.ts";
import { single } from "./multivalues.ts";

const signed = {
  accepts: (type: DataType) => isNumeric(type) && type !== "unsigned_long",
  expected: "numeric except unsigned_long",
};

/** Whole numbers beyond this are not subtracted as doubles. */
const maxSafe = 2n ** 53n - 1n;
const fractionBits = 1074n;

const percentile: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [field, percent] = call.from;
    if (field === undefined || percent === undefined) return undefined;
    if (!checkArgument(call, 0, 2, signed) || !checkArgument(call, 1, 2, signed)) return undefined;
    const { type } = field;
    return ofCells(call, type, call.from, (row): Cell => {
      const values = valuesOf(field.evaluate(row));
      const wanted = single(call, percent.evaluate(row));
      if (wanted === null || values.length === 0) return null;
      return attempt(call.analysis, call, () => percentileOf(values, asDouble(wanted), type));
    });
  },
};

function percentileOf(values: readonly Scalar[], percent: number, type: DataType): Scalar {
  if (!(percent >= 0 && percent <= 100))
    throw argumentProblem(
      `Percentile parameter must be a number between 0 and 100, found [${doubleText(percent)}]`,
    );
  const sorted = values.toSorted((a, b) => compareScalars(type, a, b));
  const at = (percent / 100) * (values.length - 1);
  const below = Math.trunc(at);
  const fraction = at - below;
  const low = sorted[below] ?? 0;
  const high = sorted[below + 1] ?? low;
  if (type === "double") {
    const [a, b] = [low as number, high as number];
    return a < 0 && b > 0 ? a + fraction * b - fraction * a : a + fraction * (b - a);
  }
  const [a, b] = [BigInt(low as number), BigInt(high as number)];
  if (type === "integer") return Number(a) + Math.trunc(fraction * Number(b - a));
  if (b < maxSafe && a > -maxSafe) return a + BigInt(Math.trunc(fraction * Number(b - a)));
  // As with decimals of any length: the fraction is a whole number of the smallest doubles.
  const whole = BigInt(fraction * 2 ** 1000) << (fractionBits - 1000n);
  return ((a << fractionBits) + whole * (b - a)) / (1n << fractionBits);
}

const deviation: FunctionDefinition = {
  least: 1,
  most: 1,
  build(call) {
    const [field] = call.from;
    if (field === undefined || !checkArgument(call, 0, 1, takes.numeric)) return undefined;
    const { type } = field;
    return ofCells(call, type, call.from, (row): Cell => {
      const values = valuesOf(field.evaluate(row));
      if (values.length === 0) return null;
      if (type === "double") return doubleDeviation(values as readonly number[]);
      const whole = values.map((value) => BigInt(value as number));
      const middle = middleOf(whole);
      const distance = middleOf(
        whole.map((value) => (value > middle ? value - middle : middle - value)),
      );
      return attempt(call.analysis, call, () =>
        type === "integer"
          ? exactInteger(distance)
          : type === "long"
            ? exactLong(distance)
            : distance,
      );
    });
  },
};

function middleOf(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0n;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0n) + upper) / 2n;
}

function doubleDeviation(values: readonly number[]): number {
  const median = (of: readonly number[]): number => {
    const sorted = of.toSorted((a, b) => a - b);
    const middle = sorted.length >> 1;
    const upper = sorted[middle] ?? 0;
    return sorted.length % 2 === 1 ? upper : (sorted[middle - 1] ?? 0) / 2 + upper / 2;
  };
  const middle = median(values);
  return median(values.map((value) => (value > middle ? value - middle : middle - value)));
}

/** The sum of the values, each divided by its place to the power of `p`. */
const weightedSum: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [field, power] = call.from;
    const doubles = { accepts: (type: DataType) => type === "double", expected: "double" };
    if (field === undefined || power === undefined) return undefined;
    if (!checkArgument(call, 0, 2, doubles) || !checkArgument(call, 1, 2, doubles))
      return undefined;
    if (power.type === "null") return constant(call, "null", null);
    const p = fixedNumber(call, 1);
    return ofCells(call, "double", call.from, (row): Cell => {
      const values = valuesOf(field.evaluate(row));
      if (values.length === 0) return null;
      return attempt(call.analysis, call, () => {
        const sum = new CompensatedSum();
        for (const [at, value] of values.entries()) sum.add((value as number) / (at + 1) ** p);
        if (!Number.isFinite(sum.value)) throw arithmeticProblem("double overflow");
        return sum.value;
      });
    });
  },
};

/** @throws {EsError} 400 for an argument that is no constant number */
function fixedNumber(call: Call, at: number): number {
  const argument = call.from[at];
  const value = argument?.isConstant === true ? constantValue(argument) : null;
  if (argument === undefined || typeof value !== "number" || isList(value))
    throw call.analysis.unsupported(argument ?? call, "an argument that is no constant number");
  return value;
}

/** Statistics of cells by their names. */
export const multivalueStatistics: Readonly<Record<string, FunctionDefinition>> = {
  mv_median_absolute_deviation: deviation,
  mv_percentile: percentile,
  mv_pseries_weighted_sum: weightedSum,
};
