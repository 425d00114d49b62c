/** The bytes of a file at any place, whether it is plain or encrypted. */
import type { Buffer } from "node:buffer";
import { closeSync, fstatSync, readSync } from "node:fs";

import { openReading } from "./append-file.ts";
import { AgeFile, encryptedEnding } from "./age-file.ts";
import { keyOf } from "./opened-keys.ts";

/** An open file; `close` ends it. */
export interface FileBytes {
  /** Of what it holds. Bytes. */
  readonly size: number;
  /**
   * Reads to the start of `into`.
   *
   * @returns bytes read: fewer only at the end
   * @throws {Error} of the file system, or when the file is damaged
   */
  read(into: Buffer, length: number, offset: number): number;
  close(): void;
}

/** A plain file. */
export class PlainFile implements FileBytes {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  get size(): number {
    return fstatSync(this.#fd).size;
  }

  read(into: Buffer, length: number, offset: number): number {
    return readSync(this.#fd, into, 0, length, offset);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Opens a file of an audit directory; one that ends in `.age` with the key that was opened for it.
 *
 * @throws {Error} of the file system, or when there is no key
 */
export function openFileBytes(path: string): FileBytes {
  const fd = openReading(path);
  if (!path.endsWith(encryptedEnding)) return new PlainFile(fd);
  const key = keyOf(path);
  if (key !== undefined) return new AgeFile(fd, key);
  closeSync(fd);
  throw new Error("it is encrypted, and no identity given opens it");
}
