/** One file of records, and what its name and its first lines tell. */
import { Buffer } from "node:buffer";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { constants, zstdDecompressSync } from "node:zlib";

import { LineHead, timeOfLine } from "../format/line-head.ts";
import { openFileBytes } from "../store/file-bytes.ts";
import { instantOfStamp } from "../store/segment-names.ts";

/** A file of records in an audit directory. */
export interface Segment {
  /** Name in the directory. */
  readonly name: string;
  readonly path: string;
  /** The journal that it is a part of, such as `audit.2.ndjson`: every worker has its own. */
  readonly journal: string;
  readonly format: "ecs" | "text";
  /** What is encrypted was compressed before. */
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
  /** No line is added any more. */
  readonly isSealed: boolean;
  /** Of the file when the directory was listed. Bytes. */
  readonly size: number;
  /** Inode, which a file keeps when it is renamed. */
  readonly inode: number;
  /**
   * When it was begun, as its name says, or else its first record: what segments are ordered by. A
   * request that came earlier may be recorded later. Milliseconds since the epoch.
   */
  readonly begunMs: number;
  /** Of the first record, in milliseconds since the epoch; `-Infinity` when it cannot be read. */
  readonly firstMs: number;
  /** Nine digits of this time behind the second: they tell segments of one millisecond apart. */
  readonly firstFraction: string;
  /** No record in it is later. Milliseconds since the epoch; infinite while it grows. */
  readonly endMs: number;
}

interface NameParts {
  readonly journal: string;
  /** When it was begun; `undefined`: the name does not say. */
  readonly begunMs: number | undefined;
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
  readonly isSealed: boolean;
}

// `audit`, `audit.2`; the stamp of a sealed segment; a number that a log rotator has added.
const form =
  /^([\w-]+?(?:\.\d+)?)(?:-(\d{8}T\d{6}\.\d{3}Z)(?:-\d+)?)?\.(ndjson|log)(\.\d+)?(\.zst(?:\.age)?)?$/;
/** The wall clock may have been set while the process ran, and file servers have their own. */
export const clockSlackMs = 5000;
/** Enough for the timestamp of the first line. Bytes. */
const headBytes = 4096;
/** The same of a compressed segment: a block of zstd (RFC 8878 §3.1.1.2) is unfolded as a whole. */
const codedHeadBytes = 135_168;
/** Enough to hold the beginning of a line near the end. Bytes. */
const tailBytes = 65_536;
/** A small file may unfold to anything. Bytes. */
const maxHeadBytes = 8_388_608;
const brace = 0x7b;
const lineFeed = 0x0a;

/** What the name of a file says; `undefined`: it holds no records. */
export function parseSegmentName(name: string): NameParts | undefined {
  const parts = form.exec(name);
  if (parts === null) return undefined;
  const [, base = "", stamp, extension = "", rotated, coding] = parts;
  return {
    journal: `${base}.${extension}`,
    begunMs: stamp === undefined ? undefined : instantOfStamp(stamp),
    isCompressed: coding !== undefined,
    isEncrypted: coding?.endsWith(".age") === true,
    isSealed: stamp !== undefined || rotated !== undefined || coding !== undefined,
  };
}

/** Name of a segment without what compression and encryption add. */
export function plainName(name: string): string {
  return name.replace(/\.zst(?:\.age)?$/, "");
}

/**
 * Whether a file that is listed now is a segment that was listed before: it may have been renamed
 * and compressed meanwhile. Renaming keeps the inode, compression the time of the first record.
 */
export function isSameSegment(before: Segment, now: Segment): boolean {
  // The inode of a file that is gone is given to the next one.
  if (before.inode === now.inode)
    return (
      !Number.isFinite(before.firstMs) ||
      (before.firstMs === now.firstMs && before.firstFraction === now.firstFraction)
    );
  // Erasing writes it anew under its name.
  if (before.isSealed && now.isSealed && before.name === now.name) return true;
  if (now.isEncrypted && !before.isEncrypted && before.isSealed)
    return plainName(now.name) === plainName(before.name);
  if (!now.isCompressed || before.isCompressed || before.journal !== now.journal) return false;
  if (before.isSealed) return now.name.startsWith(before.name);
  const { firstMs, firstFraction } = now;
  return before.firstMs === firstMs && before.firstFraction === firstFraction;
}

/** A file as a segment; `undefined` when its name is that of no segment. */
export function segmentOf(directory: string, name: string, stats: Stats): Segment | undefined {
  const parts = parseSegmentName(name);
  if (parts === undefined) return undefined;
  const { journal, isCompressed, isEncrypted, isSealed } = parts;
  const path = join(directory, name);
  const head = bytesAt(path, 0, isCompressed ? codedHeadBytes : headBytes, isCompressed);
  const tail =
    isCompressed || !isSealed
      ? Buffer.alloc(0)
      : bytesAt(path, Math.max(0, stats.size - tailBytes), tailBytes, false);
  const tailTimes = Array.from(timesIn(tail), ({ ms }) => ms);
  const [first] = timesIn(head);
  const firstMs = first?.ms ?? -Infinity;
  return {
    name,
    path,
    journal,
    format:
      head[0] === brace || (head.length === 0 && journal.endsWith(".ndjson")) ? "ecs" : "text",
    isCompressed,
    isEncrypted,
    isSealed,
    size: stats.size,
    inode: stats.ino,
    begunMs: parts.begunMs ?? firstMs,
    firstMs,
    firstFraction: first?.fraction ?? "",
    // A file is not written to after its last change, whoever copied or compressed it since.
    endMs: isSealed ? Math.max(stats.mtimeMs, ...tailTimes) + clockSlackMs : Infinity,
  };
}

/** Some bytes of what a file holds; empty when it cannot be read. */
function bytesAt(path: string, offset: number, length: number, isCompressed: boolean): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  try {
    const file = openFileBytes(path);
    try {
      const bytes = buffer.subarray(0, file.read(buffer, length, offset));
      if (!isCompressed) return bytes;
      // A cut end is no error with this flag.
      const finishFlush = constants.ZSTD_e_flush;
      return zstdDecompressSync(bytes, { finishFlush, maxOutputLength: maxHeadBytes });
    } finally {
      file.close();
    }
  } catch {
    return Buffer.alloc(0);
  }
}

/** The times of the lines that have one, whole or cut. */
function* timesIn(bytes: Buffer): Generator<{ readonly ms: number; readonly fraction: string }> {
  const line = new LineHead();
  for (let at = 0; at < bytes.length;) {
    const next = bytes.indexOf(lineFeed, at);
    const end = next < 0 ? bytes.length : next;
    line.read(bytes, at, end);
    const ms = timeOfLine(bytes, line.timeAt);
    const fractionAt = line.timeAt + "2026-11-30 08:15:02.".length;
    if (!Number.isNaN(ms))
      yield { ms, fraction: bytes.toString("latin1", fractionAt, fractionAt + 9) };
    at = end + 1;
  }
}
