/** Appends entries to a log and gives the tiles and bundles that changed. No files here. */

import { Buffer } from "node:buffer";

import { digestText, hashBytes } from "./hashes.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { levelWidth, tileWidth } from "./tile.ts";
import type { Tile } from "./tile.ts";
import { readTileOrFull, TileReader } from "./tile-reader.ts";
import type { ReadTile } from "./tile-reader.ts";
import { TlogError } from "./tlog-error.ts";

/** A tile or bundle and what its file holds. */
export interface TileFile {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

/** Levels of nodes within a tile: 2^8 hashes. */
const tileHeight = 8;
/** Bytes of an entry in a bundle: its length as a uint16, and a SHA-256. */
const bundledEntryBytes = 2 + hashBytes;

/**
 * A tree together with the tiles of its right edge: one of at most 8 KiB a level, and one bundle.
 *
 * Full tiles are kept until {@link take}, 17 KiB for 256 entries, so take often. Every node is
 * hashed once: the hash that goes to a higher level of tiles is one that the tree made anyway.
 */
export class TileBuilder {
  readonly #tree: MerkleTree;
  readonly #bundle: EdgeTile;
  readonly #levels: EdgeTile[] = [];

  private constructor(tree: MerkleTree) {
    this.#tree = tree;
    this.#bundle = new EdgeTile("entries", bundledEntryBytes, tree.size);
  }

  /** A log without entries. */
  static create(): TileBuilder {
    return new TileBuilder(new MerkleTree());
  }

  /**
   * Goes on with a log of this size, from the tiles and the bundle at its right edge. Compare
   * {@link root} with a checkpoint: what the tiles say is believed.
   *
   * @throws {TlogError} `tile` when one is missing or misshapen
   */
  static open(size: number, readTile: ReadTile): TileBuilder {
    const reader = new TileReader(size, readTile);
    const roots: Uint8Array[] = [];
    let offset = 0;
    for (let height = 52; height >= 0; height -= 1) {
      const leaves = 2 ** height;
      if (size - offset < leaves) continue;
      roots.push(reader.node(height, offset / leaves));
      offset += leaves;
    }
    const state = { size, roots: Buffer.concat(roots).toString("base64") };
    const builder = new TileBuilder(MerkleTree.restore(state));
    builder.#bundle.load(readTile);
    for (let level = 0; levelWidth(level, size) > 0; level += 1) {
      const edge = new EdgeTile(level, hashBytes, levelWidth(level, size));
      edge.load(readTile);
      builder.#levels.push(edge);
    }
    return builder;
  }

  /** Number of entries. */
  get size(): number {
    return this.#tree.size;
  }

  /** Root of the tree as it is now. */
  root(): Buffer {
    return this.#tree.root();
  }

  /** Appends an entry of 32 bytes. @throws {RangeError} for any other length */
  append(entry: Uint8Array): void {
    if (entry.length !== hashBytes)
      throw new RangeError(`an entry has ${hashBytes} bytes, not ${entry.length}`);
    this.#append(Buffer.from(entry.buffer, entry.byteOffset, hashBytes).toString("latin1"));
  }

  /** Appends the entry of a record: `append(recordEntry(line))` without the allocation. */
  appendRecord(line: Uint8Array): void {
    this.#append(digestText(line));
  }

  #append(entry: string): void {
    const leaf = this.#tree.appendDigest(entry);
    this.#bundle.pushEntry(entry);
    this.#edge(0).pushNode(leaf);
    let leaves = tileWidth;
    for (let level = 1; this.#tree.size % leaves === 0; level += 1) {
      this.#edge(level).copyNode(this.#tree, level * tileHeight);
      leaves *= tileWidth;
    }
  }

  /**
   * Files to write so that the folder holds the tree as it is now, since the last call: bundles,
   * then levels from below. Write all of them before a checkpoint of this size is signed.
   */
  take(): TileFile[] {
    return [this.#bundle, ...this.#levels].flatMap((edge) => edge.take());
  }

  #edge(level: number): EdgeTile {
    const edge = this.#levels[level] ?? new EdgeTile(level, hashBytes, 0);
    this.#levels[level] = edge;
    return edge;
  }
}

/** The tile of a level that is being filled, and the full ones that have not been taken. */
class EdgeTile {
  readonly #level: Tile["level"];
  readonly #stride: number;
  #index: number;
  #width: number;
  #takenWidth: number;
  #bytes: Buffer;
  #full: TileFile[] = [];

  /** @param count hashes or entries that the level has already */
  constructor(level: Tile["level"], stride: number, count: number) {
    this.#level = level;
    this.#stride = stride;
    this.#index = Math.floor(count / tileWidth);
    this.#width = count % tileWidth;
    this.#takenWidth = this.#width;
    this.#bytes = Buffer.allocUnsafe(tileWidth * stride);
  }

  /** Reads what is there of the tile. @throws {TlogError} `tile` */
  load(readTile: ReadTile): void {
    if (this.#width === 0) return;
    const tile = { level: this.#level, index: this.#index, width: this.#width };
    this.#bytes.set(readTileOrFull(tile, (width) => width * this.#stride, readTile));
    if (this.#level !== "entries") return;
    for (let offset = 0; offset < this.#width * this.#stride; offset += this.#stride)
      if (this.#bytes.readUInt16BE(offset) !== hashBytes)
        throw new TlogError(
          "tile",
          `bundle ${this.#index} holds an entry that is not ${hashBytes} bytes long`,
        );
  }

  copyNode(tree: MerkleTree, height: number): void {
    tree.copyNode(height, this.#bytes, this.#width * this.#stride);
    this.#grow();
  }

  /** @param hash as `digestText` gives it */
  pushNode(hash: string): void {
    this.#bytes.write(hash, this.#width * this.#stride, hashBytes, "latin1");
    this.#grow();
  }

  /** @param entry as `digestText` gives it */
  pushEntry(entry: string): void {
    const offset = this.#width * this.#stride;
    this.#bytes[offset] = 0;
    this.#bytes[offset + 1] = hashBytes;
    this.#bytes.write(entry, offset + 2, hashBytes, "latin1");
    this.#grow();
  }

  take(): TileFile[] {
    const files = this.#full;
    this.#full = [];
    if (this.#width > this.#takenWidth) {
      // A copy: the tile goes on to be filled while the caller writes the file.
      const bytes = Buffer.from(this.#bytes.subarray(0, this.#width * this.#stride));
      files.push({ tile: { level: this.#level, index: this.#index, width: this.#width }, bytes });
      this.#takenWidth = this.#width;
    }
    return files;
  }

  #grow(): void {
    this.#width += 1;
    if (this.#width < tileWidth) return;
    this.#full.push({
      tile: { level: this.#level, index: this.#index, width: tileWidth },
      bytes: this.#bytes,
    });
    this.#bytes = Buffer.allocUnsafe(tileWidth * this.#stride);
    this.#index += 1;
    this.#width = 0;
    this.#takenWidth = 0;
  }
}
