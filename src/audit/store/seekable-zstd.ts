/**
 * Files that are compressed and can still be read anywhere: zstd frames of bounded content, and a
 * table of them at the end (zstd's "seekable format"). `zstd -d` unfolds them as any other file.
 */
import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

import type { FileBytes } from "./file-bytes.ts";

/**
 * Content of one frame: what a reader unfolds for a single byte. With frames of 256 KiB records
 * take 4 % more room than in one frame (measured, JSON of 1.4 KB a line).
 */
export const contentPerFrame = 262_144;

const params = {
  [constants.ZSTD_c_compressionLevel]: 3,
  [constants.ZSTD_c_checksumFlag]: 1,
};
/** A frame that decoders pass over (RFC 8878 §3.1.2), with the number that the format chose. */
const skippableMagic = 0x18_4d_2a_5e;
const tableMagic = 0x8f_92_ea_b1;
/** Magic number and size of the skippable frame. */
const headerBytes = 8;
/** Number of frames, a byte of flags, magic number. */
const footerBytes = 9;
/** Compressed and unfolded size of a frame. */
const entryBytes = 8;
/** The only flag that is defined: entries have a checksum, too. */
const checksumFlag = 0x80;
const checksumBytes = 4;
/** No writer makes larger frames, and nobody unfolds what a stranger claims. */
const maxFrameContent = 67_108_864;

/** Writes such a file from its start, frame by frame. */
export class SeekableWriter {
  readonly #fd: number;
  readonly #entries: number[] = [];
  #at = 0;

  /** @param fd of an empty file, which stays the caller's */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Adds content as one frame. @throws {Error} of the file system */
  write(content: Uint8Array): void {
    const frame = zstdCompressSync(content, { params });
    this.#put(frame);
    this.#entries.push(frame.length, content.length);
  }

  /** Writes the table. @throws {Error} of the file system */
  end(): void {
    const count = this.#entries.length / 2;
    const size = count * entryBytes + footerBytes;
    const table = Buffer.alloc(headerBytes + size);
    table.writeUInt32LE(skippableMagic, 0);
    table.writeUInt32LE(size, 4);
    for (const [at, value] of this.#entries.entries())
      table.writeUInt32LE(value, headerBytes + at * 4);
    const footer = table.length - footerBytes;
    table.writeUInt32LE(count, footer);
    table.writeUInt32LE(tableMagic, footer + 5);
    this.#put(table);
  }

  #put(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;)
      at += writeSync(this.#fd, bytes, at, bytes.length - at, this.#at + at);
    this.#at += bytes.length;
  }
}

interface Frame {
  readonly at: number;
  readonly bytes: number;
  readonly contentAt: number;
  readonly content: number;
}

/** Reads such a file anywhere. */
export class SeekableReader {
  readonly #file: FileBytes;
  readonly #frames: readonly Frame[];
  /** The frame that was unfolded last. */
  #last: { readonly frame: Frame; readonly content: Buffer } | undefined = undefined;

  private constructor(file: FileBytes, frames: readonly Frame[]) {
    this.#file = file;
    this.#frames = frames;
  }

  /**
   * @param file stays the caller's
   * @returns `undefined`: the file has no table, so it can be unfolded from its start only
   * @throws {Error} of the file system
   */
  static open(file: FileBytes): SeekableReader | undefined {
    const { size } = file;
    const footer = readAt(file, size - footerBytes, footerBytes);
    if (footer === undefined || footer.readUInt32LE(5) !== tableMagic) return undefined;
    const stride = entryBytes + ((footer[4] ?? 0) & checksumFlag ? checksumBytes : 0);
    const tableBytes = footer.readUInt32LE(0) * stride + footerBytes;
    const tableAt = size - tableBytes;
    const header = readAt(file, tableAt - headerBytes, headerBytes);
    if (header?.readUInt32LE(0) !== skippableMagic || header.readUInt32LE(4) !== tableBytes)
      return undefined;
    const table = readAt(file, tableAt, tableBytes - footerBytes);
    const frames = table && framesOf(table, stride);
    const last = frames?.at(-1);
    // A table that does not describe the file is none.
    if (frames === undefined || (last?.at ?? 0) + (last?.bytes ?? 0) !== tableAt - headerBytes)
      return undefined;
    return new SeekableReader(file, frames);
  }

  /** Bytes of the content. */
  get size(): number {
    const last = this.#frames.at(-1);
    return last === undefined ? 0 : last.contentAt + last.content;
  }

  /**
   * Reads content.
   *
   * @returns bytes read: fewer only at the end
   * @throws {Error} when a frame is damaged
   */
  read(into: Buffer, at: number, length: number, offset: number): number {
    let done = 0;
    for (let index = this.#indexOf(offset); done < length; index += 1) {
      const frame = this.#frames[index];
      if (frame === undefined) break;
      const from = offset + done - frame.contentAt;
      const content = this.#unfold(frame);
      done += content.copy(into, at + done, from, Math.min(from + length - done, content.length));
    }
    return done;
  }

  /** The frame that holds the byte at this offset. */
  #indexOf(offset: number): number {
    let [low, high] = [0, this.#frames.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const frame = this.#frames[middle];
      if (frame !== undefined && frame.contentAt + frame.content <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #unfold(frame: Frame): Buffer {
    if (this.#last?.frame === frame) return this.#last.content;
    const bytes = readAt(this.#file, frame.at, frame.bytes);
    const content = bytes && zstdDecompressSync(bytes, { maxOutputLength: frame.content + 1 });
    if (content?.length !== frame.content)
      throw new Error(`the frame at ${frame.at} does not unfold to ${frame.content} bytes`);
    this.#last = { frame, content };
    return content;
  }
}

function framesOf(table: Buffer, stride: number): Frame[] | undefined {
  const frames: Frame[] = [];
  let [at, contentAt] = [0, 0];
  for (let place = 0; place < table.length; place += stride) {
    const [bytes, content] = [table.readUInt32LE(place), table.readUInt32LE(place + 4)];
    if (content > maxFrameContent) return undefined;
    frames.push({ at, bytes, contentAt, content });
    at += bytes;
    contentAt += content;
  }
  return frames;
}

/** `undefined`: there are not so many bytes. */
function readAt(file: FileBytes, at: number, length: number): Buffer | undefined {
  if (at < 0) return undefined;
  const bytes = Buffer.allocUnsafe(length);
  return file.read(bytes, length, at) === length ? bytes : undefined;
}
