/** Reads bodies out of packs, whoever wrote the record that points there. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";

import { errorCode } from "../../core/system-error.ts";
import type { BodyPointer } from "../record/body-pointer.ts";
import {
  frameCoding,
  frameHeaderBytes,
  maxFrameBytes,
  packMagic,
  readFrameHeader,
  type FrameHeader,
} from "./pack-format.ts";

/** A frame and where it begins. */
interface PlacedFrame {
  readonly offset: number;
  readonly header: FrameHeader;
}

/** A body cannot be given as its record describes it; the message says where and why. */
export class BodyError extends Error {
  /** There is no such file. */
  readonly isPackMissing: boolean;

  constructor(pointer: BodyPointer, reason: string, isPackMissing = false) {
    super(`the body at ${pointer.offset} of ${pointer.pack} cannot be read: ${reason}`);
    this.name = "BodyError";
    this.isPackMissing = isPackMissing;
  }
}

/**
 * The content of a body, piece by piece of at most 512 KiB; nothing is read before the first piece
 * is asked for. After the last piece its SHA-256 has been compared with the record's.
 *
 * @param directory of the audit, or a copy of it
 * @throws {BodyError} when the pack is not there, the pointer leads to no such body, or the content
 *   is another one
 */
export function* packedBodyPieces(
  directory: string,
  pointer: BodyPointer,
): Generator<Buffer, undefined> {
  const fd = openPack(directory, pointer);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for (const frame of frameChain(fd, pointer)) {
      const piece = frameContent(fd, frame);
      if (piece === undefined) throw new BodyError(pointer, `damaged at ${frame.offset}`);
      hash.update(piece);
      bytes += piece.length;
      if (piece.length > 0) yield piece;
    }
    if (bytes !== pointer.bytes)
      throw new BodyError(pointer, `it has ${bytes} bytes, the record says ${pointer.bytes}`);
    if (hash.digest("hex") !== pointer.sha256)
      throw new BodyError(pointer, "its SHA-256 is not the one in the record");
  } finally {
    closeSync(fd);
  }
}

/** Size and SHA-256 of the body whose last whole frame begins at `offset`. */
export function measureBody(
  directory: string,
  pack: string,
  offset: number,
): BodyPointer | undefined {
  const pointer = { pack, offset, storedBytes: 0, bytes: 0, sha256: "" };
  const fd = openPack(directory, pointer);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    let storedBytes = 0;
    for (const frame of frameChain(fd, pointer)) {
      const piece = frameContent(fd, frame);
      if (piece === undefined) return undefined;
      hash.update(piece);
      bytes += piece.length;
      storedBytes += frame.header.storedBytes;
    }
    return { pack, offset, storedBytes, bytes, sha256: hash.digest("hex") };
  } finally {
    closeSync(fd);
  }
}

function openPack(directory: string, pointer: BodyPointer): number {
  // A record may come from anywhere: it must not lead out of the directory.
  if (!/^[\w.-]+\.pack$/.test(pointer.pack))
    throw new BodyError(pointer, "this is no name of a pack");
  let fd: number;
  try {
    fd = openSync(join(directory, pointer.pack), "r");
  } catch (error) {
    const code = errorCode(error);
    const isMissing = code === "ENOENT";
    throw new BodyError(pointer, isMissing ? "the pack is not there" : code, isMissing);
  }
  const start = Buffer.alloc(packMagic.length);
  readSync(fd, start, 0, start.length, 0);
  if (start.equals(packMagic)) return fd;
  closeSync(fd);
  throw new BodyError(pointer, "the file is no pack of this version");
}

/**
 * All frames of a body, first to last. Each names the one before it, which lies in front of it, so
 * a damaged chain ends, too.
 */
function frameChain(fd: number, pointer: BodyPointer): PlacedFrame[] {
  const chain: PlacedFrame[] = [];
  let offset = pointer.offset;
  for (;;) {
    const header = headerAt(fd, offset);
    const after = chain.at(-1)?.header;
    if (
      header === undefined ||
      header.id !== (after?.id ?? header.id) ||
      header.direction !== (after?.direction ?? header.direction) ||
      (after !== undefined && header.total !== after.total - after.bytes) ||
      header.previous >= offset
    )
      throw new BodyError(pointer, `no frame of it begins at ${offset}`);
    chain.push({ offset, header });
    if (header.previous === 0) break;
    offset = header.previous;
  }
  return chain.toReversed();
}

/** The header at `offset`; undefined when there is none. */
export function headerAt(fd: number, offset: number): FrameHeader | undefined {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes);
  if (!Number.isSafeInteger(offset) || offset < packMagic.length) return undefined;
  if (readSync(fd, bytes, 0, frameHeaderBytes, offset) !== frameHeaderBytes) return undefined;
  const header = readFrameHeader(bytes, 0);
  if (header === undefined || header.bytes > maxFrameBytes) return undefined;
  return header.storedBytes > maxFrameBytes ? undefined : header;
}

function frameContent(fd: number, { offset, header }: PlacedFrame): Buffer | undefined {
  const stored = Buffer.allocUnsafe(header.storedBytes);
  if (readSync(fd, stored, 0, stored.length, offset + frameHeaderBytes) !== stored.length)
    return undefined;
  if (header.coding === frameCoding.identity)
    return header.storedBytes === header.bytes ? stored : undefined;
  if (header.coding !== frameCoding.zstd) return undefined;
  try {
    const content = zstdDecompressSync(stored, { maxOutputLength: Math.max(1, header.bytes) });
    return content.length === header.bytes ? content : undefined;
  } catch {
    return undefined;
  }
}
