/** The folder of one log, as verifiers read it: nothing is made and nothing is changed. */
import type { Buffer } from "node:buffer";
import { closeSync, fstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../../core/regular-file.ts";
import { readWholeFile } from "../../../core/read-file.ts";

import { tilePath, tileWidth, type Tile } from "../../../tlog/tile.ts";
import { readPosition, type JournalPosition } from "../../store/journal-position.ts";
import { logFiles, tlogFolder } from "../../store/tlog-files.ts";
import { historyNotes, type HistoryNote } from "./checkpoint-history.ts";

/** Names of the logs that a directory has folders for. */
export function logNames(directory: string): string[] {
  try {
    return readdirSync(join(directory, tlogFolder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}

/** A file below the folder of all logs; `undefined`: there is none. */
export function readTlogFile(directory: string, name: string): Buffer | undefined {
  return contentOf(join(directory, tlogFolder, name));
}

/** Files of one log. Files that are missing are `undefined`, whatever the reason. */
export class LogFolder {
  readonly name: string;
  readonly #path: string;

  constructor(directory: string, name: string) {
    this.name = name;
    this.#path = join(directory, tlogFolder, name);
  }

  /** A tile or bundle. */
  readonly readTile = (tile: Tile): Buffer | undefined =>
    contentOf(join(this.#path, tilePath(tile)));

  /** Widths of the partial tiles at this place, in no order. */
  partialWidths(level: Tile["level"], index: number): number[] {
    const folder = `${join(this.#path, tilePath({ level, index, width: tileWidth }))}.p`;
    try {
      return readdirSync(folder).map(Number).filter(Number.isInteger);
    } catch {
      return [];
    }
  }

  /** The checkpoint that was published last. */
  checkpoint(): Buffer | undefined {
    return contentOf(join(this.#path, logFiles.checkpoint));
  }

  /**
   * Every checkpoint that was ever signed, and what else stands between them.
   *
   * @param maxBytes of the end of the file; the first note is cut off then. @default all
   */
  *history(maxBytes = Infinity): Generator<HistoryNote> {
    let fd: number;
    try {
      fd = openRegularFile(join(this.#path, logFiles.history));
    } catch {
      return;
    }
    try {
      yield* historyNotes(fd, Math.max(0, fstatSync(fd).size - maxBytes));
    } finally {
      closeSync(fd);
    }
  }

  /** Public keys that the directory claims for the log. */
  vkeys(): string[] {
    const text = contentOf(join(this.#path, logFiles.vkey))?.toString("utf8") ?? "";
    return text.split("\n").filter((line) => line !== "");
  }

  /** How far the follower came; a hint at most, as nobody signs it. */
  position(): JournalPosition | undefined {
    try {
      return readPosition(join(this.#path, logFiles.position));
    } catch {
      return undefined;
    }
  }
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readWholeFile(path);
  } catch {
    return undefined;
  }
}
