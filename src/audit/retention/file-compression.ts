/** Compresses one file into a seekable one, in steps, and puts it in its place. */
import { Buffer } from "node:buffer";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import { contentPerFrame, SeekableWriter } from "../store/seekable-zstd.ts";
import { compressedEnding } from "./segment-unit.ts";
import { unfinishedName } from "./unfinished-files.ts";

/** One file on its way. `step` until it says that it is done, or `abandon`. */
export class FileCompression {
  readonly #directory: string;
  readonly #name: string;
  readonly #unfinished: string;
  readonly #source: number;
  readonly #target: number;
  readonly #writer: SeekableWriter;
  readonly #content = Buffer.allocUnsafe(contentPerFrame);
  #offset = 0;

  /** @throws {Error} of the file system */
  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
    this.#unfinished = join(directory, unfinishedName(name + compressedEnding));
    this.#source = openRegularFile(join(directory, name));
    rmSync(this.#unfinished, { force: true });
    this.#target = openSync(this.#unfinished, "wx", 0o600);
    this.#writer = new SeekableWriter(this.#target);
  }

  /** Compresses one frame. @returns whether all is done. @throws {Error} of the file system */
  step(): boolean {
    const length = readSync(this.#source, this.#content, 0, this.#content.length, this.#offset);
    if (length > 0) {
      this.#writer.write(this.#content.subarray(0, length));
      this.#offset += length;
      return false;
    }
    this.#finish();
    return true;
  }

  /** Gives up; the file stays as it was. */
  abandon(): void {
    closeSync(this.#source);
    closeSync(this.#target);
    rmSync(this.#unfinished, { force: true });
  }

  /** The new file is on the device, with the time of the old one, before that is removed. */
  #finish(): void {
    this.#writer.end();
    const { atime, mtime } = fstatSync(this.#source);
    futimesSync(this.#target, atime, mtime);
    fsyncSync(this.#target);
    closeSync(this.#source);
    closeSync(this.#target);
    renameSync(this.#unfinished, join(this.#directory, this.#name + compressedEnding));
    syncFolder(this.#directory);
    rmSync(join(this.#directory, this.#name));
  }
}

/** Brings the names in a folder to the device. @throws {Error} of the file system */
export function syncFolder(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
