import { createHmac, randomBytes } from "node:crypto";
import { join } from "node:path";

import { ProxyError } from "../core/errors.ts";
import { exchangeId } from "../core/ids.ts";
import { matchApiEndpoint } from "../elasticsearch/api-endpoint.ts";
import { IdentityReader } from "../elasticsearch/identity.ts";
import { directoryError, directoryKey, openDirectory } from "./audit-directory.ts";
import type { AuditOptions, AuditStats, RecordWaiter } from "./audit-options.ts";
import { BodyCapture, type CaptureMode, type CaptureSettings } from "./body-capture.ts";
import { BodyStore, type SealedBody } from "./body-store.ts";
import type { DirectoryLock } from "./directory-lock.ts";
import { EcsEncoder } from "./ecs-encoder.ts";
import type { Encoder } from "./encoder.ts";
import { FileJournal, type Journal } from "./journal.ts";
import { OpenExchanges } from "./open-exchanges.ts";
import { RecordWriter } from "./record-writer.ts";
import type { BodyFacts, ExchangeRecord } from "./record.ts";
import { recover, writeState } from "./recovery.ts";
import { hidesBodies } from "./redaction.ts";
import { StreamJournal } from "./stream-journal.ts";
import { TextLineEncoder } from "./text-encoder.ts";

export type { AuditOptions, AuditStats, RecordWaiter } from "./audit-options.ts";
export type { BodyCapture } from "./body-capture.ts";

/** What a trail in a directory has and one on standard output has not. */
interface DirectoryParts {
  readonly lock: DirectoryLock;
  readonly store: BodyStore;
  readonly statePath: string;
}

/**
 * The audit of one process: takes the two records of each exchange, encodes them at once, writes all lines of an event-loop turn together when the turn ends, and then tells
 * those who wait. Never throws into an exchange. Owns its files; `close` ends it.
 */
export class AuditTrail {
  readonly #options: AuditOptions;
  readonly #encoder: Encoder;
  readonly #journal: Journal;
  readonly #writer: RecordWriter;
  readonly #parts: DirectoryParts | undefined;
  readonly #capture: CaptureSettings;
  readonly #open = new OpenExchanges();
  readonly #endTurn = (): void => this.#turn();
  #sequence = 0;
  #segment = 0;
  /** Names of the files that request records of open exchanges lie in, by number; the last one is the active file. */
  #segmentNames: string[] = [];
  #waiters: RecordWaiter[] = [];
  #results: boolean[] = [];
  #spareWaiters: RecordWaiter[] = [];
  #spareResults: boolean[] = [];
  #isScheduled = false;
  #isSyncing = false;
  #isClosed = false;

  private constructor(options: AuditOptions, parts: DirectoryParts | undefined, key: Uint8Array) {
    const { clock, log } = options;
    const identities = new IdentityReader(key);
    this.#options = options;
    this.#parts = parts;
    this.#capture = {
      inlineBytes: options.inlineBodyBytes,
      store: parts?.store,
      hmacKey: key,
    };
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
        : new FileJournal(options.directory, baseName(options), this.#encoder.extension, options.rotateBytes);
    this.#writer = new RecordWriter(
      this.#journal,
      this.#encoder,
      {
        refuse: (record, waiter) => this.#refuse(record, waiter),
        rotate: () => this.#rotate(),
        nextSequence: () => (this.#sequence += 1),
      },
      { isAsync: options.durability === "async", queueBytes: options.queueBytes, onFailure: options.onFailure, clock, log },
    );
  }

  /**
   * Opens the trail. In a directory it takes the lock, closes what a dead process left open as `crash_recovered`, cuts a torn last line off and seals unfinished bodies.
   *
   * @throws {ProxyError} `ESP_ERR_AUDIT_DIRECTORY` naming the directory and the reason
   */
  static open(options: AuditOptions): AuditTrail {
    if (options.directory === "-") return new AuditTrail(options, undefined, options.hmacKey ?? randomBytes(32));
    const base = baseName(options);
    const lock = openDirectory(options.directory, base);
    try {
      const key = options.hmacKey ?? directoryKey(options.directory);
      const store = new BodyStore(options.directory, base, options.durability === "durable", options.log);
      const extension = options.format === "ecs" ? ".ndjson" : ".log";
      const statePath = join(options.directory, `.${base}${extension}.state`);
      const trail = new AuditTrail(options, { lock, store, statePath }, key);
      trail.#recover(store.sealLeftovers(), statePath);
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
   * Records that a request arrived. Encodes now; the line is written when the turn ends. A body given in `record.requestBody.content` is consumed
   * during the call; one with a capture is recorded by the terminal record.
   */
  request(record: ExchangeRecord, waiter: RecordWaiter | undefined): void {
    const at = waiter === undefined ? -1 : this.#wait(waiter);
    if (record.phase !== 0 || this.#isClosed) return;
    record.phase = 1;
    if (record.route?.level === "none") return;
    if (record.id === "") record.id = exchangeId(this.#options.clock.wallAt(record.startedMs));
    const body = record.requestBody;
    if (body.content !== undefined || body.bytes > 0) this.#prepare(record, body, "request");
    if (body.state === "streaming") body.isLate = true;
    const sequence = (this.#sequence += 1);
    record.segment = this.#segment;
    this.#open.add(record);
    this.#encoder.request(this.#writer.begin(), record, sequence);
    this.#writer.end("request", sequence, record, at);
    if (!body.isLate) body.content = undefined;
    if (!this.#isScheduled) this.#schedule();
  }

  /**
   * Records how the exchange ended; the first call counts. Writes the request record first where there was none (malformed requests), so every id has its pair.
   */
  response(record: ExchangeRecord, waiter: RecordWaiter | undefined): void {
    if (record.phase === 0) this.request(record, undefined);
    const at = waiter === undefined ? -1 : this.#wait(waiter);
    if (record.phase === 2 || this.#isClosed) return;
    record.phase = 2;
    if (record.route?.level === "none" || record.wasRefused) return;
    if (record.endedMs === 0) record.endedMs = this.#options.clock.now();
    record.requestBody.capture?.finish(false);
    record.responseBody.capture?.finish(false);
    const body = record.responseBody;
    if (body.state === "none" && body.content !== undefined) this.#prepare(record, body, "response");
    const sequence = (this.#sequence += 1);
    this.#open.remove(record);
    this.#encoder.terminal(this.#writer.begin(), record, sequence);
    this.#writer.end("terminal", sequence, record, at);
    body.content = undefined;
    record.requestBody.content = undefined;
    if (!this.#isScheduled) this.#schedule();
  }

  /** Records the request body while it passes; call before `request()`. */
  captureRequestBody(record: ExchangeRecord): BodyCapture {
    return this.#startCapture(record, record.requestBody, "request");
  }

  /** Records the response body while it passes; call when its head has arrived. */
  captureResponseBody(record: ExchangeRecord): BodyCapture {
    return this.#startCapture(record, record.responseBody, "response");
  }

  /** Opens the file anew after somebody renamed it (SIGUSR2). When that fails the old file goes on. */
  reopen(): void {
    this.#writer.commit();
    const name = this.#journal.reopen();
    if (name === undefined) return;
    this.#startSegment(name);
    this.#saveState(false);
  }

  /** Writes what waits, now; who waits is told at the end of the turn as always. */
  flushNow(): void {
    this.#writer.commit();
  }

  /**
   * Ends the trail: exchanges that are still open get the terminal record `shutdown`, everything is written, and the mark of a clean stop is left. With durability `async` a
   * write that is under way is finished in the background first.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#open.forEach((record) => {
      record.outcome = "shutdown";
      if (record.errorCode === "") record.errorCode = "ESP_ERR_SHUTDOWN";
      this.response(record, undefined);
    });
    this.#isClosed = true;
    this.#writer.close(() => {
      this.#release();
      this.#saveState(!this.#writer.isFailing);
      this.#journal.close();
      this.#parts?.store.close();
      this.#parts?.lock.release();
    });
  }

  #wait(waiter: RecordWaiter): number {
    if (!this.#isScheduled) this.#schedule();
    this.#results.push(true);
    return this.#waiters.push(waiter) - 1;
  }

  #schedule(): void {
    this.#isScheduled = true;
    setImmediate(this.#endTurn);
  }

  #turn(): void {
    this.#isScheduled = false;
    const isDurable = this.#options.durability === "durable";
    const hadLines = this.#writer.hasLines;
    this.#writer.commit();
    if (!isDurable) this.#release();
    else if (!this.#isSyncing) this.#sync(hadLines);
  }

  /** Group commit: those who came while one `fdatasync` runs share the next. */
  #sync(hasWork: boolean): void {
    if (!hasWork) {
      this.#release();
      return;
    }
    const waiters = this.#waiters;
    const results = this.#results;
    this.#waiters = [];
    this.#results = [];
    this.#isSyncing = true;
    this.#journal.sync((error) => {
      this.#isSyncing = false;
      if (error !== "") {
        this.#options.log.error({ code: error }, "audit records could not be brought to the device");
        if (this.#options.onFailure === "reject") results.fill(false);
      }
      tell(waiters, results, this.#options);
      if (this.#waiters.length > 0) this.#sync(true);
    });
  }

  /** Tells those who wait, in order. What they append belongs to the next turn. */
  #release(): void {
    const waiters = this.#waiters;
    if (waiters.length === 0) return;
    const results = this.#results;
    this.#waiters = this.#spareWaiters;
    this.#results = this.#spareResults;
    tell(waiters, results, this.#options);
    waiters.length = 0;
    results.length = 0;
    this.#spareWaiters = waiters;
    this.#spareResults = results;
  }

  #refuse(record: ExchangeRecord, waiter: number): void {
    record.wasRefused = true;
    this.#open.remove(record);
    if (waiter >= 0) this.#results[waiter] = false;
  }

  #startCapture(record: ExchangeRecord, body: BodyFacts, direction: "request" | "response"): BodyCapture {
    if (record.id === "") record.id = exchangeId(this.#options.clock.wallAt(record.startedMs));
    return new BodyCapture(this.#capture, body, this.#mode(record, direction), record.id, direction);
  }

  #mode(record: ExchangeRecord, direction: "request" | "response"): CaptureMode {
    if (record.route !== undefined && record.route.level !== "full") return "count";
    // The text format has no place for response bodies.
    if (direction === "response" && this.#options.format === "text") return "count";
    const match = (record.apiMatch ??= matchApiEndpoint(record.method, record.target));
    return hidesBodies(match.endpoint) ? "hide" : "content";
  }

  /** Decides where a body that is at hand goes. */
  #prepare(record: ExchangeRecord, body: BodyFacts, direction: "request" | "response"): void {
    const { content } = body;
    if (content === undefined || body.state !== "none") return;
    body.bytes = content.length;
    body.complete = true;
    if (content.length === 0) return;
    const mode = this.#mode(record, direction);
    if (mode === "count") return;
    if (mode === "hide") {
      body.state = "hidden";
      body.sha256 = createHmac("sha256", this.#capture.hmacKey).update(content).digest("hex").slice(0, 32);
    } else if (content.length <= this.#options.inlineBodyBytes) {
      body.state = "inline";
    } else {
      body.bytes = 0;
      const capture = new BodyCapture(this.#capture, body, mode, record.id, direction);
      capture.write(content, 0, content.length);
      capture.finish(true);
    }
  }

  #recover(sealed: ReadonlyMap<string, SealedBody>, statePath: string): void {
    const { directory, log, clock } = this.#options;
    const recovery = recover(directory, this.#journal.segmentName, statePath);
    this.#sequence = recovery.lastSequence;
    this.#segmentNames = [this.#journal.segmentName];
    for (const { id, line } of recovery.open) {
      const sequence = (this.#sequence += 1);
      const open = { id, line, requestBody: sealed.get(`${id}.request`), responseBody: sealed.get(`${id}.response`) };
      this.#encoder.recovered(this.#writer.begin(), open, sequence, clock.wallAt(clock.now()));
      this.#writer.end("terminal", sequence, undefined, -1);
    }
    if (recovery.tornBytes > 0 || recovery.open.length > 0 || sealed.size > 0)
      log.warn(
        { directory, exchanges: recovery.open.length, tornBytes: recovery.tornBytes, bodies: sealed.size },
        "the last process did not stop cleanly: its open exchanges were closed as crash_recovered",
      );
    this.#writer.commit();
    if (!this.#writer.isFailing) this.#saveState(false);
  }

  #rotate(): void {
    const stamp = new Date(this.#options.clock.wallAt(this.#options.clock.now())).toISOString().replaceAll(/[-:]/g, "");
    const name = this.#journal.rotate(stamp);
    if (name === undefined) {
      this.#options.log.error({ code: this.#journal.lastError }, "the audit file could not be rotated; it goes on");
      return;
    }
    this.#startSegment(name);
    this.#saveState(false);
  }

  #startSegment(oldName: string): void {
    this.#segmentNames[this.#segment] = oldName;
    this.#segment += 1;
    this.#segmentNames[this.#segment] = this.#journal.segmentName;
  }

  #saveState(isClean: boolean): void {
    if (this.#parts === undefined || !(this.#journal instanceof FileJournal)) return;
    const open: [string, string][] = [];
    this.#open.forEach((record) => {
      open.push([record.id, this.#segmentNames[record.segment] ?? ""]);
    });
    try {
      writeState(this.#parts.statePath, {
        clean: isClean,
        size: this.#journal.size,
        sequence: this.#sequence,
        open,
      });
    } catch (error) {
      const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "unknown";
      this.#options.log.warn({ code }, "the state of the audit could not be saved; the next start reads the whole file");
    }
  }

  #lostOutput(code: string): void {
    const error = new ProxyError("ESP_ERR_AUDIT_DIRECTORY", `standard output takes no audit records any more: ${code}`);
    this.#options.log.error({ code }, error.message);
    this.#options.onLost?.(error);
  }
}

function tell(waiters: readonly RecordWaiter[], results: readonly boolean[], options: AuditOptions): void {
  for (let at = 0; at < waiters.length; at += 1) {
    try {
      waiters[at]?.recordStored(results[at] ?? true);
    } catch (error) {
      // One exchange that fails must not keep the others of its turn waiting.
      options.log.error({ error: error instanceof Error ? error.name : "unknown" }, "an exchange failed after its record");
    }
  }
}

function baseName(options: AuditOptions): string {
  return options.worker === undefined ? "audit" : `audit.${options.worker}`;
}
