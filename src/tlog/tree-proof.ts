/** Makes inclusion and consistency proofs (RFC 6962 §2.1.1, §2.1.2) from the hashes of a tree. */

import { nodeHash } from "./hashes.ts";

/** Where the hashes of a tree come from. */
export interface NodeReader {
  /**
   * Root of the perfect subtree over the leaves `index * 2^height` up to `(index + 1) * 2^height`;
   * height 0: leaf hash number `index`. Asked only for subtrees that are whole. 32 bytes.
   */
  node(height: number, index: number): Uint8Array;
}

/**
 * The audit path of a leaf: sibling hashes from the leaf up to the root's child.
 *
 * @param index of the leaf, from 0
 * @param size of the tree that the proof is for
 * @throws {RangeError} unless `0 <= index < size`
 */
export function proveInclusion(index: number, size: number, reader: NodeReader): Uint8Array[] {
  if (!isSize(size) || !isSize(index) || index >= size)
    throw new RangeError(`there is no leaf ${index} in a tree of ${size} leaves`);
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    const isLeft = index < middle;
    path.push(isLeft ? rangeRoot(middle, end, reader) : rangeRoot(start, middle, reader));
    if (isLeft) end = middle;
    else start = middle;
  }
  return path.toReversed();
}

/**
 * Hashes that show that the first `oldSize` leaves of the larger tree are the smaller tree; none
 * when the sizes are equal or the smaller tree is empty.
 *
 * @throws {RangeError} unless `0 <= oldSize <= newSize`
 */
export function proveConsistency(
  oldSize: number,
  newSize: number,
  reader: NodeReader,
): Uint8Array[] {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize)
    throw new RangeError(`a tree of ${newSize} leaves does not contain one of ${oldSize} leaves`);
  const proof: Uint8Array[] = [];
  if (oldSize === 0) return proof;
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + splitOf(end - start);
    const isLeft = oldSize <= middle;
    proof.push(isLeft ? rangeRoot(middle, end, reader) : rangeRoot(start, middle, reader));
    if (isLeft) end = middle;
    else start = middle;
  }
  // The subtree that both trees end with: the verifier knows it only when it is the whole old tree.
  if (start > 0) proof.push(rangeRoot(start, end, reader));
  return proof.toReversed();
}

/** Root over the leaves from `start` up to `end`, a range that one subtree of the tree has. */
function rangeRoot(start: number, end: number, reader: NodeReader): Uint8Array {
  const width = end - start;
  const half = width === 1 ? 0 : splitOf(width);
  if (half * 2 === width || width === 1) return reader.node(Math.log2(width), start / width);
  return nodeHash(rangeRoot(start, start + half, reader), rangeRoot(start + half, end, reader));
}

/** The largest power of two that is smaller than `width`, which is 2 or more (RFC 6962 §2.1). */
function splitOf(width: number): number {
  let half = 1;
  while (half * 2 < width) half *= 2;
  return half;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
