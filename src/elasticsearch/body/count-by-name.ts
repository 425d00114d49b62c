/** Counts by name and kind, with a bound on the names. */
import type { Buffer } from "node:buffer";
import { NameTally } from "./name-tally.ts";

const none = new Float64Array(0);

/**
 * Counts by name and by one of a few kinds: actions by index, documents by index.
 * Names are bounded, see {@link NameTally}; counts are exact.
 */
export class CountByName {
  /** Made for the first name. */
  #tally: NameTally | undefined = undefined;
  readonly #kinds: number;
  #counts: Float64Array = none;
  /** Counted under names for which there was no room. */
  more = 0;

  /** @param kinds how many counts each name has */
  constructor(kinds: number) {
    this.#kinds = kinds;
  }

  get #names(): NameTally {
    return (this.#tally ??= new NameTally());
  }

  /** The number of the name `bytes[start, end)`, content of a JSON string; -1: no room. */
  numberOf(bytes: Buffer, start: number, end: number): number {
    return this.#names.numberOf(bytes, start, end);
  }

  numberOfText(name: string): number {
    return this.#names.add(name);
  }

  /** The name that was asked for last, also if there was no room for it. */
  get lastName(): string {
    return this.#names.last;
  }

  count(number: number, kind: number): void {
    if (number < 0) {
      this.more += 1;
      return;
    }
    const at = number * this.#kinds + kind;
    if (at >= this.#counts.length) {
      const larger = new Float64Array(Math.max(2 * this.#counts.length, at + this.#kinds));
      larger.set(this.#counts);
      this.#counts = larger;
    }
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** What is made of every count above 0, in the order of the names. */
  map<Entry>(entryOf: (name: string, kind: number, count: number) => Entry): Entry[] {
    const entries: Entry[] = [];
    const names = this.#tally?.names ?? [];
    for (let number = 0; number < names.length; number += 1) {
      for (let kind = 0; kind < this.#kinds; kind += 1) {
        const count = this.#counts[number * this.#kinds + kind] ?? 0;
        if (count > 0) entries.push(entryOf(names[number] ?? "", kind, count));
      }
    }
    return entries;
  }
}
