/** Tokens for passwords, and the clearing of caches that a mock does not have. */
import { notSupported, validationFailed } from "../../es-error.ts";
import { parseObjectBody } from "../../json/json-body.ts";
import { textOf } from "../../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../../rest/es-request.ts";
import { routesOf, type Route } from "../../rest/route.ts";
import { userCaller } from "../../security/authentication.ts";
import { notLicensed, unauthorized } from "../../security/denial.ts";
import type { Security } from "../../security/security.ts";
import { tokenLifeMs, type TokenPair } from "../../security/tokens.ts";
import type { User } from "../../security/users.ts";
import type { Cluster } from "../../store/cluster.ts";
import { shownCaller } from "./authenticate.ts";
import { callerOf, securityOf } from "./security-of.ts";

/** `_security/oauth2/token` and `_clear_cache`. */
export const tokenRoutes: readonly Route[] = [
  ...routesOf(
    "security.get_token",
    "required",
    ["POST /_security/oauth2/token"],
    create,
    needLicence,
  ),
  ...routesOf(
    "security.invalidate_token",
    "required",
    ["DELETE /_security/oauth2/token"],
    invalidate,
    needLicence,
  ),
  ...routesOf(
    "security.clear_cached_realms",
    "none",
    ["POST /_security/realm/{realms}/_clear_cache"],
    clearCache,
  ),
  ...routesOf(
    "security.clear_cached_roles",
    "none",
    ["POST /_security/role/{name}/_clear_cache"],
    clearCache,
  ),
  ...routesOf(
    "security.clear_cached_privileges",
    "none",
    ["POST /_security/privilege/{application}/_clear_cache"],
    clearCache,
  ),
  ...routesOf(
    "security.clear_api_key_cache",
    "none",
    ["POST /_security/api_key/{ids}/_clear_cache"],
    clearCache,
  ),
];

/** @throws {EsError} 403 without tokens, whoever asks and whatever for */
function needLicence(_request: EsRequest, cluster: Cluster): void {
  if (cluster.options.security?.tokens !== true) throw notLicensed("security tokens");
}

function create(request: EsRequest, cluster: Cluster): EsReply {
  needLicence(request, cluster);
  const security = securityOf(cluster);
  const body = parseObjectBody(request.body) ?? {};
  const kind = body["grant_type"] === undefined ? "" : textOf(body["grant_type"]);
  const isRefresh = kind === "refresh_token";
  cluster.access?.requireCluster(
    `cluster:admin/xpack/security/token/${isRefresh ? "refresh" : "create"}`,
  );
  if (body["scope"] !== undefined) throw notSupported("[scope] of a token");
  if (isRefresh) return refresh(cluster, security, textOf(body["refresh_token"] ?? ""));
  if (kind === "client_credentials") {
    const { user } = callerOf(request);
    return issue(cluster, security, user, false);
  }
  if (kind === "_kerberos") throw notSupported("[grant_type] [_kerberos]");
  if (kind !== "password")
    return tokenError("unsupported_grant_type", `unsupported grant type [${kind}]`);
  const { username, password } = body;
  if (username === undefined || password === undefined)
    throw validationFailed(`${username === undefined ? "username" : "password"} is missing`);
  const found = security.users.withPassword(textOf(username), textOf(password));
  if (found === undefined || !found.user.enabled)
    throw unauthorized(
      true,
      `unable to authenticate user [${textOf(username)}] for action [cluster:admin/xpack/security/token/create]`,
    );
  return issue(cluster, security, found.user, true);
}

function tokenError(error: string, description: string): EsReply {
  return jsonReply({ error, error_description: description }, 400);
}

function issue(cluster: Cluster, security: Security, user: User, withRefresh: boolean): EsReply {
  const nowMs = cluster.entropy.nowMs();
  const pair = security.tokens.create(user.username, withRefresh, nowMs);
  const realm = security.users.find(user.username)?.realm;
  return jsonReply({
    access_token: pair.access,
    type: "Bearer",
    expires_in: tokenLifeMs / 1000,
    ...(pair.refresh === undefined ? {} : { refresh_token: pair.refresh }),
    ...(realm === undefined
      ? {}
      : { authentication: shownCaller(userCaller(security, user, realm, "token")) }),
  });
}

function refresh(cluster: Cluster, security: Security, token: string): EsReply {
  const pair = security.tokens.byRefresh(token);
  const user = pair === undefined ? undefined : security.users.find(pair.username)?.user;
  if (pair === undefined || user === undefined)
    return tokenError("invalid_grant", "could not refresh the requested token");
  if (pair.isInvalid) return tokenError("invalid_grant", "token has been invalidated");
  if (pair.isRefreshed) return tokenError("invalid_grant", "token has already been refreshed");
  pair.isRefreshed = true;
  return issue(cluster, security, user, true);
}

function invalidate(request: EsRequest, cluster: Cluster): EsReply {
  needLicence(request, cluster);
  const { tokens } = securityOf(cluster);
  const body = parseObjectBody(request.body) ?? {};
  const { token, refresh_token: refreshToken, username, realm_name: realm } = body;
  if (realm !== undefined) throw notSupported("[realm_name] of [security.invalidate_token]");
  const found: readonly (TokenPair | undefined)[] =
    token !== undefined
      ? [tokens.byAccess(textOf(token))]
      : refreshToken !== undefined
        ? [tokens.byRefresh(textOf(refreshToken))]
        : username !== undefined
          ? tokens.ofUser(textOf(username))
          : [];
  if ([token, refreshToken, username].every((given) => given === undefined))
    throw validationFailed("one of [token, refresh_token, username, realm_name] must be specified");
  const pairs = found.filter((pair) => pair !== undefined);
  const valid = pairs.filter((pair) => !pair.isInvalid);
  for (const pair of valid) pair.isInvalid = true;
  return jsonReply(
    {
      invalidated_tokens: valid.length,
      previously_invalidated_tokens: pairs.length - valid.length,
      error_count: 0,
    },
    pairs.length === 0 ? 404 : 200,
  );
}

function clearCache({ query, node }: EsRequest, cluster: Cluster): EsReply {
  query.text("usernames");
  return jsonReply({
    _nodes: { total: 1, successful: 1, failed: 0 },
    cluster_name: cluster.profile.clusterName,
    nodes: { [node.id]: { name: node.name } },
  });
}
