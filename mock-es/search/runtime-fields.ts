/** Runtime fields: read from sources when they are asked for, or computed by scripts. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { dateFormats } from "../values/date-format.ts";
import {
  defaultLimits,
  type FieldMappings,
  type MappedField,
  type SearchContext,
  type SearchDocument,
} from "./fields/document.ts";
import { compileEmitter } from "./queries/scripting.ts";

const types: ReadonlySet<string> = new Set(
  "boolean date double geo_point ip keyword long".split(" "),
);
const otherTypes: ReadonlySet<string> = new Set("composite geo_shape lookup".split(" "));

/** True for a type of runtime fields that is read here. */
export function isRuntimeType(type: string): boolean {
  return types.has(type);
}

/** What runtime fields are made for. */
export interface RuntimeSurroundings {
  readonly index: string;
  /** The instant of `now`, milliseconds since the epoch. */
  readonly nowMs: number;
  readonly findScript?: SearchContext["findScript"];
  /** Makes a refusal of its reason. */
  readonly refuse: (reason: string) => Error;
}

/**
 * Checks the definitions of runtime fields.
 *
 * @param allowsNull a field that is null is taken away
 * @throws {EsError} the refusal, or one that names what is not computed
 */
export function checkRuntimeFields(
  definitions: JsonObject,
  refuse: RuntimeSurroundings["refuse"],
  allowsNull: boolean,
): void {
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition === null && allowsNull) continue;
    if (definition === null)
      throw refuse(
        `Runtime field [${name}] was set to null but its removal is not supported in this context`,
      );
    if (!isObject(definition))
      throw refuse(
        `Expected map for runtime field [${name}] definition but got a ${javaTypeOf(definition)}`,
      );
    checkField(name, definition, refuse);
  }
}

function javaTypeOf(value: unknown): string {
  if (Array.isArray(value)) return "java.util.ArrayList";
  if (typeof value === "boolean") return "java.lang.Boolean";
  if (typeof value === "string") return "java.lang.String";
  return Number.isInteger(value) ? "java.lang.Integer" : "java.lang.Double";
}

function checkField(
  name: string,
  definition: JsonObject,
  refuse: RuntimeSurroundings["refuse"],
): void {
  const { type: given, script, ...rest } = definition;
  if (given === undefined) throw refuse(`No type specified for runtime field [${name}]`);
  const type = textOf(given);
  if (type === "composite" && script === undefined)
    throw illegalArgument(`composite runtime field [${name}] must declare a [script]`);
  if (otherTypes.has(type)) throw notSupported(`a runtime field of type [${type}]`);
  if (!types.has(type)) {
    throw refuse(
      `The mapper type [${type}] declared on runtime field [${name}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  }
  if (type === "date" && rest["format"] === "")
    throw notSupported("an empty [format] of a runtime field");
  const { format } = rest;
  if (type === "date" && (format ?? undefined) !== undefined) {
    if (typeof format !== "string")
      throw notSupported("a [format] of a runtime field that is no text");
    dateFormats(format);
  }
  if (type === "geo_point" && script !== undefined)
    throw notSupported("a runtime field of type [geo_point] with a script");
  for (const key of Object.keys(rest)) {
    if (key === "meta") checkMeta(name, rest[key], refuse);
    if (key === "on_script_error") checkOnError(rest[key], script, refuse);
    if (key === "meta" || key === "on_script_error") continue;
    if (key === "format" && type === "date") continue;
    if (key === "locale" && type === "date") throw notSupported(`[${key}] of a runtime field`);
    throw refuse(`unknown parameter [${key}] on runtime field [${name}] of type [${type}]`);
  }
}

function checkMeta(name: string, meta: unknown, refuse: RuntimeSurroundings["refuse"]): void {
  for (const value of Object.values(isObject(meta) ? meta : {})) {
    if (typeof value === "string") continue;
    const type = javaTypeOf(value).split(".").at(-1) ?? "";
    const shown = `${type}[${textOf(value)}]`;
    throw refuse(`[meta] values can only be strings, but got ${shown} for field [${name}]`);
  }
}

function checkOnError(
  given: unknown,
  script: unknown,
  refuse: RuntimeSurroundings["refuse"],
): void {
  if (given !== "fail" && given !== "continue")
    throw refuse(
      `Unknown value [${textOf(given)}] for field [on_script_error] - accepted values are [fail, continue]`,
    );
  if (script === undefined)
    throw illegalArgument("Field [on_script_error] requires field [script] to be configured");
}

/**
 * Mappings with runtime fields among them, in place of fields of their names.
 *
 * @param definitions checked before
 * @throws {EsError} the refusal of a script
 */
export function withRuntimeFields(
  plain: FieldMappings,
  definitions: JsonObject,
  surroundings: RuntimeSurroundings,
): FieldMappings {
  let mappings = plain;
  for (const [name, definition] of Object.entries(definitions)) {
    if (!isObject(definition)) continue;
    // A script sees the fields that are defined before its own.
    const field = fieldOf(definition, contextOf(mappings, surroundings));
    mappings = withField(mappings, name, field);
  }
  return mappings;
}

function contextOf(
  mappings: FieldMappings,
  { index, nowMs, findScript }: RuntimeSurroundings,
): SearchContext {
  return {
    mappings,
    index,
    nowMs,
    corpus: undefined,
    isScored: false,
    nestedPath: undefined,
    limits: defaultLimits,
    ...(findScript === undefined ? {} : { findScript }),
  };
}

function withField(before: FieldMappings, name: string, field: MappedField): FieldMappings {
  return {
    find: (asked) => (asked === name ? field : before.find(asked)),
    fieldNames: () => new Set([...(before.fieldNames?.() ?? []), name]),
    ...(before.copiedTo === undefined
      ? {}
      : { copiedTo: (asked) => (asked === name ? [] : (before.copiedTo?.(asked) ?? [])) }),
    sourceParts: before.sourceParts,
    hiddenFields: before.hiddenFields,
    ignoresAbove: before.ignoresAbove,
    ...(before.analysis === undefined ? {} : { analysis: before.analysis }),
  };
}

function fieldOf(definition: JsonObject, contextBefore: SearchContext): MappedField {
  const { type, script, on_script_error: onError, ...rest } = definition;
  const field = { type: textOf(type), parameters: { ...rest, index: false }, isRuntime: true };
  if (script === undefined) return field;
  const compute = compileEmitter(script, contextBefore);
  return { ...field, compute: onError === "continue" ? withoutErrors(compute) : compute };
}

/** Gives no values where a script fails. */
function withoutErrors(
  compute: (document: SearchDocument) => readonly unknown[],
): (document: SearchDocument) => readonly unknown[] {
  return (document) => {
    try {
      return compute(document);
    } catch (error) {
      if (error instanceof EsError && !error.reason.endsWith("by mock-es")) return [];
      throw error;
    }
  };
}
