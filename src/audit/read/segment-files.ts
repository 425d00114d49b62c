/** Opens the segments of a journal while their writer may rename and compress them. */
import { Buffer } from "node:buffer";
import { fstatSync, readdirSync, readSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readingFlags } from "../../core/regular-file.ts";

import { FileSource, openSource, type ByteSource } from "./byte-source.ts";
import { encryptedEnding } from "../store/age-file.ts";
import { openFileBytes } from "../store/file-bytes.ts";
import { SeekableReader } from "../store/seekable-zstd.ts";
import { LineWindow } from "./line-window.ts";
import type { Segment } from "./segment.ts";

/** A plain segment that is open, with its size at that time. */
interface OpenFile {
  readonly source: FileSource;
  readonly size: number;
}

/** A segment that is read. */
export interface StartedSegment {
  readonly source: ByteSource;
  /** Bytes there are now; infinite where the size is unknown until the end. */
  readonly size: number;
  /** No more is read. */
  end(): Promise<void>;
}

/** Files that stay open for lines that wait for their partner. */
const maxOpen = 4;
/** A segment that is sealed keeps its name for as long as it takes to fill the next one. */
const mostTries = 3;
const compressedForm = /\.zst(?:\.age)?$/;

/** The files of one journal's segments; `close` ends it. */
export class SegmentFiles {
  readonly #open = new Map<Segment, OpenFile>();
  readonly #inUse = new Set<Segment>();

  /**
   * Opens a segment for reading; until `end` its file stays open.
   *
   * @param offset where to begin; of a compressed segment nothing but 0
   * @throws {Error} of the file system, also when the file is nowhere any more
   */
  async start(segment: Segment, offset = 0): Promise<StartedSegment> {
    const file = segment.isCompressed ? segment.path : await this.#plain(segment);
    if (typeof file === "string") {
      const source = await openSource({ ...segment, path: file, isCompressed: true });
      return { source, size: Infinity, end: () => source.close() };
    }
    this.#inUse.add(segment);
    const end = (): Promise<void> => {
      this.#inUse.delete(segment);
      return Promise.resolve();
    };
    return { source: new FileSource(file.source.handle, offset), size: file.size, end };
  }

  /** One line of a segment, wherever it is by now. @throws {Error} of the file system */
  async readLine(segment: Segment, offset: number, length: number): Promise<Buffer> {
    const file = segment.isCompressed ? segment.path : await this.#plain(segment);
    if (typeof file === "string") return unfoldedLine(segment, file, offset, length);
    const bytes = Buffer.allocUnsafe(length);
    // A line is there in microseconds; the pool of threads takes ten times as long.
    return bytes.subarray(0, readSync(file.source.handle.fd, bytes, 0, length, offset));
  }

  async close(): Promise<void> {
    for (const { source } of this.#open.values()) await source.close();
    this.#open.clear();
  }

  /** The open file, or the path of the compressed one that has taken its place. */
  async #plain(segment: Segment, tries = mostTries): Promise<OpenFile | string> {
    const known = this.#open.get(segment);
    if (known !== undefined) return known;
    const path = presentPath(segment);
    if (compressedForm.test(path)) return path;
    const handle = await open(path, readingFlags);
    const { size, ino } = fstatSync(handle.fd);
    // It has got another name, and another file its own, since it was looked for.
    if (ino !== segment.inode && tries > 0) {
      await handle.close();
      return this.#plain(segment, tries - 1);
    }
    const file = { source: new FileSource(handle), size };
    this.#open.set(segment, file);
    for (const [other, { source }] of this.#open) {
      if (this.#open.size <= maxOpen) break;
      if (other === segment || this.#inUse.has(other)) continue;
      this.#open.delete(other);
      await source.close();
    }
    return file;
  }
}

/** Where a segment's file is now: it keeps its inode when it is sealed. */
function presentPath(segment: Segment): string {
  if (inodeOf(segment.path) === segment.inode) return segment.path;
  const directory = dirname(segment.path);
  const names = readdirSync(directory);
  const renamed = names.find((name) => inodeOf(join(directory, name)) === segment.inode);
  if (renamed !== undefined) return join(directory, renamed);
  const compressed = `${segment.path}.zst`;
  const forms = [compressed, compressed + encryptedEnding];
  return forms.find((path) => inodeOf(path) !== undefined) ?? segment.path;
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

/** A line of a compressed segment: without a table everything before it has to be unfolded. */
async function unfoldedLine(
  segment: Segment,
  path: string,
  offset: number,
  length: number,
): Promise<Buffer> {
  const near = seekLine(path, offset, length);
  if (near !== undefined) return near;
  const source = await openSource({ ...segment, path, isCompressed: true });
  const window = new LineWindow();
  try {
    while ((await window.advance(source)) > 0) {
      const at = offset - window.offset;
      if (at + length <= window.end) return Buffer.from(window.bytes.subarray(at, at + length));
    }
    return Buffer.alloc(0);
  } finally {
    await source.close();
  }
}

/** `undefined`: the file has no table of its frames. */
function seekLine(path: string, offset: number, length: number): Buffer | undefined {
  const file = openFileBytes(path);
  try {
    const reader = SeekableReader.open(file);
    if (reader === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, reader.read(bytes, 0, length, offset));
  } finally {
    file.close();
  }
}
