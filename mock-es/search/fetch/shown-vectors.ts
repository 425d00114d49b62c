/** Vectors in sources, which the server takes out and puts back in when it is asked to. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject } from "../../json/json-value.ts";
import { inHashOrder } from "../../text/hash-order.ts";
import { vectorJson } from "../fields/dense-vector.ts";
import type { FieldMappings, MappedField } from "../fields/document.ts";
import { sparseJson, toSparseVector } from "../fields/sparse-vector.ts";

/** The mapping of a vector that the index takes out of sources; `undefined` for other fields. */
type FindVector = (name: string) => MappedField | undefined;

/**
 * Gives sources with their vectors as the index keeps them: behind what else is in their object,
 * with rounded numbers. `undefined` for a mapping that has none, or keeps them as they are.
 */
export function vectorsAsKept(mappings: FieldMappings): ((source: unknown) => unknown) | undefined {
  const vectors = new Map<string, MappedField>();
  for (const name of mappings.hiddenFields ?? []) {
    const field = mappings.find(name);
    if (field !== undefined && isTakenOut(field)) vectors.set(name, field);
  }
  return vectors.size === 0 ? undefined : (source) => rewritten(source, "", (n) => vectors.get(n));
}

/** Vectors without an index stay where they were written. */
function isTakenOut({ type, parameters }: MappedField): boolean {
  return type === "sparse_vector" || parameters["index"] !== false;
}

function rewritten(value: unknown, path: string, find: FindVector): unknown {
  if (Array.isArray(value))
    return (value as readonly unknown[]).map((element) => rewritten(element, path, find));
  if (!isObject(value) || isRawNumber(value)) return value;
  const shown: Record<string, unknown> = {};
  const taken = new Map<string, MappedField>();
  for (const [name, inner] of Object.entries(value)) {
    const full = path === "" ? name : `${path}.${name}`;
    const vector = find(full);
    if (vector === undefined) shown[name] = rewritten(inner, full, find);
    else taken.set(name, vector);
  }
  for (const name of inHashOrder([...taken.keys()])) {
    const read = readKept(value[name], taken.get(name));
    // Most readers pass over vectors, whose numbers take a while to be written.
    if (read !== undefined)
      Object.defineProperty(shown, name, { enumerable: true, configurable: true, get: read });
  }
  return shown;
}

function readKept(value: unknown, field: MappedField | undefined): (() => unknown) | undefined {
  if (field?.type === "dense_vector")
    return value === null ? undefined : () => vectorJson(value, field);
  const objects = objectsIn(value);
  return objects.length === 0 ? undefined : () => sparseJson(toSparseVector(objects));
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
  for (const name of Object.keys(value)) {
    const full = path === "" ? name : `${path}.${name}`;
    if (!removed.has(full)) rest[name] = without(value[name], full, removed);
  }
  return rest;
}
