/** Finds the next of a few bytes in text, fast where none of them stands for long. */
import type { Buffer } from "node:buffer";

import { byteSet } from "./text-bytes.ts";

/** So many bytes are looked at one by one: behind them, calls into C++ cost less. */
const nearby = 256;

/** The bytes that a search looks for. */
export interface WantedBytes {
  readonly table: Uint8Array;
  readonly values: readonly number[];
}

/** @param text the bytes, one char each */
export function wantedBytes(text: string): WantedBytes {
  return { table: byteSet(text), values: Array.from(text, (char) => char.charCodeAt(0)) };
}

/**
 * A search for some bytes in one text after the other. Looks at each byte of a text at most once
 * for each wanted byte, however often it is asked.
 */
export class ByteSearch {
  readonly #table: Uint8Array;
  readonly #values: readonly number[];
  /** For each wanted byte the index before which nothing more is to be found. */
  #found: number[] = [];

  constructor({ table, values }: WantedBytes) {
    this.#table = table;
    this.#values = values;
  }

  /** A text begins, or goes on in other bytes. */
  reset(): void {
    if (this.#found.length > 0) this.#found = [];
  }

  /** Index of the first wanted byte in `bytes[from, end)`; `end`: none. `from` never falls. */
  next(bytes: Buffer, from: number, end: number): number {
    const table = this.#table;
    const near = from + nearby < end ? from + nearby : end;
    let at = from;
    while (at < near && table[bytes[at] ?? 0] === 0) at += 1;
    return at < near || near === end ? at : this.#far(bytes, at, end);
  }

  #far(bytes: Buffer, from: number, end: number): number {
    const found = this.#found;
    let rest: Buffer | undefined;
    let nearest = end;
    for (let which = 0; which < this.#values.length; which += 1) {
      let index = found[which] ?? -1;
      if (index < from) {
        rest ??= bytes.subarray(from, end);
        const at = rest.indexOf(this.#values[which] ?? 0);
        index = at < 0 ? end : from + at;
        found[which] = index;
      }
      if (index < nearest) nearest = index;
    }
    return nearest;
  }
}
