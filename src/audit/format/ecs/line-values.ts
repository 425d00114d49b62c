/** Where values of a compact JSON line end. */
import { Buffer } from "node:buffer";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
/** What the encoder writes behind a content: it comes last, and is the longest value of a line. */
const behindContent = Buffer.from('"}},"version":"1.1"}}', "latin1");

/** The closing quote of a string, or `end`. */
export function stringEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const byte = bytes[at];
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
  return end;
}

/** The same of the content that is the last value of the line `bytes[…, end)`. */
export function contentEnd(bytes: Buffer, from: number, end: number): number {
  const stop = end - behindContent.length;
  let same = 0;
  while (same < behindContent.length && bytes[stop + same] === behindContent[same]) same += 1;
  // A quote within a content has a backslash: what is behind it cannot stand within it.
  if (same === behindContent.length && stop >= from && isEndOfString(bytes, from, stop))
    return stop;
  return stringEnd(bytes, from, end);
}

/** The quote at `at` has no backslash before it, or an even number of them. */
function isEndOfString(bytes: Buffer, from: number, at: number): boolean {
  let before = at - 1;
  while (before >= from && bytes[before] === backslash) before -= 1;
  return (at - 1 - before) % 2 === 0;
}

/** Behind a number or a literal. */
export function wordEnd(bytes: Buffer, from: number, end: number): number {
  let at = from;
  for (let byte = bytes[at]; byte !== comma && byte !== closeBrace && at < end; byte = bytes[at])
    at += 1;
  return at;
}

/** Behind the bracket that closes the one at `from`; -1: none does. */
export function containerEnd(bytes: Buffer, from: number, end: number): number {
  let depth = 1;
  let at = from + 1;
  while (at < end) {
    const byte = bytes[at];
    if (byte === quote) at = stringEnd(bytes, at + 1, end);
    else if (byte === openBrace || byte === openBracket) depth += 1;
    else if (byte === closeBrace || byte === closeBracket) depth -= 1;
    at += 1;
    if (depth === 0) return at;
  }
  return -1;
}
