/** Whether a value of a document fits the type of a field. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, textOf } from "../../json/json-value.ts";
import { nanosOf, parseDate, parseMoment, unreadableDate } from "../../values/date.ts";
import { DEFAULT_DATE_FORMAT, DEFAULT_NANOS_FORMAT } from "../../values/date-format.ts";
import { ipKey } from "../../values/ip-address.ts";
import { notSupported } from "../../es-error.ts";
import { checkFraction, checkWhole } from "./number-check.ts";
import {
  type LeafField,
  parserProblem,
  placeholder,
  unfit,
  type ValueProblem,
} from "./value-problem.ts";

/** Checks one value that is neither null nor an array against the type of a leaf field. */
export function checkValue(field: LeafField, value: unknown): ValueProblem | undefined {
  switch (field.type) {
    case "text":
    case "match_only_text":
    case "search_as_you_type":
    case "keyword":
    case "wildcard":
    case "version":
      return isObject(value) ? notText : undefined;
    case "binary":
      return checkBinary(field, value);
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

function checkBinary({ parameters }: LeafField, value: unknown): ValueProblem | undefined {
  // The server reads on behind the brace, as if the members were the document's.
  if (isObject(value)) throw notSupported("an object in a field of the type [binary]");
  if (parameters["store"] !== true && parameters["doc_values"] !== true) return undefined;
  if (typeof value !== "string") {
    return {
      type: parserProblem,
      reason: `Current token (${tokenName(value)}) not VALUE_STRING or VALUE_EMBEDDED_OBJECT, can not access as binary`,
    };
  }
  if (base64.test(value)) return undefined;
  throw notSupported("a text that is not base64 in a field of the type [binary]");
}

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** How the JSON parser names a token. */
function tokenName(value: unknown): string {
  if (isObject(value)) return "START_OBJECT";
  if (typeof value === "boolean") return value ? "VALUE_TRUE" : "VALUE_FALSE";
  return `VALUE_NUMBER_${isWholeToken(value) ? "INT" : "FLOAT"}`;
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
  return { type: parserProblem, reason: `Current token (${tokenName(value)}) not of boolean type` };
}

function isWholeToken(value: unknown): boolean {
  if (isRawNumber(value)) return !/[.eE]/.test(value.rawJSON);
  return typeof value === "bigint" || Number.isInteger(value);
}

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
  } else {
    const ms = parseDate(raw, format);
    if (ms !== undefined && Math.abs(ms) > lastInstant)
      throw notSupported("a date beyond the year 275,760");
    if (ms !== undefined) return undefined;
  }
  return {
    type: "illegal_argument_exception",
    reason: `failed to parse date field [${textOf(raw)}] with format [${format}]`,
    caused_by: unreadableDate(textOf(raw), format),
  };
}

function checkNanos(nanos: bigint, ms: number): ValueProblem | undefined {
  if (nanos >= 0n && nanos <= 9_223_372_036_854_775_807n) return undefined;
  if (Math.abs(ms) > lastInstant) throw notSupported("a date_nanos beyond the year 275,760");
  const where = nanos < 0n ? "before the epoch in 1970" : "after 2262-04-11T23:47:16.854775807";
  return unfit(
    `date[${instantText(nanos)}] is ${where} and cannot be stored in nanosecond resolution`,
  );
}

/** The last moment that JavaScript's dates have, milliseconds. */
const lastInstant = 8.64e15;

/** `Instant.toString`: no digits behind the second, or as many groups of three as it takes. */
function instantText(nanos: bigint): string {
  const second = 1_000_000_000n;
  const rest = ((nanos % second) + second) % second;
  const whole = new Date(Number((nanos - rest) / 1_000_000n)).toISOString().slice(0, -5);
  const digits = String(rest)
    .padStart(9, "0")
    .replace(/(?:000){1,3}$/, "");
  return `${whole}${digits === "" ? "" : `.${digits}`}Z`;
}

function checkIp(value: unknown): ValueProblem | undefined {
  if (typeof value === "string" && ipKey(value) !== undefined) return undefined;
  return unfit(`'${textOf(value)}' is not an IP string literal.`);
}
