/** A Merkle tree that is appended to (RFC 6962 §2.1) and keeps O(log n) hashes. */

import { Buffer } from "node:buffer";

import { digestText, emptyRoot, hashBytes, leafPrefix, nodePrefix } from "./hashes.ts";
import { TlogError } from "./tlog-error.ts";

/** All that a tree keeps; plain values, so that it survives JSON. */
export interface TreeState {
  /** Number of leaves. */
  readonly size: number;
  /** Base64: roots of the perfect subtrees, the largest first, one for each set bit of `size`. */
  readonly roots: string;
}

/** Sizes are safe integers, so that no perfect subtree is higher. */
const heights = 53;
const blockBytes = 1 + 2 * hashBytes;
const rightOffset = 1 + hashBytes;

/**
 * Appends leaves and gives the root.
 *
 * Bit h of the size says whether a perfect subtree of 2^h leaves waits for a sibling. The root of
 * that subtree stands in the left half of block h, which is what a node hash is made of: when the
 * sibling comes, it is written into the right half and the block is hashed where it is. Appending
 * costs two hashes (the leaf and, on average, one node) and allocates two short strings.
 */
export class MerkleTree {
  #size = 0;
  /** True when the last change was an append: only then {@link copyNode} has something. */
  #isAppended = false;
  readonly #blocks = Buffer.alloc(heights * blockBytes);
  readonly #views: readonly Buffer[];
  readonly #leaf = Buffer.alloc(1 + hashBytes);

  constructor() {
    this.#leaf[0] = leafPrefix;
    this.#views = Array.from({ length: heights }, (_, height) => {
      const view = this.#blocks.subarray(height * blockBytes, (height + 1) * blockBytes);
      view[0] = nodePrefix;
      return view;
    });
  }

  /**
   * A tree that goes on where {@link state} was taken.
   *
   * @throws {TlogError} `syntax` when size and roots do not fit each other
   */
  static restore(state: TreeState): MerkleTree {
    if (!Number.isSafeInteger(state.size) || state.size < 0)
      throw new TlogError("syntax", `not a tree size: ${state.size}`);
    const roots = Buffer.from(state.roots, "base64");
    const set = setBits(state.size);
    if (roots.length !== set.length * hashBytes)
      throw new TlogError("syntax", `a tree of ${state.size} leaves has ${set.length} roots`);
    const tree = new MerkleTree();
    for (const [order, height] of set.entries())
      roots.copy(tree.#blocks, height * blockBytes + 1, order * hashBytes, (order + 1) * hashBytes);
    tree.#size = state.size;
    return tree;
  }

  /** Number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Appends an entry of 32 bytes. @throws {RangeError} for any other length */
  append(entry: Uint8Array): void {
    if (entry.length !== hashBytes)
      throw new RangeError(`an entry has ${hashBytes} bytes, not ${entry.length}`);
    this.#leaf.set(entry, 1);
    this.#push(digestText(this.#leaf));
  }

  /** Appends an entry that is a digest as `digestText` gives it. @returns its leaf hash, so, too */
  appendDigest(entry: string): string {
    this.#leaf.write(entry, 1, hashBytes, "latin1");
    const leaf = digestText(this.#leaf);
    this.#push(leaf);
    return leaf;
  }

  /** Appends a leaf whose hash is known. @throws {RangeError} unless it has 32 bytes */
  appendLeafHash(leaf: Uint8Array): void {
    if (leaf.length !== hashBytes)
      throw new RangeError(`a leaf hash has ${hashBytes} bytes, not ${leaf.length}`);
    this.#push(Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length).toString("latin1"));
  }

  /**
   * Copies the root of the perfect subtree of 2^height leaves that ends with the last appended
   * leaf; height 0: that leaf's hash. 32 bytes.
   *
   * @throws {RangeError} when no such subtree ended with the last append
   */
  copyNode(height: number, target: Uint8Array, targetOffset: number): void {
    if (!this.#isAppended || height >= heights || this.#size % 2 ** height !== 0)
      throw new RangeError(`no subtree of height ${height} ends at leaf ${this.#size}`);
    // A node that got its sibling at once is a right half; its block has been hashed already.
    const offset = height * blockBytes + (isBitSet(this.#size, height) ? 1 : rightOffset);
    this.#blocks.copy(target, targetOffset, offset, offset + hashBytes);
  }

  /** Root of the tree as it is now. */
  root(): Buffer {
    let digest: string | undefined;
    for (let height = 0; height < heights; height += 1) {
      if (!isBitSet(this.#size, height)) continue;
      const left = height * blockBytes + 1;
      if (digest === undefined) digest = this.#blocks.toString("latin1", left, left + hashBytes);
      else {
        // The right half of a block whose bit is set is free until the sibling comes.
        this.#blocks.write(digest, height * blockBytes + rightOffset, hashBytes, "latin1");
        digest = digestText(this.#view(height));
      }
    }
    return digest === undefined ? Buffer.from(emptyRoot) : Buffer.from(digest, "latin1");
  }

  /** What {@link MerkleTree.restore} needs to go on from here. */
  state(): TreeState {
    const roots = setBits(this.#size).map((height) => this.#view(height).subarray(1, rightOffset));
    return { size: this.#size, roots: Buffer.concat(roots).toString("base64") };
  }

  #push(leaf: string): void {
    let digest = leaf;
    let height = 0;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) {
      this.#blocks.write(digest, height * blockBytes + rightOffset, hashBytes, "latin1");
      digest = digestText(this.#view(height));
      height += 1;
    }
    this.#blocks.write(digest, height * blockBytes + 1, hashBytes, "latin1");
    this.#size += 1;
    this.#isAppended = true;
  }

  #view(height: number): Buffer {
    const view = this.#views[height];
    if (view === undefined) throw new RangeError(`the tree is full`);
    return view;
  }
}

/** Set bits of a size, the highest first. */
function setBits(size: number): number[] {
  return Array.from({ length: heights }, (_, order) => heights - 1 - order).filter((bit) =>
    isBitSet(size, bit),
  );
}

function isBitSet(size: number, bit: number): boolean {
  return Math.floor(size / 2 ** bit) % 2 === 1;
}
