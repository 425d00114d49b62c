/** The way out for bodies: of packs, and of the `bodies/` folder that earlier versions wrote. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createZstdDecompress, zstdDecompressSync } from "node:zlib";

import { readWholeFile } from "../../core/read-file.ts";
import { readRegularFile } from "../../core/regular-file.ts";
import type { BodyFilePointer, BodyPointer } from "../record/body-pointer.ts";
import { packedBodyPieces } from "./pack-reader.ts";

/**
 * The content of a stored body, compared with its SHA-256 on the way: the stream ends with an error
 * when it is another one, or cannot be read.
 *
 * @param directory of the audit, or a copy of it
 * @param pointer as in the record
 */
export function openBody(directory: string, pointer: BodyPointer | BodyFilePointer): Readable {
  return Readable.from(
    "file" in pointer ? filePieces(directory, pointer.file) : packedBodyPieces(directory, pointer),
    { objectMode: false },
  );
}

/**
 * The whole content of a stored body.
 *
 * @param maxBytes of memory for it; longer ones are an error
 */
export async function readBody(
  directory: string,
  pointer: BodyPointer | BodyFilePointer,
  maxBytes: number,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of openBody(directory, pointer)) {
    if (!Buffer.isBuffer(piece)) continue;
    bytes += piece.length;
    if (bytes > maxBytes) throw new Error(`the body has more than ${maxBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}

async function* filePieces(directory: string, file: string): AsyncGenerator<Buffer> {
  const check = new NamedBody(file);
  for await (const piece of openFile(join(directory, file))) {
    if (!Buffer.isBuffer(piece)) continue;
    check.update(piece);
    yield piece;
  }
  check.end();
}

/** What the name of a file of `bodies/` says of its content. */
class NamedBody {
  readonly #file: string;
  readonly #sha256: string;
  readonly #hash = createHash("sha256");

  constructor(file: string) {
    const sha256 = /^bodies\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(file)?.[1];
    if (sha256 === undefined) throw new Error(`${file} is no name of a stored body`);
    this.#file = file;
    this.#sha256 = sha256;
  }

  update(piece: Buffer): void {
    this.#hash.update(piece);
  }

  end(): void {
    if (this.#hash.digest("hex") !== this.#sha256)
      throw new Error(`${this.#file} holds another body than its name says`);
  }
}

/**
 * The same as {@link openBody} at once, for bodies that are held in memory.
 *
 * @param maxBytes of a file of its own, which is read as a whole; a larger one is an error
 */
export function* storedPieces(
  directory: string,
  pointer: BodyPointer | BodyFilePointer,
  maxBytes: number,
): Generator<Buffer, undefined> {
  if (!("file" in pointer)) return yield* packedBodyPieces(directory, pointer);
  const check = new NamedBody(pointer.file);
  const content = wholeFile(join(directory, pointer.file), maxBytes);
  check.update(content);
  check.end();
  yield content;
}

function wholeFile(plain: string, maxBytes: number): Buffer {
  if (existsSync(plain)) return readWholeFile(plain, maxBytes);
  const coded = readWholeFile(`${plain}.zst`, maxBytes);
  return zstdDecompressSync(coded, { maxOutputLength: maxBytes });
}

/** Plain, or compressed with `.zst` behind its name. */
function openFile(plain: string): Readable {
  if (existsSync(plain)) return readRegularFile(plain);
  const decompressed = createZstdDecompress();
  pipeline(readRegularFile(`${plain}.zst`), decompressed, () => undefined);
  return decompressed;
}
