/** Strings in the notation of programs, `('X-Api-Key', '…')`, and the keys that stand in them. */
import type { Buffer } from "node:buffer";

import { byteSet, nameStart } from "./text-bytes.ts";

export const quotes = byteSet("\"'`");

/** Before a literal of Python or C++. */
const prefixes = byteSet("bBuUrRL");
const opening = byteSet("([{");
const blanks = byteSet(" \t\r\n");
const backslash = 0x5c;

/**
 * The word in quotes that ends before the comma at `comma` and begins behind an opening bracket;
 * `undefined`: none does.
 */
export function firstInBrackets(bytes: Buffer, lowest: number, comma: number): Buffer | undefined {
  const last = behindBackslashes(bytes, lowest, comma - 1);
  const word = nameStart(bytes, lowest, last);
  if (word === lowest || bytes[word - 1] !== bytes[comma - 1]) return undefined;
  let first = behindBackslashes(bytes, lowest, word - 1);
  if (first > lowest && prefixes[bytes[first - 1] ?? 0] === 1) first -= 1;
  const isFirst = first > lowest && opening[bytes[first - 1] ?? 0] === 1;
  return isFirst ? bytes.subarray(word, last) : undefined;
}

/** Where a quote, or the backslashes before it, stands at `at` or behind blanks; 0: nowhere. */
export function literalBehind(bytes: Buffer, at: number, end: number): number {
  let from = at;
  while (from < end && blanks[bytes[from] ?? 0] === 1) from += 1;
  if (from < end && prefixes[bytes[from] ?? 0] === 1) from += 1;
  let quote = from;
  while (quote < end && bytes[quote] === backslash) quote += 1;
  return quote < end && quotes[bytes[quote] ?? 0] === 1 ? from : 0;
}

/** Index of the first of the backslashes that stand before `at`; `at`: none do. */
function behindBackslashes(bytes: Buffer, lowest: number, at: number): number {
  let first = at;
  while (first > lowest && bytes[first - 1] === backslash) first -= 1;
  return first;
}

/** Index of the dashes behind a key in PEM, which may have fields with single dashes before it. */
export function pemEnd(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    if (quotes[bytes[at] ?? 0] === 1) return at;
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) return at;
  }
  return end;
}
