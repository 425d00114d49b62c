import type { Clock } from "../../core/clock.ts";
import { exchangeId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { Encoder, Gap } from "../format/encoder.ts";
import { GapCounter, type Stretch } from "./gap-counter.ts";
import { RecurringLog } from "./recurring-log.ts";
import { StoredStretch } from "./stored-stretch.ts";
import type { Journal } from "./journal.ts";
import { LineBatch, type LineKind } from "../format/line-batch.ts";
import type { WriterOwner } from "./writer-owner.ts";
import type { PendingRecord } from "../record/pending-record.ts";

/** Lines of one turn beyond this are written before the turn ends. */
const batchBytes = 1_048_576;
const initialBytes = 262_144;
/** How often storing is tried again while it fails. */
const retryMs = 250;

const cannotStore = "audit records cannot be stored";

/**
 * Brings lines to the journal in batches and accounts for each line that does not get there.
 *
 * While storing fails it is tried again every 250 ms. Until then request records are counted as
 * lost, with their request refused where its route says `reject`; terminal records wait in a
 * bounded queue. The first thing stored afterwards is a gap record with the exact counts.
 */
export class RecordWriter {
  readonly #journal: Journal;
  readonly #encoder: Encoder;
  readonly #owner: WriterOwner;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isAsync: boolean;
  readonly #queueBytes: number;
  readonly #onFailure: "continue" | "reject";
  readonly #recurring: RecurringLog;
  readonly #tally = new GapCounter();
  #batch = new LineBatch(initialBytes);
  #spare = new LineBatch(initialBytes);
  /** Lines are encoded here while storing fails. */
  readonly #scratch = new LineBatch(0);
  #owed: LineBatch | undefined = undefined;
  #isInFlight = false;
  #isFailing = false;
  /** Nobody knows what of the file is on the device: nothing may be appended to it. */
  #isSuspect = false;
  /** Syncs that have failed since the last good one. */
  #failedSyncs = 0;
  #isClosed = false;
  #retry: NodeJS.Timeout | undefined = undefined;
  readonly #afterFlight: (() => void)[] = [];
  /** Counts of gap records that are in a batch, by their sequence numbers. */
  readonly #gapsUnderWay = new Map<number, Gap>();
  /** Of the present file. */
  readonly #inFile = new StoredStretch();
  /** Not known to be on the device. */
  readonly #unsynced = new StoredStretch();
  /** Written after a sync had begun, which cannot vouch for them. */
  readonly #sinceSync = new StoredStretch();
  records = 0;
  bytes = 0;
  gaps = 0;
  dropped = 0;

  constructor(
    journal: Journal,
    encoder: Encoder,
    owner: WriterOwner,
    options: {
      readonly isAsync: boolean;
      readonly queueBytes: number;
      readonly onFailure: "continue" | "reject";
      readonly clock: Clock;
      readonly log: Log;
    },
  ) {
    this.#journal = journal;
    this.#encoder = encoder;
    this.#owner = owner;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#recurring = new RecurringLog(options.log, () => options.clock.now());
    this.#isAsync = options.isAsync;
    this.#queueBytes = options.queueBytes;
    this.#onFailure = options.onFailure;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Whether lines wait for the next `commit`. */
  get hasLines(): boolean {
    return this.#batch.count > 0;
  }

  /** The batch to encode the next line into; `end` must follow. */
  begin(): LineBatch {
    const batch = this.#isFailing ? this.#scratch : this.#batch;
    batch.begin();
    return batch;
  }

  /**
   * Takes the line that was encoded since `begin`. @param waiter number of the one who waits for
   * it, −1: nobody
   */
  end(kind: LineKind, sequence: number, record: PendingRecord | undefined, waiter: number): void {
    if (this.#isFailing) {
      this.#scratch.end(kind, sequence, record, -1);
      this.#lose(this.#scratch, 0, waiter, this.#journal.lastError);
      this.#scratch.clear();
      return;
    }
    const batch = this.#batch;
    batch.end(kind, sequence, record, waiter);
    if (!this.#isAsync) {
      if (batch.length >= batchBytes) this.commit();
    } else if (batch.length > this.#queueBytes) {
      this.#count(batch, batch.count - 1, waiter, "queue_full");
      batch.dropLast();
    }
  }

  /** Writes what was appended; in the background for `async`. */
  commit(): void {
    if (this.#isFailing || this.#isInFlight) return;
    if (this.#tally.records > 0) this.#appendGap();
    if (this.#batch.count === 0) return;
    if (this.#isAsync) this.#commitLater();
    else this.#settle(this.#batch, this.#journal.write(this.#batch));
  }

  /** A new file is written to from now on. */
  beginFile(): void {
    this.#inFile.begin();
  }

  /**
   * The file is gone with all that was written to it, or was cut: it is made again where that is
   * possible, and begins with a gap record that says what was lost. Of a file that was cut, all
   * that was written to it is counted.
   */
  loseFile(reason: "file_removed" | "file_cut"): void {
    this.#lost(this.#inFile.value, reason);
    this.#inFile.begin();
    this.#journal.giveUp();
    this.whenIdle(() => this.commit());
  }

  /** What has been written so far is being brought to the device. */
  syncBegins(): void {
    this.#sinceSync.begin();
  }

  /** It is on the device. */
  syncSucceeded(): void {
    this.#unsynced.copy(this.#sinceSync);
    this.#failedSyncs = 0;
  }

  /**
   * It may not be there, and asking again would not tell: the kernel gives the error once and
   * takes the pages for clean (fsync(2), "errors"). All since the last good sync is counted as
   * lost. What comes now is stored in another file, at once; where that fails again, after a while.
   */
  syncFailed(reason: string): void {
    this.#lost(this.#unsynced.value, reason);
    this.#unsynced.begin();
    this.#sinceSync.begin();
    this.#isSuspect = true;
    this.#failedSyncs += 1;
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#loseBatch(reason);
    if (this.#failedSyncs === 1) this.#tryAgain();
    else this.#scheduleRetry();
  }

  /** A file was left, and the system says now that not all of it was stored. */
  fileLost(reason: string): void {
    this.#lost(this.#inFile.value, reason);
  }

  /** Calls back when no background write is under way; at once where possible. */
  whenIdle(then: () => void): void {
    if (this.#isInFlight) this.#afterFlight.push(then);
    else then();
  }

  /**
   * Writes all that can be written and stops trying. Calls back when nothing is under way any more,
   * at once where possible.
   */
  close(done: () => void): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#isInFlight) {
      this.#afterFlight.push(() => this.close(done));
      return;
    }
    if (this.#isFailing) this.#tryAgain();
    if (this.#tally.records > 0 && !this.#isFailing) this.#appendGap();
    if (this.#batch.count > 0 && !this.#isFailing)
      this.#settle(this.#batch, this.#journal.write(this.#batch));
    clearTimeout(this.#retry);
    this.#isClosed = true;
    const lost = this.#tally.records + (this.#owed?.count ?? 0);
    if (lost > 0)
      this.#log.error(
        { records: lost, code: this.#journal.lastError },
        "audit records are lost at the stop",
      );
    done();
  }

  #commitLater(): void {
    const batch = this.#batch;
    this.#batch = this.#spare;
    this.#spare = batch;
    this.#isInFlight = true;
    this.#journal.writeLater(batch, (stored) => {
      this.#isInFlight = false;
      this.#settle(batch, stored);
      for (const after of this.#afterFlight.splice(0)) after();
      if (!this.#isClosed) this.commit();
    });
  }

  /** Accounts for a batch of which the first `stored` lines reached the journal, and empties it. */
  #settle(batch: LineBatch, stored: number): void {
    this.#stored(batch, stored);
    if (stored === batch.count) {
      if (this.#gapsUnderWay.size > 0)
        for (let index = 0; index < stored; index += 1)
          if (batch.kinds[index] === "gap") this.#gapsUnderWay.delete(batch.sequences[index] ?? 0);
      batch.clear();
      if (this.#journal.isFull) this.#owner.rotate();
      return;
    }
    this.#startFailing();
    // In the background a request went on long ago, so that nobody can refuse it any more.
    const isPast = batch !== this.#batch;
    for (let index = stored; index < batch.count; index += 1)
      this.#lose(batch, index, batch.waiters[index] ?? -1, this.#journal.lastError, isPast);
    batch.clear();
    // Lines that were appended while a background write ran are behind the ones that failed.
    if (isPast) this.#loseBatch(this.#journal.lastError);
  }

  #loseBatch(reason: string): void {
    const batch = this.#batch;
    for (let index = 0; index < batch.count; index += 1)
      this.#lose(batch, index, batch.waiters[index] ?? -1, reason);
    batch.clear();
  }

  #stored(batch: LineBatch, count: number): void {
    this.records += count;
    this.bytes += count === 0 ? 0 : (batch.ends[count - 1] ?? 0);
    const wallMs = this.#clock.wallAt(this.#clock.now());
    for (const stretch of [this.#inFile, this.#unsynced, this.#sinceSync])
      stretch.add(batch, count, wallMs);
  }

  #lost(stretch: Stretch, reason: string): void {
    if (stretch.records === 0) return;
    this.#tally.addStretch(stretch, reason, this.#clock.wallAt(this.#clock.now()));
    this.dropped += stretch.records;
  }

  #startFailing(): void {
    this.#isFailing = true;
    this.#recurring.error({ code: this.#journal.lastError }, cannotStore);
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    const delayMs = retryMs * 2 ** Math.min(this.#failedSyncs, 5);
    this.#retry = setTimeout(() => this.#tryAgain(), delayMs);
    this.#retry.unref();
  }

  /** Writes a gap record, then the terminal records that waited. */
  #tryAgain(): void {
    if (this.#isSuspect && !this.#owner.leaveSuspect()) {
      this.#scheduleRetry();
      return;
    }
    this.#isSuspect = false;
    const attempt = new LineBatch(initialBytes);
    const wallMs = this.#clock.wallAt(this.#clock.now());
    const gapLines = this.#tally.records > 0 ? 1 : 0;
    const sequence = gapLines === 0 ? 0 : this.#owner.nextSequence();
    if (gapLines > 0) {
      this.#putGap(attempt, sequence, wallMs);
    }
    const owed = this.#owed;
    for (let index = 0; index < (owed?.count ?? 0); index += 1)
      if (owed !== undefined) attempt.copy(owed, index);
    const stored = this.#journal.writeThrough(attempt);
    this.#stored(attempt, stored);
    // A gap record that could not be written is no record lost: the next one says the same.
    if (gapLines > 0 && stored > 0) this.#gapStored();
    this.#owed = undefined;
    for (let index = Math.max(stored, gapLines); index < attempt.count; index += 1) {
      this.#owed ??= new LineBatch(initialBytes);
      this.#owed.copy(attempt, index);
    }
    if (stored < attempt.count) {
      this.#recurring.error({ code: this.#journal.lastError }, cannotStore);
      this.#scheduleRetry();
      return;
    }
    this.#isFailing = false;
    this.#log.info({}, "audit records are stored again");
    if (this.#journal.isFull) this.#owner.rotate();
  }

  #appendGap(): void {
    const wallMs = this.#clock.wallAt(this.#clock.now());
    const sequence = this.#owner.nextSequence();
    this.#gapsUnderWay.set(sequence, this.#tally.take());
    this.#putGap(this.#batch, sequence, wallMs);
    this.#gapStored();
  }

  /** A gap record that was not written is no record lost: its counts are owed again. */
  #takeGapBack(sequence: number): void {
    const gap = this.#gapsUnderWay.get(sequence);
    if (gap === undefined) return;
    this.#gapsUnderWay.delete(sequence);
    this.gaps -= 1;
    this.#tally.restore(gap);
  }

  #putGap(batch: LineBatch, sequence: number, wallMs: number): void {
    batch.begin();
    this.#encoder.gap(batch, this.#tally.take(), exchangeId(wallMs), sequence, wallMs);
    batch.end("gap", sequence, undefined, -1);
  }

  #gapStored(): void {
    this.gaps += 1;
    this.#tally.clear();
  }

  /**
   * Takes account of a line that did not reach the journal: terminal records wait, all others are
   * lost.
   */
  #lose(batch: LineBatch, index: number, waiter: number, reason: string, isPast = false): void {
    if (batch.kinds[index] === "gap") {
      this.#takeGapBack(batch.sequences[index] ?? 0);
      return;
    }
    const bytes = batch.lineLength(index);
    if (
      batch.kinds[index] === "terminal" &&
      (this.#owed?.length ?? 0) + bytes <= this.#queueBytes
    ) {
      this.#owed ??= new LineBatch(initialBytes);
      this.#owed.copy(batch, index);
      return;
    }
    this.#count(batch, index, waiter, reason, isPast);
  }

  #count(batch: LineBatch, index: number, waiter: number, reason: string, isPast = false): void {
    const record = batch.records[index];
    const isRefused =
      !isPast &&
      batch.kinds[index] === "request" &&
      (record?.route?.onFailure ?? this.#onFailure) === "reject";
    const wallMs = this.#clock.wallAt(this.#clock.now());
    this.#tally.add(
      batch.sequences[index] ?? 0,
      batch.lineLength(index),
      isRefused,
      reason,
      wallMs,
    );
    this.dropped += 1;
    if (isRefused && record !== undefined) this.#owner.refuse(record, waiter);
  }
}
