/** Builds the tree of a log from the entries of its records, and holds it against what is there. */
import { Buffer } from "node:buffer";

import { parseBundle } from "../../../tlog/entry-bundle.ts";
import { hashBytes, leafHash } from "../../../tlog/hashes.ts";
import type { TileFile } from "../../../tlog/tile-builder.ts";
import { readTileOrFull } from "../../../tlog/tile-reader.ts";
import { tileWidth } from "../../../tlog/tile.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import type { Anchor } from "./anchor.ts";
import { BlockTree } from "./block-tree.ts";
import type { LogFolder } from "./log-folder.ts";
import { TileComparison, type TileProblem } from "./tile-comparison.ts";

/** What the records of a log give. */
export interface PassResult {
  /** Entries. */
  readonly size: number;
  /** Checkpoints of at most so many entries whose root is another one, by size. */
  readonly misfits: readonly Anchor[];
  /** Entries of the largest checkpoint that fits, with all below it; 0: none does. */
  readonly fittingSize: number;
  readonly tiles: readonly TileProblem[];
  readonly leftovers: readonly TileProblem[];
  /** Roots of the blocks of 256 entries, one behind the other. */
  readonly blocks: Buffer;
}

const zeroEntry = Buffer.alloc(hashBytes);
const bundleBytes = (width: number): number => width * (2 + hashBytes);

/** One pass; entries come in their order. */
export class LogPass {
  readonly #folder: LogFolder;
  readonly #anchors: readonly Anchor[];
  readonly #tree = new BlockTree((tile) => this.#endTile(tile));
  readonly #tiles: TileComparison;
  /** The bundle that is being filled: entries with their lengths. */
  readonly #bundleBytes = Buffer.alloc(bundleBytes(tileWidth));
  readonly #blocks: Buffer[] = [];
  readonly #misfits: Anchor[] = [];
  #fittingSize = 0;
  #nextAnchor = 0;

  /** @param anchors by size */
  constructor(folder: LogFolder, anchors: readonly Anchor[]) {
    this.#folder = folder;
    this.#anchors = anchors;
    this.#tiles = new TileComparison(
      folder,
      anchors.map(({ size }) => size),
    );
    for (let at = 0; at < tileWidth; at += 1)
      this.#bundleBytes.writeUInt16BE(hashBytes, bundleBytes(at));
    this.#compareRoots();
  }

  /** Entries so far. */
  get size(): number {
    return this.#tree.size;
  }

  /** Appends entries and their leaf hashes, 32 bytes each. */
  push(entries: Buffer, leaves: Buffer): void {
    for (let at = 0; at < leaves.length;) {
      const nextSize = this.#anchors[this.#nextAnchor]?.size ?? Infinity;
      const count = Math.min(this.#tree.room, nextSize - this.size);
      const end = Math.min(leaves.length, at + count * hashBytes);
      this.#pushEntries(entries, at, end);
      this.#tree.append(leaves, at, end);
      at = end;
      this.#compareRoots();
    }
  }

  /** Entries of records that are not there: the log itself says what they were. */
  pushAbsent(count: number): void {
    const end = this.size + count;
    while (this.size < end) {
      const bundle = Math.floor(this.size / tileWidth);
      const first = this.size - bundle * tileWidth;
      const last = Math.min(tileWidth, end - bundle * tileWidth);
      const entries = this.#bundle(bundle, last).slice(first);
      this.push(Buffer.concat(entries), Buffer.concat(entries.map(leafHash)));
    }
  }

  finish(): PassResult {
    for (const file of this.#tree.edge()) this.#endTile(file);
    return {
      size: this.size,
      misfits: this.#misfits,
      fittingSize: this.#fittingSize,
      tiles: this.#tiles.problems,
      leftovers: this.#tiles.leftovers,
      blocks: Buffer.concat(this.#blocks),
    };
  }

  #pushEntries(entries: Buffer, from: number, to: number): void {
    let place = tileWidth - this.#tree.room;
    for (let at = from; at < to; at += hashBytes) {
      entries.copy(this.#bundleBytes, bundleBytes(place) + 2, at, at + hashBytes);
      place += 1;
    }
  }

  #endTile(file: TileFile): void {
    const { level, index, width } = file.tile;
    this.#tiles.compare(file);
    if (level === 1) this.#blocks.push(Buffer.from(file.bytes));
    if (level !== 0) return;
    const bytes = this.#bundleBytes.subarray(0, bundleBytes(width));
    this.#tiles.compare({ tile: { level: "entries", index, width }, bytes });
  }

  #compareRoots(): void {
    const { size } = this;
    for (;;) {
      const anchor = this.#anchors[this.#nextAnchor];
      if (anchor?.size !== size) return;
      this.#nextAnchor += 1;
      if (!this.#tree.root().equals(anchor.root)) this.#misfits.push(anchor);
      else if (this.#misfits.length === 0) this.#fittingSize = size;
    }
  }

  /** Entries of a bundle; zeros where it cannot be read, which no checkpoint fits then. */
  #bundle(index: number, width: number): readonly Uint8Array[] {
    const tile = { level: "entries", index, width } as const;
    try {
      const bytes = readTileOrFull(tile, bundleBytes, this.#readBundle);
      const entries = parseBundle(bytes, width);
      if (entries.every((entry) => entry.length === hashBytes)) return entries;
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
    }
    return Array.from({ length: width }, () => zeroEntry);
  }

  /** The smallest partial bundle that has enough, where there is no full one. */
  readonly #readBundle: LogFolder["readTile"] = (tile) => {
    const exact = this.#folder.readTile(tile);
    if (exact !== undefined || tile.width === tileWidth) return exact;
    const widths = this.#folder.partialWidths(tile.level, tile.index);
    const wider = Math.min(...widths.filter((width) => width > tile.width));
    if (!Number.isFinite(wider)) return undefined;
    return this.#folder.readTile({ ...tile, width: wider })?.subarray(0, bundleBytes(tile.width));
  };
}
