/** Refuses what a part of a search does not have. */
import { xContentParseException } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { suggestion } from "./problem.ts";

/**
 * @param name of the part, as the server calls it
 * @throws {EsError} 400 at the first member that is not among the known ones
 */
export function checkKnown(name: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (known.includes(key)) continue;
    const reason = `[${name}] unknown field [${key}]${suggestion(key, known)}`;
    throw xContentParseException(reason).at(body, key, "key");
  }
}
