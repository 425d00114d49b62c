/** A Merkle tree that grows by leaf hashes and gives its tiles when they are full. */
import { Buffer } from "node:buffer";

import { digestText, hashBytes, nodePrefix } from "../../../tlog/hashes.ts";
import { MerkleTree } from "../../../tlog/merkle-tree.ts";
import type { TileFile } from "../../../tlog/tile-builder.ts";
import { tileWidth } from "../../../tlog/tile.ts";

/** Levels of nodes within a tile. */
const tileHeight = 8;

/**
 * Blocks of 256 leaves are hashed at once, where they lie; the tree above them grows by their
 * roots. That is what a verification of a whole log needs, in about 0.35 µs a leaf: roots at some
 * sizes, and every tile.
 */
export class BlockTree {
  readonly #onFull: (tile: TileFile) => void;
  /** Leaf hashes of the block that is being filled. */
  readonly #block = allocate(tileWidth * hashBytes);
  readonly #work = allocate((tileWidth / 2) * hashBytes);
  readonly #node = Buffer.alloc(1 + 2 * hashBytes, nodePrefix);
  readonly #above = new MerkleTree();
  readonly #levels: { readonly bytes: Buffer; count: number }[] = [];
  /** A tree that has come to some leaf of the block already. */
  #edge: MerkleTree | undefined = undefined;
  #width = 0;

  /** @param onFull is given each full tile; its bytes are valid during the call */
  constructor(onFull: (tile: TileFile) => void) {
    this.#onFull = onFull;
  }

  /** Number of leaves. */
  get size(): number {
    return this.#above.size * tileWidth + this.#width;
  }

  /** Leaves that fit into the block before it is full. */
  get room(): number {
    return tileWidth - this.#width;
  }

  /** Appends some leaf hashes, at most {@link room}. */
  append(leaves: Buffer, from: number, to: number): void {
    leaves.copy(this.#block, this.#width * hashBytes, from, to);
    this.#width += (to - from) / hashBytes;
    if (this.#width === tileWidth) this.#endBlock();
  }

  /** Root of the tree as it is now. */
  root(): Buffer {
    const { size, roots } = this.#above.state();
    const first = size * tileWidth;
    this.#edge ??= MerkleTree.restore({ size: first, roots });
    for (let at = this.#edge.size - first; at < this.#width; at += 1)
      this.#edge.appendLeafHash(this.#block.subarray(at * hashBytes, (at + 1) * hashBytes));
    return this.#edge.root();
  }

  /** The partial tiles at the right edge. */
  edge(): TileFile[] {
    const files = this.#levels.map(({ bytes, count }, at) => partial(at + 1, count, bytes));
    const index = this.#above.size;
    const tile = { level: 0, index, width: this.#width };
    const block = { tile, bytes: this.#block.subarray(0, this.#width * hashBytes) };
    return [block, ...files].filter((file) => file.tile.width > 0);
  }

  #endBlock(): void {
    const index = this.#above.size;
    this.#onFull({ tile: { level: 0, index, width: tileWidth }, bytes: this.#block });
    this.#above.appendLeafHash(this.#blockRoot());
    this.#width = 0;
    this.#edge = undefined;
    let leaves = 1;
    for (let level = 1; this.#above.size % leaves === 0; level += 1) {
      this.#grow(level);
      leaves *= tileWidth;
    }
  }

  /** A level of tiles got the root of a full tile below it. */
  #grow(level: number): void {
    const tile = (this.#levels[level - 1] ??= { bytes: allocate(tileWidth * hashBytes), count: 0 });
    const width = tile.count % tileWidth;
    this.#above.copyNode((level - 1) * tileHeight, tile.bytes, width * hashBytes);
    tile.count += 1;
    if (width + 1 < tileWidth) return;
    const index = tile.count / tileWidth - 1;
    this.#onFull({ tile: { level, index, width: tileWidth }, bytes: tile.bytes });
  }

  #blockRoot(): Buffer {
    let from = this.#block;
    for (let count = tileWidth / 2; count >= 1; count /= 2) {
      for (let at = 0; at < count; at += 1) {
        from.copy(this.#node, 1, 2 * at * hashBytes, 2 * (at + 1) * hashBytes);
        // What is written over has been read: node `at` is made of those at 2·at and behind.
        this.#work.latin1Write(digestText(this.#node), at * hashBytes);
      }
      from = this.#work;
    }
    return this.#work.subarray(0, hashBytes);
  }
}

function partial(level: number, count: number, bytes: Buffer): TileFile {
  const width = count % tileWidth;
  const index = (count - width) / tileWidth;
  return { tile: { level, index, width }, bytes: bytes.subarray(0, width * hashBytes) };
}

/** Node's own method behind `write(text, at, "latin1")`, without the look-up of the encoding. */
export interface Latin1Buffer extends Buffer {
  latin1Write(text: string, at: number): number;
}

/** A buffer of its own, with unspecified content. */
export function allocate(bytes: number): Latin1Buffer {
  // Present on every Buffer since Node 0.x, missing in the type declarations.
  return Buffer.allocUnsafeSlow(bytes) as Latin1Buffer;
}
