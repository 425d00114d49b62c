/** Secrets in query strings and forms: `name=value` pairs between `&` and `;`. */
import { Buffer } from "node:buffer";
import { builtInNames } from "./body-rules.ts";
import { isRemovedName, isSecretName, isSecretParameter } from "./name-bits.ts";
import type { NameMatcher } from "./name-matcher.ts";
import { decodedText } from "./decoded-text.ts";
import { HiddenText } from "./hidden-text.ts";
import { decodeInto, isEncoded, percentDecoded, percentEncoded } from "./percent-coding.ts";
import { shortMarker, type SecretMarkers } from "./secret-markers.ts";
import { ByteText } from "./byte-text.ts";
import { SecretSpans } from "./secret-spans.ts";
import { byteSet, firstOf, isHarmless, lastAtSign } from "./text-bytes.ts";
import { TextScanner } from "./text-scanner.ts";

const secretBits = isSecretName | isSecretParameter;
const equals = 0x3d;
/** Elasticsearch separates parameters at both (`RestUtils.decodeQueryString`). */
const separators = byteSet("&;#");
/** Only from these on may text hold a secret, or hide one; see `TextScanner` and `HiddenText`. */
const beginsSecret = byteSet("=: ,<%+&\\");
/**
 * Further secrets in one query or form get the shortest marker, with all of the value that they
 * stand in, so that it does not grow without bound.
 */
const maxLongMarkers = 64;
const source = Buffer.from("source");

/** For names and values that are decoded; longer ones, in bytes, get memory of their own. */
const scratch = Buffer.allocUnsafeSlow(4096);
const text = new ByteText();
const spans = new SecretSpans();
const scanner = new TextScanner(builtInNames, undefined, spans);
const hiddenText = new HiddenText({ names: builtInNames, extra: undefined, patterns: [] });

/** What is asked while a query is redacted. */
export interface QueryRules {
  /** Configured names; `undefined`: none. */
  readonly extra: NameMatcher | undefined;
  readonly markers: SecretMarkers;
  /**
   * Redacts the value of the parameter `source`, which stands for the body, and gives latin1, one
   * char per byte, or `undefined` where it may stay as it is. Absent: `source` is one of many.
   */
  readonly redactSource: ((body: Buffer) => string | undefined) | undefined;
}

/** What a part of a query is replaced by; indexes of its bytes. */
export interface RedactedPart {
  readonly from: number;
  readonly to: number;
  /** latin1, one char per byte. */
  readonly text: string;
}

/**
 * A query string, one char per byte and without `?`, with its secrets replaced; the same string
 * when there are none.
 */
export function redactQuery(query: string, rules: QueryRules): string {
  const bytes = Buffer.from(query, "latin1");
  text.clear();
  let kept = 0;
  for (let from = 0; from < bytes.length;) {
    const end = firstOf(separators, bytes, from, bytes.length);
    const part = redactPart(bytes, from, end, rules);
    if (part !== undefined) {
      text.addBytes(bytes, kept, part.from);
      text.add(part.text);
      kept = part.to;
    }
    from = end + 1;
  }
  if (kept === 0) return query;
  text.addBytes(bytes, kept, bytes.length);
  return text.toString();
}

/**
 * What is replaced in the part `bytes[begin, end)` between separators; `undefined`: nothing. A `=`
 * before a name counts for nothing, as in Elasticsearch.
 */
export function redactPart(
  bytes: Buffer,
  begin: number,
  end: number,
  rules: QueryRules,
): RedactedPart | undefined {
  let start = begin;
  while (start < end && bytes[start] === equals) start += 1;
  if (start === end) return undefined;
  let equal = start;
  while (equal < end && bytes[equal] !== equals) equal += 1;
  if (equal === end) return redactBare(bytes, start, end, rules);
  const text = redactedValue(bytes, start, equal, end, rules);
  return text === undefined ? undefined : { from: equal + 1, to: end, text };
}

/**
 * A part without `=`. Up to its last `@` it may be the rest of userinfo, of a malformed target such
 * as `http://user:a?b@host`; its `=` may be encoded.
 */
function redactBare(
  bytes: Buffer,
  from: number,
  end: number,
  rules: QueryRules,
): RedactedPart | undefined {
  const to = lastAtSign(bytes, from, end);
  if (to > from) {
    const marker = rules.markers.marker(bytes, from, to, end, true);
    return { from, to, text: shortened(marker, rules.markers) };
  }
  const text = redactAnyText(bytes, from, end, rules.markers);
  return text === undefined ? undefined : { from, to: end, text };
}

/** What the value of the pair `bytes[start, end)` is replaced by; `undefined`: nothing. */
function redactedValue(
  bytes: Buffer,
  start: number,
  equal: number,
  end: number,
  rules: QueryRules,
): string | undefined {
  const from = equal + 1;
  if (from >= end) return undefined;
  let bits: number;
  let isSource: boolean;
  if (isEncoded(bytes, start, equal)) {
    const once = roomFor(equal - start);
    const length = decodeInto(once, bytes, start, equal);
    const name = decodedText(once, 0, length);
    bits = matchName(name ?? once, 0, name?.length ?? length, rules.extra);
    isSource = isSourceName(name ?? once, 0, name?.length ?? length);
  } else {
    bits = matchName(bytes, start, equal, rules.extra);
    isSource = isSourceName(bytes, start, equal);
  }
  if ((bits & secretBits) !== 0)
    return secretValue(bytes, from, end, rules.markers, (bits & isRemovedName) === 0);
  const { redactSource } = rules;
  if (!isSource || redactSource === undefined)
    return redactAnyText(bytes, from, end, rules.markers);
  const body = redactSource(percentDecoded(bytes, from, end));
  return body === undefined ? undefined : percentEncoded(body);
}

function isSourceName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== source.length) return false;
  for (let at = 0; at < source.length; at += 1) if (bytes[start + at] !== source[at]) return false;
  return true;
}

function redactAnyText(
  bytes: Buffer,
  from: number,
  end: number,
  markers: SecretMarkers,
): string | undefined {
  if (!isEncoded(bytes, from, end)) return redactText(bytes, from, end, markers, asItIs);
  const value = roomFor(end - from);
  return redactText(value, 0, decodeInto(value, bytes, from, end), markers, percentEncoded);
}

function roomFor(length: number): Buffer {
  return length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
}

function asItIs(text: string): string {
  return text;
}

function matchName(
  bytes: Uint8Array,
  start: number,
  end: number,
  extra: NameMatcher | undefined,
): number {
  const bits = builtInNames.match(bytes, start, end);
  return extra === undefined ? bits : bits | extra.match(bytes, start, end);
}

function secretValue(
  bytes: Buffer,
  start: number,
  end: number,
  markers: SecretMarkers,
  keepsToken: boolean,
): string | undefined {
  if (isHarmless(bytes, start, end)) return undefined;
  if (!isEncoded(bytes, start, end))
    return shortened(markers.marker(bytes, start, end, end, keepsToken), markers);
  const secret = percentDecoded(bytes, start, end);
  return shortened(markers.marker(secret, 0, secret.length, end, keepsToken), markers);
}

/** Secrets within the value `bytes[start, end)`: another URL, another query. */
function redactText(
  bytes: Buffer,
  start: number,
  end: number,
  markers: SecretMarkers,
  encode: (text: string) => string,
): string | undefined {
  if (firstOf(beginsSecret, bytes, start, end) === end) return undefined;
  scanner.reset();
  spans.clear();
  scanner.scan(bytes, start, end);
  if (hiddenText.hidesMore(bytes, start, end, spans))
    return shortened(markers.marker(bytes, start, end, end, true), markers);
  if (spans.count === 0) return undefined;
  // To put a text together again costs more than to look through it.
  if (markers.count > maxLongMarkers)
    return shortened(markers.marker(bytes, start, end, end, false), markers);
  let redacted = "";
  let kept = start;
  for (let at = 0; at < spans.count; at += 1) {
    const from = spans.from[at] ?? 0;
    const to = spans.to[at] ?? 0;
    redacted += encode(bytes.toString("latin1", kept, from));
    redacted += shortened(markers.marker(bytes, from, to, to, true), markers);
    kept = to;
  }
  return redacted + encode(bytes.toString("latin1", kept, end));
}

function shortened(marker: string, markers: SecretMarkers): string {
  return markers.count > maxLongMarkers ? shortMarker : marker;
}
