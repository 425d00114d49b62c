/** Booleans of bodies that the server reads into maps first. */
import { type EsError, illegalArgument } from "../es-error.ts";
import { toJavaText } from "./java-text.ts";

/**
 * `true`, `false` or their texts; what is missing or null is as `fallback` says.
 *
 * @throws {EsError} 400 for anything else
 */
export function nodeBoolean(value: unknown, name: string, fallback: boolean): boolean {
  if (value === undefined || value === null) return fallback;
  const text = toJavaText(value);
  if (text === "true" || text === "false") return text === "true";
  throw notABoolean(text, name);
}

/** The refusal of a text that is no boolean. */
export function notABoolean(text: string, name: string): EsError {
  const reason = `Failed to parse value [${text}] as only [true] or [false] are allowed.`;
  return illegalArgument(`Could not convert [${name}] to boolean`, {
    caused_by: { type: "illegal_argument_exception", reason },
  });
}
