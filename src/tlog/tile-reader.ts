/** Gives node hashes of a tree from its tiles. */

import { hashBytes, nodeHash } from "./hashes.ts";
import { levelWidth, tileBytes, tilePath, tileWidth } from "./tile.ts";
import type { Tile } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";
import type { NodeReader } from "./tree-proof.ts";

/**
 * Reads a tile or a bundle; `undefined` when there is none with this width. The reader asks for the
 * full tile next when a partial one is missing, since a log may delete partial tiles then.
 */
export type ReadTile = (tile: Tile) => Uint8Array | undefined;

/** Levels of nodes within a tile: 2^8 hashes. */
const tileHeight = 8;
/** Enough for a proof: two tiles on each of seven levels. 256 KiB at most. */
const cachedTiles = 32;

/**
 * A {@link NodeReader} over the tiles of a tree of a fixed size.
 *
 * Nothing is authenticated here: whoever does not trust the tiles checks the proof that is made of
 * them against a root.
 */
export class TileReader implements NodeReader {
  readonly size: number;
  readonly #readTile: ReadTile;
  readonly #cache = new Map<string, Uint8Array>();

  constructor(size: number, readTile: ReadTile) {
    this.size = size;
    this.#readTile = readTile;
  }

  /**
   * @throws {TlogError} `tile` when a tile is missing or has a wrong length
   * @throws {RangeError} when the subtree is not within the tree
   */
  node(height: number, index: number): Uint8Array {
    const level = Math.floor(height / tileHeight);
    const count = 2 ** (height % tileHeight);
    const first = index * count;
    if (first + count > levelWidth(level, this.size))
      throw new RangeError(
        `a tree of ${this.size} leaves has no node ${index} of height ${height}`,
      );
    const tile = this.#tile(level, Math.floor(first / tileWidth));
    return subtreeRoot(tile, first % tileWidth, count);
  }

  #tile(level: number, index: number): Uint8Array {
    const key = `${level}/${index}`;
    const known = this.#cache.get(key);
    if (known !== undefined) return known;
    const width = Math.min(tileWidth, levelWidth(level, this.size) - index * tileWidth);
    const bytes = readTileOrFull({ level, index, width }, tileBytes, this.#readTile);
    if (this.#cache.size >= cachedTiles) this.#cache.clear();
    this.#cache.set(key, bytes);
    return bytes;
  }
}

/**
 * The first `width` hashes (or entries) of a tile, from the full tile if the partial one is gone.
 *
 * @param bytesOf length in bytes of a tile with some width
 * @throws {TlogError} `tile` when neither is there or the length is wrong
 */
export function readTileOrFull(
  tile: Tile,
  bytesOf: (width: number) => number,
  readTile: ReadTile,
): Uint8Array {
  let found = tile;
  let bytes = readTile(tile);
  if (bytes === undefined && tile.width < tileWidth) {
    found = { ...tile, width: tileWidth };
    bytes = readTile(found);
  }
  if (bytes === undefined) throw new TlogError("tile", `${tilePath(tile)} is missing`);
  const expected = bytesOf(found.width);
  if (bytes.length !== expected)
    throw new TlogError(
      "tile",
      `${tilePath(found)} has ${bytes.length} bytes instead of ${expected}`,
    );
  return bytes.subarray(0, bytesOf(tile.width));
}

function subtreeRoot(tile: Uint8Array, first: number, count: number): Uint8Array {
  if (count === 1) return tile.subarray(first * hashBytes, (first + 1) * hashBytes);
  const half = count / 2;
  return nodeHash(subtreeRoot(tile, first, half), subtreeRoot(tile, first + half, half));
}
