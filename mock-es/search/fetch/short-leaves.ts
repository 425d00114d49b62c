/** What hits show of flattened objects: leaves that are short enough. */
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";

/**
 * What is left of an object without its longer values, of which those in objects within are kept; a
 * list that is left with one value is that value.
 */
export function shortLeaves(value: unknown, limit: number): unknown {
  if (!hasLeaf(value)) return undefined;
  if (!isObject(value)) return isLong(value, limit) ? undefined : value;
  if (limit === Infinity) return withoutLoneValues(value);
  const kept = Object.entries(value)
    .map(([name, inner]) => [name, shortValues(inner, limit)] as const)
    .filter(([, inner]) => inner !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** An object whose lists of one value are that value. */
function withoutLoneValues(object: JsonObject): JsonObject {
  if (!Object.values(object).some(Array.isArray)) return object;
  return Object.fromEntries(
    Object.entries(object).map(([name, inner]) => {
      const [only, ...more]: readonly unknown[] = Array.isArray(inner) ? inner : [null];
      return [name, more.length > 0 || (only ?? undefined) === undefined ? inner : only];
    }),
  );
}

function shortValues(value: unknown, limit: number): unknown {
  if (!Array.isArray(value)) return isLong(value, limit) ? undefined : value;
  const kept = (value as readonly unknown[]).filter((element) => !isLong(element, limit));
  return kept.length > 1 ? kept : kept[0];
}

function isLong(value: unknown, limit: number): boolean {
  return !isObject(value) && !Array.isArray(value) && toJavaText(value).length > limit;
}

function hasLeaf(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasLeaf);
  if (isObject(value)) return Object.values(value).some(hasLeaf);
  return value !== null && value !== undefined;
}
