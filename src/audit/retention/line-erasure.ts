/** Writes a full segment anew, with lines in the place of those that are erased. */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  futimesSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

import { erasedLine, isErasedLine, type Erasure } from "../format/erased-line.ts";
import { openSource } from "../read/byte-source.ts";
import { LineWindow } from "../read/line-window.ts";
import type { Segment } from "../read/segment.ts";
import { contentPerFrame, SeekableWriter } from "../store/seekable-zstd.ts";
import { syncFolder } from "./file-compression.ts";
import { unfinishedName } from "./unfinished-files.ts";

const lineFeed = 0x0a;

/**
 * Replaces the lines whose SHA-256 is among the entries. A reader sees the old file or the new one.
 *
 * @param entries in hexadecimal
 * @returns lines that were replaced
 * @throws {Error} of the file system
 */
export async function eraseLines(
  segment: Segment,
  entries: ReadonlySet<string>,
  erasure: Erasure,
): Promise<number> {
  const directory = dirname(segment.path);
  const unfinished = join(directory, unfinishedName(segment.name));
  rmSync(unfinished, { force: true });
  const fd = openSync(unfinished, "wx", 0o600);
  let count = 0;
  const source = await openSource(segment);
  try {
    const output = segment.isCompressed ? new CompressedOutput(fd) : new PlainOutput(fd);
    const window = new LineWindow();
    while ((await window.advance(source)) > 0) {
      const { bytes, end } = window;
      for (let at = 0; at < end;) {
        const stop = bytes.indexOf(lineFeed, at);
        const line = bytes.subarray(at, stop);
        if (!isErasedLine(bytes, at, stop) && entries.has(hash("sha256", line, "hex"))) {
          output.write(Buffer.from(`${erasedLine(line.toString("latin1"), erasure)}\n`, "latin1"));
          count += 1;
        } else output.write(bytes.subarray(at, stop + 1));
        at = stop + 1;
      }
    }
    if (window.skippedBytes > 0)
      throw new Error(`${segment.name} has a line that is too long to be read: nothing was erased`);
    // What a crash has left of a line.
    output.write(window.bytes.subarray(window.end, window.end + window.tailBytes));
    output.end();
    const { atime, mtime } = statSync(segment.path);
    futimesSync(fd, atime, mtime);
    fsyncSync(fd);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(fd);
    await source.close();
  }
  if (count === 0) {
    rmSync(unfinished, { force: true });
    return 0;
  }
  renameSync(unfinished, segment.path);
  syncFolder(directory);
  return count;
}

/** Takes whole lines; writes them in large pieces. */
class PlainOutput {
  readonly #fd: number;
  readonly #buffer = Buffer.allocUnsafe(contentPerFrame);
  #length = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const take = Math.min(bytes.length - at, this.#buffer.length - this.#length);
      this.#buffer.set(bytes.subarray(at, at + take), this.#length);
      this.#length += take;
      at += take;
      if (this.#length === this.#buffer.length) this.#flush();
    }
  }

  end(): void {
    this.#flush();
  }

  /** Writes what has gathered. */
  protected put(content: Uint8Array): void {
    for (let at = 0; at < content.length;) at += writeSync(this.#fd, content, at);
  }

  #flush(): void {
    if (this.#length > 0) this.put(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
  }
}

class CompressedOutput extends PlainOutput {
  readonly #writer: SeekableWriter;

  constructor(fd: number) {
    super(fd);
    this.#writer = new SeekableWriter(fd);
  }

  override end(): void {
    super.end();
    this.#writer.end();
  }

  protected override put(content: Uint8Array): void {
    this.#writer.write(content);
  }
}
