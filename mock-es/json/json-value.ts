/** What JSON values are, and their texts. */
import { isRawNumber, rawNumber } from "./exact-numbers.ts";

/** A JSON object as it arrives in a request body. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object: neither an array nor null nor a number that is kept as text. */
export function isObject(value: unknown): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isRawNumber(value)
  );
}

/** JSON text of a value; whole numbers beyond 2^53, which are bigints, keep their digits. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // A bigint is the only value here that JSON.stringify refuses.
    return JSON.stringify(value, bigintAsNumber) ?? "";
  }
}

function bigintAsNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawNumber(String(value)) : value;
}

/** A JSON value as text: strings as they are, everything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : jsonText(value);
}

/**
 * Name that Elasticsearch's parser gives to the token a JSON value starts with; used in its error
 * texts.
 */
export function tokenOf(value: unknown): string {
  if (Array.isArray(value)) return "START_ARRAY";
  if (value === null || value === undefined) return "VALUE_NULL";
  if (typeof value === "string") return "VALUE_STRING";
  if (typeof value === "boolean") return "VALUE_BOOLEAN";
  return isObject(value) ? "START_OBJECT" : "VALUE_NUMBER";
}
