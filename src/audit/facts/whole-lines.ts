/** Reads a file of lines from its start to what is its end now. */
import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";

/** What is read at once. Bytes. */
const pieceBytes = 1_048_576;
const lineFeed = 0x0a;
/** Of a bulk of gigabytes; what has no line feed for longer is no file of lines. Bytes. */
const longestLine = 536_870_912;

/**
 * Pieces of a file that hold whole lines; a line may be longer than a piece. A
 * piece is valid until the next one.
 */
export async function* wholeLines(file: FileHandle): AsyncGenerator<Buffer> {
  let bytes = Buffer.allocUnsafeSlow(pieceBytes);
  let position = 0;
  let filled = 0;
  for (;;) {
    if (filled === bytes.length) {
      if (filled >= longestLine) throw new Error("a line is longer than 512 MiB");
      const larger = Buffer.allocUnsafeSlow(bytes.length * 2);
      bytes.copy(larger, 0, 0, filled);
      bytes = larger;
    }
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    filled += bytesRead;
    const end = bytes.subarray(0, filled).lastIndexOf(lineFeed) + 1;
    if (end === 0) continue;
    yield bytes.subarray(0, end);
    bytes.copyWithin(0, end, filled);
    filled -= end;
  }
}
