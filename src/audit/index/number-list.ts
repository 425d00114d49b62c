/** Ascending numbers in few bytes: each as its distance from the one before (LEB128). */
import { Buffer } from "node:buffer";

/** A list that grows at its end. */
export class NumberList {
  #bytes = Buffer.allocUnsafe(8);
  #length = 0;
  #last = -1;
  count = 0;

  /** Adds a number that is not below the last one; the last one again is added once. */
  add(number: number): void {
    if (number === this.#last) return;
    if (this.#length + 5 > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(this.#bytes.length * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    let rest = this.#last < 0 ? number : number - this.#last;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
    this.#last = number;
    this.count += 1;
  }

  /** The list as it is stored. Valid until the next number. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** The numbers of a stored list. */
export function numbersIn(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let last = 0;
  for (let at = 0; at < bytes.length;) {
    let [value, shift, byte] = [0, 0, 0x80];
    for (; byte >= 0x80; shift += 7) {
      byte = bytes[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
    }
    last += value;
    numbers.push(last);
  }
  return numbers;
}
