/** The parameters of a mapping beside its fields. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { checkRuntimeFields } from "../search/runtime-fields.ts";
import { dateFormats } from "../values/date-format.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { checkDynamicTemplates, renderDynamicTemplates } from "./dynamic-template.ts";
import { toJavaText } from "../values/java-text.ts";
import { enabledChanged, mapperConflict, type MergeReason } from "./mapping-merge.ts";
import { classCast, nullPointer } from "./java-class.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { readDynamic, readFlag } from "./object-flags.ts";
import { asReadByJava } from "../json/odd-numbers.ts";

/** Root parameters in the order in which they are answered. */
const rootParameters = [
  "dynamic",
  "enabled",
  "subobjects",
  "_data_stream_timestamp",
  "_meta",
  "_routing",
  "_source",
  "dynamic_date_formats",
  "dynamic_templates",
  "date_detection",
  "numeric_detection",
  "runtime",
  "_field_names",
  "_id",
];

/** Fields of every document that a mapping says nothing of. */
const fixedFields: ReadonlySet<string> = new Set(
  "_version _seq_no _ignored _ignored_source _index _index_mode _nested_path _doc_count".split(" "),
);

/**
 * Reads the parameters beside `properties`.
 *
 * @throws {EsError} 400 for what a mapping cannot have, or for what this mock does not cover
 */
export function parseRoot(definition: JsonObject): Record<string, unknown> {
  const { properties: _properties, ...given } = definition;
  const fixed = Object.keys(given).find((name) => fixedFields.has(name));
  if (fixed !== undefined) throw mapperParsing(`${fixed} is not configurable`);
  const unknown = Object.keys(given).filter((name) => !rootParameters.includes(name));
  if (unknown.length > 0) {
    const list = inHashOrder(unknown)
      .map((name) => ` [${name} : ${toJavaText(given[name])}]`)
      .join("");
    throw mapperParsing(`Root mapping definition has unsupported parameters: ${list}`);
  }
  const root: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const read = readParameter(name, value);
    if (read !== undefined) root[name] = read;
  }
  return root;
}

function readParameter(name: string, value: unknown): unknown {
  switch (name) {
    case "dynamic":
      return readDynamic(value);
    case "enabled":
      return readFlag(value, "enabled.enabled");
    case "date_detection":
    case "numeric_detection":
      return readFlag(value, name);
    case "subobjects":
      if (textOf(value) === "true") return true;
      throw notSupported(`the mapping parameter [subobjects: ${textOf(value)}]`);
    case "runtime":
      return readRuntime(value);
    case "dynamic_templates":
      checkDynamicTemplates(value);
      return renderDynamicTemplates(value);
    case "dynamic_date_formats":
      if (value === null) throw nullPointer('"Object.toString()" because "fieldNode"');
      return readFormats(Array.isArray(value) ? value : [value]);
    case "_routing":
      return readMetadata(name, value, ["required"]);
    case "_source":
      return readSource(value);
    case "_field_names":
      if (isObject(value) && value["enabled"] !== undefined) {
        throw mapperParsing(
          "The `enabled` setting for the `_field_names` field has been deprecated and removed. Please remove it from your mappings and templates.",
        );
      }
      return undefined;
    case "_id":
      readMetadata(name, value, []);
      return undefined;
    case "_data_stream_timestamp":
      return readMetadata(name, value, ["enabled"], false);
    case "_meta":
      if (value === null || isObject(value)) return asReadByJava(value);
      throw classCast(value, "Map");
    default:
      return value;
  }
}

function readRuntime(value: unknown): Record<string, unknown> | undefined {
  if (!isObject(value)) throw new EsError(400, "parse_exception", "runtime must be a map type");
  checkRuntimeFields(value, mapperParsing, true);
  return Object.fromEntries(
    Object.entries(value).map(([name, definition]) => [name, shownDefinition(definition)]),
  );
}

/** A definition as it is answered: scripts have their language. */
function shownDefinition(definition: unknown): unknown {
  if (!isObject(definition) || definition["script"] === undefined) return definition;
  const { script } = definition;
  const given = isObject(script) ? script : { source: script };
  const isStored = given["id"] !== undefined;
  return { ...definition, script: isStored ? given : { lang: "painless", ...given } };
}

function readFormats(formats: readonly unknown[]): readonly string[] {
  return formats.map((format) => {
    if (format === null) throw nullPointer('"Object.toString()" because "formatter"');
    if (typeof format !== "string")
      throw illegalArgument(`Invalid format: [${toJavaText(format)}]: expected string value`);
    dateFormats(format);
    return format;
  });
}

function readMetadata(
  name: string,
  value: unknown,
  known: readonly string[],
  enabled = true,
): Record<string, unknown> | undefined {
  if (!isObject(value)) throw illegalArgument(`[${name}] config must be an object`);
  const read: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (!known.includes(key))
      throw mapperParsing(`unknown parameter [${key}] on metadata field [${name}]`);
    read[key] = key === "required" || key === "enabled" ? readPlainFlag(inner) : inner;
  }
  if (read["required"] === false) delete read["required"];
  if (name !== "_source" && read["enabled"] === enabled) delete read["enabled"];
  return read;
}

function readPlainFlag(value: unknown): boolean {
  const text = textOf(value);
  if (text === "true" || text === "false") return text === "true";
  throw illegalArgument(`Failed to parse value [${text}] as only [true] or [false] are allowed.`);
}

function readSource(value: unknown): Record<string, unknown> | undefined {
  const read = readMetadata("_source", value, ["enabled", "includes", "excludes", "mode"]);
  const mode = read?.["mode"];
  if (mode !== undefined && mode !== "stored")
    throw notSupported(`the mapping parameter [_source.mode: ${textOf(mode)}]`);
  if (read === undefined) return read;
  delete read["mode"];
  for (const name of ["includes", "excludes"]) {
    const list = read[name];
    if (list === undefined) continue;
    const paths = readPaths(list);
    if (paths.length > 0) read[name] = paths;
    else delete read[name];
  }
  // That sources are kept is told beside what of them is.
  if (Object.keys(read).join() === "enabled" && read["enabled"] === true) return {};
  return read;
}

/** Paths of members; of those that are not texts their texts. */
function readPaths(list: unknown): string[] {
  if (list === null) throw nullPointer('"java.util.List.iterator()" because "values"');
  if (!Array.isArray(list)) throw classCast(list, "List");
  if (list.includes(null)) throw nullPointer('"Object.toString()" because "item"');
  return list.map(toJavaText);
}

/**
 * The root parameters of two mappings together.
 *
 * @throws {EsError} 400 for changes that a mapping cannot take
 */
export function mergeRoot(
  before: JsonObject,
  after: JsonObject,
  reason: MergeReason,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(after)) {
    if (name === "_meta" && value === null) continue;
    // The only value that there is changes nothing.
    if (name === "subobjects" && reason === "update") continue;
    if (reason === "update") checkUpdate(name, before[name], value);
    merged[name] =
      name === "runtime"
        ? mergeRuntime(before[name], value)
        : reason === "template"
          ? layered(name, before[name], value)
          : value;
  }
  return merged;
}

/** Definitions replace those of before; null takes one away. */
function mergeRuntime(before: unknown, after: unknown): unknown {
  const all = { ...(isObject(before) ? before : {}), ...(isObject(after) ? after : {}) };
  const kept = Object.entries(all).filter(([, definition]) => definition !== null);
  return kept.length === 0
    ? undefined
    : Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkUpdate(name: string, before: unknown, after: unknown): void {
  if (name === "enabled" && (before ?? true) !== after) throw enabledChanged("_doc");
  if (name !== "_routing" && name !== "_source") return;
  const [from, to] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  const conflicts: string[] = [];
  if (to["mode"] !== undefined && from["mode"] !== to["mode"])
    throw notSupported("an update of [_source.mode]");
  const names = name === "_routing" ? ["required"] : ["enabled", "includes", "excludes"];
  for (const key of names) {
    const [old, now] = [shown(from[key], key), shown(to[key], key)];
    // Sources may be given up, but not taken up again.
    if (key === "enabled" && now === "false") continue;
    if (old !== now) conflicts.push(`Cannot update parameter [${key}] from [${old}] to [${now}]`);
  }
  if (conflicts.length > 0) throw mapperConflict(name, conflicts);
}

function shown(value: unknown, key: string): string {
  if (key === "enabled") return toJavaText(value ?? true);
  return toJavaText(value ?? (key === "required" ? false : []));
}

/** Templates add to `_meta` and to dynamic templates; of the rest the last one counts. */
function layered(name: string, before: unknown, after: unknown): unknown {
  if (name === "_meta" && isObject(before) && isObject(after)) return { ...before, ...after };
  if (name !== "dynamic_templates" || !Array.isArray(before) || !Array.isArray(after)) return after;
  const byName = new Map<string, unknown>();
  for (const entry of [...before, ...after] as unknown[])
    if (isObject(entry)) byName.set(Object.keys(entry)[0] ?? "", entry);
  return [...byName.values()];
}

/** The root parameters as the server answers them. */
export function renderRoot(root: JsonObject): Record<string, unknown> {
  const rendered: Record<string, unknown> = {};
  for (const name of rootParameters) {
    const value = root[name];
    // That there is no stream of data is not told.
    const isOff = name === "_data_stream_timestamp" && isObject(value) && value["enabled"] !== true;
    if (value === undefined || isOff) continue;
    if (name === "enabled" && value === true) continue;
    if (
      (name === "_routing" || name === "_source") &&
      isObject(value) &&
      Object.keys(value).length === 0
    )
      continue;
    rendered[name] = value;
  }
  return rendered;
}
