import { parseDate } from "../values/date.ts";
import { ipKey } from "../values/ip-address.ts";
import type { FieldNode } from "./field-node.ts";
import { toText } from "../json/coerce.ts";

const defaultDateFormat = "strict_date_optional_time||epoch_millis";

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

/** Checks one value that is neither null nor an array against the type of a leaf field. */
export function checkValue(node: FieldNode, value: unknown): ValueProblem | undefined {
  switch (node.type) {
    case "text":
    case "match_only_text":
    case "search_as_you_type":
    case "keyword":
    case "wildcard":
    case "version":
    case "binary":
      return typeof value === "object" ? notText : undefined;
    case "constant_keyword":
      return checkConstant(node, value);
    case "boolean":
      return checkBoolean(value);
    case "long":
    case "integer":
    case "short":
    case "byte":
    case "unsigned_long":
      return checkWhole(node, value);
    case "double":
    case "float":
    case "half_float":
    case "scaled_float":
      return checkFraction(node, value);
    case "date":
    case "date_nanos":
      return checkDate(node, value);
    case "ip":
      return checkIp(value);
    default:
      return undefined;
  }
}

/**
 * What the field keeps of a value that does not fit: nothing, silently, when the mapping says so.
 */
export function ignoresMalformed(node: FieldNode): boolean {
  const setting = node.parameters["ignore_malformed"];
  return setting === true || setting === "true";
}

/** The place is put in by who knows it. */
const notText: ValueProblem = {
  type: "illegal_argument_exception",
  reason: `Expected text at ${placeholder} but found START_OBJECT`,
};

function checkConstant(node: FieldNode, value: unknown): ValueProblem | undefined {
  const constant = node.parameters["value"];
  if (constant === undefined || constant === value) return undefined;
  return {
    type: "illegal_argument_exception",
    reason: `[constant_keyword] field only accepts values that are equal to the value defined in the mappings [${toText(constant)}], but got [${toText(value)}]`,
  };
}

function checkBoolean(value: unknown): ValueProblem | undefined {
  if (typeof value === "boolean" || value === "true" || value === "false" || value === "")
    return undefined;
  if (typeof value === "string") {
    return {
      type: "illegal_argument_exception",
      reason: `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
    };
  }
  return {
    type: "x_content_parse_exception",
    reason: `Current token (${typeof value === "object" ? "START_OBJECT" : "VALUE_NUMBER"}) not of boolean type`,
  };
}

const wholeRange: Readonly<Record<string, readonly [bigint, bigint]>> = {
  byte: [-128n, 127n],
  short: [-32768n, 32767n],
  integer: [-2147483648n, 2147483647n],
  long: [-9223372036854775808n, 9223372036854775807n],
  unsigned_long: [0n, 18446744073709551615n],
};

function checkWhole(node: FieldNode, value: unknown): ValueProblem | undefined {
  const problem = checkNumberLike(value);
  if (problem !== undefined) return problem;
  const number = typeof value === "number" ? value : Number(value);
  if (!Number.isInteger(number) && node.parameters["coerce"] === false) {
    return {
      type: "illegal_argument_exception",
      reason: `${String(value)} cannot be converted to ${className(node.type)} without data loss`,
    };
  }
  if (Number.isSafeInteger(number) && node.type === "long") return undefined;
  const [least, most] = wholeRange[node.type] ?? [0n, 0n];
  const exact =
    typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : BigInt(Math.trunc(number));
  // A long that left the safe range lost digits in JSON.parse, so its own edge cannot be told from
  // the number behind it.
  if (
    exact >= least &&
    exact <= most + (node.type === "long" && typeof value === "number" ? 1n : 0n)
  )
    return undefined;
  return {
    type: "illegal_argument_exception",
    reason: `Value [${String(value)}] is out of range for ${node.type === "long" ? "a long" : `${/^[aeiou]/.test(node.type) ? "an" : "a"} ${node.type}`}`,
  };
}

function className(type: string): string {
  return type === "integer" ? "Integer" : type.charAt(0).toUpperCase() + type.slice(1);
}

function checkFraction(node: FieldNode, value: unknown): ValueProblem | undefined {
  const problem = checkNumberLike(value);
  if (problem !== undefined) return problem;
  const number = typeof value === "number" ? value : Number(value);
  const isFinite =
    node.type === "float"
      ? Number.isFinite(Math.fround(number))
      : node.type === "half_float"
        ? Math.abs(number) < 65520
        : true;
  if (isFinite && Number.isFinite(number)) return undefined;
  return {
    type: "illegal_argument_exception",
    reason: `[${node.type}] supports only finite values, but got [${number > 0 ? "Infinity" : "-Infinity"}]`,
  };
}

function checkNumberLike(value: unknown): ValueProblem | undefined {
  if (typeof value === "number") return undefined;
  if (typeof value === "string") {
    if (value === "" || /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(value))
      return undefined;
    return { type: "illegal_argument_exception", reason: `For input string: "${value}"` };
  }
  if (typeof value === "boolean") {
    return {
      type: "x_content_parse_exception",
      reason: `Current token (VALUE_${value ? "TRUE" : "FALSE"}) not numeric, can not use numeric value accessors`,
    };
  }
  return { type: "illegal_argument_exception", reason: "Cannot parse object as number" };
}

/**
 * The commonest dates, which are valid in the default format whatever their month; others take the
 * long way.
 */
const plainInstant =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])(?:T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z)?$/;

function checkDate(node: FieldNode, value: unknown): ValueProblem | undefined {
  const given = node.parameters["format"];
  const format = typeof given === "string" ? given : defaultDateFormat;
  if (typeof given !== "string" && typeof value === "string" && plainInstant.test(value))
    return undefined;
  if (typeof value !== "object" && parseDate(value, format) !== undefined) return undefined;
  const quoted = toText(value);
  return {
    type: "illegal_argument_exception",
    reason: `failed to parse date field [${quoted}] with format [${format}]`,
    caused_by: {
      type: "date_time_parse_exception",
      reason: `Failed to parse with all enclosed parsers`,
    },
  };
}

function checkIp(value: unknown): ValueProblem | undefined {
  if (typeof value === "string" && ipKey(value) !== undefined) return undefined;
  return {
    type: "illegal_argument_exception",
    reason: `'${toText(value)}' is not an IP string literal.`,
  };
}
