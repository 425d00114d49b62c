/** What the last process of a directory left open, and in which segment it stopped. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { readState, writeState } from "../store/journal-state.ts";
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
      ? packsWithoutSegment(directory, base)
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
    stamp: goesOn ? segment : freeStamp(directory, base, wallMs),
  };
}

/**
 * What a process left open that wrote the other format: it is closed in the format of today, by
 * whoever comes next. `undefined`: there was none, or it stopped cleanly.
 *
 * @param extension of the format that is written now
 * @throws {Error} of the file system
 */
export function lastRunOfOtherFormat(
  directory: string,
  base: string,
  extension: string,
  wallMs: number,
): { readonly run: LastRun; readonly settle: () => void } | undefined {
  const other = extension === ".ndjson" ? ".log" : ".ndjson";
  const statePath = stateFile(directory, base, other);
  const state = readState(statePath);
  if (state === undefined || state.clean) return undefined;
  const run = lastRun(directory, base, other, statePath, wallMs);
  const size = statSync(join(directory, base + other), { throwIfNoEntry: false })?.size ?? 0;
  return {
    run,
    settle: () => writeState(statePath, { ...state, clean: true, size, open: [], packs: [] }),
  };
}

/** Where a writer leaves the state of its file. */
export function stateFile(directory: string, base: string, extension: string): string {
  return join(directory, `.${base}${extension}.state`);
}
