/** Indexed values in the forms in which answers show them. */
import { doubleJson, floatJson, longJson } from "../../json/java-number.ts";
import { momentOf, printDate } from "../../values/date.ts";
import { ipText } from "../../values/ip-address.ts";
import { type TimeZone, utc } from "../../values/time-zone.ts";
import type { Field } from "./field.ts";
import type { IndexedValue } from "./value.ts";

/**
 * A value as `fields`, `docvalue_fields` and sorts show it, save that sorts show dates as numbers.
 */
export function showFieldValue(field: Field, value: IndexedValue, format?: string): unknown {
  switch (field.kind) {
    case "date":
      return dateText(field, value, format);
    case "boolean":
      return value === 1;
    case "ip":
      return ipText(String(value));
    case "double":
      return numberJson(field, Number(value));
    case "long":
      return typeof value === "string" ? value : longJson(value);
    case "text":
    case "keyword":
    case "object":
    case "nested":
    case "unsupported":
      return value;
  }
}

/** A number of a field that holds fractions. */
export function numberJson(field: Field, value: number): unknown {
  return field.type === "float" || field.type === "half_float"
    ? floatJson(value)
    : doubleJson(value);
}

/** A date of a field as text. */
export function dateText(
  field: Field,
  value: IndexedValue,
  format: string = field.dateFormat,
  zone: TimeZone = utc,
): string {
  if (field.type !== "date_nanos") return printDate(Number(value), format, zone);
  const { ms, nanos } = momentOf(BigInt(value));
  return printDate(ms, format, zone, nanos);
}
