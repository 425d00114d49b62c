/** What is said to callers that may not do something, in the server's words. */
import { EsError } from "../es-error.ts";
import { inHashOrder } from "../text/hash-order.ts";
import type { Caller } from "./caller.ts";
import { clusterPrivilegesFor, isClusterAction } from "./cluster-privileges.ts";
import { indexPrivilegesFor } from "./index-privileges.ts";
import { isRestrictedIndex } from "./restricted-indices.ts";

/**
 * Challenges of a 401, in the order in which the server sends them.
 *
 * @param hasTokens tokens are taken too
 */
export function challengesOf(hasTokens: boolean): readonly string[] {
  const bearer = hasTokens ? ['Bearer realm="security"'] : [];
  return ['Basic realm="security", charset="UTF-8"', ...bearer, "ApiKey"];
}

/** 401 for who has not proven who it is. */
export function unauthorized(
  hasTokens: boolean,
  reason: string,
  extra: Record<string, unknown> = {},
): EsError {
  return new EsError(401, "security_exception", reason, {
    ...extra,
    header: { "WWW-Authenticate": challengesOf(hasTokens) },
  });
}

/** 403 for what a basic licence does not have. */
export function notLicensed(feature: string): EsError {
  const reason = `current license is non-compliant for [${feature}]`;
  return new EsError(403, "security_exception", reason, { "license.expired.feature": feature });
}

/**
 * 403 for an action.
 *
 * @param indices names that the request has given; none for an action of no index
 * @param more privileges that would grant this request, besides those that grant the action
 */
export function actionDenied(
  caller: Caller,
  action: string,
  indices: readonly string[] = [],
  more: readonly string[] = [],
): EsError {
  const where = placeOf(indices);
  const privileges = isClusterAction(action)
    ? [...more, ...clusterPrivilegesFor(action)]
    : indexPrivilegesFor(action);
  const kind = isClusterAction(action) ? "cluster" : "index";
  const remedy =
    privileges.length === 0
      ? ""
      : `, this action is granted by the ${kind} privileges [${privileges.join(",")}]`;
  return forbidden(
    `action [${action}] is unauthorized for ${describe(caller)}${rolesOf(caller)}${where}${remedy}`,
  );
}

function placeOf(indices: readonly string[]): string {
  const groups = Map.groupBy(inHashOrder([...new Set(indices)]), isRestrictedIndex);
  const parts = [
    [false, "indices"],
    [true, "restricted indices"],
  ] as const;
  const told = parts.flatMap(([isRestricted, kind]) => {
    const names = groups.get(isRestricted);
    return names === undefined ? [] : [`${kind} [${names.join(",")}]`];
  });
  return told.length === 0 ? "" : ` on ${told.join(" and ")}`;
}

/** 403 for a caller that may not run as another. */
export function runAsDenied(caller: Caller, action: string): EsError {
  const who = authenticatedText(caller);
  const roles = caller.ownPermission.roles.map(({ name }) => name);
  const shown = caller.apiKey === undefined ? rolesText(roles, caller.ownMissingRoles) : "";
  return forbidden(
    `action [${action}] is unauthorized for ${who}${shown}, because ${who} is unauthorized to run as [${caller.user.username}]`,
  );
}

/** 403 for an alias with which more may be done than with its index. */
export function aliasDenied(): EsError {
  return forbidden(
    "Adding an alias is not allowed when the alias has more permissions than any of the indices",
  );
}

/** 403 for a copy with which more may be done than with its source. */
export function copyDenied(): EsError {
  return forbidden(
    "Resizing an index is not allowed when the target index has more permissions than the source index",
  );
}

function forbidden(reason: string): EsError {
  return new EsError(403, "security_exception", reason);
}

function describe(caller: Caller): string {
  const who = authenticatedText(caller);
  return caller.runAs === undefined ? who : `${who} run as [${caller.user.username}]`;
}

function authenticatedText({ authenticated, apiKey }: Caller): string {
  const user = `user [${authenticated.user.username}]`;
  return apiKey === undefined ? user : `API key id [${apiKey.id}] of ${user}`;
}

function rolesOf({ apiKey, runAs, roleNames, missingRoles }: Caller): string {
  if (apiKey !== undefined && runAs === undefined) return "";
  return rolesText(roleNames, missingRoles);
}

function rolesText(names: readonly string[], missing: readonly string[]): string {
  const told =
    missing.length === 0
      ? ""
      : ` (assigned roles [${[...missing].sort().join(",")}] were not found)`;
  return ` with effective roles [${names.join(",")}]${told}`;
}
