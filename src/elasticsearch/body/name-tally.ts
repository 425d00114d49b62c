import { Buffer } from "node:buffer";
import { textOf } from "./json-text.ts";
import { RecentNames } from "./recent-names.ts";

/** Different names that are told apart; what comes later is counted together. */
export const maxNames = 1000;
/**
 * Names of indices have at most 255 bytes; an expression or an alias of a cluster may be longer.
 */
const maxNameBytes = 512;
/** Bits of the filter that tells most unknown names from known ones. */
const filterBits = 65_536;
const none = Buffer.alloc(0);

/**
 * Numbers names in the order in which they come, without making a string of one that was seen a
 * moment ago, nor of most that come when there is no room. Bounded by {@link maxNames}.
 */
export class NameTally {
  readonly names: string[] = [];
  /** Made for the second name. */
  #numbers: Map<string, number> | undefined = undefined;
  readonly #recent = new RecentNames<number>();
  /** Hashes of the names, when there is no more room. */
  #filter: Uint8Array | undefined = undefined;
  #last: string | undefined = "";
  #bytes: Buffer = none;
  #start = 0;
  #end = 0;
  #isDecoded = false;

  /**
   * The name that was asked for last, also if there was no room for it. To be read before the bytes
   * of the question are used again.
   */
  get last(): string {
    this.#last ??= this.#isDecoded
      ? this.#bytes.toString("utf8", this.#start, this.#end)
      : textOf(this.#bytes, this.#start, this.#end);
    return this.#last;
  }

  /**
   * @param bytes content of a JSON string
   * @param isDecoded escapes are decoded
   * @returns number of the name `bytes[start, end)`; -1: no room
   */
  numberOf(bytes: Buffer, start: number, end: number, isDecoded = false): number {
    const recent = this.#recent.find(bytes, start, end);
    if (recent !== undefined) {
      this.#last = this.names[recent.value] ?? "";
      return recent.value;
    }
    this.#last = undefined;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = Math.min(end, start + maxNameBytes);
    this.#isDecoded = isDecoded;
    if (this.#filter !== undefined && this.#isUnknown(this.#filter)) return -1;
    const number = this.add(this.last);
    if (number >= 0 && end === this.#end) this.#recent.set(bytes, start, end, number);
    return number;
  }

  /** The same for a name that is a string already. */
  add(name: string): number {
    this.#last = name;
    const known = this.#numbers === undefined ? this.#single(name) : this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.names.length === maxNames) return -1;
    const number = this.names.length;
    this.names.push(name);
    if (number > 0) {
      this.#numbers ??= new Map([[this.names[0] ?? "", 0]]);
      this.#numbers.set(name, number);
    }
    if (this.names.length === maxNames) this.#fillFilter();
    return number;
  }

  #single(name: string): number | undefined {
    return this.names.length === 1 && this.names[0] === name ? 0 : undefined;
  }

  /** For certain none of the names. Others than plain ASCII are not looked at. */
  #isUnknown(filter: Uint8Array): boolean {
    const hash = hashOf(this.#bytes, this.#start, this.#end);
    return hash >= 0 && ((filter[hash >> 3] ?? 0) & (1 << (hash & 7))) === 0;
  }

  #fillFilter(): void {
    const filter = new Uint8Array(filterBits / 8);
    for (const name of this.names) {
      const bytes = Buffer.from(name);
      const hash = hashOf(bytes, 0, bytes.length);
      if (hash >= 0) filter[hash >> 3] = (filter[hash >> 3] ?? 0) | (1 << (hash & 7));
    }
    this.#filter = filter;
  }
}

/** FNV-1a, folded to the filter's bits; -1: not plain ASCII, or with a backslash. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80 || byte === 0x5c) return -1;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (filterBits - 1);
}
