/** Compares stretches of bytes with names and literals of HTTP without making strings of them. */
import type { HeadError } from "./head-error.ts";
import { fieldTraits, findField, trait } from "./field-names.ts";
import { foldCase } from "./character-classes.ts";

const connectLiteral = Uint8Array.from("connect", (c) => c.charCodeAt(0));
const traceLiteral = Uint8Array.from("trace", (c) => c.charCodeAt(0));
const optionsLiteral = Uint8Array.from("OPTIONS", (c) => c.charCodeAt(0));

/**
 * Index behind the last byte of `bytes[start, end)` that is no white space (RFC 9112 §5.1: OWS is
 * no part of a value).
 */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && (bytes[at - 1] === 0x20 || bytes[at - 1] === 0x09)) at -= 1;
  return at;
}

export function hasTab(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] === 0x09) return true;
  return false;
}

/**
 * CONNECT (RFC 9110 §9.3.6) asks for a tunnel, which a gateway does not give; TRACE (§9.3.8) would
 * echo credentials. Refused in any case of letters.
 */
export function isRefusedMethod(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 7) return equalsLiteral(bytes, start, end, connectLiteral);
  return length === 5 && equalsLiteral(bytes, start, end, traceLiteral);
}

export function isOptions(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== optionsLiteral.length) return false;
  for (let i = 0; i < optionsLiteral.length; i += 1)
    if (bytes[start + i] !== optionsLiteral[i]) return false;
  return true;
}

/**
 * `Content_Length` and its like: many recipients read `_` as `-`, so such a name may frame or
 * identify behind us.
 */
export function refuseUnderscoreTwin(
  bytes: Uint8Array,
  start: number,
  end: number,
): HeadError | "" {
  let hasUnderscore = false;
  for (let at = start; at < end; at += 1) if (bytes[at] === 0x5f) hasUnderscore = true;
  if (!hasUnderscore) return "";
  const twin = Uint8Array.from(bytes.subarray(start, end), (c) =>
    c === 0x5f ? 0x2d : (foldCase[c] ?? 0),
  );
  const id = findField(twin, 0, twin.length);
  return ((fieldTraits[id] ?? 0) & (trait.protected | trait.hopByHop)) === 0
    ? ""
    : "ESP_ERR_HEAD_SYNTAX";
}

/** Without regard to ASCII case; `lowerCase` is a lower-case literal. */
export function equalsLiteral(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerCase: Uint8Array,
): boolean {
  if (end - start !== lowerCase.length) return false;
  for (let i = 0; i < lowerCase.length; i += 1)
    if (foldCase[bytes[start + i] ?? 0] !== lowerCase[i]) return false;
  return true;
}

/** Two stretches of the same bytes, without regard to ASCII case. */
export function equalsFolded(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = 0; i < end - start; i += 1)
    if (foldCase[bytes[start + i] ?? 0] !== foldCase[bytes[otherStart + i] ?? 0]) return false;
  return true;
}
