/** Which full segments go, and how: with a record that says so, before anything is removed. */
import { rmSync } from "node:fs";
import { join } from "node:path";

import { syncFolder } from "./file-compression.ts";
import { removeOrphanedFacts } from "./facts-removal.ts";
import { HeldSegments } from "./held-entries.ts";
import { recordRemoval, type RecordEvent } from "./recorded-removal.ts";
import {
  followedOf,
  isFollowed,
  isReleased,
  listUnits,
  type FollowNeeds,
  type SegmentUnit,
} from "./segment-unit.ts";

/** What is kept. */
export interface RetainOptions {
  /** Milliseconds since the last record of a segment; infinite: for ever. */
  readonly forMs: number;
  /** Bytes of all full segments; infinite: all. */
  readonly sizeBytes: number;
}

/** A segment that goes, and why. */
export interface PruneChoice {
  readonly unit: SegmentUnit;
  readonly reason: string;
}

/**
 * The segments that are older than what is kept, and the oldest ones as long as all of them take
 * more room than they may.
 */
export function choosePruned(
  units: readonly SegmentUnit[],
  { forMs, sizeBytes }: RetainOptions,
  nowMs: number,
): PruneChoice[] {
  let left = units.reduce((sum, { bytes }) => sum + bytes, 0);
  const chosen: PruneChoice[] = [];
  for (const unit of units) {
    const isOld = nowMs - unit.endMs > forMs;
    if (!isOld && left <= sizeBytes) continue;
    chosen.push({ unit, reason: isOld ? "retain.for" : "retain.size" });
    left -= unit.bytes;
  }
  return chosen;
}

/** What came of a prune. */
export interface PruneResult {
  readonly pruned: readonly PruneChoice[];
  readonly held: readonly PruneChoice[];
}

/**
 * Prunes what is not kept. Segments that somebody still follows or writes to stay for the next
 * time, and so do those that are held. Call it under the maintenance lock.
 *
 * @param record hands the event over; it is looked for in the trail before files are removed
 * @param held remembers what is held from one time to the next
 * @throws {Error} of the file system; a hold that cannot be read: then nothing is removed
 */
export async function prune(
  directory: string,
  retain: RetainOptions,
  needs: FollowNeeds,
  nowMs: number,
  record: RecordEvent,
  held = new HeldSegments(directory),
): Promise<PruneResult> {
  held.begin(nowMs);
  const result = { pruned: [] as PruneChoice[], held: [] as PruneChoice[] };
  for (const choice of choosePruned(listUnits(directory), retain, nowMs)) {
    const { unit } = choice;
    if (!isReleased(directory, unit, nowMs) || !isFollowed(directory, unit, needs)) continue;
    if (await held.has(unit)) {
      result.held.push(choice);
      continue;
    }
    if ((await recordPrune(directory, choice, record)) === undefined) break;
    removeUnit(directory, unit);
    result.pruned.push(choice);
  }
  if (result.pruned.length > 0) removeOrphanedFacts(directory);
  return result;
}

function recordPrune(
  directory: string,
  { unit, reason }: PruneChoice,
  record: RecordEvent,
): Promise<string | undefined> {
  const followed = followedOf(directory, unit);
  const { log, name: segment, pack, files, bytes, endMs } = unit;
  const fields = {
    log,
    segment,
    ...(followed === undefined
      ? {}
      : { first_index: followed.firstIndex, records: followed.lines }),
    packs: files.some((file) => file.startsWith(pack)) ? [pack] : [],
    reason,
  };
  const summary = { ...fields, bytes, ended: new Date(endMs).toISOString() };
  return recordRemoval(directory, "audit.prune", fields, summary, record);
}

/** Records last: while they are there, a verifier sees what belonged to them. */
function removeUnit(directory: string, { files }: SegmentUnit): void {
  for (const file of files.toReversed()) rmSync(join(directory, file), { force: true });
  syncFolder(directory);
}
