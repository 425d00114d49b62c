/** Whether a value of a document fits the type of a field. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { doubleText, floatText } from "../../json/java-number.ts";
import { isObject, textOf } from "../../json/json-value.ts";
import { nanosOf, parseDate, parseMoment } from "../../values/date.ts";
import { dateFormats, DEFAULT_DATE_FORMAT, DEFAULT_NANOS_FORMAT } from "../../values/date-format.ts";
import { ipKey } from "../../values/ip-address.ts";

/**
 * Why a value does not fit a field: the innermost cause. `undefined` from a check means that it
 * fits.
 */
export interface ValueProblem {
  readonly type: string;
  readonly reason: string;
  readonly caused_by?: ValueProblem;
}

/** Stands in a {@link ValueProblem} for the place of the value, `line:column`. */
export const placeholder = "<place>";

/** Type of problems that the JSON parser reports, whose texts quote the document. */
export const parserProblem = "x_content_parse_exception";

/** Type and parameters of a leaf field. */
export interface LeafField {
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Checks one value that is neither null nor an array against the type of a leaf field. */
export function checkValue(field: LeafField, value: unknown): ValueProblem | undefined {
  switch (field.type) {
    case "text":
    case "match_only_text":
    case "search_as_you_type":
    case "keyword":
    case "wildcard":
    case "version":
    case "binary":
      return isObject(value) ? notText : undefined;
    case "constant_keyword":
      return checkConstant(field, value);
    case "boolean":
      return checkBoolean(value);
    case "long":
    case "integer":
    case "short":
    case "byte":
    case "unsigned_long":
      return checkWhole(field, value);
    case "double":
    case "float":
    case "half_float":
    case "scaled_float":
      return checkFraction(field, value);
    case "date":
    case "date_nanos":
      return checkDate(field, value);
    case "ip":
      return isObject(value) ? notText : checkIp(value);
    case "flattened":
      return isObject(value) ? undefined : notAnObject(value);
    default:
      return undefined;
  }
}

/** The place is put in by who knows it. */
const notText: ValueProblem = {
  type: "illegal_argument_exception",
  reason: `Expected text at ${placeholder} but found START_OBJECT`,
};

function unfit(reason: string): ValueProblem {
  return { type: "illegal_argument_exception", reason };
}

function notAnObject(value: unknown): ValueProblem {
  const found =
    typeof value === "string" ? "STRING" : typeof value === "boolean" ? "BOOLEAN" : "NUMBER";
  return {
    type: "parsing_exception",
    reason: `Failed to parse object: expecting token of type [START_OBJECT] but found [VALUE_${found}]`,
  };
}

function checkConstant(field: LeafField, value: unknown): ValueProblem | undefined {
  const constant = field.parameters["value"];
  if (constant === undefined || textOf(constant) === textOf(value)) return undefined;
  return unfit(
    `[constant_keyword] field only accepts values that are equal to the value defined in the mappings [${textOf(constant)}], but got [${textOf(value)}]`,
  );
}

function checkBoolean(value: unknown): ValueProblem | undefined {
  if (typeof value === "boolean" || value === "true" || value === "false" || value === "")
    return undefined;
  if (typeof value === "string")
    return unfit(`Failed to parse value [${value}] as only [true] or [false] are allowed.`);
  const token = isObject(value)
    ? "START_OBJECT"
    : `VALUE_NUMBER_${isWholeToken(value) ? "INT" : "FLOAT"}`;
  return { type: parserProblem, reason: `Current token (${token}) not of boolean type` };
}

function isWholeToken(value: unknown): boolean {
  if (isRawNumber(value)) return !/[.eE]/.test(value.rawJSON);
  return typeof value === "bigint" || Number.isInteger(value);
}

const wholeRange: Readonly<Record<string, readonly [bigint, bigint]>> = {
  byte: [-128n, 127n],
  short: [-32768n, 32767n],
  integer: [-2147483648n, 2147483647n],
  long: [-9223372036854775808n, 9223372036854775807n],
  unsigned_long: [0n, 18446744073709551615n],
};

/** How the JSON parser names the ranges that it checks itself. */
const parserRange: Readonly<Record<string, string>> = {
  integer: "int (-2147483648 - 2147483647)",
  long: "long (-9223372036854775808 - 9223372036854775807)",
  short: "int (-2147483648 - 2147483647)",
};

function checkWhole(field: LeafField, value: unknown): ValueProblem | undefined {
  // Nearly all values are this; the rest takes the long way.
  if (field.type === "long" && typeof value === "number" && Number.isSafeInteger(value))
    return undefined;
  const isStrict = field.parameters["coerce"] === false;
  const problem = checkNumberLike(field, value, isStrict);
  if (problem !== undefined) return problem;
  if (value === "") return undefined;
  const exact = toExact(value);
  const [least, most] = wholeRange[field.type] ?? [0n, 0n];
  if (exact.whole < least || exact.whole > most || exact.isOver(least, most))
    return outOfRange(field.type, value, exact.whole);
  if (isStrict && exact.hasFraction) {
    return unfit(
      `${textOf(value)} cannot be converted to ${className(field.type)} without data loss`,
    );
  }
  return undefined;
}

/** A number as a whole one, and what was cut off. */
interface Exact {
  readonly whole: bigint;
  readonly hasFraction: boolean;
  /** True where the fraction alone leads out of the range, which the JSON parser minds. */
  readonly isOver: (least: bigint, most: bigint) => boolean;
}

function toExact(value: unknown): Exact {
  const isText = typeof value === "string";
  const text = (isText ? value : isRawNumber(value) ? value.rawJSON : String(value)).trim();
  if (/^[+-]?\d+$/.test(text)) {
    return { whole: BigInt(text.replace("+", "")), hasFraction: false, isOver: () => false };
  }
  const found = /^([+-]?\d+)\.(\d*)$/.exec(text);
  if (found !== null) {
    const whole = BigInt((found[1] ?? "0").replace("+", ""));
    const hasFraction = /[1-9]/.test(found[2] ?? "");
    // The parser compares 32-bit numbers as doubles before it cuts them.
    const isOver = (least: bigint, most: bigint): boolean =>
      !isText &&
      hasFraction &&
      most < 2n ** 40n &&
      most > 127n &&
      (whole >= most || whole <= least);
    return { whole, hasFraction, isOver };
  }
  const number = Number(text);
  const whole = Number.isFinite(number) ? BigInt(Math.trunc(number)) : 10n ** 400n;
  return { whole, hasFraction: !Number.isInteger(number), isOver: () => false };
}

function outOfRange(type: string, value: unknown, whole: bigint): ValueProblem {
  const text = isRawNumber(value) ? value.rawJSON : String(value);
  if (typeof value !== "string") {
    if (type === "short" && whole >= -2147483648n && whole <= 2147483647n)
      return { type: parserProblem, reason: `Numeric value (${text}) out of range of Java short` };
    const range = parserRange[type];
    if (range !== undefined)
      return { type: parserProblem, reason: `Numeric value (${text}) out of range of ${range}` };
  }
  const article = /^[aeiou]/.test(type) ? "an" : "a";
  return unfit(`Value [${text}] is out of range for ${article} ${type}`);
}

function className(type: string): string {
  return type === "integer" ? "Integer" : type.charAt(0).toUpperCase() + type.slice(1);
}

function checkFraction(field: LeafField, value: unknown): ValueProblem | undefined {
  if (typeof value === "number" && field.type === "double" && Number.isFinite(value))
    return undefined;
  const problem = checkNumberLike(field, value, field.parameters["coerce"] === false);
  if (problem !== undefined) return problem;
  if (value === "") return undefined;
  const number = isRawNumber(value) ? Number(value.rawJSON) : Number(value);
  const shown =
    field.type === "double" || field.type === "scaled_float" ? number : Math.fround(number);
  if (field.type === "half_float" ? Math.abs(shown) < 65_520 : Number.isFinite(shown))
    return undefined;
  const text = field.type === "half_float" ? floatText(shown) : doubleText(shown);
  return unfit(`[${field.type}] supports only finite values, but got [${text}]`);
}

function checkNumberLike(
  field: LeafField,
  value: unknown,
  isStrict: boolean,
): ValueProblem | undefined {
  if (typeof value === "number" || typeof value === "bigint" || isRawNumber(value))
    return undefined;
  const isWhole = Object.hasOwn(wholeRange, field.type);
  if (typeof value === "string") {
    if (isStrict) return unfit(`${className(field.type)} value passed as String`);
    if (value === "" || (isWhole ? wholeText : doubleLike).test(value)) return undefined;
    const reason = `For input string: "${value}"`;
    return isWhole ? unfit(reason) : { type: "number_format_exception", reason };
  }
  if (typeof value === "boolean") {
    return {
      type: parserProblem,
      reason: `Current token (VALUE_${value ? "TRUE" : "FALSE"}) not numeric, can not use numeric value accessors`,
    };
  }
  return unfit("Cannot parse object as number");
}

/** Texts that a field of whole numbers takes. */
const wholeText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
/** Texts that `Double.parseDouble` takes. */
const doubleLike = /^\s*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?|NaN|Infinity)\s*$/;

/**
 * The commonest dates, which are valid in the default format whatever their month; others take the
 * long way.
 */
const plainInstant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z)?$/;

function checkDate(field: LeafField, value: unknown): ValueProblem | undefined {
  const given = field.parameters["format"];
  const isNanos = field.type === "date_nanos";
  const format =
    typeof given === "string" ? given : isNanos ? DEFAULT_NANOS_FORMAT : DEFAULT_DATE_FORMAT;
  if (!isNanos && given === undefined && typeof value === "string" && plainInstant.test(value))
    return undefined;
  if (isObject(value)) return unfit("Cannot parse object or array as a date value");
  if (value === "") return unfit("cannot parse empty datetime");
  const raw = isRawNumber(value) ? value.rawJSON : value;
  if (isNanos) {
    const moment = parseMoment(raw, format);
    if (moment !== undefined) return checkNanos(BigInt(nanosOf(moment)), moment.ms);
  } else if (parseDate(raw, format) !== undefined) return undefined;
  return {
    type: "illegal_argument_exception",
    reason: `failed to parse date field [${textOf(raw)}] with format [${format}]`,
    caused_by: dateProblem(format, textOf(raw)),
  };
}

function dateProblem(format: string, text: string): ValueProblem {
  const [only, ...more] = dateFormats(format);
  const isSeveral = more.length > 0 || only?.whereItStops === undefined;
  const reason = isSeveral
    ? "Failed to parse with all enclosed parsers"
    : `Text '${text}' could not be parsed${only.whereItStops?.(text) ?? ""}`;
  return { type: "date_time_parse_exception", reason };
}

function checkNanos(nanos: bigint, ms: number): ValueProblem | undefined {
  const shown = (): string => new Date(ms).toISOString().replace(/\.?0*Z$/, "Z");
  const tail = "and cannot be stored in nanosecond resolution";
  if (nanos < 0n) return unfit(`date[${shown()}] is before the epoch in 1970 ${tail}`);
  if (nanos > 9_223_372_036_854_775_807n)
    return unfit(`date[${shown()}] is after 2262-04-11T23:47:16.854775807 ${tail}`);
  return undefined;
}

function checkIp(value: unknown): ValueProblem | undefined {
  if (typeof value === "string" && ipKey(value) !== undefined) return undefined;
  return unfit(`'${textOf(value)}' is not an IP string literal.`);
}
