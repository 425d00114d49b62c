/** Removes files that only their process needed. */
import { rmSync } from "node:fs";

/**
 * Removes a file where that is possible. In a directory that was made read-only, and where a folder
 * has taken its place, it stays: what else is to be done must not fail for it.
 */
export function removeLeftover(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It says nothing to anybody.
  }
}
