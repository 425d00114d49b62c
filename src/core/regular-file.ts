/** Opens files that others may have put something else in the place of. */
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  type ReadStream,
} from "node:fs";

/** Code of the error for what is no regular file: a FIFO, a device, a socket. */
export const notAFile = "ENOTFILE";

/** To read: opening a FIFO waits for a writer for ever without `O_NONBLOCK` (fifo(7)). */
export const readingFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a file. What has taken its place and is no file is refused: opening a FIFO would wait for
 * its other end for ever, in which no signal ends the process, and what is written to a device is
 * nowhere.
 *
 * @param flags of open(2), `constants` of `node:fs`
 * @param mode of a new file
 * @returns the descriptor
 * @throws {Error} of the file system, or with the code {@link notAFile}
 */
export function openRegularFile(path: string, flags: number = readingFlags, mode = 0o600): number {
  const fd = openSync(path, flags | constants.O_NONBLOCK, mode);
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw Object.assign(new Error(`${path} is no regular file`), { code: notAFile });
}

/**
 * The content of a file from its beginning; closes it at its end.
 *
 * @param highWaterMark bytes that are read at once
 * @throws {Error} as {@link openRegularFile} does
 */
export function readRegularFile(path: string, highWaterMark = 65_536): ReadStream {
  return createReadStream("", { fd: openRegularFile(path), highWaterMark });
}
