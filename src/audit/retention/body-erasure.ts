/** Overwrites bodies in packs, so that all others stay where records point to them. */
import { Buffer } from "node:buffer";
import {
  constants,
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import type { BodyPointer } from "../record/body-pointer.ts";
import { openFileBytes, PlainFile } from "../store/file-bytes.ts";
import { frameHeaderBytes, putFrameHeader } from "../store/pack-format.ts";
import { BodyError, frameChain, type PlacedFrame } from "../store/pack-reader.ts";
import { contentPerFrame, SeekableReader } from "../store/seekable-zstd.ts";
import { FileCompression } from "./file-compression.ts";
import { compressedEnding } from "./segment-unit.ts";
import { unfinishedName } from "./unfinished-files.ts";

/** Zeros that are written at once. Bytes. */
const zeros = Buffer.alloc(262_144);

/**
 * Erases bodies of one pack. A pack that is there no more has nothing to erase.
 *
 * @param pointers of bodies that no record points to any more
 * @returns bodies that were erased; fewer than pointers where some lead to no body
 * @throws {Error} of the file system
 */
export function eraseBodies(
  directory: string,
  pack: string,
  pointers: readonly BodyPointer[],
): number {
  const path = join(directory, pack);
  const compressed = path + compressedEnding;
  const isCompressed = existsSync(compressed);
  // Of both forms, which a crash may have left, readers take the plain one.
  if (existsSync(path)) {
    if (isCompressed) rmSync(compressed);
    return eraseIn(path, pointers);
  }
  if (!isCompressed) return 0;
  const unfinished = join(directory, unfinishedName(pack));
  unfold(compressed, unfinished);
  const count = eraseIn(unfinished, pointers);
  renameSync(unfinished, path);
  rmSync(compressed);
  const compression = new FileCompression(directory, pack);
  while (!compression.step());
  return count;
}

/**
 * The content goes first, and is on the device before the headers say so: while they are as they
 * were, a process that is killed here can find the frames again.
 */
function eraseIn(path: string, pointers: readonly BodyPointer[]): number {
  const fd = openRegularFile(path, constants.O_RDWR);
  try {
    const pack = new PlainFile(fd);
    const chains = pointers.map((pointer) => chainOf(pack, pointer));
    const frames = chains.flat();
    for (const { offset, header } of frames)
      putZeros(fd, offset + frameHeaderBytes, header.storedBytes);
    fdatasyncSync(fd);
    const bytes = Buffer.alloc(frameHeaderBytes);
    for (const { offset, header } of frames) {
      putFrameHeader(bytes, 0, { ...header, isErased: true });
      writeSync(fd, bytes, 0, bytes.length, offset);
    }
    fdatasyncSync(fd);
    return chains.filter((chain) => chain.length > 0).length;
  } finally {
    closeSync(fd);
  }
}

/** Empty where the pointer leads to no body. */
function chainOf(pack: PlainFile, pointer: BodyPointer): PlacedFrame[] {
  try {
    return frameChain(pack, pointer);
  } catch (error) {
    if (error instanceof BodyError) return [];
    throw error;
  }
}

function putZeros(fd: number, offset: number, count: number): void {
  for (let done = 0; done < count;)
    done += writeSync(fd, zeros, 0, Math.min(zeros.length, count - done), offset + done);
}

function unfold(from: string, to: string): void {
  rmSync(to, { force: true });
  const source = openFileBytes(from);
  const target = openSync(to, "wx", 0o600);
  try {
    const reader = SeekableReader.open(source);
    if (reader === undefined)
      throw new Error(`${from} has no table of its frames: unfold it with zstd -d, and try again`);
    const content = Buffer.allocUnsafe(contentPerFrame);
    for (let at = 0; at < reader.size;) {
      const length = reader.read(content, 0, content.length, at);
      for (let done = 0; done < length;) done += writeSync(target, content, done, length - done);
      at += length;
    }
  } finally {
    source.close();
    closeSync(target);
  }
}
