/** Only one at a time changes full segments: the proxy that compresses and prunes, or a command. */
import { setTimeout as wait } from "node:timers/promises";

import { DirectoryLock } from "../store/directory-lock.ts";
import { removeUnfinished } from "./unfinished-files.ts";

const lockBase = "maintenance";
/** Between two attempts. Milliseconds. */
const retryMs = 100;

/**
 * Does some work under the lock of a directory, after what a crash has left is removed.
 *
 * @param patienceMs how long the lock is waited for
 * @returns `undefined` when another process has the lock
 * @throws {Error} of the file system, or of the work
 */
export async function underMaintenanceLock<T>(
  directory: string,
  work: () => Promise<T>,
  patienceMs = 0,
): Promise<{ readonly result: T } | undefined> {
  const end = performance.now() + patienceMs;
  let lock = DirectoryLock.take(directory, lockBase);
  while (typeof lock === "number") {
    if (performance.now() >= end) return undefined;
    await wait(retryMs);
    lock = DirectoryLock.take(directory, lockBase);
  }
  try {
    removeUnfinished(directory);
    return { result: await work() };
  } finally {
    lock.release();
  }
}
