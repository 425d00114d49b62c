import type { Buffer } from "node:buffer";
import type { RecordWaiter } from "../audit/trail/audit-trail.ts";
import type { ConnectionFacts } from "../audit/record/exchange-record.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import { httpErrors } from "../core/http-errors.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import type { MessageHead } from "../http1/message-head.ts";
import type { RouteMetrics } from "../metrics/route-metrics.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import type { OpenVerdict } from "../upstream/failure-rule.ts";
import type { ConnectionWaiter } from "../upstream/pending-dial.ts";
import type { UpstreamConnection } from "../upstream/upstream-connection.ts";
import { ownAnswer } from "./error-response.ts";
import type { ExchangeAudit } from "./exchange-audit.ts";
import type { ExchangeClient } from "./exchange-client.ts";
import { phase } from "./exchange-phase.ts";
import { FailedAttempts, noEndpoints } from "./failed-attempts.ts";
import { measureExchange } from "./measure-exchange.ts";
import type { RequestInfo } from "./request-info.ts";
import { ResponseRelay } from "./response-relay.ts";
import type { RelayedExchange } from "./relayed-exchange.ts";
import { failureOf, isRetriedStatus, isWrite, longestBackoffMs, mayRetry } from "./retry.ts";
import type { Route } from "./router.ts";

/**
 * One request and its final response, with all attempts: moves bytes between a client connection
 * and an upstream connection, and writes exactly one pair of audit records. The request record is
 * stored before the first byte goes upstream, the terminal record before the last byte goes to the
 * client.
 */
export class Exchange implements RecordWaiter, ConnectionWaiter, RelayedExchange {
  readonly client: ExchangeClient;
  readonly traits: RequestInfo;
  /** `undefined`: not audited. */
  readonly audit: ExchangeAudit | undefined;
  readonly startedMs: number;
  route: Route | undefined = undefined;
  /** Where it is counted: its route's, or what the listener keeps for requests without one. */
  metrics: RouteMetrics;
  /** The client's address, of IPv6 its network; and whether its connection took no answer yet. */
  clientKey = "";
  isFresh = true;
  /** Tries so far. */
  attempts = 0;
  isRequestComplete = false;
  /** The whole request, while it is small enough to be sent again. */
  isReplayable = false;
  /** Seconds in the `Retry-After` of an answer of our own. */
  retryAfterSeconds = 1;
  upgrade = "";
  upstreamStatus = 0;
  /** Monotonic milliseconds at which the route's total time is over. */
  totalDeadlineMs = Infinity;
  #phase: number = phase.fresh;
  #outgoing: Buffer | undefined = undefined;
  #connection: UpstreamConnection | undefined = undefined;
  /** Of the last attempt; dropped at the end, so that the exchange keeps no connection alive. */
  #relay: ResponseRelay | undefined = undefined;
  #failed: FailedAttempts | undefined = undefined;
  #lastPiece: Buffer | undefined = undefined;
  #closes = false;
  #isClientGone = false;
  /** Whether the answer of the last attempt counts as a failure of its endpoint. */
  #isFailure: boolean | OpenVerdict = false;
  /** Status sent to the client; 0: none yet. */
  #status = 0;
  #failure: HttpErrorCode | undefined = undefined;

  constructor(
    client: ExchangeClient,
    traits: RequestInfo,
    audit: ExchangeAudit | undefined,
    startedMs: number,
  ) {
    this.client = client;
    this.traits = traits;
    this.audit = audit;
    this.startedMs = startedMs;
    this.metrics = client.context.metrics.unrouted;
  }

  /** The client connection, for the PROXY protocol header of endpoints that want one. */
  get peer(): ConnectionFacts {
    return this.client.facts;
  }

  get isWrite(): boolean {
    return isWrite(this.traits);
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
    this.upgrade = upgrade;
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

  /**
   * A further piece of the request, accepted by the scanner and captured.
   */
  upload(bytes: Buffer, isComplete: boolean): void {
    if (isComplete) {
      this.isRequestComplete = true;
      this.audit?.uploadEnded(true);
    }
    const { audit } = this;
    audit?.storeUpload();
    if (audit?.mustCut === true) {
      this.fail("ESP_ERR_AUDIT_BODY");
      return;
    }
    const connection = this.#connection;
    if (connection === undefined) return;
    if (bytes.length > 0 && !connection.send(bytes) && !isComplete) this.client.pauseUpload();
    if (isComplete) connection.sent();
  }

  /** Answers with an error of our own; nothing is forwarded (any more). */
  fail(code: HttpErrorCode): void {
    if (this.#phase === phase.over || this.#phase === phase.finishing) return;
    this.#release();
    if (httpErrors[code].status === 0) {
      this.#end(code);
      return;
    }
    const isHeld = this.#relay?.isHeld === true;
    this.#relay?.drop();
    if ((this.#phase === phase.responding && !isHeld) || this.#phase === phase.tunnel) {
      this.#truncate(code);
      return;
    }
    this.#answer(isHeld ? failureOf(this, code) : code);
  }

  #answer(code: HttpErrorCode): void {
    this.#closes =
      this.traits.closes ||
      !this.isRequestComplete ||
      httpErrors[code].closesClient ||
      this.client.context.isDraining;
    this.#failure = code;
    this.#status = httpErrors[code].status;
    const answer = ownAnswer(this, code, this.#closes);
    this.countSent(answer.length);
    this.finish(answer);
  }

  /**
   * The route's total time is over. A write that was sent must not look as if it could be sent
   * again.
   */
  expire(): void {
    this.fail(
      this.#phase === phase.waiting
        ? failureOf(this, "ESP_ERR_TOTAL_TIMEOUT")
        : "ESP_ERR_TOTAL_TIMEOUT",
    );
  }

  /** The client has gone, or is to be treated so. */
  clientGone(code: HttpErrorCode = "ESP_ERR_CLIENT_ABORTED"): void {
    this.#isClientGone = true;
    if (
      this.#phase === phase.over ||
      this.#phase === phase.finishing ||
      this.#phase === phase.recording
    )
      return;
    this.#release();
    this.#end(code);
  }

  onClientDrain(): void {
    this.#relay?.onClientDrain();
  }

  onClientTunnelBytes(bytes: Buffer): void {
    this.metrics.received(bytes.length);
    if (this.audit !== undefined) this.audit.record.bytesReceived += bytes.length;
    if (this.#connection?.send(bytes) === false) this.client.pauseUpload();
  }

  onClientTunnelEnd(): void {
    this.#relay?.clientEnded();
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
    else if (isStored && this.audit?.mustCut !== true) this.#acquire();
    else this.fail("ESP_ERR_AUDIT_UNAVAILABLE");
  }

  // ConnectionWaiter

  onConnection(connection: UpstreamConnection): void {
    const { route, client } = this;
    const outgoing = this.#outgoing;
    if (route === undefined || outgoing === undefined) return;
    this.#connection = connection;
    this.#phase = phase.waiting;
    this.audit?.attempt(connection, this.attempts);
    this.#relay = new ResponseRelay(this, route, connection);
    connection.begin(this.#relay, route.timeouts, this.traits);
    const isRoomLeft = connection.send(outgoing);
    if (!this.isReplayable) this.#outgoing = undefined;
    if (this.isRequestComplete) {
      connection.sent();
      return;
    }
    connection.awaitUpload();
    if (isRoomLeft) client.resumeUpload();
  }

  onNoConnection(code: HttpErrorCode, endpoint: Endpoint | undefined): void {
    if (endpoint !== undefined) this.#noteFailure(endpoint, true);
    if (this.#outgoing !== undefined && mayRetry(this, code, false, false)) this.#retryLater();
    else this.fail(code);
  }

  // RelayedExchange

  takes(head: MessageHead, piece: BodyPiece): boolean {
    const connection = this.#connection;
    if (connection === undefined) return false;
    const verdicts = this.route?.pool.verdicts;
    this.#isFailure =
      verdicts?.answered(connection.endpoint, head, piece, this.traits.isHead) ?? false;
    if (this.#outgoing === undefined || !isRetriedStatus(this, head.status)) return true;
    this.#noteFailure(connection.endpoint, false);
    if (typeof this.#isFailure !== "boolean" && this.#isFailure.end())
      verdicts?.answeredBadly(connection.endpoint);
    // A refusal that has arrived whole leaves its connection as good as before.
    if (piece.isOver) this.#connection = undefined;
    else this.#release();
    this.#retryLater();
    return false;
  }

  continues(piece: BodyPiece): void {
    if (typeof this.#isFailure === "boolean") return;
    this.#isFailure = this.#isFailure.add(piece) ?? this.#isFailure;
    if (this.#isFailure === true && this.#connection !== undefined)
      this.route?.pool.verdicts.answeredBadly(this.#connection.endpoint);
  }

  responds(status: number, closes: boolean): void {
    this.#phase = status === 101 ? phase.tunnel : phase.responding;
    this.#status = status;
    this.#closes = closes;
    this.#outgoing = undefined;
  }

  countSent(count: number): void {
    this.metrics.sent(count);
    if (this.audit !== undefined) this.audit.record.bytesSent += count;
  }

  received(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    const verdicts = this.route?.pool.verdicts;
    if (connection === undefined || this.#isFailure === true) return;
    if (this.#isFailure !== false && this.#isFailure.end())
      verdicts?.answeredBadly(connection.endpoint);
    else verdicts?.completed(connection.endpoint);
  }

  finish(piece: Buffer): void {
    this.#phase = phase.finishing;
    this.#lastPiece = piece;
    if (this.audit === undefined) this.#sendLast();
    else this.audit.terminal(undefined, this);
  }

  done(): void {
    this.#phase = phase.over;
    this.#relay = undefined;
    measureExchange(this, this.#status, this.#failure);
    this.client.exchangeEnded(this.#closes, this.#failure === undefined);
  }

  lose(code: HttpErrorCode): void {
    this.#release();
    this.fail(this.#phase === phase.waiting ? failureOf(this, code) : code);
  }

  upstreamFailed(code: HttpErrorCode): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    const wasStale =
      connection.served > 1 && !connection.hasAnswered && code === "ESP_ERR_UPSTREAM_RESET";
    // An idle connection that the endpoint closed meanwhile says nothing about its health.
    if (!wasStale && code !== "ESP_ERR_UPSTREAM_HEAD_TOO_LARGE")
      this.#noteFailure(connection.endpoint, true);
    if (this.#phase !== phase.waiting) this.fail(code);
    else if (this.#outgoing === undefined || !mayRetry(this, code, true, wasStale))
      this.fail(failureOf(this, code));
    else if (wasStale) this.#acquire(true);
    else this.#retryLater();
  }

  clientTooSlow(): void {
    if (this.isRequestComplete) this.client.stalled();
    else this.fail("ESP_ERR_BODY_TIMEOUT");
  }

  tunnelEnded(): void {
    this.#release();
    this.#end(undefined);
    this.client.truncate(false);
  }

  #acquire(isFresh = false): void {
    const { route } = this;
    if (route === undefined) return;
    this.#phase = phase.acquiring;
    this.attempts += 1;
    if (this.attempts === 1) route.pool.countRequest(this.startedMs);
    route.pool.acquire(this, this.traits.hashKey, this.#failed?.endpoints ?? noEndpoints, isFresh);
  }

  #retryLater(): void {
    const { route } = this;
    if (route === undefined) return;
    this.#phase = phase.acquiring;
    this.#failed ??= new FailedAttempts();
    this.#failed.retryWithin(longestBackoffMs(this.attempts, route.retry), () => this.#acquire());
  }

  /** `isCounted`: outlier detection has not heard of it yet. */
  #noteFailure(endpoint: Endpoint, isCounted: boolean): void {
    if (isCounted) this.route?.pool.verdicts.failed(endpoint);
    this.#failed ??= new FailedAttempts();
    this.#failed.add(endpoint);
  }

  /** Lets go of everything upstream. */
  #release(): void {
    if (this.#phase === phase.acquiring) this.route?.pool.cancel(this);
    this.#failed?.cancel();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.abandon();
  }

  #sendLast(): void {
    const piece = this.#lastPiece;
    this.#lastPiece = undefined;
    if (piece !== undefined && piece.length > 0) {
      this.client.write(piece);
      if (!this.client.hasUnsent) this.#relay?.lastWritten();
    }
    this.done();
  }

  #truncate(code: HttpErrorCode): void {
    const reset = this.#relay?.isCloseDelimited === true;
    this.#end(code);
    this.client.truncate(reset);
  }

  /** Over without (more) bytes to the client. */
  #end(code: HttpErrorCode | undefined): void {
    if (this.#phase === phase.over) return;
    this.#phase = phase.over;
    this.#relay?.drop();
    this.#relay = undefined;
    this.#outgoing = undefined;
    if (code !== undefined) this.#failure = code;
    measureExchange(this, this.#status, this.#failure);
    this.audit?.terminal(code, undefined);
  }
}
