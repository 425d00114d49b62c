/** Roles: what they grant, how they are read from a request, and how they are shown. */
import { EsError, notSupported, validationFailed } from "../es-error.ts";
import { toTexts } from "../json/coerce.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { clusterPrivilege, clusterPrivilegeNames } from "./cluster-privileges.ts";
import { notLicensed } from "./denial.ts";
import { readParts } from "./granted-parts.ts";
import { indexPrivilege, indexPrivilegeNames } from "./index-privileges.ts";
import type { ApplicationGrant, IndexGrant, RoleDescriptor } from "./role-descriptor.ts";

const members = [
  "cluster",
  "indices",
  "index",
  "applications",
  "run_as",
  "metadata",
  "description",
];
const refused = ["global", "remote_indices", "remote_cluster", "restriction"];
const grantMembers = ["names", "privileges", "field_security", "query", "allow_restricted_indices"];

/**
 * Reads a role from a request.
 *
 * @param allowsParts documents and fields may be granted, as with a licence that has that
 * @throws {EsError} 400 for what is no role, and for grants that this mock does not honour; 403 for
 *   security of documents and fields without a licence
 */
export function readRole(name: string, body: JsonObject, allowsParts = false): RoleDescriptor {
  for (const key of Object.keys(body)) {
    if (refused.includes(key)) throw notSupported(`[${key}] of a role`);
    if (key === "transient_metadata") continue;
    if (!members.includes(key))
      throw parseProblem(`failed to parse role [${name}]. unexpected field [${key}]`);
  }
  const grants = body["indices"] ?? body["index"] ?? [];
  const role: RoleDescriptor = {
    name,
    cluster: textList(name, "cluster", body["cluster"]),
    indices: (Array.isArray(grants) ? (grants as unknown[]) : []).map((grant) =>
      readGrant(name, grant, allowsParts),
    ),
    applications: readApplications(body["applications"]),
    runAs: textList(name, "run_as", body["run_as"]),
    metadata: isObject(body["metadata"]) ? body["metadata"] : {},
    description: body["description"] === undefined ? undefined : textOf(body["description"]),
    shownOnly: {},
  };
  checkPrivileges(role);
  return role;
}

function parseProblem(reason: string): EsError {
  return new EsError(400, "parse_exception", reason);
}

function readGrant(role: string, grant: unknown, allowsParts: boolean): IndexGrant {
  if (!isObject(grant))
    throw parseProblem(
      `failed to parse indices privileges for role [${role}]. expected field [indices] value to be an array of objects, but found an array element of type [${tokenOf(grant)}]`,
    );
  const hasParts = grant["field_security"] !== undefined || grant["query"] !== undefined;
  if (hasParts && !allowsParts) throw notLicensed("field and document level security");
  for (const key of Object.keys(grant)) {
    if (!grantMembers.includes(key))
      throw parseProblem(
        `failed to parse indices privileges for role [${role}]. unexpected field [${key}]`,
      );
  }
  for (const key of ["names", "privileges"]) {
    if (grant[key] === undefined)
      throw parseProblem(
        `failed to parse indices privileges for role [${role}]. missing required [${key}] field`,
      );
  }
  const names = toTexts(grant["names"]);
  if (names.length === 0)
    throw parseProblem(
      `failed to parse indices privileges for role [${role}]. [names] cannot be an empty array`,
    );
  return {
    names,
    privileges: textList(role, "privileges", grant["privileges"]),
    ...readParts(role, grant),
    allow_restricted_indices: grant["allow_restricted_indices"] === true,
  };
}

/** @throws {EsError} 400 for what is no list of texts */
function textList(role: string, field: string, given: unknown): string[] {
  if (given === undefined || given === null) return [];
  if (Array.isArray(given)) return toTexts(given);
  const cause = parseProblem(
    `could not parse [${field}] field. expected a string array but found [${tokenOf(given)}] value instead`,
  ).toCause();
  throw new EsError(400, "parse_exception", `failed to parse role [${role}]`, {
    root_cause: [cause],
    caused_by: cause,
  });
}

function readApplications(given: unknown): ApplicationGrant[] {
  const list = Array.isArray(given) ? (given as unknown[]) : [];
  return list.filter(isObject).map((grant) => ({
    application: textOf(grant["application"] ?? ""),
    privileges: toTexts(grant["privileges"]),
    resources: toTexts(grant["resources"]),
  }));
}

function checkPrivileges(role: RoleDescriptor): void {
  const problems = [
    ...role.cluster.filter((name) => clusterPrivilege(name) === undefined).map(unknownCluster),
    ...role.indices
      .flatMap((grant) => grant.privileges)
      .filter((name) => indexPrivilege(name) === undefined)
      .map(unknownIndex),
  ];
  if (problems.length > 0) throw validationFailed(...problems);
}

/** What the server says of a cluster privilege that is none. */
export function unknownCluster(name: string): string {
  return `unknown cluster privilege [${name.toLowerCase()}]. a privilege must be either one of the predefined cluster privilege names [${clusterPrivilegeNames.join(",")}] or a pattern over one of the available cluster actions`;
}

/** What the server says of an index privilege that is none. */
export function unknownIndex(name: string): string {
  return `unknown index privilege [${name.toLowerCase()}]. a privilege must be either one of the predefined fixed indices privileges [${indexPrivilegeNames.toSorted().join(",")}] or a pattern over one of the available index actions`;
}

/** A role as the server shows it. */
export function shownRole(role: RoleDescriptor): JsonObject {
  const { cluster, indices, applications, runAs, metadata, description, shownOnly } = role;
  const { global, ...remote } = shownOnly;
  return {
    cluster,
    ...(global === undefined ? {} : { global }),
    indices,
    applications,
    run_as: runAs,
    metadata,
    transient_metadata: role.name === "superuser" ? {} : { enabled: true },
    ...remote,
    ...(description === undefined ? {} : { description }),
  };
}
