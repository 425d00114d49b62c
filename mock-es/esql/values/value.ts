/** What cells hold. */
import { isAmount, type DataType } from "./types.ts";
import { ipText } from "../../values/ip-address.ts";
import { momentOf } from "../../values/date.ts";
import { printDate } from "../../values/date.ts";
import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import { doubleJson, doubleText, longJson } from "../../json/java-number.ts";
import { compareTexts } from "./text-order.ts";
import { compareVersions } from "./version.ts";

/** An amount of time: months and days of the calendar, and milliseconds. */
export interface Amount {
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

/**
 * One value: booleans; integers, doubles and dates (milliseconds) as numbers; longs, unsigned
 * longs and nanoseconds as bigints; texts, versions and points (WKT) as strings; addresses as 32
 * hexadecimal digits; a source as its JSON text.
 */
export type Scalar = boolean | number | bigint | string | Amount;

/** Nothing, one value, or several. */
export type Cell = null | Scalar | readonly Scalar[];

/** Values of one row, in the order of the columns. */
export type Row = readonly Cell[];

/** The values of a cell as a list. */
export function valuesOf(cell: Cell): readonly Scalar[] {
  if (cell === null) return [];
  return isList(cell) ? cell : [cell];
}

export function isList(cell: Cell): cell is readonly Scalar[] {
  return Array.isArray(cell);
}

/** A cell of any number of values. */
export function cellOf(values: readonly Scalar[]): Cell {
  const [first] = values;
  if (first === undefined) return null;
  return values.length === 1 ? first : values;
}

/** Compares two values of one type in its order. */
export function compareScalars(type: DataType, a: Scalar, b: Scalar): number {
  if (type === "version") return compareVersions(plainText(a), plainText(b));
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (typeof a === "number" && typeof b === "number") return compareDoubles(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As Java's `Double.compare`: NaN is the greatest, -0.0 below 0.0. */
function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 ? 0 : Number(Object.is(b, -0)) - Number(Object.is(a, -0));
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

/** True for values that are one; NaN is none. */
export function isSame(type: DataType, a: Scalar, b: Scalar): boolean {
  return type === "double" ? a === b : compareScalars(type, a, b) === 0;
}

/** A value as JSON has it. */
export function scalarJson(type: DataType, value: Scalar): unknown {
  if (type === "double") return doubleJson(value as number);
  if (type === "integer" || type === "boolean") return value;
  if (typeof value === "bigint" && (type === "long" || type === "unsigned_long"))
    return longJson(value);
  return scalarText(type, value);
}

/** A value as text: what `to_string` and the tables show. */
export function scalarText(type: DataType, value: Scalar): string {
  switch (type) {
    case "double":
      return doubleText(value as number);
    case "datetime":
      return dateText(value as number);
    case "date_nanos": {
      const { ms, nanos } = momentOf(value as bigint);
      return printDate(ms, "strict_date_optional_time_nanos", undefined, nanos);
    }
    case "ip":
      return ipText(value as string);
    default:
      if (isAmount(type)) return amountText(value as Amount);
      return plainText(value);
  }
}

/** A value as it is held, as text. */
export function plainText(value: Scalar): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? amountText(value) : String(value);
}

/** A date as columns show it. */
export function dateText(ms: number): string {
  return printDate(ms, DEFAULT_DATE_FORMAT);
}

/** `P1DT2H`, as java.time writes periods and durations. */
export function amountText({ months, days, ms }: Amount): string {
  if (months !== 0 || days !== 0) {
    const years = Math.trunc(months / 12);
    const part = (count: number, unit: string): string => (count === 0 ? "" : `${count}${unit}`);
    return `P${part(years, "Y")}${part(months % 12, "M")}${part(days, "D")}`;
  }
  if (ms === 0) return "PT0S";
  const hours = Math.trunc(ms / 3_600_000);
  const minutes = Math.trunc((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  const part = (count: number, unit: string): string => (count === 0 ? "" : `${count}${unit}`);
  return `PT${part(hours, "H")}${part(minutes, "M")}${part(seconds, "S")}`;
}
