/** `extended_bounds` and `hard_bounds` of histograms, as they are read. */
import { xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { numberOf } from "../queries/compiled-query.ts";
import { inField, inMember } from "../queries/object-members.ts";

/**
 * Refuses bounds that cannot be read.
 *
 * @param type of the aggregation
 * @param name of the bounds, as the server calls them
 * @throws {EsError} 400 in the server's words
 */
export function checkBounds(type: string, name: string, body: JsonObject): void {
  for (const key of ["extended_bounds", "hard_bounds"]) {
    const bounds = body[key];
    if (bounds === undefined) continue;
    if (!isObject(bounds)) throw wrongValue(type, body, key);
    inField(type, key, () => checkMembers(name, bounds));
  }
}

function checkMembers(name: string, bounds: JsonObject): void {
  for (const [member, value] of Object.entries(bounds)) {
    if (member !== "min" && member !== "max") {
      const reason = `[${name}] unknown field [${member}]`;
      throw xContentParseException(reason).at(bounds, member, "key");
    }
    if (typeof value === "boolean" || Array.isArray(value) || isObject(value))
      throw wrongValue(name, bounds, member);
    if (name === "double_bounds" && typeof value === "string")
      inMember(name, bounds, member, () => numberOf(value));
  }
}

function wrongValue(name: string, body: JsonObject, key: string): Error {
  const reason = `[${name}] ${key} doesn't support values of type: ${tokenOf(body[key])}`;
  return xContentParseException(reason).at(body, key);
}
