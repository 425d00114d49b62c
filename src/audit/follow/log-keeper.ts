/** Keeps the transparency log of one journal: entries, tiles, checkpoints. */
import type { Checkpoint } from "../../tlog/checkpoint.ts";
import { parseNote } from "../../tlog/note.ts";
import { signCheckpoint, verifyCheckpoint } from "../../tlog/signed-checkpoint.ts";
import type { SigningKey } from "../../tlog/signing-key.ts";
import { hashBytes } from "../../tlog/hashes.ts";
import { parseBundle } from "../../tlog/entry-bundle.ts";
import { tileWidth } from "../../tlog/tile.ts";
import { readTileOrFull } from "../../tlog/tile-reader.ts";
import { TileBuilder } from "../../tlog/tile-builder.ts";
import { entryOfLine, isErasedLine } from "../format/erased-line.ts";
import type { FollowStage, LineRun } from "./line-run.ts";
import type { TlogFiles } from "../store/tlog-files.ts";

/** Full tiles wait in memory up to this many entries: 64 tiles and their bundles, 1.1 MB. */
const mostWaiting = 16_384;

/** Bytes of a bundle of so many entries, each with its length. */
const bundleBytes = (width: number): number => width * (2 + hashBytes);

/** What the newest checkpoint says. */
export interface SignedState {
  readonly size: number;
  /** Milliseconds since the epoch; 0: it was signed by an earlier process. */
  readonly signedMs: number;
}

/**
 * Entry = SHA-256 of a record's line without its line feed, so that a record can be erased and the
 * tree stays whole. The hot path knows nothing of it: everything is computed from what was written.
 */
export class LogKeeper implements FollowStage {
  readonly #files: TlogFiles;
  readonly #keys: readonly SigningKey[];
  readonly #builder: TileBuilder;
  #signed: SignedState = { size: 0, signedMs: 0 };
  #waiting = 0;
  /** The bundle that was read last. */
  #read: { readonly bundle: number; readonly entries: readonly Uint8Array[] } | undefined =
    undefined;
  /**
   * What was signed for more entries than the tree has: the position was lost, and they come again.
   */
  #owed: Checkpoint | undefined = undefined;
  /** The newest checkpoint as it stands in its file; `undefined`: there is none. */
  #note: Buffer | undefined = undefined;

  /**
   * Goes on with the log in a folder.
   *
   * @param size entries that the saved position stands for
   * @param keys each named like the log's origin
   * @throws {Error} when the tiles contradict the checkpoint that was signed for them
   */
  constructor(files: TlogFiles, size: number, keys: readonly SigningKey[]) {
    this.#files = files;
    this.#keys = keys;
    this.#builder = TileBuilder.open(size, files.readTile);
    files.writeVkeys(keys.map(({ verifier }) => verifier.toString()));
    this.#note = files.readCheckpoint();
    if (this.#note === undefined) return;
    const { checkpoint } = verifyCheckpoint(
      this.#note,
      keys.map(({ verifier }) => verifier),
    );
    this.#signed = { size: checkpoint.size, signedMs: 0 };
    if (checkpoint.size > size) this.#owed = checkpoint;
    else compare(TileBuilder.open(checkpoint.size, files.readTile), checkpoint);
  }

  get folder(): string {
    return this.#files.folder;
  }

  get size(): number {
    return this.#builder.size;
  }

  get signed(): SignedState {
    return this.#signed;
  }

  /** The newest checkpoint; `undefined`: none was signed yet. */
  get note(): Buffer | undefined {
    return this.#note;
  }

  /** @throws {Error} when the lines are not those that were signed */
  lines({ bytes, ends }: LineRun): void {
    let start = 0;
    for (const end of ends) {
      // A position that was lost has erased records followed again.
      if (isErasedLine(bytes, start, end)) this.#builder.append(entryOfLine(bytes, start, end));
      else this.#builder.appendRecord(bytes.subarray(start, end));
      start = end + 1;
      if (this.#builder.size === this.#owed?.size) {
        compare(this.#builder, this.#owed);
        this.#owed = undefined;
      }
      this.#waiting += 1;
      if (this.#waiting >= mostWaiting) this.save();
    }
  }

  /** SHA-256 of a record's line, by its number in the journal; `undefined` beyond the end. */
  entry(index: number): Uint8Array | undefined {
    const { size } = this.#builder;
    if (index >= size) return undefined;
    this.save();
    const bundle = Math.floor(index / tileWidth);
    const width = Math.min(tileWidth, size - bundle * tileWidth);
    if (this.#read?.bundle === bundle && this.#read.entries.length === width)
      return this.#read.entries[index % tileWidth];
    const tile = { level: "entries", index: bundle, width } as const;
    const bytes = readTileOrFull(tile, bundleBytes, this.#files.readTile);
    this.#read = { bundle, entries: parseBundle(bytes, width) };
    return this.#read.entries[index % tileWidth];
  }

  /** The newest checkpoint was removed, alone or with the log's other files. */
  get isRemoved(): boolean {
    return this.#note !== undefined && !this.#files.hasCheckpoint;
  }

  sealed(): void {
    // Its end is a checkpoint, which the follower asks for.
  }

  save(): void {
    this.#files.writeTiles(this.#builder.take());
    this.#waiting = 0;
  }

  /**
   * Signs the tree as it is, where it has grown since the last time. Call after `save`, and after
   * the position was saved.
   *
   * @param nowMs milliseconds since the epoch
   * @returns whether there is a new checkpoint
   * @throws {Error} of the file system
   */
  sign(origin: string, nowMs: number): boolean {
    const { size } = this.#builder;
    if (this.#owed !== undefined) return false;
    if (this.#note !== undefined && size === this.#signed.size) {
      this.#signed = { size, signedMs: nowMs };
      return false;
    }
    const checkpoint = { origin, size, root: this.#builder.root(), extensions: [] };
    this.#note = signCheckpoint(checkpoint, this.#keys, Math.floor(nowMs / 1000));
    this.#files.writeCheckpoint(this.#note);
    this.#signed = { size, signedMs: nowMs };
    return true;
  }

  /** Writes again what can be of removed files of the log. @throws {Error} of the file system */
  restore(): void {
    this.#files.writeVkeys(this.#keys.map(({ verifier }) => verifier.toString()));
    if (this.#note !== undefined) this.#files.writeCheckpoint(this.#note);
  }

  /**
   * Puts cosignature lines behind the checkpoint that they are for. One that a newer checkpoint has
   * taken the place of meanwhile is in the history all the same: it is what somebody else has seen.
   *
   * @param note as it was posted
   * @throws {Error} of the file system
   */
  cosigned(note: Uint8Array, lines: string): void {
    const isNewest = this.#note !== undefined && textOf(this.#note) === textOf(note);
    const base = isNewest && this.#note !== undefined ? this.#note : note;
    const cosigned = Buffer.concat([base, Buffer.from(lines)]);
    this.#files.keepCheckpoint(cosigned);
    if (!isNewest) return;
    this.#note = cosigned;
    this.#files.replaceCheckpoint(cosigned);
  }
}

function textOf(note: Uint8Array): string {
  return parseNote(note).text;
}

/**
 * @throws {Error} when the tree is not the one that was signed: then nothing may be signed again
 */
function compare(tree: TileBuilder, { origin, size, root }: Checkpoint): void {
  if (!tree.root().equals(root))
    throw new Error(`the tree is not the one that was signed for ${origin} at size ${size}`);
}
