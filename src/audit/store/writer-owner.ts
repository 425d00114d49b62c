/** What brings lines to a journal asks of whoever has it. */
import type { PendingRecord } from "../record/pending-record.ts";

/** What the writer tells its owner. */
export interface WriterOwner {
  /**
   * A request whose record cannot be stored must not be forwarded. `waiter` is the number given to
   * `append`.
   */
  refuse(record: PendingRecord, waiter: number): void;
  /** The file reached its size; the owner calls `rotate` on the journal. */
  rotate(): void;
  /** Begins another file, because nothing may be appended to this one. @returns false: it cannot */
  leaveSuspect(): boolean;
  /** The next sequence number. */
  nextSequence(): number;
}
