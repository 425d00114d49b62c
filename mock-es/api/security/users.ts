/** Users of the native realm, and passwords of the built-in ones. */
import { EsError, illegalArgument, notSupported, validationFailed } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { readTextArray } from "../../json/text-array.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { isReservedUser, nativeRealm, reservedRealm, type User } from "../../security/users.ts";
import type { Cluster } from "../../store/cluster.ts";
import {
  callerOf,
  checkName,
  checkRefresh,
  knownBody,
  securityOf,
  validationProblem,
} from "./security-of.ts";

/** `_security/user`. */
export const userRoutes: readonly Route[] = [
  ...routesOf(
    "security.put_user",
    "required",
    ["PUT,POST /_security/user/{username}"],
    put,
    readUser,
  ),
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

/** Shortest password in characters, as the server demands. */
const minPassword = 6;

/** What a request says of a user. */
interface GivenUser {
  password?: string;
  roles?: readonly string[];
  full_name?: string;
  email?: string;
  metadata?: JsonObject;
  enabled?: boolean;
}

function put(request: EsRequest, cluster: Cluster): EsReply {
  checkRefresh(request);
  const { users } = securityOf(cluster);
  const { username, ...given } = readUser(request);
  const { password } = given;
  if (isReservedUser(username))
    throw validationFailed(`user [${username}] is reserved and only the password can be changed`);
  if (password === undefined && users.find(username) === undefined)
    throw validationProblem("password must be specified unless you are updating an existing user");
  const user: User = {
    username,
    roles: given.roles ?? [],
    fullName: given.full_name ?? null,
    email: given.email ?? null,
    metadata: given.metadata ?? {},
    enabled: given.enabled ?? true,
  };
  return jsonReply({ created: users.put(user, password) });
}

/** @throws {EsError} 400 for what is no user */
function readUser(request: EsRequest): GivenUser & { readonly username: string } {
  const username = request.pathParameters["username"] ?? "";
  const given = readGivenUser(username, parseObjectBody(request.body) ?? {});
  if (username === "_anonymous")
    throw validationFailed("user [_anonymous] is anonymous and cannot be modified via the API");
  const problems = [
    ...nameProblems(username),
    ...(Object.keys(given.metadata ?? {}).some((key) => key.startsWith("_"))
      ? ["metadata keys may not start with [_]"]
      : []),
    ...(given.roles === undefined
      ? ["roles are missing"]
      : given.roles.flatMap((role) => checkName("Role", role) ?? [])),
  ];
  if (problems.length > 0) throw validationFailed(...problems);
  return { username, ...given };
}

function nameProblems(username: string): string[] {
  const problem = checkName("User", username);
  return problem === undefined ? [] : [problem];
}

/** Member by member, as they stand there. */
function readGivenUser(username: string, body: JsonObject): GivenUser {
  const user: GivenUser = {};
  for (const [key, value] of Object.entries(body)) {
    if (key === "password") user.password = readPassword(body);
    else if (key === "password_hash") throw notSupported("[password_hash]");
    else if (key === "roles") user.roles = readUserRoles(body);
    else if (key === "full_name" || key === "email") {
      if (typeof value === "string") user[key] = value;
      else if (value !== null) throw wrongType(key, "string", value);
    } else if (key === "metadata") {
      if (!isObject(value)) throw wrongType(key, "object", value);
      user.metadata = value;
    } else if (key === "enabled") {
      if (typeof value !== "boolean") throw wrongType(key, "boolean", value);
      user.enabled = value;
    } else if (key === "username") {
      if (typeof value !== "string") throw wrongType(key, "string", value);
      if (value !== username)
        throw illegalArgument(
          `[username] in source does not match the username provided [${username}]`,
        );
    } else
      throw new EsError(
        400,
        "parse_exception",
        `failed to parse add user request. unexpected field [${key}]`,
      );
  }
  return user;
}

/** Roles stand in a list, or in a text with commas between them. */
function readUserRoles(body: JsonObject): readonly string[] {
  const { roles } = body;
  if (typeof roles === "string") return roles === "" ? [] : roles.split(",");
  if (roles === null)
    throw new EsError(
      400,
      "parse_exception",
      "could not parse [roles] field. expected a string array but found null value instead",
    );
  return readTextArray(body, "roles") ?? [];
}

function wrongType(key: string, type: string, value: unknown): EsError {
  const reason = `expected field [${key}] to be of type ${type}, but found [${tokenOf(value)}] instead`;
  return new EsError(400, "parse_exception", reason);
}

/** @throws {EsError} 400 for what is no text, and for a text that is too short */
function readPassword({ password }: JsonObject): string {
  if (typeof password !== "string") throw wrongType("password", "string", password);
  if (password.length < minPassword)
    throw validationProblem(`passwords must be at least [${minPassword}] characters long`);
  return password;
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
  const caller = callerOf(request);
  const username = request.pathParameters["username"] ?? caller.user.username;
  const isOwn =
    username === caller.user.username &&
    caller.type === "realm" &&
    (caller.realm === nativeRealm || caller.realm === reservedRealm);
  const body = knownBody(
    request,
    ["password", "password_hash"],
    "failed to parse change password request",
  );
  if (body["password_hash"] !== undefined) throw notSupported("[password_hash]");
  if (body["password"] === undefined) throw validationFailed("password is missing");
  const password = readPassword(body);
  const { users } = securityOf(cluster);
  if (!isOwn) cluster.access?.requireCluster("cluster:admin/xpack/security/user/change_password");
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
