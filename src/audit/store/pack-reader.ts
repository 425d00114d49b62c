/** Reads bodies out of packs, whoever wrote the record that points there. */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";

import { errorMessage, hasErrorCode } from "../../core/system-error.ts";
import type { BodyPointer } from "../record/body-pointer.ts";
import { openPackBytes, type PackBytes } from "./pack-bytes.ts";
import {
  frameCoding,
  frameHeaderBytes,
  maxFrameBytes,
  packMagic,
  readFrameHeader,
  type FrameHeader,
} from "./pack-format.ts";

/** A frame and where it begins. */
export interface PlacedFrame {
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
  const pack = openPack(directory, pointer);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    for (const frame of frameChain(pack, pointer)) {
      const piece = frameContent(pack, frame);
      if (piece === undefined) {
        const what = frame.header.isErased ? "it was erased" : `damaged at ${frame.offset}`;
        throw new BodyError(pointer, what);
      }
      hash.update(piece);
      bytes += piece.length;
      if (piece.length > 0) yield piece;
    }
    if (bytes !== pointer.bytes)
      throw new BodyError(pointer, `it has ${bytes} bytes, the record says ${pointer.bytes}`);
    if (hash.digest("hex") !== pointer.sha256)
      throw new BodyError(pointer, "its SHA-256 is not the one in the record");
  } finally {
    pack.close();
  }
}

/** Size and SHA-256 of the body whose last whole frame begins at `offset`. */
export function measureBody(
  directory: string,
  pack: string,
  offset: number,
): BodyPointer | undefined {
  const pointer = { pack, offset, storedBytes: 0, bytes: 0, sha256: "" };
  const opened = openPack(directory, pointer);
  try {
    const hash = createHash("sha256");
    let bytes = 0;
    let storedBytes = 0;
    for (const frame of frameChain(opened, pointer)) {
      const piece = frameContent(opened, frame);
      if (piece === undefined) return undefined;
      hash.update(piece);
      bytes += piece.length;
      storedBytes += frame.header.storedBytes;
    }
    return { pack, offset, storedBytes, bytes, sha256: hash.digest("hex") };
  } finally {
    opened.close();
  }
}

function openPack(directory: string, pointer: BodyPointer): PackBytes {
  // A record may come from anywhere: it must not lead out of the directory.
  if (!/^[\w.-]+\.pack$/.test(pointer.pack))
    throw new BodyError(pointer, "this is no name of a pack");
  let pack: PackBytes;
  try {
    pack = openPackBytes(directory, pointer.pack);
  } catch (error) {
    const isMissing = hasErrorCode(error, "ENOENT");
    const reason = isMissing ? "the pack is not there" : errorMessage(error);
    throw new BodyError(pointer, reason, isMissing);
  }
  const start = Buffer.alloc(packMagic.length);
  const length = readPack(pack, start, start.length, 0);
  if (length === start.length && start.equals(packMagic)) return pack;
  pack.close();
  throw new BodyError(pointer, "the file is no pack of this version");
}

/** What a damaged file cannot give is missing. */
function readPack(pack: PackBytes, into: Buffer, length: number, offset: number): number {
  try {
    return pack.read(into, length, offset);
  } catch {
    return 0;
  }
}

/**
 * All frames of a body, first to last. Each names the one before it, which lies in front of it, so
 * a damaged chain ends, too.
 */
export function frameChain(pack: PackBytes, pointer: BodyPointer): PlacedFrame[] {
  const chain: PlacedFrame[] = [];
  let offset = pointer.offset;
  for (;;) {
    const header = headerAt(pack, offset);
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
export function headerAt(pack: PackBytes, offset: number): FrameHeader | undefined {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes);
  if (!Number.isSafeInteger(offset) || offset < packMagic.length) return undefined;
  if (readPack(pack, bytes, frameHeaderBytes, offset) !== frameHeaderBytes) return undefined;
  const header = readFrameHeader(bytes, 0);
  if (header === undefined || header.bytes > maxFrameBytes) return undefined;
  return header.storedBytes > maxFrameBytes ? undefined : header;
}

function frameContent(pack: PackBytes, { offset, header }: PlacedFrame): Buffer | undefined {
  if (header.isErased) return undefined;
  const stored = Buffer.allocUnsafe(header.storedBytes);
  if (readPack(pack, stored, stored.length, offset + frameHeaderBytes) !== stored.length)
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
