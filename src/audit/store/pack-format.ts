/** Layout of body packs, byte by byte; `README.md` beside this file describes it in full. */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** What a pack begins with. */
export const packMagic = Buffer.from("es-proxy pack 1\n", "latin1");

/** Bytes before the data of each frame. */
export const frameHeaderBytes = 72;

/**
 * Bytes of a body that one frame holds at most: what a reader needs of memory to unfold it, and
 * what a writer gathers at most before it writes.
 */
export const maxFrameBytes = 524_288;

/** How the data of a frame is stored. */
export const frameCoding = { identity: 0, zstd: 1 } as const;

/** "ESPB" as the bytes lie in the file. */
const frameMagic = 0x42505345;
const idBytes = 36;
const flag = { response: 1, end: 2, complete: 4, redacted: 8, erased: 16 } as const;
/** Offsets within the header. */
const at = {
  magic: 0,
  coding: 4,
  flags: 5,
  id: 8,
  storedBytes: 44,
  bytes: 48,
  previous: 52,
  total: 60,
  crc: 68,
} as const;
/** Offsets and totals have six bytes: 256 TiB. */
const wideBytes = 6;

/** What a frame says of itself. */
export interface FrameHeader {
  readonly coding: number;
  readonly direction: "request" | "response";
  /** The last frame of its body. */
  readonly isEnd: boolean;
  /** Of the last frame: the body ended as its framing said. */
  readonly isComplete: boolean;
  /** The body went through the redaction, which may have replaced parts of it. */
  readonly isRedacted: boolean;
  /** The data is zeros: what stood there was erased. */
  readonly isErased: boolean;
  /** Of the exchange or session. */
  readonly id: string;
  /** Bytes of data that follow the header. */
  readonly storedBytes: number;
  /** Bytes of the body that they stand for. */
  readonly bytes: number;
  /** Where the frame before this one of the same body begins in the pack; 0: this is the first. */
  readonly previous: number;
  /** Bytes of the body up to the end of this frame. */
  readonly total: number;
}

/** Writes a header in place. */
export function putFrameHeader(buffer: Buffer, start: number, header: FrameHeader): void {
  buffer.fill(0, start, start + frameHeaderBytes);
  buffer.writeUInt32LE(frameMagic, start + at.magic);
  buffer[start + at.coding] = header.coding;
  buffer[start + at.flags] =
    (header.direction === "response" ? flag.response : 0) |
    (header.isEnd ? flag.end : 0) |
    (header.isComplete ? flag.complete : 0) |
    (header.isRedacted ? flag.redacted : 0) |
    (header.isErased ? flag.erased : 0);
  buffer.write(header.id, start + at.id, idBytes, "latin1");
  buffer.writeUInt32LE(header.storedBytes, start + at.storedBytes);
  buffer.writeUInt32LE(header.bytes, start + at.bytes);
  buffer.writeUIntLE(header.previous, start + at.previous, wideBytes);
  buffer.writeUIntLE(header.total, start + at.total, wideBytes);
  buffer.writeUInt32LE(crc32(buffer.subarray(start, start + at.crc)), start + at.crc);
}

/** Reads a header; undefined when there is none, or a damaged one. */
export function readFrameHeader(buffer: Buffer, start: number): FrameHeader | undefined {
  if (start + frameHeaderBytes > buffer.length) return undefined;
  if (buffer.readUInt32LE(start + at.magic) !== frameMagic) return undefined;
  if (buffer.readUInt32LE(start + at.crc) !== crc32(buffer.subarray(start, start + at.crc)))
    return undefined;
  const flags = buffer[start + at.flags] ?? 0;
  return {
    coding: buffer[start + at.coding] ?? 0,
    direction: (flags & flag.response) === 0 ? "request" : "response",
    isEnd: (flags & flag.end) !== 0,
    isComplete: (flags & flag.complete) !== 0,
    isRedacted: (flags & flag.redacted) !== 0,
    isErased: (flags & flag.erased) !== 0,
    id: buffer.toString("latin1", start + at.id, start + at.id + idBytes),
    storedBytes: buffer.readUInt32LE(start + at.storedBytes),
    bytes: buffer.readUInt32LE(start + at.bytes),
    previous: buffer.readUIntLE(start + at.previous, wideBytes),
    total: buffer.readUIntLE(start + at.total, wideBytes),
  };
}
