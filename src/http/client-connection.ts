/**
 * One client connection: its socket, its deadlines, the order of its exchanges, and how it ends.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { ConnectionFacts } from "../audit/record/exchange-record.ts";
import type { DeadlineOwner } from "../core/deadline-sweep.ts";
import type { PacedReader } from "../core/read-pacer.ts";
import type { PacedStart } from "../core/start-turns.ts";
import { resetSocket } from "../core/reset-socket.ts";
import { noteRead } from "../core/young-collection.ts";
import type { ExchangeClient } from "./exchange-client.ts";
import type { HttpContext } from "./http-context.ts";
import { progress, RequestReader } from "./request-reader.ts";
import { takingMs, UploadPace } from "./upload-pace.ts";

const mode = { open: 0, tunnel: 1, closing: 2, closed: 3 } as const;
/** What the next request waits for, beside the end of the exchange before it. */
const next = { nothing: 0, turn: 1, drain: 2 } as const;
/**
 * Bytes of pipelined requests that are kept while one is in progress: one read of the socket.
 * Beyond that the socket is paused.
 */
const maxBacklog = 65536;
/**
 * A closing connection reads and drops up to this many bytes, for up to this many milliseconds:
 * bytes that stay unread would turn the close into a reset, which can destroy the last answer on
 * its way (RFC 9112 §9.6).
 */
const maxDrainBytes = 65536;
const drainMs = 1000;
/**
 * Milliseconds between a client's FIN and the moment when it counts as gone. A client that only
 * finished sending gets quick answers, and the upstream work for one that left ends within 100 ms.
 */
const halfCloseGraceMs = 50;
/**
 * Milliseconds that a connection which was accepted just before the drain began has for its first
 * request: about a round trip and a TLS handshake on a slow line.
 */
const firstRequestMs = 1000;
const none = Buffer.alloc(0);

/**
 * One client connection: its socket, its deadlines, the order of its exchanges, and how it ends.
 */
export class ClientConnection implements ExchangeClient, DeadlineOwner, PacedReader, PacedStart {
  readonly context: HttpContext;
  readonly socket: Socket;
  readonly facts: ConnectionFacts;
  deadlineMs: number;
  sweepIndex = -1;
  /** Among the listener's connections. */
  setIndex = -1;
  readonly #intake: RequestReader;
  readonly #onClosed: (connection: ClientConnection) => void;
  #mode: number = mode.open;
  #backlog: Buffer = none;
  #next: number = next.nothing;
  #discarded = 0;
  #hasEnded = false;
  /** Nothing can be written any more. */
  #hasSentEnd = false;
  readonly #pace: UploadPace;
  #isUploadPaused = false;
  /** Others read first. */
  #isHeld = false;
  /** Of the body, or the tunnel, that is being read. */
  messageBytes = 0;
  #isWriteStalled = false;
  #isReading = false;
  #graceTimer: NodeJS.Timeout | undefined = undefined;

  constructor(
    socket: Socket,
    facts: ConnectionFacts,
    context: HttpContext,
    onClosed: (connection: ClientConnection) => void,
  ) {
    this.socket = socket;
    this.facts = facts;
    this.context = context;
    this.#onClosed = onClosed;
    this.#intake = new RequestReader(this, facts, context);
    this.#pace = new UploadPace(context);
    this.deadlineMs = context.sweep.deadlineIn(context.timeouts.keepAliveMs);
    context.sweep.add(this);
    socket.on("data", (bytes: Buffer) => this.#onData(bytes));
    socket.on("drain", () => this.#onDrain());
    socket.on("end", () => this.#onEnd());
    socket.on("error", () => this.#onGone());
    socket.on("close", () => this.#onGone());
  }

  /** Between two exchanges, with nothing of a request read. */
  get isIdle(): boolean {
    return (
      this.#mode === mode.open &&
      this.#backlog.length === 0 &&
      this.#intake.progress === progress.head &&
      !this.#intake.isInsideHead
    );
  }

  get hasUnsent(): boolean {
    return this.socket.writableLength > 0;
  }

  get isStalled(): boolean {
    return this.#isWriteStalled;
  }

  /**
   * Closes when idle (at once, or after the time that the context leaves for one more request),
   * else with the response that is pending.
   */
  drain(): void {
    if (!this.isIdle) return;
    const { clock, drainIdleMs } = this.context;
    const idleMs = this.#intake.served === 0 ? Math.max(firstRequestMs, drainIdleMs) : drainIdleMs;
    if (idleMs === 0) this.#closeInStages();
    else this.deadlineMs = Math.min(this.deadlineMs, clock.now() + idleMs);
  }

  /** Ends everything; the exchange is recorded as `shutdown`. */
  destroy(): void {
    this.#intake.abandon("ESP_ERR_SHUTDOWN");
    this.socket.destroy();
    this.#onGone();
  }

  expire(): void {
    const intake = this.#intake;
    if (this.#mode === mode.closing) this.socket.destroy();
    else if (this.#isWriteStalled) this.stalled();
    else if (intake.progress === progress.complete) intake.exchange?.expire();
    else if (intake.progress !== progress.head) intake.failBody("ESP_ERR_BODY_TIMEOUT");
    else if (intake.isInsideHead) intake.refuse("ESP_ERR_HEAD_TIMEOUT");
    else this.socket.destroy();
  }

  stalled(): void {
    this.#intake.abandon("ESP_ERR_WRITE_STALLED");
    resetSocket(this.socket);
  }

  write(bytes: Buffer): boolean {
    if (this.#hasSentEnd) return true;
    const isRoomLeft = this.socket.write(bytes);
    if (!isRoomLeft && !this.#isWriteStalled) {
      this.#isWriteStalled = true;
      const waitMs = takingMs(this.context, this.socket.writableLength);
      this.deadlineMs = this.context.sweep.deadlineIn(waitMs);
    }
    return isRoomLeft;
  }

  pauseUpload(): void {
    this.#isUploadPaused = true;
    if (!this.#isHeld) this.#pauseReading();
  }

  resumeUpload(): void {
    this.#isUploadPaused = false;
    if (!this.#isHeld) this.#resumeReading();
  }

  // PacedReader

  hold(): void {
    this.#isHeld = true;
    if (!this.#isUploadPaused) this.#pauseReading();
  }

  goOn(): boolean {
    this.#isHeld = false;
    if (this.#mode === mode.closed) return false;
    const isPaused = this.#isUploadPaused || this.#backlog.length > maxBacklog;
    if (this.#mode !== mode.closing && isPaused) return false;
    this.#resumeReading();
    return true;
  }

  // PacedStart

  start(): void {
    this.#next = next.nothing;
    if (this.#mode === mode.open) this.#readBacklog();
  }

  becomeTunnel(): void {
    this.#mode = mode.tunnel;
    this.deadlineMs = Infinity;
    this.messageBytes = Infinity;
    this.socket.resume();
    const early = this.#backlog;
    this.#backlog = none;
    if (early.length > 0) this.#intake.exchange?.onClientTunnelBytes(early);
    if (this.#hasEnded) this.#intake.exchange?.onClientTunnelEnd();
  }

  endTunnel(): void {
    this.#hasSentEnd = true;
    this.socket.end();
  }

  exchangeEnded(closes: boolean, isServed: boolean): void {
    if (isServed && !this.#isWriteStalled) {
      if (!this.#intake.isFresh) this.context.reads.countServed();
      this.#intake.isFresh = false;
    }
    this.#clearGrace();
    const wasUploading = this.#intake.progress !== progress.complete;
    this.#intake.next();
    if (this.#mode === mode.closed) return;
    // Requests that came before the client's FIN are still answered, in order.
    if (closes || wasUploading || (this.#hasEnded && this.#backlog.length === 0)) {
      this.#closeInStages();
      return;
    }
    if (!this.#isWriteStalled)
      this.deadlineMs = this.context.sweep.deadlineIn(this.context.timeouts.keepAliveMs);
    // Who pipelines and does not read would have any number of answers kept.
    if (this.#isWriteStalled) this.#next = next.drain;
    else if (this.#backlog.length > 0 && !this.#isReading) this.#queue();
    // Its head had gone out before the drain began, without the word that the connection closes.
    if (this.context.isDraining) this.drain();
  }

  truncate(reset: boolean): void {
    this.#intake.next();
    if (reset) resetSocket(this.socket);
    else this.#closeInStages();
  }

  #pauseReading(): void {
    this.#pace.pauses();
    this.socket.pause();
    this.#setReadDeadline();
  }

  #resumeReading(): void {
    this.#pace.resumes();
    this.socket.resume();
    this.#setReadDeadline();
  }

  #onData(bytes: Buffer): void {
    noteRead(bytes.length);
    if (this.#mode === mode.open) this.#read(bytes);
    else if (this.#mode === mode.tunnel) {
      this.#intake.exchange?.onClientTunnelBytes(bytes);
      if (!this.#isHeld) this.context.reads.spend(this, bytes.length);
    } else {
      this.#discarded += bytes.length;
      if (this.#discarded > maxDrainBytes) this.socket.destroy();
    }
  }

  /** Reads requests from `bytes` until one waits for its response or the bytes are used up. */
  #read(bytes: Buffer): void {
    const intake = this.#intake;
    const wasInside = intake.isInsideHead;
    const { served } = intake;
    let at = 0;
    this.#isReading = true;
    while (at < bytes.length && this.#mode === mode.open) {
      if (intake.progress === progress.complete || this.#next !== next.nothing) {
        this.#keepForLater(bytes, at);
        break;
      }
      at = intake.read(bytes, at);
    }
    this.#isReading = false;
    if (intake.progress !== progress.head) {
      if (intake.progress !== progress.complete) {
        if (served !== intake.served) {
          this.#pace.begins();
          this.messageBytes = 0;
        } else this.#pace.came(at);
        this.messageBytes += bytes.length;
        if (!this.#isHeld) this.context.reads.spend(this, bytes.length);
      }
      this.#setReadDeadline();
    } else if (intake.isInsideHead && !wasInside)
      this.deadlineMs = this.context.sweep.deadlineIn(this.context.timeouts.headerMs);
  }

  /** While a body is awaited, the time for it; afterwards the exchange's total time. */
  #setReadDeadline(): void {
    if (this.#mode !== mode.open || this.#isWriteStalled) return;
    const { exchange, progress: at } = this.#intake;
    const total = exchange?.totalDeadlineMs ?? Infinity;
    if (at === progress.complete || this.#isUploadPaused || this.#isHeld) this.deadlineMs = total;
    else this.deadlineMs = Math.min(total, this.#pace.dueMs);
  }

  #keepForLater(bytes: Buffer, start: number): void {
    const rest = bytes.subarray(start);
    this.#backlog = this.#backlog.length === 0 ? rest : Buffer.concat([this.#backlog, rest]);
    if (this.#backlog.length > maxBacklog) this.socket.pause();
  }

  #queue(): void {
    this.#next = next.turn;
    this.context.pipelined.add(this);
  }

  #readBacklog(): void {
    const bytes = this.#backlog;
    this.#backlog = none;
    if (this.socket.isPaused()) this.socket.resume();
    this.#read(bytes);
    if (this.#hasEnded && this.#mode === mode.open) this.#onEnd();
  }

  #onDrain(): void {
    this.#isWriteStalled = false;
    if (this.isIdle)
      this.deadlineMs = this.context.sweep.deadlineIn(this.context.timeouts.keepAliveMs);
    else this.#setReadDeadline();
    this.#intake.exchange?.onClientDrain();
    if (this.#next !== next.drain) return;
    this.#next = next.nothing;
    if (this.#backlog.length > 0) this.#queue();
  }

  /**
   * The client's FIN: the end of its requests, and how a client looks that has gone (RFC 9112
   * §9.6).
   */
  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#mode === mode.tunnel) this.#intake.exchange?.onClientTunnelEnd();
    else if (this.#mode !== mode.open) this.socket.destroy();
    // The requests before it are still answered.
    else if (this.#next !== next.nothing && this.#backlog.length > 0) return;
    else if (this.#intake.progress === progress.complete) {
      if (this.context.halfClose === "abort") this.#startGrace();
    } else if (this.isIdle) this.#closeInStages();
    else if (this.#intake.progress === progress.head) this.#intake.refuse("ESP_ERR_HEAD_SYNTAX");
    else this.#leave();
  }

  #startGrace(): void {
    const { bytesWritten } = this.socket;
    this.#graceTimer = setTimeout(() => {
      this.#graceTimer = undefined;
      if (this.#intake.exchange === undefined) return;
      // A response that still flows is still read: otherwise a reset would have come.
      if (this.socket.bytesWritten > bytesWritten) this.#startGrace();
      else this.#leave();
    }, halfCloseGraceMs);
  }

  #clearGrace(): void {
    if (this.#graceTimer !== undefined) clearTimeout(this.#graceTimer);
    this.#graceTimer = undefined;
  }

  #leave(): void {
    this.#intake.abandon();
    this.socket.destroy();
  }

  #closeInStages(): void {
    if (this.#mode === mode.closing || this.#mode === mode.closed) return;
    this.#mode = mode.closing;
    this.#backlog = none;
    this.deadlineMs = this.context.sweep.deadlineIn(drainMs);
    this.socket.resume();
    this.#hasSentEnd = true;
    this.socket.end();
    if (this.#hasEnded) this.socket.destroySoon();
  }

  #onGone(): void {
    if (this.#mode === mode.closed) return;
    this.#mode = mode.closed;
    this.#hasSentEnd = true;
    this.#clearGrace();
    this.deadlineMs = Infinity;
    this.context.sweep.delete(this);
    this.#intake.abandon();
    this.socket.destroy();
    this.#onClosed(this);
  }
}
