/** The root of a tree of which some leaves in a row are known, and the rest is in the tiles. */
import { Buffer } from "node:buffer";

import { hashBytes, nodeHash } from "../../../tlog/hashes.ts";
import type { NodeReader } from "../../../tlog/tree-proof.ts";

/**
 * @param leaves hashes one behind the other, of the leaves from `first` on
 * @param reader gives the nodes that have none of these leaves below them
 * @throws {TlogError} `tile` when the reader has no such node
 */
export function rootWithLeaves(
  size: number,
  first: number,
  leaves: Buffer,
  reader: NodeReader,
): Buffer {
  const end = first + leaves.length / hashBytes;
  const rootOf = (from: number, to: number): Buffer => {
    const width = to - from;
    const half = largestBelow(width);
    const isOutside = to <= first || from >= end;
    if (isOutside && (width === 1 || half * 2 === width))
      return Buffer.from(reader.node(Math.log2(width), from / width));
    if (width === 1) {
      const at = (from - first) * hashBytes;
      return leaves.subarray(at, at + hashBytes);
    }
    return nodeHash(rootOf(from, from + half), rootOf(from + half, to));
  };
  return rootOf(0, size);
}

/** The largest power of two below `width`; 0 for 1. */
function largestBelow(width: number): number {
  if (width === 1) return 0;
  let half = 1;
  while (half * 2 < width) half *= 2;
  return half;
}
