/** Facts hold ids of documents, indexes who used them: they go with the records they are of. */
import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { factsStem } from "../facts/facts-files.ts";
import { factsStatePath, readSavedPosition } from "../facts/facts-state.ts";
import { derivedEndings } from "../index/index-format.ts";
import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";

/** Progress is saved every 5 s; who has not saved for longer derives none. Milliseconds. */
const silenceMs = 20_000;
const lookMs = 100;

/** Removes facts and index of a segment; all can be derived again. @throws {Error} of the system */
export function removeFacts(directory: string, segment: Segment): void {
  for (const ending of derivedEndings)
    rmSync(join(directory, factsStem(segment) + ending), { force: true });
}

/**
 * Removes facts of segments that are not there: who derived them may have begun before a segment
 * went, and ended behind it.
 *
 * @throws {Error} of the file system
 */
export function removeOrphanedFacts(directory: string): void {
  // Listed first: what is derived meanwhile belongs to a segment that is listed then.
  const files = readdirSync(directory).flatMap((name) => {
    const ending = derivedEndings.find((one) => name.endsWith(one));
    return ending === undefined ? [] : [{ name, stem: name.slice(0, -ending.length) }];
  });
  if (files.length === 0) return;
  const stems = new Set(
    listJournals(directory).flatMap(({ segments }) => segments.map((one) => factsStem(one))),
  );
  for (const { name, stem } of files)
    if (!stems.has(stem)) rmSync(join(directory, name), { force: true });
}

/**
 * Waits until facts are derived of all sealed segments, or nobody derives any: what is derived of
 * a record after it was erased would be left.
 */
export async function whenFactsFollowed(
  directory: string,
  journals: ReadonlySet<string>,
): Promise<void> {
  while ([...journals].some((journal) => isDeriving(directory, journal))) await wait(lookMs);
}

/** Somebody derives facts, and is not at the end of the sealed segments yet. */
function isDeriving(directory: string, journal: string): boolean {
  const path = factsStatePath(directory, journal);
  const savedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  if (Date.now() - savedMs > silenceMs) return false;
  const position = readSavedPosition(directory, journal);
  const segments = listJournals(directory).find(({ name }) => name === journal)?.segments ?? [];
  return segments.some(
    ({ name, inode, firstMs, isSealed, isCompressed }) =>
      isSealed &&
      !isCompressed &&
      position?.segments.find(
        (known) => known.name === name || (known.inode === inode && known.firstMs === firstMs),
      )?.isDone !== true,
  );
}
