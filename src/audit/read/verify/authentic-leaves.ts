/** The leaf hashes that fit a log's signed root, put together from several sources. */
import { Buffer } from "node:buffer";

import { hashBytes, nodeHash } from "../../../tlog/hashes.ts";
import { tileWidth } from "../../../tlog/tile.ts";
import type { HashSource } from "./hash-source.ts";

/** Leaves that one source gives as they were signed, or that no source has any more. */
interface LeafRange {
  readonly from: number;
  readonly to: number;
  /** A source of leaves, a single known hash, or nothing. */
  readonly leaves: HashSource | Buffer | undefined;
  /** The records are unchanged here, by their own roots. */
  readonly isOfRecords: boolean;
}

interface Node {
  readonly height: number;
  readonly index: number;
}

/** Of a full tile. */
const blockHeight = 8;
/** Ways to put the roots at the edge of the tree together that are tried. */
const maxCombinations = 4096;

/**
 * Goes down from a signed root. A node is believed when its parent is made of it and of a node that
 * some source gives for its sibling; so a change of one source is found out by the others, down to
 * a single hash, and what nobody knows any more stays as small as it can be.
 */
export class AuthenticLeaves {
  readonly size: number;
  readonly #ranges: LeafRange[] = [];
  readonly #sources: readonly HashSource[];
  #at = 0;

  private constructor(size: number, sources: readonly HashSource[]) {
    this.size = size;
    this.#sources = sources;
  }

  /** @returns `undefined` when no source fits the root at all: what was signed is lost */
  static find(
    size: number,
    root: Uint8Array,
    sources: readonly HashSource[],
  ): AuthenticLeaves | undefined {
    const found = new AuthenticLeaves(size, sources);
    const nodes = edgeNodes(size);
    const candidates = nodes.map((node) => found.#candidates(node));
    const fitting = combinationFor(root, candidates);
    if (fitting === undefined) return undefined;
    for (const [at, node] of nodes.entries()) {
      const hash = fitting[at];
      if (hash !== undefined) found.#descend(node, hash);
    }
    return found;
  }

  /** The leaf hash with this number; `undefined`: no source has it. Fast in ascending order. */
  leaf(index: number): Buffer | undefined {
    const { leaves } = this.#rangeOf(index) ?? {};
    if (leaves === undefined || Buffer.isBuffer(leaves)) return leaves;
    return leaves.node(0, index);
  }

  /** Root of a block of 256 leaves; `undefined`: it is not known as a whole. */
  block(index: number): Buffer | undefined {
    const first = index * tileWidth;
    const { leaves, to } = this.#rangeOf(first) ?? { leaves: undefined, to: 0 };
    if (leaves === undefined || Buffer.isBuffer(leaves) || to < first + tileWidth) return undefined;
    return leaves.node(blockHeight, index);
  }

  /** Where the range ends in which the leaf is, and whether its records are proven unchanged. */
  rangeAt(index: number): { readonly to: number; readonly isOfRecords: boolean } {
    return this.#rangeOf(index) ?? { to: this.size, isOfRecords: false };
  }

  #rangeOf(index: number): LeafRange | undefined {
    const range = this.#ranges[this.#at];
    if (range !== undefined && index >= range.from && index < range.to) return range;
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.to ?? 0) <= index) low = middle + 1;
      else high = middle;
    }
    this.#at = low;
    return this.#ranges[low];
  }

  #candidates({ height, index }: Node): Buffer[] {
    const found: Buffer[] = [];
    for (const source of this.#sources) {
      const hash = source.node(height, index);
      if (hash !== undefined && !found.some((known) => known.equals(hash))) found.push(hash);
    }
    return found;
  }

  #descend(node: Node, hash: Buffer): void {
    const fitting = this.#sources.filter((source) =>
      source.node(node.height, node.index)?.equals(hash),
    );
    const isOfRecords = fitting.some(({ name }) => name === "records");
    const leaves = fitting.find(({ name }) => name === "tiles" || name === "bundles");
    if (leaves !== undefined || isOfRecords) {
      this.#add(node, leaves, isOfRecords);
      return;
    }
    if (node.height === 0) {
      this.#add(node, Buffer.from(hash), false);
      return;
    }
    const left = { height: node.height - 1, index: 2 * node.index };
    const right = { height: node.height - 1, index: 2 * node.index + 1 };
    const [lefts, rights] = [this.#candidates(left), this.#candidates(right)];
    for (const one of lefts)
      for (const other of rights) {
        if (!nodeHash(one, other).equals(hash)) continue;
        this.#descend(left, one);
        this.#descend(right, other);
        return;
      }
    this.#add(node, undefined, false);
  }

  #add({ height, index }: Node, leaves: LeafRange["leaves"], isOfRecords: boolean): void {
    const [from, to] = [index * 2 ** height, (index + 1) * 2 ** height];
    const last = this.#ranges.at(-1);
    const goesOn =
      last?.to === from &&
      last.leaves === leaves &&
      last.isOfRecords === isOfRecords &&
      !Buffer.isBuffer(leaves);
    if (goesOn) this.#ranges[this.#ranges.length - 1] = { ...last, to };
    else this.#ranges.push({ from, to, leaves, isOfRecords });
  }
}

/** Roots of perfect subtrees that make up a tree of this size, the largest first. */
function edgeNodes(size: number): Node[] {
  const nodes: Node[] = [];
  let first = 0;
  for (let height = 52; height >= 0; height -= 1) {
    const count = 2 ** height;
    if (size - first < count) continue;
    nodes.push({ height, index: first / count });
    first += count;
  }
  return nodes;
}

/** One hash of each list, so that together they give the root (RFC 6962 §2.1). */
function combinationFor(
  root: Uint8Array,
  candidates: readonly (readonly Buffer[])[],
): Buffer[] | undefined {
  const total = candidates.reduce((product, { length }) => product * length, 1);
  for (let number = 0; number < Math.min(total, maxCombinations); number += 1) {
    let rest = number;
    const chosen: Buffer[] = [];
    for (const list of candidates) {
      const hash = list[rest % list.length];
      if (hash === undefined) return undefined;
      chosen.push(hash);
      rest = Math.floor(rest / list.length);
    }
    const made = chosen.reduceRight<Buffer | undefined>(
      (right, left) => (right === undefined ? left : nodeHash(left, right)),
      undefined,
    );
    if (made?.length === hashBytes && Buffer.compare(made, root) === 0) return chosen;
  }
  return undefined;
}
