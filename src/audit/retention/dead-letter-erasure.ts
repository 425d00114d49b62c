/** Overwrites what shipping has left of erased exchanges: documents that a target refused. */
import { Buffer } from "node:buffer";
import { closeSync, constants, fdatasyncSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import { deadLetterFiles } from "../store/ship-position.ts";

const lineFeed = 0x0a;
const space = 0x20;
/** Each line begins with `{"id":"ID"`. */
const [idAt, idLength] = [7, 36];
const windowBytes = 262_144;

/**
 * Puts a line that only says so in the place of each that holds an erased exchange, of the same
 * length: whoever ships may add lines meanwhile.
 *
 * @param ids of the exchanges
 * @returns documents that were erased
 * @throws {Error} of the file system
 */
export function eraseDeadLetters(directory: string, ids: ReadonlySet<string>): number {
  let count = 0;
  for (const name of deadLetterFiles(directory)) count += eraseIn(join(directory, name), ids);
  return count;
}

function eraseIn(path: string, ids: ReadonlySet<string>): number {
  const fd = openRegularFile(path, constants.O_RDWR);
  try {
    const window = Buffer.allocUnsafe(windowBytes);
    const head = Buffer.allocUnsafe(idAt + idLength);
    let [lineStart, at, count] = [0, 0, 0];
    for (;;) {
      const length = readSync(fd, window, 0, window.length, at);
      if (length === 0) break;
      for (let from = 0; ;) {
        const end = window.subarray(0, length).indexOf(lineFeed, from);
        if (end < 0) break;
        const headLength = readSync(fd, head, 0, head.length, lineStart);
        const id = head.toString("latin1", idAt, headLength);
        if (ids.has(id)) {
          overwrite(fd, lineStart, at + end, id);
          count += 1;
        }
        lineStart = at + end + 1;
        from = end + 1;
      }
      at += length;
    }
    if (count > 0) fdatasyncSync(fd);
    return count;
  } finally {
    closeSync(fd);
  }
}

/** The rest of the line is filled with blanks, which end a value in JSON as well. */
function overwrite(fd: number, start: number, end: number, id: string): void {
  const content = Buffer.from(`{"id":"${id}","erased":true}`);
  const blanks = Buffer.alloc(windowBytes, space);
  let at = start + writeSync(fd, content, 0, Math.min(content.length, end - start), start);
  while (at < end) at += writeSync(fd, blanks, 0, Math.min(blanks.length, end - at), at);
}
