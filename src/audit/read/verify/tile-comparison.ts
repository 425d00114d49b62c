/** Compares the tiles of a log's folder with those that the records give. */
import type { Buffer } from "node:buffer";

import type { TileFile } from "../../../tlog/tile-builder.ts";
import { levelWidth, tilePath, tileWidth, type Tile } from "../../../tlog/tile.ts";
import type { LogFolder } from "./log-folder.ts";

/** A tile or bundle that is not what it should be. */
export interface TileProblem {
  readonly tile: Tile;
  readonly what: "changed" | "missing";
}

/** Counting stops here: one is enough for a verdict, and a log may have millions. */
const maxProblems = 1000;

/**
 * Compares every tile file that lies at the place of a given one, full or partial.
 *
 * A partial tile whose width is that of no signed tree belongs to nobody: it was written before a
 * checkpoint that never came, and a power loss may have left it with other records behind it.
 */
export class TileComparison {
  readonly #folder: LogFolder;
  readonly #sizes: readonly number[];
  readonly problems: TileProblem[] = [];
  /** Of tiles that belong to no signed tree. */
  readonly leftovers: TileProblem[] = [];

  /** @param sizes of the signed trees, the largest last */
  constructor(folder: LogFolder, sizes: readonly number[]) {
    this.#folder = folder;
    this.#sizes = sizes;
  }

  /** The records give this tile; it may be partial where they end. */
  compare({ tile, bytes }: TileFile): void {
    const { level, index, width } = tile;
    const stride = bytes.length / width;
    const full = this.#folder.readTile({ ...tile, width: tileWidth });
    if (full !== undefined) this.#check({ ...tile, width: tileWidth }, full, bytes, stride);
    let hasNeeded = full !== undefined;
    const needed = this.#neededWidth(tile);
    for (const partial of this.#folder.partialWidths(level, index)) {
      const file = this.#folder.readTile({ ...tile, width: partial });
      if (file === undefined) continue;
      if (partial === needed) hasNeeded = true;
      this.#check({ ...tile, width: partial }, file, bytes, stride);
    }
    if (needed > 0 && !hasNeeded) this.#add({ tile: { ...tile, width: needed }, what: "missing" });
  }

  /** What lies there is what the records give, as far as both go. */
  #check(tile: Tile, file: Buffer, bytes: Uint8Array, stride: number): void {
    const length = Math.min(file.length, bytes.length);
    const isEqual = file.subarray(0, length).equals(bytes.subarray(0, length));
    if (isEqual && file.length === tile.width * stride) return;
    const problem: TileProblem = { tile, what: "changed" };
    if (this.#isSigned(tile)) this.#add(problem);
    else this.leftovers.push(problem);
  }

  #add(problem: TileProblem): void {
    if (this.problems.length < maxProblems) this.problems.push(problem);
  }

  /** Width of the tile in the newest signed tree; 0: it has none there. */
  #neededWidth(tile: Tile): number {
    return widthIn(this.#sizes.at(-1) ?? 0, tile);
  }

  #isSigned(tile: Tile): boolean {
    if (tile.width === tileWidth) return this.#neededWidth(tile) > 0;
    return this.#sizes.some((size) => widthIn(size, tile) === tile.width);
  }
}

/** `tile/0/x001/234` for messages. */
export function pathOf({ tile }: TileProblem): string {
  return tilePath(tile);
}

function widthIn(size: number, { level, index }: Tile): number {
  const count = levelWidth(level === "entries" ? 0 : level, size) - index * tileWidth;
  return Math.max(0, Math.min(tileWidth, count));
}
