/** Reads files that a configuration or a command line names, and nothing that never ends. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { notAFile, readingFlags } from "./regular-file.ts";

/** Far above any certificate bundle, key or token; bytes. */
const maxBytes = 16_777_216;

/** Code of the error for what is larger than any such file: 16 MiB. */
export const tooLargeFile = "EFBIG";

/**
 * The bytes of a file. A FIFO would be waited for until somebody writes to it, and `/dev/zero` has
 * no end: both would stop the process at start and at each reload. Files of `/proc` say that they
 * are empty, whatever they hold, so what is read counts.
 *
 * @param mostBytes larger ones are refused
 * @throws {Error} of the file system, or with the code {@link notAFile} or {@link tooLargeFile}
 */
export function readWholeFile(path: string, mostBytes = maxBytes): Buffer {
  const fd = openSync(path, readingFlags);
  try {
    const status = fstatSync(fd);
    // A folder is told as such by reading it.
    if (!status.isFile() && !status.isDirectory()) throw failure(path, notAFile);
    const bytes = status.size > mostBytes ? undefined : readBounded(fd, mostBytes, status.size);
    if (bytes === undefined) throw failure(path, tooLargeFile);
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/**
 * What can still be read from a descriptor; `undefined`: more than `mostBytes`.
 *
 * @param expectedBytes how many there are probably
 * @param readSome reads like `readSync`
 */
export function readBounded(
  fd: number,
  mostBytes: number,
  expectedBytes: number,
  readSome: (fd: number, bytes: Buffer, at: number) => number = readNext,
): Buffer | undefined {
  // One byte more tells the end from what goes on.
  let bytes = Buffer.allocUnsafe(Math.min(mostBytes, Math.max(expectedBytes, firstBytes)) + 1);
  let length = 0;
  for (;;) {
    const read = readSome(fd, bytes, length);
    if (read === 0) return bytes.subarray(0, length);
    length += read;
    if (length > mostBytes) return undefined;
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(mostBytes + 1, 4 * length));
    bytes.copy(larger);
    bytes = larger;
  }
}

const firstBytes = 16_384;

function readNext(fd: number, bytes: Buffer, at: number): number {
  return readSync(fd, bytes, at, bytes.length - at, null);
}

function failure(path: string, code: string): Error {
  const reason = code === notAFile ? "is no regular file" : "is larger than 16 MiB";
  return Object.assign(new Error(`${path} ${reason}`), { code });
}
