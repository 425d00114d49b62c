/** Full segments with all their files: what is compressed, pruned and held as a whole. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { factsStem } from "../facts/facts-files.ts";
import { readSavedPosition } from "../facts/facts-state.ts";
import { derivedEndings } from "../index/index-format.ts";
import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import { readPosition, type FollowedSegment } from "../store/journal-position.ts";
import { encryptedEnding } from "../store/age-file.ts";
import { readShipPositions, shipPositionPath } from "../store/ship-position.ts";
import { readState } from "../store/journal-state.ts";
import { journalBase, packBeside, packName } from "../store/segment-names.ts";
import { logName, logFiles, tlogFolder } from "../store/tlog-files.ts";

/** A full segment. */
export interface SegmentUnit {
  /** Name of its journal's file before compression, such as `audit-20261123T042411.123Z.ndjson`. */
  readonly name: string;
  /** Such as `audit.2.ndjson`, and its log `audit.2`. */
  readonly journal: string;
  readonly log: string;
  /** The journal's file; `undefined`: it is encrypted, and no key here opens it. */
  readonly segment: Segment | undefined;
  /** Name by which records point to its pack, whether there is one or not. */
  readonly pack: string;
  /** Files that are there: journal, pack, facts, index. */
  readonly files: readonly string[];
  /** Of all of them. */
  readonly bytes: number;
  /** When it began, as its name says. Milliseconds since the epoch. */
  readonly begunMs: number;
  /** No record in it is later. Milliseconds since the epoch. */
  readonly endMs: number;
}

/** What compression puts behind a name. */
export const compressedEnding = ".zst";

const encryptedForm =
  /^([\w-]+?(?:\.\d+)?)-(\d{8}T\d{6}\.\d{3}Z)(?:-\d+)?\.(ndjson|log)\.zst\.age$/;

/** All full segments, the oldest first. Those that a log rotator has renamed are left to it. */
export function listUnits(directory: string): SegmentUnit[] {
  const names = new Set(namesIn(directory));
  const units: SegmentUnit[] = [];
  for (const segment of sealedSegments(directory)) {
    const name = withoutEnding(segment.name, compressedEnding);
    const pack = packBeside(name);
    if (pack === undefined) continue;
    const facts = factsStem(segment);
    const { journal, begunMs, endMs } = segment;
    const files = [
      segment.name,
      ...packFiles(pack, names),
      ...derivedEndings.map((ending) => facts + ending).filter((file) => names.has(file)),
    ];
    const bytes = bytesOf(directory, files);
    units.push({
      name,
      journal,
      log: logName(journal),
      segment,
      pack,
      files,
      bytes,
      begunMs,
      endMs,
    });
  }
  for (const file of names) {
    const unit = encryptedUnit(directory, file, names);
    if (unit !== undefined) units.push(unit);
  }
  return units.sort((one, other) => one.begunMs - other.begunMs);
}

/** After this time nothing is waited for any more: sessions may last for weeks. Milliseconds. */
const patienceMs = 86_400_000;

/**
 * Whether its files may be compressed: nothing more is written to them, and a process that starts
 * after a crash does not look for anything in them.
 */
export function isQuiet(directory: string, unit: SegmentUnit, nowMs: number): boolean {
  const use = useOf(directory, unit);
  return use === "none" || (use === "pack" && nowMs - unit.endMs > patienceMs);
}

/** Whether it may be removed. What is open since long before loses its beginning. */
export function isReleased(directory: string, unit: SegmentUnit, nowMs: number): boolean {
  const use = useOf(directory, unit);
  return use === "none" || (use !== "active" && nowMs - unit.endMs > patienceMs);
}

/**
 * What the process that writes has noted: it goes on in the pack (`active`), an open exchange has
 * its first record in the journal, or may have a body in the pack.
 */
function useOf(
  directory: string,
  { name, journal, pack }: SegmentUnit,
): "active" | "record" | "pack" | "none" {
  const state = readState(join(directory, `.${journal}.state`));
  if (state === undefined) return "active";
  if (pack === packName(journalBase(journal), state.segment)) return "active";
  if (state.open.some(([, segment]) => segment === name)) return "record";
  return state.packs.includes(pack) ? "pack" : "none";
}

/** Who must have followed a segment before its files change. */
export interface FollowNeeds {
  readonly proof: boolean;
  readonly facts: boolean;
  /** Names of the targets that the trail is shipped to. */
  readonly ships?: readonly string[];
}

/** Whether it was followed to its end, and that was saved. */
export function isFollowed(directory: string, unit: SegmentUnit, needs: FollowNeeds): boolean {
  if (needs.proof && followedOf(directory, unit)?.isDone !== true) return false;
  if (!needs.facts) return true;
  const position = readSavedPosition(directory, unit.journal);
  return position?.segments.find((known) => isOf(known, unit))?.isDone === true;
}

/**
 * Whether every target has what it holds, or a day was not enough for that: what is encrypted
 * cannot be shipped any more.
 */
export function isShipped(
  directory: string,
  { journal, begunMs, endMs }: SegmentUnit,
  { ships = [] }: FollowNeeds,
  nowMs: number,
): boolean {
  if (nowMs - endMs > patienceMs) return true;
  return ships.every((name) => {
    const position = readShipPositions(shipPositionPath(directory, name))[journal];
    return position !== undefined && position.shipped.begunMs > begunMs;
  });
}

/** What the follower of the log noted of a segment; `undefined`: nothing, or there is no log. */
export function followedOf(directory: string, unit: SegmentUnit): FollowedSegment | undefined {
  const path = join(directory, tlogFolder, unit.log, logFiles.position);
  return readPosition(path)?.segments.find((known) => isOf(known, unit));
}

/** The inode alone does not say so: another file may have it when the first one is gone. */
function isOf(known: FollowedSegment, { name, segment }: SegmentUnit): boolean {
  return (
    known.name === name || (known.inode === segment?.inode && known.firstMs === segment.firstMs)
  );
}

function sealedSegments(directory: string): Segment[] {
  try {
    return listJournals(directory).flatMap(({ segments }) =>
      segments.filter(({ isSealed, isEncrypted }) => isSealed && !isEncrypted),
    );
  } catch {
    return [];
  }
}

function encryptedUnit(
  directory: string,
  file: string,
  names: ReadonlySet<string>,
): SegmentUnit | undefined {
  const [, base, stamp, extension] = encryptedForm.exec(file) ?? [];
  if (base === undefined || stamp === undefined || extension === undefined) return undefined;
  const name = withoutEnding(file, compressedEnding + encryptedEnding);
  // While it is being encrypted it can still be read.
  if (names.has(name) || names.has(name + compressedEnding)) return undefined;
  const journal = `${base}.${extension}`;
  const pack = packBeside(name) ?? "";
  const files = [file, ...packFiles(pack, names)];
  const { mtimeMs } = statSync(join(directory, file));
  return {
    name,
    journal,
    log: logName(journal),
    segment: undefined,
    pack,
    files,
    bytes: bytesOf(directory, files),
    begunMs: mtimeMs,
    endMs: mtimeMs,
  };
}

/** The pack in each form that it may have. */
function packFiles(pack: string, names: ReadonlySet<string>): string[] {
  const compressed = pack + compressedEnding;
  return [pack, compressed, compressed + encryptedEnding].filter((file) => names.has(file));
}

function bytesOf(directory: string, files: readonly string[]): number {
  const sizes = files.map(
    (file) => statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function withoutEnding(name: string, ending: string): string {
  return name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}
