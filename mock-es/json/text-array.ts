/** Lists of texts as the server's older readers take them: texts only, and nothing alone. */
import { EsError } from "../es-error.ts";
import { tokenOf } from "./json-value.ts";

/**
 * The texts of a member.
 *
 * @returns `undefined` for null
 * @throws {EsError} 400 for what is no list, or not of texts
 */
export function readTextArray(holder: object, name: string): readonly string[] | undefined {
  const value: unknown = Reflect.get(holder, name);
  if (value === null) return undefined;
  if (!Array.isArray(value))
    throw problem(
      `could not parse [${name}] field. expected a string array but found [${tokenOf(value)}] value instead`,
    ).standingAt(holder, name);
  return (value as readonly unknown[]).map((entry, at) => {
    if (typeof entry === "string") return entry;
    throw problem(
      `could not parse [null] field. expected a string array but one of the value in the array is [${tokenOf(entry)}]`,
    ).standingAt(value, String(at));
  });
}

function problem(reason: string): EsError {
  return new EsError(400, "parse_exception", reason);
}
