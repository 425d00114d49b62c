/** Follows one journal over its segments, wherever their names move. */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { closeSync, fdatasyncSync, fstatSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";
import { hasErrorCode } from "../../core/system-error.ts";

import { listJournals } from "../read/catalog.ts";
import type { Segment } from "../read/segment.ts";
import {
  followedLines,
  type FollowedSegment,
  type JournalPosition,
} from "../store/journal-position.ts";
import type { FollowStage } from "./line-run.ts";

/** What is read at once. Bytes. */
const readBytes = 1_048_576;
const lineFeed = 0x0a;

/** Something happened to lines that had been followed already. */
export interface Incident {
  readonly journal: string;
  readonly segment: string;
  /** `shrunk`: there are fewer bytes; `changed`: a line is another one; `missing`: no such file. */
  readonly what: "shrunk" | "changed" | "missing";
  /** Number in the journal of the last line that was followed before. */
  readonly index: number;
}

/**
 * Reads a journal's lines as they are written. It opens files for reading only, takes no lock, and
 * finds the rest of a segment through its descriptor when the file was renamed.
 *
 * Lines that were followed are compared with what lies there at every step at which it costs
 * nothing: the last line before each read. What does not fit is an {@link Incident}, and following
 * goes on behind it: the log keeps the lines that it had.
 */
export class JournalFollower {
  readonly #directory: string;
  readonly #journal: string;
  readonly #position: JournalPosition;
  readonly #stages: readonly FollowStage[];
  readonly #onIncident: (incident: Incident) => void;
  readonly #entryOf: (index: number) => Uint8Array | undefined;
  #fd: number | undefined = undefined;
  #bytes = Buffer.allocUnsafeSlow(readBytes);

  /**
   * @param journal such as `audit.2.ndjson`
   * @param position changed in place; save it after the stages have saved
   * @param entryOf SHA-256 of a line that was followed, by its number in the journal, where known
   */
  constructor(
    directory: string,
    journal: string,
    position: JournalPosition,
    stages: readonly FollowStage[],
    onIncident: (incident: Incident) => void,
    entryOf: (index: number) => Uint8Array | undefined = () => undefined,
  ) {
    this.#directory = directory;
    this.#journal = journal;
    this.#position = position;
    this.#stages = stages;
    this.#onIncident = onIncident;
    this.#entryOf = entryOf;
  }

  /** Bytes that are written and not followed yet, of the segment that is being followed. */
  get bytesBehind(): number {
    const current = this.#current();
    if (current === undefined || this.#fd === undefined) return 0;
    return Math.max(0, fstatSync(this.#fd).size - current.bytes);
  }

  /** Mean length of the lines so far, to say how many records some bytes are. */
  get meanLineBytes(): number {
    const current = this.#current();
    return current === undefined || current.lines === 0 ? 1 : current.bytes / current.lines;
  }

  /**
   * Follows what is there, at most about `maxBytes`.
   *
   * @returns bytes followed; 0: everything has been
   */
  step(maxBytes: number): number {
    let total = 0;
    while (total < maxBytes) {
      const current = this.#openCurrent();
      if (current === undefined) break;
      // Asked first: what is written before the file gets another name is read after it.
      const isSealed = this.#isSealed(current);
      const count = this.#read(current);
      total += count;
      if (count > 0) continue;
      if (!isSealed) break;
      this.#leave(current);
    }
    return total;
  }

  /**
   * Forgets the oldest segments that are not there any more: what was pruned is named by records of
   * the trail, and the position must not grow for ever.
   */
  forgetRemoved(): void {
    const { segments } = this.#position;
    if (segments.length < 2 || segments[0]?.isDone !== true) return;
    const names = new Set(namesIn(this.#directory));
    // A log rotator may have given them other names since.
    const inodes = new Set(this.#segments().map(({ inode }) => inode));
    const isThere = ({ name, inode }: FollowedSegment): boolean =>
      inodes.has(inode) || [name, `${name}.zst`, `${name}.zst.age`].some((one) => names.has(one));
    const first = segments.slice(0, -1).findIndex((known) => !known.isDone || isThere(known));
    segments.splice(0, first < 0 ? segments.length - 1 : first);
  }

  /** Brings what was followed of the open segment to the device. @throws {Error} of the system */
  sync(): void {
    if (this.#fd !== undefined) fdatasyncSync(this.#fd);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #current(): FollowedSegment | undefined {
    const last = this.#position.segments.at(-1);
    return last === undefined || last.isDone ? undefined : last;
  }

  /** The segment to read from, open; `undefined`: there is none yet. */
  #openCurrent(): FollowedSegment | undefined {
    const current = this.#current() ?? this.#next();
    if (current === undefined || this.#fd !== undefined) return current;
    const file = this.#find(current);
    if (file === undefined) {
      this.#tell("missing", current);
      current.isDone = true;
      return this.#openCurrent();
    }
    const fd = openIfThere(file);
    // It has got another name since it was listed.
    if (fd === undefined) return undefined;
    current.name = file.name;
    current.inode = file.inode;
    this.#fd = fd;
    return current;
  }

  /** Begins the oldest segment that was not followed yet. */
  #next(): FollowedSegment | undefined {
    // A compressed segment is one that was followed, whatever its inode is now.
    const next = this.#segments().find(
      (segment) => !segment.isCompressed && !this.#isKnown(segment),
    );
    if (next === undefined) return undefined;
    const segment = {
      name: next.name,
      inode: next.inode,
      firstMs: next.firstMs,
      firstIndex: followedLines(this.#position),
      lines: 0,
      bytes: 0,
      lastLineAt: -1,
      lastLineSha256: "",
      isDone: false,
    };
    this.#position.segments.push(segment);
    return segment;
  }

  /** A sealed file keeps its name, or is renamed and keeps inode and first record. */
  #isKnown({ name, inode, firstMs, isSealed }: Segment): boolean {
    return this.#position.segments.some(
      (known) =>
        (isSealed && known.name === name) ||
        (known.inode === inode && known.firstMs === firstMs && Number.isFinite(firstMs)),
    );
  }

  #segments(): readonly Segment[] {
    try {
      const journals = listJournals(this.#directory);
      return journals.find(({ name }) => name === this.#journal)?.segments ?? [];
    } catch {
      // A directory without a segment: the first one has not been made yet.
      return [];
    }
  }

  /**
   * The file of a segment, by its inode. In a directory that was restored from a copy all inodes
   * are others, and a new file may have an old one's: there it is the one in which the last line
   * that was followed stands at its place.
   */
  #find(known: FollowedSegment): Segment | undefined {
    const { inode, name } = known;
    const segments = this.#segments();
    const own = segments.find((segment) => segment.inode === inode);
    if (own !== undefined && holdsLastLine(own, known)) return own;
    return (
      segments.find((segment) => holdsLastLine(segment, known)) ??
      own ??
      segments.find((segment) => segment.name === name && segment.isSealed)
    );
  }

  #isSealed(current: FollowedSegment): boolean {
    const active = statSync(join(this.#directory, this.#journal), { throwIfNoEntry: false });
    return active !== undefined && active.ino !== current.inode;
  }

  /** Reads lines once. @returns bytes of whole lines */
  #read(current: FollowedSegment): number {
    const fd = this.#fd;
    if (fd === undefined || !this.#isUnchanged(fd, current)) return 0;
    let filled = readSync(fd, this.#bytes, 0, this.#bytes.length, current.bytes);
    let end = this.#bytes.subarray(0, filled).lastIndexOf(lineFeed);
    while (end < 0 && filled === this.#bytes.length) {
      // One line does not fit: bodies that stand in a record are bounded by the configuration.
      this.#grow();
      const room = this.#bytes.length - filled;
      filled += readSync(fd, this.#bytes, filled, room, current.bytes + filled);
      end = this.#bytes.subarray(0, filled).lastIndexOf(lineFeed);
    }
    if (end < 0) return 0;
    this.#handOn(current, end + 1);
    return end + 1;
  }

  #handOn(current: FollowedSegment, length: number): void {
    const bytes = this.#bytes.subarray(0, length);
    const ends: number[] = [];
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1))
      ends.push(at);
    const run = {
      journal: this.#journal,
      segment: current.name,
      firstIndex: current.firstIndex + current.lines,
      offset: current.bytes,
      bytes,
      ends,
    };
    for (const stage of this.#stages) stage.lines(run);
    const lastAt = ends.length < 2 ? 0 : (ends.at(-2) ?? 0) + 1;
    current.lastLineAt = current.bytes + lastAt;
    current.lastLineSha256 = hash("sha256", bytes.subarray(lastAt, length - 1), "hex");
    current.lines += ends.length;
    current.bytes += length;
  }

  /**
   * Whether what was followed last is still there; tells it once when not, and goes on behind it.
   */
  #isUnchanged(fd: number, current: FollowedSegment): boolean {
    const { size } = fstatSync(fd);
    if (size < current.bytes) {
      this.#tell("shrunk", current);
      current.bytes = this.#commonBytes(fd, current, size);
      current.lastLineAt = -1;
      return false;
    }
    if (current.lastLineAt < 0 || size === current.bytes) return true;
    if (isLastLine(fd, current)) return true;
    this.#tell("changed", current);
    current.lastLineAt = -1;
    return true;
  }

  /** Where the first line begins that is not the one that was followed there. */
  #commonBytes(fd: number, { firstIndex }: FollowedSegment, size: number): number {
    const bytes = Buffer.allocUnsafe(size);
    const filled = readSync(fd, bytes, 0, size, 0);
    let at = 0;
    for (let index = firstIndex; ; index += 1) {
      const end = bytes.subarray(0, filled).indexOf(lineFeed, at);
      const entry = this.#entryOf(index);
      if (end < 0 || entry === undefined) return at;
      if (hash("sha256", bytes.subarray(at, end), "hex") !== Buffer.from(entry).toString("hex"))
        return at;
      at = end + 1;
    }
  }

  #leave(current: FollowedSegment): void {
    const file = this.#find(current);
    current.name = file?.name ?? current.name;
    current.firstMs = file?.firstMs ?? current.firstMs;
    current.isDone = true;
    this.close();
    for (const stage of this.#stages) stage.sealed(this.#journal, current.name);
  }

  #tell(what: Incident["what"], { name, firstIndex, lines }: FollowedSegment): void {
    this.#onIncident({
      journal: this.#journal,
      segment: name,
      what,
      index: firstIndex + lines - 1,
    });
  }

  #grow(): void {
    const larger = Buffer.allocUnsafeSlow(this.#bytes.length * 2);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }
}

/** A segment's file, unless another file has its name, or none. @throws {Error} of the system */
function openIfThere({ path, inode }: Segment): number | undefined {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
  if (fstatSync(fd).ino === inode) return fd;
  closeSync(fd);
  return undefined;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Whether the last line that was followed of `known` stands at its place in a file. */
function holdsLastLine(segment: Segment, known: FollowedSegment): boolean {
  if (segment.isCompressed || known.lastLineAt < 0 || segment.size < known.bytes) return false;
  let fd: number;
  try {
    fd = openRegularFile(segment.path);
  } catch {
    return false;
  }
  try {
    return isLastLine(fd, known);
  } finally {
    closeSync(fd);
  }
}

function isLastLine(fd: number, { bytes, lastLineAt, lastLineSha256 }: FollowedSegment): boolean {
  const line = Buffer.allocUnsafe(bytes - lastLineAt - 1);
  const length = readSync(fd, line, 0, line.length, lastLineAt);
  return hash("sha256", line.subarray(0, length), "hex") === lastLineSha256;
}
