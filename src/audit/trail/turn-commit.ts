/** Ends event-loop turns: writes what was recorded in them, then tells those who wait. */
import type { Log } from "../../core/log.ts";
import type { Journal } from "../store/journal.ts";
import type { PackStore } from "../store/pack-store.ts";
import { RecurringLog } from "../store/recurring-log.ts";
import type { RecordWriter } from "../store/record-writer.ts";
import type { RecordWaiter } from "./audit-options.ts";
import { RecordWaiters } from "./record-waiters.ts";
import type { SegmentRotation } from "./segment-rotation.ts";

const cannotSync = "audit records could not be brought to the device; a new file begins";

/** Where the records of a turn go. */
interface TurnParts {
  readonly writer: Pick<
    RecordWriter,
    | "bytes"
    | "isFailing"
    | "commit"
    | "whenIdle"
    | "syncBegins"
    | "syncSucceeded"
    | "syncFailed"
    | "fileLost"
  >;
  readonly journal: Pick<Journal, "sync">;
  /** undefined: bodies are not stored. */
  readonly packs: Pick<PackStore, "flush" | "sync"> | undefined;
  readonly segments: Pick<SegmentRotation, "isPackFull" | "rotate">;
}

/**
 * All records of a turn are written together when it ends, after what has gathered of bodies, and
 * whoever waits for one of them is told afterwards; with durability `durable` once records and
 * bodies are on the device.
 */
export class TurnCommit {
  readonly #parts: TurnParts;
  readonly #isDurable: boolean;
  readonly #log: Log;
  readonly #recurring: RecurringLog;
  readonly #endTurn = (): void => this.#turn();
  #waiters: RecordWaiters;
  #spareWaiters: RecordWaiters;
  /** Bytes that were written when the last `fdatasync` began. */
  #syncedBytes = 0;
  #isScheduled = false;
  #isSyncing = false;
  /** Why something that was written before may not be on the device; empty: it is. */
  #suspicion = "";
  #isClosed = false;

  constructor(parts: TurnParts, isDurable: boolean, log: Log) {
    this.#parts = parts;
    this.#isDurable = isDurable;
    this.#log = log;
    this.#recurring = new RecurringLog(log, () => performance.now());
    this.#waiters = new RecordWaiters(log);
    this.#spareWaiters = new RecordWaiters(log);
  }

  /**
   * Has `waiter` told at the end of the turn; gives its number.
   *
   * @param mayBeRefused its request must not go on when the records are not on the device
   */
  wait(waiter: RecordWaiter, mayBeRefused: boolean): number {
    this.schedule();
    return this.#waiters.add(waiter, mayBeRefused);
  }

  /** The record that this one waits for cannot be stored. */
  refuse(number: number): void {
    this.#waiters.refuse(number);
  }

  /** Bodies that were written may not be on the device, whatever the next sync says. */
  suspect(error: string): void {
    this.#suspicion = error;
    this.schedule();
  }

  /** A file was left, and its records may not be on the device. */
  leftWith(error: string): void {
    if (this.#isDurable) this.suspect(error);
    else this.#parts.writer.fileLost(error);
  }

  /** Refuses all who wait and may be refused. */
  refuseAll(): void {
    this.#waiters.refuseAll();
  }

  /** Something was recorded: the turn's end has work. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#endTurn);
  }

  /** Writes what has gathered, now; who waits is told at the end of the turn. */
  write(): void {
    const { packs, writer, segments } = this.#parts;
    packs?.flush();
    writer.commit();
    if (segments.isPackFull && !writer.isFailing)
      writer.whenIdle(() => {
        if (segments.isPackFull) segments.rotate();
      });
  }

  /** Nothing is recorded any more: tells all who wait. */
  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #turn(): void {
    this.#isScheduled = false;
    if (!this.#isClosed) this.write();
    if (!this.#isDurable || this.#isClosed) this.#release();
    else if (!this.#isSyncing) this.#sync();
  }

  /** Group commit: those who came while one `fdatasync` runs share the next. */
  #sync(): void {
    const { writer } = this.#parts;
    if (writer.bytes === this.#syncedBytes && this.#suspicion === "") {
      this.#release();
      return;
    }
    const group = this.#swapWaiters();
    this.#syncedBytes = writer.bytes;
    this.#isSyncing = true;
    writer.syncBegins();
    this.#syncFiles((failure) => {
      this.#isSyncing = false;
      const error = failure || this.#suspicion;
      this.#suspicion = "";
      if (error === "") writer.syncSucceeded();
      else {
        this.#recurring.error({ code: error }, cannotSync);
        group.refuseAll();
        // Their records were written meanwhile, to the same file.
        this.#waiters.refuseAll();
        writer.syncFailed(error);
        this.schedule();
      }
      group.tell();
      this.#spareWaiters = group;
      if (this.#waiters.count > 0) this.#sync();
    });
  }

  /** Bodies first: a record that is on the device must not point to a body that is not. */
  #syncFiles(done: (error: string) => void): void {
    const { packs, journal } = this.#parts;
    if (packs === undefined) {
      journal.sync(done);
      return;
    }
    packs.sync((packError) => {
      journal.sync((error) => done(packError === "" ? error : packError));
    });
  }

  #release(): void {
    if (this.#waiters.count === 0) return;
    const group = this.#swapWaiters();
    group.tell();
    this.#spareWaiters = group;
  }

  #swapWaiters(): RecordWaiters {
    const group = this.#waiters;
    this.#waiters = this.#spareWaiters;
    if (this.#waiters.count > 0 || this.#waiters === group)
      this.#waiters = new RecordWaiters(this.#log);
    return group;
  }
}
