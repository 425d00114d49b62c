/** Which tiles and bundles do not agree with a checkpoint's root. */
import { Buffer } from "node:buffer";

import { hashBytes } from "../../../tlog/hashes.ts";
import { levelWidth, tileWidth } from "../../../tlog/tile.ts";
import type { AuthenticLeaves } from "./authentic-leaves.ts";
import { HashPyramid } from "./hash-pyramid.ts";
import { HigherTileSource, LeafSource, type HashSource } from "./hash-source.ts";
import type { TileProblem } from "./tile-comparison.ts";

const tileHeight = 8;

/** Each tile once, those of the leaves first. What is not known is not doubted. */
export function tileProblems(
  leaves: AuthenticLeaves,
  sources: readonly HashSource[],
): TileProblem[] {
  const leafSources = sources.filter((source) => source instanceof LeafSource);
  const higher = sources.filter((source) => source instanceof HigherTileSource);
  return [
    ...leafSources.flatMap((source) => leafProblems(leaves, source)),
    ...higherProblems(leaves, higher),
  ];
}

function leafProblems(leaves: AuthenticLeaves, source: LeafSource): TileProblem[] {
  const problems: TileProblem[] = [];
  const level = source.name === "tiles" ? 0 : "entries";
  for (let index = 0; index * tileWidth < leaves.size; index += 1) {
    const width = Math.min(tileWidth, leaves.size - index * tileWidth);
    const first = index * tileWidth;
    const isKnown = width === tileWidth && leaves.block(index) !== undefined;
    const isFine = isKnown
      ? isSame(leaves.block(index), source.node(tileHeight, index))
      : leavesAgree(leaves, source, first, first + width);
    if (isFine) continue;
    const isMissing = source.node(0, first) === undefined;
    const what = isMissing ? "missing" : "changed";
    problems.push({ tile: { level, index, width }, what });
  }
  return problems;
}

function leavesAgree(
  leaves: AuthenticLeaves,
  source: LeafSource,
  from: number,
  to: number,
): boolean {
  for (let index = from; index < to; index += 1) {
    const leaf = leaves.leaf(index);
    if (leaf !== undefined && !isSame(leaf, source.node(0, index))) return false;
  }
  return true;
}

function higherProblems(
  leaves: AuthenticLeaves,
  higher: readonly HigherTileSource[],
): TileProblem[] {
  const count = Math.floor(leaves.size / tileWidth);
  const roots = Buffer.alloc(count * hashBytes);
  const known = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    const root = leaves.block(index);
    if (root === undefined) continue;
    root.copy(roots, index * hashBytes);
    known[index] = 1;
  }
  const pyramid = new HashPyramid(tileHeight, roots, (index) => known[index] === 1);
  return higher.flatMap((source) => {
    const problems: TileProblem[] = [];
    const width = levelWidth(source.level, leaves.size);
    for (let first = 0; first < width; first += tileWidth) {
      const end = Math.min(width, first + tileWidth);
      const height = source.level * tileHeight;
      for (let index = first; index < end; index += 1) {
        const root = pyramid.node(height, index);
        const found = source.node(height, index);
        if (root === undefined || isSame(root, found)) continue;
        const tile = { level: source.level, index: first / tileWidth, width: end - first };
        problems.push({ tile, what: found === undefined ? "missing" : "changed" });
        break;
      }
    }
    return problems;
  });
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one !== undefined && other?.equals(one) === true;
}
