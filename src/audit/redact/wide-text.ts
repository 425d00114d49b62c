/** Finds text in UTF-16 and UTF-32, which parsers of JSON and YAML understand unasked. */
import type { Buffer } from "node:buffer";

/**
 * So many letters of ASCII one behind the other are text: a name stands behind a member such as
 * `"index"`, or a word such as `FROM`. In random bytes they stand once in 10^17.
 */
const leastLetters = 6;
/** Bytes that are looked at one by one before they are searched, which costs as much as 50. */
const near = 32;

/**
 * Index of the first NUL of text in which each letter has one (UTF-16) or three (UTF-32) of them,
 * whatever the order of bytes; `before`: there is none before it; -1: none at all.
 */
export function firstWide(bytes: Buffer, before: number): number {
  const end = before < 0 ? bytes.length : before;
  let first = -1;
  let letters = 0;
  let length = 0;
  /** Where the next NUL stands when the text goes on. */
  let next = -1;
  for (let at = bytes.indexOf(0); at >= 0 && at < end; at = nextNull(bytes, at + length)) {
    let nulls = 1;
    while (bytes[at + nulls] === 0) nulls += 1;
    if (at !== next || nulls !== length) {
      first = at;
      letters = 0;
      length = nulls;
    }
    letters += 1;
    if (letters === leastLetters && (length === 1 || length === 3)) return first;
    next = (bytes[at + length] ?? 0x80) < 0x80 ? at + length + 1 : -1;
  }
  return before;
}

function nextNull(bytes: Buffer, from: number): number {
  const far = Math.min(from + near, bytes.length);
  for (let at = from; at < far; at += 1) if (bytes[at] === 0) return at;
  return bytes.indexOf(0, far);
}
