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
const hash = 0x23;
/** By the letters of the name as one number, see {@link addedLetter}. */
const named: ReadonlyMap<number, number> = new Map(
  Object.entries({
    amp: 0x26,
    apos: 0x27,
    colon: 0x3a,
    commat: 0x40,
    equals: 0x3d,
    gt: 0x3e,
    lt: 0x3c,
    quot: 0x22,
    sol: 0x2f,
  }).map(([name, character]) => [Buffer.from(name).reduce(addedLetter, 0), character]),
);
const maxNameLength = 6;

/**
 * A copy of `bytes[start, end)` with printable ASCII in place of its encodings; other characters
 * stay encoded. `undefined`: there are none. Linear in the length.
 */
export function decodedText(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  if (!isEncodedText(bytes, start, end)) return undefined;
  const text = Buffer.from(bytes.subarray(start, end));
  return text.subarray(0, decodeText(text, text.length));
}

/** Whether an encoding of printable ASCII stands in `bytes[start, end)`. */
export function isEncodedText(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start >= manyBytes) {
    const part = bytes.subarray(start, end);
    if (!part.includes(percent) && !part.includes(ampersand) && !part.includes(backslash))
      return false;
  }
  for (let at = start; at < end;) {
    const byte = bytes[at];
    if (byte !== percent && byte !== ampersand && byte !== backslash) {
      at += 1;
      continue;
    }
    if (readEncoding(bytes, at, end) !== 0) return true;
    at = behind;
  }
  return false;
}

/**
 * Puts printable ASCII in place of the encodings of `text[0, length)`, which holds some.
 *
 * @returns the new length
 */
export function decodeText(text: Uint8Array, length: number): number {
  let left = decodeOnce(text, length);
  for (let round = 1; round < maxRounds && isEncodedText(text, 0, left); round += 1)
    left = decodeOnce(text, left);
  return left;
}

/** Undoes one layer of encodings in place. @returns the new length */
function decodeOnce(text: Uint8Array, length: number): number {
  let to = 0;
  for (let at = 0; at < length;) {
    const byte = text[at] ?? 0;
    if (byte !== percent && byte !== ampersand && byte !== backslash) {
      text[to++] = byte;
      at += 1;
      continue;
    }
    const decoded = readEncoding(text, at, length);
    if (decoded === 0) while (at < behind) text[to++] = text[at++] ?? 0;
    else text[to++] = decoded;
    at = behind;
  }
  return to;
}

/** Index behind what {@link readEncoding} has read. */
let behind = 0;

/**
 * Reads what begins at `at` with a percent sign, a backslash or an ampersand.
 *
 * @returns the character that it stands for; 0: none that is printable ASCII
 */
function readEncoding(text: Uint8Array, at: number, length: number): number {
  const byte = text[at];
  let decoded = 0;
  // Behind the encoding.
  let next = at + 1;
  // Behind what is left as it is where it is none.
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
  } else {
    next = referenceEnd(text, at + 1, length);
    decoded = next === 0 ? 0 : referenced(text, at + 1, next - 1);
  }
  const isPrintable = decoded >= 0x20 && decoded <= 0x7e;
  behind = isPrintable ? next : plain;
  return isPrintable ? decoded : 0;
}

/** Where the two digits of `u00XX` or `xXX` stand; 0: nowhere. */
function escapeDigits(text: Uint8Array, letter: number, length: number): number {
  if (letter >= length) return 0;
  if (text[letter] === 0x78) return letter + 1;
  const isShort = text[letter + 1] === 0x30 && text[letter + 2] === 0x30;
  return text[letter] === 0x75 && isShort ? letter + 3 : 0;
}

/** The byte that two hexadecimal digits stand for; 0: they are none. */
function hexPair(text: Uint8Array, at: number, length: number): number {
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
function referenceEnd(text: Uint8Array, from: number, length: number): number {
  const last = Math.min(length, from + maxNameLength + 2);
  for (let at = from; at < last; at += 1) if (text[at] === semicolon) return at + 1;
  return 0;
}

/** A name of at most six letters is less than 2^48. */
function addedLetter(name: number, letter: number): number {
  return name * 256 + letter;
}

/** The character of `amp`, `#38` or `#x26`; 0: none that is known. */
function referenced(text: Uint8Array, from: number, to: number): number {
  if (text[from] !== hash) {
    let name = 0;
    for (let at = from; at < to; at += 1) name = addedLetter(name, text[at] ?? 0);
    return named.get(name) ?? 0;
  }
  const isHex = ((text[from + 1] ?? 0) | 0x20) === 0x78;
  const first = isHex ? from + 2 : from + 1;
  if (first === to || to - first > maxDigits) return 0;
  let value = 0;
  for (let at = first; at < to; at += 1) {
    const digit = hexValue(text[at] ?? 0);
    if (digit < 0 || (!isHex && digit > 9)) return 0;
    value = value * (isHex ? 16 : 10) + digit;
  }
  return value;
}
