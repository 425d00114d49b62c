/**
 * Takes the lock of a directory, has another process take that of a file system which is mounted
 * over it, and prints what the lock says then. Run in a mount name space of its own.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { argv, execPath, stdout } from "node:process";

import { DirectoryLock } from "../../src/audit/store/directory-lock.ts";

const [, , directory = "", role] = argv;
if (role === "other") {
  const lock = DirectoryLock.take(directory, "audit");
  stdout.write("taken\n");
  // It ends with its object.
  setInterval(() => lock, 1000);
} else {
  // The first file of each of them has the same inode.
  const mount = (): unknown => execFileSync("mount", ["-t", "tmpfs", "tmpfs", directory]);
  mount();
  const lock = DirectoryLock.take(directory, "audit");
  mount();
  const other = spawn(execPath, [import.meta.filename, directory, "other"]);
  await once(other.stdout, "data");
  const keeps = typeof lock !== "number" && lock.keep();
  const holder = DirectoryLock.take(directory, "audit");
  stdout.write(JSON.stringify({ keeps, other: other.pid, holder }));
  other.kill("SIGKILL");
}
