import { isUtf8 } from "node:buffer";
import type { HeadError } from "./head-error.ts";
import { isOptions } from "./byte-compare.ts";
import { readHost } from "./framing-fields.ts";
import type { MessageHead } from "./message-head.ts";
import { foldCase, hexValue, byte, byteClass } from "./character-classes.ts";

/** Positions in the result of {@link splitAbsoluteForm}. */
export const targetForm = { authorityStart: 0, authorityEnd: 1 } as const;

/**
 * The escapes of a target whose bytes are already known to be legal: each `%` is followed by two
 * HEXDIG, no byte is NUL, and the path decodes to UTF-8 without CR or LF. Recipients disagree on
 * everything else (RFC 3986 §2.1, RFC 3629 §3).
 */
export function checkTarget(bytes: Uint8Array, start: number, end: number): HeadError | "" {
  let at = start;
  while (at < end && bytes[at] !== 0x25) at += 1;
  if (at === end) return "";
  let pathEnd = bytes.indexOf(0x3f, start);
  if (pathEnd === -1 || pathEnd > end) pathEnd = end;
  let hasHighEscape = false;
  for (; at < end; at += 1) {
    if (bytes[at] !== 0x25) continue;
    const high = bytes[at + 1] ?? 0;
    const low = bytes[at + 2] ?? 0;
    if (at + 2 >= end || ((byteClass[high] ?? 0) & (byteClass[low] ?? 0) & byte.hex) === 0)
      return "ESP_ERR_HEAD_TARGET";
    const decoded = (hexValue[high] ?? 0) * 16 + (hexValue[low] ?? 0);
    if (decoded === 0) return "ESP_ERR_HEAD_TARGET";
    if (at < pathEnd && (decoded === 0x0d || decoded === 0x0a)) return "ESP_ERR_HEAD_TARGET";
    if (at < pathEnd && decoded >= 0x80) hasHighEscape = true;
    at += 2;
  }
  return hasHighEscape && !isUtf8(decodePath(bytes, start, pathEnd)) ? "ESP_ERR_HEAD_TARGET" : "";
}

/**
 * The authority of `http://authority/path` (RFC 9112 §3.2.2), or `undefined` when it is not that:
 * another scheme, userinfo, no authority.
 */
export function splitAbsoluteForm(
  bytes: Uint8Array,
  start: number,
  end: number,
): readonly [number, number] | undefined {
  let at = start;
  for (const c of [0x68, 0x74, 0x74, 0x70]) if (foldCase[bytes[at++] ?? 0] !== c) return undefined;
  if (foldCase[bytes[at] ?? 0] === 0x73) at += 1;
  for (const c of [0x3a, 0x2f, 0x2f]) if (bytes[at++] !== c) return undefined;
  const authorityStart = at;
  while (at < end && bytes[at] !== 0x2f && bytes[at] !== 0x3f) at += 1;
  if (at > end || readHost(bytes, authorityStart, at) !== "") return undefined;
  return [authorityStart, at];
}

/**
 * What an absolute-form target lacks for the form that is passed on: a path, and where OPTIONS asks
 * about the server itself the asterisk (RFC 9112 §3.2.1, §3.2.4).
 */
export function targetLead(head: MessageHead): "" | "/" | "*" {
  const { bytes, base, targetStart, targetEnd } = head;
  if (head.authorityEnd === 0 || bytes[base + targetStart] === 0x2f) return "";
  const isEmpty = targetStart === targetEnd;
  return isEmpty && isOptions(bytes, base + head.lineStart, base + head.methodEnd) ? "*" : "/";
}

function decodePath(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const decoded = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; at += 1) {
    if (bytes[at] === 0x25) {
      decoded[length] =
        (hexValue[bytes[at + 1] ?? 0] ?? 0) * 16 + (hexValue[bytes[at + 2] ?? 0] ?? 0);
      at += 2;
    } else decoded[length] = bytes[at] ?? 0;
    length += 1;
  }
  return decoded.subarray(0, length);
}
