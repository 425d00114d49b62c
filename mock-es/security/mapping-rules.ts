/** Rules of role mappings: read and written as the server does. */
import { EsError } from "../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";

/**
 * Reads rules, as the server writes them: a list of one value is that value.
 *
 * @param name of the rules, in errors
 * @param allowsExcept `except` may stand here
 * @throws {EsError} 400
 */
export function parseRules(
  holder: JsonObject,
  key: string,
  name: string,
  allowsExcept: boolean,
): JsonObject {
  const given = holder[key];
  if (!isObject(given))
    throw problem(
      `expected [${name}] to be an object but found [${tokenOf(given)}] instead`,
    ).standingAt(holder, key);
  const [field, ...others] = Object.keys(given);
  if (field === undefined)
    throw problem(`object [${name}] does not contain any fields`).standingAt(given, field, "end");
  const rule = parseRule(given, field, name, allowsExcept);
  if (others[0] !== undefined)
    throw problem(`object [${name}] contains multiple fields`).standingAt(given, others[0], "key");
  return { [field]: rule };
}

function parseRule(given: JsonObject, field: string, name: string, allowsExcept: boolean): unknown {
  if (field === "any" || field === "all") {
    const list = given[field];
    if (!Array.isArray(list))
      throw problem(`field [${field}] requires an array`).standingAt(given, field);
    return list.map((_one, at) =>
      parseRules(list as unknown as JsonObject, String(at), field, field === "all"),
    );
  }
  if (field === "field") return parseField(objectAt(given, field));
  if (field !== "except" || !allowsExcept)
    throw problem(
      field === "except"
        ? `field [${field}] is not allowed within [${name}]`
        : `field [${field}] is not recognised in object [${name}]`,
    ).standingAt(given, field, "key");
  objectAt(given, field);
  return parseRules(given, field, "except", false);
}

function parseField(given: JsonObject): JsonObject {
  const [field, ...others] = Object.keys(given);
  if (field === undefined)
    throw problem("object [field] does not contain any fields").standingAt(given, field, "end");
  const value = given[field];
  const values = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  for (const [at, one] of values.entries()) {
    if (Array.isArray(one) || isObject(one))
      throw problem(`expected a field value but found [${tokenOf(one)}] instead`).standingAt(
        Array.isArray(value) ? value : given,
        Array.isArray(value) ? String(at) : field,
      );
  }
  if (others[0] !== undefined)
    throw problem("object [field] contains multiple fields").standingAt(given, others[0], "key");
  return { [field]: values.length === 1 ? values[0] : values };
}

function objectAt(holder: JsonObject, key: string): JsonObject {
  const value = holder[key];
  if (isObject(value)) return value;
  throw problem(`expected an object but found [${tokenOf(value)}] instead`).standingAt(holder, key);
}

function problem(reason: string): EsError {
  return new EsError(400, "parse_exception", `failed to parse rules expression. ${reason}`);
}
