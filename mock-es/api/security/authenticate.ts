/** Who the caller is, and what it may do. */
import { EsError, illegalArgument, validationFailed } from "../../es-error.ts";
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { type ActionSet, actionSet } from "../../security/action-set.ts";
import { applicationProblem } from "../../security/application-names.ts";
import type { Caller } from "../../security/caller.ts";
import { clusterPrivilege, clusterPrivilegeNames } from "../../security/cluster-privileges.ts";
import {
  failureStorePrivilege,
  indexPrivilege,
  isOfFailuresOnly,
  indexPrivilegeNames,
} from "../../security/index-privileges.ts";
import {
  merge,
  mergedApplications,
  type MergedGrant,
  mergedGrants,
} from "../../security/merged-grants.ts";
import { askedNames, type Permission } from "../../security/permission.ts";
import { parseApplications, parseGrants } from "../../security/read-role.ts";
import type { ApplicationGrant, IndexGrant } from "../../security/role-descriptor.ts";
import { textList } from "../../security/role-texts.ts";
import { unknownCluster, unknownIndex } from "../../security/role.ts";
import type { Cluster } from "../../store/cluster.ts";
import { inHashOrder } from "../../text/hash-order.ts";
import { callerOf, knownBody, securityOf } from "./security-of.ts";
import { shownUser } from "./users.ts";

/** `_security/_authenticate` and privileges. */
export const callerRoutes: readonly Route[] = [
  ...routesOf("security.authenticate", "none", ["GET /_security/_authenticate"], authenticate),
  ...routesOf(
    "security.has_privileges",
    "required",
    ["GET,POST /_security/user/_has_privileges", "GET,POST /_security/user/{user}/_has_privileges"],
    hasPrivileges,
  ),
  ...routesOf(
    "security.get_user_privileges",
    "none",
    ["GET /_security/user/_privileges"],
    userPrivileges,
  ),
  ...routesOf(
    "security.get_builtin_privileges",
    "none",
    ["GET /_security/privilege/_builtin"],
    builtinPrivileges,
  ),
];

function authenticate(request: EsRequest): EsReply {
  return jsonReply(shownCaller(callerOf(request)));
}

/** A caller as the server shows it. */
export function shownCaller(caller: Caller): JsonObject {
  const { user, realm, authenticated, type, apiKey, runAs } = caller;
  return {
    ...shownUser(user),
    authentication_realm: authenticated.realm,
    lookup_realm: realm,
    authentication_type: type,
    ...(apiKey === undefined || runAs !== undefined
      ? {}
      : { api_key: { id: apiKey.id, name: apiKey.name, managed_by: "elasticsearch" } }),
  };
}

/** What somebody asks about. */
interface Asked {
  readonly cluster?: readonly string[];
  readonly index?: readonly IndexGrant[];
  readonly application?: readonly ApplicationGrant[];
}

function readAsked(username: string, isOwn: boolean, request: EsRequest): Asked {
  const role = `${username}/has_privileges`;
  const failure = `failed to parse privileges check [${isOwn ? role : username}]`;
  const body = knownBody(request, ["cluster", "index", "application"], failure);
  const asked: Record<string, unknown> = {};
  for (const key of Object.keys(body)) {
    if (key === "cluster") asked[key] = textList(role, body, key);
    else if (key === "index") asked[key] = parseGrants(role, body, key, true);
    else asked[key] = parseApplications(role, body, key);
  }
  const given: readonly unknown[] = Object.values(asked).filter((value) => value !== undefined);
  if (given.length === 0)
    throw new EsError(
      400,
      "parse_exception",
      `${failure}. All privilege fields [cluster,index,applications] are missing`,
    );
  const read: Asked = asked;
  const problems = (read.application ?? []).flatMap(
    ({ application }) => applicationProblem(application, false) ?? [],
  );
  const isEmpty = given.every((list) => Array.isArray(list) && list.length === 0);
  if (isEmpty || problems.length > 0)
    throw validationFailed(...(isEmpty ? ["must specify at least one privilege"] : problems));
  return read;
}

function hasPrivileges(request: EsRequest, cluster: Cluster): EsReply {
  const caller = callerOf(request);
  const { username } = caller.user;
  const wanted = request.pathParameters["user"] ?? username;
  const isOwn = request.pathParameters["user"] === undefined;
  const asked = readAsked(wanted, isOwn, request);
  cluster.beginAction();
  if (wanted !== username) {
    cluster.access?.requireCluster("cluster:admin/xpack/security/user/has_privileges");
    throw illegalArgument("users may only check the privileges of their own account");
  }
  const { permission } = caller;
  const checked = {
    cluster: byName(asked.cluster ?? [], (name) =>
      isGranted(name, clusterPrivilege, unknownCluster, (set) => hasCluster(permission, name, set)),
    ),
    index: checkIndices(permission, asked.index ?? []),
    application: checkApplications(cluster, permission, asked.application ?? []),
  };
  return jsonReply({ username, has_all_requested: isAll(checked), ...checked });
}

/** What privileges grant that hold the one over the caller's own keys. */
const ofKeys = actionSet("cluster:admin/xpack/security/api_key/*");

function hasCluster(permission: Permission, name: string, set: ActionSet): boolean {
  if (name.toLowerCase() === "manage_own_api_key")
    return permission.hasClusterPrivilege("manage_own_api_key") || permission.coversCluster(ofKeys);
  // What stands for no action is held where anything is.
  return set.patterns.length === 0 ? permission.hasSomeCluster : permission.coversCluster(set);
}

function isGranted(
  name: string,
  find: (name: string) => ActionSet | undefined,
  describe: (name: string) => string,
  check: (set: ActionSet) => boolean,
): boolean {
  const set = find(name);
  if (set === undefined) throw illegalArgument(describe(name));
  return check(set);
}

function byName<T>(names: readonly string[], valueOf: (name: string) => T): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)]));
}

function objectsOf(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? (list as unknown[]).filter(isObject) : [];
}

function checkIndices(permission: Permission, list: readonly IndexGrant[]): JsonObject {
  const found: Record<string, Record<string, boolean>> = {};
  for (const { names, privileges, allow_restricted_indices: isUnrestricted } of list) {
    // Failure stores are looked at for those only who ask about nothing else by a privilege.
    const asksForFailures = privileges.some(isOfFailuresOnly);
    for (const name of names) {
      const asked = askedNames(name, isUnrestricted);
      const checked = byName(privileges, (privilege) =>
        isGranted(privilege, indexPrivilege, unknownIndex, (set) => {
          if (asked === undefined) return false;
          const ofFailures = failureStorePrivilege(privilege);
          if (ofFailures === undefined) return permission.coversIndices(asked, set);
          const isOfDocuments = set.patterns.length > 0;
          return (
            (isOfDocuments && permission.coversIndices(asked, set)) ||
            (asksForFailures && permission.coversFailures(asked, ofFailures))
          );
        }),
      );
      found[name] = { ...found[name], ...checked };
    }
  }
  return found;
}

function checkApplications(
  cluster: Cluster,
  permission: Permission,
  list: readonly ApplicationGrant[],
): JsonObject {
  const security = securityOf(cluster);
  const found: Record<string, Record<string, Record<string, boolean>>> = {};
  for (const { application, privileges, resources: names } of list) {
    const resources = (found[application] ??= {});
    for (const resource of names) {
      const checked = byName(privileges, (privilege) =>
        permission.coversApplication([application, privilege, resource], (name, privileges) =>
          security.actionsOf(name, privileges),
        ),
      );
      resources[resource] = { ...resources[resource], ...checked };
    }
  }
  return found;
}

function isAll(value: unknown): boolean {
  return isObject(value) ? Object.values(value).every(isAll) : value === true;
}

function userPrivileges(request: EsRequest): EsReply {
  const { permission } = callerOf(request);
  if (permission.limitedBy !== undefined)
    throw illegalArgument(
      "Cannot retrieve privileges for API keys with assigned role descriptors. Please use the Get API key information API https://ela.st/es-api-get-api-key",
      {
        caused_by: {
          type: "unsupported_operation_exception",
          reason: "cannot retrieve cluster permission on limited role",
        },
      },
    );
  const { roles } = permission;
  const shown = roles.flatMap(({ shownOnly }) => Object.entries(shownOnly));
  const listOf = (kind: string): JsonObject[] =>
    shown.flatMap(([name, list]) => (name === kind ? objectsOf(list) : []));
  const remoteIndices = merge(listOf("remote_indices") as unknown as IndexGrant[]);
  const remoteCluster = listOf("remote_cluster");
  return jsonReply({
    cluster: [...new Set(roles.flatMap(({ cluster }) => cluster))]
      .map((name) => name.toLowerCase())
      .sort(),
    global: shown.flatMap(([name, value]) => (name === "global" ? categoriesOf(value) : [])),
    indices: mergedGrants(roles).map(shownGrant),
    applications: mergedApplications(roles),
    run_as: inHashOrder([...new Set(roles.flatMap(({ runAs }) => runAs))]),
    ...(remoteIndices.length === 0 ? {} : { remote_indices: remoteIndices.map(shownGrant) }),
    ...(remoteCluster.length === 0 ? {} : { remote_cluster: remoteCluster }),
  });
}

/** Each category of global privileges by itself. */
function categoriesOf(global: unknown): JsonObject[] {
  return ["profile", "application"].flatMap((category) => {
    const granted = isObject(global) ? global[category] : undefined;
    return granted === undefined ? [] : [{ [category]: granted }];
  });
}

function shownGrant(grant: MergedGrant): JsonObject {
  const { names, privileges, fields, queries, isUnrestricted, clusters } = grant;
  return {
    names,
    privileges,
    ...(fields === undefined ? {} : { field_security: fields }),
    ...(queries === undefined ? {} : { query: queries }),
    allow_restricted_indices: isUnrestricted,
    ...(clusters === undefined ? {} : { clusters }),
  };
}

function builtinPrivileges(): EsReply {
  return jsonReply({
    cluster: [...clusterPrivilegeNames].sort(),
    index: [...indexPrivilegeNames].sort(),
    remote_cluster: ["monitor_enrich", "monitor_stats"],
  });
}
