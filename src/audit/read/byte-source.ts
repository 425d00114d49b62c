/** Where the bytes of a segment come from: the file itself, or what it unfolds to. */
import { Buffer } from "node:buffer";
import { open, type FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";
import { readingFlags, readRegularFile } from "../../core/regular-file.ts";

import { encryptedEnding } from "../store/age-file.ts";
import { openFileBytes } from "../store/file-bytes.ts";
import type { Segment } from "./segment.ts";

/** Bytes in order. */
export interface ByteSource {
  /** Reads at most `length` bytes to `at`; 0: there are no more, at the moment or for good. */
  read(into: Buffer, at: number, length: number): Promise<number>;
  /** Bytes of the file that have been read. */
  readonly position: number;
  close(): Promise<void>;
}

/** Opens a segment for reading from its start. @throws {Error} of the file system */
export async function openSource(segment: Segment): Promise<ByteSource> {
  if (segment.isCompressed) return new ZstdSource(segment.path);
  return new FileSource(await open(segment.path, readingFlags));
}

/** A plain file; one that grows goes on giving bytes after it has given 0. */
export class FileSource implements ByteSource {
  readonly handle: FileHandle;
  position: number;

  constructor(handle: FileHandle, position = 0) {
    this.handle = handle;
    this.position = position;
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    const { bytesRead } = await this.handle.read(into, at, length, this.position);
    this.position += bytesRead;
    return bytesRead;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/** Unfolded pieces that wait to be read; so many bound memory to about a megabyte. */
const maxQueued = 8;
/** What is decrypted at once. */
const pieceBytes = 65_536;

/**
 * A file that is compressed with zstd, of one frame or of many. What comes before a broken place is
 * given before the error is.
 */
class ZstdSource implements ByteSource {
  readonly #file: Readable;
  #position = 0;
  readonly #unfolded = createZstdDecompress();
  readonly #queue: Buffer[] = [];
  #taken = 0;
  #isOver = false;
  #error: unknown = undefined;
  #wake: (() => void) | undefined = undefined;

  constructor(path: string) {
    this.#file = path.endsWith(encryptedEnding)
      ? Readable.from(piecesOf(path), { objectMode: false })
      : readRegularFile(path);
    this.#file.on("data", ({ length }: Buffer) => {
      this.#position += length;
    });
    this.#file.on("error", (error) => this.#unfolded.destroy(error));
    this.#unfolded.on("data", (chunk: Buffer) => {
      this.#queue.push(chunk);
      if (this.#queue.length >= maxQueued) this.#unfolded.pause();
      this.#wake?.();
    });
    this.#unfolded.on("error", (error) => {
      this.#error = error;
    });
    this.#unfolded.on("close", () => {
      this.#file.destroy();
      this.#isOver = true;
      this.#wake?.();
    });
    this.#file.pipe(this.#unfolded);
  }

  get position(): number {
    return this.#position;
  }

  async read(into: Buffer, at: number, length: number): Promise<number> {
    while (this.#queue.length === 0 && !this.#isOver) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const [chunk] = this.#queue;
    if (chunk === undefined) {
      if (this.#error !== undefined) throw this.#error;
      return 0;
    }
    const count = chunk.copy(into, at, this.#taken, this.#taken + length);
    this.#taken += count;
    if (this.#taken === chunk.length) {
      this.#queue.shift();
      this.#taken = 0;
      this.#unfolded.resume();
    }
    return count;
  }

  async close(): Promise<void> {
    this.#unfolded.destroy();
    await Promise.resolve();
  }
}

/** What an encrypted file holds, a chunk of its encryption at a time. */
function* piecesOf(path: string): Generator<Buffer, undefined> {
  const file = openFileBytes(path);
  try {
    for (let at = 0; at < file.size;) {
      const piece = Buffer.allocUnsafe(pieceBytes);
      const length = file.read(piece, pieceBytes, at);
      at += length;
      yield piece.subarray(0, length);
    }
  } finally {
    file.close();
  }
}
