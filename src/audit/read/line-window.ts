/** The part of a segment that is in memory: a buffer that moves forward by whole lines. */
import { Buffer } from "node:buffer";

import type { ByteSource } from "./byte-source.ts";

const lineFeed = 0x0a;
/** What is read at once. Bytes. */
const windowBytes = 4_194_304;
/** Longer lines are passed over: no writer makes them. Bytes. */
const maxLineBytes = 67_108_864;

/** One buffer for a whole journal. */
export class LineWindow {
  /** Whole lines stand in it from 0 to `end`, and behind it the beginning of the next one. */
  bytes = Buffer.allocUnsafeSlow(windowBytes);
  /** Behind the last line feed. */
  end = 0;
  /** Where the buffer begins in the segment, before compression. Bytes. */
  offset = 0;
  /** Bytes of lines that were too long, since `begin`, and where the first of them begins. */
  skippedBytes = 0;
  skippedAt = 0;
  #filled = 0;
  #isSkipping = false;
  /** What is passed over is a line that is too long. */
  #isLongLine = false;
  #failure: Error | undefined = undefined;

  /**
   * Another segment follows, or another place in this one.
   *
   * @param isInLine reading begins somewhere in a line, which is passed over
   */
  begin(offset = 0, isInLine = false): void {
    this.end = 0;
    this.offset = offset;
    this.skippedBytes = 0;
    this.#filled = 0;
    this.#isSkipping = isInLine;
    this.#isLongLine = false;
    this.#failure = undefined;
  }

  /** Bytes behind the last line feed: of a line whose end has not been read. */
  get tailBytes(): number {
    return this.#filled - this.end;
  }

  /** Where they begin in the segment. */
  get tailAt(): number {
    return this.offset + this.end;
  }

  /** They are not the beginning of a line: no writer writes zeros, but a crash leaves them. */
  get isTailBroken(): boolean {
    return this.bytes.subarray(this.end, this.#filled).includes(0);
  }

  /**
   * Moves forward; the lines that were in the buffer are gone.
   *
   * @param most bytes to read at most
   * @returns bytes read; 0: there are no more
   * @throws {Error} of the source, at the next call when something has been read before it
   */
  async advance(source: ByteSource, most = Infinity): Promise<number> {
    this.#drop(this.end);
    this.end = 0;
    if (this.#failure !== undefined) throw this.#failure;
    let total = 0;
    while (total < most) {
      if (this.#filled === this.bytes.length) {
        if (this.#findEnd()) break;
        this.#makeRoom();
      }
      const room = Math.min(this.bytes.length - this.#filled, most - total);
      const count = await this.#read(source, room, total > 0);
      if (count === 0) break;
      total += count;
      this.#filled += count;
      if (this.#isSkipping) this.#skip();
    }
    this.#findEnd();
    return total;
  }

  async #read(source: ByteSource, room: number, hasRead: boolean): Promise<number> {
    try {
      return await source.read(this.bytes, this.#filled, room);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      if (hasRead) return 0;
      throw this.#failure;
    }
  }

  #findEnd(): boolean {
    if (this.#filled > 0) this.end = this.bytes.lastIndexOf(lineFeed, this.#filled - 1) + 1;
    return this.end > 0;
  }

  /** A line does not fit: a larger buffer, within bounds, or the line is given up. */
  #makeRoom(): void {
    if (this.bytes.length < maxLineBytes) {
      const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2);
      this.bytes.copy(larger, 0, 0, this.#filled);
      this.bytes = larger;
      return;
    }
    this.#isSkipping = true;
    this.#isLongLine = true;
    if (this.skippedBytes === 0) this.skippedAt = this.offset;
    this.#skip();
  }

  /** Drops what is there of a line that is too long, up to its line feed. */
  #skip(): void {
    const end = this.bytes.subarray(0, this.#filled).indexOf(lineFeed);
    const count = end < 0 ? this.#filled : end + 1;
    this.#isSkipping = end < 0;
    if (this.#isLongLine) this.skippedBytes += count;
    this.#drop(count);
  }

  /** Moves the beginning of the buffer forward. */
  #drop(count: number): void {
    this.bytes.copyWithin(0, count, this.#filled);
    this.#filled -= count;
    this.offset += count;
  }
}
