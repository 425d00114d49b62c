import { statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { readWholeFile } from "../core/read-file.ts";
import { ProxyError } from "../core/errors.ts";
import { errorCode } from "../core/system-error.ts";

/**
 * Files that are read at start and again when one of them changes (another modification time, size
 * or inode).
 */
export class WatchedFiles {
  readonly paths: readonly string[];
  #stamp: string;
  #isChecking = false;

  /** @throws {ProxyError} ESP_ERR_TLS_FILE naming the file that cannot be read. */
  constructor(paths: readonly string[]) {
    this.paths = paths;
    this.#stamp = paths.map(stampSync).join();
  }

  /** Contents in the order of `paths`. @throws {ProxyError} ESP_ERR_TLS_FILE */
  read(): Buffer[] {
    return this.paths.map((path) => {
      try {
        return readWholeFile(path);
      } catch (cause) {
        throw unreadable(path, cause);
      }
    });
  }

  /**
   * Calls `onChange` when a file has changed since the last call; a file that is missing for a
   * moment is not a change.
   */
  async check(onChange: () => void): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    try {
      const stamp = (
        await Promise.all(this.paths.map(async (path) => stampOf(await stat(path))))
      ).join();
      if (stamp === this.#stamp) return;
      onChange();
      this.#stamp = stamp;
    } catch {
      // Being replaced: the next check sees it.
    } finally {
      this.#isChecking = false;
    }
  }
}

function stampSync(path: string): string {
  try {
    return stampOf(statSync(path));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function stampOf(stats: { mtimeMs: number; size: number; ino: number }): string {
  return `${stats.mtimeMs}:${stats.size}:${stats.ino}`;
}

function unreadable(path: string, cause: unknown): ProxyError {
  const reason = errorCode(cause);
  return new ProxyError("ESP_ERR_TLS_FILE", `cannot read ${path}: ${reason}`, { cause });
}
