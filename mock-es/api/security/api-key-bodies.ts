/** Bodies about API keys: read, and what is wrong with what they say. */
import { notSupported, validationFailed } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { type Member, parseShape, type Shape } from "../../json/object-parser.ts";
import { roleProblems } from "../../security/role.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";
import { parseDuration } from "../../values/duration.ts";
import { readRoles } from "./given-roles.ts";

/** What a key is made or changed to. */
export interface GivenKey {
  readonly name: string;
  /** Milliseconds from now on. */
  readonly expiration?: number;
  readonly role_descriptors?: readonly RoleDescriptor[];
  readonly metadata?: JsonObject;
}

const keyMembers: Readonly<Record<string, Member>> = {
  role_descriptors: {
    kind: "objects",
    reads: "whole",
    read: (_value, holder, key) => readRoles(holder, key, false),
  },
  metadata: { kind: "object" },
  expiration: { kind: "string" },
};

function buildKey(values: JsonObject): JsonObject {
  const { expiration } = values;
  if (expiration === undefined) return values;
  return { ...values, expiration: parseDuration(textOf(expiration), "expiration") };
}

const createShape: Shape<JsonObject> = {
  name: "api_key_request",
  members: { name: { kind: "string", isRequired: true }, ...keyMembers },
  build: buildKey,
};

const updateShape: Shape<JsonObject> = {
  name: "update_api_key_request_payload",
  members: keyMembers,
  build: buildKey,
};

const bulkUpdateShape: Shape<JsonObject> = {
  name: "bulk_update_api_key_request",
  members: { ids: { kind: "strings", isRequired: true }, ...keyMembers },
  build: buildKey,
};

const grantShape: Shape<JsonObject> = {
  name: "grant_api_key_request",
  members: {
    grant_type: { kind: "string", isSetLater: true },
    username: { kind: "string", isSetLater: true },
    password: { kind: "string", isSetLater: true },
    access_token: { kind: "string", isSetLater: true },
    run_as: {
      kind: "string",
      isSetLater: true,
      read: () => {
        throw notSupported("[run_as] of a granted API key");
      },
    },
    api_key: {
      kind: "object",
      isSetLater: true,
      read: (value) => (isObject(value) ? readCreatedKey(value) : undefined),
    },
  },
  build: (values) => values,
};

const invalidateShape: Shape<JsonObject> = {
  name: "invalidate_api_key",
  members: {
    realm_name: { kind: "string" },
    username: { kind: "string" },
    ids: { kind: "strings" },
    name: { kind: "string" },
    owner: { kind: "boolean" },
  },
  build: checkIds,
};

/** @throws {EsError} 400 for an empty list of ids, and for blank ids */
function checkIds(values: JsonObject): JsonObject {
  const ids = values["ids"] as readonly string[] | undefined;
  if (ids?.length === 0) throw validationFailed("Field [ids] cannot be an empty array");
  const blank = (ids ?? []).flatMap((id, at) => (id.trim() === "" ? [at] : []));
  if (blank.length > 0)
    throw validationFailed(
      `Field [ids] must not contain blank id, but got blank id at index position: [${blank.join(", ")}]`,
    );
  return values;
}

/** @throws {EsError} 400 */
export function readCreatedKey(body: JsonObject): GivenKey {
  return parseShape(createShape, body) as unknown as GivenKey;
}

/** @throws {EsError} 400 */
export function readUpdatedKey(body: JsonObject): GivenKey {
  return parseShape(updateShape, body) as unknown as GivenKey;
}

/** @throws {EsError} 400 */
export function readUpdatedKeys(body: JsonObject): GivenKey & { readonly ids: readonly string[] } {
  return parseShape(bulkUpdateShape, body) as unknown as GivenKey & {
    readonly ids: readonly string[];
  };
}

/** Whom a key is granted to, and the key. */
export interface GivenGrant {
  readonly grant_type?: string;
  readonly username?: string;
  readonly password?: string;
  readonly access_token?: string;
  readonly api_key?: GivenKey;
}

/** @throws {EsError} 400 */
export function readGrant(body: JsonObject): GivenGrant {
  return parseShape(grantShape, body);
}

/** Which keys a request ends. */
export interface GivenInvalidation {
  readonly realm_name?: string;
  readonly username?: string;
  readonly id?: readonly string[];
  readonly ids?: readonly string[];
  readonly name?: string;
  readonly owner?: boolean;
}

/** @throws {EsError} 400 */
export function readInvalidation(body: JsonObject): GivenInvalidation {
  return parseShape(invalidateShape, body);
}

/** What is wrong with a new key. */
export function createdKeyProblems(key: GivenKey): string[] {
  const problem = nameProblem(key.name);
  return [...(problem === undefined ? [] : [problem]), ...updatedKeyProblems(key)];
}

/** What is wrong with what a key is changed to. */
export function updatedKeyProblems({ metadata = {}, role_descriptors = [] }: GivenKey): string[] {
  return [
    ...(Object.keys(metadata).some((key) => key.startsWith("_"))
      ? ["API key metadata keys may not start with [_]"]
      : []),
    ...role_descriptors.flatMap(roleProblems),
  ];
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "api key name is required";
  if (name.length > 256) return "api key name may not be more than 256 characters long";
  if (name !== name.trim()) return "api key name may not begin or end with whitespace";
  return name.startsWith("_") ? "api key name may not begin with an underscore" : undefined;
}
