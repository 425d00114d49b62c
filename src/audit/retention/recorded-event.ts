/** Waits until a record about the trail is in the trail, by looking for it there. */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { closeSync, fdatasyncSync, readSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { openRegularFile } from "../../core/regular-file.ts";

import { textAt } from "../format/audit-document.ts";
import { readLine } from "../format/line-reader.ts";
import { listJournals } from "../read/catalog.ts";

/** Between two looks. */
const lookMs = 20;
const lineFeed = 0x0a;
/** Bytes that are looked through at once. */
const windowBytes = 1_048_576;

/**
 * What is wanted of a record that must be on the device before anything is removed: it carries a
 * mark that nothing else has, and is looked for behind what was there before.
 */
export class AwaitedEvent {
  /** To be recorded as the field `mark`. */
  readonly mark = randomUUID();
  readonly #directory: string;
  /** Bytes of the journals that were there before, or have been looked through, by inode. */
  readonly #seen = new Map<number, number>();

  /** Call before the event is handed over. @throws {CatalogError} when there is no trail */
  constructor(directory: string) {
    this.#directory = directory;
    for (const { inode, size } of this.#files()) this.#seen.set(inode, size);
  }

  /**
   * @returns id of the record; `undefined`: it is not there in time
   * @throws {Error} of the file system
   */
  async id(deadlineMs: number): Promise<string | undefined> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const id = this.#look();
      if (id !== undefined) return id;
      if (performance.now() > end) return undefined;
      await wait(lookMs);
    }
  }

  #look(): string | undefined {
    for (const { path, inode, size } of this.#files()) {
      for (let from = this.#seen.get(inode) ?? 0; from < size;) {
        const looked = lookAt(path, from, this.mark);
        if (typeof looked === "string") return looked;
        if (looked === 0) break;
        from += looked;
        this.#seen.set(inode, from);
      }
    }
    return undefined;
  }

  /** What is written to now, and what was until a moment ago. */
  #files(): { readonly path: string; readonly inode: number; readonly size: number }[] {
    return listJournals(this.#directory).flatMap(({ segments }) =>
      segments.slice(-2).filter(({ isCompressed }) => !isCompressed),
    );
  }
}

/**
 * Looks through whole lines from an offset on.
 *
 * @returns id of the record, which is on the device then, or how many bytes hold it not
 */
function lookAt(path: string, from: number, mark: string): string | number {
  const fd = openRegularFile(path);
  try {
    const bytes = Buffer.allocUnsafe(windowBytes);
    const length = readSync(fd, bytes, 0, bytes.length, from);
    const end = bytes.subarray(0, length).lastIndexOf(lineFeed) + 1;
    const at = bytes.subarray(0, end).indexOf(mark);
    // A line that is longer than the window holds a body, and is not the one that is looked for.
    if (at < 0) return end === 0 && length === bytes.length ? length : end;
    const line = bytes.toString(
      "latin1",
      bytes.lastIndexOf(lineFeed, at) + 1,
      bytes.indexOf(lineFeed, at),
    );
    fdatasyncSync(fd);
    return textAt(readLine(line) ?? {}, "event.id") ?? end;
  } finally {
    closeSync(fd);
  }
}
