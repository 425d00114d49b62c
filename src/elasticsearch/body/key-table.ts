/** Finds values by names that are still bytes. */
import { Buffer } from "node:buffer";

interface Entry<Value> {
  readonly name: Buffer;
  readonly value: Value;
}

/**
 * Finds values by names that are still bytes. Made once; a name that is not in the table costs a
 * few comparisons, whatever it is.
 */
export class KeyTable<Value> {
  readonly #slots: (Entry<Value> | undefined)[];
  /** Length of the name in each slot, and 1 more; 0: none. */
  readonly #lengths: Uint16Array;
  readonly #mask: number;
  readonly #longest: number;

  /** @param entries names without duplicates */
  constructor(entries: readonly (readonly [name: string, value: Value])[]) {
    let size = 4;
    // At most a quarter is in use, so that runs of used slots stay short.
    while (size < 4 * entries.length) size *= 2;
    this.#mask = size - 1;
    this.#lengths = new Uint16Array(size);
    this.#slots = Array.from({ length: size }, () => undefined);
    let longest = 0;
    for (const [text, value] of entries) {
      const name = Buffer.from(text);
      let at = this.#slotOf(name, 0, name.length);
      while (this.#slots[at] !== undefined) at = (at + 1) & this.#mask;
      this.#slots[at] = { name, value };
      this.#lengths[at] = name.length + 1;
      longest = Math.max(longest, name.length);
    }
    this.#longest = longest;
  }

  /** The value of the name `bytes[start, end)`. */
  find(bytes: Buffer, start: number, end: number): Value | undefined {
    const length = end - start;
    if (length > this.#longest) return undefined;
    const lengths = this.#lengths;
    for (let at = this.#slotOf(bytes, start, end); ; at = (at + 1) & this.#mask) {
      const known = lengths[at];
      if (known === 0) return undefined;
      if (known !== length + 1) continue;
      const entry = this.#slots[at];
      if (entry === undefined) return undefined;
      const { name } = entry;
      let same = 0;
      while (same < length && name[same] === bytes[start + same]) same += 1;
      if (same === length) return entry.value;
    }
  }

  #slotOf(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (length === 0) return 0;
    const first = bytes[start] ?? 0;
    const middle = bytes[start + (length >> 1)] ?? 0;
    const last = bytes[end - 1] ?? 0;
    return (length * 7 + first * 31 + middle * 131 + last * 17) & this.#mask;
  }
}
