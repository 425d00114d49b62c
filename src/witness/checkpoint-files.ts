/** The newest cosigned checkpoint of each log, a file each. */
import { Buffer } from "node:buffer";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { readWholeFile } from "../core/read-file.ts";

import { createFile, makeFolder, replaceFile } from "../core/durable-file.ts";
import { hasErrorCode } from "../core/system-error.ts";
import { sha256 } from "../tlog/hashes.ts";

/** What a witness keeps. Calls return when it is on disk; all of them may throw. */
export interface CheckpointStore {
  /** The note that was stored last for an origin; `undefined`: never one. */
  read(origin: string): Buffer | undefined;
  /** Puts a note in the place of the one before. */
  write(origin: string, note: Uint8Array): void;
  /** Keeps a checkpoint that contradicts the stored one, as evidence against the log. */
  keepConflict(origin: string, note: Uint8Array): void;
}

/** One checkpoint proves that a log has forked; more are kept so that each victim can be shown. */
const maxConflicts = 16;

/**
 * `DIR/<hex SHA-256 of the origin>/checkpoint`, the same path as in the URL that serves it, and
 * beside it `conflict-<hex>` for what must never have been signed.
 */
export class CheckpointFiles implements CheckpointStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(origin: string): Buffer | undefined {
    try {
      return readWholeFile(this.#path(origin, "checkpoint"));
    } catch (error) {
      if (hasErrorCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  write(origin: string, note: Uint8Array): void {
    const path = this.#path(origin, "checkpoint");
    makeFolder(dirname(path), 0o700);
    replaceFile(path, note, 0o644);
  }

  keepConflict(origin: string, note: Uint8Array): void {
    const path = this.#path(origin, `conflict-${sha256(note).toString("hex", 0, 8)}`);
    makeFolder(dirname(path), 0o700);
    const names = readdirSync(dirname(path)).filter((name) => name.startsWith("conflict-"));
    if (names.length < maxConflicts) createFile(path, note, 0o644);
  }

  #path(origin: string, name: string): string {
    return join(this.#directory, originId(origin), name);
  }
}

/** An origin in file names and URLs (c2sp.org/tlog-witness): hex of its SHA-256. */
export function originId(origin: string): string {
  return sha256(Buffer.from(origin)).toString("hex");
}
