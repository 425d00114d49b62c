/** Opens files of an audit directory, and nothing that has taken their place. */
import { closeSync, constants, fstatSync, openSync } from "node:fs";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * Opens a file for appending, and makes it where it is missing. What has taken its place and is no
 * file is refused: to open a FIFO would wait for a reader for ever (`O_NONBLOCK`, fifo(7)), and
 * what is written to a device is nowhere.
 *
 * @returns the descriptor
 * @throws {Error} of the file system, or with the code `ENOTFILE`
 */
export function openAppending(path: string): number {
  return onlyFile(openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o600), path);
}

/** Opens a file for reading; see {@link openAppending}. */
export function openReading(path: string): number {
  return onlyFile(openSync(path, O_RDONLY | O_NONBLOCK), path);
}

function onlyFile(fd: number, path: string): number {
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`${path} is no regular file`), { code: "ENOTFILE" });
}
