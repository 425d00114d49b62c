/** Finds out who sends a request. */
import type { EsError } from "../es-error.ts";
import type { ApiKey } from "./api-keys.ts";
import type { Caller } from "./caller.ts";
import { unauthorized } from "./denial.ts";
import { base64Problem } from "./java-base64.ts";
import { Permission } from "./permission.ts";
import type { Security } from "./security.ts";
import type { Realm, User } from "./users.ts";

/** What a request says of its caller. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** The field `es-security-runas-user`. */
  readonly runAs: string | undefined;
  /** Target of the request, for error texts. */
  readonly target: string;
}

const apiKeyRealm: Realm = { name: "_es_api_key", type: "_es_api_key" };
const unableWithCredentials =
  "unable to authenticate with provided credentials and anonymous access is not allowed for this request";

/**
 * The caller of a request. Names of schemes are case-insensitive; a password may contain colons.
 *
 * @throws {EsError} 401 without credentials, or with wrong ones
 */
export function authenticate(security: Security, given: Credentials, nowMs: number): Caller {
  const { authorization = "", target } = given;
  const space = authorization.indexOf(" ");
  const scheme = authorization.slice(0, space).toLowerCase();
  const credentials = authorization.slice(space + 1).trim();
  const caller =
    space === -1
      ? undefined
      : scheme === "basic"
        ? byPassword(security, credentials, target)
        : scheme === "apikey"
          ? byApiKey(security, credentials, nowMs)
          : scheme === "bearer"
            ? byToken(security, credentials, nowMs)
            : undefined;
  if (caller === undefined)
    throw unauthorized(`missing authentication credentials for REST request [${target}]`);
  return given.runAs === undefined || given.runAs === ""
    ? caller
    : runningAs(security, caller, { name: given.runAs, target });
}

function byPassword(security: Security, credentials: string, target: string): Caller {
  const problem = base64Problem(credentials);
  if (problem !== undefined)
    throw unauthorized("invalid basic authentication header encoding", {
      caused_by: { type: "illegal_argument_exception", reason: problem },
    });
  const text = Buffer.from(credentials, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) throw unauthorized("invalid basic authentication header value");
  const username = text.slice(0, colon);
  const found = security.users.withPassword(username, text.slice(colon + 1));
  if (found === undefined || !found.user.enabled)
    throw unauthorized(`unable to authenticate user [${username}] for REST request [${target}]`);
  return userCaller(security, found.user, found.realm, "realm");
}

/** A caller that is a user. */
export function userCaller(
  security: Security,
  user: User,
  realm: Realm,
  type: "realm" | "token",
): Caller {
  const { found, missing } = security.rolesOf(user);
  const permission = new Permission(found);
  return {
    user,
    realm,
    authenticated: { user, realm },
    type,
    apiKey: undefined,
    roleNames: found.map(({ name }) => name),
    missingRoles: missing,
    permission,
    ownPermission: permission,
    runAs: undefined,
  };
}

function byApiKey(security: Security, credentials: string, nowMs: number): Caller {
  const problem = base64Problem(credentials);
  if (problem !== undefined) throw unableWith(`API key: ${problem}`);
  const text = Buffer.from(credentials, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) throw unableWith("API key: invalid ApiKey value");
  const key = security.apiKeys.authenticate(text.slice(0, colon), text.slice(colon + 1), nowMs);
  if (typeof key === "string") throw unableWith(`API key: ${key}`);
  const owner = security.users.find(key.username)?.user;
  const user: User = {
    username: key.username,
    roles: [],
    fullName: owner?.fullName ?? null,
    email: owner?.email ?? null,
    metadata: {},
    enabled: true,
  };
  const permission = permissionOfKey(key);
  return {
    user,
    realm: apiKeyRealm,
    authenticated: { user, realm: apiKeyRealm },
    type: "api_key",
    apiKey: key,
    roleNames: [],
    missingRoles: [],
    permission,
    ownPermission: permission,
    runAs: undefined,
  };
}

/** What a key may do: what it is for, as far as its owner could do it. */
export function permissionOfKey({ roles, limitedBy }: ApiKey): Permission {
  const limit = new Permission(limitedBy);
  return roles.length === 0 ? limit : new Permission(roles, limit);
}

function byToken(security: Security, credentials: string, nowMs: number): Caller {
  const pair = security.tokens.authenticate(credentials, nowMs);
  const found = pair === undefined ? undefined : security.users.find(pair.username);
  if (found === undefined || !found.user.enabled) throw unableWith("oauth2 token: invalid token");
  return userCaller(security, found.user, found.realm, "token");
}

function unableWith(why: string): EsError {
  return unauthorized(unableWithCredentials, { additional_unsuccessful_credentials: why });
}

/** Whether the caller may is decided with the action of the request. */
function runningAs(
  security: Security,
  caller: Caller,
  { name, target }: { readonly name: string; readonly target: string },
): Caller {
  const found = security.users.find(name);
  if (found?.user.enabled === false) {
    const { username } = caller.user;
    throw unauthorized(`unable to authenticate user [${username}] for REST request [${target}]`);
  }
  const user = found?.user ?? {
    username: name,
    roles: [],
    fullName: null,
    email: null,
    metadata: {},
    enabled: true,
  };
  const realm = found?.realm ?? caller.realm;
  const other = userCaller(security, user, realm, "realm");
  return {
    ...other,
    type: caller.type,
    apiKey: caller.apiKey,
    authenticated: caller.authenticated,
    ownPermission: caller.permission,
    runAs: name,
  };
}
