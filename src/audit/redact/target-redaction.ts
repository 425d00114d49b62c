/** Secrets in request targets and hosts: userinfo, and parameters within paths. */
import { Buffer } from "node:buffer";
import { builtInNames } from "./body-rules.ts";
import { decodedText } from "./decoded-text.ts";
import { isSecretName, isSecretParameter } from "./name-bits.ts";
import { isEncoded, percentDecoded } from "./percent-coding.ts";
import type { SecretMarkers } from "./secret-markers.ts";
import { byteSet, firstOf } from "./text-bytes.ts";

/** `scheme://` or `scheme:/`, as a malformed target has it, at the beginning or behind a slash. */
const beginsWithScheme = /^\/?[a-z][a-z0-9+.-]*:\/*/i;
/** A URL within a path, encoded or not, up to the end of its userinfo (RFC 3986 §3.2.1). */
const userinfoWithin = /((?::|%3a)(?:\/|%2f){2})((?:(?!%2f|%3f|%23)[^/?#@])*)(@|%40)/gi;
/**
 * What stands before a colon and no port, where the `@` of userinfo is missing: a blank in a
 * password ends the target.
 */
const cutUserinfo =
  /((?::|%3a)(?:\/|%2f){2}|^\/\/)([^/?#@[\]:]*(?::|%3a)(?!\d{0,5}(?:[/?#]|$))[^/?#@]*)/gi;
const mayBeCut = /(?:\/|%2f){2}.*(?::|%3a)/i;
/** The same in a segment whose encodings are undone. */
const userinfoIn = /:\/\/[^/?#@]+@/;
/** What stands where a secret was removed. */
const anyMarker = /redacted-[0-9a-f]{32}/g;
const encodedSegment = /[^/]*%[^/]*/g;
/** What stands before the name of a pair that is part of a path, and what ends name and value. */
const beforeName = byteSet(";&/#?");
const endsName = byteSet(";&/=");
const endsValue = byteSet(";&/");
/** Characters of a longer name are not looked at. */
const maxName = 100;
const equals = 0x3d;
const atSign = 0x40;

/** A path or an absolute-form target without its query, one char per byte, redacted. */
export function redactPath(path: string, markers: SecretMarkers): string {
  let redacted = mayHoldUserinfo(path) ? withoutUserinfo(path, markers) : path;
  if (redacted === path && mayBeCut.test(path))
    redacted = path.replaceAll(
      cutUserinfo,
      (_, before: string, userinfo: string) => before + marked(userinfo, markers),
    );
  if (redacted.includes("=")) redacted = withoutPairs(redacted, markers);
  return redacted.includes("%") ? withoutHidden(redacted, markers) : redacted;
}

/** A value of the field `Host`, redacted. */
export function redactHost(host: string, markers: SecretMarkers): string {
  const userinfo = /^.*(?=@|%40)/is.exec(host)?.[0] ?? "";
  return `${marked(userinfo, markers)}${host.slice(userinfo.length)}`;
}

function mayHoldUserinfo(path: string): boolean {
  return path.includes("@") || path.includes("%40");
}

/** Segments that hold secrets when all of their encodings are undone are removed whole. */
function withoutHidden(path: string, markers: SecretMarkers): string {
  return path.replaceAll(encodedSegment, (segment) => {
    const bytes = Buffer.from(segment, "latin1");
    const decoded = decodedText(bytes, 0, bytes.length);
    // Neither a pair nor userinfo stands there.
    if (decoded === undefined || !(decoded.includes(equals) || decoded.includes(atSign)))
      return segment;
    const text = `/${decoded.toString("latin1").replaceAll(anyMarker, "")}`;
    const isFine = !userinfoIn.test(text) && withoutPairs(text, markers) === text;
    return isFine ? segment : marked(segment, markers);
  });
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

/** Removes the values of `;name=value` and `name=value` where the name is a secret's. */
function withoutPairs(path: string, markers: SecretMarkers): string {
  const bytes = Buffer.from(path, "latin1");
  const { length } = bytes;
  let redacted = "";
  let kept = 0;
  for (let at = 0; at < length;) {
    if (beforeName[bytes[at] ?? 0] === 0) {
      at += 1;
      continue;
    }
    const name = at + 1;
    const nameEnd = firstOf(endsName, bytes, name, Math.min(length, name + maxName));
    const isPair = nameEnd > name && nameEnd < length && bytes[nameEnd] === equals;
    const value = nameEnd + 1;
    const end = isPair ? firstOf(endsValue, bytes, value, length) : 0;
    if (end <= value) {
      at = name;
      continue;
    }
    at = end;
    if (!isSecretPair(bytes, name, nameEnd)) continue;
    redacted += path.slice(kept, value) + marked(path.slice(value, end), markers);
    kept = end;
  }
  return kept === 0 ? path : redacted + path.slice(kept);
}

function isSecretPair(bytes: Buffer, start: number, end: number): boolean {
  const bits = isEncoded(bytes, start, end)
    ? matchDecoded(percentDecoded(bytes, start, end))
    : builtInNames.match(bytes, start, end);
  return (bits & (isSecretName | isSecretParameter)) !== 0;
}

function matchDecoded(name: Buffer): number {
  return builtInNames.match(name, 0, name.length);
}

/** The marker of a text, one char per byte; of an empty one nothing. */
export function marked(secret: string, markers: SecretMarkers): string {
  const bytes = Buffer.from(secret, "latin1");
  return bytes.length === 0 ? "" : markers.marker(bytes, 0, bytes.length, 0, true);
}
