/** When one segment of the journal ends and the next one begins, and what is noted of it. */
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { errorCode } from "../../core/system-error.ts";
import { FileJournal, type Journal } from "../store/journal.ts";
import type { PendingRecords } from "../store/pending-records.ts";
import { writeState } from "../store/recovery.ts";
import { SegmentIndex } from "../store/segment-index.ts";

/**
 * Begins new segments and leaves the state for the next process: in which files open exchanges
 * have their first records, and how far the sequence has come.
 */
export class SegmentRotation {
  readonly #journal: Journal;
  readonly #open: PendingRecords;
  readonly #statePath: string | undefined;
  readonly #sequence: () => number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #segments = new SegmentIndex();

  /**
   * @param statePath undefined: no state is left
   * @param sequence gives the last sequence number
   */
  constructor(
    journal: Journal,
    open: PendingRecords,
    statePath: string | undefined,
    sequence: () => number,
    options: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#journal = journal;
    this.#open = open;
    this.#statePath = statePath;
    this.#sequence = sequence;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#segments.name(journal.segmentName);
  }

  /** Number of the active segment. */
  get current(): number {
    return this.#segments.current;
  }

  /** Ends the segment; when that fails it goes on. */
  rotate(): void {
    const stamp = new Date(this.#clock.wallAt(this.#clock.now()))
      .toISOString()
      .replaceAll(/[-:]/g, "");
    // The state names the file before it has the name: a crash between leaves no exchange that
    // nothing points to.
    const name = this.#journal.rotate(stamp, (announced) => {
      this.#segments.name(announced);
      this.saveState(false);
    });
    if (name === undefined) {
      this.#segments.name(this.#journal.segmentName);
      this.#log.error(
        { code: this.#journal.lastError },
        "the audit file could not be rotated; it goes on",
      );
      return;
    }
    this.#begin(name);
  }

  /** Opens the file anew after somebody renamed it; when that fails the old file goes on. */
  reopen(): void {
    const name = this.#journal.reopen();
    if (name !== undefined) this.#begin(name);
  }

  /** @param isClean all exchanges have ended and everything was written */
  saveState(isClean: boolean): void {
    if (this.#statePath === undefined || !(this.#journal instanceof FileJournal)) return;
    const open = this.#segments.place(this.#open);
    try {
      const { size } = this.#journal;
      writeState(this.#statePath, { clean: isClean, size, sequence: this.#sequence(), open });
    } catch (error) {
      const code = errorCode(error, "unknown");
      this.#log.warn(
        { code },
        "the state of the audit could not be saved; the next start reads the whole file",
      );
    }
  }

  #begin(oldName: string): void {
    this.#segments.begin(oldName, this.#journal.segmentName);
    this.saveState(false);
  }
}
