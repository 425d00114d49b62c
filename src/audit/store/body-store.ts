import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
  type ReadStream,
} from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { constants, createZstdCompress } from "node:zlib";

import type { Log } from "../../core/log.ts";
import { bodyPointer, type SealedBody } from "../record/sealed-body.ts";

/**
 * Bodies that wait for compression at most; further ones stay as they are, which readers accept.
 */
const maxWaiting = 1024;

/**
 * Large bodies by content: `bodies/ab/abcdef…` named by the SHA-256 of their bytes, each stored
 * once. A new body is compressed with zstd in the background, one at a time; then `abcdef….zst`
 * replaces the plain file.
 */
export class BodyStore {
  readonly #directory: string;
  readonly #temporary: string;
  readonly #isDurable: boolean;
  readonly #log: Log;
  readonly #waiting: string[] = [];
  #compressing: ReadStream | undefined = undefined;
  #isClosed = false;
  #failures = 0;

  /**
   * @param directory the audit directory
   * @param owner name of this writer's own folder for unfinished bodies
   * @throws {Error} of the file system
   */
  constructor(directory: string, owner: string, isDurable: boolean, log: Log) {
    this.#directory = directory;
    this.#temporary = join(directory, "bodies", `tmp-${owner}`);
    this.#isDurable = isDurable;
    this.#log = log;
    mkdirSync(this.#temporary, { recursive: true, mode: 0o700 });
  }

  /** Bodies that could not be stored since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Starts a body; undefined when the file cannot be made. */
  begin(id: string, direction: "request" | "response"): StoredBody | undefined {
    const path = join(this.#temporary, `${id}.${direction}`);
    try {
      return new StoredBody(this, path, openSync(path, "wx", 0o600));
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  /** @internal Gives a finished file its name; throws when the file system does. */
  adopt(path: string, fd: number, sha256: string): void {
    if (this.#isDurable) fdatasyncSync(fd);
    this.#place(path, sha256);
  }

  /** @internal */
  failed(error: unknown): void {
    this.#failures += 1;
    // One line per power of two: a full disk must not fill the operational log.
    if ((this.#failures & (this.#failures - 1)) === 0)
      this.#log.error(
        { code: errorCode(error), failures: this.#failures },
        "a body could not be stored; its record says so",
      );
  }

  /**
   * Seals the unfinished bodies of a dead predecessor: they keep what had passed. By `ID.request`
   * and `ID.response`.
   */
  sealLeftovers(): Map<string, SealedBody> {
    const sealed = new Map<string, SealedBody>();
    for (const name of readdirSync(this.#temporary)) {
      const path = join(this.#temporary, name);
      if (name.endsWith(".zst")) {
        rmSync(path, { force: true });
        continue;
      }
      try {
        const body = digestOf(path);
        this.#place(path, body.sha256);
        sealed.set(name, body);
      } catch (error) {
        this.failed(error);
      }
    }
    return sealed;
  }

  /** Stops compressing. Finished bodies stay; the one being compressed stays plain. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#compressing?.destroy(new Error("the body store is closing"));
  }

  #place(path: string, sha256: string): void {
    const target = join(this.#directory, bodyPointer(sha256));
    if (existsSync(target) || existsSync(`${target}.zst`)) {
      unlinkSync(path);
      return;
    }
    try {
      renameSync(path, target);
    } catch {
      mkdirSync(join(this.#directory, "bodies", sha256.slice(0, 2)), {
        recursive: true,
        mode: 0o700,
      });
      renameSync(path, target);
    }
    if (this.#waiting.length < maxWaiting) this.#waiting.push(sha256);
    this.#compressNext();
  }

  #compressNext(): void {
    if (this.#compressing !== undefined || this.#isClosed) return;
    const sha256 = this.#waiting.shift();
    if (sha256 === undefined) return;
    const plain = join(this.#directory, bodyPointer(sha256));
    const unfinished = join(this.#temporary, `${sha256}.zst`);
    const source = createReadStream(plain);
    this.#compressing = source;
    pipeline(
      source,
      createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
      createWriteStream(unfinished, { mode: 0o600, flush: this.#isDurable }),
      (error) => {
        this.#compressing = undefined;
        this.#finishCompression(error, plain, unfinished);
        this.#compressNext();
      },
    );
  }

  #finishCompression(error: unknown, plain: string, unfinished: string): void {
    try {
      if (error === null || error === undefined) {
        renameSync(unfinished, `${plain}.zst`);
        unlinkSync(plain);
        return;
      }
      rmSync(unfinished, { force: true });
      if (!this.#isClosed)
        this.#log.warn({ code: errorCode(error) }, "a stored body stays uncompressed");
    } catch (failure) {
      this.#log.warn({ code: errorCode(failure) }, "a stored body stays uncompressed");
    }
  }
}

/** A body on its way into the store. Ends by `finish` or `discard`, exactly once. */
export class StoredBody {
  readonly #store: BodyStore;
  readonly #path: string;
  readonly #fd: number;
  readonly #hash: Hash = createHash("sha256");

  /** @internal made by `BodyStore.begin` */
  constructor(store: BodyStore, path: string, fd: number) {
    this.#store = store;
    this.#path = path;
    this.#fd = fd;
  }

  /** Appends bytes; false when they could not be written: then only `discard` may follow. */
  write(content: Uint8Array): boolean {
    this.#hash.update(content);
    try {
      let at = 0;
      while (at < content.length) at += writeSync(this.#fd, content, at, content.length - at);
      return true;
    } catch (error) {
      this.#store.failed(error);
      return false;
    }
  }

  /** The running hash, to be continued when writing failed. */
  get hash(): Hash {
    return this.#hash;
  }

  /** Moves the body to its place. */
  finish(): { readonly sha256: string; readonly isStored: boolean } {
    const sha256 = this.#hash.digest("hex");
    try {
      this.#store.adopt(this.#path, this.#fd, sha256);
      return { sha256, isStored: true };
    } catch (error) {
      this.#store.failed(error);
      rmSync(this.#path, { force: true });
      return { sha256, isStored: false };
    } finally {
      closeSync(this.#fd);
    }
  }

  discard(): void {
    closeSync(this.#fd);
    rmSync(this.#path, { force: true });
  }
}

function digestOf(path: string): SealedBody {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(262_144);
  const fd = openSync(path, "r");
  let bytes = 0;
  try {
    for (;;) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) break;
      hash.update(chunk.subarray(0, length));
      bytes += length;
    }
  } finally {
    closeSync(fd);
  }
  return { sha256: hash.digest("hex"), bytes };
}

function errorCode(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error
    ? String(error.code)
    : "unknown";
}
