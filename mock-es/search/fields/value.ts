/** Values of documents in the form that the index holds. */
import { normalized } from "../../analysis/normalize.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { textOf } from "../../json/json-value.ts";
import { nanosOf, parseDate, parseMoment } from "../../values/date.ts";
import { ipKey } from "../../values/ip-address.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import type { Field } from "./field.ts";
import { toJavaDouble } from "./number-check.ts";
import { checkValue } from "./value-check.ts";

/**
 * A value as the index holds it, comparable with `<`: text and keywords as strings; numbers and
 * dates (milliseconds, or nanoseconds of a `date_nanos`) as numbers, beyond 2^53 as bigints;
 * booleans as 0 and 1; addresses as fixed-length hexadecimal strings.
 */
export type IndexedValue = string | number | bigint;

/**
 * Brings a JSON value of a document into the form the index holds, as the field's mapper would;
 * `undefined` for a value that the mapper would not index (null, objects, malformed values,
 * keywords over `ignore_above`).
 */
export function indexedValue(field: Field, raw: unknown): IndexedValue | undefined {
  if (raw === null || raw === undefined || (typeof raw === "object" && !isRawNumber(raw)))
    return undefined;
  switch (field.kind) {
    case "text":
      return typeof raw === "string" ? raw : textOf(raw);
    case "keyword":
      return keywordValue(field, typeof raw === "string" ? raw : textOf(raw));
    case "long":
      return wholeValue(field, raw);
    case "double":
      return roundTo(field, toDouble(raw));
    case "boolean":
      return booleanValue(raw);
    case "date":
      return dateValue(field, raw);
    case "ip":
      return typeof raw === "string" ? ipKey(raw) : undefined;
    case "object":
    case "nested":
    case "unsupported":
      return undefined;
  }
}

/**
 * The same for a document in which some values are not indexed: this is one if the field does not
 * take it.
 */
export function checkedValue(field: Field, raw: unknown): IndexedValue | undefined {
  if (raw === null || raw === undefined || checkValue(field, raw) !== undefined) return undefined;
  return indexedValue(field, raw);
}

function wholeValue(field: Field, raw: unknown): number | bigint | undefined {
  if (typeof raw !== "string" || field.type === "long") return toWhole(raw);
  if (field.type === "token_count") return tokenCount(field, raw);
  // Texts of smaller numbers are read as doubles, NaN as 0.
  return field.type === "unsigned_long" || raw === ""
    ? toWhole(raw)
    : Math.trunc(toJavaDouble(raw)) || 0;
}

/** The number of terms that the analyzer of the field makes of a text. */
function tokenCount(field: Field, raw: unknown): number {
  const tokens = field.analysis?.index.analyze(typeof raw === "string" ? raw : textOf(raw)) ?? [];
  if (field.parameters["enable_position_increments"] === false) return tokens.length;
  const last = tokens.at(-1);
  return last === undefined ? 0 : last.position + (last.positionLength ?? 1);
}

function keywordValue(field: Field, text: string): string | undefined {
  if (text.length > field.ignoreAbove) return undefined;
  return field.analysis === undefined ? text : normalized(field.analysis.index, text);
}

function booleanValue(raw: unknown): number | undefined {
  if (raw === true || raw === "true") return 1;
  return raw === false || raw === "false" || raw === "" ? 0 : undefined;
}

function dateValue(field: Field, raw: unknown): number | bigint | undefined {
  const value = isRawNumber(raw) ? raw.rawJSON : raw;
  if (field.type !== "date_nanos") return parseDate(value, field.dateFormat);
  const moment = parseMoment(value, field.dateFormat);
  return moment === undefined ? undefined : nanosOf(moment);
}

/** Rounds a number to what a field of this type can hold; `undefined` for NaN. */
export function roundTo(field: Field, value: number | undefined): number | undefined {
  if (value === undefined || Number.isNaN(value)) return undefined;
  switch (field.type) {
    case "float":
      return Math.fround(value);
    case "half_float":
      return toHalf(value);
    case "scaled_float":
      // A whole number is kept, of which there is one zero.
      return Math.round(value * field.scale) * (1 / field.scale) + 0;
    default:
      return value;
  }
}

/** The nearest number of 16 bits (IEEE 754 binary16), ties to even. */
export function toHalf(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value)) return value;
  if (size >= 65_520) return value > 0 ? Infinity : -Infinity;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const quantum = 2 ** (exponent - 10);
  const units = size / quantum;
  const below = Math.floor(units);
  const rest = units - below;
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  return Math.sign(value) * rounded * quantum;
}
