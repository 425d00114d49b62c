import type { AuditTrail, BodyCapture, RecordWaiter } from "../audit/audit-trail.ts";
import type { ExchangeRecord } from "../audit/record.ts";
import type { ErrorCode } from "../core/errors.ts";
import { errorTable } from "../core/errors.ts";
import type { BodyScanner } from "../http1/body-scanner.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import type { ConnectionWaiter } from "../upstream/pool.ts";
import type { ResponseHandler, UpstreamConnection } from "../upstream/upstream-connection.ts";
import { errorResponse } from "./error-response.ts";
import type { HttpContext } from "./http-context.ts";
import { outcomeOf } from "./outcome.ts";
import { offeredProtocol, ResponseHeadWriter } from "./response-head.ts";
import type { RequestTraits } from "./request-traits.ts";
import { failureOf, isRetriedStatus, mayRetry } from "./retry.ts";
import type { Route } from "./router.ts";

/** The client's connection, as an exchange sees it. */
export interface ExchangeClient {
  readonly context: HttpContext;
  /** False: wait for `Exchange.onClientDrain`. */
  write(bytes: Buffer): boolean;
  /** Octets written are still waiting in this process. */
  readonly hasUnsent: boolean;
  pauseUpload(): void;
  resumeUpload(): void;
  /** From now on octets belong to `Exchange.onClientTunnelBytes`. */
  becomeTunnel(): void;
  endTunnel(): void;
  /** The last octet was written; `closes`: the connection must not be used again. */
  exchangeEnded(closes: boolean): void;
  /** Ends a response that cannot be completed so that the client sees it; `reset`: a FIN would look complete (RFC 9112 §8). */
  truncate(reset: boolean): void;
}

const phase = { fresh: 0, recording: 1, acquiring: 2, waiting: 3, responding: 4, finishing: 5, tunnel: 6, over: 7 } as const;
/** Pieces up to this size are copied out of the read buffer; larger ones take the buffer along. */
const copyUpTo = 16384;
const headWriter = new ResponseHeadWriter();

/**
 * One request and its final response, with all attempts: moves octets between a client connection and an upstream connection, and writes
 * exactly one pair of audit records. The request record is stored before the first octet goes upstream, the terminal record
 * before the last octet goes to the client.
 */
export class Exchange implements RecordWaiter, ConnectionWaiter, ResponseHandler {
  readonly client: ExchangeClient;
  readonly traits: RequestTraits;
  /** `undefined`: not audited. */
  readonly record: ExchangeRecord | undefined;
  readonly startedMs: number;
  route: Route | undefined = undefined;
  /** Tries so far. */
  attempts = 0;
  isRequestComplete = false;
  /** The whole request, while it is small enough to be sent again. */
  isReplayable = false;
  /** Monotonic milliseconds at which the route's total time is over. */
  totalDeadlineMs = Infinity;
  #phase: number = phase.fresh;
  #outgoing: Buffer | undefined = undefined;
  #connection: UpstreamConnection | undefined = undefined;
  #lastFailed: Endpoint | undefined = undefined;
  #requestCapture: BodyCapture | undefined = undefined;
  #responseCapture: BodyCapture | undefined = undefined;
  #lastPiece: Buffer | undefined = undefined;
  #closes = false;
  #isDechunked = false;
  #isCloseDelimited = false;
  #isClientGone = false;
  #hasClientEnded = false;
  #hasUpstreamEnded = false;
  #retryTimer: NodeJS.Timeout | undefined = undefined;
  #upgrade = "";

  constructor(client: ExchangeClient, traits: RequestTraits, record: ExchangeRecord | undefined, startedMs: number) {
    this.client = client;
    this.traits = traits;
    this.record = record;
    this.startedMs = startedMs;
  }

  get #trail(): AuditTrail | undefined {
    return this.record === undefined ? undefined : this.client.context.trail;
  }

  get isOver(): boolean {
    return this.#phase === phase.over;
  }

  /** The request was forwarded whole or in part, or is about to be. */
  get hasBegun(): boolean {
    return this.#phase !== phase.fresh;
  }

  /** A final response has begun to go to the client. */
  get isResponding(): boolean {
    return this.#phase === phase.responding;
  }

  /**
   * Forwards the request once its record is stored.
   *
   * @param outgoing the head to forward and what is there of the body.
   * @param upgrade the protocols asked for, in lower case; "" for none.
   */
  begin(route: Route, outgoing: Buffer, isComplete: boolean, upgrade: string): void {
    this.route = route;
    this.#outgoing = outgoing;
    this.#upgrade = upgrade;
    this.isRequestComplete = isComplete;
    this.isReplayable = isComplete && outgoing.length <= route.replayBodyBytes;
    if (route.totalMs > 0) this.totalDeadlineMs = this.startedMs + route.totalMs;
    if (!isComplete) this.client.pauseUpload();
    const { record } = this;
    const trail = this.#trail;
    if (trail === undefined || record === undefined) {
      this.#acquire();
      return;
    }
    if (!isComplete) this.#requestCapture = trail.captureRequestBody(record);
    this.#phase = phase.recording;
    trail.request(record, this);
  }

  /** The content of a streamed request body, for its capture. */
  captureUpload(bytes: Buffer, start: number, end: number): void {
    this.#requestCapture?.write(bytes, start, end);
  }

  /** A further piece of the request, accepted by the scanner. */
  upload(bytes: Buffer, isComplete: boolean): void {
    if (this.record !== undefined) this.record.bytesReceived += bytes.length;
    if (isComplete) {
      this.isRequestComplete = true;
      this.#requestCapture?.finish(true);
      this.#requestCapture = undefined;
    }
    const connection = this.#connection;
    if (connection === undefined) return;
    if (bytes.length > 0 && !connection.send(bytes) && !isComplete) this.client.pauseUpload();
    if (isComplete) connection.sent(this.client.context.clock.now());
  }

  /** Answers with an error of our own; nothing is forwarded (any more). */
  fail(code: ErrorCode): void {
    if (this.#phase === phase.over || this.#phase === phase.finishing) return;
    this.#release();
    if (errorTable[code].status === 0) {
      this.#end(code);
      return;
    }
    if (this.#phase === phase.responding || this.#phase === phase.tunnel) {
      this.#truncate(code);
      return;
    }
    const isDownstreamFault = errorTable[code].source === "downstream" && code !== "ESP_ERR_NO_ROUTE" && code !== "ESP_ERR_RATE_LIMITED";
    this.#closes = this.traits.closes || !this.isRequestComplete || isDownstreamFault || this.client.context.isDraining;
    const { record } = this;
    const answer = errorResponse(code, record?.id ?? "", this.traits.isHead, this.#closes);
    if (record !== undefined) {
      record.errorCode = code;
      record.status = errorTable[code].status;
      record.outcome = outcomeOf(code);
      record.responseContentType = "application/json";
      record.responseBody.content = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
    }
    this.#finish(answer);
  }

  /** The client has gone, or is to be treated so. */
  clientGone(code: ErrorCode = "ESP_ERR_CLIENT_ABORTED"): void {
    this.#isClientGone = true;
    if (this.#phase === phase.over || this.#phase === phase.finishing || this.#phase === phase.recording) return;
    this.#release();
    this.#end(code);
  }

  onClientDrain(): void {
    this.#connection?.resume();
  }

  onClientTunnelBytes(bytes: Buffer): void {
    if (this.record !== undefined) this.record.bytesReceived += bytes.length;
    if (this.#connection?.send(bytes) === false) this.client.pauseUpload();
  }

  onClientTunnelEnd(): void {
    this.#hasClientEnded = true;
    if (this.#hasUpstreamEnded) this.#endTunnel();
    else this.#connection?.socket.end();
  }

  // RecordWaiter

  recordStored(isStored: boolean): void {
    if (this.#phase === phase.finishing) {
      this.#sendLast();
      return;
    }
    if (this.#phase !== phase.recording) return;
    this.#phase = phase.fresh;
    if (this.#isClientGone) this.#end("ESP_ERR_CLIENT_ABORTED");
    else if (isStored) this.#acquire();
    else this.fail("ESP_ERR_AUDIT_UNAVAILABLE");
  }

  // ConnectionWaiter

  onConnection(connection: UpstreamConnection): void {
    const { route, record, client } = this;
    const outgoing = this.#outgoing;
    if (route === undefined || outgoing === undefined) return;
    this.#connection = connection;
    this.#phase = phase.waiting;
    if (record !== undefined) {
      record.endpoint = connection.endpoint.label;
      record.upstreamReused = connection.served > 0;
      record.attempts = this.attempts;
    }
    connection.begin(this, route.timeouts, this.traits.isHead);
    const isRoomLeft = connection.send(outgoing);
    if (!this.isReplayable) this.#outgoing = undefined;
    if (this.isRequestComplete) connection.sent(client.context.clock.now());
    else if (isRoomLeft) client.resumeUpload();
  }

  onNoConnection(code: ErrorCode, endpoint: Endpoint | undefined): void {
    this.#lastFailed = endpoint;
    if (endpoint !== undefined) this.route?.pool.failed(endpoint);
    if (this.#outgoing !== undefined && mayRetry(this, code, false, false)) this.#retryLater();
    else this.fail(code);
  }

  // ResponseHandler

  onInterimHead(head: HeadParser, bytes: Buffer, base: number): void {
    if (this.traits.isHttp10) return;
    const out = headWriter.interim(head, bytes, base);
    if (this.record !== undefined) this.record.bytesSent += out.length;
    this.client.write(out);
  }

  onSwitchedProtocols(head: HeadParser, bytes: Buffer, base: number): boolean {
    if (this.#upgrade === "" || !offeredProtocol(head, bytes, base, this.#upgrade)) return false;
    const out = headWriter.switched(head, bytes, base);
    this.#phase = phase.tunnel;
    this.#closes = true;
    if (this.record !== undefined) {
      this.record.status = 101;
      this.record.firstByteMs = this.client.context.clock.now();
      this.record.bytesSent += out.length;
    }
    this.client.becomeTunnel();
    this.client.write(out);
    return true;
  }

  onResponseHead(
    head: HeadParser,
    headBytes: Buffer,
    base: number,
    bytes: Buffer,
    bodyStart: number,
    scanner: BodyScanner,
    isOver: boolean,
  ): void {
    const { route, record, traits } = this;
    const connection = this.#connection;
    if (route === undefined || connection === undefined) return;
    route.pool.answered(connection.endpoint, head.status);
    if (this.#outgoing !== undefined && isRetriedStatus(this, head.status)) {
      this.#lastFailed = connection.endpoint;
      this.#release();
      this.#retryLater();
      return;
    }
    if (route.responseBodyBytes > 0 && head.contentLength > route.responseBodyBytes && !traits.isHead) {
      this.#lose("ESP_ERR_UPSTREAM_BODY_TOO_LARGE");
      return;
    }
    this.#phase = phase.responding;
    this.#outgoing = undefined;
    if (record !== undefined) {
      record.firstByteMs = this.client.context.clock.now();
      record.status = head.status;
      headWriter.record(record, head, headBytes, base);
      this.#captureFirst(record, bytes, scanner, isOver);
    }
    const plan = headWriter.plan(head, traits, !this.isRequestComplete || this.client.context.isDraining);
    this.#closes = plan.closes;
    this.#isDechunked = plan.isDechunked;
    this.#isCloseDelimited = plan.isCloseDelimited;
    const isWhole = headBytes === bytes && plan.isVerbatim && scanner.isPlain;
    if (isOver) this.#connection = undefined;
    if (isWhole) {
      if (isOver && record !== undefined) this.#finish(ownedSlice(connection, bytes, base, scanner.consumed));
      else this.#relay(connection, bytes.subarray(base, scanner.consumed), isOver);
      return;
    }
    const out = headWriter.write(head, headBytes, base, bytes, bodyStart, scanner, this.#isDechunked);
    if (isOver) this.#finish(out);
    else this.#relay(connection, out, false);
  }

  onResponseBody(bytes: Buffer, start: number, scanner: BodyScanner, isOver: boolean): void {
    const { route } = this;
    const connection = this.#connection;
    if (connection === undefined || route === undefined) return;
    for (let i = 0; i < scanner.dataCount; i += 2)
      this.#responseCapture?.write(bytes, scanner.data[i] ?? 0, scanner.data[i + 1] ?? 0);
    if (route.responseBodyBytes > 0 && scanner.contentBytes > route.responseBodyBytes) {
      this.#lose("ESP_ERR_UPSTREAM_BODY_TOO_LARGE");
      return;
    }
    if (isOver) {
      this.#connection = undefined;
      this.#responseCapture?.finish(true);
      this.#responseCapture = undefined;
    }
    const isPlain = scanner.isPlain && !this.#isDechunked;
    if (!isPlain) {
      const out = headWriter.body(bytes, start, scanner, this.#isDechunked);
      if (isOver) this.#finish(out);
      else if (out.length > 0) this.#relay(connection, out, false);
    } else if (isOver && this.record !== undefined) this.#finish(ownedSlice(connection, bytes, start, scanner.consumed));
    else this.#relay(connection, bytes.subarray(start, scanner.consumed), isOver);
  }

  onResponseClosed(): void {
    this.#connection = undefined;
    this.#responseCapture?.finish(true);
    this.#responseCapture = undefined;
    this.#finish(nothing);
  }

  onUpstreamFailed(code: ErrorCode): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (this.#phase === phase.tunnel) {
      this.#endTunnel();
      return;
    }
    if (connection === undefined) return;
    this.#lastFailed = connection.endpoint;
    this.route?.pool.failed(connection.endpoint);
    if (this.#phase === phase.waiting) {
      const wasStale = connection.served > 1 && !connection.hasAnswered && code === "ESP_ERR_UPSTREAM_RESET";
      if (this.#outgoing !== undefined && mayRetry(this, code, true, wasStale)) {
        if (wasStale) this.#acquire(true);
        else this.#retryLater();
        return;
      }
      this.fail(failureOf(this, code));
      return;
    }
    this.fail(code);
  }

  onUpstreamDrain(): void {
    if (this.#phase === phase.tunnel || !this.isRequestComplete) this.client.resumeUpload();
  }

  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.record !== undefined) this.record.bytesSent += end - start;
    if (!this.client.write(bytes.subarray(start, end))) connection.pause();
    if (this.client.hasUnsent) connection.isBufferKept = true;
  }

  onTunnelEnd(): void {
    this.#hasUpstreamEnded = true;
    if (this.#hasClientEnded) this.#endTunnel();
    else this.client.endTunnel();
  }

  #acquire(isFresh = false): void {
    const { route } = this;
    if (route === undefined) return;
    this.#phase = phase.acquiring;
    this.attempts += 1;
    if (this.attempts === 1) route.pool.countRequest(this.startedMs);
    route.pool.acquire(this, this.traits.hashKey, this.#lastFailed, isFresh);
  }

  #retryLater(): void {
    const { route } = this;
    if (route === undefined) return;
    this.#phase = phase.acquiring;
    const wait = route.retry.backoffMs * 2 ** (this.attempts - 1) * (0.5 + Math.random() / 2);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#acquire();
    }, wait);
  }

  /** Lets go of everything upstream. */
  #release(): void {
    if (this.#phase === phase.acquiring) this.route?.pool.cancel(this);
    if (this.#retryTimer !== undefined) clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.abandon();
  }

  /** The response that has just arrived cannot be used. */
  #lose(code: ErrorCode): void {
    this.#release();
    this.fail(this.#phase === phase.waiting ? failureOf(this, code) : code);
  }

  #captureFirst(record: ExchangeRecord, bytes: Buffer, scanner: BodyScanner, isOver: boolean): void {
    if (isOver && scanner.dataCount <= 2) {
      if (scanner.dataCount === 2) record.responseBody.content = bytes.subarray(scanner.data[0] ?? 0, scanner.data[1] ?? 0);
      record.responseBody.complete = true;
      return;
    }
    const capture = this.client.context.trail?.captureResponseBody(record);
    if (capture === undefined) return;
    for (let i = 0; i < scanner.dataCount; i += 2) capture.write(bytes, scanner.data[i] ?? 0, scanner.data[i + 1] ?? 0);
    if (isOver) capture.finish(true);
    else this.#responseCapture = capture;
  }

  #relay(connection: UpstreamConnection, out: Buffer, isOver: boolean): void {
    if (this.record !== undefined) this.record.bytesSent += out.length;
    const isRoomLeft = this.client.write(out);
    // What the kernel did not take at once still lies in the read buffer.
    if (this.client.hasUnsent) connection.isBufferKept = true;
    if (isOver) this.#done();
    else if (!isRoomLeft) connection.pause();
  }

  /** The terminal record, then the last octets. */
  #finish(lastPiece: Buffer): void {
    this.#phase = phase.finishing;
    this.#lastPiece = lastPiece;
    const { record } = this;
    const trail = this.#trail;
    if (record === undefined || trail === undefined) {
      this.#sendLast();
      return;
    }
    record.bytesSent += lastPiece.length;
    record.endedMs = this.client.context.clock.now();
    this.#requestCapture?.finish(false);
    this.#requestCapture = undefined;
    trail.response(record, this);
  }

  #sendLast(): void {
    const piece = this.#lastPiece;
    this.#lastPiece = undefined;
    if (piece !== undefined && piece.length > 0) this.client.write(piece);
    this.#done();
  }

  #truncate(code: ErrorCode): void {
    const reset = this.#isCloseDelimited;
    this.#end(code);
    this.client.truncate(reset);
  }

  #endTunnel(): void {
    this.#release();
    this.#end(undefined);
    this.client.truncate(false);
  }

  /** Over without (more) octets to the client. */
  #end(code: ErrorCode | undefined): void {
    if (this.#phase === phase.over) return;
    const { record } = this;
    this.#phase = phase.over;
    this.#outgoing = undefined;
    if (record === undefined) return;
    this.#requestCapture?.finish(false);
    this.#responseCapture?.finish(false);
    this.#requestCapture = undefined;
    this.#responseCapture = undefined;
    if (code !== undefined) {
      record.errorCode = code;
      record.outcome = outcomeOf(code);
    }
    record.endedMs = this.client.context.clock.now();
    this.#trail?.response(record, undefined);
  }

  #done(): void {
    this.#phase = phase.over;
    this.client.exchangeEnded(this.#closes);
  }
}

const nothing = Buffer.alloc(0);

/** Octets that outlive the read buffer. */
function ownedSlice(connection: UpstreamConnection, bytes: Buffer, start: number, end: number): Buffer {
  const length = end - start;
  if (length > copyUpTo) {
    connection.isBufferKept = true;
    return bytes.subarray(start, end);
  }
  const copy = Buffer.allocUnsafe(length);
  bytes.copy(copy, 0, start, end);
  return copy;
}
