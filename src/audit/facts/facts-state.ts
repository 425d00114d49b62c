/** How far the facts of a journal were derived, in a form that survives a restart. */
import { mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { renewFile } from "../../core/durable-file.ts";
import { readWholeFile } from "../../core/read-file.ts";

import type { Segment } from "../read/segment.ts";
import type { JournalPosition } from "../store/journal-position.ts";
import { logName } from "../store/tlog-files.ts";
import { documentsEnding, factsEnding, factsFolder, type FactsSizes } from "./facts-files.ts";

/** Facts of another version are derived again. Raise it when a line means something else. */
const factsVersion = 2;

/** A first record whose last one has not come. */
export type PendingPlace = readonly [id: string, segment: number, at: number, length: number];

/** All that is needed to go on. */
export interface FactsState {
  readonly position: JournalPosition;
  /** Segments that `pending` names by their number. */
  readonly segments: readonly Segment[];
  readonly pending: readonly PendingPlace[];
  /** The files that are written to. */
  readonly stem: string | undefined;
  readonly sizes: FactsSizes;
}

/** What a journal begins with. */
export function emptyState(): FactsState {
  return {
    position: { segments: [] },
    segments: [],
    pending: [],
    stem: undefined,
    sizes: { facts: 0, documents: 0 },
  };
}

/** The file of a journal's state. */
export function factsStatePath(directory: string, journal: string): string {
  return join(directory, factsFolder, `${logName(journal)}.json`);
}

/**
 * Reads the state of a journal. One that was written by another version, for other rules, or for
 * more than the files hold, counts as none: everything is derived again.
 *
 * @param rules what the facts depend on beside the records
 */
export function readFactsState(directory: string, journal: string, rules: string): FactsState {
  try {
    const text = readWholeFile(factsStatePath(directory, journal)).toString("utf8");
    // Only this module writes it, by rename.
    const saved = JSON.parse(text) as FactsState & { version: number; rules: string };
    if (saved.version !== factsVersion || saved.rules !== rules) return emptyState();
    if (saved.stem === undefined) return saved;
    const { facts, documents } = saved.sizes;
    const isWhole =
      sizeOf(join(directory, saved.stem + factsEnding)) >= facts &&
      sizeOf(join(directory, saved.stem + documentsEnding)) >= documents;
    return isWhole ? saved : emptyState();
  } catch {
    return emptyState();
  }
}

/** How far the facts of a journal are, for those who only read; `undefined`: nothing is saved. */
export function readSavedPosition(directory: string, journal: string): JournalPosition | undefined {
  try {
    const text = readWholeFile(factsStatePath(directory, journal)).toString("utf8");
    const saved = JSON.parse(text) as FactsState & { version: number };
    return saved.version === factsVersion ? saved.position : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the saved state in one step. @throws {Error} of the file system */
export function writeFactsState(
  directory: string,
  journal: string,
  rules: string,
  state: FactsState,
): void {
  const path = factsStatePath(directory, journal);
  const text = JSON.stringify({ version: factsVersion, rules, ...state });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  renewFile(path, text);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
