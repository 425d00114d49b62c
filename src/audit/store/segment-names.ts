/** Names of a segment's files: its journal once it is full, and its body pack. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * What tells a segment from others: the time at which it began, or the next millisecond that is
 * free, so that names sort by time. Both its files have it in their names, the pack from the start
 * and the journal when it is full.
 *
 * @param wallMs milliseconds since the Unix epoch
 */
export function freeStamp(
  directory: string,
  base: string,
  extension: string,
  wallMs: number,
): string {
  for (let ms = wallMs; ; ms += 1) {
    const stamp = new Date(ms).toISOString().replaceAll(/[-:]/g, "");
    const isFree = [packName(base, stamp), `${base}-${stamp}${extension}`].every(
      (name) => !existsSync(join(directory, name)),
    );
    if (isFree) return stamp;
  }
}

/** Name of the pack of a segment. */
export function packName(base: string, stamp: string): string {
  return `${base}-${stamp}.pack`;
}

/** Packs whose segment is not full yet, by their names. */
export function packsWithoutSegment(directory: string, base: string, extension: string): string[] {
  const names = new Set(readdirSync(directory));
  return [...names].filter(
    (name) =>
      name.startsWith(`${base}-`) &&
      name.endsWith(".pack") &&
      !names.has(name.slice(0, -".pack".length) + extension),
  );
}
