import type { IncomingHttpHeaders } from "node:http";
import { authenticate } from "../security/authentication.ts";
import type { Caller } from "../security/caller.ts";
import { challengeValues, unauthorized } from "../security/denial.ts";
import type { Cluster } from "../store/cluster.ts";

/** Credentials that a mock accepts; anybody else is answered 401. */
export interface CredentialOptions {
  /** User names with their passwords, for Basic authentication. */
  readonly users?: Readonly<Record<string, string>>;
  /** API keys as clients send them: base64 of `id:secret`. */
  readonly apiKeys?: readonly string[];
}

/** Names the caller of a request, as far as security knows callers, or throws. */
export type Authenticate = (headers: IncomingHttpHeaders, target: string) => Caller | undefined;

/** Fields of a 401, names and values in turn. */
export const challenges: readonly string[] = challengeValues.flatMap((value) => [
  "WWW-Authenticate",
  value,
]);

/** Finds the caller of a request among the users, keys and tokens of a cluster. */
export function createSecurityAuthenticator(cluster: Cluster): Authenticate {
  return (headers, target) => {
    const { security } = cluster;
    if (security === undefined) return undefined;
    const runAs = headers["es-security-runas-user"];
    return authenticate(
      security,
      {
        authorization: headers.authorization,
        runAs: typeof runAs === "string" ? runAs : undefined,
        target,
      },
      cluster.entropy.nowMs(),
    );
  };
}

/**
 * Checks `Authorization` fields. Scheme names are case-insensitive; a password may contain colons.
 */
export function createAuthenticator(options: CredentialOptions): Authenticate {
  const passwords = new Map(Object.entries(options.users ?? {}));
  const apiKeys = new Set(options.apiKeys);
  return ({ authorization }, target) => {
    if (authorization === undefined)
      throw unauthorized(`missing authentication credentials for REST request [${target}]`);
    const space = authorization.indexOf(" ");
    const scheme = authorization.slice(0, space).toLowerCase();
    const credentials = authorization.slice(space + 1).trim();
    if (scheme === "apikey") {
      if (apiKeys.has(credentials)) return undefined;
      throw unauthorized(
        `unable to authenticate with provided credentials and anonymous access is not allowed for this request`,
      );
    }
    if (scheme === "basic") {
      const text = Buffer.from(credentials, "base64").toString("utf8");
      const colon = text.indexOf(":");
      const user = text.slice(0, colon);
      if (colon > 0 && passwords.get(user) === text.slice(colon + 1)) return undefined;
      throw unauthorized(`unable to authenticate user [${user}] for REST request [${target}]`);
    }
    throw unauthorized(`missing authentication credentials for REST request [${target}]`);
  };
}
