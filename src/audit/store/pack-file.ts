/** One body pack on disk: a file that grows by whole frames. */
import {
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  writeSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";

import { openRegularFile } from "../../core/regular-file.ts";
import { errorCode } from "../../core/system-error.ts";
import { closeFile, syncNames } from "./append-file.ts";
import { packMagic } from "./pack-format.ts";

/** Frames are written where their records say, whatever others append: not `O_APPEND`. */
const packFlags = constants.O_WRONLY | constants.O_CREAT;
const nothing = new Uint8Array(0);

/**
 * Made when the first frame comes, so that a segment without large bodies has none. What a failed
 * write left is cut off before the next one.
 */
export class PackFile {
  /** Name within the directory. */
  readonly name: string;
  /** Bodies on their way into it. */
  users = 0;
  readonly #directory: string;
  readonly #isDurable: boolean;
  readonly #onLeft: (error: string) => void;
  #fd: number | undefined = undefined;
  /** Bytes of whole frames. */
  #size = 0;
  #syncedSize = 0;
  #isTorn = false;
  /** Why not all that was written is known to be on the device; empty: it is, as far as synced. */
  #suspicion = "";
  /** Times that something was taken back. */
  #cuts = 0;
  #syncs = 0;
  #isRetired = false;

  /**
   * @param isDurable what was written is brought to the device before the file is closed, and so
   *   is its name when it is made
   * @param onLeft told the code of the error when that fails at the end, or the closing does
   */
  constructor(
    directory: string,
    name: string,
    isDurable: boolean,
    onLeft: (error: string) => void,
  ) {
    this.#directory = directory;
    this.name = name;
    this.#isDurable = isDurable;
    this.#onLeft = onLeft;
  }

  get isOpen(): boolean {
    return this.#fd !== undefined;
  }

  /** Where the next frame begins, once the file has been opened. */
  get size(): number {
    return this.#size;
  }

  /** Somebody has removed or cut the file: what was written to it nobody can read. */
  get isRemoved(): boolean {
    if (this.#fd === undefined) return false;
    const { nlink, size } = fstatSync(this.#fd);
    return nlink === 0 || size < this.#size;
  }

  /** A sync has failed: nobody knows what of it is on the device, and none will tell (fsync(2)). */
  get isSuspect(): boolean {
    return this.#suspicion !== "";
  }

  /** Something was written that no `sync` has covered. */
  get isDirty(): boolean {
    return this.#fd !== undefined && !this.isSuspect && this.#size > this.#syncedSize;
  }

  /** Opens or makes the file; does nothing when it is open. @throws {Error} of the file system */
  open(): void {
    if (this.#fd !== undefined) return;
    if (this.#isRetired) throw new Error(`the body pack ${this.name} is closed`);
    const fd = openRegularFile(join(this.#directory, this.name), packFlags);
    try {
      this.#size = fstatSync(fd).size;
      // A crash may have come before its first bytes were there.
      if (this.#size < packMagic.length) {
        ftruncateSync(fd, 0);
        writeSync(fd, packMagic, 0, packMagic.length, 0);
        this.#size = packMagic.length;
        if (this.#isDurable) syncNames(this.#directory);
      }
    } catch (error) {
      closeFile(fd);
      throw error;
    }
    this.#fd = fd;
  }

  /**
   * Appends whole frames, which are the first bytes of `bytes` with those of `data` behind them:
   * all or nothing.
   *
   * @throws {Error} of the file system
   */
  append(bytes: Uint8Array, length: number, data: Uint8Array = nothing): void {
    this.open();
    const fd = this.#fd;
    if (fd === undefined) return;
    if (this.isSuspect)
      throw Object.assign(new Error(`the body pack ${this.name} is not whole`), {
        code: this.#suspicion,
      });
    if (this.#isTorn) this.#cut(fd);
    let at = 0;
    try {
      const from = this.#size;
      if (data.length > 0) at = writevSync(fd, [bytes.subarray(0, length), data], from);
      while (at < length) at += writeSync(fd, bytes, at, length - at, from + at);
      const end = length + data.length;
      while (at < end) at += writeSync(fd, data, at - length, end - at, from + at);
      this.#size += end;
    } catch (error) {
      this.#isTorn = at > 0;
      try {
        if (this.#isTorn) this.#cut(fd);
      } catch {
        // Tried again before the next write, so no frame ever follows a torn one.
      }
      throw error;
    }
  }

  /**
   * Removes the frames from this offset on, to which nothing points yet. When that fails it is
   * tried again before the next write.
   */
  takeBack(size: number): void {
    const fd = this.#fd;
    if (fd === undefined || size >= this.#size) return;
    this.#size = size;
    this.#syncedSize = Math.min(this.#syncedSize, size);
    this.#cuts += 1;
    this.#isTorn = true;
    try {
      this.#cut(fd);
    } catch {
      // `append` cuts before it writes.
    }
  }

  /** Calls back when what was written is on the device; `error` is empty when it is. */
  sync(done: (error: string) => void): void {
    const fd = this.#fd;
    if (fd === undefined) {
      done("");
      return;
    }
    const size = this.#size;
    const cuts = this.#cuts;
    this.#syncs += 1;
    fdatasync(fd, (error) => {
      this.#syncs -= 1;
      if (error === null && cuts === this.#cuts)
        this.#syncedSize = Math.max(this.#syncedSize, size);
      if (error !== null) this.#suspicion = errorCode(error, "unknown");
      if (this.#isRetired) this.#closeWhenIdle();
      done(error === null ? "" : this.#suspicion);
    });
  }

  /** No new body comes: the file is closed when the last one has ended. */
  retire(): void {
    this.#isRetired = true;
    this.#closeWhenIdle();
  }

  /** Closes the file as soon as no call on it is under way, whatever bodies are. */
  close(): void {
    this.users = 0;
    this.retire();
  }

  /** A body that was on its way has ended. */
  release(): void {
    this.users -= 1;
    if (this.#isRetired) this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    const fd = this.#fd;
    // A number that is closed while a call on it waits for its thread may name another file by
    // then.
    if (fd === undefined || this.users > 0 || this.#syncs > 0) return;
    let failure = "";
    try {
      if (this.#isDurable && this.isDirty) fdatasyncSync(fd);
    } catch (error) {
      failure = errorCode(error, "unknown");
    }
    this.#fd = undefined;
    failure = closeFile(fd) || failure;
    if (failure !== "") this.#onLeft(failure);
  }

  #cut(fd: number): void {
    ftruncateSync(fd, this.#size);
    this.#isTorn = false;
  }
}
