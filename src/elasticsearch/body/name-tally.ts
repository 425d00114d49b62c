import type { Buffer } from "node:buffer";
import { textOf } from "./json-text.ts";
import { RecentNames } from "./recent-names.ts";

/** Different names that are told apart; what comes later is counted together. */
export const maxNames = 1000;
/**
 * Names of indices have at most 255 bytes; an expression or an alias of a cluster may be longer.
 */
const maxNameBytes = 512;

/**
 * Numbers names in the order in which they come, without making a string of one that was seen a
 * moment ago. Bounded by {@link maxNames}.
 */
export class NameTally {
  readonly names: string[] = [];
  /** Names that were not told apart any more, as often as they came. */
  more = 0;
  /** The name that was asked for last, also if there was no room for it. */
  last = "";
  readonly #numbers = new Map<string, number>();
  readonly #recent = new RecentNames<number>();

  /**
   * @param bytes content of a JSON string
   * @param isDecoded escapes are decoded
   * @returns number of the name `bytes[start, end)`; -1: no room
   */
  numberOf(bytes: Buffer, start: number, end: number, isDecoded = false): number {
    const recent = this.#recent.find(bytes, start, end);
    if (recent !== undefined) {
      this.last = this.names[recent.value] ?? "";
      return recent.value;
    }
    const stop = Math.min(end, start + maxNameBytes);
    const name = isDecoded ? bytes.toString("utf8", start, stop) : textOf(bytes, start, stop);
    const number = this.add(name);
    if (number >= 0 && end === stop) this.#recent.set(bytes, start, end, number);
    return number;
  }

  /** The same for a name that is a string already. */
  add(name: string): number {
    this.last = name;
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.names.length === maxNames) {
      this.more += 1;
      return -1;
    }
    const number = this.names.length;
    this.names.push(name);
    this.#numbers.set(name, number);
    return number;
  }
}
