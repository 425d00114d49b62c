/** The folder of one run of the benchmark, on the disk. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";

/**
 * Makes a folder for one run below `results`.
 *
 * On ext4 without a journal each new file costs a look at every inode of its group that was freed
 * within the last five minutes (`recently_deleted` in the kernel's fs/ext4/ialloc.c): up to 800 µs
 * after a run whose folder was removed. The attribute T has the kernel put each run's folder into a
 * group of its own; other file systems refuse it and do not need it.
 */
export function makeRunDirectory(results: string): string {
  mkdirSync(results, { recursive: true });
  spawnSync("chattr", ["+T", results], { stdio: "ignore" });
  return mkdtempSync(join(results, "run-"));
}
