/** Whether a value of a document fits a field of numbers. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { doubleText, floatText } from "../../json/java-number.ts";
import { textOf } from "../../json/json-value.ts";
import { type LeafField, parserProblem, unfit, type ValueProblem } from "./value-problem.ts";

const ranges: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  byte: [-128n, 127n],
  short: [-32768n, 32767n],
  integer: [-2147483648n, 2147483647n],
  long: [-9223372036854775808n, 9223372036854775807n],
  unsigned_long: [0n, 18446744073709551615n],
};

/** Checks a value of a field of whole numbers. */
export function checkWhole(field: LeafField, value: unknown): ValueProblem | undefined {
  const { type } = field;
  // Nearly all values are this; the rest takes the long way.
  if (type === "long" && typeof value === "number" && Number.isSafeInteger(value)) return undefined;
  const isStrict = field.parameters["coerce"] === false;
  if (typeof value === "string") {
    if (isStrict) return unfit(`${className(type)} value passed as String`);
    if (value === "") return undefined;
    return type === "long" || type === "unsigned_long"
      ? checkLongText(type, value)
      : checkSmallText(type, value);
  }
  return checkToken(value) ?? checkWholeNumber(type, value, isStrict);
}

/** Texts that are read as longs. */
const longText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function checkLongText(type: string, text: string): ValueProblem | undefined {
  if (!longText.test(text)) return unfit(`For input string: "${text}"`);
  const [least, most] = rangeOf(type);
  const { whole } = toExact(text);
  return whole < least || whole > most ? outOfRange(type, text) : undefined;
}

/** Texts of smaller numbers are read as doubles, NaN as 0. */
function checkSmallText(type: string, text: string): ValueProblem | undefined {
  const problem = doubleProblem(text);
  if (problem !== undefined) return problem;
  const number = toJavaDouble(text);
  const outer = type === "byte" ? "integer" : type;
  const isOver = (of: string): boolean => {
    const [least, most] = rangeOf(of);
    return number < Number(least) || number > Number(most);
  };
  if (isOver(outer)) return outOfRange(outer, text);
  return type === "byte" && isOver(type) ? outOfRange(type, String(Math.trunc(number))) : undefined;
}

function rangeOf(type: string): readonly [least: bigint, most: bigint] {
  return ranges[type] ?? [0n, 0n];
}

function checkWholeNumber(
  type: string,
  value: unknown,
  isStrict: boolean,
): ValueProblem | undefined {
  const text = isRawNumber(value) ? value.rawJSON : String(value);
  const { whole, hasFraction } = toExact(text);
  const is32 = type === "byte" || type === "short" || type === "integer";
  const [least, most] = rangeOf(is32 ? "integer" : type);
  // The parser compares 32-bit numbers as doubles before it cuts them.
  const isOver = is32 && hasFraction && (whole >= most || whole <= least);
  if (isOver || whole < least || whole > most) {
    if (type === "unsigned_long") return outOfRange(type, text);
    const range = is32
      ? "int (-2147483648 - 2147483647)"
      : "long (-9223372036854775808 - 9223372036854775807)";
    return { type: parserProblem, reason: `Numeric value (${text}) out of range of ${range}` };
  }
  const [low, high] = rangeOf(type);
  if (type === "short" && (whole < low || whole > high))
    return { type: parserProblem, reason: `Numeric value (${text}) out of range of Java short` };
  if (isStrict && hasFraction)
    return unfit(
      `${doubleText(Number(text))} cannot be converted to ${className(type)} without data loss`,
    );
  return type === "byte" && (whole < low || whole > high)
    ? outOfRange(type, String(whole))
    : undefined;
}

/** A number as a whole one, and whether something was cut off. */
function toExact(given: string): { readonly whole: bigint; readonly hasFraction: boolean } {
  const text = given.trim();
  if (/^[+-]?\d+$/.test(text)) return { whole: BigInt(text.replace("+", "")), hasFraction: false };
  const found = /^([+-]?\d+)\.(\d*)$/.exec(text);
  if (found !== null) {
    const whole = BigInt((found[1] ?? "0").replace("+", ""));
    return { whole, hasFraction: /[1-9]/.test(found[2] ?? "") };
  }
  const number = Number(text);
  const whole = Number.isFinite(number) ? BigInt(Math.trunc(number)) : 10n ** 400n;
  return { whole, hasFraction: !Number.isInteger(number) };
}

function outOfRange(type: string, text: string): ValueProblem {
  const article = /^[aeiou]/.test(type) ? "an" : "a";
  return unfit(`Value [${text}] is out of range for ${article} ${type}`);
}

/** The class in whose method a value is read; bytes are read as integers. */
function className(type: string): string {
  if (type === "byte" || type === "integer") return "Integer";
  if (type === "half_float" || type === "scaled_float")
    return type === "half_float" ? "Float" : "Double";
  return type.charAt(0).toUpperCase() + type.slice(1);
}

/** Checks a value of a field of fractions. */
export function checkFraction(field: LeafField, value: unknown): ValueProblem | undefined {
  const { type } = field;
  if (typeof value === "number" && type === "double" && Number.isFinite(value)) return undefined;
  if (typeof value === "string") {
    if (field.parameters["coerce"] === false)
      return unfit(`${className(type)} value passed as String`);
    if (value === "") return undefined;
  }
  const problem = typeof value === "string" ? doubleProblem(value) : checkToken(value);
  if (problem !== undefined) return problem;
  const number = isRawNumber(value) ? Number(value.rawJSON) : toJavaDouble(String(value));
  const shown = type === "double" || type === "scaled_float" ? number : Math.fround(number);
  if (type === "half_float" ? Math.abs(shown) < 65_520 : Number.isFinite(shown)) return undefined;
  const text = type === "half_float" ? floatText(shown) : doubleText(shown);
  return unfit(`[${type}] supports only finite values, but got [${text}]`);
}

/** What is wrong with a value that is no text and should be a number. */
function checkToken(value: unknown): ValueProblem | undefined {
  if (typeof value === "number" || typeof value === "bigint" || isRawNumber(value))
    return undefined;
  if (typeof value === "boolean") {
    return {
      type: parserProblem,
      reason: `Current token (VALUE_${value ? "TRUE" : "FALSE"}) not numeric, can not use numeric value accessors`,
    };
  }
  return unfit("Cannot parse object as number");
}

/** Texts that `Double.parseDouble` takes. */
const doubleLike = /^\s*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?|NaN|Infinity)\s*$/;

/** What `Double.parseDouble` says of a text that it does not take. */
export function doubleProblem(text: string): ValueProblem | undefined {
  if (doubleLike.test(text)) return undefined;
  const type = "number_format_exception";
  const trimmed = text.trim();
  if (trimmed === "") return { type, reason: "empty String" };
  if (/^[+-]?\d*\.\d*\./.test(trimmed)) return { type, reason: "multiple points" };
  return { type, reason: `For input string: "${textOf(text)}"` };
}

/** `Double.parseDouble` of a text that it takes. */
export function toJavaDouble(text: string): number {
  return Number(text.trim().replace(/[dDfF]$/, ""));
}
