/** The bytes of a pack, whether its file is plain or was compressed. */
import type { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";

import { hasErrorCode } from "../../core/system-error.ts";
import { SeekableReader } from "./seekable-zstd.ts";

/** Offsets are those of the plain pack in either case. */
export interface PackBytes {
  /** Reads from the start of `into`. @returns bytes read. @throws {Error} of the file system */
  read(into: Buffer, length: number, offset: number): number;
  close(): void;
}

/** A plain file. */
export class PlainPack implements PackBytes {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(into: Buffer, length: number, offset: number): number {
    return readSync(this.#fd, into, 0, length, offset);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

class CompressedPack implements PackBytes {
  readonly #fd: number;
  readonly #reader: SeekableReader;

  constructor(fd: number, reader: SeekableReader) {
    this.#fd = fd;
    this.#reader = reader;
  }

  read(into: Buffer, length: number, offset: number): number {
    return this.#reader.read(into, 0, length, offset);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Opens the pack of this name, or the compressed one that has taken its place.
 *
 * @throws {Error} of the file system; `ENOENT` when neither is there
 */
export function openPackBytes(directory: string, name: string): PackBytes {
  try {
    return new PlainPack(openSync(join(directory, name), "r"));
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
  const fd = openSync(join(directory, `${name}.zst`), "r");
  const reader = SeekableReader.open(fd);
  if (reader !== undefined) return new CompressedPack(fd, reader);
  closeSync(fd);
  throw new Error(`${name}.zst has no table of its frames: unfold it with zstd -d`);
}
