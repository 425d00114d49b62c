/** Functions of numbers. */
import { type Analysis, arithmeticProblem, type Typed } from "../plan/analysis.ts";
import { constant, ofCells, ofSingles } from "../plan/typed.ts";
import { isNumeric, type DataType } from "../values/types.ts";
import type { Scalar } from "../values/value.ts";
import {
  asDouble,
  type Call,
  checkArgument,
  checkArguments,
  type FunctionDefinition,
  optional,
  scalarFunction,
  takes,
} from "./definition.ts";

const keepsType = ([type = "double"]: readonly DataType[]): DataType => type;

/** A function of doubles whose result must be finite. */
function ofDouble(compute: (value: number) => number): FunctionDefinition {
  return scalarFunction([takes.numeric], "double", () => (value) => {
    return compute(asDouble(value));
  });
}

/** As {@link ofDouble}; outside of a range there is no result. */
export function within(
  compute: (value: number) => number,
  fits: (value: number) => boolean,
  problem: string,
): FunctionDefinition {
  return ofDouble((value) => {
    if (!fits(value)) throw arithmeticProblem(problem);
    return compute(value);
  });
}

export function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw arithmeticProblem(`not a finite double number: ${value}`);
}

/** Whole numbers stay as they are, several of them too. */
function rounding(compute: (value: number) => number): FunctionDefinition {
  const ofDoubles = scalarFunction([takes.numeric], "double", () => (value) => {
    return compute(value as number);
  });
  return { ...ofDoubles, build: (call) => unchanged(call) ?? ofDoubles.build(call) };
}

/** A call that leaves whole numbers as they are; `undefined` for doubles. */
function unchanged(call: Call): Typed | undefined {
  const [argument] = call.from;
  if (argument === undefined || call.from.length > 1) return undefined;
  const { type } = argument;
  if (type === "double" || (type !== "null" && !isNumeric(type))) return undefined;
  return ofCells(call, type, call.from, (row) => argument.evaluate(row));
}

const absOfSigned = scalarFunction([takes.numeric], keepsType, ([type]) => (value) => {
  if (type === "integer" && value === -2147483648) throw arithmeticProblem("integer overflow");
  if (type === "long" && value === -(2n ** 63n)) throw arithmeticProblem("long overflow");
  if (typeof value === "bigint") return value < 0n ? -value : value;
  return Math.abs(value as number);
});

const abs: FunctionDefinition = {
  ...absOfSigned,
  build(call) {
    const isUnsigned = call.from[0]?.type === "unsigned_long";
    return (isUnsigned ? unchanged(call) : undefined) ?? absOfSigned.build(call);
  },
};

const signum = ofDouble((value) => Math.sign(value));

const log: FunctionDefinition = {
  least: 1,
  most: 2,
  build(call) {
    for (let at = 0; at < call.from.length; at++)
      if (!checkArgument(call, at, 2, takes.numeric)) return undefined;
    return ofSingles(call.analysis, call, "double", call.from, (first, second) => {
      const value = asDouble(first ?? 0);
      if (second === undefined) {
        if (value <= 0) throw arithmeticProblem("Log of non-positive number");
        return Math.log(value);
      }
      const argument = asDouble(second);
      if (value <= 0 || argument <= 0) throw arithmeticProblem("Log of non-positive number");
      if (value === 1) throw arithmeticProblem("Log of base 1");
      return Math.log10(argument) / Math.log10(value);
    });
  },
};

const round: FunctionDefinition = {
  least: 1,
  most: 2,
  build(call) {
    const [number, decimals] = call.from;
    const whole = {
      accepts: (type: DataType) => type === "integer" || type === "long",
      expected: "whole number except unsigned_long or counter types",
    };
    if (number === undefined || !checkArguments(call, [takes.numeric, optional(whole)]))
      return undefined;
    const { type } = number;
    const same = unchanged(call);
    if (same !== undefined) return same;
    return ofSingles(call.analysis, call, type, call.from, (value, places) => {
      const count = decimals === undefined ? 0 : Number(places);
      if (type === "double") return roundDouble(value as number, count);
      return count > 0 ? (value ?? null) : roundWhole(type, value ?? 0, count);
    });
  },
};

/** Half is rounded away from zero, of the number times a power of ten. */
function roundDouble(value: number, count: number): number {
  const power = 10 ** count;
  if (power === 0 || value === 0 || Number.isNaN(value)) return 0;
  const scaled = value * power;
  if (!Number.isFinite(scaled)) return value;
  // What no long holds has no decimals left to be rounded.
  if (Math.abs(scaled) >= 2 ** 63) return scaled / power;
  return (Math.round(Math.abs(scaled)) / power) * (scaled >= 0 ? 1 : -1);
}

const lastLong = 2n ** 63n - 1n;

/** Unsigned numbers that a long holds are rounded as longs. */
function roundWhole(type: DataType, value: Scalar, count: number): Scalar {
  const number = BigInt(value as number | bigint);
  if (number === 0n) return value;
  const size = number < 0n ? -number : number;
  const isUnsigned = number > lastLong;
  if (isUnsigned && count === 0) throw arithmeticProblem("Negative exponent");
  if (String(size).length <= -count && !(isUnsigned && String(size).length === -count))
    return type === "integer" ? 0 : 0n;
  const factor = 10n ** BigInt(-count);
  const rounded = ((size + factor / 2n) / factor) * factor;
  const result = number < 0n ? -rounded : rounded;
  if (isUnsigned) return exactUnsigned(result);
  return type === "integer" ? exactInteger(result) : exactLong(result);
}

function exactUnsigned(value: bigint): bigint {
  if (value === BigInt.asUintN(64, value)) return value;
  throw arithmeticProblem("unsigned_long overflow");
}

/** @throws {Uncomputable} for what an integer cannot hold */
export function exactInteger(value: bigint): number {
  if (value === BigInt.asIntN(32, value)) return Number(value);
  throw arithmeticProblem("integer overflow");
}

/** @throws {Uncomputable} for what a long cannot hold */
export function exactLong(value: bigint): bigint {
  if (value === BigInt.asIntN(64, value)) return value;
  throw arithmeticProblem("long overflow");
}

const fixed = (value: number): FunctionDefinition => ({
  least: 0,
  most: 0,
  build: (call) => constant(call, "double", value),
});

const pow = scalarFunction([takes.numeric, takes.numeric], "double", () => (base, exponent) => {
  return finite(Math.pow(asDouble(base ?? 0), asDouble(exponent ?? 0)));
});

/** Functions of numbers by their names. */
export const mathFunctions: Readonly<Record<string, FunctionDefinition>> = {
  abs,
  acos: within(Math.acos, (x) => x >= -1 && x <= 1, "Acos input out of range"),
  asin: within(Math.asin, (x) => x >= -1 && x <= 1, "Asin input out of range"),
  atan: ofDouble(Math.atan),
  atan2: scalarFunction(
    [takes.numeric, takes.numeric],
    "double",
    () => (y, x) => Math.atan2(asDouble(y ?? 0), asDouble(x ?? 0)),
  ),
  cbrt: ofDouble(Math.cbrt),
  ceil: rounding(Math.ceil),
  cos: ofDouble(Math.cos),
  cosh: ofDouble((value) => overflowing("cosh", Math.cosh(value))),
  e: fixed(Math.E),
  exp: ofDouble(Math.exp),
  floor: rounding(Math.floor),
  hypot: scalarFunction(
    [takes.numeric, takes.numeric],
    "double",
    () => (a, b) => Math.hypot(asDouble(a ?? 0), asDouble(b ?? 0)),
  ),
  log,
  log10: within(Math.log10, (x) => x > 0, "Log of non-positive number"),
  pi: fixed(Math.PI),
  pow,
  round,
  signum,
  sin: ofDouble(Math.sin),
  sinh: ofDouble((value) => overflowing("sinh", Math.sinh(value))),
  sqrt: within(Math.sqrt, (x) => x >= 0, "Square root of negative"),
  tan: ofDouble(Math.tan),
  tanh: ofDouble(Math.tanh),
  tau: fixed(Math.PI * 2),
};

function overflowing(name: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw arithmeticProblem(`${name} overflow`);
}

/** Brings a number to a type that holds it. */
export function widened(value: Scalar, type: DataType): Scalar {
  if (type === "double") return asDouble(value);
  if (type === "long") return typeof value === "number" ? BigInt(value) : value;
  return value;
}

const signs = {
  "+": (a: bigint, b: bigint) => a + b,
  "-": (a: bigint, b: bigint) => a - b,
  "*": (a: bigint, b: bigint) => a * b,
  "/": divided,
  "%": (a: bigint, b: bigint) => (b === 0n ? divided(a, b) : a % b),
} as const;

function divided(a: bigint, b: bigint): bigint {
  if (b === 0n) throw arithmeticProblem("/ by zero");
  return a / b;
}

const doubles = {
  "+": (a: number, b: number) => finite(a + b),
  "-": (a: number, b: number) => finite(a - b),
  "*": (a: number, b: number) => finite(a * b),
  "/": (a: number, b: number) => (b === 0 ? notByZero(NaN) : finite(a / b)),
  "%": (a: number, b: number) => notByZero(a % b),
} as const;

function notByZero(value: number): number {
  if (Number.isFinite(value)) return value;
  throw arithmeticProblem("/ by zero");
}

/** Arithmetic of two numbers of one type. */
export function arithmetic(
  operator: keyof typeof signs,
  type: DataType,
): (a: Scalar, b: Scalar) => Scalar {
  if (type === "double") {
    const compute = doubles[operator];
    return (a, b) => compute(asDouble(a), asDouble(b));
  }
  const compute = signs[operator];
  return (a, b) => {
    const result = compute(BigInt(a as number), BigInt(b as number));
    if (type === "integer")
      return operator === "/" ? Number(BigInt.asIntN(32, result)) : exactInteger(result);
    if (type === "long") return operator === "/" ? BigInt.asIntN(64, result) : exactLong(result);
    return exactUnsigned(result);
  };
}

/** The number with the other sign. */
export function negation(analysis: Analysis, origin: Call, operand: Typed): Typed | undefined {
  const { type } = operand;
  if (type !== "null" && (!isNumeric(type) || type === "unsigned_long")) {
    return analysis.fail(
      origin,
      `argument of [${origin.text}] must be [numeric, date_period or time_duration], found value [${operand.text}] type [${type}]`,
    );
  }
  const typed = ofSingles(analysis, origin, type, [operand], (value) => {
    if (type === "double") return -(value as number);
    const result = -BigInt(value as number);
    return type === "integer" ? exactInteger(result) : exactLong(result);
  });
  return { ...typed, arithmetic: { operator: "negate", left: operand } };
}
