/** The way out for bodies: of packs, and of the `bodies/` folder that earlier versions wrote. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";

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
  const sha256 = /^bodies\/[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(file)?.[1];
  if (sha256 === undefined) throw new Error(`${file} is no name of a stored body`);
  const hash = createHash("sha256");
  for await (const piece of openFile(join(directory, file))) {
    if (!Buffer.isBuffer(piece)) continue;
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") !== sha256)
    throw new Error(`${file} holds another body than its name says`);
}

/** Plain, or compressed with `.zst` behind its name. */
function openFile(plain: string): Readable {
  if (existsSync(plain)) return readRegularFile(plain);
  const decompressed = createZstdDecompress();
  pipeline(readRegularFile(`${plain}.zst`), decompressed, () => undefined);
  return decompressed;
}
