import type { Clock } from "../core/clock.ts";
import { exchangeId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Encoder } from "./encoder.ts";
import { GapTally } from "./gap-tally.ts";
import type { Journal } from "./journal.ts";
import { LineBatch, type LineKind } from "./line-batch.ts";
import type { ExchangeRecord } from "./record.ts";

/** Lines of one turn beyond this are written before the turn ends. */
const batchBytes = 1_048_576;
const initialBytes = 262_144;
/** How often storing is tried again while it fails. */
const retryMs = 250;

/** What the writer tells its owner. */
export interface WriterOwner {
  /** A request whose record cannot be stored must not be forwarded. `waiter` is the number given to `append`. */
  refuse(record: ExchangeRecord, waiter: number): void;
  /** The file reached its size; the owner calls `rotate` on the journal. */
  rotate(): void;
  /** The next sequence number. */
  nextSequence(): number;
}

/**
 * Brings lines to the journal in batches and accounts for each line that does not get there.
 *
 * While storing fails it is tried again every 250 ms. Until then request records are counted as lost, with their request refused where its route says `reject`; terminal records wait in
 * a bounded queue. The first thing stored afterwards is a gap record with the exact counts.
 */
export class RecordWriter {
  readonly #journal: Journal;
  readonly #encoder: Encoder;
  readonly #owner: WriterOwner;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #isAsync: boolean;
  readonly #queueBytes: number;
  readonly #tally = new GapTally();
  #batch = new LineBatch(initialBytes);
  #spare = new LineBatch(initialBytes);
  #owed: LineBatch | undefined = undefined;
  #isInFlight = false;
  #isFailing = false;
  #retry: NodeJS.Timeout | undefined = undefined;
  #afterFlight: (() => void) | undefined = undefined;
  records = 0;
  bytes = 0;
  gaps = 0;
  dropped = 0;

  constructor(
    journal: Journal,
    encoder: Encoder,
    owner: WriterOwner,
    options: { readonly isAsync: boolean; readonly queueBytes: number; readonly clock: Clock; readonly log: Log },
  ) {
    this.#journal = journal;
    this.#encoder = encoder;
    this.#owner = owner;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#isAsync = options.isAsync;
    this.#queueBytes = options.queueBytes;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Whether lines wait for the next `commit`. */
  get hasLines(): boolean {
    return this.#batch.count > 0;
  }

  /** @param waiter number of the one who waits for this line, −1: nobody */
  append(line: string, kind: LineKind, sequence: number, record: ExchangeRecord | undefined, waiter: number): void {
    if (this.#isFailing) {
      this.#lose(line, kind, sequence, line.length, record, waiter, this.#journal.lastError);
      return;
    }
    if (this.#isAsync && this.#batch.length + line.length > this.#queueBytes) {
      this.#lose(undefined, kind, sequence, line.length, record, waiter, "queue_full");
      return;
    }
    this.#batch.append(line, kind, sequence, record, waiter);
    if (!this.#isAsync && this.#batch.length >= batchBytes) this.commit();
  }

  /** Writes what was appended; in the background for `async`. */
  commit(): void {
    if (this.#isFailing || this.#isInFlight) return;
    if (this.#tally.records > 0) this.#appendGap();
    if (this.#batch.count === 0) return;
    if (this.#isAsync) this.#commitLater();
    else this.#settle(this.#batch, this.#journal.write(this.#batch));
  }

  /** Writes all that can be written and stops trying. Calls back when nothing is under way any more, at once where possible. */
  close(done: () => void): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (this.#isInFlight) {
      this.#afterFlight = () => this.close(done);
      return;
    }
    if (this.#isFailing) this.#tryAgain();
    if (this.#tally.records > 0 && !this.#isFailing) this.#appendGap();
    if (this.#batch.count > 0 && !this.#isFailing) this.#settle(this.#batch, this.#journal.write(this.#batch));
    clearTimeout(this.#retry);
    const lost = this.#tally.records + (this.#owed?.count ?? 0);
    if (lost > 0) this.#log.error({ records: lost, code: this.#journal.lastError }, "audit records are lost at the stop");
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
      const after = this.#afterFlight;
      this.#afterFlight = undefined;
      if (after !== undefined) after();
      else this.commit();
    });
  }

  /** Accounts for a batch of which the first `stored` lines reached the journal, and empties it. */
  #settle(batch: LineBatch, stored: number): void {
    this.records += stored;
    this.bytes += stored === 0 ? 0 : (batch.ends[stored - 1] ?? 0);
    if (stored === batch.count) {
      batch.clear();
      if (this.#journal.isFull) this.#owner.rotate();
      return;
    }
    this.#startFailing();
    for (let index = stored; index < batch.count; index += 1) this.#loseLine(batch, index);
    batch.clear();
    // Lines that were appended while a background write ran are behind the ones that failed.
    if (batch !== this.#batch) {
      for (let index = 0; index < this.#batch.count; index += 1) this.#loseLine(this.#batch, index);
      this.#batch.clear();
    }
  }

  #startFailing(): void {
    this.#isFailing = true;
    this.#log.error({ code: this.#journal.lastError }, "audit records cannot be stored");
    this.#scheduleRetry();
  }

  #scheduleRetry(): void {
    this.#retry = setTimeout(() => this.#tryAgain(), retryMs);
    this.#retry.unref();
  }

  /** Writes a gap record, then the terminal records that waited. */
  #tryAgain(): void {
    const attempt = new LineBatch(initialBytes);
    const wallMs = this.#clock.wallAt(this.#clock.now());
    const gapLines = this.#tally.records > 0 ? 1 : 0;
    const sequence = gapLines === 0 ? 0 : this.#owner.nextSequence();
    if (gapLines > 0) {
      const line = this.#encoder.gap(this.#tally.take(), exchangeId(wallMs), sequence, wallMs);
      attempt.append(line, "gap", sequence, undefined, -1);
    }
    const owed = this.#owed;
    for (let index = 0; index < (owed?.count ?? 0); index += 1) if (owed !== undefined) attempt.copy(owed, index);
    const stored = this.#journal.write(attempt);
    this.records += stored;
    this.bytes += stored === 0 ? 0 : (attempt.ends[stored - 1] ?? 0);
    if (gapLines > 0 && stored > 0) this.#gapStored();
    else if (gapLines > 0) this.#tally.add(sequence, attempt.lineLength(0), false, this.#journal.lastError, wallMs);
    this.#owed = undefined;
    for (let index = Math.max(stored, gapLines); index < attempt.count; index += 1) {
      this.#owed ??= new LineBatch(initialBytes);
      this.#owed.copy(attempt, index);
    }
    if (stored < attempt.count) {
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
    this.#batch.append(
      this.#encoder.gap(this.#tally.take(), exchangeId(wallMs), sequence, wallMs),
      "gap",
      sequence,
      undefined,
      -1,
    );
    this.#gapStored();
  }

  #gapStored(): void {
    this.gaps += 1;
    this.#tally.clear();
  }

  #loseLine(batch: LineBatch, index: number): void {
    const start = index === 0 ? 0 : (batch.ends[index - 1] ?? 0);
    const line = batch.buffer.toString("latin1", start, batch.ends[index]);
    const kind = batch.kinds[index] ?? "gap";
    this.#lose(
      line,
      kind,
      batch.sequences[index] ?? 0,
      line.length,
      batch.records[index],
      batch.waiters[index] ?? -1,
      this.#journal.lastError,
    );
  }

  /** @param line undefined: it may not wait */
  #lose(
    line: string | undefined,
    kind: LineKind,
    sequence: number,
    bytes: number,
    record: ExchangeRecord | undefined,
    waiter: number,
    reason: string,
  ): void {
    if (kind === "terminal" && line !== undefined && (this.#owed?.length ?? 0) + bytes <= this.#queueBytes) {
      this.#owed ??= new LineBatch(initialBytes);
      this.#owed.append(line, kind, sequence, undefined, -1);
      return;
    }
    const isRefused = kind === "request" && record?.route?.onFailure === "reject";
    this.#tally.add(sequence, bytes, isRefused, reason, this.#clock.wallAt(this.#clock.now()));
    this.dropped += 1;
    if (isRefused && record !== undefined) this.#owner.refuse(record, waiter);
  }
}
