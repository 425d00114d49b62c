/** RFC 6962 §2.1 by its definitions, without any of the code under test. */
import { createHash } from "node:crypto";

import type { NodeReader } from "../../src/tlog/tree-proof.ts";

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((state, part) => state.update(part), createHash("sha256")).digest();

function splitOf(width: number): number {
  return 2 ** (Math.ceil(Math.log2(width)) - 1);
}

/** MTH(D[n]). */
export function naiveRoot(entries: readonly Uint8Array[]): Buffer {
  const [only] = entries;
  if (only === undefined) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), only);
  const k = splitOf(entries.length);
  return sha256(Buffer.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
}

/** PATH(m, D[n]). */
export function naivePath(index: number, entries: readonly Uint8Array[]): Buffer[] {
  if (entries.length === 1) return [];
  const k = splitOf(entries.length);
  if (index < k) return [...naivePath(index, entries.slice(0, k)), naiveRoot(entries.slice(k))];
  return [...naivePath(index - k, entries.slice(k)), naiveRoot(entries.slice(0, k))];
}

/** PROOF(m, D[n]). */
export function naiveConsistency(oldSize: number, entries: readonly Uint8Array[]): Buffer[] {
  return oldSize === 0 || oldSize === entries.length ? [] : subproof(oldSize, entries, true);
}

function subproof(m: number, entries: readonly Uint8Array[], isWhole: boolean): Buffer[] {
  if (m === entries.length) return isWhole ? [] : [naiveRoot(entries)];
  const k = splitOf(entries.length);
  if (m <= k) return [...subproof(m, entries.slice(0, k), isWhole), naiveRoot(entries.slice(k))];
  return [...subproof(m - k, entries.slice(k), false), naiveRoot(entries.slice(0, k))];
}

/** All perfect subtrees of these entries. */
export class NaiveReader implements NodeReader {
  readonly #levels: Buffer[][];

  constructor(entries: readonly Uint8Array[]) {
    let level = entries.map((entry) => sha256(Buffer.of(0), entry));
    this.#levels = [level];
    while (level.length > 1) {
      const above: Buffer[] = [];
      for (let i = 0; i + 1 < level.length; i += 2)
        above.push(sha256(Buffer.of(1), level[i] ?? Buffer.of(), level[i + 1] ?? Buffer.of()));
      this.#levels.push((level = above));
    }
  }

  node(height: number, index: number): Uint8Array {
    const node = this.#levels[height]?.[index];
    if (node === undefined) throw new Error(`asked for node ${index} of height ${height}`);
    return node;
  }
}

/** `count` different entries of 32 bytes. */
export function makeEntries(count: number, seed = 0): Buffer[] {
  return Array.from({ length: count }, (_, i) => sha256(Buffer.from(`${seed}/${i}`)));
}
