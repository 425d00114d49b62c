/** Block scalars of YAML (YAML 1.2.2 §8.1) in text that is not called YAML. */
import type { Buffer } from "node:buffer";

import type { SecretSpans } from "./secret-spans.ts";
import { byteSet, firstOf } from "./text-bytes.ts";

/** Longest line behind a name that begins a block scalar, with its comment, in bytes. */
const maxHeader = 80;
const header = /^[|>][+-]?\d?[+-]?\s*(?:#[^\n]*)?$/;
const lineFeed = byteSet("\n");
const blanks = byteSet(" \t\r\n");

/** Index behind the line on which the header of a block scalar stands alone; 0: none does. */
export function blockStart(bytes: Buffer, from: number, end: number): number {
  if (bytes[from] !== 0x7c && bytes[from] !== 0x3e) return 0;
  const stop = firstOf(lineFeed, bytes, from, end);
  if (stop === end || stop - from > maxHeader) return 0;
  return header.test(bytes.toString("latin1", from, stop)) ? stop + 1 : 0;
}

/** Reads the lines of one block scalar, in segments that may be cut anywhere. */
export class SecretBlock {
  #isLineStart = true;

  /** A header was read, with the end of its line. */
  begin(): void {
    this.#isLineStart = true;
  }

  /**
   * Adds the lines from `from` on to what was found.
   *
   * @returns index of the next line that is not indented; -1: the block may go on behind `end`
   */
  read(bytes: Buffer, from: number, end: number, spans: SecretSpans): number {
    for (let at = from; at < end;) {
      if (this.#isLineStart && blanks[bytes[at] ?? 0] === 0) return at;
      const stop = firstOf(lineFeed, bytes, at, end);
      let first = at;
      while (first < stop && blanks[bytes[first] ?? 0] === 1) first += 1;
      let last = stop;
      while (last > first && blanks[bytes[last - 1] ?? 0] === 1) last -= 1;
      if (last > first) spans.add(first, last, true);
      this.#isLineStart = stop < end;
      at = stop + 1;
    }
    return -1;
  }
}
