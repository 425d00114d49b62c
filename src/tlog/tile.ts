/** Tiles of a log (c2sp.org/tlog-tiles): which there are, and the names of their files. */

import { hashBytes } from "./hashes.ts";

/** Hashes of a full tile, and entries of a full bundle. */
export const tileWidth = 256;

/** A tile of hashes, or a bundle of entries. */
export interface Tile {
  /**
   * 0: leaf hashes; L: each hash is the root of a full tile of level L − 1. `entries`: a bundle
   * with the entries whose hashes are in the tile of level 0 with the same index.
   */
  readonly level: number | "entries";
  /** Within the level, from 0. */
  readonly index: number;
  /** Hashes or entries in it: 256 when it is full, 1 to 255 when it is partial. */
  readonly width: number;
}

/** Highest level that a tree of a safe integer's size has tiles on: 256^7 is above 2^53. */
const levels = 7;

/** Name of a tile's file below the log's folder, such as `tile/0/x001/x234/067.p/112`. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const name = groups
    .map((group, place) => (place < groups.length - 1 ? `x${group}` : group))
    .join("/");
  return `tile/${level}/${name}${width === tileWidth ? "" : `.p/${width}`}`;
}

const pathPattern = /^tile\/(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** Reads {@link tilePath} back; `undefined` for everything that it cannot have written. */
export function parseTilePath(path: string): Tile | undefined {
  const [, level, leading = "", last = "", width] = pathPattern.exec(path) ?? [];
  if (level === undefined) return undefined;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index: Number(leading.replaceAll(/[x/]/g, "") + last),
    width: width === undefined ? tileWidth : Number(width),
  };
  // Rejects surplus zero groups, widths of 256 and more, and indexes beyond safe integers.
  return Number.isSafeInteger(tile.index) && tilePath(tile) === path ? tile : undefined;
}

/** Bytes of a tile of hashes with this width. */
export function tileBytes(width: number): number {
  return width * hashBytes;
}

/** Hashes on a level of tiles, in a tree of this size. */
export function levelWidth(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/**
 * Tiles and bundles to write when a tree grows, in the order in which to write them: bundles, then
 * levels from below. Full tiles that became so, and at the right edge the partial tile of the new
 * size. Tiles that did not change are left out.
 */
export function changedTiles(oldSize: number, newSize: number): Tile[] {
  const changed = changedOfLevel("entries", oldSize, newSize);
  for (let level = 0; level < levels; level += 1)
    changed.push(...changedOfLevel(level, levelWidth(level, oldSize), levelWidth(level, newSize)));
  return changed;
}

function changedOfLevel(level: Tile["level"], oldWidth: number, newWidth: number): Tile[] {
  const tiles: Tile[] = [];
  if (newWidth <= oldWidth) return tiles;
  for (let index = Math.floor(oldWidth / tileWidth); index * tileWidth < newWidth; index += 1)
    tiles.push({ level, index, width: Math.min(tileWidth, newWidth - index * tileWidth) });
  return tiles;
}
