/** The processors of ingest pipelines. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { runScript, readScript } from "../script/script.ts";
import { Double, isEqual, numberIn, textOfValue, toScriptValue } from "../script/values.ts";
import { parseDate, printDate } from "../values/date.ts";
import { timeZone, utc } from "../values/time-zone.ts";
import { createDissect } from "./dissect.ts";
import { createGrok } from "./grok.ts";
import type { IngestDocument } from "./ingest-document.ts";

/** Changes a document. */
export type Processor = (document: IngestDocument) => void;

/** What processors may ask of the cluster. */
export interface ProcessorSurroundings {
  readonly findScript: (id: string) => string | undefined;
  /** Runs another pipeline. @throws {EsError} when there is none of that name */
  readonly runPipeline: (name: string, document: IngestDocument) => void;
  /** Compiles a processor that another holds. */
  readonly compile: (definition: unknown) => Processor;
}

type Maker = (settings: Settings, around: ProcessorSurroundings) => Processor;

/** The settings of a processor, each of which has to be asked for. */
class Settings {
  readonly type: string;
  readonly #given: JsonObject;
  readonly #known = new Set<string>();

  constructor(type: string, given: JsonObject) {
    this.type = type;
    this.#given = given;
  }

  value(name: string): unknown {
    this.#known.add(name);
    return this.#given[name];
  }

  text(name: string): string {
    const value = this.value(name);
    if (value === undefined || value === null)
      throw this.problem(name, "required property is missing");
    return textOf(value);
  }

  textOr<T>(name: string, fallback: T): string | T {
    const value = this.value(name);
    return value === undefined || value === null ? fallback : textOf(value);
  }

  flag(name: string): boolean {
    const value = this.value(name);
    return value === true || value === "true";
  }

  list(name: string): string[] {
    const value = this.value(name);
    if (value === undefined) throw this.problem(name, "required property is missing");
    return (Array.isArray(value) ? (value as readonly unknown[]) : [value]).map(textOf);
  }

  /** @throws {EsError} for settings that nobody asked for */
  finish(): void {
    const rest = Object.keys(this.#given).filter((name) => !this.#known.has(name));
    if (rest.length === 0) return;
    const reason = `processor [${this.type}] doesn't support one or more provided configuration parameters [${rest.join(", ")}]`;
    throw new EsError(400, "parse_exception", reason, { processor_type: this.type });
  }

  problem(name: string, reason: string): EsError {
    return new EsError(400, "parse_exception", `[${name}] ${reason}`, {
      property_name: name,
      processor_type: this.type,
    });
  }
}

/** A processor that turns the text of a field into something else. */
function textMaker(change: (text: string) => unknown): Maker {
  return (settings) => onField(settings, (text) => change(text));
}

function onField(settings: Settings, change: (text: string) => unknown): Processor {
  const field = settings.text("field");
  const target = settings.textOr("target_field", field);
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    const value = document.get(field);
    if ((value === undefined || value === null) && ignoresMissing) return;
    const given = document.require(field);
    const one = (item: unknown): unknown => {
      if (typeof item === "string") return change(item);
      if (item === null) throw illegalArgument(`field [${field}] is null, cannot process it.`);
      throw illegalArgument(
        `field [${field}] of type [${className(item)}] cannot be cast to [java.lang.String]`,
      );
    };
    document.set(target, Array.isArray(given) ? given.map(one) : one(given));
  };
}

function className(value: unknown): string {
  if (typeof value === "string") return "java.lang.String";
  if (typeof value === "boolean") return "java.lang.Boolean";
  if (Array.isArray(value)) return "java.util.ArrayList";
  if (value instanceof Map) return "java.util.HashMap";
  return value instanceof Double ? "java.lang.Double" : "java.lang.Integer";
}

function filled(document: IngestDocument, value: unknown): unknown {
  if (typeof value === "string") return document.fill(value);
  if (Array.isArray(value)) return value.map((item) => filled(document, item));
  return toScriptValue(value);
}

const set: Maker = (settings) => {
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

const remove: Maker = (settings) => {
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

const rename: Maker = (settings) => {
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

const append: Maker = (settings) => {
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

const convert: Maker = (settings) => {
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

const date: Maker = (settings) => {
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

const grok: Maker = (settings) => {
  const field = settings.text("field");
  const patterns = settings.list("patterns");
  const own = settings.value("pattern_definitions");
  const ignoresMissing = settings.flag("ignore_missing");
  if (settings.flag("trace_match")) throw notSupported("[trace_match] of the processor [grok]");
  settings.value("ecs_compatibility");
  const find = createGrok(
    patterns,
    isObject(own) ? Object.fromEntries(Object.entries(own).map(([k, v]) => [k, textOf(v)])) : {},
  );
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    const text = textOfValue(document.require(field));
    const found = find(text);
    if (found === undefined)
      throw illegalArgument(`Provided Grok expressions do not match field value: [${text}]`);
    for (const [name, value] of found) document.set(name, value);
  };
};

const dissect: Maker = (settings) => {
  const field = settings.text("field");
  const pattern = settings.text("pattern");
  const find = createDissect(pattern, settings.textOr("append_separator", ""));
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    const text = textOfValue(document.require(field));
    const found = find(text);
    if (found === undefined)
      throw new EsError(
        400,
        "dissect_exception",
        `Unable to find match for dissect pattern: ${pattern} against source: ${text}`,
      );
    for (const [name, value] of found) document.set(name, value);
  };
};

const gsub: Maker = (settings) => {
  const replacement = settings.text("replacement").replaceAll(/\$(\d)/g, "$$$1");
  const pattern = settings.text("pattern");
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "g");
  } catch {
    throw notSupported(`the pattern [${pattern}] of the processor [gsub]`);
  }
  return onField(settings, (text) => text.replaceAll(expression, replacement));
};

const split: Maker = (settings) => {
  const separator = settings.text("separator");
  const preserves = settings.flag("preserve_trailing");
  return onField(settings, (text) => {
    const parts = text.split(new RegExp(separator));
    const last = preserves ? parts.length - 1 : parts.findLastIndex((part) => part !== "");
    return parts.slice(0, Math.max(1, last + 1));
  });
};

const join: Maker = (settings) => {
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

const json: Maker = (settings) => {
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

const kv: Maker = (settings) => {
  const field = settings.text("field");
  const fieldSplit = new RegExp(settings.text("field_split"));
  const valueSplit = new RegExp(settings.text("value_split"));
  const target = settings.textOr("target_field", undefined);
  const prefix = settings.textOr("prefix", "");
  const include = settings.value("include_keys");
  const exclude = settings.value("exclude_keys");
  const ignoresMissing = settings.flag("ignore_missing");
  for (const name of ["trim_key", "trim_value", "strip_brackets"])
    if (settings.value(name) !== undefined && settings.value(name) !== false)
      throw notSupported(`[${name}] of the processor [kv]`);
  return (document) => {
    if (ignoresMissing && (document.get(field) ?? null) === null) return;
    for (const part of textOfValue(document.require(field)).split(fieldSplit)) {
      const at = valueSplit.exec(part);
      if (at === null)
        throw illegalArgument(
          `field [${field}] does not contain value_split [${valueSplit.source}]`,
        );
      const key = part.slice(0, at.index);
      if (Array.isArray(include) && !include.includes(key)) continue;
      if (Array.isArray(exclude) && exclude.includes(key)) continue;
      const value = part.slice(at.index + at[0].length);
      document.set(`${target === undefined ? "" : `${target}.`}${prefix}${key}`, value);
    }
  };
};

const script: Maker = (settings, { findScript }) => {
  const given = {
    source: settings.value("source"),
    id: settings.value("id"),
    lang: settings.value("lang"),
    params: settings.value("params"),
  };
  const wanted = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const compiled = readScript(wanted, findScript);
  return (document) => {
    runScript(compiled, { variables: { ctx: document.fields } });
  };
};

const drop: Maker = () => (document) => {
  document.isDropped = true;
};

const fail: Maker = (settings) => {
  const message = settings.text("message");
  return (document) => {
    throw new EsError(400, "fail_processor_exception", document.fill(message));
  };
};

const foreach: Maker = (settings, { compile }) => {
  const field = settings.text("field");
  const inner = compile(settings.value("processor"));
  const ignoresMissing = settings.flag("ignore_missing");
  return (document) => {
    const value = document.get(field);
    if ((value === undefined || value === null) && ignoresMissing) return;
    const list = document.require(field);
    if (!Array.isArray(list)) throw notSupported("[foreach] over other than a list");
    const changed = list.map((item: unknown) => {
      document.ingest.set("_value", item);
      inner(document);
      return document.ingest.get("_value");
    });
    document.ingest.delete("_value");
    document.set(field, changed);
  };
};

const pipeline: Maker = (settings, { runPipeline }) => {
  const name = settings.text("name");
  if (settings.flag("ignore_missing_pipeline"))
    throw notSupported("[ignore_missing_pipeline] of the processor [pipeline]");
  return (document) => {
    runPipeline(document.fill(name), document);
  };
};

const sort: Maker = (settings) => {
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

const dotExpander: Maker = (settings) => {
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

const makers: Readonly<Record<string, Maker>> = {
  append,
  convert,
  date,
  dissect,
  dot_expander: dotExpander,
  drop,
  fail,
  foreach,
  grok,
  gsub,
  join,
  json,
  kv,
  lowercase: textMaker((text) => text.toLowerCase()),
  pipeline,
  remove,
  rename,
  script,
  set,
  sort,
  split,
  trim: textMaker((text) => text.trim()),
  uppercase: textMaker((text) => text.toUpperCase()),
  urldecode: textMaker((text) => decodeURIComponent(text.replaceAll("+", " "))),
};

/** Processors of Elasticsearch that are refused by name, not as unknown ones. */
const notComputed: ReadonlySet<string> = new Set(
  "attachment bytes circle community_id csv date_index_name enrich fingerprint geo_grid geoip html_strip inference ip_location network_direction normalize_for_stream redact registered_domain reroute set_security_user terminate uri_parts user_agent".split(
    " ",
  ),
);

/**
 * Makes a processor.
 *
 * @throws {EsError} 400 in the server's words, or for a processor that is not there
 */
export function makeProcessor(
  type: string,
  given: JsonObject,
  around: ProcessorSurroundings,
): Processor {
  const maker = Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (maker === undefined) {
    if (notComputed.has(type)) throw notSupported(`the processor [${type}]`);
    throw new EsError(400, "parse_exception", `No processor type exists with name [${type}]`, {
      processor_type: type,
    });
  }
  const settings = new Settings(type, given);
  const processor = maker(settings, around);
  settings.finish();
  return processor;
}
