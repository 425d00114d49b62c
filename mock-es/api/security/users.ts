/** Users of the native realm, and passwords of the built-in ones. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../../es-error.ts";
import { toTexts } from "../../json/coerce.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { isReservedUser, nativeRealm, reservedRealm, type User } from "../../security/users.ts";
import type { Cluster } from "../../store/cluster.ts";
import { callerOf, checkName, checkRefresh, knownBody, securityOf } from "./security-of.ts";

/** `_security/user`. */
export const userRoutes: readonly Route[] = [
  ...routesOf("security.put_user", "required", ["PUT,POST /_security/user/{username}"], put),
  ...routesOf(
    "security.get_user",
    "none",
    ["GET /_security/user", "GET /_security/user/{username}"],
    get,
  ),
  ...routesOf("security.delete_user", "none", ["DELETE /_security/user/{username}"], remove),
  ...routesOf(
    "security.change_password",
    "required",
    ["PUT,POST /_security/user/_password", "PUT,POST /_security/user/{username}/_password"],
    changePassword,
  ),
  ...routesOf(
    "security.enable_user",
    "none",
    ["PUT,POST /_security/user/{username}/_enable"],
    (request, cluster) => setEnabled(request, cluster, true),
  ),
  ...routesOf(
    "security.disable_user",
    "none",
    ["PUT,POST /_security/user/{username}/_disable"],
    (request, cluster) => setEnabled(request, cluster, false),
  ),
];

const members = [
  "username",
  "password",
  "password_hash",
  "roles",
  "full_name",
  "email",
  "metadata",
  "enabled",
];
/** Shortest password in characters, as the server demands. */
const minPassword = 6;

function put(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { users } = securityOf(cluster);
  const username = request.pathParameters["username"] ?? "";
  const body = knownBody(request, members, "failed to parse add user request");
  const password = readPassword(body);
  if (body["username"] !== undefined && textOf(body["username"]) !== username)
    throw illegalArgument(
      `[username] in source does not match the username provided [${username}]`,
    );
  const metadata = isObject(body["metadata"]) ? Object.keys(body["metadata"]) : [];
  if (username === "_anonymous")
    throw validationFailed("user [_anonymous] is anonymous and cannot be modified via the API");
  const problems = [
    ...nameProblems(username),
    ...(metadata.some((key) => key.startsWith("_"))
      ? ["metadata keys may not start with [_]"]
      : []),
    ...(body["roles"] === undefined ? ["roles are missing"] : []),
  ];
  if (problems.length > 0) throw validationFailed(...problems);
  if (isReservedUser(username))
    throw validationFailed(`user [${username}] is reserved and only the password can be changed`);
  if (password === undefined && users.find(username) === undefined)
    throw validationProblem("password must be specified unless you are updating an existing user");
  const created = users.put(readUser(username, body), password);
  return jsonReply({ created });
}

function nameProblems(username: string): string[] {
  const problem = checkName("User", username);
  return problem === undefined ? [] : [problem];
}

function readPassword(body: JsonObject): string | undefined {
  if (body["password_hash"] !== undefined) throw notSupported("[password_hash]");
  const password = body["password"];
  if (password === undefined || password === null) return undefined;
  const text = textOf(password);
  if (text.length < minPassword)
    throw validationProblem(`passwords must be at least [${minPassword}] characters long`);
  return text;
}

function readUser(username: string, body: JsonObject): User {
  const textOrNull = (value: unknown): string | null =>
    value === undefined || value === null ? null : textOf(value);
  return {
    username,
    roles: toTexts(body["roles"]),
    fullName: textOrNull(body["full_name"]),
    email: textOrNull(body["email"]),
    metadata: isObject(body["metadata"]) ? body["metadata"] : {},
    enabled: body["enabled"] !== false,
  };
}

/** `validation_exception`, which the realm of the users throws. */
function validationProblem(problem: string): EsError {
  return new EsError(400, "validation_exception", `Validation Failed: 1: ${problem};`);
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  if (request.query.flag("with_profile_uid", false))
    throw notSupported("[with_profile_uid=true] of [security.get_user]");
  const { users } = securityOf(cluster);
  const given = request.pathParameters["username"];
  const found =
    given === undefined
      ? users.list()
      : given.split(",").flatMap((name) => users.find(name)?.user ?? []);
  const shown = found.map((user): [string, unknown] => [user.username, shownUser(user)]);
  return jsonReply(
    Object.fromEntries(shown),
    given !== undefined && found.length === 0 ? 404 : 200,
  );
}

/** A user as the server shows it. */
export function shownUser(user: User): JsonObject {
  const { username, roles, fullName, email, metadata, enabled } = user;
  return { username, roles, full_name: fullName, email, metadata, enabled };
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { users } = securityOf(cluster);
  const username = request.pathParameters["username"] ?? "";
  if (isReservedUser(username))
    throw illegalArgument(`user [${username}] is reserved and cannot be deleted`);
  const found = users.remove(username);
  return jsonReply({ found }, found ? 200 : 404);
}

function changePassword(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { users } = securityOf(cluster);
  const caller = callerOf(request);
  const username = request.pathParameters["username"] ?? caller.user.username;
  const isOwn =
    username === caller.user.username &&
    caller.type === "realm" &&
    (caller.realm === nativeRealm || caller.realm === reservedRealm);
  if (!isOwn) cluster.access?.requireCluster("cluster:admin/xpack/security/user/change_password");
  const body = knownBody(
    request,
    ["password", "password_hash"],
    "failed to parse change password request",
  );
  const password = readPassword(body);
  if (password === undefined) throw validationFailed("password is missing");
  const found = users.find(username);
  if (found === undefined) throw validationProblem("user must exist in order to change password");
  users.put(found.user, password);
  return jsonReply({});
}

function setEnabled(request: EsRequest, cluster: Cluster, enabled: boolean): EsReply {
  checkRefresh(request);
  const { users } = securityOf(cluster);
  const username = request.pathParameters["username"] ?? "";
  if (callerOf(request).user.username === username)
    throw illegalArgument("users may not update the enabled status of their own account");
  const found = users.find(username);
  if (found === undefined)
    throw validationProblem(`only existing users can be ${enabled ? "enabled" : "disabled"}`);
  users.put({ ...found.user, enabled }, undefined);
  return jsonReply({});
}
