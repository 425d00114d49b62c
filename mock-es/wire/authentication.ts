import type { IncomingHttpHeaders } from "node:http";
import { EsError } from "../es-error.ts";
import { authenticate } from "../security/authentication.ts";
import type { Caller } from "../security/caller.ts";
import { challengesOf, unauthorized } from "../security/denial.ts";
import type { Cluster } from "../store/cluster.ts";
import { securedSingleFields, singleFields } from "./single-fields.ts";

/** Credentials that a mock accepts; anybody else is answered 401. */
export interface CredentialOptions {
  /** User names with their passwords, for Basic authentication. */
  readonly users?: Readonly<Record<string, string>>;
  /** API keys as clients send them: base64 of `id:secret`. */
  readonly apiKeys?: readonly string[];
}

/** Finds out who sends a request. */
export interface Authenticator {
  /** The caller, as far as security knows callers. @throws {EsError} 401 */
  readonly authenticate: (headers: IncomingHttpHeaders, target: string) => Caller | undefined;
  /** Checks the credentials of who is asked for besides. @throws {EsError} 401 */
  readonly checkSecondary: (authorization: string, target: string) => void;
  /** Fields of a 401, names and values in turn. */
  readonly challenges: readonly string[];
  /** Fields that may stand in a request once. */
  readonly singleFields: ReadonlyMap<string, string>;
}

const secondaryRefusal = "Failed to authenticate secondary user";

/** True for a 401 about a secondary caller, which has no challenge. */
export function isOfSecondary(error: unknown): boolean {
  return error instanceof EsError && error.reason === secondaryRefusal;
}

/** Fields of a 401 that a fault asks for where nobody has to prove anything. */
export const usualChallenges: readonly string[] = challengeFields(false);

function challengeFields(hasTokens: boolean): string[] {
  return challengesOf(hasTokens).flatMap((value) => ["WWW-Authenticate", value]);
}

/** Finds the caller of a request among the users, keys and tokens of a cluster. */
export function createSecurityAuthenticator(cluster: Cluster): Authenticator {
  const authenticateCaller: Authenticator["authenticate"] = (headers, target) => {
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
  const checkSecondary: Authenticator["checkSecondary"] = (authorization, target) => {
    try {
      authenticateCaller({ authorization }, target);
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      const { caused_by: _inner, ...root } = error.toCause();
      throw new EsError(error.status, error.type, secondaryRefusal, {
        root_cause: [root],
        caused_by: error.toCause(),
      });
    }
  };
  const challenges = challengeFields(cluster.security?.hasTokens === true);
  return {
    authenticate: authenticateCaller,
    checkSecondary,
    challenges,
    singleFields: securedSingleFields,
  };
}

/**
 * Checks `Authorization` fields. Scheme names are case-insensitive; a password may contain colons.
 */
export function createAuthenticator(options: CredentialOptions): Authenticator {
  const passwords = new Map(Object.entries(options.users ?? {}));
  const apiKeys = new Set(options.apiKeys);
  const authenticateCaller: Authenticator["authenticate"] = ({ authorization }, target) => {
    if (authorization === undefined)
      throw unauthorized(false, `missing authentication credentials for REST request [${target}]`);
    const space = authorization.indexOf(" ");
    const scheme = authorization.slice(0, space).toLowerCase();
    const credentials = authorization.slice(space + 1).trim();
    if (scheme === "apikey") {
      if (apiKeys.has(credentials)) return undefined;
      throw unauthorized(
        false,
        `unable to authenticate with provided credentials and anonymous access is not allowed for this request`,
      );
    }
    if (scheme === "basic") {
      const text = Buffer.from(credentials, "base64").toString("utf8");
      const colon = text.indexOf(":");
      const user = text.slice(0, colon);
      if (colon > 0 && passwords.get(user) === text.slice(colon + 1)) return undefined;
      throw unauthorized(
        false,
        `unable to authenticate user [${user}] for REST request [${target}]`,
      );
    }
    throw unauthorized(false, `missing authentication credentials for REST request [${target}]`);
  };
  return {
    authenticate: authenticateCaller,
    // Who stands in that field is looked at by security only.
    checkSecondary: () => undefined,
    challenges: challengeFields(false),
    singleFields,
  };
}
