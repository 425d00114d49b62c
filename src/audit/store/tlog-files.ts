/** The folder of one log: tiles, checkpoints and the saved position (c2sp.org/tlog-tiles). */
import { Buffer } from "node:buffer";
import {
  constants,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";
import { readWholeFile } from "../../core/read-file.ts";
import { hasErrorCode } from "../../core/system-error.ts";

import { replaceFile, renewFile } from "../../core/durable-file.ts";
import { tilePath, tileWidth, type Tile } from "../../tlog/tile.ts";
import type { TileFile } from "../../tlog/tile-builder.ts";

/** The folder below the audit directory in which each journal has a folder of its own. */
export const tlogFolder = "tlog";

/** Files beside the folders of the logs: what binds the logs, and which keys they have. */
export const manifestFile = "manifest";
export const policyFile = "policy";
/** First line of a manifest. */
export const manifestForm = "es-proxy-manifest/v1";

/** Names of the files in a log's folder. */
export const logFiles = {
  checkpoint: "checkpoint",
  history: "checkpoints",
  position: "position.json",
  vkey: "vkey",
} as const;

/** What ends a note in the history. Longer than the longest note would be in vain to read. */
const noteEnd = Buffer.from("\n\n");
const mostNoteBytes = 1_048_576;

/**
 * Name of a journal's log: `audit.2` for `audit.2.ndjson`, `audit-text` for `audit.log`. No folder
 * may look like a file of records to those who search for them.
 */
export function logName(journal: string): string {
  return journal.replace(/\.ndjson$/, "").replace(/\.log$/, "-text");
}

/**
 * Files of one log. All of them can be served as they are: nothing secret stands in them.
 *
 *     checkpoint     the newest signed one
 *     checkpoints    all that were ever signed, one behind the other, again when cosigned
 *     vkey           public keys of the log, one a line
 *     tile/…         hashes and entries
 *     position.json  how far the journal was followed
 */
export class TlogFiles {
  readonly folder: string;

  /** @throws {Error} of the file system */
  constructor(directory: string, journal: string) {
    this.folder = join(directory, tlogFolder, logName(journal));
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
  }

  get positionPath(): string {
    return join(this.folder, logFiles.position);
  }

  /** A tile or bundle; `undefined` when there is none. @throws {Error} of the file system */
  readTile = (tile: Tile): Uint8Array | undefined => {
    try {
      return readWholeFile(join(this.folder, tilePath(tile)));
    } catch (error) {
      // That it cannot be read at the moment says nothing about it.
      if (!isMissing(error)) throw error;
      return undefined;
    }
  };

  /** Writes tiles; a full one takes its partial ones away. @throws {Error} of the file system */
  writeTiles(files: readonly TileFile[]): void {
    for (const { tile, bytes } of files) {
      const path = join(this.folder, tilePath(tile));
      try {
        writeFileSync(path, bytes, { mode: 0o600 });
      } catch {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        writeFileSync(path, bytes, { mode: 0o600 });
      }
      if (tile.width === tileWidth) rmSync(`${path}.p`, { recursive: true, force: true });
    }
  }

  /** Whether the newest checkpoint is there; it is from the first one on. */
  get hasCheckpoint(): boolean {
    return existsSync(join(this.folder, logFiles.checkpoint));
  }

  /**
   * The newest signed checkpoint; `undefined`: none was ever signed. One that cannot be read now is
   * there all the same: another one must not be signed in its place.
   *
   * @throws {Error} of the file system
   */
  readCheckpoint(): Buffer | undefined {
    try {
      return readWholeFile(join(this.folder, logFiles.checkpoint));
    } catch (error) {
      if (!isMissing(error)) throw error;
      return undefined;
    }
  }

  /**
   * Stores a signed checkpoint on the device before it takes its place: a log that forgot what it
   * had signed could sign something else. @throws {Error} of the file system
   */
  writeCheckpoint(note: Uint8Array): void {
    this.keepCheckpoint(note);
    this.replaceCheckpoint(note);
  }

  /** Adds a checkpoint to the history, on the device. @throws {Error} of the file system */
  keepCheckpoint(note: Uint8Array): void {
    const fd = openRegularFile(
      join(this.folder, logFiles.history),
      constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
    );
    try {
      cutTornNote(fd);
      // Notes end with a line feed; an empty line keeps them apart.
      writeSync(fd, Buffer.concat([note, Buffer.from("\n")]));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** The same checkpoint with more signatures. @throws {Error} of the file system */
  replaceCheckpoint(note: Uint8Array): void {
    const path = join(this.folder, logFiles.checkpoint);
    renewFile(path, note);
  }

  /** Notes with which keys the log signs, for who verifies it. @throws {Error} of the system */
  writeVkeys(vkeys: readonly string[]): void {
    writeChanged(join(this.folder, logFiles.vkey), `${vkeys.join("\n")}\n`);
  }
}

function isMissing(error: unknown): boolean {
  return hasErrorCode(error, "ENOENT") || hasErrorCode(error, "ENOTDIR");
}

/** Replaces a small text file when its content is another one. @throws {Error} of the system */
export function writeChanged(path: string, text: string): void {
  if (existsSync(path) && readWholeFile(path).toString("utf8") === text) return;
  replaceFile(path, Buffer.from(text), 0o600);
}

/** What a power loss has left of a note at the end of the history is not one: it is cut off. */
function cutTornNote(fd: number): void {
  const { size } = fstatSync(fd);
  const tail = Buffer.alloc(Math.min(size, mostNoteBytes));
  readSync(fd, tail, 0, tail.length, size - tail.length);
  if (size === 0 || tail.subarray(-noteEnd.length).equals(noteEnd)) return;
  // The first line of signatures behind an empty line ends a whole note.
  let end = tail.lastIndexOf(noteEnd);
  while (end >= 0 && !isBehindSignature(tail, end)) end = tail.lastIndexOf(noteEnd, end - 1);
  ftruncateSync(fd, end < 0 ? size - tail.length : size - tail.length + end + noteEnd.length);
}

function isBehindSignature(bytes: Buffer, end: number): boolean {
  const start = end === 0 ? 0 : bytes.lastIndexOf(0x0a, end - 1) + 1;
  return bytes.toString("utf8", start, end).startsWith("\u2014 ");
}
