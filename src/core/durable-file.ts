/** Files that are there whole or not at all, also after a crash or a power loss. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { removeLeftover } from "./remove-leftover.ts";
import { hasErrorCode } from "./system-error.ts";

/**
 * Puts a file with this content in the place of the one with this name. Returns when the content
 * and the name are on disk; a reader sees the old file or the new one, never a part.
 *
 * Two calls at once for one name are not supported: the name of the unfinished file is the same.
 *
 * @param mode of the file, such as 0o600
 * @throws {Error} of the file system; the old file may then be there still, or the new one already
 */
export function replaceFile(path: string, content: Uint8Array, mode: number): void {
  const unfinished = `${path}.new`;
  writeWhole(unfinished, content, mode);
  renameSync(unfinished, path);
  syncFolder(path);
}

/**
 * Like {@link replaceFile}, without waiting for the disk: after a power loss it may be empty.
 *
 * @throws {Error} of the file system
 */
export function renewFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const unfinished = `${path}.new`;
  // What stands there is no file of ours: a FIFO would be waited for, a link followed.
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, content, { flag: "wx", mode });
  renameSync(unfinished, path);
}

/**
 * Makes a file that does not exist yet. Of two processes one makes it, and the other finds it
 * whole.
 *
 * @returns false when there is one with this name, which is left as it is
 * @throws {Error} of the file system
 */
export function createFile(path: string, content: Uint8Array, mode: number): boolean {
  const unfinished = `${path}.${process.pid}.new`;
  writeWhole(unfinished, content, mode);
  try {
    // `link` fails when the name exists, `rename` would not.
    linkSync(unfinished, path);
  } catch (error) {
    if (hasErrorCode(error, "EEXIST")) return false;
    throw error;
  } finally {
    removeLeftover(unfinished);
  }
  syncFolder(path);
  return true;
}

/**
 * Makes a folder and those above it that are missing, with their names on disk.
 *
 * Not `recursive: true`, which never returns on Node 26 where the kernel says ENOENT although the
 * parent exists (`/proc/x`).
 *
 * @throws {Error} of the file system
 */
export function makeFolder(path: string, mode: number): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process was faster.
    if (hasErrorCode(error, "EEXIST")) return;
    throw error;
  }
  syncFolder(path);
}

function writeWhole(path: string, content: Uint8Array, mode: number): void {
  // What a crash has left there has no value, and may have another mode.
  rmSync(path, { force: true });
  const fd = openSync(path, "wx", mode);
  try {
    writeFileSync(fd, content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A name is in its folder: that is what has to reach the disk for it. */
function syncFolder(path: string): void {
  const fd = openSync(dirname(path), "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
