/** Vectors in sources, which the server takes out and puts back in when it is asked to. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject } from "../../json/json-value.ts";
import type { FieldMappings } from "../fields/document.ts";
import { sparseJson, toSparseVector } from "../fields/sparse-vector.ts";

/**
 * Gives sources with their sparse vectors as the index keeps them: behind what else is in their
 * object, with rounded weights. `undefined` for a mapping that has none, or keeps them as they are.
 */
export function vectorsAsKept(mappings: FieldMappings): ((source: unknown) => unknown) | undefined {
  const names = mappings.hiddenFields?.filter(
    (name) => mappings.find(name)?.type === "sparse_vector",
  );
  if (names === undefined || names.length === 0) return undefined;
  const vectors = new Set(names);
  return (source) => rewritten(source, "", vectors);
}

function rewritten(value: unknown, path: string, vectors: ReadonlySet<string>): unknown {
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((element) => rewritten(element, path, vectors));
  if (!isObject(value) || isRawNumber(value)) return value;
  const rest: Record<string, unknown> = {};
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const full = path === "" ? name : `${path}.${name}`;
    if (!vectors.has(full)) rest[name] = rewritten(inner, full, vectors);
    else {
      const objects = objectsIn(inner);
      if (objects.length > 0) kept[name] = sparseJson(toSparseVector(objects));
    }
  }
  return { ...rest, ...kept };
}

function objectsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return (value as readonly unknown[]).flatMap(objectsIn);
  return isObject(value) ? [value] : [];
}

/** Takes values out of a source by the full names of their fields; what holds them stays. */
export function withoutFields(names: readonly string[]): (source: unknown) => unknown {
  const removed = new Set(names);
  return (source) => without(source, "", removed);
}

function without(value: unknown, path: string, removed: ReadonlySet<string>): unknown {
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((element) => without(element, path, removed));
  if (!isObject(value) || isRawNumber(value)) return value;
  const rest: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const full = path === "" ? name : `${path}.${name}`;
    if (!removed.has(full)) rest[name] = without(inner, full, removed);
  }
  return rest;
}
