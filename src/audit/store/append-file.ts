/** Opens files of an audit directory, and nothing that has taken their place; closes them. */
import { Buffer } from "node:buffer";
import { closeSync, constants, fsyncSync, openSync, readSync } from "node:fs";
import { openRegularFile } from "../../core/regular-file.ts";
import { errorCode } from "../../core/system-error.ts";

const { O_APPEND, O_CREAT, O_WRONLY } = constants;

/** Opens a file for appending, and makes it where it is missing; see {@link openRegularFile}. */
export function openAppending(path: string): number {
  return openRegularFile(path, O_WRONLY | O_APPEND | O_CREAT);
}

/** Opens a file for reading; see {@link openRegularFile}. */
export function openReading(path: string): number {
  return openRegularFile(path);
}

/**
 * Closes a file. Its number is free afterwards, also when the call fails, as it does on network
 * file systems for bytes that were written before and are lost (close(2)): nothing may use it any
 * more.
 *
 * @returns the code of the error; empty: there is none
 */
export function closeFile(fd: number): string {
  try {
    closeSync(fd);
    return "";
  } catch (error) {
    return errorCode(error, "unknown");
  }
}

/** Brings the names in a directory to the device. @throws {Error} of the file system */
export function syncNames(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The last byte of a file that is open for writing only; `undefined`: it cannot be read. */
export function lastByte(fd: number, size: number): number | undefined {
  let reading: number | undefined;
  try {
    reading = openSync(`/proc/self/fd/${fd}`, "r");
    const byte = Buffer.alloc(1);
    return readSync(reading, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
  } catch {
    return undefined;
  } finally {
    if (reading !== undefined) closeSync(reading);
  }
}
