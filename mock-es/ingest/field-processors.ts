/** Processors that set, move, convert and arrange the values of fields. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { isEqual, Double, numberIn, textOfValue, toScriptValue } from "../script/values.ts";
import { parseDate, printDate } from "../values/date.ts";
import { timeZone, utc } from "../values/time-zone.ts";
import type { IngestDocument } from "./ingest-document.ts";
import { className, type Maker } from "./processor-settings.ts";

function filled(document: IngestDocument, value: unknown): unknown {
  if (typeof value === "string") return document.fill(value);
  if (Array.isArray(value)) return value.map((item) => filled(document, item));
  return toScriptValue(value);
}

/** `set`. */
export const set: Maker = (settings) => {
  const field = settings.text("field");
  const from = settings.textOr("copy_from", undefined);
  const value = settings.value("value");
  const overrides = settings.value("override") !== false;
  const ignoresEmpty = settings.flag("ignore_empty_value");
  settings.value("media_type");
  if (from === undefined && value === undefined)
    throw settings.problem("value", "required property is missing");
  return (document) => {
    const name = document.fill(field);
    const present = document.get(name);
    if (!overrides && present !== undefined && present !== null) return;
    const given = from === undefined ? filled(document, value) : document.get(from);
    if (ignoresEmpty && (given === undefined || given === null || given === "")) return;
    document.set(name, given ?? null);
  };
};

/** `remove`. */
export const remove: Maker = (settings) => {
  const keep = settings.value("keep");
  if (keep !== undefined) throw notSupported("[keep] of the processor [remove]");
  const fields = settings.list("field");
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

/** `append`. */
export const append: Maker = (settings) => {
  const field = settings.text("field");
  const value = settings.value("value");
  const allowsDuplicates = settings.value("allow_duplicates") !== false;
  settings.value("media_type");
  return (document) => {
    const name = document.fill(field);
    const present = document.get(name);
    const list: unknown[] =
      present === undefined || present === null ? [] : Array.isArray(present) ? present : [present];
    const added = filled(document, value);
    for (const item of Array.isArray(added) ? (added as readonly unknown[]) : [added])
      if (allowsDuplicates || !list.some((other) => isEqual(other, item))) list.push(item);
    document.set(name, list);
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
    const one = (item: unknown): unknown => converted(item, type);
    document.set(target, Array.isArray(given) ? given.map(one) : one(given));
  };
};

function converted(value: unknown, type: string): unknown {
  const text = textOfValue(value);
  switch (type) {
    case "integer":
    case "long":
      if (/^[+-]?\d+$/.test(text)) return Number(text);
      throw illegalArgument(`unable to convert [${text}] to ${type}`);
    case "float":
    case "double":
      if (text.trim() !== "" && !Number.isNaN(Number(text))) return new Double(Number(text));
      throw illegalArgument(`unable to convert [${text}] to ${type}`);
    case "boolean":
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      throw illegalArgument(`[${text}] is not a boolean value, cannot convert to boolean`);
    case "auto":
      if (typeof value !== "string") return value;
      if (/^(?:true|false)$/i.test(text)) return /^true$/i.test(text);
      if (/^[+-]?\d+$/.test(text)) return Number(text);
      return text.trim() !== "" && !Number.isNaN(Number(text)) ? new Double(Number(text)) : text;
    default:
      return text;
  }
}

/** Formats of dates that have names. */
const namedFormats: Readonly<Record<string, string>> = {
  ISO8601: "strict_date_optional_time",
  UNIX_MS: "epoch_millis",
  UNIX: "epoch_second",
};

/** `date`. */
export const date: Maker = (settings) => {
  const field = settings.text("field");
  const formats = settings.list("formats");
  const target = settings.textOr("target_field", "@timestamp");
  const zoneName = settings.textOr("timezone", "UTC");
  const output = settings.textOr("output_format", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
  settings.value("locale");
  if (formats.includes("TAI64N")) throw notSupported("[TAI64N] of the processor [date]");
  const zone = timeZone(zoneName) ?? utc;
  return (document) => {
    const text = textOfValue(document.require(field));
    for (const format of formats) {
      const pattern =
        (Object.hasOwn(namedFormats, format) ? namedFormats[format] : undefined) ?? format;
      const found = parseDate(text, pattern);
      if (found === undefined) continue;
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
        `field [${field}] of type [${className(value)}] cannot be cast to [java.util.List]`,
      );
    document.set(target, value.map(textOfValue).join(separator));
  };
};

/** `json`. */
export const json: Maker = (settings) => {
  const field = settings.text("field");
  const target = settings.textOr("target_field", field);
  const isRoot = settings.flag("add_to_root");
  for (const name of [
    "add_to_root_conflict_strategy",
    "allow_duplicate_keys",
    "strict_json_parsing",
  ])
    settings.value(name);
  return (document) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(textOfValue(document.require(field)));
    } catch (error) {
      throw illegalArgument(error instanceof Error ? error.message : "no JSON");
    }
    const value = toScriptValue(parsed);
    if (!isRoot) document.set(target, value);
    else if (value instanceof Map)
      for (const [name, item] of value as Map<unknown, unknown>) document.fields.set(name, item);
    else throw illegalArgument("cannot add non-map fields to root of document");
  };
};

/** `sort`. */
export const sort: Maker = (settings) => {
  const field = settings.text("field");
  const target = settings.textOr("target_field", field);
  const sign = settings.textOr("order", "asc") === "desc" ? -1 : 1;
  return (document) => {
    const value = document.require(field);
    if (!Array.isArray(value)) throw illegalArgument(`field [${field}] is no list`);
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
  settings.value("override");
  return (document) => {
    if (!document.fields.has(field)) return;
    const value = document.fields.get(field);
    document.fields.delete(field);
    document.set(field, value);
  };
};
