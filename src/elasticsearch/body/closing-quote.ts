/** Finds the closing quote of a JSON string that may be cut anywhere. */
import { Buffer } from "node:buffer";

const none = Buffer.alloc(0);

/** Within so many bytes most strings end (a UUID has 36); a loop costs no more than `indexOf`. */
export const nearBytes = 40;

/** Finds the end of a JSON string (RFC 8259 §7) that may go on over several pieces. */
export class ClosingQuote {
  /** The byte that comes next is escaped by one in the piece before. */
  #isEscaped = false;

  /** The bytes searched last, and their part up to an end. */
  #searched: Buffer | undefined = undefined;
  #part: Buffer = none;

  /** A new JSON text begins. */
  reset(): void {
    this.#isEscaped = false;
  }

  /** The bytes searched last will not come again. */
  forget(): void {
    if (this.#searched === undefined) return;
    this.#searched = undefined;
    this.#part = none;
  }

  /**
   * Searches `bytes[from, end)`. Each call of `indexOf` is paid for by a few bytes that a loop
   * read before it, so that strings made of escaped quotes cost no more a byte than others.
   *
   * @param from index in the string, not behind an unescaped quote
   * @returns index of the closing quote; -1: not in this piece, go on at the next one's beginning
   */
  find(bytes: Buffer, from: number, end: number): number {
    let at = from;
    if (this.#isEscaped && at < end) {
      this.#isEscaped = false;
      at += 1;
    }
    for (;;) {
      const near = at + nearBytes < end ? at + nearBytes : end;
      while (at < near) {
        const byte = bytes[at];
        if (byte === 0x22) return at;
        at += byte === 0x5c ? 2 : 1;
      }
      if (at >= end) {
        this.#isEscaped = at > end;
        return -1;
      }
      const quote = this.#upTo(bytes, end).indexOf(0x22, at);
      const stop = quote < 0 ? end : quote;
      const isEscaped = endsEscaping(bytes, at, stop);
      if (quote < 0) {
        this.#isEscaped = isEscaped;
        return -1;
      }
      if (!isEscaped) return quote;
      at = quote + 1;
    }
  }

  /** `indexOf` knows no end: on the whole buffer it could search far behind it, each time. */
  #upTo(bytes: Buffer, end: number): Buffer {
    if (end === bytes.length) return bytes;
    if (this.#searched !== bytes || this.#part.length !== end) {
      this.#searched = bytes;
      this.#part = bytes.subarray(0, end);
    }
    return this.#part;
  }
}

/** `bytes[from, end)` ends in an odd number of backslashes; the byte at `from` is not escaped. */
function endsEscaping(bytes: Buffer, from: number, end: number): boolean {
  let at = end;
  while (at > from && bytes[at - 1] === 0x5c) at -= 1;
  return ((end - at) & 1) === 1;
}
