/** A device below a folder on which calls fail: those of this process, by way of `node:fs`. */
import fs, { readlinkSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** What a call is, and of which file: name within the folder; "": the folder itself. */
export type Failing = (
  call: "fdatasync" | "fdatasyncSync" | "fsyncSync" | "closeSync" | "renameSync" | "writeSync",
  name: string,
) => string | undefined;

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code, errno: -1, syscall: "write" });
}

/** Calls for which `fails` gives a code fail with it; `closeSync` closes the file all the same. */
export class FailingDevice implements Disposable {
  /** Calls of `fdatasync` that have not ended. */
  underWay = 0;
  fails: Failing = () => undefined;
  /** While it is set `fdatasync` waits for it, before it fails or not. */
  gate: Promise<void> | undefined = undefined;
  readonly #folder: string;
  readonly #own = { ...fs };

  constructor(folder: string) {
    this.#folder = folder;
    const { fdatasync, fdatasyncSync, fsyncSync, closeSync, renameSync, writeSync } = this.#own;
    fs.writeSync = ((fd: number, ...rest: [Buffer]) => {
      this.#check("writeSync", this.#nameOf(fd));
      return writeSync(fd, ...rest);
    }) as typeof writeSync;
    fs.fdatasync = ((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => {
      this.underWay += 1;
      const name = this.#nameOf(fd);
      const end = (error: NodeJS.ErrnoException | null): void => {
        this.underWay -= 1;
        done(error);
      };
      void Promise.resolve(this.gate).then(() => {
        const code = this.#code("fdatasync", name);
        if (code === undefined) fdatasync(fd, end);
        else setImmediate(end, failure(code));
      });
    }) as typeof fdatasync;
    fs.fdatasyncSync = (fd) => {
      this.#check("fdatasyncSync", this.#nameOf(fd));
      fdatasyncSync(fd);
    };
    fs.fsyncSync = (fd) => {
      this.#check("fsyncSync", this.#nameOf(fd));
      fsyncSync(fd);
    };
    fs.closeSync = (fd) => {
      const name = this.#nameOf(fd);
      closeSync(fd);
      this.#check("closeSync", name);
    };
    fs.renameSync = (from, to) => {
      this.#check("renameSync", this.#nameBelow(String(to)));
      renameSync(from, to);
    };
    syncBuiltinESMExports();
  }

  [Symbol.dispose](): void {
    const { fdatasync, fdatasyncSync, fsyncSync, closeSync, renameSync, writeSync } = this.#own;
    Object.assign(fs, { fdatasync, fdatasyncSync, fsyncSync, closeSync, renameSync, writeSync });
    syncBuiltinESMExports();
  }

  #code(call: Parameters<Failing>[0], name: string | undefined): string | undefined {
    return name === undefined ? undefined : this.fails(call, name);
  }

  #check(call: Parameters<Failing>[0], name: string | undefined): void {
    const code = this.#code(call, name);
    if (code !== undefined) throw failure(code);
  }

  #nameOf(fd: number): string | undefined {
    try {
      return this.#nameBelow(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return undefined;
    }
  }

  #nameBelow(path: string): string | undefined {
    return path === this.#folder || path.startsWith(`${this.#folder}/`)
      ? path.slice(this.#folder.length + 1)
      : undefined;
  }
}
