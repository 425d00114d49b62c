/** Secrets in request targets and hosts: userinfo, and parameters within paths. */
import { Buffer } from "node:buffer";
import { builtInNames } from "./body-rules.ts";
import { isSecretName, isSecretParameter } from "./name-bits.ts";
import { percentDecoded } from "./percent-coding.ts";
import type { SecretMarkers } from "./secret-markers.ts";

/** `scheme://` or `scheme:/`, as a malformed target has it, at the beginning or behind a slash. */
const beginsWithScheme = /^\/?[a-z][a-z0-9+.-]*:\/*/i;
/** A URL within a path, encoded or not, up to the end of its userinfo (RFC 3986 §3.2.1). */
const userinfoWithin = /((?::|%3a)(?:\/|%2f){2})((?:(?!%2f|%3f|%23)[^/?#@])*)(@|%40)/gi;
/** `;name=value` and `name=value` as parts of a path. */
const pairWithin = /([;&/#?])([^;&/=]{1,100})=([^;&/]+)/g;

/** A path or an absolute-form target without its query, one char per byte, redacted. */
export function redactPath(path: string, markers: SecretMarkers): string {
  const redacted = mayHoldUserinfo(path) ? withoutUserinfo(path, markers) : path;
  return redacted.includes("=") ? withoutPairs(redacted, markers) : redacted;
}

/** A value of the field `Host`, redacted. */
export function redactHost(host: string, markers: SecretMarkers): string {
  const at = host.lastIndexOf("@");
  return at < 0 ? host : `${marked(host.slice(0, at), markers)}${host.slice(at)}`;
}

function mayHoldUserinfo(path: string): boolean {
  return path.includes("@") || path.includes("%40");
}

function withoutUserinfo(path: string, markers: SecretMarkers): string {
  const prefix = authorityPrefix(path);
  if (prefix < 0) {
    return path.replaceAll(
      userinfoWithin,
      (_, before: string, userinfo: string, at: string) =>
        `${before}${marked(userinfo, markers)}${at}`,
    );
  }
  const slash = path.indexOf("/", prefix);
  const authority = slash < 0 ? path.length : slash;
  let at = path.lastIndexOf("@", authority);
  // A password with a slash in it makes the target malformed: all up to the last `@` may be one.
  if (at < prefix && !/^[^:]*(?::\d*)?$/.test(path.slice(prefix, authority)))
    at = path.lastIndexOf("@");
  if (at < prefix) return path;
  return `${path.slice(0, prefix)}${marked(path.slice(prefix, at), markers)}${path.slice(at)}`;
}

/** Where an authority begins; -1: the path has none. */
function authorityPrefix(path: string): number {
  const scheme = beginsWithScheme.exec(path)?.[0];
  if (scheme !== undefined && scheme.endsWith("/")) return scheme.length;
  if (path.startsWith("//")) return 2;
  if (!path.startsWith("/")) return 0;
  // The form of an authority behind the slash that a target without one was given.
  const first = path.split("/", 2)[1] ?? "";
  return /^[^:@]*:[^@]*@/.test(first) ? 1 : -1;
}

function withoutPairs(path: string, markers: SecretMarkers): string {
  return path.replaceAll(pairWithin, (whole, before: string, name: string, value: string) => {
    const bytes = Buffer.from(name, "latin1");
    const plain = percentDecoded(bytes, 0, bytes.length);
    const bits = builtInNames.match(plain, 0, plain.length);
    if ((bits & (isSecretName | isSecretParameter)) === 0) return whole;
    return `${before}${name}=${marked(value, markers)}`;
  });
}

function marked(secret: string, markers: SecretMarkers): string {
  const bytes = Buffer.from(secret, "latin1");
  return bytes.length === 0 ? "" : markers.marker(bytes, 0, bytes.length, 0, true);
}
