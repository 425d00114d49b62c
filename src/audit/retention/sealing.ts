/** Ends the segments that are written to, so that what is in them can be changed as a whole. */
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { listJournals } from "../read/catalog.ts";
import { plainName, type Segment } from "../read/segment.ts";
import { DirectoryLock } from "../store/directory-lock.ts";
import { readPosition, writePosition } from "../store/journal-position.ts";
import { readState } from "../store/journal-state.ts";
import { freeStamp, journalBase } from "../store/segment-names.ts";
import { logFiles, logName, tlogFolder } from "../store/tlog-files.ts";
import type { EventSink } from "./event-sink.ts";
import { syncFolder } from "./file-compression.ts";

/** How long a proxy may take to end a segment, and its follower to follow it. Milliseconds. */
const sealMs = 120_000;
const lookMs = 50;

/**
 * Makes sure that no line of these journals stands in a segment that is written to, or that was
 * not followed to its end: the log must have what is about to go.
 *
 * @throws {Error} with what to do, when that cannot be reached
 */
export async function sealJournals(
  directory: string,
  journals: Iterable<string>,
  sink: EventSink,
): Promise<void> {
  const names = new Set(journals);
  const active = activeSegments(directory, names);
  if (!sink.isLive) {
    if (!segmentsOf(directory, names).every((segment) => isFollowedByLog(directory, segment)))
      throw new Error("the log has not followed all records: start the proxy once, and stop it");
    for (const segment of active) sealOffline(directory, segment);
    return;
  }
  await sink.seal();
  const inodes = new Set(active.map(({ inode }) => inode));
  await waitFor("these segments were not ended: stop the proxy, and try again", () =>
    activeSegments(directory, names).filter(({ inode }) => inodes.has(inode)),
  );
  await waitFor("the log has not followed these segments", () =>
    segmentsOf(directory, names).filter(
      (segment) => segment.isSealed && !isFollowedByLog(directory, segment),
    ),
  );
}

/** Segments of these journals that are written to and have records. */
function activeSegments(directory: string, names: ReadonlySet<string>): Segment[] {
  return segmentsOf(directory, names).filter(({ isSealed, size }) => !isSealed && size > 0);
}

function segmentsOf(directory: string, names: ReadonlySet<string>): Segment[] {
  return listJournals(directory)
    .filter(({ name }) => names.has(name))
    .flatMap(({ segments }) => segments);
}

/** The follower's position says so, or there is no log. */
function isFollowedByLog(directory: string, segment: Segment): boolean {
  const { journal, inode, name, size, isSealed } = segment;
  const path = join(directory, tlogFolder, logName(journal), logFiles.position);
  const position = readPosition(path);
  if (position === undefined) return true;
  const plain = plainName(name);
  // Another file may have the inode when the first one is gone.
  const known = position.segments.find(
    (one) =>
      one.name === plain ||
      (one.inode === inode && (!one.isDone || one.firstMs === segment.firstMs)),
  );
  // What was forgotten before the oldest segment that is known was followed long ago.
  const oldestMs = position.segments[0]?.firstMs ?? -Infinity;
  if (known === undefined) return isSealed ? segment.firstMs < oldestMs : size === 0;
  return known.isDone || (!isSealed && known.bytes === size);
}

/**
 * As the journal does it. The next start of a proxy finds a file that was renamed without a note,
 * and looks through it.
 */
function sealOffline(directory: string, segment: Segment): void {
  const { journal, path } = segment;
  const base = journalBase(journal);
  const extension = journal.slice(base.length);
  const lock = DirectoryLock.take(directory, base);
  if (typeof lock === "number")
    throw new Error(
      `process ${lock} writes to ${journal} and takes no commands: stop it, or erase later`,
    );
  try {
    const noted = readState(join(directory, `.${journal}.state`))?.segment ?? "";
    const isFree = noted !== "" && !existsSync(join(directory, `${base}-${noted}${extension}`));
    const stamp = isFree ? noted : freeStamp(directory, base, Date.now());
    const name = `${base}-${stamp}${extension}`;
    noteSealed(directory, segment, name);
    renameSync(path, join(directory, name));
    syncFolder(directory);
  } finally {
    lock.release();
  }
}

/** The follower finds it by the new name, which it keeps when its lines change. */
function noteSealed(directory: string, segment: Segment, name: string): void {
  const path = join(directory, tlogFolder, logName(segment.journal), logFiles.position);
  const position = readPosition(path);
  const known = position?.segments.find(({ inode, isDone }) => inode === segment.inode && !isDone);
  if (position === undefined || known === undefined || known.bytes !== segment.size) return;
  known.name = name;
  known.firstMs = segment.firstMs;
  known.isDone = true;
  writePosition(path, position);
}

/** @param left what is not so yet */
async function waitFor(problem: string, left: () => readonly Segment[]): Promise<void> {
  const end = performance.now() + sealMs;
  for (let waiting = left(); waiting.length > 0; waiting = left()) {
    if (performance.now() > end)
      throw new Error(`${problem}: ${waiting.map(({ name }) => name).join(", ")}`);
    await wait(lookMs);
  }
}
