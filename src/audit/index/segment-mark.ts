/** What tells quickly whether a segment and its facts are still those that an index is of. */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";

import { documentsEnding, factsEnding, factsStem } from "../facts/facts-files.ts";
import type { Segment } from "../read/segment.ts";
import { openFileBytes } from "../store/file-bytes.ts";
import { SeekableReader } from "../store/seekable-zstd.ts";

/** Sizes of files, and the end of the segment. */
export interface SegmentMark {
  /** Before compression. Bytes. */
  readonly segmentBytes: number;
  /** SHA-256 of the last bytes, in hexadecimal. */
  readonly segmentTail: string;
  readonly factsBytes: number;
  readonly documentsBytes: number;
}

/** Of the end of a segment so much is compared. Bytes. */
export const tailBytes = 4096;

/** The digest of the last bytes of a segment. */
export function tailDigest(tail: Buffer): string {
  return hash("sha256", tail, "hex");
}

/** Size of a file; -1: there is none. Bytes. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}

/**
 * What has changed since a mark was taken; `undefined`: nothing.
 *
 * @param mark as it was stored
 * @throws {Error} when the segment cannot be read
 */
export function differenceFrom(
  mark: Partial<Record<keyof SegmentMark, unknown>>,
  directory: string,
  segment: Segment,
): string | undefined {
  const stem = join(directory, factsStem(segment));
  const end = endOf(segment);
  if (end === undefined) return "the segment was compressed by another program";
  if (end.bytes !== mark.segmentBytes || end.tail !== mark.segmentTail)
    return "the segment has changed since";
  const hasSameFacts =
    sizeOf(stem + factsEnding) === mark.factsBytes &&
    sizeOf(stem + documentsEnding) === mark.documentsBytes;
  return hasSameFacts ? undefined : "the facts have changed since";
}

/** Whether lines of a segment can be read without all that is before them. */
export function canSeekIn(segment: Segment): boolean {
  try {
    return endOf(segment) !== undefined;
  } catch {
    return false;
  }
}

/** `undefined`: it is compressed without a table of its frames. */
function endOf({
  path,
  isCompressed,
}: Segment): { readonly bytes: number; readonly tail: string } | undefined {
  const file = openFileBytes(path);
  try {
    const reader = isCompressed ? SeekableReader.open(file) : undefined;
    if (isCompressed && reader === undefined) return undefined;
    const bytes = reader?.size ?? file.size;
    const tail = Buffer.alloc(Math.min(bytes, tailBytes));
    const from = bytes - tail.length;
    const count = reader?.read(tail, 0, tail.length, from) ?? file.read(tail, tail.length, from);
    return { bytes, tail: tailDigest(tail.subarray(0, count)) };
  } finally {
    file.close();
  }
}
