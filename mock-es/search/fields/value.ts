import { textOf } from "../problem.ts";
import { parseDate } from "../../values/date.ts";
import { ipKey } from "../../values/ip-address.ts";
import type { Field } from "./field.ts";

/**
 * A value as the index holds it, comparable with `<`: text and keywords as strings, numbers and
 * dates (milliseconds) as numbers, booleans as 0 and 1, addresses as fixed-length hexadecimal
 * strings.
 */
export type IndexedValue = string | number;

/**
 * Brings a JSON value of a document into the form the index holds, as the field's mapper would;
 * `undefined` for a value that the mapper would not index (null, objects, malformed values,
 * keywords over `ignore_above`).
 */
export function indexedValue(field: Field, raw: unknown): IndexedValue | undefined {
  if (raw === null || raw === undefined || typeof raw === "object") return undefined;
  switch (field.kind) {
    case "text":
      return typeof raw === "string" ? raw : textOf(raw);
    case "keyword": {
      const text = typeof raw === "string" ? raw : textOf(raw);
      return text.length > field.ignoreAbove ? undefined : text;
    }
    case "long":
    case "double":
      return typeof raw === "boolean" || raw === "" ? undefined : toNumber(field, Number(raw));
    case "boolean":
      return raw === true || raw === "true"
        ? 1
        : raw === false || raw === "false" || raw === ""
          ? 0
          : undefined;
    case "date":
      return typeof raw === "boolean" ? undefined : parseDate(raw, field.dateFormat);
    case "ip":
      return typeof raw === "string" ? ipKey(raw) : undefined;
    case "object":
    case "nested":
    case "unsupported":
      return undefined;
  }
}

/**
 * Rounds a number to what a field of this type can hold: whole numbers are cut off, `float` has 24
 * bits.
 */
export function toNumber(field: Field, value: number): number | undefined {
  if (Number.isNaN(value)) return undefined;
  if (field.kind === "long") return Math.trunc(value) + 0;
  return field.type === "float" ? Math.fround(value) : value;
}
