/** What the last process of a directory left open, and in which segment it stopped. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { readState } from "../store/journal-state.ts";
import { recoverPacks, type PackRecovery } from "../store/pack-recovery.ts";
import { recover, type Recovery } from "../store/recovery.ts";
import { freeStamp, packName, packsWithoutSegment } from "../store/segment-names.ts";

/** What is known of the last process. */
export interface LastRun {
  readonly journal: Recovery;
  readonly packs: PackRecovery;
  /** Stamp of the segment that goes on, or of a new one. */
  readonly stamp: string;
}

/**
 * Looks through what the last process left, after cutting off what it wrote in part.
 *
 * @param base name of this writer's files
 * @param wallMs now, in milliseconds since the Unix epoch
 * @throws {Error} of the file system
 */
export function lastRun(
  directory: string,
  base: string,
  extension: string,
  statePath: string,
  wallMs: number,
): LastRun {
  const state = readState(statePath);
  const journal = recover(directory, base, extension, statePath, state);
  const segment = state?.segment ?? "";
  const packs =
    state === undefined
      ? packsWithoutSegment(directory, base, extension)
      : [...state.packs, ...(segment === "" ? [] : [packName(base, segment)])];
  const ids = new Set(journal.open.map(({ id }) => id));
  // When the last process had renamed its file and died before it noted the next segment, the
  // stamp is used up.
  const goesOn = segment !== "" && !existsSync(join(directory, `${base}-${segment}${extension}`));
  return {
    journal,
    packs: journal.isClean
      ? { bodies: new Map(), tornBytes: 0 }
      : recoverPacks(directory, packs, ids),
    stamp: goesOn ? segment : freeStamp(directory, base, extension, wallMs),
  };
}
