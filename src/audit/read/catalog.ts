/** Lists the segments of an audit directory. Reading takes no lock and changes nothing. */
import { readdirSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";

import { hasIdentities, keyOf } from "../store/opened-keys.ts";
import { sideLogFile } from "../store/side-log.ts";
import { clockSlackMs, parseSegmentName, plainName, segmentOf, type Segment } from "./segment.ts";

/** The segments of one journal, the oldest first. */
export interface JournalSegments {
  /** Such as `audit.2.ndjson`. */
  readonly name: string;
  readonly segments: readonly Segment[];
}

/** A directory that cannot be read as a trail; the message says what to do. */
export class CatalogError extends Error {
  /** The directory is there, and there are no segments in it yet. */
  readonly isEmpty: boolean;

  constructor(message: string, isEmpty = false) {
    super(message);
    this.name = "CatalogError";
    this.isEmpty = isEmpty;
  }
}

/**
 * The journals of a directory, live, sealed and compressed segments alike, and encrypted ones where
 * their keys were opened (`store/opened-keys.ts`); the others are told by {@link lockedSegments}.
 *
 * @throws {CatalogError} when the directory is absent, cannot be read, or holds no segment
 */
export function listJournals(directory: string): JournalSegments[] {
  const journals = new Map<string, Segment[]>();
  let locked = 0;
  const list = (name: string): void => {
    if (isLocked(directory, name)) {
      locked += 1;
      return;
    }
    const segment = segmentAt(directory, name);
    if (segment === undefined) return;
    const known = journals.get(segment.journal);
    if (known === undefined) journals.set(segment.journal, [segment]);
    else known.push(segment);
  };
  // A file that was looked for under its first name, and has another one since, is not among the
  // names. Names that are read after the file that is written to was looked at hold all before it.
  const listed = new Set<string>();
  for (let names = namesIn(directory); names.length > 0;) {
    for (const name of names) {
      listed.add(name);
      list(name);
    }
    names = namesIn(directory).filter((name) => !listed.has(name));
  }
  if (journals.size === 0 && locked === 0)
    throw new CatalogError(
      `${directory} holds no audit segments (audit*.ndjson, audit*.log); name another with --dir`,
      true,
    );
  return Array.from(journals, ([name, segments]) => ({ name, segments: inOrder(segments) }));
}

/**
 * The same with the side log: all that is to be read, and not all that a log proves.
 *
 * @throws {CatalogError} like {@link listJournals}
 */
export function listReadable(directory: string): JournalSegments[] {
  const journals = listJournals(directory);
  const path = join(directory, sideLogFile);
  const stats = statOf(path);
  if (stats?.isFile() !== true) return journals;
  const segment: Segment = {
    name: sideLogFile,
    path,
    journal: sideLogFile,
    format: "ecs",
    isCompressed: false,
    isEncrypted: false,
    isSealed: false,
    size: stats.size,
    inode: stats.ino,
    begunMs: -Infinity,
    firstMs: -Infinity,
    firstFraction: "",
    endMs: Infinity,
  };
  return [...journals, { name: sideLogFile, segments: [segment] }];
}

/** A segment that cannot be read, because it is encrypted and nothing given opens it. */
export interface LockedSegment {
  readonly name: string;
  /** No record in it is later. Milliseconds since the epoch. */
  readonly endMs: number;
  /** When it was begun. Milliseconds since the epoch; `-Infinity`: its name does not say. */
  readonly begunMs: number;
}

/** What {@link listJournals} leaves out of a directory, the oldest first. */
export function lockedSegments(
  directory: string,
  fromMs = -Infinity,
  toMs = Infinity,
): LockedSegment[] {
  const names = new Set(namesIn(directory));
  const locked: LockedSegment[] = [];
  for (const name of names) {
    if (!isLocked(directory, name)) continue;
    const plain = plainName(name);
    // While it is being encrypted it can still be read.
    if (names.has(plain) || names.has(`${plain}.zst`)) continue;
    const begunMs = parseSegmentName(name)?.begunMs ?? -Infinity;
    const endMs = (statOf(join(directory, name))?.mtimeMs ?? Infinity) + clockSlackMs;
    if (endMs >= fromMs && begunMs <= toMs) locked.push({ name, begunMs, endMs });
  }
  return locked.sort((one, other) => one.begunMs - other.begunMs);
}

/** Why it is locked, and what to do. */
export function lockedReason(): string {
  return hasIdentities()
    ? "encrypted, and not for the identities that were given"
    : "encrypted (--identity FILE names the private key of age that opens it)";
}

function isLocked(directory: string, name: string): boolean {
  if (!name.endsWith(".age") || parseSegmentName(name) === undefined) return false;
  return keyOf(join(directory, name)) === undefined;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    const code = codeOf(error);
    const reason =
      code === "ENOENT"
        ? "there is no such directory"
        : code === "ENOTDIR"
          ? "it is no directory"
          : code === "EACCES"
            ? "permission denied"
            : code;
    throw new CatalogError(`${directory} cannot be read: ${reason}; name another with --dir`);
  }
}

/** A file of records; `undefined`: it is none, or it went away. */
function segmentAt(directory: string, name: string): Segment | undefined {
  const path = join(directory, name);
  for (let stats = statOf(path); stats?.isFile() === true;) {
    const segment = segmentOf(directory, name, stats);
    if (segment?.isSealed !== false) return segment;
    // Another file may have got the name while the first record was read.
    const now = statOf(path);
    if (now?.ino === stats.ino) return segment;
    stats = now;
  }
  return undefined;
}

/** A file that went away between listing and asking is none. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Oldest first; the one that is written to last, also while it is empty. A compressed or encrypted
 * copy of a segment that is there as well is left out: it is about to take its place. So is the
 * first name of a file that was sealed while the directory was listed.
 */
function inOrder(segments: readonly Segment[]): Segment[] {
  const names = new Set(segments.map(({ name }) => name));
  const sealed = new Set(segments.filter(({ isSealed }) => isSealed).map(({ inode }) => inode));
  return segments
    .filter(({ name, isCompressed, isEncrypted, isSealed, inode }) => {
      if (!isSealed && sealed.has(inode)) return false;
      const plain = plainName(name);
      if (isEncrypted && names.has(`${plain}.zst`)) return false;
      return !isCompressed || !names.has(plain);
    })
    .sort(
      (one, other) =>
        Number(other.isSealed) - Number(one.isSealed) ||
        begunBefore(one, other) ||
        one.endMs - other.endMs ||
        (one.name < other.name ? -1 : 1),
    );
}

/** 0: of one of them it is not known, or both were begun at once. */
function begunBefore({ begunMs: one }: Segment, { begunMs: other }: Segment): number {
  return Number.isFinite(one) && Number.isFinite(other) ? one - other : 0;
}

function codeOf(error: unknown): string {
  return typeof error === "object" && error !== null && "code" in error
    ? String(error.code)
    : "unknown error";
}
