/**
 * Text as it reads when its encodings are undone: percent-encoding, escapes of JSON and character
 * references of HTML may hide names and separators.
 */
import { Buffer } from "node:buffer";

/** Encodings are undone so many times: a link within JSON within a line of a log has three. */
const maxRounds = 4;
/** A character reference with more digits is left as it is. */
const maxDigits = 5;

/** From this length on three calls into C++ cost less than a loop over the bytes. */
const manyBytes = 512;

const percent = 0x25;
const ampersand = 0x26;
const backslash = 0x5c;
const semicolon = 0x3b;
const named: Readonly<Record<string, number>> = {
  amp: 0x26,
  apos: 0x27,
  colon: 0x3a,
  commat: 0x40,
  equals: 0x3d,
  gt: 0x3e,
  lt: 0x3c,
  quot: 0x22,
  sol: 0x2f,
};
const maxNameLength = 6;

/** Whether a byte stands in `bytes[start, end)` with which an encoding begins. */
export function mayBeEncoded(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start >= manyBytes) {
    const part = bytes.subarray(start, end);
    return part.includes(percent) || part.includes(ampersand) || part.includes(backslash);
  }
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === percent || byte === ampersand || byte === backslash) return true;
  }
  return false;
}

/**
 * A copy of `bytes[start, end)` with printable ASCII in place of its encodings; other characters
 * stay encoded. `undefined`: there are none. Linear in the length.
 */
export function decodedText(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  if (!mayBeEncoded(bytes, start, end)) return undefined;
  const text = Buffer.from(bytes.subarray(start, end));
  let { length } = text;
  for (let round = 0; round < maxRounds; round += 1) {
    const shorter = decodeOnce(text, length);
    if (shorter === length) break;
    length = shorter;
  }
  return length === end - start ? undefined : text.subarray(0, length);
}

/** Undoes one layer of encodings in place. @returns the new length */
function decodeOnce(text: Buffer, length: number): number {
  let to = 0;
  let at = 0;
  while (at < length) {
    const byte = text[at] ?? 0;
    let decoded = 0;
    // Behind the encoding.
    let next = at + 1;
    // Behind what is copied where it is none.
    let plain = at + 1;
    if (byte === percent) {
      decoded = hexPair(text, at + 1, length);
      next = at + 3;
    } else if (byte === backslash) {
      // JSON within JSON doubles the backslashes before an escape.
      let letter = at + 1;
      while (letter < length && text[letter] === backslash) letter += 1;
      const digits = escapeDigits(text, letter, length);
      decoded = digits === 0 ? 0 : hexPair(text, digits, length);
      next = digits + 2;
      plain = letter;
    } else if (byte === ampersand) {
      next = referenceEnd(text, at + 1, length);
      decoded = next === 0 ? 0 : referenced(text, at + 1, next - 1);
    }
    if (decoded < 0x20 || decoded > 0x7e) {
      while (at < plain) text[to++] = text[at++] ?? 0;
    } else {
      text[to++] = decoded;
      at = next;
    }
  }
  return to;
}

/** Where the two digits of `u00XX` or `xXX` stand; 0: nowhere. */
function escapeDigits(text: Buffer, letter: number, length: number): number {
  if (letter >= length) return 0;
  if (text[letter] === 0x78) return letter + 1;
  const isShort = text[letter + 1] === 0x30 && text[letter + 2] === 0x30;
  return text[letter] === 0x75 && isShort ? letter + 3 : 0;
}

/** The byte that two hexadecimal digits stand for; 0: they are none. */
function hexPair(text: Buffer, at: number, length: number): number {
  if (at + 1 >= length) return 0;
  const high = hexValue(text[at] ?? 0);
  const low = hexValue(text[at + 1] ?? 0);
  return high < 0 || low < 0 ? 0 : high * 16 + low;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Index behind the semicolon of a reference whose `&` stands before `from`; 0: it is none. */
function referenceEnd(text: Buffer, from: number, length: number): number {
  const last = Math.min(length, from + maxNameLength + 2);
  for (let at = from; at < last; at += 1) if (text[at] === semicolon) return at + 1;
  return 0;
}

/** The character of `amp`, `#38` or `#x26`; 0: none that is known. */
function referenced(text: Buffer, from: number, to: number): number {
  const name = text.toString("latin1", from, to);
  if (!name.startsWith("#")) return named[name] ?? 0;
  const isHex = name[1] === "x" || name[1] === "X";
  const digits = name.slice(isHex ? 2 : 1);
  if (digits.length === 0 || digits.length > maxDigits) return 0;
  const value = Number.parseInt(digits, isHex ? 16 : 10);
  return Number.isNaN(value) ? 0 : value;
}
