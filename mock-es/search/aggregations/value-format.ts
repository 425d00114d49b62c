/** How aggregations show values: as JSON, and as text beside it. */
import { doubleJson, longJson } from "../../json/java-number.ts";
import { printDate } from "../../values/date.ts";
import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import { numberFormat } from "../../values/decimal-format.ts";
import { ipText } from "../../values/ip-address.ts";
import { type TimeZone, utc } from "../../values/time-zone.ts";
import type { Field } from "../fields/field.ts";
import type { IndexedValue } from "../fields/value.ts";

/** Shows the values of a field. */
export interface ValueFormat {
  /** The value as a bucket key. */
  key(value: IndexedValue): unknown;
  /** The text that stands beside it as `key_as_string`, `value_as_string`; `undefined`: none. */
  readonly text: ((value: number) => string) | undefined;
  /** A number that is computed from values, such as an average. */
  number(value: number): unknown;
}

/** The format of a field's values, with `format` and `time_zone` of the aggregation. */
export function valueFormat(
  field: Field | undefined,
  format?: string,
  zone: TimeZone = utc,
): ValueFormat {
  switch (field?.kind) {
    case "date": {
      const pattern = format ?? field.dateFormat;
      return {
        key: (value) => (typeof value === "string" ? value : longJson(value)),
        // Java's long of what is no number is 0.
        text: (value) => printDate(Number.isNaN(value) ? 0 : Math.trunc(value), pattern, zone),
        number: doubleJson,
      };
    }
    case "boolean":
      return {
        key: Number,
        text: (value) => (value === 0 ? "false" : "true"),
        number: doubleJson,
      };
    case "ip":
      return { key: (value) => ipText(String(value)), text: undefined, number: doubleJson };
    case "long":
      return {
        key: (value) => (typeof value === "string" ? value : longJson(value)),
        text: format === undefined ? undefined : numberFormat(format),
        number: doubleJson,
      };
    case "double":
      return {
        key: (value) => doubleJson(Number(value)),
        text: format === undefined ? undefined : numberFormat(format),
        number: doubleJson,
      };
    default:
      return {
        key: (value) => (typeof value === "bigint" ? longJson(value) : value),
        text: format === undefined || field !== undefined ? undefined : unmappedText(format),
        number: doubleJson,
      };
  }
}

/** Without a field, a format may be one of dates or one of numbers. */
function unmappedText(format: string): ((value: number) => string) | undefined {
  return /[#0]/.test(format) ? numberFormat(format) : (value) => printDate(value, format);
}

/** The format of dates in an aggregation over dates. */
export function dateFormatOf(field: Field | undefined, format: unknown): string {
  if (typeof format === "string") return format;
  return field?.dateFormat ?? DEFAULT_DATE_FORMAT;
}
