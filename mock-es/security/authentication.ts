/** Finds out who sends a request. */
import type { EsError } from "../es-error.ts";
import type { ApiKey } from "./api-keys.ts";
import { decodeBase64 } from "./base64.ts";
import type { Caller } from "./caller.ts";
import { unauthorized } from "./denial.ts";
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
            ? byToken(security, credentials, nowMs, target)
            : undefined;
  if (caller === undefined)
    throw unauthorized(
      security.hasTokens,
      `missing authentication credentials for REST request [${target}]`,
    );
  const { runAs } = given;
  if (runAs === undefined) return caller;
  if (runAs === "" || security.users.find(runAs)?.user.enabled === false)
    throw unauthorized(
      security.hasTokens,
      `unable to authenticate user [${caller.user.username}] for REST request [${target}]`,
    );
  return runningAs(security, caller, runAs);
}

function byPassword(security: Security, credentials: string, target: string): Caller {
  const bytes = decodeBase64(credentials);
  const refused = (reason: string, extra?: Record<string, unknown>): EsError =>
    unauthorized(security.hasTokens, reason, extra);
  if (typeof bytes === "string")
    throw refused("invalid basic authentication header encoding", {
      caused_by: { type: "illegal_argument_exception", reason: bytes },
    });
  const text = bytes.toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) throw refused("invalid basic authentication header value");
  const username = text.slice(0, colon);
  const found = security.users.withPassword(username, text.slice(colon + 1));
  if (found === undefined || !found.user.enabled)
    throw refused(`unable to authenticate user [${username}] for REST request [${target}]`);
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
    ownMissingRoles: missing,
    permission,
    ownPermission: permission,
    runAs: undefined,
  };
}

function byApiKey(security: Security, credentials: string, nowMs: number): Caller {
  const key = keyOf(security, credentials, nowMs);
  if (typeof key === "string")
    throw unauthorized(security.hasTokens, unableWithCredentials, {
      additional_unsuccessful_credentials: `API key: ${key}`,
    });
  const owner = security.users.find(key.username)?.user;
  const user: User = {
    username: key.username,
    roles: [],
    fullName: owner?.fullName ?? null,
    email: owner?.email ?? null,
    metadata: owner?.metadata ?? {},
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
    ownMissingRoles: [],
    permission,
    ownPermission: permission,
    runAs: undefined,
  };
}

/** The key that credentials prove, or the server's words for why they prove none. */
function keyOf(security: Security, credentials: string, nowMs: number): ApiKey | string {
  const bytes = decodeBase64(credentials);
  if (typeof bytes === "string") return bytes;
  const text = bytes.toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1) return "invalid ApiKey value";
  return security.apiKeys.authenticate(text.slice(0, colon), text.slice(colon + 1), nowMs);
}

/** What a key may do: what it is for, as far as its owner could do it. */
export function permissionOfKey({ roles, limitedBy }: ApiKey): Permission {
  const limit = new Permission(limitedBy);
  return roles.length === 0 ? limit : new Permission(roles, limit);
}

/** Bytes with which the token of a service account begins. */
const serviceTokenPrefix = Buffer.from([0, 1, 0, 1]);

function byToken(
  security: Security,
  credentials: string,
  nowMs: number,
  target: string,
): Caller | undefined {
  // Without a token there are no credentials.
  if (credentials === "") return undefined;
  const { hasTokens } = security;
  const bytes = Buffer.from(credentials, "base64");
  const service = /^([^/:]+\/[^/:]+)\/([^/:]+):/.exec(bytes.subarray(4).toString("utf8"));
  if (bytes.subarray(0, 4).equals(serviceTokenPrefix) && service !== null)
    throw unauthorized(
      hasTokens,
      `failed to authenticate service account [${service[1] ?? ""}] with token name [${service[2] ?? ""}]`,
    );
  const pair = hasTokens ? security.tokens.byAccess(credentials) : undefined;
  if (pair === undefined)
    throw unauthorized(hasTokens, unableWithCredentials, {
      additional_unsuccessful_credentials: "oauth2 token: invalid token",
    });
  if (security.tokens.authenticate(credentials, nowMs) === undefined)
    throw unauthorized(hasTokens, "token expired");
  const found = security.users.find(pair.username);
  if (found?.user.enabled !== true)
    throw unauthorized(
      hasTokens,
      `unable to authenticate user [${pair.username}] for REST request [${target}]`,
    );
  return userCaller(security, found.user, found.realm, "token");
}

/** Whether the caller may is decided with the action of the request. */
function runningAs(security: Security, caller: Caller, name: string): Caller {
  const found = security.users.find(name);
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
    ownMissingRoles: caller.missingRoles,
    runAs: name,
  };
}
