/**
 * Values of scripts: JavaScript's own null, booleans, texts and whole numbers, lists as arrays,
 * maps as `Map`, and fractional numbers as {@link Double}, so that `1` and `1.0` stay what they
 * are.
 */
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleJson, doubleText } from "../json/java-number.ts";
import { isObject } from "../json/json-value.ts";

/** A floating-point number. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A JSON value as a script sees it; the parts can be changed without changing the original. */
export function toScriptValue(json: unknown): unknown {
  if (isRawNumber(json)) {
    const text = json.rawJSON;
    return /[.eE]/.test(text) ? new Double(Number(text)) : Number(text);
  }
  if (typeof json === "number") return Number.isInteger(json) ? json : new Double(json);
  if (Array.isArray(json)) return json.map(toScriptValue);
  if (isObject(json)) {
    return new Map(Object.entries(json).map(([name, value]) => [name, toScriptValue(value)]));
  }
  return json;
}

/** A value of a script as JSON. */
export function toJsonValue(value: unknown): unknown {
  if (value instanceof Double) return doubleJson(value.value);
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (value instanceof Map) {
    return Object.fromEntries(
      [...(value as ReadonlyMap<unknown, unknown>)].map(([name, inner]) => [
        textOfValue(name),
        toJsonValue(inner),
      ]),
    );
  }
  return value;
}

/** `String.valueOf`. */
export function textOfValue(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Double) return doubleText(value.value);
  if (Array.isArray(value)) return `[${value.map(textOfValue).join(", ")}]`;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<unknown, unknown>)];
    return `{${entries.map(([key, inner]) => `${textOfValue(key)}=${textOfValue(inner)}`).join(", ")}}`;
  }
  return typeof value === "string" ? value : JSON.stringify(value);
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
  if (left !== undefined) return left === numberIn(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, at) => isEqual(item, b[at]));
  if (a instanceof Map && b instanceof Map)
    return (
      a.size === b.size && [...a].every(([key, item]) => b.has(key) && isEqual(item, b.get(key)))
    );
  return (a ?? null) === (b ?? null);
}
