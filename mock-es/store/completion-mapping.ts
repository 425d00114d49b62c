/** Values of `completion` fields in documents. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { positionOf } from "../json/json-position.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import {
  type ContextMapping,
  contextMappings,
  contextPrecision,
  contextsOf,
} from "../search/suggest/contexts.ts";
import { type DocumentPlace, documentParsingOf, namePosition } from "./document-problem.ts";
import { toJavaText } from "../values/java-text.ts";

/** Parameters of a field that nobody chose, in the order in which the server shows them. */
const defaults: JsonObject = {
  analyzer: "simple",
  preserve_separators: true,
  preserve_position_increments: true,
  max_input_length: 50,
};

/** Fills in the parameters of a `completion`, which mappings always show. */
export function completeCompletion(parameters: Record<string, unknown>): void {
  for (const [name, fallback] of Object.entries(defaults)) parameters[name] ??= fallback;
}

/**
 * Reads the contexts of a mapping, as the server shows them.
 *
 * @throws {EsError} 400 in the server's words
 */
export function readContexts(given: unknown): readonly JsonObject[] {
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  if (list.length === 0)
    throw new EsError(400, "parse_exception", "expected at least one context mapping");
  return list.map((entry) => {
    const { name, type, path, precision, ...rest } = isObject(entry) ? entry : {};
    for (const [key, value] of Object.entries({ name, type })) {
      if (value !== undefined) continue;
      throw new EsError(400, "parse_exception", `missing [${key}] in context mapping`);
    }
    const kind = textOf(type).toLowerCase();
    if (kind !== "category" && kind !== "geo") {
      throw illegalArgument(`No context type for [${textOf(type)}]`);
    }
    const [other] = Object.keys(rest);
    if (other !== undefined) throw notSupported(`[${other}] of a context of a completion`);
    if (path === null) {
      const reason = `Mapping definition for [${textOf(name)}] has unsupported parameters:  [path : null]`;
      throw new EsError(400, "mapper_parsing_exception", reason);
    }
    const length = contextPrecision(precision ?? 6);
    return {
      name: toJavaText(name),
      type: kind.toUpperCase(),
      ...(kind === "geo" ? { precision: length } : {}),
      ...(path === undefined ? {} : { path: toJavaText(path) }),
    };
  });
}

const maxWeight = 2_147_483_647;
/** Characters that Lucene puts between the parts of an input: holes, separators, ends. */
const reserved = ["\u0000", "\u001e", "\u001f"];

/**
 * Checks a value: a text, an object with `input` and `weight`, or a list of those.
 *
 * @throws {EsError} 400 `document_parsing_exception`
 */
export function checkCompletion(
  place: DocumentPlace,
  field: string,
  value: unknown,
  parameters: JsonObject,
): void {
  const mappings = contextMappings(parameters);
  const isList = Array.isArray(value);
  for (const [at, entry] of (isList ? (value as readonly unknown[]) : [value]).entries()) {
    const inside = isList ? { ...place, path: [...place.path, at] } : place;
    checkEntry(inside, field, entry, mappings);
    if (mappings.length > 0) checkContexts(place, field, entry, mappings);
  }
}

/** An input of a field with contexts has some, of its own or from other fields. */
function checkContexts(
  { text }: DocumentPlace,
  field: string,
  entry: unknown,
  mappings: readonly ContextMapping[],
): void {
  const given = isObject(entry) ? entry["contexts"] : undefined;
  if (contextsOf(mappings, given, JSON.parse(text)).size > 0) return;
  throw illegalArgument(`Contexts are mandatory in context enabled completion field [${field}]`);
}

function checkEntry(
  place: DocumentPlace,
  field: string,
  value: unknown,
  mappings: readonly ContextMapping[],
): void {
  if (typeof value === "string") checkText(place, value);
  else if (isObject(value)) checkMembers(place, field, value, mappings);
  else {
    const { line, column } = positionOf(place.text, place.path);
    const last = place.path.at(-1);
    const name = typeof last === "string" ? last : "null";
    const reason = `failed to parse [${name}]: expected text or object, but got ${tokenOf(value)}`;
    const cause = { type: "parsing_exception", reason, line, col: column };
    throw documentParsingOf(line, column, `failed to parse: ${reason}`, {
      root_cause: [cause],
      caused_by: cause,
    });
  }
}

function checkMembers(
  place: DocumentPlace,
  field: string,
  value: JsonObject,
  mappings: readonly ContextMapping[],
): void {
  for (const [key, given] of Object.entries(value)) {
    const inside = { ...place, path: [...place.path, key] };
    if (key === "input") checkInput(inside, given);
    else if (key === "weight") checkWeight(inside, given);
    else if (key === "contexts") {
      if (mappings.length === 0)
        throw refuse(inside, `contexts field is not supported for field: [${field}]`);
      for (const name of Object.keys(isObject(given) ? given : {})) {
        if (mappings.some((mapping) => mapping.name === name)) continue;
        const known = mappings.map((mapping) => mapping.name).join(", ");
        const reason = `Unknown context name [${name}], must be one of [${known}]`;
        const within = { ...inside, path: [...inside.path, name] };
        throw refuse(within, reason, namePosition(within));
      }
    } else {
      const reason = `unknown field name [${key}], must be one of [contexts, input, weight]`;
      throw refuse(inside, reason, namePosition(inside));
    }
  }
}

function checkInput(place: DocumentPlace, given: unknown): void {
  if (typeof given === "string") {
    checkText(place, given);
    return;
  }
  if (!Array.isArray(given))
    throw refuse(place, `input must be a string or array, but was [${tokenOf(given)}]`);
  for (const [at, input] of (given as readonly unknown[]).entries()) {
    const inside = { ...place, path: [...place.path, at] };
    if (typeof input !== "string")
      throw refuse(inside, `input array must have string values, but was [${tokenOf(input)}]`);
    checkText(inside, input);
  }
}

/** True for a completion with an input of which nothing is left, which is passed over. */
export function hasBlankInput(value: unknown): boolean {
  const inputs = [value].flat().map((one) => (isObject(one) ? one["input"] : one));
  return inputs.flat().some((input) => typeof input === "string" && isBlank(input));
}

/** Of nothing but what Java trims. */
function isBlank(text: string): boolean {
  return Array.from(text).every((character) => character <= " ");
}

function checkText(place: DocumentPlace, text: string): void {
  if (isBlank(text)) return;
  const places = reserved.map((character) => text.indexOf(character)).filter((at) => at !== -1);
  if (places.length === 0) return;
  const position = Math.min(...places);
  const code = text.charCodeAt(position).toString(16);
  const reason = `Illegal input [${text}] UTF-16 codepoint [0x${code}] at position ${position} is a reserved character`;
  throw refuse(place, reason);
}

function checkWeight(place: DocumentPlace, given: unknown): void {
  const text = textOf(given);
  if (!["VALUE_STRING", "VALUE_NUMBER"].includes(tokenOf(given)))
    throw refuse(place, `weight must be a number or string, but was [${tokenOf(given)}]`);
  const weight = Number(text);
  if (!/^[-+]?\d+$/.test(text) || Math.abs(weight) >= 2 ** 63)
    throw refuse(place, `weight must be an integer, but was [${text}]`);
  if (weight < 0 || weight > maxWeight)
    throw refuse(place, `weight must be in the interval [0..${maxWeight}], but was [${text}]`);
}

function refuse(
  { text, path }: DocumentPlace,
  reason: string,
  { line, column }: { readonly line: number; readonly column: number } = positionOf(text, path),
): EsError {
  return documentParsingOf(line, column, `failed to parse: ${reason}`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}
