/** Hashes of one level of a tree, and those above them that are roots of whole subtrees. */
import { Buffer } from "node:buffer";

import { hashBytes, nodeHash } from "../../../tlog/hashes.ts";

/**
 * Twice the memory of the hashes that it is made of. Heights count from the leaves of the tree; a
 * pyramid knows nothing below its own.
 */
export class HashPyramid {
  readonly #height: number;
  readonly #levels: Buffer[];
  readonly #isKnown: (index: number) => boolean;

  /**
   * @param height of the subtrees whose roots are given
   * @param hashes one behind the other, from the first subtree on
   * @param isKnown whether the hash with this number is there at all
   */
  constructor(height: number, hashes: Buffer, isKnown: (index: number) => boolean = () => true) {
    this.#height = height;
    this.#levels = [hashes];
    this.#isKnown = isKnown;
    for (let below = hashes; below.length >= 2 * hashBytes;) {
      const above = Buffer.allocUnsafe(Math.floor(below.length / (2 * hashBytes)) * hashBytes);
      for (let at = 0; at < above.length; at += hashBytes) {
        const [left, right] = [below.subarray(2 * at, 2 * at + hashBytes), 2 * at + hashBytes];
        nodeHash(left, below.subarray(right, right + hashBytes)).copy(above, at);
      }
      this.#levels.push(above);
      below = above;
    }
  }

  /** Root of the subtree number `index` of this height; `undefined` where it is not known. */
  node(height: number, index: number): Buffer | undefined {
    const level = this.#levels[height - this.#height];
    if (level === undefined || (index + 1) * hashBytes > level.length) return undefined;
    const count = 2 ** (height - this.#height);
    for (let at = index * count; at < (index + 1) * count; at += 1)
      if (!this.#isKnown(at)) return undefined;
    return level.subarray(index * hashBytes, (index + 1) * hashBytes);
  }
}
