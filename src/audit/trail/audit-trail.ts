/** The write API of the audit: records go in, and their waiters are called when they are stored. */
import { randomBytes } from "node:crypto";

import { ProxyError } from "../../core/errors.ts";
import { exchangeId } from "../../core/ids.ts";
import { directoryError, directoryKey, openDirectory } from "../store/audit-directory.ts";
import {
  baseName,
  type AuditOptions,
  type AuditStats,
  type RecordWaiter,
} from "./audit-options.ts";
import type { BodyTap } from "../tap/body-tap.ts";
import { TapMaker } from "../tap/tap-maker.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import type { DirectoryLock } from "../store/directory-lock.ts";
import type { Encoder } from "../format/encoder.ts";
import { FileJournal, type Journal } from "../store/journal.ts";
import { PackStore } from "../store/pack-store.ts";
import { PendingRecords } from "../store/pending-records.ts";
import { RecordWriter } from "../store/record-writer.ts";
import { Redactor } from "../redact/redactor.ts";
import type { PendingRecord } from "../record/pending-record.ts";
import { ExchangeRecord } from "../record/exchange-record.ts";
import { SessionRecord } from "../record/session-record.ts";
import { packName } from "../store/segment-names.ts";
import { StreamJournal } from "../store/stream-journal.ts";
import {
  closeOpen,
  lastRun,
  lastRunOfOtherFormat,
  stateFile,
  type LastRun,
} from "./crash-recovery.ts";
import type { JournalEnd } from "./journal-end.ts";
import { SegmentRotation, type SegmentFiles } from "./segment-rotation.ts";
import type { DiskGuard } from "./disk-guard.ts";
import { guardDisk } from "./guarded-trail.ts";
import { encoderOf } from "./line-encoder.ts";
import { FileWatch } from "./file-watch.ts";
import { TurnCommit } from "./turn-commit.ts";

export type { AuditOptions, AuditStats, RecordWaiter } from "./audit-options.ts";
export type { BodyTap } from "../tap/body-tap.ts";

/** What a trail in a directory has and one on standard output has not. */
interface DirectoryParts extends SegmentFiles {
  readonly lock: DirectoryLock;
}

/**
 * The audit of one process: takes the two records of each exchange, encodes them at once, writes
 * all lines of an event-loop turn together when the turn ends, and then tells those who wait. Never
 * throws into an exchange. Owns its files; `close` ends it.
 */
export class AuditTrail {
  readonly #options: AuditOptions;
  readonly #encoder: Encoder;
  readonly #journal: Journal;
  readonly #writer: RecordWriter;
  readonly #parts: DirectoryParts | undefined;
  readonly #taps: TapMaker;
  readonly #open = new PendingRecords();
  readonly #closed = Promise.withResolvers<void>();
  readonly #commit: TurnCommit;
  readonly #segments: SegmentRotation;
  #sequence = 0;
  #isClosed = false;
  #watch: FileWatch | undefined = undefined;
  #guard: DiskGuard | undefined = undefined;

  private constructor(options: AuditOptions, parts: DirectoryParts | undefined, key: Uint8Array) {
    const { clock, log } = options;
    this.#options = options;
    this.#parts = parts;
    const packs = options.storesBodies ? parts?.packs : undefined;
    const settings = { inlineBytes: options.inlineBodyBytes, packs };
    const redactor = new Redactor(key, options.redact);
    this.#taps = new TapMaker(settings, redactor, clock, options);
    this.#encoder = encoderOf(options, redactor);
    this.#journal =
      parts === undefined
        ? new StreamJournal(1, (code) =>
            this.#lost(`standard output takes no audit records any more: ${code}`),
          )
        : new FileJournal(options.directory, baseName(options), this.#encoder.extension, {
            rotateBytes: options.rotateBytes,
            isDurable: options.durability === "durable",
          });
    this.#writer = new RecordWriter(
      this.#journal,
      this.#encoder,
      {
        refuse: (record, waiter) => this.#refuse(record, waiter),
        rotate: () => this.#segments.rotate(),
        leaveSuspect: () => this.#segments.leaveSuspect(),
        nextSequence: () => (this.#sequence += 1),
      },
      {
        isAsync: options.durability === "async",
        queueBytes: options.queueBytes,
        onFailure: options.onFailure,
        clock,
        log,
      },
    );
    this.#segments = new SegmentRotation(this.#journal, parts, this.#open, () => this.#sequence, {
      rotateBytes: options.rotateBytes,
      rotateMs: options.rotateMs ?? 0,
      clock,
      log,
      onLeft: (error) => this.#commit.leftWith(error),
      onBegin: () => this.#writer.beginFile(),
    });
    this.#commit = new TurnCommit(
      { writer: this.#writer, journal: this.#journal, packs, segments: this.#segments },
      options.durability === "durable",
      log,
    );
  }

  /**
   * Opens the trail. In a directory it takes the lock, closes what a dead process left open as
   * `crash_recovered`, cuts a torn last line off and seals unfinished bodies.
   *
   * @throws {ProxyError} `ESP_ERR_AUDIT_DIRECTORY` naming the directory and the reason
   */
  static open(options: AuditOptions): AuditTrail {
    if (options.directory === "-")
      return new AuditTrail(options, undefined, options.hmacKey ?? randomBytes(32));
    const { clock } = options;
    const base = baseName(options);
    const lock = openDirectory(options.directory, base);
    try {
      const key = options.hmacKey ?? directoryKey(options.directory);
      const extension = options.format === "ecs" ? ".ndjson" : ".log";
      const statePath = stateFile(options.directory, base, extension);
      const wallMs = clock.wallAt(clock.now());
      const last = lastRun(options.directory, base, extension, statePath, wallMs);
      const other = lastRunOfOtherFormat(options, base, extension, key);
      const packs = new PackStore(options.directory, packName(base, last.stamp), {
        isDurable: options.durability === "durable",
        log: options.log,
        now: () => clock.now(),
        onGathered: () => trail.#commit.schedule(),
        onLeft: (error) => trail.#commit.suspect(error),
      });
      const { directory } = options;
      const files = { directory, base, statePath, stamp: last.stamp, packs, lock };
      const trail = new AuditTrail(options, files, key);
      trail.#closeOpen(last);
      if (other.run !== undefined && !trail.#closeOpen(other.run, other.end.encoder, other.end))
        trail.#closeOpen(other.run);
      other.settle();
      trail.#guard = guardDisk(
        options,
        base,
        trail.#journal,
        trail.#writer,
        trail.#taps,
        (event) => {
          trail.event(event);
          trail.#commit.write();
        },
      );
      trail.#watch = new FileWatch({
        directory,
        lock,
        log: options.log,
        segments: trail.#segments,
        writer: trail.#writer,
        record: (event) => void trail.event(event),
        onTaken: () =>
          trail.#lost(`the audit directory ${directory} was taken by another es-proxy`),
      });
      return trail;
    } catch (error) {
      lock.release();
      throw directoryError(options.directory, error);
    }
  }

  /** Counts so far. */
  get stats(): AuditStats {
    return {
      records: this.#writer.records,
      bytes: this.#writer.bytes,
      gaps: this.#writer.gaps,
      dropped: this.#writer.dropped,
      openExchanges: this.#open.count,
      bodyFailures: this.#parts?.packs.failures ?? 0,
      incidents: this.#watch?.strangers ?? 0,
      isFailing: this.#writer.isFailing,
    };
  }

  /**
   * Records that a request arrived. Encodes now; the line is written when the turn ends. A body
   * whose tap is not finished yet is recorded by the terminal record.
   */
  request(record: ExchangeRecord, waiter: RecordWaiter | undefined): void {
    const isRejecting = (record.route?.onFailure ?? this.#options.onFailure) === "reject";
    const at = waiter === undefined ? -1 : this.#commit.wait(waiter, isRejecting);
    if (this.#isClosed && isRejecting && at >= 0) this.#commit.refuse(at);
    if (record.phase !== 0 || this.#isClosed) return;
    record.phase = 1;
    if (record.route?.level === "none") return;
    this.#identify(record);
    const body = record.requestBody;
    if (body.state === "streaming") body.isLate = true;
    const sequence = (this.#sequence += 1);
    record.segment = this.#segments.current;
    this.#open.add(record);
    this.#encoder.request(this.#writer.begin(), record, sequence);
    this.#writer.end("request", sequence, record, at);
    if (!body.isLate) body.content = undefined;
    this.#commit.schedule();
  }

  /**
   * Records how the exchange ended; the first call counts. Writes the request record first where
   * there was none (malformed requests), so every id has its pair.
   */
  response(record: ExchangeRecord, waiter: RecordWaiter | undefined): void {
    if (record.phase === 0) this.request(record, undefined);
    const at = waiter === undefined ? -1 : this.#commit.wait(waiter, false);
    if (record.phase === 2 || this.#isClosed) return;
    record.phase = 2;
    if (record.route?.level === "none" || record.wasRefused) return;
    if (record.endedMs === 0) record.endedMs = this.#options.clock.now();
    this.#taps.finish(record);
    const sequence = (this.#sequence += 1);
    this.#open.remove(record);
    this.#encoder.terminal(this.#writer.begin(), record, sequence);
    this.#writer.end("terminal", sequence, record, at);
    record.responseBody.content = undefined;
    record.requestBody.content = undefined;
    this.#commit.schedule();
  }

  /**
   * Records what was decided for a TCP session, before anything of it goes to a server. Encodes
   * now; the line is written when the turn ends, and `waiter` is told then.
   */
  sessionDecided(record: SessionRecord, waiter: RecordWaiter): void {
    const isRejecting = record.route.onFailure === "reject";
    const at = this.#commit.wait(waiter, isRejecting);
    if (this.#isClosed && isRejecting) this.#commit.refuse(at);
    if (this.#isClosed) return;
    const sequence = (this.#sequence += 1);
    record.segment = this.#segments.current;
    this.#open.add(record);
    this.#encoder.sessionDecided(this.#writer.begin(), record, sequence);
    this.#writer.end("request", sequence, record, at);
    record.seen.content = undefined;
  }

  /**
   * Records how a TCP session ended, also one for which nothing was decided; the first call counts.
   */
  sessionEnded(record: SessionRecord): void {
    if (record.isEnded || this.#isClosed) return;
    record.isEnded = true;
    if (record.wasRefused) return;
    if (record.endedMs === 0) record.endedMs = this.#options.clock.now();
    const sequence = (this.#sequence += 1);
    this.#open.remove(record);
    this.#encoder.sessionEnded(this.#writer.begin(), record, sequence);
    this.#writer.end("terminal", sequence, record, -1);
    this.#commit.schedule();
  }

  /**
   * Records something about the trail itself; `AuditStats.dropped` tells what was lost.
   *
   * @returns the id of the record; empty after the end of the trail: then no waiter is told
   */
  event(event: TrailEvent, waiter?: RecordWaiter): string {
    if (this.#isClosed) return "";
    const at = waiter === undefined ? -1 : this.#commit.wait(waiter, true);
    const wallMs = this.#options.clock.wallAt(this.#options.clock.now());
    const id = exchangeId(wallMs);
    const sequence = (this.#sequence += 1);
    this.#encoder.event(this.#writer.begin(), event, id, sequence, wallMs);
    this.#writer.end("event", sequence, undefined, at);
    this.#commit.schedule();
    return id;
  }

  /**
   * The way in for the request's body: call before `request()`, with method, target and route set.
   */
  tapRequest(record: ExchangeRecord): BodyTap {
    this.#identify(record);
    return this.#taps.request(record);
  }

  /** The way in for the response's body; call when its head has arrived. */
  tapResponse(record: ExchangeRecord): BodyTap {
    this.#identify(record);
    return this.#taps.response(record);
  }

  /** The way in for what the router was shown; call before `sessionDecided()`. */
  tapSession(record: SessionRecord): BodyTap {
    return this.#taps.session(record);
  }

  /**
   * A body of it should have been stored and could not be, its route says `reject`, and the options
   * say that bodies count: it must be cut off.
   */
  mustCut(record: ExchangeRecord | SessionRecord): boolean {
    const isLost =
      record instanceof ExchangeRecord
        ? record.requestBody.isLost || record.responseBody.isLost
        : record.seen.isLost;
    if (!isLost || this.#options.bodies !== "strict") return false;
    return (record.route?.onFailure ?? this.#options.onFailure) === "reject";
  }

  /**
   * Opens the file anew after somebody renamed it (SIGUSR2). When that fails the old file goes on.
   */
  reopen(): void {
    this.#commit.write();
    this.#writer.whenIdle(() => this.#segments.reopen());
  }

  /** Ends the active segment, so that it can be changed as a whole. */
  seal(): void {
    if (this.#isClosed) return;
    this.#commit.write();
    this.#writer.whenIdle(() => this.#segments.seal());
  }

  /** Writes what waits, now; who waits is told at the end of the turn as always. */
  flushNow(): void {
    this.#commit.write();
  }

  /**
   * Ends the trail: exchanges that are still open get the terminal record `shutdown`, everything is
   * written, and the mark of a clean stop is left. With durability `async` a write that is under
   * way is finished in the background first; in all other cases everything is done when the call
   * returns.
   */
  close(): Promise<void> {
    if (this.#isClosed) return this.#closed.promise;
    this.#open.forEach((record) => {
      record.outcome = "shutdown";
      if (record.errorCode === "") record.errorCode = "ESP_ERR_SHUTDOWN";
      if (record instanceof ExchangeRecord) this.response(record, undefined);
      else if (record instanceof SessionRecord) this.sessionEnded(record);
    });
    this.#isClosed = true;
    this.#watch?.stop();
    this.#guard?.stop();
    this.#writer.close(() => {
      this.#parts?.packs.close();
      this.#journal.close();
      const code = this.#journal.takeLeftError();
      if (code !== "") {
        this.#options.log.error({ code }, "audit records may not be on the device after the stop");
        this.#commit.refuseAll();
      }
      this.#commit.close();
      this.#segments.saveState(!this.#writer.isFailing);
      this.#parts?.lock.release();
      this.#closed.resolve();
    });
    return this.#closed.promise;
  }

  #refuse(record: PendingRecord, waiter: number): void {
    record.wasRefused = true;
    this.#open.remove(record);
    if (waiter >= 0) this.#commit.refuse(waiter);
  }

  #identify(record: ExchangeRecord): void {
    if (record.id === "") record.id = exchangeId(this.#options.clock.wallAt(record.startedMs));
  }

  #closeOpen(run: LastRun, encoder = this.#encoder, writer?: JournalEnd): boolean {
    this.#sequence = Math.max(this.#sequence, run.journal.lastSequence);
    this.#segments.noteForeignBytes(run.journal.foreignBytes);
    const next = (): number => (this.#sequence += 1);
    const isClosed = closeOpen(run, this.#options, encoder, writer ?? this.#writer, next);
    if (!this.#writer.isFailing) this.#segments.saveState(false);
    return isClosed;
  }

  #lost(reason: string): void {
    const error = new ProxyError("ESP_ERR_AUDIT_DIRECTORY", reason);
    this.#options.log.error({}, error.message);
    this.#options.onLost?.(error);
  }
}
