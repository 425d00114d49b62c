/** Grants of a part of an index: its documents by a query, its fields by patterns. */
import { EsError } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { isObject, type JsonObject, jsonText, tokenOf } from "../json/json-value.ts";
import type { GrantedFields } from "../search/fields/document.ts";
import { namePattern } from "./name-pattern.ts";

/** Patterns of fields that are granted, and of some among them that are not. */
export interface FieldGrant {
  readonly grant: readonly string[];
  readonly except?: readonly string[];
}

/** What a caller sees of an index; every list has to be fitted, by one of its entries. */
export interface Restrictions {
  /** Queries as JSON texts. Empty: all documents. */
  readonly queries: readonly (readonly string[])[];
  /** Empty: all fields. */
  readonly fields: readonly (readonly FieldGrant[])[];
}

/**
 * Reads `field_security` and `query` of a grant.
 *
 * @throws {EsError} 400 in the server's words
 */
export function readParts(
  role: string,
  grant: JsonObject,
): { readonly field_security?: FieldGrant; readonly query?: string } {
  const { field_security: fields, query } = grant;
  return {
    ...(fields === undefined || fields === null
      ? {}
      : { field_security: readFields(role, fields) }),
    ...(query === undefined || query === null || query === ""
      ? {}
      : { query: typeof query === "string" ? query : jsonText(query) }),
  };
}

function problem(role: string, what: string, extra: Record<string, unknown> = {}): EsError {
  const reason = `failed to parse indices privileges for role [${role}]${what}`;
  return new EsError(400, "parse_exception", reason, extra);
}

function readFields(role: string, given: unknown): FieldGrant {
  if (!isObject(given)) {
    const token = tokenOf(given);
    throw problem(
      role,
      `. expected field [field_security] value to be an object, but found an element of type [${token}]`,
    );
  }
  if (Object.keys(given).length === 0) throw problem(role, '. "field_security" must not be empty.');
  for (const key of Object.keys(given)) {
    if (key !== "grant" && key !== "except")
      throw problem(
        role,
        `. "field_security" only accepts options grant and except, but got: ${key}`,
      );
  }
  if (given["grant"] === undefined)
    throw problem(role, ". field_security requires grant if except is given");
  const granted = toTexts(given["grant"]);
  if (given["except"] === undefined) return { grant: granted };
  const except = toTexts(given["except"]);
  const outside = except.find((pattern) => !granted.some((outer) => contains(outer, pattern)));
  if (outside === undefined) return { grant: granted, except };
  const reason = `Exceptions for field permissions must be a subset of the granted fields but ${except.join(",")} is not a subset of ${granted.join(",")}`;
  throw problem(role, ` - ${reason}`, { caused_by: { type: "security_exception", reason } });
}

/** True when a pattern fits all that another one fits. */
function contains(outer: string, inner: string): boolean {
  return outer === inner || outer === "*" || namePattern(outer)(inner.replaceAll("*", "x"));
}

/** A test for fields. */
export function fieldTest(fields: Restrictions["fields"]): GrantedFields {
  const tests = fields.map((grants) => grants.map(testOf));
  const all = (test: (one: GrantedFields) => boolean): boolean =>
    tests.every((alternatives) => alternatives.some(test));
  return {
    accepts: (name) => all(({ accepts }) => accepts(name)),
    reaches: (start) => all(({ reaches }) => reaches(start)),
  };
}

function testOf({ grant, except = [] }: FieldGrant): GrantedFields {
  const granted = grant.map(namePattern);
  const excepted = except.map(namePattern);
  return {
    accepts: (name) => granted.some((test) => test(name)) && !excepted.some((test) => test(name)),
    reaches: (start) =>
      grant.some((pattern) => mayBegin(pattern, start)) &&
      !except.some((pattern) => isOpen(pattern) && start.startsWith(pattern.slice(0, -1))),
  };
}

/** True when a pattern fits some name that begins so. */
function mayBegin(pattern: string, start: string): boolean {
  const [literal = ""] = pattern.split(/[*?/]/, 1);
  return pattern.startsWith(start) || (literal !== pattern && start.startsWith(literal));
}

/** True for a pattern that fits all that begins like it. */
function isOpen(pattern: string): boolean {
  return pattern.indexOf("*") === pattern.length - 1;
}
