/** Dynamic templates: mappings for fields by their names and the kinds of their values. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { isRuntimeType } from "../search/runtime-fields.ts";
import { wholePattern } from "../text/java-pattern.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { toJavaText } from "../values/java-text.ts";
import { classCast, nullPointer } from "./java-class.ts";
import { mapperParsing } from "./mapping-problem.ts";

/** Elasticsearch's dynamic type for each kind of JSON value, put in place of `{dynamic_type}`. */
const dynamicTypes: Readonly<Record<string, string>> = {
  object: "object",
  string: "text",
  long: "long",
  double: "float",
  boolean: "boolean",
  date: "date",
  binary: "binary",
};

/** Kinds of values, words of `match_mapping_type`. */
export type DynamicKind = string;

export const dynamicKinds: readonly DynamicKind[] = Object.keys(dynamicTypes);

/** Members of a template in the order in which they are answered. */
const members = [
  "match",
  "path_match",
  "unmatch",
  "path_unmatch",
  "match_mapping_type",
  "unmatch_mapping_type",
  "match_pattern",
  "mapping",
  "runtime",
];

const conditions = members.filter(
  (member) => !["mapping", "match_pattern", "runtime"].includes(member),
);

/**
 * Checks the dynamic templates of a mapping.
 *
 * @throws {EsError} 400
 */
export function checkDynamicTemplates(templates: unknown): void {
  const expected = "Dynamic template syntax error. An array of named objects is expected.";
  if (!Array.isArray(templates)) throw mapperParsing(expected);
  for (const entry of templates as unknown[]) {
    if (entry === null) throw nullPointer('"java.util.Map.size()" because "tmpl"');
    if (!isObject(entry)) throw classCast(entry, "Map");
    const named = Object.entries(entry);
    const [name, template] = named[0] ?? [];
    if (named.length !== 1 || name === undefined)
      throw mapperParsing("A dynamic template must be defined with a name");
    if (template === null) throw nullPointer('"java.util.Map.entrySet()" because "conf"');
    if (!isObject(template)) throw classCast(template, "Map");
    checkTemplate(name, template);
  }
}

function checkTemplate(name: string, template: JsonObject): void {
  for (const [member, value] of Object.entries(template)) {
    if (!members.includes(member))
      throw illegalArgument(`Illegal dynamic template parameter: [${member}]`);
    if (value === null && member !== "mapping" && member !== "runtime")
      throw nullPointer(
        '"Object.toString()" because the return value of "java.util.Map$Entry.getValue()"',
      );
    if (conditions.includes(member)) checkCondition(member, value);
  }
  const mapping = partOf(template, "mapping");
  const runtime = partOf(template, "runtime");
  if (mapping !== undefined && runtime !== undefined)
    throw mapperParsing(
      `mapping and runtime cannot be both specified in the same dynamic template [${name}]`,
    );
  if (mapping === undefined && runtime === undefined)
    throw mapperParsing(`template [${name}] must have either mapping or runtime set`);
  const type = textOf(runtime?.["type"] ?? "keyword");
  if (!isRuntimeType(type) && !type.includes("{"))
    throw notSupported(`a dynamic template with a runtime field of type [${type}]`);
  for (const member of ["match_mapping_type", "unmatch_mapping_type"]) {
    for (const kind of toList(template[member]) ?? []) {
      const isAny = kind === "*" && member === "match_mapping_type";
      if (isAny || Object.hasOwn(dynamicTypes, kind)) continue;
      throw illegalArgument(
        `No field type matched on [${kind}], possible values are [${Object.keys(dynamicTypes).join(", ")}]`,
      );
    }
  }
  const pattern = template["match_pattern"];
  if (pattern === "regex")
    for (const member of ["match", "unmatch", "path_match", "path_unmatch"])
      for (const text of toList(template[member]) ?? []) checkPattern(text);
  if (pattern !== undefined && pattern !== "regex" && pattern !== "simple")
    throw illegalArgument(`No matching pattern matched on [${toJavaText(pattern)}]`);
}

/** The definition of a field, or of a runtime field; null is none. @throws {EsError} 400 */
function partOf(template: JsonObject, member: "mapping" | "runtime"): JsonObject | undefined {
  const part = template[member] ?? undefined;
  if (part !== undefined && !isObject(part)) throw classCast(part, "Map");
  return part;
}

/** A condition is a text or a list of texts; numbers and booleans stand for theirs. */
function checkCondition(member: string, value: unknown): void {
  if (!Array.isArray(value) || value.every((one) => typeof one === "string")) return;
  throw mapperParsing(
    `[${member}] values must either be a string or list of strings, but was [${toJavaText(value)}]`,
  );
}

/** Refuses what is no regular expression here; the server would tell what is wrong with it. */
function checkPattern(text: string): void {
  try {
    wholePattern(text);
  } catch {
    throw notSupported(`the pattern [${text}] of a dynamic template`);
  }
}

/** Dynamic templates as the server answers them. */
export function renderDynamicTemplates(templates: unknown): unknown {
  if (!Array.isArray(templates)) return templates;
  return templates.map((entry: unknown) => {
    if (!isObject(entry)) return entry;
    const [name = "", template] = Object.entries(entry)[0] ?? [];
    if (!isObject(template)) return entry;
    const rendered: Record<string, unknown> = {};
    for (const member of members) {
      const value = template[member];
      if (value === undefined || value === null) continue;
      const [only, ...more] = Array.isArray(value) ? (value as unknown[]) : [value];
      const isPart = member === "mapping" || member === "runtime";
      const one = isPart || only === undefined ? sorted(only) : toJavaText(only);
      rendered[member] = more.length === 0 ? one : value;
    }
    return { [name]: rendered };
  });
}

function sorted(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}

/** What a new field is looked up by. */
export interface NewField {
  /** Full name. */
  readonly path: string;
  readonly name: string;
  /** Kind of its value, a word of `match_mapping_type`. */
  readonly kind: string;
}

/**
 * The definition that the first fitting dynamic template gives to a new field; `undefined` when
 * none fits.
 */
export function dynamicTemplateDefinition(
  templates: unknown,
  field: NewField,
): JsonObject | undefined {
  const definition = fittingTemplate(templates, field)?.["mapping"];
  return isObject(definition) ? filledDefinition(definition, field) : undefined;
}

/** The first dynamic template that fits a new field. */
export function fittingTemplate(templates: unknown, field: NewField): JsonObject | undefined {
  for (const entry of Array.isArray(templates) ? (templates as unknown[]) : []) {
    const [template] = isObject(entry) ? Object.values(entry) : [];
    if (isObject(template) && fits(template, field)) return template;
  }
  return undefined;
}

/** Types of runtime fields by the kinds of values. */
export const runtimeTypes: Readonly<Record<string, string>> = {
  boolean: "boolean",
  date: "date",
  double: "double",
  long: "long",
  string: "keyword",
};

/** The definition that a dynamic template gives to a new runtime field. */
export function runtimeTemplateDefinition(
  template: JsonObject,
  field: NewField,
  type: string | undefined,
): JsonObject {
  const { runtime } = template;
  return {
    type: type ?? "keyword",
    ...(isObject(runtime) ? (fill(runtime, field) as JsonObject) : {}),
  };
}

/**
 * The definition of the dynamic template of a name, which a bulk request may ask for; `undefined`
 * when there is none.
 */
export function namedTemplateDefinition(
  templates: unknown,
  name: string,
  field: NewField,
): JsonObject | undefined {
  for (const entry of Array.isArray(templates) ? (templates as unknown[]) : []) {
    const template = isObject(entry) ? entry[name] : undefined;
    const definition = isObject(template) ? template["mapping"] : undefined;
    if (isObject(definition)) return filledDefinition(definition, field);
  }
  return undefined;
}

function fits(template: JsonObject, { path, name, kind }: NewField): boolean {
  // A template without conditions is for no field.
  if (conditions.every((member) => template[member] === undefined)) return false;
  const kinds = toList(template["match_mapping_type"]);
  if (kinds !== undefined && !kinds.includes("*") && !kinds.includes(kind)) return false;
  if (toList(template["unmatch_mapping_type"])?.includes(kind) ?? false) return false;
  const isRegex = template["match_pattern"] === "regex";
  const test = (patterns: unknown, text: string): boolean | undefined =>
    toList(patterns)?.some((pattern) =>
      (isRegex ? wholePattern(pattern) : simplePattern(pattern)).test(text),
    );
  if (test(template["match"], name) === false || test(template["unmatch"], name) === true)
    return false;
  return (
    test(template["path_match"], path) !== false && test(template["path_unmatch"], path) !== true
  );
}

export function filledDefinition(definition: JsonObject, field: NewField): JsonObject {
  const filled = fill(definition, field) as JsonObject;
  return "type" in filled ? filled : { type: dynamicTypes[field.kind] ?? "text", ...filled };
}

function fill(value: unknown, field: NewField): unknown {
  if (typeof value === "string") {
    return value
      .replaceAll("{name}", field.name)
      .replaceAll("{dynamic_type}", dynamicTypes[field.kind] ?? "text")
      .replaceAll("{dynamicType}", dynamicTypes[field.kind] ?? "text");
  }
  if (Array.isArray(value)) return value.map((inner) => fill(inner, field));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [String(fill(name, field)), fill(inner, field)]),
  );
}

function toList(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.map(toJavaText) : [toJavaText(value)];
}
