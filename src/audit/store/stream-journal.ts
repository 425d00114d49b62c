import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";

import { errorCode } from "../../core/system-error.ts";
import type { Journal } from "./journal.ts";
import type { LineBatch } from "../format/line-batch.ts";

/**
 * How often a full pipe is tried again, one millisecond apart, before the lines count as not
 * stored.
 */
const fullPipeTries = 20;

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Standard output. A reader that is slow slows the proxy down to its speed for up to 20 ms a batch;
 * then the rest of the batch counts as not stored, and the line that was cut is completed first as
 * soon as the pipe takes bytes again. A reader that is gone is told once, through `onLost`.
 */
export class StreamJournal implements Journal {
  readonly segmentName = "-";
  readonly isFull = false;
  readonly #fd: number;
  readonly #onLost: (code: string) => void;
  #owed: Buffer | undefined = undefined;
  #isLost = false;
  #lastError = "";

  constructor(fd: number, onLost: (code: string) => void) {
    this.#fd = fd;
    this.#onLost = onLost;
  }

  get lastError(): string {
    return this.#lastError;
  }

  write(batch: LineBatch): number {
    if (this.#isLost) return 0;
    if (this.#owed !== undefined && !this.#payOwed(this.#owed)) return 0;
    const written = this.#push(batch.buffer, 0, batch.length);
    if (written === batch.length) return batch.count;
    let whole = 0;
    while (whole < batch.count && (batch.ends[whole] ?? 0) <= written) whole += 1;
    const kept = whole === 0 ? 0 : (batch.ends[whole - 1] ?? 0);
    if (written === kept) return whole;
    // A pipe cannot be cut back: the rest of this line goes out first, so the line counts as
    // stored.
    this.#owed = Buffer.from(batch.buffer.subarray(written, batch.ends[whole] ?? batch.length));
    return whole + 1;
  }

  writeLater(batch: LineBatch, done: (stored: number) => void): void {
    const stored = this.write(batch);
    setImmediate(done, stored);
  }

  writeThrough(batch: LineBatch): number {
    return this.write(batch);
  }

  sync(done: (error: string) => void): void {
    setImmediate(done, "");
  }

  takeLeftError(): string {
    return "";
  }

  rotate(): undefined {
    return undefined;
  }

  reopen(): undefined {
    return undefined;
  }

  foreignBytes(): number {
    return 0;
  }

  presence(): "there" {
    return "there";
  }

  setAside(): void {
    // A stream has no name.
  }

  giveUp(): void {
    // A stream that is gone is told by its errors.
  }

  close(): void {
    if (this.#owed !== undefined && !this.#isLost) this.#payOwed(this.#owed);
  }

  #payOwed(owed: Buffer): boolean {
    const written = this.#push(owed, 0, owed.length);
    this.#owed = written === owed.length ? undefined : owed.subarray(written);
    return this.#owed === undefined;
  }

  /** Gives the offset up to which bytes went out. */
  #push(buffer: Buffer, start: number, end: number): number {
    let at = start;
    let tries = 0;
    while (at < end) {
      try {
        at += writeSync(this.#fd, buffer, at, end - at);
        tries = 0;
      } catch (error) {
        this.#lastError = errorCode(error, "unknown");
        if (this.#lastError === "EAGAIN" && tries < fullPipeTries) {
          tries += 1;
          Atomics.wait(sleeper, 0, 0, 1);
          continue;
        }
        if (this.#lastError === "EPIPE" || this.#lastError === "EBADF") {
          this.#isLost = true;
          this.#onLost(this.#lastError);
        }
        return at;
      }
    }
    return at;
  }
}
