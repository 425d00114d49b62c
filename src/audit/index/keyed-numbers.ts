/**
 * Numbers of entries by keys of up to 40 bits, in blocks: a row of SQLite for each key takes twice
 * the room, and most of the time in which an index is built.
 */
import type { Buffer } from "node:buffer";
import { endianness } from "node:os";

import { VarintReader, VarintWriter } from "./varints.ts";

/** Bits of a number in the sorted keys; no segment has more entries. */
const numberBits = 24;
/** Entries that numbers can count. */
export const mostEntries = 2 ** numberBits;
/** Where the halves of a whole number of 64 bits stand in memory. */
const [lowHalf, highHalf] = endianness() === "LE" ? [0, 1] : [1, 0];
/** Keys of a block: some kilobytes, read through in some microseconds. */
const keysOfBlock = 256;

/** The block of the keys from `first` up to the first one of the next block. */
export type KeyedBlock = readonly [first: number, content: Buffer];

/** Pairs of a key and a number, sorted as whole numbers of 64 bits: that needs no comparison. */
export class KeyedNumbers {
  #pairs = new BigUint64Array(4096);
  #halves = new Uint32Array(this.#pairs.buffer);
  #count = 0;

  /** @param key of up to 40 bits, @param number below {@link mostEntries} */
  add(key: number, number: number): void {
    if (this.#count === this.#pairs.length) {
      const larger = new BigUint64Array(this.#count * 2);
      larger.set(this.#pairs);
      this.#pairs = larger;
      this.#halves = new Uint32Array(larger.buffer);
    }
    this.#halves[2 * this.#count + lowHalf] = (key % 0x100) * mostEntries + number;
    this.#halves[2 * this.#count + highHalf] = Math.floor(key / 0x100);
    this.#count += 1;
  }

  /**
   * All of it in order; a content is valid until the next block. Each key is the distance from the
   * one before, then comes its number doubled, or, doubled and one, how many numbers follow.
   */
  *blocks(): Generator<KeyedBlock> {
    this.#pairs.subarray(0, this.#count).sort();
    const writer = new VarintWriter();
    let [first, last, keys] = [0, 0, 0];
    for (let at = 0; at < this.#count;) {
      const key = this.#keyAt(at);
      if (keys === 0) [first, last] = [key, key];
      writer.add(key - last);
      last = key;
      at = this.#addNumbers(writer, key, at);
      keys += 1;
      if (keys < keysOfBlock) continue;
      yield [first, writer.take()];
      keys = 0;
    }
    if (keys > 0) yield [first, writer.take()];
  }

  /** @returns where the next key is */
  #addNumbers(writer: VarintWriter, key: number, from: number): number {
    let [end, count, last] = [from, 0, -1];
    for (; end < this.#count && this.#keyAt(end) === key; end += 1) {
      const number = this.#numberAt(end);
      if (number !== last) count += 1;
      last = number;
    }
    if (count === 1) {
      writer.add(last * 2);
      return end;
    }
    writer.add(count * 2 + 1);
    last = 0;
    for (let at = from; at < end; at += 1) {
      const number = this.#numberAt(at);
      if (at > from && number === last) continue;
      writer.add(number - last);
      last = number;
    }
    return end;
  }

  #keyAt(at: number): number {
    const high = this.#halves[2 * at + highHalf] ?? 0;
    return high * 0x100 + ((this.#halves[2 * at + lowHalf] ?? 0) >>> numberBits);
  }

  #numberAt(at: number): number {
    return (this.#halves[2 * at + lowHalf] ?? 0) & (mostEntries - 1);
  }
}

/** The numbers of the keys in a block that are wanted, ascending for each key. */
export function numbersInBlock(
  [begin, content]: readonly [first: number, content: Uint8Array],
  isWanted: (key: number) => boolean,
): number[] {
  const reader = new VarintReader(content);
  const found: number[] = [];
  for (let key = begin; !reader.isAtEnd;) {
    key += reader.next();
    const isFound = isWanted(key);
    const kind = reader.next();
    if (kind % 2 === 0) {
      if (isFound) found.push(kind / 2);
      continue;
    }
    let number = 0;
    for (let left = (kind - 1) / 2; left > 0 && !reader.isAtEnd; left -= 1) {
      number += reader.next();
      if (isFound) found.push(number);
    }
  }
  return found;
}
