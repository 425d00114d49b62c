/** Puts last records behind a journal that nobody goes on in. */
import { fdatasyncSync, fstatSync, ftruncateSync, writeSync } from "node:fs";

import type { Encoder } from "../format/encoder.ts";
import { LineBatch, type LineKind } from "../format/line-batch.ts";
import { closeFile, openAppending } from "../store/append-file.ts";

/** One file, in its own format. */
export class JournalEnd {
  readonly encoder: Encoder;
  readonly #path: string;
  readonly #batch = new LineBatch(0);

  constructor(path: string, encoder: Encoder) {
    this.#path = path;
    this.encoder = encoder;
  }

  /** Starts a line. */
  begin(): LineBatch {
    this.#batch.begin();
    return this.#batch;
  }

  end(kind: LineKind, sequence: number): void {
    this.#batch.end(kind, sequence, undefined, -1);
  }

  /** Brings the lines to the device. @returns false: that failed, and none of them is there */
  commit(): boolean {
    const { buffer, length } = this.#batch;
    if (length === 0) return true;
    let fd: number | undefined;
    let size = 0;
    try {
      fd = openAppending(this.#path);
      ({ size } = fstatSync(fd));
      for (let at = 0; at < length;) at += writeSync(fd, buffer, at, length - at);
      fdatasyncSync(fd);
      return true;
    } catch {
      if (fd !== undefined) cut(fd, size);
      return false;
    } finally {
      if (fd !== undefined) closeFile(fd);
    }
  }
}

function cut(fd: number, size: number): void {
  try {
    ftruncateSync(fd, size);
  } catch {
    // What was written stays: two last records of one exchange are better than none.
  }
}
