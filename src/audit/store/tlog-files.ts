/** The folder of one log: tiles, checkpoints and the saved position (c2sp.org/tlog-tiles). */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { tilePath, tileWidth, type Tile } from "../../tlog/tile.ts";
import type { TileFile } from "../../tlog/tile-builder.ts";

/** The folder below the audit directory in which each journal has a folder of its own. */
export const tlogFolder = "tlog";

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
 *     checkpoints    all that were ever signed, one behind the other
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
    return join(this.folder, "position.json");
  }

  /** A tile or bundle; `undefined` when there is none. */
  readTile = (tile: Tile): Uint8Array | undefined => {
    try {
      return readFileSync(join(this.folder, tilePath(tile)));
    } catch {
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

  /** The newest signed checkpoint; `undefined`: none was ever signed. */
  readCheckpoint(): Buffer | undefined {
    const path = join(this.folder, "checkpoint");
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /**
   * Stores a signed checkpoint on the device before it takes its place: a log that forgot what it
   * had signed could sign something else. @throws {Error} of the file system
   */
  writeCheckpoint(note: Uint8Array): void {
    const fd = openSync(join(this.folder, "checkpoints"), "a", 0o600);
    try {
      writeSync(fd, note);
      // Notes end with a line feed; an empty line keeps them apart.
      writeSync(fd, "\n");
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.replaceCheckpoint(note);
  }

  /** The same checkpoint with more signatures. @throws {Error} of the file system */
  replaceCheckpoint(note: Uint8Array): void {
    const path = join(this.folder, "checkpoint");
    writeFileSync(`${path}.new`, note, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}
