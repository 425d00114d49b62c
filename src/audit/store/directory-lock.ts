import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { removeLeftover } from "../../core/remove-leftover.ts";
import { hasErrorCode } from "../../core/system-error.ts";

/** SQLite's result codes: https://www.sqlite.org/rescode.html */
const busy = 5;
const notADatabase = 26;

/**
 * Keeps two processes from writing the same audit files. The kernel holds the lock: it ends with
 * its process, however that ends, and processes in other containers of the host see it. Node has no
 * call for it, SQLite has: the lock is that of a write transaction on an empty database.
 *
 * Nothing else in the process may open the file: POSIX drops a process's locks on a file when it
 * closes any of its descriptors of that file (fcntl(2)).
 */
export class DirectoryLock {
  readonly #path: string;
  #database: DatabaseSync;
  /** The file that is locked. */
  #file: string;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#file = fileAt(path);
  }

  /**
   * Takes the lock, or gives the PID of the process that holds it; 0: it is in another PID name
   * space, or the system does not tell.
   *
   * @throws {Error} of the file system, or of SQLite
   */
  static take(directory: string, base: string): DirectoryLock | number {
    const path = join(directory, `${base}.lock`);
    const database = lock(path);
    return database === undefined ? holderOf(path) : new DirectoryLock(path, database);
  }

  /**
   * Whether a process that this one can see holds the lock; takes nothing and opens nothing. False
   * where the system does not tell.
   */
  static isSeenHeld(path: string): boolean {
    return holderOf(path) > 0;
  }

  /**
   * Takes the lock again when its file was removed.
   *
   * @returns false: another process has it by now
   * @throws {Error} of the file system, or of SQLite
   */
  keep(): boolean {
    if (this.#file === fileAt(this.#path)) return true;
    const database = lock(this.#path);
    if (database === undefined) return false;
    this.#database.close();
    this.#database = database;
    this.#file = fileAt(this.#path);
    return true;
  }

  /** Never throws: what a process does last must not fail for a file that means nothing. */
  release(): void {
    try {
      // Removed while it is held: who takes the lock next takes that of a new file.
      if (this.#file === fileAt(this.#path)) removeLeftover(this.#path);
    } catch {
      // Its directory cannot be looked at any more.
    }
    this.#database.close();
  }
}

/** `undefined`: another has it. */
function lock(path: string): DatabaseSync | undefined {
  for (;;) {
    const database = begin(path);
    if (typeof database !== "object") return undefined;
    // Its holder may have removed it between the opening and the locking of it.
    if (database.file === fileAt(path)) return database.database;
    database.database.close();
  }
}

function begin(path: string): { database: DatabaseSync; file: string } | undefined {
  makeFile(path);
  const file = fileAt(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN IMMEDIATE");
    return { database, file };
  } catch (error) {
    database.close();
    const code = resultCode(error);
    if (code === busy) return undefined;
    if (code !== notADatabase) throw error;
    // Not ours, and nobody has locked it.
    truncateSync(path);
    return begin(path);
  }
}

/** With the permissions of all that lies here; SQLite would take those of the umask. */
function makeFile(path: string): void {
  try {
    writeFileSync(path, "", { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!hasErrorCode(error, "EEXIST")) throw error;
  }
}

/** "process 4711", or where that cannot be told "in another container". */
export function holderName(pid: number): string {
  return pid === 0 ? "in another container" : `process ${pid}`;
}

function resultCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "errcode" in error
    ? error.errcode
    : undefined;
}

/**
 * What tells a file from all others, also from one on a file system that is mounted over its own.
 * Empty: there is none.
 */
function fileAt(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return "";
    throw error;
  }
}

/**
 * From Linux's list of locks (proc_locks(5)): `1: POSIX ADVISORY WRITE 4711 08:01:1234 …`. Some
 * file systems (btrfs, overlayfs) call their device otherwise in stat(2): there the inode decides.
 */
function holderOf(path: string): number {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    const file = `${deviceText(dev)}:${ino}`;
    const locks = readFileSync("/proc/locks", "latin1")
      .split("\n")
      .map((text) => text.trim().split(/\s+/u))
      .filter((fields) => fields[5]?.endsWith(`:${ino}`));
    const lock = locks.find((fields) => fields[5] === file) ?? locks[0];
    const pid = Number(lock?.[4]);
    return Number.isInteger(pid) && pid > 0 ? pid : 0;
  } catch {
    return 0;
  }
}

/** Major and minor number in hexadecimal, as Linux puts both into a `dev_t` (makedev(3)). */
function deviceText(dev: bigint): string {
  const major = ((dev >> 32n) & 0xfffff000n) | ((dev >> 8n) & 0xfffn);
  const minor = ((dev >> 12n) & 0xffffff00n) | (dev & 0xffn);
  return [major, minor].map((number) => number.toString(16).padStart(2, "0")).join(":");
}
