/** Looks whether the trail's files are still there, which nobody tells who has them open. */
import type { Log } from "../../core/log.ts";
import { errorCode, hasErrorCode } from "../../core/system-error.ts";
import { RecurringLog } from "../store/recurring-log.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import type { DirectoryLock } from "../store/directory-lock.ts";
import type { RecordWriter } from "../store/record-writer.ts";
import type { SegmentRotation } from "./segment-rotation.ts";

/** Between two looks: twice a second, so that a second is in time. Milliseconds. */
const watchMs = 500;

const unseenLock = "the lock of the audit directory cannot be looked at";

/** What is looked after. */
interface WatchedParts {
  readonly directory: string;
  readonly segments: SegmentRotation;
  readonly writer: RecordWriter;
  readonly lock: DirectoryLock;
  readonly log: Log;
  /** Takes what happened to the trail's files into the trail. */
  readonly record: (event: TrailEvent) => void;
  /** Another process writes here by now: this one must stop. */
  readonly onTaken: () => void;
}

/**
 * A file that was removed or cut is made again with a gap record that says what it held; one that
 * was renamed is left to whoever renamed it.
 */
export class FileWatch {
  /** How often others had appended something. */
  strangers = 0;
  readonly #parts: WatchedParts;
  readonly #timer: NodeJS.Timeout;
  readonly #recurring: RecurringLog;

  constructor(parts: WatchedParts) {
    this.#parts = parts;
    this.#recurring = new RecurringLog(parts.log, () => performance.now());
    this.#timer = setInterval(() => {
      this.#keepLock();
      // While storing fails the writer tries by itself.
      if (!parts.writer.isFailing) parts.writer.whenIdle(() => this.#look());
    }, watchMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #keepLock(): void {
    const { lock, onTaken } = this.#parts;
    try {
      if (lock.keep()) {
        this.#recurring.over(unseenLock);
        return;
      }
    } catch (error) {
      // The directory is gone, too: it is made again with the file, and locked at the next look.
      if (hasErrorCode(error, "ENOENT")) return;
      this.#recurring.error({ code: errorCode(error) }, unseenLock);
      return;
    }
    this.stop();
    onTaken();
  }

  #look(): void {
    const { directory, segments, writer, log } = this.#parts;
    let found: "kept" | "removed" | "cut";
    try {
      found = segments.look();
    } catch (error) {
      const code = errorCode(error);
      log.error({ code }, "it cannot be told whether the audit file is still there");
      return;
    }
    if (found === "kept") return this.#lookForStrangers();
    log.error(
      { directory },
      found === "cut"
        ? "the audit file was cut: what it held is counted as lost, a new one is begun"
        : "the audit file was removed: what it held is lost, a new one is begun",
    );
    // First the file and the gap record in it, then the state that names it.
    writer.loseFile(found === "cut" ? "file_cut" : "file_removed");
    segments.replaceLost();
  }

  /** What others have appended may look like records: the segment ends, and the trail says so. */
  #lookForStrangers(): void {
    const { directory, segments, log, record } = this.#parts;
    const bytes = segments.takeForeignBytes();
    if (bytes === 0) return;
    this.strangers += 1;
    const segment = segments.rotate();
    const what = "bytes that es-proxy did not write";
    log.error({ directory, segment, bytes }, `the audit file has ${what}: a new one is begun`);
    const fields = { journal: segments.base, segment, what, bytes };
    record({ action: "audit.incident", type: "info", outcome: "failure", fields });
  }
}
