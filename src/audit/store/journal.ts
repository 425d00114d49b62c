import { Buffer } from "node:buffer";
import {
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  readlinkSync,
  renameSync,
  statSync,
  write,
  writeSync,
} from "node:fs";
import { basename, join } from "node:path";

import { errorCode } from "../../core/system-error.ts";
import type { LineBatch } from "../format/line-batch.ts";
import { closeFile, lastByte, openAppending, syncNames } from "./append-file.ts";
import { makeDirectory } from "./audit-directory.ts";

/** Where lines go: a file in a directory, or standard output. */
export interface Journal {
  /** Name of the file that is written to; for recovery. */
  readonly segmentName: string;
  /** Code of the last failure. */
  readonly lastError: string;
  /**
   * Writes now; gives the number of whole lines that were stored. Never leaves a torn line behind
   * one that was stored.
   */
  write(batch: LineBatch): number;
  /**
   * The same, and what was written is on the device where that is promised; else it is taken back.
   */
  writeThrough(batch: LineBatch): number;
  /** The same as `write` in the background: one at a time. */
  writeLater(batch: LineBatch, done: (stored: number) => void): void;
  /** Calls back when all that was written is on the device; `error` is empty when it is. */
  sync(done: (error: string) => void): void;
  /** Whether the file has reached its size. */
  readonly isFull: boolean;
  /**
   * Renames the file and starts a new one; on failure the old one goes on. Gives the old file's new
   * name, which `announce` is told before the file has it.
   */
  rotate(stamp: string, announce: (name: string) => void): string | undefined;
  /**
   * Opens the path again after somebody renamed the file; on failure the old one goes on. Gives the
   * old file's present name.
   */
  reopen(): string | undefined;
  /**
   * Whether what is written still gets to where readers look for it. `renamed`: the file has
   * another name or place; `removed`: nobody can read it any more; `cut`: it is shorter than what
   * was written to it.
   */
  presence(): "there" | "renamed" | "removed" | "cut";
  /** Bytes that others have appended to the file since it was asked last. */
  foreignBytes(): number;
  /** Gives a file that was cut the name of an ended one, where that is possible. */
  setAside(stamp: string): void;
  /** Gives the file up: the next write makes it again, or fails. */
  giveUp(): void;
  /**
   * Why files that were left since it was asked last may not be on the device with all that was
   * written to them: the code of the error; empty: they are, or nobody promised it.
   */
  takeLeftError(): string;
  close(): void;
}

const lineFeed = Buffer.from("\n");

/** A file that grows by whole lines and is renamed when it is full; nothing is ever deleted. */
export class FileJournal implements Journal {
  readonly #directory: string;
  readonly #base: string;
  readonly #extension: string;
  readonly #rotateBytes: number;
  readonly #isDurable: boolean;
  /** `fdatasync` calls under way, and files to close when they have ended. */
  #syncs = 0;
  readonly #retired: number[] = [];
  /** Nothing is written, as if the disk were full already. */
  isHalted = false;
  #fd: number;
  #size: number;
  /** Where a torn line begins which could not be cut off yet; -1: none. */
  #tornAt = -1;
  /** The file was given up, and is not open. */
  #isGone = false;
  /** Its name may not be on the device. */
  #isNameAtRisk = false;
  #lastError = "";
  #leftError = "";

  /**
   * @param options.rotateBytes size from which the file is full; 0: never
   * @param options.isDurable a file is brought to the device before it is left, and so is its name
   * @throws {Error} of the file system
   */
  constructor(
    directory: string,
    base: string,
    extension: string,
    options: { readonly rotateBytes: number; readonly isDurable: boolean },
  ) {
    this.#directory = directory;
    this.#base = base;
    this.#extension = extension;
    this.#rotateBytes = options.rotateBytes;
    this.#isDurable = options.isDurable;
    this.#fd = openAppending(this.path);
    this.#size = fstatSync(this.#fd).size;
    if (this.#isDurable) syncNames(this.#directory);
  }

  get path(): string {
    return join(this.#directory, this.segmentName);
  }

  get segmentName(): string {
    return this.#base + this.#extension;
  }

  get lastError(): string {
    return this.#lastError;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#rotateBytes > 0 && this.#size >= this.#rotateBytes;
  }

  #isHalted(): boolean {
    if (this.isHalted) this.#lastError = "disk_reserve";
    return this.isHalted;
  }

  write(batch: LineBatch): number {
    let at = 0;
    if (this.#isHalted()) return 0;
    try {
      if (this.#isGone) this.#openAgain();
      if (this.#tornAt >= 0) this.#cutTornLine();
      this.#endForeignLine();
      while (at < batch.length) at += writeSync(this.#fd, batch.buffer, at, batch.length - at);
      this.#size += at;
      return batch.count;
    } catch (error) {
      return this.#failed(batch, at, error);
    }
  }

  writeThrough(batch: LineBatch): number {
    const stored = this.write(batch);
    if (!this.#isDurable || stored < batch.count || stored === 0) return stored;
    try {
      if (this.#isNameAtRisk) syncNames(this.#directory);
      this.#isNameAtRisk = false;
      fdatasyncSync(this.#fd);
      return stored;
    } catch (error) {
      this.#size -= batch.length;
      return this.#failed(batch, batch.length, error, 0);
    }
  }

  writeLater(batch: LineBatch, done: (stored: number) => void): void {
    let at = 0;
    if (this.#isHalted()) {
      setImmediate(done, 0);
      return;
    }
    const step = (error: NodeJS.ErrnoException | null, written: number): void => {
      if (error !== null) return done(this.#failed(batch, at, error));
      at += written;
      if (at < batch.length)
        return write(this.#fd, batch.buffer, at, batch.length - at, null, step);
      this.#size += at;
      done(batch.count);
    };
    try {
      if (this.#isGone) this.#openAgain();
      if (this.#tornAt >= 0) this.#cutTornLine();
      this.#endForeignLine();
    } catch (error) {
      done(this.#failed(batch, 0, error));
      return;
    }
    write(this.#fd, batch.buffer, 0, batch.length, null, step);
  }

  sync(done: (error: string) => void): void {
    if (this.#isGone) {
      done(this.#lastError);
      return;
    }
    this.#syncs += 1;
    fdatasync(this.#fd, (error) => {
      this.#syncs -= 1;
      let failure = error === null ? "" : errorCode(error, "unknown");
      if (this.#syncs === 0)
        for (const fd of this.#retired.splice(0)) failure = closeFile(fd) || failure;
      if (failure !== "") this.#lastError = failure;
      done(failure);
    });
  }

  takeLeftError(): string {
    const error = this.#leftError;
    this.#leftError = "";
    return error;
  }

  rotate(stamp: string, announce: (name: string) => void): string | undefined {
    const fresh = join(this.#directory, `.${this.segmentName}.new`);
    if (this.#isGone) return undefined;
    let fd: number | undefined;
    try {
      // Somebody else renamed the file: what lies at its path now is not ours to rename.
      if (this.presence() !== "there") return this.reopen();
      fd = openAppending(fresh);
      const name = this.#freeName(stamp);
      announce(name);
      renameSync(this.path, join(this.#directory, name));
      renameSync(fresh, this.path);
      this.#leave();
      this.#fd = fd;
      this.#size = 0;
      this.#tornAt = -1;
      return name;
    } catch (error) {
      this.#lastError = errorCode(error, "unknown");
      if (fd !== undefined) closeFile(fd);
      return undefined;
    }
  }

  reopen(): string | undefined {
    if (this.#isGone) return undefined;
    try {
      makeDirectory(this.#directory);
      const fd = openAppending(this.path);
      const status = fstatSync(fd);
      const old = fstatSync(this.#fd);
      if (status.ino === old.ino && status.dev === old.dev) {
        closeFile(fd);
        return undefined;
      }
      const name = this.#presentName();
      this.#leave();
      this.#fd = fd;
      this.#size = status.size;
      this.#tornAt = -1;
      return name;
    } catch (error) {
      this.#lastError = errorCode(error, "unknown");
      return undefined;
    }
  }

  presence(): "there" | "renamed" | "removed" | "cut" {
    if (this.#isGone) return "removed";
    const own = fstatSync(this.#fd);
    if (own.nlink === 0) return "removed";
    if (own.size < this.#size) return "cut";
    const there = statSync(this.path, { throwIfNoEntry: false });
    return there?.ino === own.ino && there.dev === own.dev ? "there" : "renamed";
  }

  foreignBytes(): number {
    if (this.#isGone || this.#tornAt >= 0) return 0;
    const { size } = fstatSync(this.#fd);
    const foreign = Math.max(0, size - this.#size);
    this.#size += foreign;
    return foreign;
  }

  setAside(stamp: string): void {
    try {
      renameSync(this.path, join(this.#directory, this.#freeName(stamp)));
    } catch (error) {
      // What follows is appended to it then.
      this.#lastError = errorCode(error, "unknown");
    }
  }

  giveUp(): void {
    if (this.#isGone) return;
    this.#leave();
    this.#isGone = true;
    this.#lastError = "ENOENT";
  }

  /** @throws {Error} of the file system */
  #openAgain(): void {
    makeDirectory(this.#directory);
    const fd = openAppending(this.path);
    try {
      this.#size = fstatSync(fd).size;
      if (this.#isDurable) syncNames(this.#directory);
    } catch (error) {
      closeFile(fd);
      throw error;
    }
    this.#fd = fd;
    this.#tornAt = -1;
    this.#isGone = false;
  }

  close(): void {
    if (!this.#isGone) this.#leave();
  }

  /**
   * Closes the present file, after what was written to it is on the device where that is promised,
   * and the name of the one that follows.
   */
  #leave(): void {
    if (this.#isDurable) {
      try {
        fdatasyncSync(this.#fd);
      } catch (error) {
        this.#leftError = errorCode(error, "unknown");
      }
      try {
        syncNames(this.#directory);
      } catch (error) {
        this.#isNameAtRisk = true;
        this.#leftError = errorCode(error, "unknown");
      }
    }
    // A number that is closed while a call on it waits for its thread may name another file by
    // then.
    if (this.#syncs > 0) this.#retired.push(this.#fd);
    else this.#leftError = closeFile(this.#fd) || this.#leftError;
    if (this.#leftError !== "") this.#lastError = this.#leftError;
  }

  /** @param keeps lines of those that were written at most */
  #failed(batch: LineBatch, written: number, error: unknown, keeps = batch.count): number {
    this.#lastError = errorCode(error, "unknown");
    let whole = 0;
    while (whole < keeps && (batch.ends[whole] ?? 0) <= written) whole += 1;
    const kept = whole === 0 ? 0 : (batch.ends[whole - 1] ?? 0);
    this.#size += kept;
    if (written > kept) {
      try {
        // Not `#size`: what others have appended stands before it.
        this.#tornAt = Math.max(0, fstatSync(this.#fd).size - (written - kept));
        this.#cutTornLine();
      } catch {
        // Tried again before the next write, so no line is ever appended to a torn one.
      }
    }
    return whole;
  }

  #cutTornLine(): void {
    ftruncateSync(this.#fd, this.#tornAt);
    this.#tornAt = -1;
  }

  /**
   * A record begins on a line of its own: what others have appended is ended where it has no end.
   *
   * @throws {Error} of the file system
   */
  #endForeignLine(): void {
    const { size } = fstatSync(this.#fd);
    if (size <= this.#size || lastByte(this.#fd, size) === lineFeed[0]) return;
    this.#size += writeSync(this.#fd, lineFeed);
  }

  /** Rotated files are never overwritten, also when two fall into one millisecond. */
  #freeName(stamp: string): string {
    for (let attempt = 0; ; attempt += 1) {
      const name = `${this.#base}-${stamp}${attempt === 0 ? "" : `-${attempt}`}${this.#extension}`;
      if (statSync(join(this.#directory, name), { throwIfNoEntry: false }) === undefined)
        return name;
    }
  }

  #presentName(): string {
    try {
      return basename(readlinkSync(`/proc/self/fd/${this.#fd}`));
    } catch {
      return "";
    }
  }
}
