import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, pid } from "node:process";
import { hasErrorCode } from "../../core/system-error.ts";

/** Whoever holds the lock of an audit directory. */
interface Holder {
  readonly pid: number;
  /** Start time of the process in clock ticks since boot; empty where the system does not tell. */
  readonly started: string;
}

/**
 * Keeps two processes from writing the same audit files. The lock is a file that names its holder;
 * a holder that no longer runs is replaced, so nothing has to be cleaned up after a crash.
 * Processes in different PID name spaces do not see each other: give each its own directory.
 */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes the lock, or gives the PID of the live process that holds it.
   *
   * @throws {Error} of the file system
   */
  static take(directory: string, base: string): DirectoryLock | number {
    const path = join(directory, `${base}.lock`);
    const own = `${path}.${pid}`;
    writeFileSync(own, JSON.stringify({ pid, started: status(pid).started }), { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < 10; attempt += 1) {
        try {
          // `link` fails when the name exists: of two processes one gets it.
          linkSync(own, path);
          return new DirectoryLock(path);
        } catch (error) {
          if (!hasErrorCode(error, "EEXIST")) throw error;
        }
        const holder = readHolder(path);
        if (holder !== undefined && isAlive(holder)) return holder.pid;
        setAside(path, holder);
      }
      return readHolder(path)?.pid ?? 0;
    } finally {
      rmSync(own, { force: true });
    }
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }
}

/**
 * Removes a dead holder's lock, unless another process was faster and the file is that one's by
 * now.
 */
function setAside(path: string, dead: Holder | undefined): void {
  const aside = `${path}.stale.${pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved !== undefined && moved.pid !== dead?.pid && isAlive(moved)) {
    try {
      linkSync(aside, path);
    } catch {
      // A third one has it now; the next round of the caller sees who.
    }
  }
  unlinkSync(aside);
}

function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null || !("pid" in value) || !("started" in value))
      return undefined;
    return { pid: Number(value.pid), started: String(value.started) };
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (!Number.isInteger(holder.pid) || holder.pid <= 0) return false;
  try {
    kill(holder.pid, 0);
  } catch (error) {
    return hasErrorCode(error, "EPERM");
  }
  const { started, isEnded } = status(holder.pid);
  // A number that was given to another process since is not the holder; a zombie has closed its
  // files.
  return !isEnded && (holder.started === "" || started === holder.started);
}

/** From `/proc`; where there is none the start is empty. */
function status(process: number): { readonly started: string; readonly isEnded: boolean } {
  try {
    const text = readFileSync(`/proc/${process}/stat`, "latin1");
    // Fields 3 and 22; the second field is a name that may hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { started: fields[19] ?? "", isEnded: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return { started: "", isEnded: false };
  }
}
