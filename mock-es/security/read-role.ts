/** Reads roles of requests, member by member as they stand there, with the server's errors. */
import { EsError, illegalArgument, notSupported, ownPlace } from "../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../json/json-value.ts";
import { parseShape, type Shape } from "../json/object-parser.ts";
import { type FieldGrant, readFields } from "./granted-parts.ts";
import type { ApplicationGrant, IndexGrant, RoleDescriptor } from "./role-descriptor.ts";
import { textList } from "./role-texts.ts";

/** Members of a role that this mock does not honour. */
const refused = ["global", "remote_indices", "remote_cluster"];

/** What is left of a role's members when it is made, so that it can be filled. */
interface Parts {
  cluster: readonly string[];
  indices: readonly IndexGrant[];
  applications: readonly ApplicationGrant[];
  runAs: readonly string[];
  metadata: JsonObject;
  description: string | undefined;
}

/**
 * Reads a role as it is written; what its names mean is not looked at.
 *
 * @param isKept it may stand on its own; a part of an API key may be limited to workflows besides
 * @throws {EsError} 400 for what is no role, and for grants that this mock does not honour
 */
export function parseRole(name: string, body: JsonObject, isKept = true): RoleDescriptor {
  const parts: Parts = {
    cluster: [],
    indices: [],
    applications: [],
    runAs: [],
    metadata: {},
    description: undefined,
  };
  for (const key of Object.keys(body)) readMember(name, body, key, parts, isKept);
  return { name, ...parts, shownOnly: {} };
}

function readMember(
  role: string,
  body: JsonObject,
  key: string,
  parts: Parts,
  isKept: boolean,
): void {
  if (key === "cluster") parts.cluster = textList(role, body, key) ?? [];
  else if (key === "indices" || key === "index") parts.indices = parseGrants(role, body, key);
  else if (key === "applications") parts.applications = parseApplications(role, body, key);
  else if (key === "run_as") parts.runAs = textList(role, body, key) ?? [];
  else if (key === "metadata") parts.metadata = objectAt(body, key);
  else if (key === "description" && isKept) parts.description = textAt(body, key);
  else if (refused.includes(key) || (key === "restriction" && !isKept))
    throw notSupported(`[${key}] of a role`);
  else if (key !== "transient_metadata" || !isObject(body[key]))
    throw parseProblem(`failed to parse role [${role}]. unexpected field [${key}]`).standingAt(
      body,
      key,
    );
}

function parseProblem(reason: string): EsError {
  return new EsError(400, "parse_exception", reason);
}

/** The object of a member. @throws {EsError} 400 for what is none */
export function objectAt(holder: JsonObject, key: string): JsonObject {
  const value = holder[key];
  if (isObject(value)) return value;
  throw parseProblem(
    `expected field [${key}] to be of type object, but found [${tokenOf(value)}] instead`,
  ).standingAt(holder, key);
}

function textAt(holder: JsonObject, key: string): string | undefined {
  const value = holder[key];
  if (typeof value === "object" && value !== null ? !("rawJSON" in value) : value === null)
    throw illegalArgument(`Expected text at ${ownPlace} but found ${tokenOf(value)}`).standingAt(
      holder,
      key,
    );
  return textOf(value) === "" ? undefined : textOf(value);
}

/**
 * Grants on indices, as they are written.
 *
 * @param isAsked they are asked about, so that they cannot be of a part of an index
 */
export function parseGrants(
  role: string,
  holder: JsonObject,
  key: string,
  isAsked = false,
): readonly IndexGrant[] {
  return objectsAt(role, holder, key, "indices", (grant) => parseGrant(role, grant, isAsked));
}

/** Each object of a list. @param kind of privileges, in errors */
function objectsAt<T>(
  role: string,
  holder: JsonObject,
  key: string,
  kind: "indices" | "application",
  read: (one: JsonObject) => T,
): readonly T[] {
  const list = holder[key];
  const start = `failed to parse ${kind} privileges for role [${role}]. expected field`;
  if (!Array.isArray(list))
    throw parseProblem(
      `${start} [${key}] value to be an array, but found [${tokenOf(list)}] instead`,
    ).standingAt(holder, key);
  return (list as readonly unknown[]).map((one, at) => {
    if (isObject(one)) return read(one);
    throw parseProblem(
      `${start} [null] value to be an array of objects, but found an array element of type [${tokenOf(one)}]`,
    ).standingAt(list, String(at));
  });
}

function parseGrant(role: string, grant: JsonObject, isAsked: boolean): IndexGrant {
  const fail = (reason: string, key?: string): EsError =>
    parseProblem(`failed to parse indices privileges for role [${role}]. ${reason}`).standingAt(
      grant,
      key,
      key === undefined ? "end" : "value",
    );
  let names: readonly string[] | undefined;
  let privileges: readonly string[] | undefined;
  let isUnrestricted = false;
  let parts: { query?: string; field_security?: FieldGrant } = {};
  for (const [key, value] of Object.entries(grant)) {
    const token = tokenOf(value);
    if (isAsked && (key === "query" || key === "field_security"))
      throw parseProblem(`Field [${key}] is not supported in a has_privileges request`).standingAt(
        grant,
        key,
      );
    if (key === "names") {
      if (typeof value === "string") names = [value];
      else if (Array.isArray(value)) names = textList(role, grant, key);
      else
        throw fail(
          `expected field [names] value to be a string or an array of strings, but found [${token}] instead`,
          key,
        );
      if (names?.length === 0) throw fail("[names] cannot be an empty array", key);
    } else if (key === "privileges") privileges = textList(role, grant, key);
    else if (key === "allow_restricted_indices") {
      if (typeof value !== "boolean")
        throw fail(
          `expected field [${key}] value to be a boolean, but found [${token}] instead`,
          key,
        );
      isUnrestricted = value;
    } else if (key === "query") parts = { ...parts, ...readQuery(grant, fail) };
    else if (key === "field_security")
      parts = { ...parts, field_security: readFields(role, grant, fail) };
    else if (key === "fields")
      throw parseProblem(
        `["fields": [...]] format has changed for field permissions in role [${role}], use ["field_security": {"grant":[...],"except":[...]}] instead`,
      ).standingAt(grant, key);
    else if (key !== "transient_metadata" || !isObject(value))
      throw fail(`unexpected field [${key}]`, key);
  }
  if (names === undefined) throw fail("missing required [names] field");
  if (privileges === undefined) throw fail("missing required [privileges] field");
  if (privileges.length === 0)
    throw illegalArgument("indices privileges must define at least one privilege").standingAt(
      grant,
      undefined,
      "end",
    );
  return { names, privileges, ...parts, allow_restricted_indices: isUnrestricted };
}

function readQuery(
  grant: JsonObject,
  fail: (reason: string, key?: string) => EsError,
): { query?: string } {
  const { query } = grant;
  if (query === null || query === "") return {};
  if (typeof query === "string") return { query };
  if (isObject(query) || Array.isArray(query)) return { query: textOf(query) };
  throw fail(
    `expected field [query] value to be null, a string, an array, or an object, but found [${tokenOf(query)}] instead`,
    "query",
  );
}

const applicationShape: Shape<JsonObject> = {
  name: "application",
  members: {
    application: { kind: "string", isSetLater: true },
    privileges: { kind: "strings", isSetLater: true },
    resources: { kind: "strings", isSetLater: true },
  },
  build: (values) => values,
};

/** Grants in applications, as they are written. */
export function parseApplications(
  role: string,
  holder: JsonObject,
  key: string,
): readonly ApplicationGrant[] {
  return objectsAt(role, holder, key, "application", (grant) => {
    const values = parseShape(applicationShape, grant) as Partial<ApplicationGrant>;
    const { application = "", privileges, resources } = values;
    const atEnd = (error: EsError): EsError => error.standingAt(grant, undefined, "end");
    for (const [field, given] of [
      ["resources", resources],
      ["privileges", privileges],
    ] as const)
      if (given === undefined)
        throw atEnd(
          parseProblem(
            `failed to parse application privileges for role [${role}]. missing required [${field}] field`,
          ),
        );
    const lacking =
      application === ""
        ? "have an application name"
        : privileges?.length === 0
          ? "define at least one privilege"
          : resources?.length === 0
            ? "refer to at least one resource"
            : undefined;
    if (lacking !== undefined)
      throw atEnd(illegalArgument(`application privileges must ${lacking}`));
    return { application, privileges: privileges ?? [], resources: resources ?? [] };
  });
}
