/** Conversions between types: `to_…` and `::`. */
import { decimalProblem, numericText, wholePart } from "./numeric-text.ts";
import { notSupported } from "../../es-error.ts";
import { nanosOf, parseMoment } from "../../values/date.ts";
import { ipKey } from "../../values/ip-address.ts";
import { argumentProblem, Uncomputable, type Typed } from "../plan/analysis.ts";
import { attempt, ofCells } from "../plan/typed.ts";
import { isString, type DataType } from "../values/types.ts";
import { type Cell, cellOf, type Scalar, scalarText, valuesOf } from "../values/value.ts";
import { parseAmount } from "../values/amount.ts";
import { readPoint } from "../values/point.ts";
import {
  asDouble,
  type Call,
  checkArgument,
  type FunctionDefinition,
  type Parameter,
} from "./definition.ts";

/** `InvalidArgumentException`, as the conversions of the server throw it. */
function invalid(message: string): Uncomputable {
  return new Uncomputable(`org.elasticsearch.xpack.esql.core.InvalidArgumentException: ${message}`);
}

/** How one value of a type becomes one of another. */
type Convert = (value: Scalar) => Scalar;

const outOf = (value: string, type: DataType): Uncomputable =>
  invalid(`[${value}] out of [${type}] range`);

function roundedLong(value: number): bigint {
  if (value > 2 ** 63 || value < -(2 ** 63) || Number.isNaN(value))
    throw outOf(scalarText("double", value), "long");
  const rounded = BigInt(Math.round(value));
  return rounded > 2n ** 63n - 1n ? 2n ** 63n - 1n : rounded;
}

function roundedInteger(value: number): number {
  if (value > 2147483647 || value < -2147483648)
    throw outOf(scalarText("double", value), "integer");
  // What rounds to nothing has no sign.
  return Math.round(value) || 0;
}

function integerOf(value: bigint): number {
  if (value === BigInt.asIntN(32, value)) return Number(value);
  throw outOf(String(value), "integer");
}

/** The last 64 bits are looked at, with a sign, so that the greatest value is -1. */
function integerOfUnsigned(value: bigint): number {
  const signed = BigInt.asIntN(64, value);
  if (signed === BigInt.asIntN(32, value)) return Number(signed);
  throw outOf(String(value), "integer");
}

function longOf(value: bigint): bigint {
  if (value === BigInt.asIntN(64, value)) return value;
  throw outOf(String(value), "long");
}

function unsignedOf(value: bigint): bigint {
  if (value === BigInt.asUintN(64, value)) return value;
  throw outOf(String(value), "unsigned_long");
}

function unsignedOfDouble(value: number): bigint {
  if (!(value >= 0 && value < 2 ** 64)) throw outOf(scalarText("double", value), "unsigned_long");
  // The digits that are shown count, not those that the double stands for.
  return BigInt(String(Math.trunc(value)));
}

/** What a text of a number is, or why it is none. */
function parsedDouble(text: string): number {
  const value = numericText(text);
  if (value === undefined || Number.isNaN(value)) throw invalid(`Cannot parse number [${text}]`);
  if (!Number.isFinite(value)) throw invalid(`Number [${text}] is too large`);
  return value;
}

const wholeText = /^[+-]?\d+$/;

function textToInteger(text: string): number {
  const whole = wholeText.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
  if (whole !== undefined && whole === BigInt.asIntN(32, whole)) return Number(whole);
  return parsedText(text, () => roundedInteger(parsedDouble(text)));
}

function textToLong(text: string): bigint {
  const whole = wholeText.test(text) ? BigInt(text.replace(/^\+/, "")) : undefined;
  if (whole !== undefined && whole === BigInt.asIntN(64, whole)) return whole;
  return parsedText(text, () => roundedLong(parsedDouble(text)));
}

/** A failure of any kind is told of in the same words. */
function parsedText<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch {
    throw invalid(`Cannot parse number [${text}]`);
  }
}

const isoFormat = "strict_date_optional_time";

/** Why a text is no date. */
export function noDate(text: string, format: string): Uncomputable {
  return argumentProblem(
    text === ""
      ? "cannot parse empty datetime"
      : `failed to parse date field [${text}] with format [${format}]`,
  );
}

function textToDate(text: string): number {
  const moment = parseMoment(text, isoFormat);
  if (moment !== undefined) return moment.ms;
  throw noDate(text, isoFormat);
}

const lastNanos = 2n ** 63n - 1n;

function textToNanos(text: string): bigint {
  const format = "strict_date_optional_time_nanos";
  const moment = parseMoment(text, format);
  if (moment === undefined) throw noDate(text, format);
  const nanos = BigInt(nanosOf(moment));
  if (nanos < 0n || nanos > lastNanos) throw notSupported(`the date [${text}] in nanoseconds`);
  return nanos;
}

function notNegative<T extends number | bigint>(value: T): T {
  if (value >= 0) return value;
  throw argumentProblem("Nanosecond dates before 1970-01-01T00:00:00.000Z are not supported.");
}

function dateToNanos(ms: number): bigint {
  const nanos = BigInt(ms) * 1_000_000n;
  if (nanos >= 0n && nanos <= lastNanos) return nanos;
  const bound = nanos < 0n ? "before the epoch in 1970" : "after 2262-04-11T23:47:16.854775807";
  throw argumentProblem(`milliSeconds [${ms}] are ${bound} and cannot be converted to nanoseconds`);
}

function textToIp(text: string): string {
  const key = ipKey(text);
  if (key === undefined) throw argumentProblem(`'${text}' is not an IP string literal.`);
  return key;
}

const same: Convert = (value) => value;
const fromBoolean =
  (yes: Scalar, no: Scalar): Convert =>
  (value) =>
    value === true ? yes : no;
const text = (convert: (text: string) => Scalar): { keyword: Convert; text: Convert } => ({
  keyword: (value) => convert(value as string),
  text: (value) => convert(value as string),
});

type Conversions = Readonly<Partial<Record<DataType, Convert>>>;

/** By the type that is made: the types that it is made of. */
const conversions: Readonly<Partial<Record<DataType, Conversions>>> = {
  boolean: {
    boolean: same,
    double: (value) => value !== 0,
    integer: (value) => value !== 0,
    long: (value) => value !== 0n,
    unsigned_long: (value) => value !== 0n,
    ...text((value) => value.toLowerCase() === "true"),
  },
  integer: {
    boolean: fromBoolean(1, 0),
    datetime: (value) => integerOf(BigInt(value as number)),
    double: (value) => roundedInteger(value as number),
    integer: same,
    long: (value) => integerOf(value as bigint),
    unsigned_long: (value) => integerOfUnsigned(value as bigint),
    ...text(textToInteger),
  },
  long: {
    boolean: fromBoolean(1n, 0n),
    date_nanos: same,
    datetime: (value) => BigInt(value as number),
    double: (value) => roundedLong(value as number),
    integer: (value) => BigInt(value as number),
    long: same,
    unsigned_long: (value) => longOf(value as bigint),
    ...text(textToLong),
  },
  unsigned_long: {
    boolean: fromBoolean(1n, 0n),
    datetime: (value) => unsignedOf(BigInt(value as number)),
    double: (value) => unsignedOfDouble(value as number),
    integer: (value) => unsignedOf(BigInt(value as number)),
    long: (value) => unsignedOf(value as bigint),
    unsigned_long: same,
    ...text((value) => {
      const whole = wholePart(value);
      if (whole === undefined) throw new Uncomputable(decimalProblem(value));
      if (whole === BigInt.asUintN(64, whole)) return whole;
      throw outOf(value, "unsigned_long");
    }),
  },
  double: {
    boolean: fromBoolean(1, 0),
    datetime: same,
    double: same,
    integer: same,
    long: (value) => Number(value),
    unsigned_long: (value) => Number(value),
    ...text(parsedDouble),
  },
  datetime: {
    date_nanos: (value) => Number((value as bigint) / 1_000_000n),
    datetime: same,
    double: (value) => Number(roundedLong(value as number)),
    integer: same,
    long: (value) => dateOfLong(value as bigint),
    unsigned_long: (value) => dateOfLong(longOf(value as bigint)),
    ...text(textToDate),
  },
  date_nanos: {
    date_nanos: same,
    datetime: (value) => dateToNanos(value as number),
    double: (value) => roundedLong(notNegative(value as number)),
    long: (value) => notNegative(value as bigint),
    unsigned_long: (value) => longOf(value as bigint),
    ...text(textToNanos),
  },
  ip: { ip: same, ...text(textToIp) },
  version: { version: same, ...text((value) => value) },
  geo_point: { geo_point: same, ...text(readPoint) },
};

/** Dates beyond what JavaScript has are refused. */
function dateOfLong(value: bigint): number {
  const ms = Number(value);
  if (Math.abs(ms) <= 8.64e15) return ms;
  throw notSupported(`the date [${value}]`);
}

/** Types that become texts. */
const shown: readonly DataType[] = [
  "boolean",
  "date_nanos",
  "datetime",
  "double",
  "geo_point",
  "integer",
  "ip",
  "keyword",
  "long",
  "text",
  "unsigned_long",
  "version",
];

/** How one type becomes another; `undefined` where it does not. */
export function conversionOf(from: DataType, to: DataType): Convert | undefined {
  if (to === "keyword")
    return shown.includes(from) ? (value) => scalarText(from, value) : undefined;
  return conversions[to]?.[from];
}

/** Names of the types that can be converted to a type, as refusals list them. */
const expectedOf: Readonly<Partial<Record<DataType, string>>> = {
  boolean: "boolean or numeric or string",
  integer: "boolean or counter_integer or datetime or numeric or string",
  long:
    "boolean or counter_integer or counter_long or date_nanos or datetime or geohash or geohex " +
    "or geotile or numeric or string",
  unsigned_long: "boolean or datetime or numeric or string",
  double:
    "boolean or counter_double or counter_integer or counter_long or datetime or numeric or string",
  datetime: "date_nanos or datetime or numeric or string",
  date_nanos: "date_nanos or datetime or double or long or string or unsigned_long",
  ip: "ip or string",
  version: "string or version",
  geo_point: "geo_point or string",
};

/** A function that converts each value of its argument. */
function conversion(to: DataType): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    build(call) {
      const [argument] = call.from;
      if (argument === undefined) return undefined;
      const convert = conversionOf(argument.type, to);
      if (argument.type !== "null" && convert === undefined) {
        const expected = expectedOf[to];
        if (expected === undefined)
          throw call.analysis.unsupported(call, `a conversion of the type [${argument.type}]`);
        checkArgument(call, 0, 1, { accepts: () => false, expected });
        return undefined;
      }
      return converted(call, argument, to, convert ?? same);
    },
  };
}

/** Each value by itself; what cannot be converted is left out, with a warning. */
export function converted(call: Call, argument: Typed, to: DataType, convert: Convert): Typed {
  return ofCells(call, to, [argument], (row): Cell => {
    const cell = argument.evaluate(row);
    const values: Scalar[] = [];
    for (const value of valuesOf(cell)) {
      const made = attempt(call.analysis, call, () => convert(value));
      if (made !== null) values.push(made as Scalar);
    }
    return cellOf(values);
  });
}

/** `to_dateperiod("1 day")` and `to_timeduration("1 hour")`: of constants only. */
function amountConversion(to: "date_period" | "time_duration"): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    build(call) {
      const [argument] = call.from;
      if (argument === undefined) return undefined;
      if (argument.type === to) return { ...argument, ...call };
      const texts = { accepts: isString, expected: `${to} or string` };
      if (!checkArgument(call, 0, 1, texts)) return undefined;
      if (!argument.isConstant)
        throw call.analysis.unsupported(call, "this conversion to an amount of time");
      const value = argument.evaluate([]);
      const amount = typeof value === "string" ? parseAmount(value, to) : undefined;
      if (amount === undefined)
        throw call.analysis.unsupported(call, `the amount of time [${argument.text}]`);
      return { ...ofCells(call, to, [], () => amount) };
    },
  };
}

const degrees: Convert = (value) => asDouble(value) * (180 / Math.PI);
const radians: Convert = (value) => asDouble(value) * (Math.PI / 180);

function ofNumbers(convert: Convert): FunctionDefinition {
  return {
    least: 1,
    most: 1,
    build(call) {
      const [argument] = call.from;
      const numbers: Parameter = {
        accepts: (type) => ["integer", "long", "unsigned_long", "double"].includes(type),
        expected: "numeric",
      };
      if (argument === undefined || !checkArgument(call, 0, 1, numbers)) return undefined;
      return converted(call, argument, "double", convert);
    },
  };
}

const toInteger = conversion("integer");
const toUnsigned = conversion("unsigned_long");
const toKeyword = conversion("keyword");
const toDate = conversion("datetime");

/** Conversions by their names. */
export const convertFunctions: Readonly<Record<string, FunctionDefinition>> = {
  to_bool: conversion("boolean"),
  to_boolean: conversion("boolean"),
  to_date_nanos: conversion("date_nanos"),
  to_datenanos: conversion("date_nanos"),
  to_dateperiod: amountConversion("date_period"),
  to_datetime: toDate,
  to_dt: toDate,
  to_dbl: conversion("double"),
  to_degrees: ofNumbers(degrees),
  to_double: conversion("double"),
  to_geopoint: conversion("geo_point"),
  to_int: toInteger,
  to_integer: toInteger,
  to_ip: conversion("ip"),
  to_long: conversion("long"),
  to_radians: ofNumbers(radians),
  to_str: toKeyword,
  to_string: toKeyword,
  to_timeduration: amountConversion("time_duration"),
  to_ul: toUnsigned,
  to_ulong: toUnsigned,
  to_unsigned_long: toUnsigned,
  to_ver: conversion("version"),
  to_version: conversion("version"),
};

/** The function that `::type` stands for. */
export function castFunction(to: DataType): FunctionDefinition {
  return to === "date_period" || to === "time_duration" ? amountConversion(to) : conversion(to);
}
