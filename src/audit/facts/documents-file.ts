/** Reads the documents of single exchanges out of the file of a segment. */
import { Buffer } from "node:buffer";
import { closeSync, readSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import type { Segment } from "../read/segment.ts";
import { documentsEnding, factsStem } from "./facts-files.ts";

/** Enough for most exchanges. Bytes. */
const firstBytes = 4096;
const lineFeed = 0x0a;
/** `{"id":"…"`: an id always has 36 characters. */
const idAt = '{"id":"'.length;
const idLength = 36;

/**
 * An open file; `close` ends it. It reads without a detour over the pool of threads, which takes
 * ten times as long as to read some kilobytes that are in memory.
 */
export class DocumentsFile {
  readonly #fd: number;
  #bytes = Buffer.allocUnsafeSlow(firstBytes);

  /** @throws {Error} of the file system */
  constructor(directory: string, segment: Segment) {
    this.#fd = openRegularFile(join(directory, factsStem(segment) + documentsEnding));
  }

  /**
   * The lines of the exchange whose first one begins at `place`, without their line feeds; each is
   * valid until the next one.
   */
  *linesAt(place: number): Generator<Buffer, undefined> {
    let exchange: string | undefined;
    let filled = 0;
    for (let at = place; ;) {
      const count = readSync(this.#fd, this.#bytes, filled, this.#bytes.length - filled, at);
      at += count;
      filled += count;
      let start = 0;
      for (let end = 0; ; start = end + 1) {
        end = this.#bytes.subarray(0, filled).indexOf(lineFeed, start);
        if (end < 0) break;
        const line = this.#bytes.subarray(start, end);
        const id = line.toString("latin1", idAt, idAt + idLength);
        exchange ??= id;
        if (id !== exchange) return;
        yield line;
      }
      if (count === 0) return;
      this.#bytes.copyWithin(0, start, filled);
      filled -= start;
      if (filled * 2 > this.#bytes.length) {
        const larger = Buffer.allocUnsafeSlow(this.#bytes.length * 4);
        this.#bytes.copy(larger, 0, 0, filled);
        this.#bytes = larger;
      }
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
