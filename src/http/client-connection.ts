import type { Socket } from "node:net";
import type { ConnectionFacts } from "../audit/record.ts";
import type { DeadlineOwner } from "../core/deadline-sweep.ts";
import type { ErrorCode } from "../core/errors.ts";
import { exchangeId } from "../core/ids.ts";
import { BodyScanner, scanStatus } from "../http1/body-scanner.ts";
import { fieldId } from "../http1/field-names.ts";
import { bodyKind } from "../http1/framing-fields.ts";
import { headStatus } from "../http1/head-parser.ts";
import { HeadReader } from "../http1/head-reader.ts";
import { Exchange } from "./exchange.ts";
import type { ExchangeClient } from "./exchange.ts";
import type { HttpContext } from "./http-context.ts";
import { outgoingRequest, wantedUpgrade } from "./request-head.ts";
import { fieldValue, fieldValues, requestRecord } from "./request-record.ts";
import { RequestTraits } from "./request-traits.ts";
import { copyBody } from "./response-head.ts";
import type { Route, RoutedRequest } from "./router.ts";

const stage = { head: 0, collecting: 1, body: 2, waiting: 3, closing: 4, tunnel: 5, closed: 6 } as const;
/** Octets of pipelined requests kept while one is in progress; beyond that the socket is not read. */
const maxBacklog = 65536;
/** A closing connection reads and drops this much, and waits this long, so that the last answer is not lost in a reset (RFC 9112 §9.6). */
const maxDrainBytes = 65536;
const drainMs = 1000;
/** A client that only finished sending gets this long for its answer before its FIN is taken as leaving. */
const halfCloseGraceMs = 50;
const none = Buffer.alloc(0);

/** One client connection: reads requests one after the other, hands each to an {@link Exchange}, keeps the order of the answers. */
export class ClientConnection implements ExchangeClient, DeadlineOwner, RoutedRequest {
  readonly context: HttpContext;
  readonly facts: ConnectionFacts;
  readonly socket: Socket;
  deadlineMs = Infinity;
  readonly #onClosed: (connection: ClientConnection) => void;
  readonly #reader: HeadReader;
  readonly #scanner = new BodyScanner();
  #stage: number = stage.head;
  #exchange: Exchange | undefined = undefined;
  #backlog: Buffer = none;
  #served = 0;
  #discarded = 0;
  #hasEnded = false;
  #isWriteStalled = false;
  #isReading = false;
  #graceTimer: NodeJS.Timeout | undefined = undefined;
  #bytesAtGrace = 0;
  /** The request whose body is being collected before it is forwarded whole. */
  #collected: { bytes: Buffer; at: number; contentAt: number; route: Route } | undefined = undefined;

  constructor(socket: Socket, facts: ConnectionFacts, context: HttpContext, onClosed: (connection: ClientConnection) => void) {
    this.socket = socket;
    this.facts = facts;
    this.context = context;
    this.#onClosed = onClosed;
    this.#reader = new HeadReader(context.parsers);
    context.sweep.add(this);
    this.deadlineMs = context.clock.now() + context.timeouts.keepAliveMs;
    socket.on("data", (bytes: Buffer) => this.#onData(bytes));
    socket.on("drain", () => this.#onDrain());
    socket.on("end", () => this.#onEnd());
    socket.on("error", () => this.#onGone());
    socket.on("close", () => this.#onGone());
  }

  /** Between two exchanges, with nothing of a request read. */
  get isIdle(): boolean {
    return this.#stage === stage.head && !this.#reader.isInside;
  }

  get hasUnsent(): boolean {
    return this.socket.writableLength > 0;
  }

  /** Closes now when idle, else with the response that is pending. */
  drain(): void {
    if (this.isIdle) this.#closeInStages();
  }

  /** Ends everything; the exchange is recorded as `shutdown`. */
  destroy(): void {
    this.#exchange?.clientGone("ESP_ERR_SHUTDOWN");
    this.socket.destroy();
    this.#onGone();
  }

  expire(): void {
    switch (this.#stage) {
      case stage.head:
        if (this.#reader.isInside) this.#refuse("ESP_ERR_HEAD_TIMEOUT");
        else this.socket.destroy();
        return;
      case stage.collecting:
      case stage.body:
        this.#exchange?.fail("ESP_ERR_BODY_TIMEOUT");
        return;
      case stage.closing:
        this.socket.destroy();
        return;
      default:
        if (this.#isWriteStalled) {
          this.#exchange?.clientGone("ESP_ERR_WRITE_STALLED");
          this.socket.resetAndDestroy();
        } else this.#exchange?.fail("ESP_ERR_TOTAL_TIMEOUT");
    }
  }

  // ExchangeClient

  write(bytes: Buffer): boolean {
    if (this.socket.destroyed || this.socket.writableEnded) return true;
    const isRoomLeft = this.socket.write(bytes);
    if (!isRoomLeft && !this.#isWriteStalled) {
      this.#isWriteStalled = true;
      this.deadlineMs = this.context.clock.now() + this.context.timeouts.writeMs;
    }
    return isRoomLeft;
  }

  pauseUpload(): void {
    this.socket.pause();
    if (this.#stage === stage.body) this.deadlineMs = Infinity;
  }

  resumeUpload(): void {
    this.socket.resume();
    if (this.#stage === stage.body) this.deadlineMs = this.context.clock.now() + this.context.timeouts.bodyIdleMs;
  }

  becomeTunnel(): void {
    this.#stage = stage.tunnel;
    this.deadlineMs = Infinity;
    this.socket.resume();
    const early = this.#backlog;
    this.#backlog = none;
    if (early.length > 0) this.#exchange?.onClientTunnelBytes(early);
    if (this.#hasEnded) this.#exchange?.onClientTunnelEnd();
  }

  endTunnel(): void {
    this.socket.end();
  }

  exchangeEnded(closes: boolean): void {
    this.#clearGrace();
    const wasUploading = this.#stage === stage.body || this.#stage === stage.collecting;
    this.#exchange = undefined;
    this.#collected = undefined;
    if (this.#stage === stage.closed) return;
    if (closes || wasUploading || this.#hasEnded) {
      this.#closeInStages();
      return;
    }
    this.#stage = stage.head;
    if (!this.#isWriteStalled) this.deadlineMs = this.context.clock.now() + this.context.timeouts.keepAliveMs;
    if (this.#backlog.length > 0 && !this.#isReading) this.#readBacklog();
  }

  truncate(reset: boolean): void {
    this.#exchange = undefined;
    if (reset) this.socket.resetAndDestroy();
    else this.#closeInStages();
  }

  // RoutedRequest, valid while a head is being read

  method = "";
  target = "";
  get host(): string | undefined {
    return fieldValue(this.#reader.head, this.#reader.bytes, this.#reader.base, fieldId.host);
  }

  fieldValues(name: string): readonly string[] {
    return fieldValues(this.#reader.head, this.#reader.bytes, this.#reader.base, name);
  }

  #onData(bytes: Buffer): void {
    switch (this.#stage) {
      case stage.head:
        this.#read(bytes, 0);
        return;
      case stage.body:
        this.#onBody(bytes);
        return;
      case stage.collecting:
        this.#onCollect(bytes);
        return;
      case stage.waiting:
        this.#keepForLater(bytes, 0);
        return;
      case stage.tunnel:
        this.#exchange?.onClientTunnelBytes(bytes);
        return;
      case stage.closing:
        this.#discarded += bytes.length;
        if (this.#discarded > maxDrainBytes) this.socket.destroy();
        return;
      default:
    }
  }

  /** Reads requests from `bytes` until one is in progress or the octets are used up. */
  #read(bytes: Buffer, from: number): void {
    let start = from;
    this.#isReading = true;
    while (start < bytes.length && this.#stage === stage.head) {
      const wasInside = this.#reader.isInside;
      const status = this.#reader.read(bytes, start, bytes.length, false);
      if (status === headStatus.more) {
        if (!wasInside) this.deadlineMs = this.context.clock.now() + this.context.timeouts.headerMs;
        break;
      }
      if (status === headStatus.failed) {
        const { error } = this.#reader.head;
        this.#refuse(error === "" ? "ESP_ERR_HEAD_SYNTAX" : error);
        break;
      }
      start = this.#onHead(bytes);
    }
    this.#isReading = false;
    if (this.#stage === stage.waiting && start < bytes.length) this.#keepForLater(bytes, start);
  }

  /** A head that is not one, or that came too late: answered, recorded, closed. */
  #refuse(code: ErrorCode): void {
    const { context } = this;
    const reader = this.#reader;
    const now = context.clock.now();
    const { head } = reader;
    const traits = new RequestTraits("", "", false, true, "");
    const record = context.trail === undefined ? undefined : requestRecord(this.facts, head, reader.bytes, reader.base);
    reader.release();
    this.#stage = stage.waiting;
    this.deadlineMs = Infinity;
    const exchange = new Exchange(this, traits, record, now);
    this.#exchange = exchange;
    if (record !== undefined) {
      record.startedMs = now;
      record.id = exchangeId(context.clock.wallAt(now));
      context.trail?.request(record, undefined);
    }
    exchange.fail(code);
  }

  /** @returns the index in `bytes` behind what belongs to this request. */
  #onHead(bytes: Buffer): number {
    const { context } = this;
    const reader = this.#reader;
    const { head, bytes: headBytes, base, consumed } = reader;
    const now = context.clock.now();
    this.deadlineMs = Infinity;
    this.#served += 1;
    this.method = headBytes.toString("latin1", base + head.lineStart, base + head.methodEnd);
    this.target = originForm(headBytes.toString("latin1", base + head.targetStart, base + head.targetEnd));
    const { requestsPerConnection, requestBodyBytes } = context.limits;
    const isLast = requestsPerConnection > 0 && this.#served >= requestsPerConnection;
    const route = context.router.match(this);
    const traits = new RequestTraits(this.method, this.target, head.minorVersion === 0, !head.isPersistent || isLast, "");
    const isAudited = context.trail !== undefined && route?.facts.level !== "none";
    const record = isAudited ? requestRecord(this.facts, head, headBytes, base) : undefined;
    if (record !== undefined) {
      record.startedMs = now;
      record.target = this.target;
      record.id = exchangeId(context.clock.wallAt(now));
      record.route = route?.facts;
    }
    const exchange = new Exchange(this, traits, record, now);
    this.#exchange = exchange;
    const scanner = this.#scanner;
    scanner.reset(head.body, head.contentLength);
    const status = scanner.scan(bytes, consumed, bytes.length);
    const isTooLarge = requestBodyBytes > 0 && Math.max(head.contentLength, scanner.contentBytes) > requestBodyBytes;
    if (route === undefined || isTooLarge || status === scanStatus.failed) {
      exchange.isRequestComplete = status === scanStatus.done;
      reader.release();
      this.#failUnsent(exchange, route === undefined ? "ESP_ERR_NO_ROUTE" : isTooLarge ? "ESP_ERR_BODY_TOO_LARGE" : "ESP_ERR_BODY_SYNTAX");
      return scanner.consumed;
    }
    const upgrade = head.hasUpgradeOption ? wantedUpgrade(head, headBytes, base, this.method, route) : "";
    const outgoing = outgoingRequest(head, headBytes, base, bytes, consumed, scanner, route, upgrade);
    const isComplete = status === scanStatus.done;
    if (record !== undefined) record.bytesReceived += scanner.consumed - consumed;
    if (isComplete) {
      this.#stage = stage.waiting;
      if (record !== undefined && head.body !== bodyKind.none) record.requestBody.content = wholeContent(bytes, scanner);
      reader.release();
      this.#begin(exchange, route, outgoing, true, upgrade);
      return scanner.consumed;
    }
    const collects =
      record !== undefined && head.body === bodyKind.length && head.contentLength <= context.inlineBodyBytes && !head.expectsContinue;
    if (collects) this.#startCollecting(route, outgoing);
    reader.release();
    if (!collects) {
      this.#stage = stage.body;
      this.#begin(exchange, route, outgoing, false, upgrade);
      for (let i = 0; i < scanner.dataCount; i += 2) exchange.captureUpload(bytes, scanner.data[i] ?? 0, scanner.data[i + 1] ?? 0);
    }
    this.deadlineMs = now + context.timeouts.bodyIdleMs;
    return scanner.consumed;
  }

  #begin(exchange: Exchange, route: Route, outgoing: Buffer, isComplete: boolean, upgrade: string): void {
    exchange.begin(route, outgoing, isComplete, upgrade);
    if (exchange.totalDeadlineMs < this.deadlineMs) this.deadlineMs = exchange.totalDeadlineMs;
  }

  /** A request that is refused before anything was forwarded still gets its pair of records. */
  #failUnsent(exchange: Exchange, code: ErrorCode): void {
    this.#stage = stage.waiting;
    if (exchange.record !== undefined) this.context.trail?.request(exchange.record, undefined);
    exchange.fail(code);
  }

  #startCollecting(route: Route, outgoing: Buffer): void {
    const scanner = this.#scanner;
    const bytes = Buffer.allocUnsafe(outgoing.length + scanner.remaining);
    outgoing.copy(bytes);
    this.#collected = { bytes, at: outgoing.length, contentAt: outgoing.length - scanner.contentBytes, route };
    this.#stage = stage.collecting;
  }

  #onCollect(bytes: Buffer): void {
    const collected = this.#collected;
    const exchange = this.#exchange;
    if (collected === undefined || exchange === undefined) return;
    const scanner = this.#scanner;
    const status = scanner.scan(bytes, 0, bytes.length);
    collected.at += bytes.copy(collected.bytes, collected.at, 0, scanner.consumed);
    const { record } = exchange;
    if (record !== undefined) record.bytesReceived += scanner.consumed;
    if (status !== scanStatus.done) {
      this.deadlineMs = this.context.clock.now() + this.context.timeouts.bodyIdleMs;
      return;
    }
    this.#stage = stage.waiting;
    this.deadlineMs = Infinity;
    this.#collected = undefined;
    if (scanner.consumed < bytes.length) this.#keepForLater(bytes, scanner.consumed);
    if (record !== undefined) record.requestBody.content = collected.bytes.subarray(collected.contentAt);
    this.#begin(exchange, collected.route, collected.bytes, true, "");
  }

  #onBody(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    const scanner = this.#scanner;
    const status = scanner.scan(bytes, 0, bytes.length);
    const { requestBodyBytes } = this.context.limits;
    this.deadlineMs = this.context.clock.now() + this.context.timeouts.bodyIdleMs;
    for (let i = 0; i < scanner.dataCount; i += 2) exchange.captureUpload(bytes, scanner.data[i] ?? 0, scanner.data[i + 1] ?? 0);
    if (status === scanStatus.failed || (requestBodyBytes > 0 && scanner.contentBytes > requestBodyBytes)) {
      exchange.fail(status === scanStatus.failed ? "ESP_ERR_BODY_SYNTAX" : "ESP_ERR_BODY_TOO_LARGE");
      return;
    }
    const isComplete = status === scanStatus.done;
    if (isComplete) {
      this.#stage = stage.waiting;
      this.deadlineMs = exchange.totalDeadlineMs;
      if (scanner.consumed < bytes.length) this.#keepForLater(bytes, scanner.consumed);
    }
    exchange.upload(acceptedPart(bytes, scanner), isComplete);
  }

  #keepForLater(bytes: Buffer, start: number): void {
    const rest = bytes.subarray(start);
    this.#backlog = this.#backlog.length === 0 ? rest : Buffer.concat([this.#backlog, rest]);
    if (this.#backlog.length > maxBacklog) this.socket.pause();
  }

  #readBacklog(): void {
    const bytes = this.#backlog;
    this.#backlog = none;
    if (this.socket.isPaused()) this.socket.resume();
    this.#read(bytes, 0);
  }

  #onDrain(): void {
    this.#isWriteStalled = false;
    if (this.#stage === stage.head) this.deadlineMs = this.context.clock.now() + this.context.timeouts.keepAliveMs;
    else if (this.#stage === stage.waiting) this.deadlineMs = this.#exchange?.totalDeadlineMs ?? Infinity;
    this.#exchange?.onClientDrain();
  }

  /** The client's FIN: the end of its requests, and how a client looks that has gone (RFC 9112 §9.6). */
  #onEnd(): void {
    this.#hasEnded = true;
    switch (this.#stage) {
      case stage.head:
        if (this.#reader.isInside) this.#refuse("ESP_ERR_HEAD_SYNTAX");
        else this.#closeInStages();
        return;
      case stage.collecting:
        if (this.#exchange !== undefined) this.#abortCollecting(this.#exchange);
        return;
      case stage.body:
        this.#leave();
        return;
      case stage.waiting:
        if (this.context.halfClose === "abort") this.#startGrace();
        return;
      case stage.tunnel:
        this.#exchange?.onClientTunnelEnd();
        return;
      default:
        this.socket.destroy();
    }
  }

  #startGrace(): void {
    this.#bytesAtGrace = this.socket.bytesWritten;
    this.#graceTimer = setTimeout(() => {
      this.#graceTimer = undefined;
      if (this.#exchange === undefined) return;
      // A response that still flows shows that somebody takes it: a reset would have come otherwise.
      if (this.socket.bytesWritten > this.#bytesAtGrace) this.#startGrace();
      else this.#leave();
    }, halfCloseGraceMs);
  }

  #clearGrace(): void {
    if (this.#graceTimer !== undefined) clearTimeout(this.#graceTimer);
    this.#graceTimer = undefined;
  }

  #abortCollecting(exchange: Exchange): void {
    if (exchange.record !== undefined) this.context.trail?.request(exchange.record, undefined);
    this.#leave();
  }

  #leave(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.clientGone();
    this.socket.destroy();
  }

  #closeInStages(): void {
    if (this.#stage === stage.closing || this.#stage === stage.closed) return;
    this.#stage = stage.closing;
    this.#backlog = none;
    this.deadlineMs = this.context.clock.now() + drainMs;
    this.socket.resume();
    this.socket.end();
    if (this.#hasEnded) this.socket.destroySoon();
  }

  #onGone(): void {
    if (this.#stage === stage.closed) return;
    const wasCollecting = this.#stage === stage.collecting;
    this.#stage = stage.closed;
    this.#clearGrace();
    this.deadlineMs = Infinity;
    this.context.sweep.delete(this);
    const wasInside = this.#reader.isInside;
    if (wasInside && this.context.trail !== undefined) this.#recordUnfinishedHead();
    this.#reader.release();
    this.socket.destroy();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange !== undefined && wasCollecting && exchange.record !== undefined) this.context.trail?.request(exchange.record, undefined);
    exchange?.clientGone();
    this.#onClosed(this);
  }

  /** Octets that never became a request leave a record, too. */
  #recordUnfinishedHead(): void {
    const now = this.context.clock.now();
    const { head, bytes, base } = this.#reader;
    const record = requestRecord(this.facts, head, bytes, base);
    record.startedMs = now;
    record.id = exchangeId(this.context.clock.wallAt(now));
    record.outcome = "client_aborted";
    record.errorCode = "ESP_ERR_CLIENT_ABORTED";
    this.context.trail?.request(record, undefined);
    this.context.trail?.response(record, undefined);
  }
}

/** An absolute-form target without a path asks for the root (RFC 9110 §4.2.3). */
function originForm(target: string): string {
  return target.startsWith("/") || target === "*" ? target : `/${target}`;
}

function wholeContent(bytes: Buffer, scanner: BodyScanner): Buffer {
  if (scanner.dataCount === 2) return bytes.subarray(scanner.data[0], scanner.data[1]);
  const content = Buffer.allocUnsafe(scanner.contentBytes);
  copyBody(bytes, 0, scanner, true, content, 0);
  return content;
}

function acceptedPart(bytes: Buffer, scanner: BodyScanner): Buffer {
  if (scanner.isPlain) return bytes.subarray(0, scanner.consumed);
  const out = Buffer.allocUnsafe(scanner.roomFor(0));
  return out.subarray(0, copyBody(bytes, 0, scanner, false, out, 0));
}
