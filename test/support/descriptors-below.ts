// The file descriptors that a test owns. The count of all descriptors of a process changes with
// the runtime's own (sockets of the test runner, watchers, pipes), so no test compares that one.
import { readdirSync, readlinkSync } from "node:fs";

/**
 * Counts this process's descriptors of files below `folder`, an absolute path without symbolic
 * links. A file that was removed or renamed while open counts: Linux keeps its path in the link.
 */
export function descriptorsBelow(folder: string): number {
  let count = 0;
  for (const descriptor of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(`${folder}/`)) count += 1;
    } catch {
      // The descriptor that lists the folder is closed by now.
    }
  }
  return count;
}
