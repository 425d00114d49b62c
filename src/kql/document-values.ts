/** Reading the values of one field out of records, as Elasticsearch would have indexed them. */
import type { Comparable } from "./condition.ts";
import { parseDate } from "./date-math.ts";
import type { Field, FieldType } from "./field-table.ts";
import { addressKey } from "./ip-address.ts";

/** A record: plain objects and lists; a key may hold dots in place of an object. */
export type RecordDocument = Readonly<Record<string, unknown>>;

/** Sees one value of a field; true ends the visit. */
export type ValueVisitor = (value: unknown) => boolean;

/**
 * Visits the scalar values at a path: through objects, lists and keys with dots. Below a flattened
 * field all leaves are visited.
 *
 * @returns whether the visitor ended it
 */
export function visitValues(
  document: unknown,
  path: readonly string[],
  from: number,
  isDeep: boolean,
  visit: ValueVisitor,
): boolean {
  if (document === null || document === undefined) return false;
  if (Array.isArray(document)) {
    for (const element of document as readonly unknown[])
      if (visitValues(element, path, from, isDeep, visit)) return true;
    return false;
  }
  if (typeof document !== "object") return from === path.length && visit(document);
  const object = document as RecordDocument;
  if (from === path.length) return isDeep && visitLeaves(object, visit);
  let key = path[from] ?? "";
  if (Object.hasOwn(object, key) && visitValues(object[key], path, from + 1, isDeep, visit))
    return true;
  for (let next = from + 1; next < path.length; next += 1) {
    key += `.${path[next] ?? ""}`;
    if (Object.hasOwn(object, key) && visitValues(object[key], path, next + 1, isDeep, visit))
      return true;
  }
  return false;
}

function visitLeaves(object: RecordDocument, visit: ValueVisitor): boolean {
  return Object.values(object).some((value) => visitValues(value, [], 0, true, visit));
}

/**
 * A value in the form in which its field compares it; `undefined` for what the field cannot hold
 * and so would not be indexed.
 */
export function comparable(type: FieldType, value: unknown): Comparable | undefined {
  switch (type) {
    case "keyword":
    case "wildcard":
    case "flattened":
    case "text":
      return typeof value === "string" ? value : String(value);
    case "long": {
      const number = typeof value === "boolean" || value === "" ? Number.NaN : Number(value);
      return Number.isNaN(number) ? undefined : Math.trunc(number);
    }
    case "boolean":
      if (value === true || value === "true") return 1;
      return value === false || value === "false" || value === "" ? 0 : undefined;
    case "date":
      return typeof value === "boolean" ? undefined : parseDate(String(value));
    case "ip":
      return typeof value === "string" ? addressKey(value) : undefined;
    case "nested":
    case "object":
      return undefined;
  }
}

/** Whether a field is to be visited with everything below it. */
export function isDeep(field: Field): boolean {
  return field.type === "flattened" || field.type === "object";
}
