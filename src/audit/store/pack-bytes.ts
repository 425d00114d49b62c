/** The bytes of a pack, whether its file is plain, was compressed, or encrypted as well. */
import type { Buffer } from "node:buffer";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import { hasErrorCode } from "../../core/system-error.ts";
import { encryptedEnding } from "./age-file.ts";
import { openFileBytes, PlainFile, type FileBytes } from "./file-bytes.ts";
import { SeekableReader } from "./seekable-zstd.ts";

/** Offsets are those of the plain pack in either case. */
export type PackBytes = Pick<FileBytes, "read" | "close">;

class CompressedPack implements PackBytes {
  readonly #file: FileBytes;
  readonly #reader: SeekableReader;

  constructor(file: FileBytes, reader: SeekableReader) {
    this.#file = file;
    this.#reader = reader;
  }

  read(into: Buffer, length: number, offset: number): number {
    return this.#reader.read(into, 0, length, offset);
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * Opens the pack of this name, or the compressed or encrypted one that has taken its place.
 *
 * @throws {Error} of the file system; `ENOENT` when none is there
 */
export function openPackBytes(directory: string, name: string): PackBytes {
  const path = join(directory, name);
  try {
    return new PlainFile(openRegularFile(path));
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
  const file = openCompressed(`${path}.zst`);
  try {
    const reader = SeekableReader.open(file);
    if (reader !== undefined) return new CompressedPack(file, reader);
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  throw new Error(`${name}.zst has no table of its frames: unfold it with zstd -d`);
}

function openCompressed(path: string): FileBytes {
  try {
    return openFileBytes(path);
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
  return openFileBytes(path + encryptedEnding);
}
