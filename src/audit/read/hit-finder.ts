/** Finds which of consecutive lines hold one of several byte sequences, in one pass for each. */
import type { Buffer } from "node:buffer";

import { findNeedle, type Needle } from "../../kql/needle.ts";

/** Looks ahead in a buffer as far as the next hit of each needle, and no line twice. */
export class HitFinder {
  readonly #needles: readonly Needle[] | undefined;
  /** The next place of each needle, as far as it has been searched for. */
  readonly #next: number[];

  /** @param needles `undefined`: every line is a hit; none: no line is */
  constructor(needles: readonly Needle[] | undefined) {
    this.#needles = needles;
    this.#next = (needles ?? []).map(() => -1);
  }

  /** The bytes of the buffer are others now. */
  reset(): void {
    this.#next.fill(-1);
  }

  /** Whether the line holds a needle. Lines must be asked about in their order. */
  isHit(bytes: Buffer, at: number, end: number): boolean {
    if (this.#needles === undefined) return true;
    for (let index = 0; index < this.#next.length; index += 1) {
      let next = this.#next[index] ?? -1;
      if (next < at) {
        const needle = this.#needles[index];
        const found = needle === undefined ? -1 : findNeedle(bytes, needle, at);
        next = found < 0 ? Infinity : found;
        this.#next[index] = next;
      }
      if (next < end) return true;
    }
    return false;
  }
}
