import { jsonText } from "./json-value.ts";

/**
 * Text of a value that a client may send as text, number or boolean; objects and lists give their
 * JSON.
 */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  // Of values that JSON has, only a missing one has no text.
  return value === undefined ? "" : jsonText(value);
}

/**
 * Texts of a value that a client may send alone or in a list; nothing for a value that is missing
 * or null.
 */
export function toTexts(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map(toText) : [toText(value)];
}
