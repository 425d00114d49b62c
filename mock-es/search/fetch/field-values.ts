import {
  isObject,
  type JsonObject,
  notSupported,
  parsingException,
  textOf,
  tokenOf,
} from "../problem.ts";
import { printDate } from "../../values/date.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { expandFields } from "../fields/field-names.ts";
import { createReader, resolveField, type Field } from "../fields/field.ts";
import { ipText } from "../../values/ip-address.ts";
import { requireDocValues } from "../sort.ts";
import type { IndexedValue } from "../fields/value.ts";

/** Values by field name, as a hit shows them under `fields`. */
export type FieldValues = Readonly<Record<string, readonly unknown[]>>;

interface Wanted {
  readonly field: Field;
  readonly read: (document: SearchDocument) => readonly IndexedValue[];
  readonly format: string | undefined;
  readonly isSorted: boolean;
}

/** Compiles `fields` and `docvalue_fields`; `undefined` when a search has neither. */
export function compileFieldValues(
  body: JsonObject,
  context: SearchContext,
): ((document: SearchDocument) => FieldValues) | undefined {
  const wanted = [
    ...compileList("fields", body, context),
    ...compileList("docvalue_fields", body, context),
  ];
  if (wanted.length === 0) return undefined;
  return (document) => {
    const shown: Record<string, readonly unknown[]> = {};
    for (const { field, read, format, isSorted } of wanted) {
      const values = read(document);
      if (values.length === 0) continue;
      const ordered = isSorted ? values.toSorted(compareValues) : values;
      shown[field.name] = ordered.map((value) => showFieldValue(field, value, format));
    }
    return shown;
  };
}

function compareValues(a: IndexedValue, b: IndexedValue): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compileList(
  name: "fields" | "docvalue_fields",
  body: JsonObject,
  context: SearchContext,
): Wanted[] {
  const list = body[name];
  if (!Array.isArray(list)) return [];
  return (list as readonly unknown[]).flatMap((element) => {
    if (typeof element !== "string" && !isObject(element)) {
      throw parsingException(`Unknown key for a ${tokenOf(element)} in [${name}].`);
    }
    const pattern = typeof element === "string" ? element : String(element["field"]);
    const given = isObject(element) ? element["format"] : undefined;
    const format = given === undefined ? undefined : textOf(given);
    const names = pattern.includes("*") ? expandFields(pattern, context) : [pattern];
    return names.flatMap((fieldName) => compileOne(name, fieldName, format, context));
  });
}

function compileOne(
  option: string,
  name: string,
  format: string | undefined,
  context: SearchContext,
): Wanted[] {
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested") return [];
  if (option === "docvalue_fields") requireDocValues(field, context);
  if (field.kind === "unsupported") throw notSupported(`[${option}] of the type [${field.type}]`);
  if (format !== undefined && field.kind !== "date")
    throw notSupported(`[format] of the field [${name}] in [${option}]`);
  return [{ field, read: createReader(field), format, isSorted: option === "docvalue_fields" }];
}

/** An indexed value in the form in which answers show it. */
export function showFieldValue(field: Field, value: IndexedValue, format?: string): unknown {
  if (field.kind === "date") return printDate(Number(value), format ?? field.dateFormat);
  if (field.kind === "boolean") return value === 1;
  return field.kind === "ip" ? ipText(String(value)) : value;
}
