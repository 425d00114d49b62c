import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { ProxyError } from "../../core/errors.ts";
import { exchangeId } from "../../core/ids.ts";
import { IdentityReader } from "../../elasticsearch/identity/identity.ts";
import { directoryError, directoryKey, openDirectory } from "../store/audit-directory.ts";
import type { AuditOptions, AuditStats, RecordWaiter } from "./audit-options.ts";
import type { BodyTap } from "../tap/body-tap.ts";
import { TapMaker } from "../tap/tap-maker.ts";
import type { SealedBody } from "../record/sealed-body.ts";
import { BodyStore } from "../store/body-store.ts";
import type { DirectoryLock } from "../store/directory-lock.ts";
import { EcsEncoder } from "../format/ecs/ecs-encoder.ts";
import type { Encoder } from "../format/encoder.ts";
import { readLine } from "../format/line-reader.ts";
import { FileJournal, type Journal } from "../store/journal.ts";
import { PendingRecords } from "../store/pending-records.ts";
import { RecordWriter } from "../store/record-writer.ts";
import type { PendingRecord } from "../record/pending-record.ts";
import { ExchangeRecord } from "../record/exchange-record.ts";
import { recover, writeState, type Recovery } from "../store/recovery.ts";
import { SegmentIndex } from "../store/segment-index.ts";
import { SessionRecord } from "../record/session-record.ts";
import { StreamJournal } from "../store/stream-journal.ts";
import { TextLineEncoder } from "../format/text/text-encoder.ts";
import { RecordWaiters } from "./record-waiters.ts";

export type { AuditOptions, AuditStats, RecordWaiter } from "./audit-options.ts";
export type { BodyTap } from "../tap/body-tap.ts";

/** What a trail in a directory has and one on standard output has not. */
interface DirectoryParts {
  readonly lock: DirectoryLock;
  readonly store: BodyStore;
  readonly statePath: string;
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
  readonly #endTurn = (): void => this.#turn();
  #sequence = 0;
  readonly #segments = new SegmentIndex();
  #waiters: RecordWaiters;
  #spareWaiters: RecordWaiters;
  /** Bytes that were written when the last `fdatasync` began. */
  #syncedBytes = 0;
  #isScheduled = false;
  #isSyncing = false;
  #isClosed = false;

  private constructor(options: AuditOptions, parts: DirectoryParts | undefined, key: Uint8Array) {
    const { clock, log } = options;
    const identities = new IdentityReader(key);
    this.#options = options;
    this.#parts = parts;
    this.#waiters = new RecordWaiters(log);
    this.#spareWaiters = new RecordWaiters(log);
    const store = options.storesBodies ? parts?.store : undefined;
    const settings = { inlineBytes: options.inlineBodyBytes, store };
    this.#taps = new TapMaker(settings, key, options.format === "ecs");
    this.#encoder =
      options.format === "text"
        ? new TextLineEncoder({ clock, identities, hmacKey: key })
        : new EcsEncoder({
            clock,
            identities,
            hmacKey: key,
            productVersion: options.productVersion ?? "0.0.0",
            processId: randomBytes(4).toString("hex"),
          });
    this.#journal =
      parts === undefined
        ? new StreamJournal(1, (code) => this.#lostOutput(code))
        : new FileJournal(options.directory, baseName(options), this.#encoder.extension, {
            rotateBytes: options.rotateBytes,
            isDurable: options.durability === "durable",
          });
    this.#writer = new RecordWriter(
      this.#journal,
      this.#encoder,
      {
        refuse: (record, waiter) => this.#refuse(record, waiter),
        rotate: () => this.#rotate(),
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
    const base = baseName(options);
    const lock = openDirectory(options.directory, base);
    try {
      const key = options.hmacKey ?? directoryKey(options.directory);
      const store = new BodyStore(
        options.directory,
        base,
        options.durability === "durable",
        options.log,
      );
      const extension = options.format === "ecs" ? ".ndjson" : ".log";
      const statePath = join(options.directory, `.${base}${extension}.state`);
      const recovery = recover(options.directory, base, extension, statePath);
      const trail = new AuditTrail(options, { lock, store, statePath }, key);
      trail.#closeOpen(recovery, store.sealLeftovers());
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
      bodyFailures: this.#parts?.store.failures ?? 0,
      isFailing: this.#writer.isFailing,
    };
  }

  /**
   * Records that a request arrived. Encodes now; the line is written when the turn ends. A body
   * whose tap is not finished yet is recorded by the terminal record.
   */
  request(record: ExchangeRecord, waiter: RecordWaiter | undefined): void {
    const isRejecting = (record.route?.onFailure ?? this.#options.onFailure) === "reject";
    const at = waiter === undefined ? -1 : this.#wait(waiter, isRejecting);
    if (this.#isClosed && isRejecting && at >= 0) this.#waiters.refuse(at);
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
    if (!this.#isScheduled) this.#schedule();
  }

  /**
   * Records how the exchange ended; the first call counts. Writes the request record first where
   * there was none (malformed requests), so every id has its pair.
   */
  response(record: ExchangeRecord, waiter: RecordWaiter | undefined): void {
    if (record.phase === 0) this.request(record, undefined);
    const at = waiter === undefined ? -1 : this.#wait(waiter, false);
    if (record.phase === 2 || this.#isClosed) return;
    record.phase = 2;
    if (record.route?.level === "none" || record.wasRefused) return;
    if (record.endedMs === 0) record.endedMs = this.#options.clock.now();
    record.requestBody.sink?.finish(false);
    record.responseBody.sink?.finish(false);
    const sequence = (this.#sequence += 1);
    this.#open.remove(record);
    this.#encoder.terminal(this.#writer.begin(), record, sequence);
    this.#writer.end("terminal", sequence, record, at);
    record.responseBody.content = undefined;
    record.requestBody.content = undefined;
    if (!this.#isScheduled) this.#schedule();
  }

  /**
   * Records what was decided for a TCP session, before anything of it goes to a server. Encodes
   * now; the line is written when the turn ends, and `waiter` is told then.
   */
  sessionDecided(record: SessionRecord, waiter: RecordWaiter): void {
    const isRejecting = record.route.onFailure === "reject";
    const at = this.#wait(waiter, isRejecting);
    if (this.#isClosed && isRejecting) this.#waiters.refuse(at);
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
    if (!this.#isScheduled) this.#schedule();
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
   * Opens the file anew after somebody renamed it (SIGUSR2). When that fails the old file goes on.
   */
  reopen(): void {
    this.#writer.commit();
    this.#writer.whenIdle(() => {
      const name = this.#journal.reopen();
      if (name === undefined) return;
      this.#segments.begin(name, this.#journal.segmentName);
      this.#saveState(false);
    });
  }

  /** Writes what waits, now; who waits is told at the end of the turn as always. */
  flushNow(): void {
    this.#writer.commit();
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
    this.#writer.close(() => {
      this.#release();
      this.#saveState(!this.#writer.isFailing);
      this.#journal.close();
      this.#parts?.store.close();
      this.#parts?.lock.release();
      this.#closed.resolve();
    });
    return this.#closed.promise;
  }

  #wait(waiter: RecordWaiter, mayBeRefused: boolean): number {
    if (!this.#isScheduled) this.#schedule();
    return this.#waiters.add(waiter, mayBeRefused);
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(this.#endTurn);
  }

  #turn(): void {
    this.#isScheduled = false;
    if (!this.#isClosed) this.#writer.commit();
    if (this.#options.durability !== "durable" || this.#isClosed) this.#release();
    else if (!this.#isSyncing) this.#sync();
  }

  /** Group commit: those who came while one `fdatasync` runs share the next. */
  #sync(): void {
    if (this.#writer.bytes === this.#syncedBytes) {
      this.#release();
      return;
    }
    const group = this.#swapWaiters();
    this.#syncedBytes = this.#writer.bytes;
    this.#isSyncing = true;
    this.#journal.sync((error) => {
      this.#isSyncing = false;
      if (error !== "") {
        this.#options.log.error(
          { code: error },
          "audit records could not be brought to the device",
        );
        group.refuseAll();
      }
      group.tell();
      this.#spareWaiters = group;
      if (this.#waiters.count > 0) this.#sync();
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
      this.#waiters = new RecordWaiters(this.#options.log);
    return group;
  }

  #refuse(record: PendingRecord, waiter: number): void {
    record.wasRefused = true;
    this.#open.remove(record);
    if (waiter >= 0) this.#waiters.refuse(waiter);
  }

  #identify(record: ExchangeRecord): void {
    if (record.id === "") record.id = exchangeId(this.#options.clock.wallAt(record.startedMs));
  }

  #closeOpen(recovery: Recovery, sealed: ReadonlyMap<string, SealedBody>): void {
    const { directory, log, clock } = this.#options;
    this.#sequence = recovery.lastSequence;
    this.#segments.name(this.#journal.segmentName);
    for (const { id, line } of recovery.open) {
      const sequence = (this.#sequence += 1);
      const open = {
        id,
        request: readLine(line) ?? {},
        requestBody: sealed.get(`${id}.request`),
        responseBody: sealed.get(`${id}.response`),
      };
      this.#encoder.recovered(this.#writer.begin(), open, sequence, clock.wallAt(clock.now()));
      this.#writer.end("terminal", sequence, undefined, -1);
    }
    if (recovery.tornBytes > 0 || recovery.open.length > 0 || sealed.size > 0)
      log.warn(
        {
          directory,
          exchanges: recovery.open.length,
          tornBytes: recovery.tornBytes,
          bodies: sealed.size,
        },
        "the last process did not stop cleanly: its open exchanges were closed as crash_recovered",
      );
    this.#writer.commit();
    if (!this.#writer.isFailing) this.#saveState(false);
  }

  #rotate(): void {
    const stamp = new Date(this.#options.clock.wallAt(this.#options.clock.now()))
      .toISOString()
      .replaceAll(/[-:]/g, "");
    // The state names the file before it has the name: a crash between leaves no exchange that
    // nothing points to.
    const name = this.#journal.rotate(stamp, (announced) => {
      this.#segments.name(announced);
      this.#saveState(false);
    });
    if (name === undefined) {
      this.#segments.name(this.#journal.segmentName);
      this.#options.log.error(
        { code: this.#journal.lastError },
        "the audit file could not be rotated; it goes on",
      );
      return;
    }
    this.#segments.begin(name, this.#journal.segmentName);
    this.#saveState(false);
  }

  #saveState(isClean: boolean): void {
    if (this.#parts === undefined || !(this.#journal instanceof FileJournal)) return;
    const open = this.#segments.place(this.#open);
    try {
      const { size } = this.#journal;
      writeState(this.#parts.statePath, { clean: isClean, size, sequence: this.#sequence, open });
    } catch (error) {
      const code =
        typeof error === "object" && error !== null && "code" in error
          ? String(error.code)
          : "unknown";
      this.#options.log.warn(
        { code },
        "the state of the audit could not be saved; the next start reads the whole file",
      );
    }
  }

  #lostOutput(code: string): void {
    const error = new ProxyError(
      "ESP_ERR_AUDIT_DIRECTORY",
      `standard output takes no audit records any more: ${code}`,
    );
    this.#options.log.error({ code }, error.message);
    this.#options.onLost?.(error);
  }
}

function baseName(options: AuditOptions): string {
  return options.worker === undefined ? "audit" : `audit.${options.worker}`;
}
