import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** Number of line ends in a file, or in all files below a folder. */
export function countLines(path: string): number {
  if (!statSync(path).isDirectory()) return countLinesOfFile(path);
  let lines = 0;
  for (const entry of readdirSync(path)) lines += countLines(join(path, entry));
  return lines;
}

function countLinesOfFile(file: string): number {
  const descriptor = openSync(file, "r");
  const block = Buffer.allocUnsafe(1 << 20);
  let lines = 0;
  for (;;) {
    const length = readSync(descriptor, block);
    if (length === 0) break;
    for (let at = block.indexOf(10); at !== -1 && at < length; at = block.indexOf(10, at + 1))
      lines += 1;
  }
  closeSync(descriptor);
  return lines;
}

/** Bytes of a file, or of all files below a folder. */
export function countBytes(path: string): number {
  const status = statSync(path);
  if (!status.isDirectory()) return status.size;
  return readdirSync(path).reduce((sum, entry) => sum + countBytes(join(path, entry)), 0);
}
