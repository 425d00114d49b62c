/** Reads files that a configuration or a command line names, and nothing that never ends. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { notAFile, readingFlags } from "./regular-file.ts";

/** Far above any certificate bundle, key or token; bytes. */
const maxBytes = 16_777_216;

/** Code of the error for what is larger than any such file: 16 MiB. */
export const tooLargeFile = "EFBIG";

/**
 * The bytes of a file. A FIFO would be waited for until somebody writes to it, and `/dev/zero` has
 * no end: both would stop the process at start and at each reload.
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
    if (status.size > mostBytes) throw failure(path, tooLargeFile);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function failure(path: string, code: string): Error {
  const reason = code === notAFile ? "is no regular file" : "is larger than 16 MiB";
  return Object.assign(new Error(`${path} ${reason}`), { code });
}
