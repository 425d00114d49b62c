import { EsError } from "../es-error.ts";

/** Credentials that a mock accepts; anybody else is answered 401. */
export interface CredentialOptions {
  /** User names with their passwords, for Basic authentication. */
  readonly users?: Readonly<Record<string, string>>;
  /** API keys as clients send them: base64 of `id:secret`. */
  readonly apiKeys?: readonly string[];
}

/** Names the caller of a request, or throws. */
export type Authenticate = (authorization: string | undefined, target: string) => void;

/** Challenges of a 401, in the order in which the server sends them. */
export const challenges: readonly string[] = [
  "WWW-Authenticate",
  'Basic realm="security", charset="UTF-8"',
  "WWW-Authenticate",
  'Bearer realm="security"',
  "WWW-Authenticate",
  "ApiKey",
];

/**
 * Checks `Authorization` fields. Scheme names are case-insensitive; a password may contain colons.
 */
export function createAuthenticator(options: CredentialOptions): Authenticate {
  const passwords = new Map(Object.entries(options.users ?? {}));
  const apiKeys = new Set(options.apiKeys);
  return (authorization, target) => {
    if (authorization === undefined)
      throw unauthorized(`missing authentication credentials for REST request [${target}]`);
    const space = authorization.indexOf(" ");
    const scheme = authorization.slice(0, space).toLowerCase();
    const credentials = authorization.slice(space + 1).trim();
    if (scheme === "apikey") {
      if (apiKeys.has(credentials)) return;
      throw unauthorized(
        `unable to authenticate with provided credentials and anonymous access is not allowed for this request`,
      );
    }
    if (scheme === "basic") {
      const text = Buffer.from(credentials, "base64").toString("utf8");
      const colon = text.indexOf(":");
      const user = text.slice(0, colon);
      if (colon > 0 && passwords.get(user) === text.slice(colon + 1)) return;
      throw unauthorized(`unable to authenticate user [${user}] for REST request [${target}]`);
    }
    throw unauthorized(`missing authentication credentials for REST request [${target}]`);
  };
}

function unauthorized(reason: string): EsError {
  return new EsError(401, "security_exception", reason, {
    header: { "WWW-Authenticate": challenges.filter((_entry, at) => at % 2 === 1) },
  });
}
