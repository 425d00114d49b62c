import { isIPv6 } from "node:net";
import { fieldTraits, findFieldByName, trait } from "./field-names.ts";
import { equalsLiteral } from "./byte-compare.ts";
import type { HeadError } from "./head-error.ts";
import { foldCase, byte, byteClass } from "./character-classes.ts";

/** How the end of a body is found (RFC 9112 §6.3). */
export const bodyKind = { none: 0, length: 1, chunked: 2, untilClose: 3 } as const;

/** What the framing fields decide; the parser is the only implementation. */
export interface Framing {
  body: number;
  contentLength: number;
  hasOddLength: boolean;
  hasUpgradeOption: boolean;
  connectionOptions: number;
  nominated: ReadonlySet<string>;
}

/** Digits beyond this are leading zeros without end or a number beyond any body (2^53 has 16). */
const maxLengthDigits = 32;
const chunkedLiteral = Uint8Array.from("chunked", (c) => c.charCodeAt(0));
const keepAliveLiteral = Uint8Array.from("keep-alive", (c) => c.charCodeAt(0));

/**
 * `Content-Length` (RFC 9110 §8.6): 1*DIGIT and nothing else; a list, even of equal members, is
 * refused.
 */
export function readContentLength(
  framing: Framing,
  bytes: Uint8Array,
  start: number,
  end: number,
): HeadError | "" {
  if (start === end || end - start > maxLengthDigits) return "ESP_ERR_HEAD_FRAMING";
  let length = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return "ESP_ERR_HEAD_FRAMING";
    length = length * 10 + digit;
  }
  if (length > Number.MAX_SAFE_INTEGER) return "ESP_ERR_BODY_TOO_LARGE";
  framing.contentLength = length;
  framing.hasOddLength = end - start > 1 && bytes[start] === 0x30;
  if (framing.body === bodyKind.none && length > 0) framing.body = bodyKind.length;
  return "";
}

/**
 * `Transfer-Encoding` (RFC 9112 §6.1): exactly one `chunked`. Other codings and lists are not
 * implemented, and say so.
 */
export function readTransferEncoding(
  framing: Framing,
  bytes: Uint8Array,
  start: number,
  end: number,
): HeadError | "" {
  if (equalsLiteral(bytes, start, end, chunkedLiteral)) {
    framing.body = bodyKind.chunked;
    return "";
  }
  for (let at = start; at < end; at += 1) {
    const c = bytes[at] ?? 0;
    if (((byteClass[c] ?? 0) & byte.token) === 0 && c !== 0x2c && c !== 0x20)
      return "ESP_ERR_HEAD_FRAMING";
  }
  return start === end ? "ESP_ERR_HEAD_FRAMING" : "ESP_ERR_HEAD_CODING";
}

/**
 * `Connection` (RFC 9110 §7.6.1): notes the options; refuses nominations that would hide framing,
 * identity or credentials.
 */
export function readConnectionOptions(
  framing: Framing,
  bytes: Uint8Array,
  start: number,
  end: number,
): HeadError | "" {
  // What nearly every client sends, without making strings of it.
  if (equalsLiteral(bytes, start, end, keepAliveLiteral)) {
    framing.connectionOptions |= 1;
    return "";
  }
  let names: Set<string> | undefined = undefined;
  let at = start;
  while (at < end) {
    const c = bytes[at] ?? 0;
    if (c === 0x2c || c === 0x20 || c === 0x09) {
      at += 1;
      continue;
    }
    const tokenStart = at;
    while (at < end && ((byteClass[bytes[at] ?? 0] ?? 0) & byte.token) !== 0) at += 1;
    if (at === tokenStart) return "ESP_ERR_HEAD_SYNTAX";
    let name = "";
    for (let i = tokenStart; i < at; i += 1)
      name += String.fromCharCode(foldCase[bytes[i] ?? 0] ?? 0);
    while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at += 1;
    if (at < end && bytes[at] !== 0x2c) return "ESP_ERR_HEAD_SYNTAX";
    if (name === "keep-alive") framing.connectionOptions |= 1;
    else if (name === "close") framing.connectionOptions |= 2;
    else if (name === "upgrade") framing.hasUpgradeOption = true;
    else {
      const traits = fieldTraits[findFieldByName(name)] ?? 0;
      if ((traits & trait.protected) !== 0) return "ESP_ERR_HEAD_FRAMING";
      if ((traits & trait.hopByHop) === 0) (names ??= new Set(framing.nominated)).add(name);
    }
  }
  if (names !== undefined) framing.nominated = names;
  return "";
}

/**
 * `Host` (RFC 9112 §3.2, RFC 3986 §3.2.2): a name of unreserved bytes, an IPv4 or a bracketed IPv6
 * address, and a port up to 65535, whose digits may be missing (§3.2.3).
 */
export function readHost(bytes: Uint8Array, start: number, end: number): HeadError | "" {
  let at = start;
  if (bytes[start] === 0x5b) {
    const close = bytes.indexOf(0x5d, start);
    if (close === -1 || close >= end) return "ESP_ERR_HEAD_HOST";
    const ip = String.fromCharCode(...bytes.subarray(start + 1, Math.min(close, start + 47)));
    // A zone (`%eth0`) means something on its own host only (RFC 6874 §1).
    if (!isIPv6(ip) || ip.includes("%")) return "ESP_ERR_HEAD_HOST";
    at = close + 1;
  } else {
    while (at < end && ((byteClass[bytes[at] ?? 0] ?? 0) & byte.unreserved) !== 0) at += 1;
    if (at === start) return "ESP_ERR_HEAD_HOST";
  }
  if (at === end) return "";
  if (bytes[at] !== 0x3a || end - at > 6) return "ESP_ERR_HEAD_HOST";
  let port = 0;
  for (at += 1; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return "ESP_ERR_HEAD_HOST";
    port = port * 10 + digit;
  }
  return port > 65535 ? "ESP_ERR_HEAD_HOST" : "";
}
