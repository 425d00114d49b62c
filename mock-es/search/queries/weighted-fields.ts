/** Lists of fields with weights, such as `["title^2", "body.*"]`. */
import { illegalArgument } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { expandFields } from "../fields/field-names.ts";
import { isTextless } from "./textless-fields.ts";

/** A field of a search over several, with its weight. */
export interface WeightedField {
  readonly name: string;
  readonly boost: number;
  /** Found by a pattern. */
  readonly isOptional: boolean;
}

/** The `fields` of a query; `undefined` where it names none. */
export function namedFields({ fields }: JsonObject): unknown {
  return Array.isArray(fields) && fields.length === 0 ? undefined : fields;
}

/** The fields of a query that names none: those of `index.query.default_field`. */
export function defaultFields({ limits }: SearchContext): readonly string[] {
  return limits.defaultFields.includes("*") ? ["*"] : limits.defaultFields;
}

/**
 * Reads a list of fields such as `["title^2", "body.*"]`.
 *
 * @throws {EsError} for a weight that is no number
 */
export function weightedFields(fields: unknown, context: SearchContext): WeightedField[] {
  const list = Array.isArray(fields) ? (fields as readonly unknown[]) : [fields];
  const found = list.flatMap((element) => {
    const [pattern = "", weight] = String(element).split("^");
    const boost = weight === undefined ? 1 : Number(weight);
    if (Number.isNaN(boost)) throw illegalArgument(`For input string: "${weight ?? ""}"`);
    const isOptional = pattern.includes("*");
    const names = isOptional ? patternFields(pattern, context) : [pattern];
    return names.map((name) => ({ name, boost, isOptional }));
  });
  return inHashOrder(merged(found));
}

/** Each field once; weights of one that is named again are multiplied. */
function merged(fields: readonly WeightedField[]): WeightedField[] {
  const byName = new Map<string, WeightedField>();
  for (const field of fields) {
    const { name } = field;
    const known = byName.get(name);
    const boost = known === undefined ? field.boost : known.boost * field.boost;
    const isOptional = field.isOptional && (known?.isOptional ?? true);
    byName.set(name, { name, boost, isOptional });
  }
  return [...byName.values()];
}

/** Fields in the order of Java's hash maps, in which the server goes through them. */
function inHashOrder(fields: readonly WeightedField[]): WeightedField[] {
  let size = 16;
  while (new Set(fields.map(({ name }) => name)).size > size * 0.75) size *= 2;
  const slots = new Map(fields.map(({ name }) => [name, hashOf(name) & (size - 1)]));
  return fields.toSorted((a, b) => (slots.get(a.name) ?? 0) - (slots.get(b.name) ?? 0));
}

/** `String.hashCode`, spread as `HashMap` spreads it. */
function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash ^ (hash >>> 16);
}

/** True where a text is looked for in all fields: those that cannot hold it then do not matter. */
export function areAllFields(fields: unknown): boolean {
  return fields === "*" || (Array.isArray(fields) && fields.length === 1 && fields[0] === "*");
}

/** Fields that fit a pattern and that a text can be looked for in. */
export function patternFields(pattern: string, context: SearchContext): string[] {
  const names = expandFields(pattern, context).filter(
    (name) => !isTextless(resolveField(context, name)?.type),
  );
  // An alias of a field that is found, too, is that field.
  const known = new Set(names);
  const real = names.map((name) => {
    const own = resolveField(context, name)?.name;
    return own !== undefined && known.has(own) ? own : name;
  });
  return [...new Set(real)];
}
