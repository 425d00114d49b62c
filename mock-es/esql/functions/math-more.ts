/** Less common functions of numbers. */
import { arithmeticProblem } from "../plan/analysis.ts";
import { constantValue, ofSingles } from "../plan/typed.ts";
import { commonNumber, type DataType, isNumeric, isTemporal } from "../values/types.ts";
import { compareScalars, isList, type Scalar } from "../values/value.ts";
import {
  asDouble,
  checkArgument,
  checkArguments,
  type FunctionDefinition,
  scalarFunction,
  takes,
} from "./definition.ts";
import { finite, widened, within } from "./math.ts";

const signed = {
  accepts: (type: DataType) => isNumeric(type) && type !== "unsigned_long",
  expected: "numeric",
};

/** Numbers of Java wrap: the least one has no positive counterpart. */
function wrapped(type: DataType, value: Scalar): Scalar {
  if (type === "integer") return Number(BigInt.asIntN(32, BigInt(value as number)));
  return type === "long" ? BigInt.asIntN(64, value as bigint) : value;
}

const copySign: FunctionDefinition = {
  least: 2,
  most: 2,
  build(call) {
    const [magnitude] = call.from;
    if (magnitude === undefined || !checkArguments(call, [signed, signed])) return undefined;
    const { type } = magnitude;
    return ofSingles(call.analysis, call, type, call.from, (value = 0, other = 0) => {
      const sign = asDouble(other);
      if (type === "double") {
        const isNegative = sign < 0 || Object.is(sign, -0);
        return isNegative ? -Math.abs(value as number) : Math.abs(value as number);
      }
      const number = BigInt(value as number);
      const moved = number < 0n === sign < 0 ? number : -number;
      return wrapped(type, type === "integer" ? Number(moved) : moved);
    });
  },
};

const scalb: FunctionDefinition = scalarFunction(
  [
    takes.numeric,
    {
      accepts: (type) => type === "integer" || type === "long",
      expected: "whole number except unsigned_long or counter types",
    },
  ],
  "double",
  () =>
    (value = 0, factor = 0) => {
      const exponent = Number(factor);
      if (!Number.isInteger(exponent) || Math.abs(exponent) > 2 ** 31)
        throw arithmeticProblem("integer overflow");
      return finite(scaled(asDouble(value), exponent));
    },
);

/** Value times a power of two, in steps that no double is too small or too large for. */
function scaled(value: number, exponent: number): number {
  const bounded = Math.min(Math.max(exponent, -2200), 2200);
  const step = Math.trunc(bounded / 3);
  return value * 2 ** step * 2 ** step * 2 ** (bounded - 2 * step);
}

/** The greatest of some points that is not above a value; the least one for what is below all. */
const roundTo: FunctionDefinition = {
  least: 2,
  most: 1000,
  build(call) {
    const { analysis } = call;
    const [field, ...points] = call.from;
    if (field === undefined) return undefined;
    const type = call.from
      .map((part) => part.type)
      .reduce<DataType | undefined>((a, b) => {
        if (a === undefined || a === b) return a;
        return isNumeric(a) && isNumeric(b) ? commonNumber(a, b) : undefined;
      }, field.type);
    if (type === "null" || call.from.some((part) => part.type === "null"))
      throw analysis.unsupported(call, "[round_to] of null");
    if (type === undefined || type === "unsigned_long" || !(isNumeric(type) || isTemporal(type)))
      return analysis.fail(call, "all arguments must be numeric, date, or data_nanos");
    const sorted = points
      .map((point) => {
        const value = point.isConstant ? constantValue(point) : null;
        if (value === null || isList(value))
          throw analysis.unsupported(point, "a point that is no constant of one value");
        return widened(value, type);
      })
      .sort((a, b) => compareScalars(type, a, b));
    return ofSingles(analysis, call, type, [field], (value = 0) => {
      const wanted = widened(value, type);
      return sorted.findLast((point) => compareScalars(type, point, wanted) <= 0) ?? sorted[0] ?? 0;
    });
  },
};

/** `clamp_min` and `clamp_max`, of values of one type. */
function clamp(sign: 1 | -1): FunctionDefinition {
  return {
    least: 2,
    most: 2,
    build(call) {
      const [field, bound] = call.from;
      if (field === undefined || bound === undefined) return undefined;
      const { type } = field;
      const clampable = type !== "null" && type !== "geo_point" && type !== "_source";
      if (!clampable || (bound.type !== type && bound.type !== "null"))
        throw call.analysis.unsupported(call, "clamping to a bound of another type");
      if (!checkArgument(call, 0, 2, takes.anything)) return undefined;
      return ofSingles(call.analysis, call, type, call.from, (value = 0, limit = 0) =>
        sign * compareScalars(type, value, limit) < 0 ? limit : value,
      );
    },
  };
}

/** Less common functions of numbers by their names. */
export const moreMathFunctions: Readonly<Record<string, FunctionDefinition>> = {
  acosh: within(Math.acosh, (x) => x >= 1, "Acosh input out of range"),
  asinh: scalarFunction([takes.numeric], "double", () => (value) => Math.asinh(asDouble(value))),
  atanh: within(Math.atanh, (x) => x > -1 && x < 1, "Atanh input out of range"),
  clamp_max: clamp(-1),
  clamp_min: clamp(1),
  copy_sign: copySign,
  round_to: roundTo,
  scalb,
};
