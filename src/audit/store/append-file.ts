/** Opens files that grow at their end. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/**
 * Opens a file for appending, and makes it where it is missing. What has taken its place and is no
 * file is refused: to open a FIFO would wait for a reader for ever (`O_NONBLOCK`, fifo(7)), and
 * what is written to a device is nowhere.
 *
 * @returns the descriptor
 * @throws {Error} of the file system, or with the code `ENOTFILE`
 */
export function openAppending(path: string): number {
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`${path} is no regular file`), { code: "ENOTFILE" });
}
