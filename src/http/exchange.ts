import { Buffer } from "node:buffer";
import type { RecordWaiter } from "../audit/audit-trail.ts";
import type { ConnectionFacts } from "../audit/record.ts";
import type { ErrorCode } from "../core/errors.ts";
import { errorTable } from "../core/errors.ts";
import type { BodyScanner } from "../http1/body-scanner.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import type { RouteMetrics } from "../metrics/route-metrics.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import type { ConnectionWaiter } from "../upstream/pool-dial.ts";
import type { ResponseHandler, UpstreamConnection } from "../upstream/upstream-connection.ts";
import { errorResponse } from "./error-response.ts";
import type { ExchangeAudit } from "./exchange-audit.ts";
import type { ExchangeClient } from "./exchange-client.ts";
import { HeldResponse } from "./held-response.ts";
import { measuredOutcome } from "./outcome.ts";
import { offeredProtocol, ResponseHeadWriter } from "./response-head.ts";
import type { RequestTraits } from "./request-traits.ts";
import { failureOf, isLostWrite, isRetriedStatus, longestBackoffMs, mayRetry } from "./retry.ts";
import type { Route } from "./router.ts";

const phase = {
  fresh: 0,
  recording: 1,
  acquiring: 2,
  waiting: 3,
  responding: 4,
  finishing: 5,
  tunnel: 6,
  over: 7,
} as const;
/** Last pieces up to this size are copied out of the read buffer; larger ones take the buffer along. */
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
  readonly audit: ExchangeAudit | undefined;
  readonly startedMs: number;
  route: Route | undefined = undefined;
  /** Where the exchange is counted: its route's, or what the listener keeps for requests that no route took. */
  metrics: RouteMetrics;
  /** Tries so far. */
  attempts = 0;
  isRequestComplete = false;
  /** The whole request, while it is small enough to be sent again. */
  isReplayable = false;
  /** For an answer of our own that says when to come again. */
  retryAfterSeconds = 1;
  /** Monotonic milliseconds at which the route's total time is over. */
  totalDeadlineMs = Infinity;
  #phase: number = phase.fresh;
  #outgoing: Buffer | undefined = undefined;
  #connection: UpstreamConnection | undefined = undefined;
  /** Endpoints that have failed this exchange. */
  #failedAt: readonly Endpoint[] = noEndpoints;
  #lastPiece: Buffer | undefined = undefined;
  #closes = false;
  #isDechunked = false;
  #isCloseDelimited = false;
  #isClientGone = false;
  #hasClientEnded = false;
  #hasUpstreamEnded = false;
  #retryTimer: NodeJS.Timeout | undefined = undefined;
  #upgrade = "";
  #held: HeldResponse | undefined = undefined;
  /** Status sent to the client; 0: none yet. */
  #status = 0;
  #failure: ErrorCode | undefined = undefined;

  constructor(client: ExchangeClient, traits: RequestTraits, audit: ExchangeAudit | undefined, startedMs: number) {
    this.client = client;
    this.traits = traits;
    this.audit = audit;
    this.startedMs = startedMs;
    this.metrics = client.context.metrics.unrouted;
  }

  /** The client connection, for endpoints that are told of it. */
  get peer(): ConnectionFacts {
    return this.client.facts;
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
    this.metrics.began();
    this.#outgoing = outgoing;
    this.#upgrade = upgrade;
    this.isRequestComplete = isComplete;
    this.isReplayable = isComplete && outgoing.length <= route.replayBodyBytes;
    if (route.totalMs > 0) this.totalDeadlineMs = this.startedMs + route.totalMs;
    if (!isComplete) this.client.pauseUpload();
    if (this.audit === undefined) {
      this.#acquire();
      return;
    }
    this.#phase = phase.recording;
    this.audit.request(this, !isComplete);
  }

  /** A further piece of the request, accepted by the scanner. @returns nothing refers to `bytes` any more */
  upload(bytes: Buffer, isComplete: boolean): boolean {
    if (isComplete) {
      this.isRequestComplete = true;
      this.audit?.uploadEnded(true);
    }
    const connection = this.#connection;
    if (connection === undefined) return true;
    if (bytes.length > 0 && !connection.send(bytes) && !isComplete) this.client.pauseUpload();
    if (isComplete) connection.sent();
    return connection.socket.writableLength === 0;
  }

  /** Answers with an error of our own; nothing is forwarded (any more). */
  fail(code: ErrorCode): void {
    if (this.#phase === phase.over || this.#phase === phase.finishing) return;
    this.#release();
    if (errorTable[code].status === 0) {
      this.#end(code);
      return;
    }
    const isHeld = this.#held !== undefined;
    this.#held = undefined;
    if ((this.#phase === phase.responding && !isHeld) || this.#phase === phase.tunnel) {
      this.#truncate(code);
      return;
    }
    this.#answer(isHeld ? failureOf(this, code) : code);
  }

  #answer(code: ErrorCode): void {
    const isDownstreamFault =
      errorTable[code].source === "downstream" && code !== "ESP_ERR_NO_ROUTE" && code !== "ESP_ERR_RATE_LIMITED";
    this.#closes = this.traits.closes || !this.isRequestComplete || isDownstreamFault || this.client.context.isDraining;
    this.#failure = code;
    this.#status = errorTable[code].status;
    const answer = errorResponse(
      code,
      this.audit?.record.id ?? "",
      this.traits.isHead,
      this.#closes,
      this.retryAfterSeconds,
    );
    this.audit?.answered(code, answer, answer.indexOf("\r\n\r\n") + 4);
    this.#finish(answer);
  }

  /** The route's total time is over. A write that was sent must not look as if it could be sent again. */
  expire(): void {
    this.fail(this.#phase === phase.waiting ? failureOf(this, "ESP_ERR_TOTAL_TIMEOUT") : "ESP_ERR_TOTAL_TIMEOUT");
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
    this.metrics.received(bytes.length);
    if (this.audit !== undefined) this.audit.record.bytesReceived += bytes.length;
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
    const { route, audit, client } = this;
    const outgoing = this.#outgoing;
    if (route === undefined || outgoing === undefined) return;
    this.#connection = connection;
    this.#phase = phase.waiting;
    if (audit !== undefined) {
      audit.record.endpoint = connection.endpoint.label;
      audit.record.upstreamReused = connection.served > 0;
      audit.record.attempts = this.attempts;
    }
    connection.begin(this, route.timeouts, this.traits.isHead);
    const isRoomLeft = connection.send(outgoing);
    if (!this.isReplayable) this.#outgoing = undefined;
    if (this.isRequestComplete) connection.sent();
    else if (isRoomLeft) client.resumeUpload();
  }

  onNoConnection(code: ErrorCode, endpoint: Endpoint | undefined): void {
    if (endpoint !== undefined) this.#noteFailure(endpoint, true);
    if (this.#outgoing !== undefined && mayRetry(this, code, false, false)) this.#retryLater();
    else this.fail(code);
  }

  // ResponseHandler

  onInterimHead(head: HeadParser, bytes: Buffer, base: number): void {
    if (this.traits.isHttp10) return;
    const out = headWriter.interim(head, bytes, base);
    this.#countSent(out.length);
    this.client.write(out);
  }

  onSwitchedProtocols(head: HeadParser, bytes: Buffer, base: number): boolean {
    if (this.#upgrade === "" || !offeredProtocol(head, bytes, base, this.#upgrade)) return false;
    const out = headWriter.switched(head, bytes, base);
    this.#phase = phase.tunnel;
    this.#closes = true;
    this.#status = 101;
    if (this.audit !== undefined) {
      this.audit.record.status = 101;
      this.audit.record.firstByteMs = this.client.context.clock.now();
    }
    this.#countSent(out.length);
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
    const { route, audit, traits } = this;
    const connection = this.#connection;
    if (route === undefined || connection === undefined) return;
    route.pool.answered(connection.endpoint, head.status);
    if (this.#outgoing !== undefined && isRetriedStatus(this, head.status)) {
      this.#noteFailure(connection.endpoint, false);
      this.#release();
      this.#retryLater();
      return;
    }
    if (
      route.responseBodyBytes > 0 &&
      !traits.isHead &&
      Math.max(head.contentLength, scanner.contentBytes) > route.responseBodyBytes
    ) {
      this.#lose("ESP_ERR_UPSTREAM_BODY_TOO_LARGE");
      return;
    }
    this.#phase = phase.responding;
    this.#status = head.status;
    this.#outgoing = undefined;
    audit?.response(head, headBytes, base, bytes, scanner, isOver);
    const plan = headWriter.plan(head, traits, !this.isRequestComplete || this.client.context.isDraining);
    this.#closes = plan.closes;
    this.#isDechunked = plan.isDechunked;
    this.#isCloseDelimited = plan.isCloseDelimited;
    if (!isOver && !plan.isCloseDelimited && isLostWrite(this)) this.#held = new HeldResponse();
    const isWhole = headBytes === bytes && plan.isVerbatim && scanner.isPlain;
    if (isOver) {
      this.#connection = undefined;
      route.pool.completed(connection.endpoint, head.status);
    }
    if (isWhole) {
      if (isOver && (audit !== undefined || scanner.consumed - base <= copyUpTo))
        this.#finish(ownedSlice(connection, bytes, base, scanner.consumed));
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
    if (route.responseBodyBytes > 0 && scanner.contentBytes > route.responseBodyBytes) {
      this.#lose("ESP_ERR_UPSTREAM_BODY_TOO_LARGE");
      return;
    }
    this.audit?.download(bytes, scanner, isOver);
    if (isOver) {
      this.#connection = undefined;
      route.pool.completed(connection.endpoint, this.#status);
    }
    const isPlain = scanner.isPlain && !this.#isDechunked;
    if (!isPlain) {
      const out = headWriter.body(bytes, start, scanner, this.#isDechunked);
      if (isOver) this.#finish(out);
      else if (out.length > 0) this.#relay(connection, out, false);
    } else if (isOver && this.audit !== undefined) this.#finish(ownedSlice(connection, bytes, start, scanner.consumed));
    else this.#relay(connection, bytes.subarray(start, scanner.consumed), isOver);
  }

  onResponseClosed(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) this.route?.pool.completed(connection.endpoint, this.#status);
    this.audit?.downloadEnded(true);
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
    const wasStale = connection.served > 1 && !connection.hasAnswered && code === "ESP_ERR_UPSTREAM_RESET";
    // An idle connection that the endpoint closed meanwhile says nothing about its health.
    if (!wasStale) this.#noteFailure(connection.endpoint, true);
    if (this.#phase === phase.waiting) {
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
    this.#countSent(end - start);
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
    route.pool.acquire(this, this.traits.hashKey, this.#failedAt, isFresh);
  }

  #retryLater(): void {
    const { route } = this;
    if (route === undefined) return;
    this.#phase = phase.acquiring;
    const wait = longestBackoffMs(this.attempts, route) * (0.5 + Math.random() / 2);
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#acquire();
    }, wait);
  }

  /** `isCounted`: outlier detection has not heard of it yet. */
  #noteFailure(endpoint: Endpoint, isCounted: boolean): void {
    if (isCounted) this.route?.pool.failed(endpoint);
    this.#failedAt = [...this.#failedAt, endpoint];
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

  #relay(connection: UpstreamConnection, piece: Buffer, isOver: boolean): void {
    if (!isOver && this.#held?.add(piece) === true) return;
    const out = this.#held === undefined ? piece : this.#held.take(isOver ? piece : nothing);
    this.#held = undefined;
    this.#countSent(out.length);
    const isRoomLeft = this.client.write(out);
    // What the kernel did not take at once still lies in the read buffer.
    if (this.client.hasUnsent) connection.isBufferKept = true;
    if (isOver) this.#done();
    else if (!isRoomLeft) connection.pause();
  }

  /** The terminal record, then the last octets. */
  #finish(piece: Buffer): void {
    const lastPiece = this.#held === undefined ? piece : this.#held.take(piece);
    this.#held = undefined;
    this.#phase = phase.finishing;
    this.#lastPiece = lastPiece;
    this.#countSent(lastPiece.length);
    if (this.audit === undefined) this.#sendLast();
    else this.audit.terminal(undefined, this);
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
    this.#phase = phase.over;
    this.#outgoing = undefined;
    if (code !== undefined) this.#failure = code;
    this.#measure();
    this.audit?.terminal(code, undefined);
  }

  #countSent(octets: number): void {
    this.metrics.sent(octets);
    if (this.audit !== undefined) this.audit.record.bytesSent += octets;
  }

  #done(): void {
    this.#phase = phase.over;
    this.#measure();
    this.client.exchangeEnded(this.#closes);
  }

  /** Called once, when the exchange is over. */
  #measure(): void {
    const failure = this.#failure;
    const durationMs = this.client.context.clock.now() - this.startedMs;
    const outcome = failure === undefined ? "completed" : measuredOutcome(failure);
    this.metrics.ended(durationMs, this.#status, outcome, this.attempts, this.route !== undefined);
    if (failure !== undefined) this.metrics.failed(failure);
  }
}

const nothing = Buffer.alloc(0);
const noEndpoints: readonly Endpoint[] = [];

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
