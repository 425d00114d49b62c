/** Strings in the notation of programs, `('X-Api-Key', '…')`, and lines that stand in quotes. */
import type { Buffer } from "node:buffer";

import { byteSet, nameStart } from "./text-bytes.ts";

export const quotes = byteSet("\"'`");

/** Before a literal of Python or C++. */
const prefixes = byteSet("bBuUrRL");
const opening = byteSet("([{");
const blanks = byteSet(" \t\r\n");
const endsLine = byteSet("\r\n<");
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

/** The quote before a name, in which its whole line stands; 0: none. */
export function quoteBefore(bytes: Buffer, start: number, name: number): number {
  const byte = name > start ? (bytes[name - 1] ?? 0) : 0;
  return quotes[byte] === 1 ? byte : 0;
}

/** Where a value ends that goes on to the end of its line, or to the quote around that. */
export function lineEnd(bytes: Buffer, from: number, end: number, quote: number): number {
  let at = from;
  while (at < end && endsLine[bytes[at] ?? 0] === 0 && bytes[at] !== quote) at += 1;
  return at;
}

/**
 * Whether a quote behind a run of backslashes closes a string that was opened behind `escapes` of
 * them. Where JSON stands in a string n times, its quotes have `k = 2^n - 1` backslashes before
 * them, a backslash is written as `2k + 2`.
 */
export function closesString(run: number, escapes: number): boolean {
  return run % (2 * escapes + 2) === escapes;
}
