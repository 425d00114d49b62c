import { Buffer } from "node:buffer";
import { gunzipSync, inflateSync } from "node:zlib";

import type { ApiEndpoint } from "../../elasticsearch/api/api-endpoint.ts";
import { keyedToken } from "../../elasticsearch/identity/identity.ts";

/**
 * Names of query parameters and JSON keys whose values are credentials; lower case, compared
 * without `-`, `_` and `.`.
 */
const secretNames: ReadonlySet<string> = new Set([
  "password",
  "passwd",
  "pwd",
  "passwordhash",
  "apikey",
  "accesstoken",
  "refreshtoken",
  "idtoken",
  "clientsecret",
  "secret",
  "secretkey",
  "secretaccesskey",
  "sessiontoken",
  "securitytoken",
  "xamzsecuritytoken",
  "sastoken",
  "securesettingspassword",
  "kerberosticket",
  "kerberosauthenticationresponsetoken",
  "authorization",
  "privatekey",
  "credentials",
]);

/**
 * Only in query strings: too common as JSON keys of ordinary data (`_analyze` answers with
 * `token`).
 */
const secretParameters: ReadonlySet<string> = new Set([
  "token",
  "sig",
  "signature",
  "xamzsignature",
  "xamzcredential",
  "auth",
  "jwt",
  "key",
  "samlresponse",
]);

/**
 * What stands in the record in place of a secret: equal secrets give equal markers, nothing can be
 * guessed without the key.
 */
export function redactionMarker(secret: string | Uint8Array, key: Uint8Array): string {
  return `redacted-${keyedToken(secret, key)}`;
}

/** Whether the bodies of an API endpoint may be recorded by their keyed hash only. */
export function hidesBodies(endpoint: ApiEndpoint): boolean {
  return endpoint.hasSecrets || endpoint.class === "security";
}

/**
 * A query string with the values of secret parameters replaced; the same string when there are
 * none.
 */
export function redactQuery(query: string, key: Uint8Array): string {
  if (!query.includes("=")) return query;
  let isChanged = false;
  const pairs = query.split("&");
  for (const [at, pair] of pairs.entries()) {
    const equals = pair.indexOf("=");
    if (equals < 0) continue;
    const name = plainName(decoded(pair.slice(0, equals)));
    if (!secretNames.has(name) && !secretParameters.has(name)) continue;
    pairs[at] = `${pair.slice(0, equals + 1)}${redactionMarker(pair.slice(equals + 1), key)}`;
    isChanged = true;
  }
  return isChanged ? pairs.join("&") : query;
}

/** A path or absolute-form target without the credentials of its userinfo (RFC 3986 §3.2.1). */
export function redactPath(path: string, key: Uint8Array): string {
  if (path.startsWith("/")) return path;
  return path.replace(
    /^([a-z][a-z0-9+.-]*:\/\/)([^/@]*)@/i,
    (_, scheme: string, userinfo: string) => {
      return `${scheme}${redactionMarker(userinfo, key)}@`;
    },
  );
}

// The key of a member, its colon, and a string or scalar value. Bounded repetition keeps a hostile
// body linear.
const suspicious = /pass|pwd|secret|token|key|ticket|authorization|credentials/i;
const member = /"([^"\\]{1,64})"(\s{0,64}:\s{0,64})("(?:[^"\\]|\\.){0,65536}"|[\w.+-]{1,65536})/g;

/**
 * Replaces the values of secret JSON keys in the text of a body; undefined when there are none.
 * Works on any text that holds JSON (NDJSON, broken JSON), because it looks at members only, never
 * at the whole document. Objects and arrays as values are not replaced, their members are.
 */
export function redactJsonText(text: string, key: Uint8Array): string | undefined {
  if (!suspicious.test(text)) return undefined;
  let isChanged = false;
  const redacted = text.replaceAll(member, (whole, name: string, colon: string, value: string) => {
    if (
      !secretNames.has(plainName(name)) ||
      value === "null" ||
      value === "true" ||
      value === "false"
    )
      return whole;
    isChanged = true;
    const secret = value.startsWith('"') ? value.slice(1, -1) : value;
    return `"${name}"${colon}"${redactionMarker(Buffer.from(secret, "utf8"), key)}"`;
  });
  return isChanged ? redacted : undefined;
}

/** Settings are small; what is larger after decoding is not looked at but withheld. */
const maxDecodedBytes = 1_048_576;

/**
 * The decoded text of a coded body with its secrets replaced, when it holds any; when it cannot be
 * decoded within bounds, a marker in place of the whole. undefined: the body may be recorded as
 * received.
 */
export function redactCodedBody(
  content: Buffer,
  coding: string,
  key: Uint8Array,
): string | undefined {
  const options = { maxOutputLength: maxDecodedBytes };
  try {
    const name = coding.trim().toLowerCase();
    const decode =
      name === "gzip" || name === "x-gzip"
        ? gunzipSync
        : name === "deflate"
          ? inflateSync
          : undefined;
    if (decode === undefined) return redactionMarker(content, key);
    return redactJsonText(decode(content, options).toString("latin1"), key);
  } catch {
    return redactionMarker(content, key);
  }
}

/**
 * Whether the bodies of an API endpoint are settings, in which credentials may stand, rather than
 * the user's documents and queries.
 */
export function takesSettings(endpoint: ApiEndpoint): boolean {
  return endpoint.class === "admin" || endpoint.class === "unknown";
}

/**
 * The last part of a dotted name, without separators, lower case: `xpack.client_secret` is
 * `clientsecret`.
 */
function plainName(name: string): string {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return last.replaceAll(/[-_]/g, "").toLowerCase();
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
