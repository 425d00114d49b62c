/** API keys: made, granted, changed, shown and invalidated. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { ApiKey } from "../../security/api-keys.ts";
import { userCaller } from "../../security/authentication.ts";
import type { Caller } from "../../security/caller.ts";
import { unauthorized } from "../../security/denial.ts";
import type { Cluster } from "../../store/cluster.ts";
import {
  createdKeyProblems,
  type GivenGrant,
  type GivenKey,
  readCreatedKey,
  readGrant,
  readInvalidation,
  readUpdatedKey,
  readUpdatedKeys,
  updatedKeyProblems,
} from "./api-key-bodies.ts";
import { checkKeyRoles } from "./given-roles.ts";
import { isOfOwner, isOwnKey, limitOf, requireKeyAction, shownKey } from "./api-key-access.ts";
import { anyName, callerOf, checkRefresh, securityOf } from "./security-of.ts";

/** `_security/api_key`. */
export const apiKeyRoutes: readonly Route[] = [
  ...routesOf(
    "security.create_api_key",
    "required",
    ["PUT,POST /_security/api_key"],
    create,
    givenKey,
  ),
  ...routesOf("security.get_api_key", "none", ["GET /_security/api_key"], get, givenFilter),
  ...routesOf(
    "security.invalidate_api_key",
    "required",
    ["DELETE /_security/api_key"],
    invalidate,
    givenEnd,
  ),
  ...routesOf(
    "security.grant_api_key",
    "required",
    ["POST /_security/api_key/grant"],
    grant,
    givenGrant,
  ),
  ...routesOf(
    "security.update_api_key",
    "optional",
    ["PUT /_security/api_key/{id}"],
    update,
    givenUpdate,
  ),
  ...routesOf(
    "security.bulk_update_api_keys",
    "required",
    ["POST /_security/api_key/_bulk_update"],
    bulkUpdate,
    givenUpdates,
  ),
];

function create(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const given = givenKey(request);
  requireKeyAction(request, "create", true);
  return make(cluster, callerOf(request), given);
}

function givenKey({ body }: EsRequest): GivenKey {
  const given = readCreatedKey(parseObjectBody(body) ?? {});
  refuseProblems(createdKeyProblems(given));
  return given;
}

function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw validationFailed(...problems);
}

function make(cluster: Cluster, caller: Caller, given: GivenKey): EsReply {
  const { apiKeys, grantsParts } = securityOf(cluster);
  const { name, expiration, metadata = {}, role_descriptors: roles = [] } = given;
  if (apiKeys.isFull)
    throw new EsError(
      429,
      "circuit_breaking_exception",
      "[parent] Data too large: mock-es keeps no more API keys; start it anew",
      { durability: "PERMANENT" },
    );
  checkKeyRoles(roles, grantsParts);
  const creation = cluster.entropy.nowMs();
  const key: ApiKey = {
    id: cluster.identifiers.documentId(),
    name,
    creation,
    expiration: expiration === undefined ? undefined : creation + expiration,
    invalidation: undefined,
    username: caller.user.username,
    realm: caller.realm,
    metadata,
    roles,
    limitedBy: limitOf(caller, roles),
  };
  const secret = apiKeys.add(key);
  return jsonReply({
    id: key.id,
    name,
    ...(key.expiration === undefined ? {} : { expiration: key.expiration }),
    api_key: secret,
    encoded: Buffer.from(`${key.id}:${secret}`).toString("base64"),
  });
}

function grant(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const security = securityOf(cluster);
  const given = givenGrant(request);
  const { grant_type: kind, username, password, access_token: token } = given;
  const { api_key: key = { name: "" } } = given;
  cluster.access?.requireCluster("cluster:admin/xpack/security/api_key/grant");
  if (kind === "access_token") {
    const pair = security.tokens.authenticate(token ?? "", cluster.entropy.nowMs());
    const found = pair === undefined ? undefined : security.users.find(pair.username);
    if (found?.user.enabled !== true) throw grantDenied(security.hasTokens, "user");
    return make(cluster, userCaller(security, found.user, found.realm, "token"), key);
  }
  const found = security.users.withPassword(username ?? "", password ?? "");
  if (found?.user.enabled !== true)
    throw grantDenied(security.hasTokens, `user [${username ?? ""}]`);
  return make(cluster, userCaller(security, found.user, found.realm, "realm"), key);
}

function givenGrant({ body }: EsRequest): GivenGrant {
  const given = readGrant(parseObjectBody(body) ?? {});
  const { api_key: key = { name: "" } } = given;
  refuseProblems([...createdKeyProblems(key), ...grantProblems(given)]);
  return given;
}

function grantProblems({ grant_type: kind, ...given }: GivenGrant): string[] {
  if (kind === "password")
    return [
      ...(given.username === undefined ? [missingPart("username", kind)] : []),
      ...(given.password === undefined ? [missingPart("password", kind)] : []),
    ];
  if (kind === "access_token")
    return given.access_token === undefined ? [missingPart("access_token", kind)] : [];
  return [`grant_type [${kind ?? "null"}] is not supported`];
}

function missingPart(name: string, kind: string): string {
  return `[${name}] is required for grant_type [${kind}]`;
}

/** 403 around the 401 of whom a key is to be granted to. */
function grantDenied(hasTokens: boolean, who: string): EsError {
  const cause = unauthorized(
    hasTokens,
    `unable to authenticate ${who} for action [cluster:admin/xpack/security/api_key/grant]`,
  ).toCause();
  return new EsError(403, "security_exception", "Failed to authenticate api key grant", {
    root_cause: [cause],
    caused_by: cause,
  });
}

/** Which keys a request means. */
interface KeyFilter {
  readonly ids: readonly string[] | undefined;
  readonly name: string | undefined;
  readonly username: string | undefined;
  readonly realm: string | undefined;
  readonly isOwner: boolean;
}

function matching(cluster: Cluster, caller: Caller, filter: KeyFilter): ApiKey[] {
  const fits = filter.name === undefined ? undefined : anyName(filter.name);
  return securityOf(cluster)
    .apiKeys.list()
    .filter(
      (key) =>
        (filter.ids === undefined || filter.ids.includes(key.id)) &&
        (fits === undefined || fits(key.name)) &&
        (filter.username === undefined || filter.username === key.username) &&
        (filter.realm === undefined || filter.realm === key.realm.name) &&
        (!filter.isOwner || isOfOwner(caller, key)),
    );
}

/** True when a filter can lead to keys of the caller only, as the server sees it. */
function isOwnFilter(caller: Caller, filter: KeyFilter): boolean {
  // A key owns no other one.
  if (caller.type === "api_key")
    return filter.ids?.length === 1 && filter.ids[0] === caller.apiKey?.id;
  return (
    filter.isOwner ||
    (filter.username === caller.user.username && filter.realm === caller.realm.name)
  );
}

function checkFilter(filter: KeyFilter, ids: string, verb: string): void {
  const hasOwner = filter.username !== undefined || filter.realm !== undefined;
  const hasKey = filter.ids !== undefined || filter.name !== undefined;
  const isOrAre = verb === "retrieving" ? "is" : "are";
  if (hasKey && hasOwner)
    throw validationFailed(
      `username or realm name must not be specified when the ${ids} or api key name ${isOrAre} specified`,
    );
  if (filter.isOwner && hasOwner)
    throw validationFailed(
      `neither username nor realm-name may be specified when ${verb} owned API keys`,
    );
  if (filter.ids !== undefined && filter.name !== undefined)
    throw validationFailed(`only one of [${ids}, api key name] can be specified`);
}

function givenFilter({ query }: EsRequest): KeyFilter {
  const id = query.text("id");
  const filter: KeyFilter = {
    ids: id === undefined ? undefined : [id],
    name: query.text("name"),
    username: query.text("username"),
    realm: query.text("realm_name"),
    isOwner: query.flag("owner", false),
  };
  checkFilter(filter, "api key id", "retrieving");
  return filter;
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const caller = callerOf(request);
  if (query.flag("with_profile_uid", false))
    throw notSupported("[with_profile_uid=true] of [security.get_api_key]");
  const filter = givenFilter(request);
  const isOwn = isOwnFilter(caller, filter);
  // An API key may ask for itself by its id, and not for what limits it.
  const withLimit = query.flag("with_limited_by", false);
  const isSelf = caller.apiKey !== undefined && filter.ids?.[0] === caller.apiKey.id && !withLimit;
  if (!isSelf) requireKeyAction(request, "get", isOwn && caller.apiKey === undefined);
  const nowMs = cluster.entropy.nowMs();
  const onlyActive = query.flag("active_only", false);
  const found = matching(cluster, caller, filter).filter(
    ({ invalidation, expiration }) =>
      !onlyActive || (invalidation === undefined && (expiration ?? Infinity) > nowMs),
  );
  return jsonReply(
    { api_keys: found.map((key) => shownKey(key, withLimit)) },
    filter.ids !== undefined && found.length === 0 ? 404 : 200,
  );
}

function givenEnd({ body }: EsRequest): KeyFilter {
  const given = readInvalidation(parseObjectBody(body) ?? {});
  const filter: KeyFilter = {
    ids: given.ids,
    name: given.name,
    username: given.username,
    realm: given.realm_name,
    isOwner: given.owner === true,
  };
  const { name, username, realm, isOwner } = filter;
  if (!isOwner && [filter.ids, name, username, realm].every((one) => one === undefined))
    throw validationFailed(
      "One of [api key id(s), api key name, username, realm name] must be specified if [owner] flag is false",
    );
  checkFilter(filter, "api key id(s)", "invalidating");
  return filter;
}

function invalidate(request: EsRequest, cluster: Cluster): EsReply {
  const caller = callerOf(request);
  const filter = givenEnd(request);
  requireKeyAction(request, "invalidate", isOwnFilter(caller, filter));
  const valid = matching(cluster, caller, filter).filter((key) => key.invalidation === undefined);
  for (const key of valid) key.invalidation = cluster.entropy.nowMs();
  return jsonReply({
    invalidated_api_keys: valid.map((key) => key.id),
    // Keys that are invalid already are not looked at.
    previously_invalidated_api_keys: [],
    error_count: 0,
  });
}

function givenUpdate({ body }: EsRequest): GivenKey {
  const given = readUpdatedKey(parseObjectBody(body) ?? {});
  refuseProblems(updatedKeyProblems(given));
  return given;
}

function update(request: EsRequest, cluster: Cluster): EsReply {
  const given = givenUpdate(request);
  requireKeyAction(request, "update", true);
  refuseKeys(callerOf(request));
  const id = request.pathParameters["id"] ?? "";
  return jsonReply({ updated: change(request, cluster, id, given) });
}

function refuseKeys({ apiKey }: Caller): void {
  if (apiKey === undefined) return;
  throw illegalArgument(
    "authentication via API key not supported: only the owner user can update an API key",
  );
}

/** Changes a key. @returns false when it is as it was */
function change(request: EsRequest, cluster: Cluster, id: string, given: GivenKey): boolean {
  const caller = callerOf(request);
  const key = securityOf(cluster).apiKeys.find(id);
  if (key === undefined || !isOwnKey(caller, key))
    throw new EsError(
      404,
      "resource_not_found_exception",
      `no API key owned by requesting user found for ID [${id}]`,
    );
  const nowMs = cluster.entropy.nowMs();
  if (key.invalidation !== undefined)
    throw illegalArgument(`cannot update invalidated API key [${id}]`);
  if (key.expiration !== undefined && key.expiration <= nowMs)
    throw illegalArgument(`cannot update expired API key [${id}]`);
  const { grantsParts } = securityOf(cluster);
  const before = JSON.stringify([key.roles, key.limitedBy, key.metadata, key.expiration]);
  const { role_descriptors: roles, metadata, expiration } = given;
  if (roles !== undefined) {
    checkKeyRoles(roles, grantsParts);
    key.roles = roles;
  }
  if (metadata !== undefined) key.metadata = metadata;
  if (expiration !== undefined) key.expiration = nowMs + expiration;
  key.limitedBy = limitOf(caller, key.roles);
  return JSON.stringify([key.roles, key.limitedBy, key.metadata, key.expiration]) !== before;
}

function givenUpdates({ body }: EsRequest): ReturnType<typeof readUpdatedKeys> {
  const given = readUpdatedKeys(parseObjectBody(body) ?? {});
  refuseProblems([
    ...(given.ids.length === 0 ? ["Field [ids] cannot be empty"] : []),
    ...updatedKeyProblems(given),
  ]);
  return given;
}

function bulkUpdate(request: EsRequest, cluster: Cluster): EsReply {
  const given = givenUpdates(request);
  const { ids } = given;
  if (ids.includes(""))
    throw notSupported("an id of [security.bulk_update_api_keys] that is empty");
  requireKeyAction(request, "bulk_update", true);
  refuseKeys(callerOf(request));
  const updated: string[] = [];
  const noops: string[] = [];
  const details: Record<string, unknown> = {};
  for (const id of ids) {
    try {
      (change(request, cluster, id, given) ? updated : noops).push(id);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      details[id] = error.toCause();
    }
  }
  const count = Object.keys(details).length;
  return jsonReply({ updated, noops, ...(count === 0 ? {} : { errors: { count, details } }) });
}
