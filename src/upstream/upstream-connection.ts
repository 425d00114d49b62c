import type { Socket } from "node:net";
import type { DeadlineOwner, DeadlineSweep } from "../core/deadline-sweep.ts";
import { provenBytes, shortBytes, type PacedReader, type ReadPacer } from "../core/read-pacer.ts";
import type { Services } from "../core/services.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import { BodyScanner, scanStatus } from "../http1/body-scanner.ts";
import { bodyKind } from "../http1/framing-fields.ts";
import type { MessageHead } from "../http1/message-head.ts";
import { headStatus } from "../http1/parser-states.ts";
import { HeadReader } from "../http1/head-reader.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { ClientShare } from "./client-shares.ts";
import type { Endpoint } from "./endpoint.ts";
import type { ResponseHandler, ResponseTimeouts, SentCall } from "./response-handler.ts";

/** Gets idle and closed connections back. */
export interface ConnectionOwner {
  onIdle(connection: UpstreamConnection): void;
  onClosed(connection: UpstreamConnection): void;
  /**
   * TLS has broken down after the handshake; {@link onClosed} follows. In TLS 1.3 an endpoint
   * refuses a client certificate in this way, because our handshake is over before the endpoint has
   * looked at it (RFC 8446 §4.4.2.4, §6.2). `reason`: OpenSSL's error code.
   */
  onTlsError(connection: UpstreamConnection, reason: string): void;
  /** Its exchange waits for the client: {@link UpstreamConnection.waitsForClient}. */
  onClientWait(connection: UpstreamConnection): void;
}

const stage = { idle: 0, head: 1, body: 2, tunnel: 3, closed: 4 } as const;
/**
 * Interim responses of one exchange. RFC 9110 §15.2 sets no bound; without one an endpoint could
 * keep an exchange open for ever.
 */
const maxInterim = 100;

/**
 * One established connection to an endpoint: sends one request at a time, parses and scans what
 * comes back, and knows whether it may be used again. Any doubt closes it: bytes that no request
 * asked for, a fault in a head or a chunk line, a message cut short.
 */
export class UpstreamConnection implements DeadlineOwner, PacedReader {
  readonly endpoint: Endpoint;
  readonly socket: Socket;
  deadlineMs = Infinity;
  sweepIndex = -1;
  /** The TLS identity that it was made with; `undefined` in clear text. */
  identity: object | undefined = undefined;
  /** The client that the endpoint knows by a PROXY protocol header; `undefined`: none. */
  peer: object | undefined = undefined;
  /** Exchanges begun on this connection. */
  served = 0;
  /** Lent to an exchange; kept by the pool. */
  isLent = false;
  /** Of the client that it is lent to; kept by the pool. */
  share: ClientShare | undefined = undefined;
  /** `ClientWaits`' own, as the next three. */
  waitIndex = -1;
  /** Bytes of bodies that have passed since the last look. */
  movedBytes = 0;
  quietLooks = 0;
  isParked = false;
  /** A read buffer that must not be overwritten by the next read. */
  isBufferKept = false;
  /** One that was kept and is not needed any more: the next to be read into. */
  spareBuffer: Buffer | undefined = undefined;
  /** Status of a response whose head cannot be read to its end. */
  answeredStatus = 0;
  /** A byte of the current response has arrived. */
  hasAnswered = false;
  readonly #owner: ConnectionOwner;
  readonly #sweep: DeadlineSweep;
  readonly #reads: ReadPacer;
  readonly #reader: HeadReader;
  readonly #scanner = new BodyScanner();
  #handler: ResponseHandler | undefined = undefined;
  #stage: number = stage.idle;
  #timeouts: ResponseTimeouts = { responseMs: 0, responseLongMs: 0, bodyIdleMs: 0 };
  /** How long the call may wait, beside what any call takes. */
  #waitMs = 0;
  #answersHead = false;
  #interim = 0;
  #isRequestSent = false;
  #canReuse = true;
  /** The client does not take what was read. */
  #isPaused = false;
  /** Others read first. */
  #isHeld = false;

  constructor(
    endpoint: Endpoint,
    socket: Socket,
    owner: ConnectionOwner,
    { sweep, reads }: Pick<Services, "sweep" | "reads">,
    parsers: ParserList,
  ) {
    this.endpoint = endpoint;
    this.socket = socket;
    this.#owner = owner;
    this.#sweep = sweep;
    this.#reads = reads;
    this.#reader = new HeadReader(parsers);
    sweep.add(this);
    socket.on("drain", () => this.#onDrain());
    socket.on("end", () => this.#onEnd());
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("ERR_SSL_") === true) owner.onTlsError(this, error.code);
      this.#fail("ESP_ERR_UPSTREAM_RESET");
    });
    socket.on("close", () => this.#onClose());
  }

  get isClosed(): boolean {
    return this.#stage === stage.closed;
  }

  /** Idle and, as far as is known, open: an end or an error that was seen has closed it. */
  get isUsable(): boolean {
    return this.#stage === stage.idle;
  }

  /** The next request goes out for `handler`. */
  begin(handler: ResponseHandler, timeouts: ResponseTimeouts, call: SentCall): void {
    this.#handler = handler;
    this.#timeouts = timeouts;
    this.#waitMs = call.apiMatch.waitMs;
    this.#answersHead = call.isHead;
    this.#stage = stage.head;
    this.#interim = 0;
    this.#isRequestSent = false;
    this.#canReuse = true;
    this.hasAnswered = false;
    this.served += 1;
  }

  /** Sends bytes of the request; false: wait for `onUpstreamDrain`. */
  send(bytes: Buffer): boolean {
    this.movedBytes += bytes.length;
    const isRoomLeft = this.socket.write(bytes);
    // The kernel has taken the bytes: from here the client's own `body_idle` deadline applies.
    const isClientsTurn = isRoomLeft && this.#stage === stage.head;
    this.deadlineMs = isClientsTurn ? Infinity : this.#sweep.deadlineIn(this.#timeouts.bodyIdleMs);
    return isRoomLeft;
  }

  /** The request has been handed over whole: the wait for the response begins. */
  sent(): void {
    this.#isRequestSent = true;
    const { responseMs, responseLongMs, bodyIdleMs } = this.#timeouts;
    const waitMs =
      this.#stage !== stage.head
        ? bodyIdleMs
        : this.#waitMs === 0
          ? responseMs
          : Math.min(responseMs + this.#waitMs, Math.max(responseMs, responseLongMs));
    this.deadlineMs = this.#sweep.deadlineIn(waitMs);
  }

  /** The handler wants nothing more: the response, if any, is thrown away with the connection. */
  abandon(): void {
    this.#handler = undefined;
    this.#close();
  }

  /** Nothing goes on because the client does not send the rest of its request, or does not read. */
  get waitsForClient(): boolean {
    if (this.#stage !== stage.head && this.#stage !== stage.body) return false;
    if (this.#isPaused) return true;
    return !this.#isRequestSent && !this.socket.writableNeedDrain;
  }

  /** The rest of the request is still to come. */
  awaitUpload(): void {
    this.#owner.onClientWait(this);
  }

  /** Has the exchange end whose client is too slow. */
  cut(): void {
    this.#handler?.onClientTooSlow();
  }

  /** Stops or goes on reading (backpressure of the client). */
  pause(): void {
    this.deadlineMs = Infinity;
    this.#isPaused = true;
    this.socket.pause();
    if (this.#stage === stage.body) this.#owner.onClientWait(this);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (!this.#isHeld) this.#readOn();
  }

  // PacedReader

  get messageBytes(): number {
    return this.#stage === stage.body ? this.#scanner.knownBytes : Infinity;
  }

  hold(): void {
    this.#isHeld = true;
    this.deadlineMs = Infinity;
    this.socket.pause();
  }

  goOn(): boolean {
    this.#isHeld = false;
    if (this.#isPaused || this.#stage === stage.closed) return false;
    this.#readOn();
    return true;
  }

  /** Called with bytes read into `bytes[0, length)`. */
  onBytes(bytes: Buffer, length: number): void {
    this.movedBytes += length;
    const isFirst = this.#stage === stage.head;
    switch (this.#stage) {
      case stage.head:
        this.#onHeadBytes(bytes, 0, length);
        break;
      case stage.body:
        this.#onBodyBytes(bytes, length);
        break;
      case stage.tunnel:
        this.deadlineMs = this.#sweep.deadlineIn(this.#timeouts.bodyIdleMs);
        this.#handler?.onTunnelBytes(bytes, 0, length);
        break;
      default:
        // They belong to no request (RFC 9112 §6.3, response queue poisoning).
        this.#close();
        return;
    }
    if (!this.#isHeld && this.#isLong(isFirst)) this.#reads.spend(this, length, this.#isUnproven);
  }

  expire(): void {
    if (this.#stage === stage.idle) this.#close();
    else this.#fail("ESP_ERR_UPSTREAM_TIMEOUT");
  }

  /** Much may still come; after its first bytes a response must say so. */
  #isLong(isFirst: boolean): boolean {
    if (this.#stage !== stage.body) return this.#stage === stage.tunnel;
    return !isFirst || this.#scanner.knownBytes > shortBytes;
  }

  /** The client has taken no answer yet, and little of this one. */
  get #isUnproven(): boolean {
    if (this.#stage !== stage.body || this.share?.isFresh !== true) return false;
    return this.#scanner.contentBytes <= provenBytes;
  }

  #readOn(): void {
    this.deadlineMs = this.#sweep.deadlineIn(this.#timeouts.bodyIdleMs);
    this.socket.resume();
  }

  #onHeadBytes(bytes: Buffer, from: number, end: number): void {
    this.hasAnswered = true;
    let start = from;
    for (;;) {
      const status = this.#reader.read(bytes, start, end, this.#answersHead);
      if (status === headStatus.more) return;
      const head = this.#reader.head;
      if (status === headStatus.failed) {
        const isTooLarge = head.error === "ESP_ERR_HEAD_TOO_LARGE" && head.status >= 200;
        if (isTooLarge) this.answeredStatus = head.status;
        this.#reader.release();
        this.#fail(isTooLarge ? "ESP_ERR_UPSTREAM_HEAD_TOO_LARGE" : "ESP_ERR_UPSTREAM_MALFORMED");
        return;
      }
      if (head.status >= 200) {
        this.#onFinalHead(head, bytes, end);
        return;
      }
      start = this.#reader.consumed;
      if (head.status === 101) {
        const isWanted = this.#handler?.onSwitchedProtocols(head) === true;
        this.#reader.release();
        if (!isWanted) this.#fail("ESP_ERR_UPSTREAM_MALFORMED");
        else {
          this.#stage = stage.tunnel;
          if (end > start) this.#handler?.onTunnelBytes(bytes, start, end);
        }
        return;
      }
      this.#interim += 1;
      if (this.#interim > maxInterim) {
        this.#reader.release();
        this.#fail("ESP_ERR_UPSTREAM_MALFORMED");
        return;
      }
      this.#handler?.onInterimHead(head);
      this.#reader.release();
      if (this.#stage !== stage.head || start === end) return;
    }
  }

  #onFinalHead(head: MessageHead, bytes: Buffer, end: number): void {
    const reader = this.#reader;
    const scanner = this.#scanner;
    const bodyStart = reader.consumed;
    scanner.reset(head.body, head.contentLength, head.nominated);
    const status = scanner.scan(bytes, bodyStart, end);
    this.#stage = stage.body;
    this.#canReuse = head.isPersistent;
    const isOver = status === scanStatus.done;
    if (isOver) this.#deadlineAfterResponse(end - scanner.consumed);
    else this.deadlineMs = this.#sweep.deadlineIn(this.#timeouts.bodyIdleMs);
    // A fault in the first piece shows before anything was sent: it can still become a 502.
    if (status === scanStatus.failed) {
      reader.release();
      this.#fail("ESP_ERR_UPSTREAM_MALFORMED");
      return;
    }
    this.#handler?.onResponseHead(head, scanner);
    reader.release();
    scanner.release();
    if (isOver) this.#finish();
  }

  #onBodyBytes(bytes: Buffer, length: number): void {
    const scanner = this.#scanner;
    const status = scanner.scan(bytes, 0, length);
    const isOver = status === scanStatus.done;
    if (isOver) this.#deadlineAfterResponse(length - scanner.consumed);
    else this.deadlineMs = this.#sweep.deadlineIn(this.#timeouts.bodyIdleMs);
    if (status === scanStatus.failed) {
      if (scanner.consumed > 0) this.#handler?.onResponseBody(scanner);
      scanner.release();
      this.#fail("ESP_ERR_UPSTREAM_MALFORMED");
      return;
    }
    this.#handler?.onResponseBody(scanner);
    scanner.release();
    if (isOver) this.#finish();
  }

  #deadlineAfterResponse(extraBytes: number): void {
    this.deadlineMs = Infinity;
    // Bytes behind the message, or a request that was answered before it was sent.
    if (extraBytes > 0 || !this.#isRequestSent) this.#canReuse = false;
  }

  #finish(): void {
    if (this.#stage !== stage.body) return;
    this.#handler = undefined;
    this.#stage = stage.idle;
    if (this.#canReuse) this.#owner.onIdle(this);
    else this.#close();
  }

  #onDrain(): void {
    if (this.#stage === stage.head && !this.#isRequestSent) this.deadlineMs = Infinity;
    this.#handler?.onUpstreamDrain();
  }

  #onEnd(): void {
    if (this.#stage === stage.tunnel) {
      this.#handler?.onTunnelEnd();
      return;
    }
    if (this.#stage === stage.body && this.#scanner.kind === bodyKind.untilClose) {
      const handler = this.#handler;
      this.#handler = undefined;
      this.#close();
      handler?.onResponseClosed();
      return;
    }
    if (this.#stage === stage.idle) this.#close();
    else
      this.#fail(
        this.#stage === stage.body ? "ESP_ERR_UPSTREAM_TRUNCATED" : "ESP_ERR_UPSTREAM_RESET",
      );
  }

  #onClose(): void {
    if (this.#stage !== stage.closed) this.#fail("ESP_ERR_UPSTREAM_RESET");
  }

  #fail(code: HttpErrorCode): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#close();
    handler?.onUpstreamFailed(code);
  }

  #close(): void {
    if (this.#stage === stage.closed) return;
    this.#stage = stage.closed;
    this.deadlineMs = Infinity;
    this.#reader.release();
    this.#sweep.delete(this);
    this.socket.destroy();
    this.#owner.onClosed(this);
  }
}
