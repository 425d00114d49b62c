/** The leaf hashes of a journal's lines, with a look ahead. */
import type { Buffer } from "node:buffer";

import { hashBytes } from "../../../tlog/hashes.ts";
import type { ScannedLines } from "./segment-scan.ts";

/** Lines in their order; those that were dropped are gone. */
export class LineLeaves {
  readonly #scan: AsyncIterator<ScannedLines>;
  #ahead: Buffer[] = [];
  #first = 0;
  #isOver = false;
  /** Number of the first line that was not dropped, among all lines of the journal. */
  ordinal = 0;

  constructor(scan: AsyncIterable<ScannedLines>) {
    this.#scan = scan[Symbol.asyncIterator]();
  }

  /** Lines that have been read ahead. */
  get count(): number {
    return this.#ahead.length - this.#first;
  }

  /** Reads ahead until there are so many lines, or no more. @returns whether there are so many */
  async fill(count: number): Promise<boolean> {
    while (this.count < count && !this.#isOver) {
      const next = await this.#scan.next();
      if (next.done === true) {
        this.#isOver = true;
        break;
      }
      const { leaves } = next.value;
      if (this.#first > 0) {
        this.#ahead = this.#ahead.slice(this.#first);
        this.#first = 0;
      }
      for (let at = 0; at < leaves.length; at += hashBytes)
        this.#ahead.push(leaves.subarray(at, at + hashBytes));
    }
    return this.count >= count;
  }

  /** Leaf hash of a line that was read ahead. */
  at(place: number): Buffer | undefined {
    return this.#ahead[this.#first + place];
  }

  /** No line is asked for any more. */
  async close(): Promise<void> {
    await this.#scan.return?.();
  }

  drop(count: number): void {
    this.#first += count;
    this.ordinal += count;
  }
}
