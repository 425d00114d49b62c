import type { Buffer } from "node:buffer";
import type { JsonScanner } from "./json-scanner.ts";

/** Very short lines are found by a loop, which costs less than a call of `indexOf`. */
const nearBytes = 16;

/** Takes the lines that an {@link NdjsonScanner} finds. */
export interface LineVisitor {
  /** A line begins. True: the JSON scanner reads it; false: it is passed over. */
  line(): boolean;
  /** The line has ended, without its `\n`; the JSON scanner has finished, if it read it. */
  lineEnd(): void;
  /** A line without a byte; instead of the two others. */
  emptyLine(): void;
}

/**
 * Reads newline-delimited JSON in pieces cut anywhere. Lines may be of any length.
 *
 * Lines end at `\n` and nowhere else, as in Elasticsearch (`streamSeparator`, `BulkRequestParser`,
 * `MultiSearchRequest`); what stands in them does not matter, and a `\r` before is white space.
 */
export class NdjsonScanner {
  /** Number of the line that began last; the first is 1. */
  lineNumber = 0;
  /** Offset in the body of that line's first byte. */
  lineStart = 0;
  /** Bytes of that line so far, without the `\n`. */
  lineBytes = 0;
  /** The last line ended without `\n`: Elasticsearch refuses the whole body. Set by `finish`. */
  isUnterminated = false;

  readonly #json: JsonScanner;
  readonly #lines: LineVisitor;
  /** Bytes written before the current piece, less the index where that began. */
  #base = 0;
  #written = 0;
  #isInLine = false;
  #isRead = false;

  constructor(json: JsonScanner, lines: LineVisitor) {
    this.#json = json;
    this.#lines = lines;
  }

  /** Reads `piece[start, end)`. */
  write(piece: Buffer, start = 0, end = piece.length): void {
    const bytes = end === piece.length ? piece : piece.subarray(0, end);
    this.#base = this.#written - start;
    this.#written += end - start;
    let at = start;
    while (at < end) {
      if (!this.#isInLine) {
        if (bytes[at] === 0x0a) {
          this.#empty(at);
          at += 1;
          continue;
        }
        this.#begin(at);
      }
      const newline = indexOfNewline(bytes, at);
      const stop = newline < 0 ? end : newline;
      this.lineBytes += stop - at;
      if (this.#isRead) this.#json.write(bytes, at, stop);
      if (newline < 0) return;
      this.#end();
      at = newline + 1;
    }
  }

  /** The body is over. */
  finish(): void {
    if (!this.#isInLine) return;
    this.isUnterminated = true;
    this.#end();
  }

  #begin(at: number): void {
    this.#isInLine = true;
    this.lineStart = this.#base + at;
    this.lineNumber += 1;
    this.lineBytes = 0;
    this.#isRead = this.#lines.line();
    if (this.#isRead) this.#json.reset();
  }

  #empty(at: number): void {
    this.lineNumber += 1;
    this.lineStart = this.#base + at;
    this.lineBytes = 0;
    this.#lines.emptyLine();
  }

  #end(): void {
    this.#isInLine = false;
    if (this.#isRead) this.#json.finish();
    this.#lines.lineEnd();
  }
}

function indexOfNewline(bytes: Buffer, from: number): number {
  const near = Math.min(from + nearBytes, bytes.length);
  for (let at = from; at < near; at += 1) if (bytes[at] === 0x0a) return at;
  return near < bytes.length ? bytes.indexOf(0x0a, near) : -1;
}
