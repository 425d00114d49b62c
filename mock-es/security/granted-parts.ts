/** Grants of a part of an index: its documents by a query, its fields by patterns. */
import { EsError } from "../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../json/json-value.ts";
import type { GrantedFields } from "../search/fields/document.ts";
import { textList } from "./role-texts.ts";
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

/** True for a grant of a part of an index only. */
export function isPartial({
  query,
  field_security: fields,
}: {
  readonly query?: string;
  readonly field_security?: FieldGrant;
}): boolean {
  const isWhole =
    fields === undefined || (fields.grant.join() === "*" && (fields.except ?? []).length === 0);
  return query !== undefined || !isWhole;
}

/**
 * Reads `field_security` of a grant.
 *
 * @param fail makes the error of a member of the grant
 * @throws {EsError} 400 in the server's words
 */
export function readFields(
  role: string,
  holder: JsonObject,
  fail: (reason: string, key?: string) => EsError,
): FieldGrant {
  const key = "field_security";
  const given = holder[key];
  if (!isObject(given))
    throw fail(`expected START_OBJECT but got ${tokenOf(given)} in "field_security".`, key);
  const names = Object.keys(given);
  if (names.length === 0) throw fail('"field_security" must not be empty.', key);
  const lists = names.map((name): readonly [string, readonly string[]] => {
    if (name !== "grant" && name !== "except")
      throw fail(`"field_security" only accepts options grant and except, but got: ${name}`, key);
    const list = textList(role, given, name);
    if (list === undefined) throw fail(`${name} must not be null.`, key);
    return [name, list];
  });
  const { grant, except } = Object.fromEntries(lists);
  if (grant === undefined) throw fail("field_security requires grant if except is given");
  if (except === undefined) return { grant };
  const outside = except.find((pattern) => !grant.some((outer) => contains(outer, pattern)));
  if (outside === undefined) return { grant, except };
  const reason = `Exceptions for field permissions must be a subset of the granted fields but ${except.join(",")} is not a subset of ${grant.join(",")}`;
  throw new EsError(
    400,
    "parse_exception",
    `failed to parse indices privileges for role [${role}] - ${reason}`,
    { caused_by: { type: "security_exception", reason } },
  ).standingAt(holder, undefined, "end");
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
