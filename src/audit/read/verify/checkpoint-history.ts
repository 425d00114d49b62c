/** Reads the history of a log: notes one behind the other, an empty line behind each. */
import { Buffer } from "node:buffer";
import { readSync } from "node:fs";

import { maxTextBytes } from "../../../tlog/strict-text.ts";

/** One piece of the history. */
export interface HistoryNote {
  /** A note, or what stands in the place of one. */
  readonly bytes: Buffer;
  /** The file ends within it, as after a power loss. */
  readonly isCut: boolean;
}

/** Bytes that are read at once. */
const chunkBytes = 1_048_576;
const blank = Buffer.from("\n\n");
const signatureStart = Buffer.from("\u2014 ");

/**
 * The notes of an open file, from a place in it. Text and signatures of a note have an empty line
 * between them, too, so a note ends with the empty line behind its signatures.
 *
 * What is longer than any note comes in pieces, which are none.
 */
export function* historyNotes(fd: number, from = 0): Generator<HistoryNote, undefined> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let rest: Buffer = Buffer.alloc(0);
  for (let position = from; ;) {
    const length = readSync(fd, chunk, 0, chunk.length, position);
    if (length === 0) break;
    position += length;
    rest = Buffer.concat([rest, chunk.subarray(0, length)]);
    let start = 0;
    for (let end = endOfNote(rest, start); end >= 0; end = endOfNote(rest, start)) {
      // Without the empty line's line feed: a note ends with that of its last signature.
      yield { bytes: rest.subarray(start, end - 1), isCut: false };
      start = end;
    }
    rest = rest.subarray(start);
    if (rest.length <= maxTextBytes) continue;
    yield { bytes: rest, isCut: false };
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) yield { bytes: rest, isCut: true };
  return undefined;
}

/** Behind the empty line that ends the note at `start`; -1: it has no end here. */
function endOfNote(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(blank, start); at >= 0; at = bytes.indexOf(blank, at + 1)) {
    const line = at === 0 ? 0 : bytes.lastIndexOf(0x0a, at - 1) + 1;
    const isSignature = bytes.subarray(line, at).subarray(0, 4).equals(signatureStart);
    if (line >= start && isSignature) return at + blank.length;
  }
  return -1;
}
