/** Who may do what with which API keys. */
import { illegalArgument } from "../../es-error.ts";
import type { EsRequest } from "../../rest/es-request.ts";
import type { ApiKey } from "../../security/api-keys.ts";
import type { Caller } from "../../security/caller.ts";
import { actionDenied } from "../../security/denial.ts";
import { shownRole } from "../../security/role.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { callerOf } from "./security-of.ts";

/** What is done with API keys, as the last part of the action's name. */
export type KeyAction = "create" | "get" | "query" | "invalidate" | "update" | "bulk_update";

/**
 * Checks that the caller may do something with API keys.
 *
 * @param isOwn the request leads to keys of the caller only
 * @returns whether it may do so with the keys of others too
 * @throws {EsError} 403
 */
export function requireKeyAction(request: EsRequest, kind: KeyAction, isOwn: boolean): boolean {
  const caller = callerOf(request);
  const action = `cluster:admin/xpack/security/api_key/${kind}`;
  if (caller.permission.allowsCluster(action)) return true;
  if (isOwn && caller.permission.hasClusterPrivilege("manage_own_api_key")) return false;
  throw actionDenied(caller, action, [], isOwn ? ["manage_own_api_key"] : []);
}

/** True for a key that the caller owns, or is. */
export function isOwnKey(caller: Caller, key: ApiKey): boolean {
  const isKey = caller.apiKey !== undefined && caller.runAs === undefined;
  return isKey ? caller.apiKey === key : isOfOwner(caller, key);
}

/** True for a key of the caller, or of the owner of the key that the caller is. */
export function isOfOwner({ user, realm, apiKey, runAs }: Caller, key: ApiKey): boolean {
  const owning = runAs === undefined ? (apiKey?.realm ?? realm) : realm;
  return key.username === user.username && key.realm.name === owning.name;
}

/**
 * What a key of the caller is limited by: what the caller may do now.
 *
 * @param roles what the key is for
 * @throws {EsError} 400 for a key that is made with a key and may do anything
 */
export function limitOf(caller: Caller, roles: readonly RoleDescriptor[]): RoleDescriptor[] {
  if (caller.apiKey === undefined || caller.runAs !== undefined)
    return [...caller.permission.roles];
  const [only] = roles;
  const isEmpty =
    roles.length === 1 &&
    only !== undefined &&
    [only.cluster, only.indices, only.applications, only.runAs].every((list) => list.length === 0);
  if (isEmpty) return [];
  throw illegalArgument(
    "creating derived api keys requires an explicit role descriptor that is empty (has no privileges)",
  );
}

/** An API key as the server shows it, without its secret. */
export function shownKey(key: ApiKey, withLimit: boolean): JsonObject {
  const { id, name, creation, expiration, invalidation, username, realm, metadata } = key;
  return {
    id,
    name,
    type: "rest",
    creation,
    ...(expiration === undefined ? {} : { expiration }),
    invalidated: invalidation !== undefined,
    ...(invalidation === undefined ? {} : { invalidation }),
    username,
    realm: realm.name,
    realm_type: realm.type,
    metadata,
    role_descriptors: shownRoles(key.roles),
    ...(withLimit ? { limited_by: [shownRoles(key.limitedBy)] } : {}),
  };
}

function shownRoles(roles: readonly RoleDescriptor[]): JsonObject {
  return Object.fromEntries(roles.map((role) => [role.name, shownRole(role)]));
}
