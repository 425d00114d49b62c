/** When one segment of the trail ends and the next one begins, and what is noted of it. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { errorCode } from "../../core/system-error.ts";
import { FileJournal, type Journal } from "../store/journal.ts";
import { writeState } from "../store/journal-state.ts";
import { RecurringLog } from "../store/recurring-log.ts";
import type { PackStore } from "../store/pack-store.ts";
import type { PendingRecords } from "../store/pending-records.ts";
import { SegmentIndex } from "../store/segment-index.ts";
import { freeStamp, instantOfStamp, packName } from "../store/segment-names.ts";

/**
 * A pack may become this many times as large as the journal beside it: bodies are most of what is
 * recorded, and a reader of a segment reads its journal, not its pack.
 */
const packShare = 4;
/** A pack that could not be left grows by this part of its limit before that is tried again. */
const retryShare = 0.125;

const notItsName =
  "the audit file was renamed, and none can be made in its place; it goes on under its new name";
const cannotRotate = "the audit file could not be rotated; it goes on";

/** Where a trail keeps its segments. */
export interface SegmentFiles {
  readonly directory: string;
  /** Name of the files without what follows the first `-` or `.`. */
  readonly base: string;
  readonly statePath: string;
  /** Of the active segment, see `segment-names.ts`. */
  readonly stamp: string;
  readonly packs: PackStore;
}

/**
 * Begins new segments and leaves the state for the next process: in which files open exchanges
 * have their records and bodies, and how far the sequence has come.
 */
export class SegmentRotation {
  readonly #journal: Journal;
  readonly #files: SegmentFiles | undefined;
  readonly #open: PendingRecords;
  readonly #sequence: () => number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #recurring: RecurringLog;
  readonly #onLeft: (error: string) => void;
  readonly #onBegin: () => void;
  readonly #segments: SegmentIndex;
  readonly #packBytes: number;
  readonly #rotateMs: number;
  #packLimit: number;
  #stamp: string;
  /** What lies in the file that is being left is accounted for. */
  #isSuspect = false;
  /** Appended by others to segments that have ended. */
  #foreignBytes = 0;

  /**
   * @param files undefined: the journal is a stream, which has one segment
   * @param sequence gives the last sequence number
   * @param options.rotateBytes size from which a journal is full; 0: never
   * @param options.rotateMs age from which it is; 0: never
   */
  constructor(
    journal: Journal,
    files: SegmentFiles | undefined,
    open: PendingRecords,
    sequence: () => number,
    options: {
      readonly rotateBytes: number;
      readonly rotateMs: number;
      readonly clock: Clock;
      readonly log: Log;
      /** A file was left, and not all of it may be on the device: the code of why. */
      readonly onLeft: (error: string) => void;
      /** Another file is written to from now on. */
      readonly onBegin: () => void;
    },
  ) {
    this.#journal = journal;
    this.#files = files;
    this.#open = open;
    this.#sequence = sequence;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#recurring = new RecurringLog(options.log, () => options.clock.now());
    this.#onLeft = options.onLeft;
    this.#onBegin = options.onBegin;
    this.#packBytes = options.rotateBytes === 0 ? Infinity : options.rotateBytes * packShare;
    this.#packLimit = this.#packBytes;
    this.#rotateMs = options.rotateMs === 0 ? Infinity : options.rotateMs;
    this.#stamp = files?.stamp ?? "";
    this.#segments = new SegmentIndex(journal.segmentName, this.#packName);
  }

  /** Name of the trail's files; empty: it is a stream. */
  get base(): string {
    return this.#files?.base ?? "";
  }

  /** Number of the active segment. */
  get current(): number {
    return this.#segments.current;
  }

  /** The active segment's pack has reached its size. */
  get isPackFull(): boolean {
    return this.#files !== undefined && this.#files.packs.size >= this.#packLimit;
  }

  /** Ends the active segment, when anything was written to it. */
  seal(): void {
    if (this.#journal instanceof FileJournal && this.#journal.size > 0) this.rotate();
  }

  /** Something was written to the active segment, and it began so long ago that it ends. */
  get isOld(): boolean {
    if (!(this.#journal instanceof FileJournal) || this.#journal.size === 0) return false;
    const begunMs = instantOfStamp(this.#stamp) ?? Infinity;
    return this.#clock.wallAt(this.#clock.now()) - begunMs >= this.#rotateMs;
  }

  /** Bytes that others appended before this process opened the file. */
  noteForeignBytes(bytes: number): void {
    this.#foreignBytes += bytes;
  }

  /** Bytes that others have appended to segments since they were asked for last. */
  takeForeignBytes(): number {
    const bytes = this.#foreignBytes + this.#journal.foreignBytes();
    this.#foreignBytes = 0;
    return bytes;
  }

  /** Ends the segment; when that fails it goes on. @returns the name of the file that holds it */
  rotate(): string {
    this.#foreignBytes += this.#journal.foreignBytes();
    // The state names the file before it has the name: a crash between leaves no exchange that
    // nothing points to.
    const name = this.#journal.rotate(this.#stamp, (announced) => {
      this.#segments.name(announced);
      this.saveState(false);
    });
    if (name === undefined) {
      this.#segments.name(this.#journal.segmentName);
      this.#packLimit += this.#packBytes * retryShare;
      this.#recurring.error({ code: this.#journal.lastError }, cannotRotate);
      return this.#journal.segmentName;
    }
    this.#recurring.over(cannotRotate);
    this.#began(name);
    return name;
  }

  /**
   * Leaves a file of which nobody knows what is on the device, and all that lies in it is accounted
   * for. @returns false: it could not be left
   */
  leaveSuspect(): boolean {
    if (this.#journal.presence() === "removed") return true;
    const { current } = this;
    this.#isSuspect = true;
    this.rotate();
    this.#isSuspect = false;
    return this.current !== current;
  }

  /**
   * Looks whether the file is where readers look for it. One that was renamed is left, as after
   * SIGUSR2.
   *
   * @returns `removed`: with all that was written to it; `cut`: with some of it, and set aside
   */
  look(): "kept" | "removed" | "cut" {
    const presence = this.#journal.presence();
    if (presence === "cut") this.#journal.setAside(this.#stamp);
    if (presence === "removed" || presence === "cut") return presence;
    if (presence === "renamed") {
      this.#leaveRenamed();
    }
    if (presence === "there" && this.#files?.packs.isRemoved === true) {
      this.#log.error(
        { pack: this.#packName },
        "the body pack was removed or cut: its bodies are lost",
      );
      this.rotate();
    }
    if (presence === "there" && this.isOld) this.rotate();
    return "kept";
  }

  /** The file was removed: its place is taken by a new one, with a pack of its own. */
  replaceLost(): void {
    this.#begin("");
  }

  /**
   * Opens the file anew after somebody renamed it. @returns false: that failed, or it was not
   * renamed; the old file goes on
   */
  reopen(): boolean {
    const name = this.#journal.reopen();
    if (name === undefined) return false;
    this.#began(name);
    return true;
  }

  #leaveRenamed(): void {
    const file = this.#journal.segmentName;
    if (this.reopen()) {
      this.#recurring.over(notItsName);
      this.#log.warn({ file }, "the audit file was renamed: a new one is begun");
    } else this.#recurring.error({ file, code: this.#journal.lastError }, notItsName);
  }

  /** @param isClean all exchanges have ended and everything was written */
  saveState(isClean: boolean): void {
    if (this.#files === undefined || !(this.#journal instanceof FileJournal)) return;
    const open = this.#segments.place(this.#open);
    try {
      writeState(this.#files.statePath, {
        clean: isClean,
        size: this.#journal.size,
        sequence: this.#sequence(),
        open,
        segment: this.#stamp,
        packs: this.#segments.olderPacks,
      });
    } catch (error) {
      const code = errorCode(error, "unknown");
      this.#log.warn(
        { code },
        "the state of the audit could not be saved; the next start reads the whole file",
      );
    }
  }

  get #packName(): string {
    return this.#files === undefined ? "" : packName(this.#files.base, this.#stamp);
  }

  #began(oldName: string): void {
    const error = this.#journal.takeLeftError();
    if (error !== "" && !this.#isSuspect) this.#onLeft(error);
    this.#onBegin();
    this.#begin(oldName);
  }

  #begin(oldName: string): void {
    if (this.#files !== undefined) {
      const { directory, base, packs } = this.#files;
      const wallMs = this.#clock.wallAt(this.#clock.now());
      this.#stamp = freeStamp(directory, base, wallMs);
      packs.beginSegment(this.#packName);
      this.#packLimit = this.#packBytes;
    }
    this.#segments.begin(oldName, this.#journal.segmentName, this.#packName);
    this.saveState(false);
  }
}
