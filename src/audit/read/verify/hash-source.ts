/** Where the hashes of a log can be read from, none of them believed before it fits the root. */
import { Buffer } from "node:buffer";

import { parseBundle } from "../../../tlog/entry-bundle.ts";
import { hashBytes, leafHash, nodeHash } from "../../../tlog/hashes.ts";
import { levelWidth, tileWidth } from "../../../tlog/tile.ts";
import { HashPyramid } from "./hash-pyramid.ts";
import type { LogFolder } from "./log-folder.ts";

/** A second opinion on the nodes of a tree. */
export interface HashSource {
  readonly name: "tiles" | "bundles" | "higher tiles" | "records";
  /** Root of the subtree number `index` of 2^height leaves; `undefined`: it says nothing of it. */
  node(height: number, index: number): Buffer | undefined;
}

/** Levels of nodes within a tile. */
const tileHeight = 8;
const cachedBlocks = 64;

/** Leaf hashes from the tiles of level 0, or from the entries in the bundles. */
export class LeafSource implements HashSource {
  readonly name: "tiles" | "bundles";
  readonly #folder: LogFolder;
  readonly #size: number;
  /** Made when it is first asked for: it takes a look at all tiles. */
  #pyramid: HashPyramid | undefined = undefined;
  readonly #cache = new Map<number, Buffer | undefined>();

  /** @param size of the tree */
  constructor(name: "tiles" | "bundles", folder: LogFolder, size: number) {
    this.name = name;
    this.#folder = folder;
    this.#size = size;
  }

  node(height: number, index: number): Buffer | undefined {
    if (height >= tileHeight) return (this.#pyramid ??= this.#makePyramid()).node(height, index);
    const count = 2 ** height;
    const first = index * count;
    const leaves = this.#block(Math.floor(first / tileWidth));
    if (leaves === undefined) return undefined;
    const start = (first % tileWidth) * hashBytes;
    const end = start + count * hashBytes;
    return end > leaves.length ? undefined : rootOf(leaves.subarray(start, end));
  }

  #makePyramid(): HashPyramid {
    const count = Math.floor(this.#size / tileWidth);
    const roots = Buffer.alloc(count * hashBytes);
    const known = new Uint8Array(count);
    for (let block = 0; block < count; block += 1) {
      const leaves = this.#read(block);
      if (leaves === undefined) continue;
      rootOf(leaves).copy(roots, block * hashBytes);
      known[block] = 1;
    }
    return new HashPyramid(tileHeight, roots, (index) => known[index] === 1);
  }

  #block(block: number): Buffer | undefined {
    if (!this.#cache.has(block)) {
      if (this.#cache.size >= cachedBlocks) this.#cache.clear();
      this.#cache.set(block, this.#read(block));
    }
    return this.#cache.get(block);
  }

  /** Leaf hashes of a block, as many as there are in the tree. */
  #read(block: number): Buffer | undefined {
    const width = Math.min(tileWidth, this.#size - block * tileWidth);
    const level = this.name === "tiles" ? 0 : "entries";
    // A wider one than is needed holds it, too; a log that goes on keeps only the full one.
    const widths = [width, ...this.#widerThan(level, block, width), tileWidth];
    for (const wide of widths) {
      const bytes = this.#folder.readTile({ level, index: block, width: wide });
      const leaves = bytes && (level === 0 ? hashesOf(bytes, wide) : leavesOf(bytes, wide));
      if (leaves !== undefined) return leaves.subarray(0, width * hashBytes);
    }
    return undefined;
  }

  #widerThan(level: 0 | "entries", block: number, width: number): number[] {
    if (width === tileWidth) return [];
    const widths = this.#folder.partialWidths(level, block).filter((wide) => wide > width);
    return widths.sort((one, other) => one - other);
  }
}

/** Roots of whole tiles, as they stand in the tiles of a higher level. */
export class HigherTileSource implements HashSource {
  readonly name = "higher tiles";
  readonly level: number;
  readonly #pyramid: HashPyramid;

  /** @param level 1 or more */
  constructor(folder: LogFolder, size: number, level: number) {
    this.level = level;
    const count = levelWidth(level, size);
    const hashes = Buffer.alloc(count * hashBytes);
    const known = new Uint8Array(count);
    for (let first = 0; first < count; first += tileWidth) {
      const width = Math.min(tileWidth, count - first);
      const tile = { level, index: first / tileWidth, width };
      const bytes = folder.readTile(tile) ?? folder.readTile({ ...tile, width: tileWidth });
      if (bytes === undefined || bytes.length < width * hashBytes) continue;
      bytes.copy(hashes, first * hashBytes, 0, width * hashBytes);
      known.fill(1, first, first + width);
    }
    const height = level * tileHeight;
    this.#pyramid = new HashPyramid(height, hashes, (index) => known[index] === 1);
  }

  node(height: number, index: number): Buffer | undefined {
    return this.#pyramid.node(height, index);
  }
}

/** The records themselves, as far as none is missing or too much before them. */
export class RecordSource implements HashSource {
  readonly name = "records";
  readonly #pyramid: HashPyramid;

  /** @param blocks roots of blocks of 256 records */
  constructor(blocks: Buffer) {
    this.#pyramid = new HashPyramid(tileHeight, blocks);
  }

  node(height: number, index: number): Buffer | undefined {
    return this.#pyramid.node(height, index);
  }
}

/** Root of some leaf hashes whose number is a power of two. */
function rootOf(leaves: Buffer): Buffer {
  if (leaves.length === hashBytes) return leaves;
  const half = leaves.length / 2;
  return nodeHash(rootOf(leaves.subarray(0, half)), rootOf(leaves.subarray(half)));
}

function hashesOf(bytes: Buffer, width: number): Buffer | undefined {
  return bytes.length === width * hashBytes ? bytes : undefined;
}

function leavesOf(bytes: Buffer, width: number): Buffer | undefined {
  try {
    return Buffer.concat(parseBundle(bytes, width).map(leafHash));
  } catch {
    return undefined;
  }
}
