/** Recognises bodies that differ only in values which no fact rests on. */
import { Buffer } from "node:buffer";

import type { CountingValues } from "../../elasticsearch/body/counting-values.ts";
import { isNumberByte } from "../../elasticsearch/body/json-tokens.ts";
import type { LineBytes } from "./line-exchange.ts";

/** Longer ones are read each time: they are rarely of one form. Bytes in a line. */
const maxBytes = 8192;
/** What is compared with forms, one after the other; values may be longer than those learned. */
const maxCompared = 16_384;
const maxHoles = 500;
/** From here on a native comparison is faster than a loop. Bytes. */
const nativeBytes = 64;
/** Digits of a number that is read as it is, as the scanner does. */
const maxDigits = 15;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const letterU = 0x75;
const [zero, nine, minus] = [0x30, 0x39, 0x2d];

/** What stands in a hole. */
const text = 0;
const number = 1;
const took = 2;
type HoleKind = typeof text | typeof number | typeof took;

/**
 * A JSON body as it stands in a line, that is, escaped as the content of a string: bytes that must
 * be the same, and between them holes for strings and numbers of any value. Whoever matches it is
 * read by a scanner in the same steps as the body that it was made of.
 */
export class ContentForm {
  readonly #parts: readonly Buffer[];
  /** What stands behind each part but the last one. */
  readonly #holes: readonly HoleKind[];
  /** Bytes of the parts, decoded. */
  readonly #partBytes: number;
  /** Of the body that matched last: bytes, decoded. */
  bytes = 0;
  /** Of the body that matched last: the number in the hole for it. */
  took = 0;

  private constructor(parts: readonly Buffer[], holes: readonly HoleKind[], partBytes: number) {
    this.#parts = parts;
    this.#holes = holes;
    this.#partBytes = partBytes;
  }

  /**
   * The form of a body that was read to its end.
   *
   * @param counting the values that its facts rest on; they are not left open
   * @returns `undefined`: it is too long, or written in a way that only the scanner understands
   */
  static of({ bytes, start, end }: LineBytes, counting: CountingValues): ContentForm | undefined {
    if (end - start > maxBytes) return undefined;
    const parts: Buffer[] = [];
    const holes: HoleKind[] = [];
    const cursor = new EscapedCursor(bytes, start, end);
    let partAt = start;
    let partBytes = 0;
    let heldBytes = 0;
    const open = (from: number, to: number, fromByte: number, kind: HoleKind): void => {
      parts.push(Buffer.from(bytes.subarray(partAt, from)));
      holes.push(kind);
      partBytes += fromByte - heldBytes;
      partAt = to;
      heldBytes = cursor.decoded;
    };
    while (cursor.at < end) {
      const from = cursor.at;
      const byte = cursor.decoded;
      const first = cursor.next();
      // Comments and marks may stand anywhere: those bodies are rare.
      if (first === 0x2f || first >= 0x80) return undefined;
      if (first === quote) {
        const contentAt = cursor.at;
        const contentByte = cursor.decoded;
        if (!cursor.skipString()) return undefined;
        if (!cursor.isBefore(colon) && !counting.has(byte)) {
          const [quoteAt, quoteByte] = [cursor.at, cursor.decoded];
          // The closing quote is a part of what follows.
          cursor.at = cursor.quoteAt;
          cursor.decoded -= 1;
          open(contentAt, cursor.at, contentByte, text);
          cursor.at = quoteAt;
          cursor.decoded = quoteByte;
        }
      } else if (first === minus || (first >= zero && first <= nine)) {
        cursor.skipNumber();
        const isTook = byte === counting.tookAt;
        if (isTook && digits(bytes, from, cursor.at) < 0) return undefined;
        if (isTook || !counting.has(byte)) open(from, cursor.at, byte, isTook ? took : number);
      }
      if (holes.length > maxHoles) return undefined;
    }
    parts.push(Buffer.from(bytes.subarray(partAt, end)));
    return new ContentForm(parts, holes, partBytes + cursor.decoded - heldBytes);
  }

  /** Memory that it takes, about. Bytes. */
  get size(): number {
    let size = 200;
    for (const { length } of this.#parts) size += length + 100;
    return size;
  }

  /** Whether a body has this form; sets {@link bytes} and {@link took}. */
  matches({ bytes, start, end }: LineBytes): boolean {
    if (end - start > maxCompared) return false;
    const parts = this.#parts;
    let at = start;
    let decoded = this.#partBytes;
    for (let part = 0; ; part += 1) {
      const fixed = parts[part];
      if (fixed === undefined) return false;
      const behind = at + fixed.length;
      if (behind > end || !isAt(bytes, at, fixed)) return false;
      at = behind;
      if (part === parts.length - 1) break;
      const kind = this.#holes[part];
      if (kind === text) {
        let byte = bytes[at] ?? 0;
        while (at < end && !(byte === backslash && bytes[at + 1] === quote)) {
          if (byte !== backslash) {
            at += 1;
            decoded += 1;
          } else {
            // What stands behind a backslash of the body belongs to it, a quote, too.
            const units = bytes[at + 1] === backslash ? 2 : 1;
            for (let unit = 0; unit < units; unit += 1) {
              decoded += decodedBytes(bytes, at);
              at += escapedBytes(bytes, at);
            }
          }
          byte = bytes[at] ?? 0;
        }
        continue;
      }
      const from = at;
      const first = bytes[at] ?? 0;
      if (first !== minus && (first < zero || first > nine)) return false;
      while (at < end && isNumberByte[bytes[at] ?? 0] === 1) at += 1;
      decoded += at - from;
      if (kind !== took) continue;
      this.took = digits(bytes, from, at);
      if (this.took < 0) return false;
    }
    this.bytes = decoded;
    return at === end;
  }
}

/** Goes through the content of a string in a line, character by character of what it stands for. */
class EscapedCursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  at: number;
  /** Bytes of the body so far. */
  decoded = 0;
  /** Where the last string's closing quote begins. */
  quoteAt = 0;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.at = start;
    this.#end = end;
  }

  /** The next character; 0x80: one outside ASCII. */
  next(): number {
    const { at } = this;
    const character = characterAt(this.#bytes, at);
    this.decoded += decodedBytes(this.#bytes, at);
    this.at += escapedBytes(this.#bytes, at);
    return character;
  }

  /** Goes behind the closing quote. @returns false: there is none */
  skipString(): boolean {
    while (this.at < this.#end) {
      this.quoteAt = this.at;
      const character = this.next();
      if (character === quote) return true;
      if (character === backslash) this.next();
    }
    return false;
  }

  skipNumber(): void {
    while (this.at < this.#end && isNumberByte[this.#bytes[this.at] ?? 0] === 1) this.next();
  }

  /** Whether a character comes next, behind white space. */
  isBefore(wanted: number): boolean {
    let { at } = this;
    while (at < this.#end && characterAt(this.#bytes, at) <= 0x20)
      at += escapedBytes(this.#bytes, at);
    return at < this.#end && characterAt(this.#bytes, at) === wanted;
  }
}

/** Bytes in the line of the character at `at`. */
function escapedBytes(bytes: Buffer, at: number): number {
  if (bytes[at] !== backslash) return 1;
  return bytes[at + 1] === letterU ? 6 : 2;
}

/** Bytes of UTF-8 of the character at `at`; of half of a surrogate pair, half of them. */
function decodedBytes(bytes: Buffer, at: number): number {
  if (bytes[at] !== backslash || bytes[at + 1] !== letterU) return 1;
  const unit = unitAt(bytes, at);
  if (unit < 0x80) return 1;
  return unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3;
}

function characterAt(bytes: Buffer, at: number): number {
  const byte = bytes[at] ?? 0;
  if (byte !== backslash) return byte;
  const letter = bytes[at + 1] ?? 0;
  if (letter === quote || letter === backslash) return letter;
  if (letter !== letterU) return 0x20;
  return Math.min(unitAt(bytes, at), 0x80);
}

/** `\u00e9` */
function unitAt(bytes: Buffer, at: number): number {
  let unit = 0;
  for (let digit = at + 2; digit < at + 6; digit += 1) {
    const byte = bytes[digit] ?? 0;
    // The low bits of a letter count from 1.
    unit = unit * 16 + (byte & 0x0f) + (byte > nine ? 9 : 0);
  }
  return unit;
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  const { length } = wanted;
  if (length >= nativeBytes) return wanted.compare(bytes, at, at + length) === 0;
  for (let index = 0; index < length; index += 1)
    if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

/** A number of a few digits; -1: it is none. */
function digits(bytes: Buffer, start: number, end: number): number {
  if (end - start > maxDigits) return -1;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
