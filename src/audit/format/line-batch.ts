import { Buffer } from "node:buffer";
import type { PendingRecord } from "../record/pending-record.ts";

/** What a line is, for the case that it cannot be stored. */
export type LineKind = "request" | "terminal" | "gap" | "event";

/** Up to this length a loop over the characters is faster than a call into native code. */
const shortText = 16;
/** `\u00XX` for one byte. */
const longestEscape = 6;
/**
 * Two ASCII bytes, the first in the low half → what stands for them in a JSON string (RFC 8259 §7):
 * themselves, or a backslash with a letter each, from the low byte up. A pair with a byte that is
 * written as `\u00XX` has no length; DEL is one of them. Two bytes at a time and no branch take
 * 0.7 ns a byte, one at a time 1.3: in JSON nobody can guess where the next quote is, a processor
 * neither.
 */
const pairTexts = new Uint32Array(65_536);
const pairLengths = new Uint8Array(65_536);
for (let first = 0; first < 128; first += 1) {
  for (let second = 0; second < 128; second += 1) {
    const [text, rest] = [shortForm(first), shortForm(second)];
    if (text === "" || rest === "") continue;
    const index = first | (second << 8);
    const both = text + rest;
    pairLengths[index] = both.length;
    for (let at = 0; at < both.length; at += 1)
      pairTexts[index] = (pairTexts[index] ?? 0) | (both.charCodeAt(at) << (8 * at));
  }
}
/** Room that is there after `begin`, so that fixed pieces need no check of their own. */
const slack = 4096;

/**
 * Encoded lines, back to back in one buffer, with what is needed to account for each of them when
 * only a part could be written. An encoder writes a line between `begin` and `end` with the `put`
 * methods; everything put must be ASCII.
 */
export class LineBatch {
  buffer: Latin1Buffer;
  #view: DataView;
  /** Bytes in use by whole lines. */
  length = 0;
  /** Lines in use. */
  count = 0;
  /** End offset of each line in the buffer. */
  readonly ends: number[] = [];
  readonly sequences: number[] = [];
  readonly records: (PendingRecord | undefined)[] = [];
  readonly kinds: LineKind[] = [];
  /** Number of the line's waiter in the trail's list; −1: none. */
  readonly waiters: number[] = [];
  readonly #initialBytes: number;
  #at = 0;

  constructor(initialBytes: number) {
    this.#initialBytes = Math.max(initialBytes, 2 * slack);
    this.buffer = allocate(this.#initialBytes);
    this.#view = viewOf(this.buffer);
  }

  /** Starts a line. */
  begin(): void {
    this.#at = this.length;
    if (this.#at + slack > this.buffer.length) this.#grow(this.#at + slack);
  }

  /** Ends the line that `begin` started. */
  end(kind: LineKind, sequence: number, record: PendingRecord | undefined, waiter: number): void {
    const index = this.count;
    this.length = this.#at;
    this.ends[index] = this.#at;
    this.kinds[index] = kind;
    this.sequences[index] = sequence;
    this.records[index] = record;
    this.waiters[index] = waiter;
    this.count = index + 1;
  }

  /** Bytes of the line so far. */
  get lineBytes(): number {
    return this.#at - this.length;
  }

  /** Adds a piece that was rendered before. */
  putPiece(piece: Uint8Array): void {
    const end = this.#at + piece.length;
    if (end > this.buffer.length) this.#grow(end);
    this.buffer.set(piece, this.#at);
    this.#at = end;
  }

  putText(text: string): void {
    const { length } = text;
    const end = this.#at + length;
    if (end > this.buffer.length) this.#grow(end);
    if (length > shortText) {
      this.buffer.latin1Write(text, this.#at);
    } else {
      const { buffer } = this;
      const start = this.#at;
      for (let at = 0; at < length; at += 1) buffer[start + at] = text.charCodeAt(at);
    }
    this.#at = end;
  }

  /** Adds a JSON string literal of bytes that are all ASCII. */
  putJsonAscii(content: Uint8Array): void {
    const { length } = content;
    const room = this.#at + 2 + length * longestEscape;
    if (room > this.buffer.length) this.#grow(room);
    const view = this.#view;
    let to = this.#at;
    view.setUint8(to, 0x22);
    to += 1;
    const even = length & ~1;
    for (let at = 0; at < even; at += 2) {
      const pair = (content[at] ?? 0) | ((content[at + 1] ?? 0) << 8);
      const bytes = pairLengths[pair] ?? 0;
      if (bytes === 0) {
        to = this.#putJsonByte(content[at] ?? 0, to);
        to = this.#putJsonByte(content[at + 1] ?? 0, to);
        continue;
      }
      // Always four bytes: what is too much is overwritten by what follows.
      view.setUint32(to, pairTexts[pair] ?? 0, true);
      to += bytes;
    }
    if (even < length) to = this.#putJsonByte(content[even] ?? 0, to);
    view.setUint8(to, 0x22);
    this.#at = to + 1;
  }

  /** @returns the index behind what stands for the byte */
  #putJsonByte(byte: number, to: number): number {
    const short = shortForm(byte);
    if (short.length === 1) {
      this.#view.setUint8(to, byte);
      return to + 1;
    }
    const text = short || `\\u00${byte.toString(16).padStart(2, "0")}`;
    return to + this.buffer.write(text, to, "latin1");
  }

  putBase64(content: Buffer): void {
    const end = this.#at + Math.ceil(content.length / 3) * 4;
    if (end > this.buffer.length) this.#grow(end);
    this.buffer.latin1Write(content.toString("base64"), this.#at);
    this.#at = end;
  }

  /** @param value whole; what is negative or beyond 2^53 is written as 0 */
  putNumber(value: number): void {
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
      this.putDigits(0, 1);
      return;
    }
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.putNumber(high);
      this.putDigits(value - high * 1e9, 9);
      return;
    }
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits += 1;
    this.putDigits(value, digits);
  }

  /** @param value whole, not negative, below 10^9; the last `digits` digits are written */
  putDigits(value: number, digits: number): void {
    const end = this.#at + digits;
    if (end > this.buffer.length) this.#grow(end);
    const { buffer } = this;
    let rest = value | 0;
    for (let at = end - 1; at >= end - digits; at -= 1) {
      const next = (rest / 10) | 0;
      buffer[at] = 0x30 + rest - next * 10;
      rest = next;
    }
    this.#at = end;
  }

  /** Adds line `index` of another batch. */
  copy(from: LineBatch, index: number): void {
    const start = index === 0 ? 0 : (from.ends[index - 1] ?? 0);
    this.begin();
    this.putPiece(from.buffer.subarray(start, from.ends[index] ?? start));
    this.end(from.kinds[index] ?? "gap", from.sequences[index] ?? 0, from.records[index], -1);
  }

  /** Takes the last line back. */
  dropLast(): void {
    this.count -= 1;
    this.records[this.count] = undefined;
    this.length = this.count === 0 ? 0 : (this.ends[this.count - 1] ?? 0);
  }

  /** Length of line `index` in bytes. */
  lineLength(index: number): number {
    return (this.ends[index] ?? 0) - (index === 0 ? 0 : (this.ends[index - 1] ?? 0));
  }

  /** Forgets all lines; gives memory back that one large batch needed. */
  clear(): void {
    // A batch that lives long must not keep finished exchanges alive.
    for (let index = 0; index < this.count; index += 1) this.records[index] = undefined;
    this.length = 0;
    this.count = 0;
    if (this.buffer.length > 8 * this.#initialBytes) this.#use(allocate(this.#initialBytes));
  }

  #grow(needed: number): void {
    const larger = allocate(Math.max(needed + slack, this.buffer.length * 2));
    this.buffer.copy(larger, 0, 0, this.#at);
    this.#use(larger);
  }

  #use(buffer: Latin1Buffer): void {
    this.buffer = buffer;
    this.#view = viewOf(buffer);
  }
}

/** Node's own method behind `write(text, at, "latin1")`, without the look-up of the encoding. */
interface Latin1Buffer extends Buffer {
  latin1Write(text: string, at: number): number;
}

function allocate(bytes: number): Latin1Buffer {
  // Present on every Buffer since Node 0.x, missing in the type declarations.
  return Buffer.allocUnsafeSlow(bytes) as Latin1Buffer;
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** A byte in a JSON string where that takes at most two bytes; else "". */
function shortForm(byte: number): string {
  switch (byte) {
    case 0x08:
      return "\\b";
    case 0x09:
      return "\\t";
    case 0x0a:
      return "\\n";
    case 0x0c:
      return "\\f";
    case 0x0d:
      return "\\r";
    case 0x22:
      return '\\"';
    case 0x5c:
      return "\\\\";
    default:
      return byte < 0x20 || byte > 0x7e ? "" : String.fromCharCode(byte);
  }
}

/** From this length on a second copy of a piece costs more than memory of its own. */
const longPiece = 4096;

/** A piece to be put often. @param text ASCII */
export function pieceOf(text: string): Uint8Array {
  if (text.length >= longPiece) {
    const piece = allocate(text.length);
    piece.latin1Write(text, 0);
    return new Uint8Array(piece.buffer);
  }
  return new Uint8Array(Buffer.from(text, "latin1"));
}
