/** Roles of requests: read, checked, and refused where a licence is needed. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { inMember } from "../../json/object-parser.ts";
import { notLicensed } from "../../security/denial.ts";
import { isPartial } from "../../security/granted-parts.ts";
import { parseRole } from "../../security/read-role.ts";
import { reservedRoles } from "../../security/reserved-roles.ts";
import { roleProblems } from "../../security/role.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";
import { checkQueries } from "./role-queries.ts";
import { checkName, validationProblem } from "./security-of.ts";

/** Longest name that a role can have while it is read. */
const maxReadName = 1024;

/**
 * Reads a role that is to be kept, without what it would mean.
 *
 * @throws {EsError} 400 for what is no role
 */
export function readKeptRole(name: string, body: JsonObject): RoleDescriptor {
  checkReadName(name);
  return parseRole(name, body);
}

function checkReadName(name: string): void {
  const problem = checkName("Role", name, maxReadName);
  if (problem !== undefined) throw validationProblem(problem);
}

/** Checks a role that is to be kept. @throws {EsError} 400 for what cannot be granted */
export function checkKeptRole(role: RoleDescriptor): void {
  const { name } = role;
  const nameProblem = reservedRoles.has(name)
    ? `Role [${name}] is reserved and may not be used.`
    : checkName("Role", name);
  const problems = [...(nameProblem === undefined ? [] : [nameProblem]), ...roleProblems(role)];
  if (problems.length > 0) throw validationFailed(...problems);
}

/**
 * Checks grants of documents and fields.
 *
 * @param grantsParts there is a licence for them
 * @throws {EsError} 400 for what is no query, 403 without a licence
 */
export function checkParts(role: RoleDescriptor, grantsParts: boolean): void {
  if (!grantsParts && role.indices.some(isPartial))
    throw notLicensed("field and document level security");
  checkQueries(role);
}

/**
 * Reads roles by their names, as a member of a request.
 *
 * @throws {EsError} 400 for a list, and for what is no role
 */
export function readRoles(holder: JsonObject, member: string, isKept: boolean): RoleDescriptor[] {
  const given = holder[member];
  if (Array.isArray(given))
    throw illegalArgument(
      `[${member}] doesn't support arrays. Use a single object with multiple fields.`,
    );
  if (!isObject(given)) return [];
  return Object.entries(given).map(([name, body]) =>
    inMember(member, name, given, () => {
      checkReadName(name);
      if (isObject(body)) return parseRole(name, body, isKept);
      const reason = `failed to parse role [${name}]. expected an object but found [${tokenOf(body)}] instead`;
      throw new EsError(400, "parse_exception", reason).standingAt(given, name);
    }),
  );
}

/** Checks what an API key is limited to, once its request is valid. */
export function checkKeyRoles(roles: readonly RoleDescriptor[], grantsParts: boolean): void {
  for (const role of roles) {
    if (!grantsParts && role.indices.some(isPartial))
      throw notSupported(
        "security of documents and fields in an API key without --security-documents",
      );
    checkQueries(role);
  }
}
