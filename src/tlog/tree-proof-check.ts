/** Checks inclusion and consistency proofs (algorithms of RFC 9162 §2.1.3.2 and §2.1.4.2). */

import { Buffer } from "node:buffer";

import { emptyRoot, hashBytes, nodeHash } from "./hashes.ts";

/** What an inclusion proof claims. */
export interface InclusionClaim {
  /** Of the leaf, from 0. */
  readonly index: number;
  /** Of the tree. */
  readonly size: number;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
}

/** What a consistency proof claims. */
export interface ConsistencyClaim {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
}

/** True when the path leads from the leaf to the root. Never throws. */
export function isIncluded(claim: InclusionClaim, path: readonly Uint8Array[]): boolean {
  const { index, size, leafHash, root } = claim;
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leafHash, root, ...path]))
    return false;
  let place = index;
  let last = size - 1;
  let hash = leafHash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      hash = nodeHash(sibling, hash);
      // Levels where the rightmost node has no sibling and is passed up as it is.
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else hash = nodeHash(hash, sibling);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isEqual(hash, root);
}

/**
 * True when the larger tree begins with the smaller one. An empty old tree is in every tree, and
 * then nothing is said about the new root. Never throws.
 */
export function isConsistent(claim: ConsistencyClaim, proof: readonly Uint8Array[]): boolean {
  const { oldSize, oldRoot, newSize, newRoot } = claim;
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize) return false;
  if (!areHashes([oldRoot, newRoot, ...proof])) return false;
  if (oldSize === newSize) return proof.length === 0 && isEqual(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && isEqual(oldRoot, emptyRoot);
  let place = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  // An old tree of 2^k leaves is a subtree of the new one: its root is known and not in the proof.
  const [seed, ...rest] = place === 0 ? [oldRoot, ...proof] : proof;
  if (seed === undefined) return false;
  let oldHash = seed;
  let newHash = seed;
  for (const node of rest) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      oldHash = nodeHash(node, oldHash);
      newHash = nodeHash(node, newHash);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else newHash = nodeHash(newHash, node);
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isEqual(oldHash, oldRoot) && isEqual(newHash, newRoot);
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === hashBytes);
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
