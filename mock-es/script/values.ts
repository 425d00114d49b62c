/**
 * Values of scripts: JavaScript's own null, booleans and texts; an Integer as a number, a Long as a
 * bigint, fractional numbers as {@link Double}, so that `1`, `1L` and `1.0` stay what they are;
 * lists and arrays as arrays, maps as `Map`, sets as {@link ScriptSet}, lambdas as functions.
 */
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleJson, doubleText, floatJson, floatText, longJson } from "../json/java-number.ts";
import { isObject } from "../json/json-value.ts";

/** A floating-point number. */
export class Double {
  readonly value: number;
  /** True for one of 32 bits. */
  readonly isFloat: boolean;

  constructor(value: number, isFloat = false) {
    this.value = value;
    this.isFloat = isFloat;
  }
}

/** An object with members and methods of its own. */
export interface ScriptObject {
  readonly isScriptObject: true;
  member(name: string): unknown;
  call?(name: string, from: readonly unknown[]): unknown;
  /** `toString`. Absent: it has no text. */
  text?(): string;
  /** Of a list. */
  readonly items?: readonly unknown[];
  /** As JSON has it. Absent: its items or its text. */
  json?(): unknown;
  /** Java's name of the class. */
  readonly javaType?: string;
}

/** True for an object with members and methods of its own. */
export function isScriptObject(value: unknown): value is ScriptObject {
  return typeof value === "object" && value !== null && "isScriptObject" in value;
}

function hashOf(value: unknown): number | undefined {
  if (typeof value === "string") {
    let hash = 0;
    for (let at = 0; at < value.length; at++)
      hash = (Math.imul(hash, 31) + value.charCodeAt(at)) | 0;
    return hash;
  }
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(BigInt.asIntN(32, value ^ (value >> 32n)));
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1231 : 1237;
  return undefined;
}

/** Keys in the order in which a HashMap lists them; as given where a key has no known hash. */
function inHashOrder(keys: readonly unknown[]): readonly unknown[] {
  let slots = 16;
  while (keys.length > slots * 0.75) slots *= 2;
  const placed = keys.map((key) => {
    const hash = hashOf(key);
    return { key, slot: hash === undefined ? undefined : (hash ^ (hash >>> 16)) & (slots - 1) };
  });
  if (placed.some(({ slot }) => slot === undefined)) return keys;
  return placed.sort((a, b) => (a.slot ?? 0) - (b.slot ?? 0)).map(({ key }) => key);
}

/** `java.util.HashMap`: a map that lists its keys by their hashes. */
export class HashedMap extends Map<unknown, unknown> {
  override *entries(): MapIterator<[unknown, unknown]> {
    for (const key of inHashOrder([...super.keys()])) yield [key, this.get(key)];
  }

  override *keys(): MapIterator<unknown> {
    yield* inHashOrder([...super.keys()]);
  }

  override *values(): MapIterator<unknown> {
    for (const [, value] of this.entries()) yield value;
  }

  override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
    return this.entries();
  }
}

/** A set: the keys of a map. */
export class ScriptSet {
  readonly map: Map<unknown, unknown>;

  constructor(items: Iterable<unknown> = [], isOrdered = false) {
    this.map = isOrdered ? new Map() : new HashedMap();
    for (const item of items) this.add(item);
  }

  add(item: unknown): boolean {
    const key = this.#find(item);
    if (this.map.has(key)) return false;
    this.map.set(item, true);
    return true;
  }

  has(item: unknown): boolean {
    return this.map.has(this.#find(item));
  }

  delete(item: unknown): boolean {
    return this.map.delete(this.#find(item));
  }

  get size(): number {
    return this.map.size;
  }

  get items(): unknown[] {
    return [...this.map.keys()];
  }

  /** The item of the set that equals one. */
  #find(item: unknown): unknown {
    if (this.map.has(item) || typeof item !== "object" || item === null) return item;
    return [...this.map.keys()].find((own) => isEqual(own, item)) ?? item;
  }
}

const maxInt = 2 ** 31;

/**
 * A JSON value as a script sees it; the parts can be changed without changing the original.
 *
 * @param isHashed true where the server reads objects into HashMaps, as it does parameters
 */
export function toScriptValue(json: unknown, isHashed = false): unknown {
  if (isRawNumber(json)) {
    const text = json.rawJSON;
    return /[.eE]/.test(text) ? new Double(Number(text)) : wholeOf(BigInt(text));
  }
  if (typeof json === "number") {
    // What no long holds was sent as a fraction, or with an exponent.
    if (!Number.isInteger(json) || Math.abs(json) >= 2 ** 63) return new Double(json);
    return json >= -maxInt && json < maxInt ? json : BigInt(json);
  }
  if (Array.isArray(json)) return json.map((item) => toScriptValue(item, isHashed));
  if (isObject(json)) {
    const entries = Object.entries(json).map(
      ([name, value]) => [name, toScriptValue(value, isHashed)] as const,
    );
    return isHashed ? new HashedMap(entries) : new Map(entries);
  }
  return json;
}

/** An Integer where it fits into one, otherwise a Long. */
function wholeOf(value: bigint): number | bigint {
  return value >= BigInt(-maxInt) && value < BigInt(maxInt) ? Number(value) : value;
}

/** A value of a script as JSON. */
export function toJsonValue(value: unknown): unknown {
  if (value instanceof Double)
    return value.isFloat ? floatJson(value.value) : doubleJson(value.value);
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : longJson(value);
  }
  if (value instanceof ScriptSet) return value.items.map(toJsonValue);
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (value instanceof Map) {
    return Object.fromEntries(
      [...(value as ReadonlyMap<unknown, unknown>)].map(([name, inner]) => [
        textOfValue(name),
        toJsonValue(inner),
      ]),
    );
  }
  if (isScriptObject(value))
    return value.json?.() ?? value.items?.map((item) => toJsonValue(item)) ?? value.text?.();
  return value;
}

/** `String.valueOf`. */
export function textOfValue(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return value;
  if (value instanceof Double)
    return value.isFloat ? floatText(value.value) : doubleText(value.value);
  if (value instanceof ScriptSet) return `[${value.items.map(textOfValue).join(", ")}]`;
  if (Array.isArray(value)) return `[${value.map(textOfValue).join(", ")}]`;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<unknown, unknown>)];
    return `{${entries.map(([key, inner]) => `${textOfValue(key)}=${textOfValue(inner)}`).join(", ")}}`;
  }
  if (isScriptObject(value) && value.items !== undefined)
    return `[${value.items.map(textOfValue).join(", ")}]`;
  if (isScriptObject(value)) return value.text?.() ?? value.javaType ?? "object";
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean"
    ? String(value)
    : "lambda";
}

/** The number that a value is; `undefined` for what is none. */
export function numberIn(value: unknown): number | undefined {
  if (value instanceof Double) return value.value;
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** `equals`, of numbers by their value. */
export function isEqual(a: unknown, b: unknown): boolean {
  const left = numberIn(a);
  if (left !== undefined) {
    if (typeof a === "bigint" && typeof b === "bigint") return a === b;
    return left === numberIn(b);
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => isEqual(item, b[at]));
  if (a instanceof ScriptSet && b instanceof ScriptSet)
    return a.size === b.size && a.items.every((item) => b.has(item));
  if (a instanceof Map && b instanceof Map)
    return (
      a.size === b.size && [...a].every(([key, item]) => b.has(key) && isEqual(item, b.get(key)))
    );
  if (isScriptObject(a) && isScriptObject(b) && a.text !== undefined && b.text !== undefined)
    return a.javaType === b.javaType && a.text() === b.text();
  return (a ?? null) === (b ?? null);
}

/** Java's name of the class of a value. */
export function javaTypeOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return "java.lang.String";
  if (typeof value === "boolean") return "java.lang.Boolean";
  if (typeof value === "number") return "java.lang.Integer";
  if (typeof value === "bigint") return "java.lang.Long";
  if (value instanceof Double) return value.isFloat ? "java.lang.Float" : "java.lang.Double";
  if (value instanceof ScriptSet) return "java.util.HashSet";
  if (Array.isArray(value)) return "java.util.ArrayList";
  if (value instanceof HashedMap) return "java.util.HashMap";
  if (value instanceof Map) return "java.util.LinkedHashMap";
  return isScriptObject(value) ? (value.javaType ?? "java.lang.Object") : "java.lang.Object";
}
