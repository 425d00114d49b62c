/** Records about a directory that no running proxy could take: those of copies, beside the logs. */
import { createHash } from "node:crypto";
import { closeSync, readSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

/** Name of the file; no reader takes it for a segment. */
export const sideLogFile = "side-log.jsonl";

const pieceBytes = 65_536;

/** How much of a side log there was, and its hash: so that it cannot be changed unseen later. */
export interface SideLogState {
  readonly bytes: number;
  /** SHA-256 of these bytes, in hexadecimal. */
  readonly sha256: string;
}

/**
 * The state of the side log of a directory; `undefined`: there is none that can be read.
 *
 * @param maxBytes so much of it at most
 */
export function sideLogState(directory: string, maxBytes = Infinity): SideLogState | undefined {
  let fd: number;
  try {
    fd = openRegularFile(join(directory, sideLogFile));
  } catch {
    return undefined;
  }
  try {
    const hash = createHash("sha256");
    const piece = Buffer.allocUnsafe(pieceBytes);
    let bytes = 0;
    for (;;) {
      const count = readSync(fd, piece, 0, Math.min(pieceBytes, maxBytes - bytes), bytes);
      if (count === 0) return { bytes, sha256: hash.digest("hex") };
      hash.update(piece.subarray(0, count));
      bytes += count;
    }
  } finally {
    closeSync(fd);
  }
}
