/**
 * Loaded with `--import` into every thread of a proxy: holds the thread that follows the trail, as
 * a file system that does not answer would, until the file that `HELD_UNTIL` names is there.
 */
import { existsSync } from "node:fs";
import { threadName } from "node:worker_threads";

const file = process.env["HELD_UNTIL"];
if (threadName === "audit-follower" && file !== undefined) {
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (!existsSync(file)) Atomics.wait(never, 0, 0, 20);
}
