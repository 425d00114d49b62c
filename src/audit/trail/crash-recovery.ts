/** What the last process of a directory left open, and in which segment it stopped. */
import type { Encoder } from "../format/encoder.ts";
import { readLine } from "../format/line-reader.ts";
import type { RecordWriter } from "../store/record-writer.ts";
import { Redactor } from "../redact/redactor.ts";
import type { AuditOptions } from "./audit-options.ts";
import { JournalEnd } from "./journal-end.ts";
import { encoderOf } from "./line-encoder.ts";
import { existsSync, renameSync, statSync, writeFileSync } from "node:fs";
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
 * What a process left open that wrote the other format: it is closed where it stands, in that
 * format, because questions join what stands in one journal.
 *
 * @param extension of the format that is written now
 * @returns `run` undefined: there was none, or it stopped cleanly. `settle` when it is closed
 * @throws {Error} of the file system
 */
export function lastRunOfOtherFormat(
  options: AuditOptions,
  base: string,
  extension: string,
  key: Uint8Array,
): {
  readonly run: LastRun | undefined;
  readonly end: JournalEnd;
  readonly settle: () => void;
} {
  const { directory, clock } = options;
  const wallMs = clock.wallAt(clock.now());
  const other = extension === ".ndjson" ? ".log" : ".ndjson";
  const format = other === ".ndjson" ? "ecs" : "text";
  const statePath = stateFile(directory, base, other);
  const state = readState(statePath);
  const isOpen = state !== undefined && !state.clean;
  return {
    run: isOpen ? lastRun(directory, base, other, statePath, wallMs) : undefined,
    end: new JournalEnd(
      join(directory, base + other),
      encoderOf({ ...options, format }, new Redactor(key)),
    ),
    settle: () => {
      const size = statSync(join(directory, base + other), { throwIfNoEntry: false })?.size ?? 0;
      if (isOpen) writeState(statePath, { ...state, clean: true, size, open: [], packs: [] });
      if (size > 0) sealOther(directory, base, other, wallMs);
    },
  };
}

/**
 * Ends the file of the other format: nobody goes on in it, so nobody else would ever end it. An
 * empty one takes its place, by which followers see that it has ended.
 */
function sealOther(directory: string, base: string, extension: string, wallMs: number): void {
  const path = join(directory, base + extension);
  const statePath = stateFile(directory, base, extension);
  const state = readState(statePath);
  const sealedPath = (stamp: string): string => join(directory, `${base}-${stamp}${extension}`);
  const noted = state?.segment ?? "";
  const isFree = noted !== "" && !existsSync(sealedPath(noted));
  renameSync(path, sealedPath(isFree ? noted : freeStamp(directory, base, wallMs)));
  writeFileSync(path, "", { mode: 0o600 });
  if (state !== undefined) writeState(statePath, { ...state, size: 0, segment: "" });
}

/** Where a writer leaves the state of its file. */
export function stateFile(directory: string, base: string, extension: string): string {
  return join(directory, `.${base}${extension}.state`);
}

/**
 * Writes the last record of each exchange that a dead process has left open.
 *
 * @returns false: they could not be written there
 */
export function closeOpen(
  { journal, packs }: LastRun,
  { directory, clock, log }: Pick<AuditOptions, "directory" | "clock" | "log">,
  encoder: Encoder,
  writer: RecordWriter | JournalEnd,
  nextSequence: () => number,
): boolean {
  const { bodies } = packs;
  for (const { id, line } of journal.open) {
    const sequence = nextSequence();
    const open = {
      id,
      request: readLine(line) ?? {},
      requestBody: bodies.get(`${id}.request`),
      responseBody: bodies.get(`${id}.response`),
    };
    encoder.recovered(writer.begin(), open, sequence, clock.wallAt(clock.now()));
    writer.end("terminal", sequence, undefined, -1);
  }
  if (writer.commit() === false) return false;
  const tornBytes = journal.tornBytes + packs.tornBytes;
  if (tornBytes > 0 || journal.open.length > 0)
    log.warn(
      { directory, exchanges: journal.open.length, tornBytes, bodies: bodies.size },
      "the last process did not stop cleanly: its open exchanges were closed as crash_recovered",
    );
  return true;
}
