/** API keys: made, granted, changed, shown and invalidated. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../../es-error.ts";
import { xContentParseException } from "../../es-error.ts";
import { toTexts } from "../../json/coerce.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import type { ApiKey } from "../../security/api-keys.ts";
import { userCaller } from "../../security/authentication.ts";
import type { Caller } from "../../security/caller.ts";
import { unauthorized } from "../../security/denial.ts";
import { readRole } from "../../security/role.ts";
import type { RoleDescriptor } from "../../security/role-descriptor.ts";
import type { Cluster } from "../../store/cluster.ts";
import { parseDuration } from "../../values/duration.ts";
import { isOwnKey, limitOf, requireKeyAction, shownKey } from "./api-key-access.ts";
import { checkQueries } from "./role-queries.ts";
import { anyName, callerOf, checkRefresh, securityOf } from "./security-of.ts";

/** `_security/api_key`. */
export const apiKeyRoutes: readonly Route[] = [
  ...routesOf("security.create_api_key", "required", ["PUT,POST /_security/api_key"], create),
  ...routesOf("security.get_api_key", "none", ["GET /_security/api_key"], get),
  ...routesOf("security.invalidate_api_key", "required", ["DELETE /_security/api_key"], invalidate),
  ...routesOf("security.grant_api_key", "required", ["POST /_security/api_key/grant"], grant),
  ...routesOf("security.update_api_key", "optional", ["PUT /_security/api_key/{id}"], update),
  ...routesOf(
    "security.bulk_update_api_keys",
    "required",
    ["POST /_security/api_key/_bulk_update"],
    bulkUpdate,
  ),
];

const createMembers = ["name", "expiration", "role_descriptors", "metadata"];

function create(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  requireKeyAction(request, "create", true);
  return make(cluster, callerOf(request), parseObjectBody(request.body) ?? {});
}

function make(cluster: Cluster, caller: Caller, body: JsonObject): EsReply {
  const { apiKeys } = securityOf(cluster);
  checkMembers(body, createMembers, "api_key_request");
  if (body["name"] === undefined) throw illegalArgument("Required [name]");
  const name = textOf(body["name"]);
  const problem = nameProblem(name) ?? metadataProblem(body["metadata"]);
  if (problem !== undefined) throw validationFailed(problem);
  if (apiKeys.isFull)
    throw new EsError(
      429,
      "circuit_breaking_exception",
      "[parent] Data too large: mock-es keeps no more API keys; start it anew",
      { durability: "PERMANENT" },
    );
  const creation = cluster.entropy.nowMs();
  const roles = readRoles(body["role_descriptors"], securityOf(cluster).grantsParts);
  const key: ApiKey = {
    id: cluster.identifiers.documentId(),
    name,
    creation,
    expiration: readExpiration(body, creation),
    invalidation: undefined,
    username: caller.user.username,
    realm: caller.realm,
    metadata: isObject(body["metadata"]) ? body["metadata"] : {},
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

function checkMembers(body: JsonObject, members: readonly string[], what: string): void {
  for (const key of Object.keys(body)) {
    if (!members.includes(key))
      throw xContentParseException(`[${what}] unknown field [${key}]`).at(body, key, "key");
  }
}

function nameProblem(name: string): string | undefined {
  if (name === "") return "api key name is required";
  if (name.length > 256) return "api key name may not be more than 256 characters long";
  if (name !== name.trim()) return "api key name may not begin or end with whitespace";
  return name.startsWith("_") ? "api key name may not begin with an underscore" : undefined;
}

function metadataProblem(metadata: unknown): string | undefined {
  return isObject(metadata) && Object.keys(metadata).some((key) => key.startsWith("_"))
    ? "API key metadata keys may not start with [_]"
    : undefined;
}

function readRoles(given: unknown, grantsParts: boolean): RoleDescriptor[] {
  return Object.entries(isObject(given) ? given : {}).map(([name, body]) => {
    const role = readRole(name, isObject(body) ? body : {}, grantsParts);
    checkQueries(role);
    return role;
  });
}

function readExpiration(body: JsonObject, nowMs: number): number | undefined {
  const given = body["expiration"];
  if (given === undefined || given === null) return undefined;
  try {
    return nowMs + parseDuration(textOf(given), "expiration");
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw xContentParseException(
      "Failed to build [api_key_request] after last required field arrived",
      { caused_by: error.toCause() },
    );
  }
}

const grantMembers = ["grant_type", "username", "password", "access_token", "run_as", "api_key"];

function grant(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const security = securityOf(cluster);
  const body = parseObjectBody(request.body) ?? {};
  checkMembers(body, grantMembers, "grant_api_key_request");
  if (body["run_as"] !== undefined) throw notSupported("[run_as] of a granted API key");
  const { grant_type: kind, username, password, access_token: token } = body;
  const key = isObject(body["api_key"]) ? body["api_key"] : {};
  if (kind === "access_token") {
    if (token === undefined) throw missingPart("access_token", kind);
    const pair = security.tokens.authenticate(textOf(token), cluster.entropy.nowMs());
    const found = pair === undefined ? undefined : security.users.find(pair.username);
    if (found?.user.enabled !== true) throw grantDenied(security.hasTokens, "user");
    return make(cluster, userCaller(security, found.user, found.realm, "token"), key);
  }
  if (kind !== "password")
    throw validationFailed(`grant_type [${textOf(kind ?? null)}] is not supported`);
  if (username === undefined) throw missingPart("username", kind);
  if (password === undefined) throw missingPart("password", kind);
  const name = textOf(username);
  const found = security.users.withPassword(name, textOf(password));
  if (found?.user.enabled !== true) throw grantDenied(security.hasTokens, `user [${name}]`);
  return make(cluster, userCaller(security, found.user, found.realm, "realm"), key);
}

function missingPart(name: string, kind: string): EsError {
  return validationFailed(`[${name}] is required for grant_type [${kind}]`);
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
        (!filter.isOwner || isOwnKey(caller, key)),
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

function get(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const caller = callerOf(request);
  if (query.flag("with_profile_uid", false))
    throw notSupported("[with_profile_uid=true] of [security.get_api_key]");
  const id = query.text("id");
  const filter: KeyFilter = {
    ids: id === undefined ? undefined : [id],
    name: query.text("name"),
    username: query.text("username"),
    realm: query.text("realm_name"),
    isOwner: query.flag("owner", false),
  };
  checkFilter(filter, "api key id", "retrieving");
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
    id !== undefined && found.length === 0 ? 404 : 200,
  );
}

const invalidateMembers = ["id", "ids", "name", "owner", "realm_name", "username"];

function invalidate(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  checkMembers(body, invalidateMembers, "invalidate_api_key");
  const caller = callerOf(request);
  const text = (key: string): string | undefined =>
    body[key] === undefined ? undefined : textOf(body[key]);
  const ids = body["ids"] ?? body["id"];
  const filter: KeyFilter = {
    ids: ids === undefined ? undefined : toTexts(ids),
    name: text("name"),
    username: text("username"),
    realm: text("realm_name"),
    isOwner: body["owner"] === true,
  };
  const { name, username, realm, isOwner } = filter;
  if (!isOwner && [filter.ids, name, username, realm].every((given) => given === undefined))
    throw validationFailed(
      "One of [api key id(s), api key name, username, realm name] must be specified if [owner] flag is false",
    );
  checkFilter(filter, "api key id(s)", "invalidating");
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

const updateMembers = ["role_descriptors", "metadata", "expiration"];

function update(request: EsRequest, cluster: Cluster): EsReply {
  requireKeyAction(request, "update", true);
  const body = parseObjectBody(request.body) ?? {};
  checkMembers(body, updateMembers, "update_api_key_request_payload");
  refuseKeys(callerOf(request));
  return jsonReply({ updated: change(request, cluster, request.pathParameters["id"] ?? "", body) });
}

function refuseKeys({ apiKey }: Caller): void {
  if (apiKey === undefined) return;
  throw illegalArgument(
    "authentication via API key not supported: only the owner user can update an API key",
  );
}

/** Changes a key. @returns false when it is as it was */
function change(request: EsRequest, cluster: Cluster, id: string, body: JsonObject): boolean {
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
  const problem = metadataProblem(body["metadata"]);
  if (problem !== undefined) throw validationFailed(problem);
  const before = JSON.stringify([key.roles, key.limitedBy, key.metadata, key.expiration]);
  if (body["role_descriptors"] !== undefined)
    key.roles = readRoles(body["role_descriptors"], securityOf(cluster).grantsParts);
  if (isObject(body["metadata"])) key.metadata = body["metadata"];
  if (body["expiration"] !== undefined) key.expiration = readExpiration(body, nowMs);
  key.limitedBy = limitOf(caller, key.roles);
  return JSON.stringify([key.roles, key.limitedBy, key.metadata, key.expiration]) !== before;
}

function bulkUpdate(request: EsRequest, cluster: Cluster): EsReply {
  requireKeyAction(request, "bulk_update", true);
  const body = parseObjectBody(request.body) ?? {};
  checkMembers(body, ["ids", ...updateMembers], "bulk_update_api_key_request");
  if (body["ids"] === undefined) throw illegalArgument("Required [ids]");
  refuseKeys(callerOf(request));
  const ids = toTexts(body["ids"]);
  if (ids.length === 0) throw validationFailed("Field [ids] cannot be empty");
  const updated: string[] = [];
  const noops: string[] = [];
  const details: Record<string, unknown> = {};
  for (const id of ids) {
    try {
      (change(request, cluster, id, body) ? updated : noops).push(id);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      details[id] = error.toCause();
    }
  }
  const count = Object.keys(details).length;
  return jsonReply({ updated, noops, ...(count === 0 ? {} : { errors: { count, details } }) });
}
