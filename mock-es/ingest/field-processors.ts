/** Processors that set, move, convert and arrange the values of fields. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { isEqual, Double, numberIn, textOfValue, toScriptValue } from "../script/values.ts";
import { parseDate, printDate } from "../values/date.ts";
import { ipKey } from "../values/ip-address.ts";
import { timeZone, utc } from "../values/time-zone.ts";
import { classNameOf, type IngestDocument } from "./ingest-document.ts";
import type { Maker, Settings } from "./processor-settings.ts";

function filled(document: IngestDocument, value: unknown): unknown {
  if (typeof value === "string") return document.fill(value);
  if (Array.isArray(value)) return value.map((item) => filled(document, item));
  return toScriptValue(value);
}

/** @throws {EsError} 400 for settings that name no value, or two */
function checkSource(settings: Settings, from: string | undefined, value: unknown): void {
  if (from === undefined && (value ?? undefined) === undefined)
    throw settings.problem("value", "required property is missing");
  if (from !== undefined && (value ?? undefined) !== undefined)
    throw settings.problem(
      "copy_from",
      "cannot set both `copy_from` and `value` in the same processor",
    );
}

/** @throws {EsError} for a field that is not there, where that is no empty value */
function sourceOf(
  document: IngestDocument,
  from: string | undefined,
  value: unknown,
  ignoresEmpty: boolean,
): unknown {
  if (from === undefined) return filled(document, value);
  return ignoresEmpty ? document.get(from) : document.require(from);
}

/** `set`. */
export const set: Maker = (settings) => {
  const field = settings.text("field");
  const from = settings.textOr("copy_from", undefined);
  const value = settings.value("value");
  const overrides = settings.flag("override", true);
  const ignoresEmpty = settings.flag("ignore_empty_value");
  settings.checkMediaType();
  checkSource(settings, from, value);
  return (document) => {
    const name = document.fill(field);
    const present = document.get(name);
    if (!overrides && present !== undefined && present !== null) return;
    const given = sourceOf(document, from, value, ignoresEmpty);
    // A text that is given as it is may be empty.
    const isFilled = from !== undefined || (typeof value === "string" && value.includes("{{"));
    if (ignoresEmpty && isFilled && (given === undefined || given === null || given === "")) return;
    document.set(name, given ?? null);
  };
};

/** `remove`. */
export const remove: Maker = (settings) => {
  const keep = settings.value("keep");
  if (keep !== undefined) throw notSupported("[keep] of the processor [remove]");
  const fields = settings.texts("field");
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    for (const field of fields) {
      const name = document.fill(field);
      if (ignoresMissing && document.get(name) === undefined) continue;
      document.remove(name);
    }
  };
};

/** `rename`. */
export const rename: Maker = (settings) => {
  const field = settings.text("field");
  const target = settings.text("target_field");
  const ignoresMissing = settings.flag("ignore_missing");
  const overrides = settings.flag("override");
  return (document) => {
    const from = document.fill(field);
    const value = document.get(from);
    if (value === undefined) {
      if (ignoresMissing) return;
      throw illegalArgument(`field [${from}] doesn't exist`);
    }
    const to = document.fill(target);
    if (document.get(to) !== undefined && !overrides)
      throw illegalArgument(`field [${to}] already exists`);
    document.remove(from);
    document.set(to, value);
  };
};

/** Adds values to those of a field; where none is added, the field stays as it is. */
function addValues(
  document: IngestDocument,
  name: string,
  added: readonly unknown[],
  allowsDuplicates: boolean,
): void {
  const present = document.get(name);
  // Where there is nothing yet, all are taken.
  if (present === undefined || present === null) {
    document.set(name, [...added]);
    return;
  }
  const list: unknown[] = Array.isArray(present) ? present : [present];
  const before = list.length;
  for (const item of added)
    if (allowsDuplicates || !list.some((other) => isEqual(other, item))) list.push(item);
  if (list.length > before) document.set(name, list);
}

/** `append`. */
export const append: Maker = (settings) => {
  const field = settings.text("field");
  const from = settings.textOr("copy_from", undefined);
  const value = settings.value("value");
  const allowsDuplicates = settings.flag("allow_duplicates", true);
  const ignoresEmpty = settings.flag("ignore_empty_values");
  settings.checkMediaType();
  checkSource(settings, from, value);
  return (document) => {
    const given = sourceOf(document, from, value, ignoresEmpty);
    const added = Array.isArray(given) ? (given as readonly unknown[]) : [given];
    const isEmpty = (item: unknown): boolean => item === undefined || item === null || item === "";
    const kept = ignoresEmpty ? added.filter((item) => !isEmpty(item)) : added;
    if (ignoresEmpty && kept.length === 0) return;
    addValues(document, document.fill(field), kept, allowsDuplicates);
  };
};

/** `convert`. */
export const convert: Maker = (settings) => {
  const field = settings.text("field");
  const type = settings.text("type");
  const target = settings.textOr("target_field", field);
  const ignoresMissing = settings.flag("ignore_missing");
  if (!/^(?:integer|long|float|double|boolean|string|ip|auto)$/.test(type))
    throw settings.problem("type", `type [${type}] not supported, cannot convert field.`);
  return (document) => {
    const value = document.get(field);
    if ((value === undefined || value === null) && ignoresMissing) return;
    const given = document.require(field);
    if (given === null)
      throw illegalArgument(`Field [${field}] is null, cannot be converted to type [${type}]`);
    const one = (item: unknown): unknown => converted(item, type, field);
    document.set(target, Array.isArray(given) ? given.map(one) : one(given));
  };
};

/** A whole number of a text as Java reads it; `undefined` for what is none or too large. */
function wholeOf(text: string, bits: 32 | 64): number | bigint | undefined {
  const hex = /^(-?)(0x[\da-fA-F]+)$/.exec(text);
  if (hex === null && !/^[+-]?\d+$/.test(text)) return undefined;
  const size = BigInt(hex?.[2] ?? text.replace(/^\+/, ""));
  const value = hex?.[1] === "-" ? -size : size;
  if (BigInt.asIntN(bits, value) !== value) return undefined;
  return bits === 32 ? Number(value) : value;
}

function fractionOf(text: string): Double | undefined {
  const value = Number(text);
  return text.trim() === "" || Number.isNaN(value) ? undefined : new Double(value);
}

function converted(value: unknown, type: string, field: string): unknown {
  const text = textOfValue(value);
  switch (type) {
    case "integer":
    case "long":
    case "float":
    case "double": {
      const isWhole = type === "integer" || type === "long";
      const found = isWhole ? wholeOf(text, type === "long" ? 64 : 32) : fractionOf(text);
      if (found !== undefined) return found;
      throw illegalArgument(`unable to convert [${text}] to ${type}`, {
        caused_by: { type: "number_format_exception", reason: `For input string: "${text}"` },
      });
    }
    case "ip":
      if (typeof value !== "string")
        throw illegalArgument(
          `field [${field}] of type [${classNameOf(value)}] cannot be cast to [java.lang.String]`,
        );
      if (ipKey(text) === undefined)
        throw illegalArgument(`'${text}' is not an IP string literal.`);
      return text;
    case "boolean":
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      throw illegalArgument(`[${text}] is not a boolean value, cannot convert to boolean`);
    case "auto":
      if (typeof value !== "string") return value;
      if (/^(?:true|false)$/i.test(text)) return /^true$/i.test(text);
      return wholeOf(text, 32) ?? wholeOf(text, 64) ?? fractionOf(text) ?? text;
    default:
      return text;
  }
}

/** The last millisecond of the year 9999, after which years are written with a sign. */
const lastDateMs = 253_402_300_799_999;

/** Formats of dates that have names. */
const namedFormats: Readonly<Record<string, string>> = {
  ISO8601: "strict_date_optional_time",
  UNIX_MS: "epoch_millis",
  UNIX: "epoch_second",
};

/** The pattern of a format, which may have a name of its own. */
export function patternOf(format: string): string {
  return (Object.hasOwn(namedFormats, format) ? namedFormats[format] : undefined) ?? format;
}

/** @throws {EsError} 400 for what prints no date */
function checkOutputFormat(settings: Settings, format: string): void {
  try {
    printDate(0, format, utc);
  } catch {
    throw settings.problem("output_format", `invalid output format [${format}]`);
  }
}

/** `date`. */
export const date: Maker = (settings) => {
  const field = settings.text("field");
  const formats = settings.list("formats");
  const target = settings.textOr("target_field", "@timestamp");
  const zoneName = settings.textOr("timezone", "UTC");
  const output = settings.textOr("output_format", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
  settings.checkLocale();
  if (formats.includes("TAI64N")) throw notSupported("[TAI64N] of the processor [date]");
  checkOutputFormat(settings, output);
  const zone = timeZone(zoneName);
  return (document) => {
    const text = textOfValue(document.require(field));
    for (const format of formats) {
      const found = format === "" ? undefined : parseDate(text, patternOf(format));
      if (found === undefined || zone === undefined) continue;
      const pattern = patternOf(format);
      if (Math.abs(found) > lastDateMs)
        throw notSupported(`a date as far away as [${text}] in the processor [date]`);
      const isAbsolute = /[zZ]|[+-]\d\d:?\d\d$/.test(text) || pattern.startsWith("epoch");
      document.set(target, printDate(isAbsolute ? found : zone.toInstant(found), output, zone));
      return;
    }
    throw illegalArgument(`unable to parse date [${text}]`);
  };
};

/** `join`. */
export const join: Maker = (settings) => {
  const field = settings.text("field");
  const separator = settings.text("separator");
  const target = settings.textOr("target_field", field);
  return (document) => {
    const value = document.require(field);
    if (!Array.isArray(value))
      throw illegalArgument(
        `field [${field}] of type [${classNameOf(value)}] cannot be cast to [java.util.List]`,
      );
    document.set(target, value.map(textOfValue).join(separator));
  };
};

/** `sort`. */
export const sort: Maker = (settings) => {
  const field = settings.text("field");
  const target = settings.textOr("target_field", field);
  const order = settings.textOr("order", "asc");
  if (order !== "asc" && order !== "desc")
    throw settings.problem(
      "order",
      `Sort direction [${order}] not recognized. Valid values are: [asc, desc]`,
    );
  const sign = order === "desc" ? -1 : 1;
  return (document) => {
    const value = document.require(field);
    if (!Array.isArray(value))
      throw illegalArgument(
        `field [${field}] of type [${classNameOf(value)}] cannot be cast to [java.util.List]`,
      );
    const sorted = value.toSorted((a: unknown, b: unknown) => {
      const left = numberIn(a) ?? textOfValue(a);
      const right = numberIn(b) ?? textOfValue(b);
      return left === right ? 0 : left < right ? -sign : sign;
    });
    document.set(target, sorted);
  };
};

/** `dot_expander`. */
export const dotExpander: Maker = (settings) => {
  const field = settings.text("field");
  if (settings.value("path") !== undefined || field === "*")
    throw notSupported("[path] and [*] of the processor [dot_expander]");
  const overrides = settings.flag("override");
  if (!field.includes(".")) throw settings.problem("field", "field does not contain a dot");
  return (document) => {
    if (!document.fields.has(field)) return;
    const value = document.fields.get(field);
    const steps = field.split(".");
    const present = document.get(field);
    const parts = steps.slice(1).map((_step, at) => steps.slice(0, at + 1).join("."));
    for (const part of present === undefined ? parts : []) {
      const held = document.get(part);
      if (held === undefined || held instanceof Map) continue;
      throw illegalArgument(
        `cannot expand [${field}], because [${part}] is not an object field, but a value field`,
      );
    }
    document.fields.delete(field);
    if (present === undefined || overrides) document.set(field, value);
    else addValues(document, field, [value].flat(), true);
  };
};
