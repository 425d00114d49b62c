/** How much of a segment its facts have been derived of. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Segment } from "../read/segment.ts";
import { documentsEnding, factsEnding, factsStem } from "./facts-files.ts";
import { lastPlaceIn } from "./facts-reader.ts";
import { readSavedPosition } from "./facts-state.ts";

/**
 * Facts of every exchange whose last record begins before this offset are in the files of the
 * segment; 0: there are none, infinite: all of it. Bytes before compression.
 */
export function derivedBytes(directory: string, segment: Segment): number {
  const stem = join(directory, factsStem(segment));
  if (!existsSync(stem + documentsEnding)) return 0;
  const last = lastPlaceIn(stem + factsEnding);
  if (last === undefined) return 0;
  const known = readSavedPosition(directory, segment.journal)?.segments.find(
    ({ name, inode, firstMs, isDone }) =>
      (isDone && segment.isSealed && (firstMs === segment.firstMs || name === segment.name)) ||
      (!isDone && inode === segment.inode),
  );
  if (known?.isDone === true) return Infinity;
  return Math.max(known?.bytes ?? 0, last + 1);
}
