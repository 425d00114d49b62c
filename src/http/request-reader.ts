import { Buffer } from "node:buffer";
import type {
  ConnectionFacts,
  ExchangeRecord,
  RouteFacts,
} from "../audit/record/exchange-record.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import { exchangeId } from "../core/ids.ts";
import { asksForAddresses } from "../elasticsearch/sniff/nodes-request.ts";
import { BodyScanner, scanStatus } from "../http1/body-scanner.ts";
import type { ScanStatus } from "../http1/body-scanner.ts";
import { bodyKind } from "../http1/framing-fields.ts";
import type { MessageHead } from "../http1/message-head.ts";
import { methodName } from "../http1/method-names.ts";
import { headStatus } from "../http1/parser-states.ts";
import { HeadReader } from "../http1/head-reader.ts";
import { networkOf } from "../net/client-network.ts";
import { ExchangeAudit } from "./exchange-audit.ts";
import type { ExchangeClient } from "./exchange-client.ts";
import { Exchange } from "./exchange.ts";
import { clientAddress, ForwardedFields, hasLooped } from "./forwarded-fields.ts";
import type { HttpContext } from "./http-context.ts";
import { forwardsLeft } from "./max-forwards.ts";
import { outgoingRequest, wantedUpgrade } from "./request-head.ts";
import { admission, clientOf, factsOf, hashKeyOf, shareKeyOf } from "./request-policy.ts";
import { badTarget, requestRecord } from "./request-record.ts";
import { RequestInfo } from "./request-info.ts";
import type { Route, RoutedRequest } from "./router.ts";
import { SniffedAnswer } from "./sniffed-answer.ts";
import { TargetCache } from "./target-cache.ts";
import { UploadStart } from "./upload-start.ts";

/** Of a target that cannot be read as much is recorded, in bytes. */
const maxBadTarget = 8192;

/** How far the current request is: `complete` lasts until {@link RequestReader.next}. */
export const progress = { head: 0, collecting: 1, body: 2, complete: 3 } as const;

/**
 * Reads the requests of one client connection, one after the other: head, route, admission, body.
 * Each becomes an {@link Exchange}, also when it is refused, so that every request leaves its pair
 * of records.
 */
export class RequestReader implements RoutedRequest {
  exchange: Exchange | undefined = undefined;
  progress: number = progress.head;
  /** Requests read on this connection. */
  served = 0;
  method = "";
  target = "";
  readonly #client: ExchangeClient;
  readonly #facts: ConnectionFacts;
  readonly #context: HttpContext;
  readonly #forwarded: ForwardedFields | undefined;
  readonly #reader: HeadReader;
  readonly #scanner = new BodyScanner();
  readonly #targets = new TargetCache();
  /** The client has taken no answer of an endpoint yet. */
  isFresh = true;
  /** The client's, where no trusted proxy speaks for others. */
  readonly #network: string;
  #start: UploadStart | undefined = undefined;

  constructor(client: ExchangeClient, facts: ConnectionFacts, context: HttpContext) {
    this.#client = client;
    this.#facts = facts;
    this.#context = context;
    this.#network = networkOf(facts.peerAddress);
    this.#reader = new HeadReader(context.parsers);
    if (context.forwarded.fields !== "none")
      this.#forwarded = new ForwardedFields(context.forwarded, {
        ...facts,
        isTls: facts.tls !== undefined,
      });
  }

  /** Bytes of an unfinished head have been read. */
  get isInsideHead(): boolean {
    return this.#reader.isInside;
  }

  /** The exchange is over: the next bytes are the next request's. */
  next(): void {
    this.exchange = undefined;
    this.#start = undefined;
    this.progress = progress.head;
  }

  /**
   * Reads `bytes` from `start`, by {@link progress}. @returns the index behind what belongs to this
   * request.
   */
  read(bytes: Buffer, start: number): number {
    if (this.progress === progress.head) return this.#readHead(bytes, start);
    return this.progress === progress.collecting
      ? this.#collect(bytes, start)
      : this.#readBody(bytes, start);
  }

  /**
   * Answers and records a head that is none, or that came too late; the connection must close
   * afterwards.
   */
  refuse(code: HttpErrorCode): void {
    this.#nameRequest();
    const traits = new RequestInfo(this.method, this.target, false, true, "");
    const audit = this.#auditOf(undefined, this.#context.clock.now());
    const { head, seenEnd } = this.#reader;
    // The connection closes: whatever came behind the fault belongs to no other request.
    if (audit !== undefined) audit.record.bytesReceived = seenEnd - head.base;
    this.#reader.release();
    this.progress = progress.complete;
    const exchange = new Exchange(this.#client, traits, audit, this.#context.clock.now());
    this.exchange = exchange;
    audit?.request(undefined, false);
    exchange.fail(code);
  }

  /**
   * The client has gone, or is treated so. Bytes that never became a request leave a record, too.
   */
  abandon(code: HttpErrorCode = "ESP_ERR_CLIENT_ABORTED"): void {
    const { exchange } = this;
    if (exchange === undefined && this.#reader.isInside) {
      this.#nameRequest();
      const audit = this.#auditOf(undefined, this.#context.clock.now());
      audit?.request(undefined, false);
      audit?.terminal(code, undefined);
    }
    this.#reader.release();
    if (exchange === undefined) return;
    if (this.progress === progress.collecting) exchange.audit?.request(undefined, false);
    this.exchange = undefined;
    exchange.clientGone(code);
  }

  /** The rest of the body is not wanted, or did not arrive in time. */
  failBody(code: HttpErrorCode): void {
    const { exchange } = this;
    if (this.progress === progress.collecting) exchange?.audit?.request(undefined, false);
    exchange?.fail(code);
  }

  // RoutedRequest, valid while a head is at hand

  get host(): string | undefined {
    return this.#reader.head.host;
  }

  fieldValues(name: string): readonly string[] {
    return this.#reader.head.fieldValues(name);
  }

  #readHead(bytes: Buffer, start: number): number {
    const status = this.#reader.read(bytes, start, bytes.length, false);
    if (status === headStatus.more) return bytes.length;
    if (status === headStatus.done) return this.#onHead(bytes);
    const { error } = this.#reader.head;
    this.refuse(error === "" ? "ESP_ERR_HEAD_SYNTAX" : error);
    return bytes.length;
  }

  #onHead(bytes: Buffer): number {
    const context = this.#context;
    const reader = this.#reader;
    const scanner = this.#scanner;
    const { head, consumed } = reader;
    const now = context.clock.now();
    this.served += 1;
    this.#nameRequest();
    const { requestsPerConnection } = context.limits;
    const isLast = requestsPerConnection > 0 && this.served >= requestsPerConnection;
    const choice = context.router.match(this);
    const route = typeof choice === "string" ? undefined : choice;
    const hashKey =
      route?.hashKey === undefined
        ? ""
        : hashKeyOf(route.hashKey, this, this.#facts, context.forwarded.trusted);
    const traits = new RequestInfo(
      this.method,
      this.target,
      head.minorVersion === 0,
      !head.isPersistent || isLast,
      hashKey,
    );
    const audit = this.#auditOf(route && factsOf(route, traits.apiMatch), now);
    const exchange = new Exchange(this.#client, traits, audit, now);
    // Of a long target only the last one is remembered, and other connections have theirs.
    if (audit !== undefined) audit.record.apiMatch = traits.apiMatch;
    if (this.#targets.namesNodes) this.#watchSniffing(traits, audit?.record);
    if (route !== undefined) exchange.metrics = route.metrics;
    exchange.isFresh = this.isFresh;
    exchange.clientKey = shareKeyOf(this, this.#facts, context.forwarded.trusted, this.#network);
    this.exchange = exchange;
    scanner.reset(head.body, head.contentLength, head.nominated);
    const status = scanner.scan(bytes, consumed, bytes.length);
    const isComplete = status === scanStatus.done;
    const { consumed: bodyEnd } = scanner;
    exchange.metrics.received(head.headEnd + bodyEnd - consumed);
    if (audit !== undefined) audit.record.bytesReceived += bodyEnd - consumed;
    const refusal = this.#refusal(route, status, now);
    if (route === undefined || refusal !== undefined) {
      exchange.isRequestComplete = isComplete;
      reader.release();
      scanner.release();
      this.progress = progress.complete;
      audit?.request(undefined, false);
      exchange.fail(
        choice === "ambiguous" ? "ESP_ERR_TARGET_AMBIGUOUS" : (refusal ?? "ESP_ERR_NO_ROUTE"),
      );
      return isComplete ? bodyEnd : bytes.length;
    }
    const upgrade = head.hasUpgradeOption ? wantedUpgrade(head, this.method, route) : "";
    const outgoing = outgoingRequest(
      head,
      scanner,
      route,
      upgrade,
      this.#forwarded,
      context.forwarded.via,
    );
    const wanted = isComplete || head.expectsContinue ? 0 : this.#wantedBytes(route, head);
    if (isComplete && audit !== undefined && head.body !== bodyKind.none) audit.uploaded(scanner);
    const bodyBytes = wanted === 0 ? 0 : scanner.releasedBytes;
    if (bodyBytes < wanted) {
      const { body, contentLength } = head;
      this.#start = new UploadStart(route, outgoing, bodyBytes, body, contentLength, wanted);
      this.progress = progress.collecting;
      reader.release();
    } else {
      reader.release();
      this.progress = isComplete ? progress.complete : progress.body;
      exchange.begin(route, outgoing, isComplete, upgrade);
      if (!isComplete) exchange.audit?.upload(scanner);
    }
    scanner.release();
    return bodyEnd;
  }

  /** A request for addresses of nodes: whoever asks may be about to go past this proxy. */
  #watchSniffing(traits: RequestInfo, record: ExchangeRecord | undefined): void {
    if (!asksForAddresses(traits.apiMatch)) return;
    const { sniff, forwarded } = this.#context;
    traits.sniff = new SniffedAnswer(sniff, {
      facts: this.#facts,
      client: clientOf(this, this.#facts, forwarded.trusted),
      userAgent: this.fieldValues("user-agent")[0] ?? "",
      host: this.host,
      record,
    });
  }

  /** Why the request is not forwarded; `undefined`: it is. */
  #refusal(route: Route | undefined, status: number, nowMs: number): HttpErrorCode | undefined {
    if (route === undefined) return "ESP_ERR_NO_ROUTE";
    if (status === scanStatus.failed) return "ESP_ERR_BODY_SYNTAX";
    const { limits, forwarded } = this.#context;
    const { head } = this.#reader;
    if (this.exchange?.traits.sniff?.block() === true) return "ESP_ERR_SNIFF_BLOCKED";
    if (
      limits.requestBodyBytes > 0 &&
      Math.max(head.contentLength, this.#scanner.contentBytes) > limits.requestBodyBytes
    )
      return "ESP_ERR_BODY_TOO_LARGE";
    if (forwarded.via !== undefined && hasLooped(head, forwarded.via)) return "ESP_ERR_LOOP";
    if (forwardsLeft(head) === 0) return "ESP_ERR_LAST_FORWARD";
    if (route.rateLimit === undefined) return undefined;
    const seconds = admission(route.rateLimit, this, this.#facts, forwarded.trusted, nowMs);
    if (seconds === 0) return undefined;
    if (this.exchange !== undefined) this.exchange.retryAfterSeconds = seconds;
    return "ESP_ERR_RATE_LIMITED";
  }

  /**
   * Bytes of a body that are collected before the request goes on: the whole of one that fits into
   * its record or can be sent again, the beginning of others.
   */
  #wantedBytes(route: Route, head: MessageHead): number {
    const inlineBytes = this.exchange?.audit === undefined ? 0 : this.#context.inlineBodyBytes;
    const most = Math.max(inlineBytes, route.replayBodyBytes);
    if (head.body !== bodyKind.length) return route.replayBodyBytes;
    return head.contentLength <= most ? head.contentLength : route.replayBodyBytes;
  }

  #collect(bytes: Buffer, start: number): number {
    const upload = this.#start;
    const { exchange } = this;
    if (upload === undefined || exchange === undefined) return bytes.length;
    const scanner = this.#scanner;
    const status = this.#scanBody(exchange, bytes, start);
    if (status === scanStatus.failed) return bytes.length;
    upload.add(scanner);
    const end = scanner.consumed;
    scanner.release();
    const isComplete = status === scanStatus.done;
    if (!isComplete && !upload.isEnough) return end;
    this.#start = undefined;
    this.progress = isComplete ? progress.complete : progress.body;
    const { audit } = exchange;
    if (isComplete) audit?.uploaded(upload.body());
    exchange.begin(upload.route, upload.bytes, isComplete, "");
    if (!isComplete) audit?.upload(upload.body());
    return end;
  }

  #readBody(bytes: Buffer, start: number): number {
    const { exchange } = this;
    if (exchange === undefined) return bytes.length;
    const scanner = this.#scanner;
    const status = this.#scanBody(exchange, bytes, start);
    if (status === scanStatus.failed) return bytes.length;
    const isComplete = status === scanStatus.done;
    const end = scanner.consumed;
    if (isComplete) this.progress = progress.complete;
    const accepted = scanner.released();
    scanner.release();
    exchange.upload(accepted, isComplete);
    return end;
  }

  /** @returns `failed` also for a body that is too large; the exchange is over then */
  #scanBody(exchange: Exchange, bytes: Buffer, start: number): ScanStatus {
    const scanner = this.#scanner;
    const { audit } = exchange;
    const status = scanner.scan(bytes, start, bytes.length);
    const { requestBodyBytes } = this.#context.limits;
    exchange.metrics.received(scanner.consumed - start);
    if (audit !== undefined) audit.record.bytesReceived += scanner.consumed - start;
    if (this.progress === progress.body) audit?.upload(scanner);
    const isTooLarge = requestBodyBytes > 0 && scanner.contentBytes > requestBodyBytes;
    if (status !== scanStatus.failed && !isTooLarge) return status;
    scanner.release();
    this.failBody(isTooLarge ? "ESP_ERR_BODY_TOO_LARGE" : "ESP_ERR_BODY_SYNTAX");
    return scanStatus.failed;
  }

  /** Method and target of the head at hand, as far as it was read. */
  #nameRequest(): void {
    const { head } = this.#reader;
    const { bytes, base } = head;
    this.method =
      head.startLine?.method ??
      (head.methodEnd > 0 ? methodName(bytes, base + head.lineStart, base + head.methodEnd) : "");
    if (head.targetEnd > 0) this.target = this.#targets.textOf(head);
    else if (head.targetStart === 0) this.target = "";
    else {
      const start = base + head.targetStart;
      const end = Math.min(this.#reader.seenEnd, start + maxBadTarget);
      this.target = badTarget(bytes.toString("latin1", start, end));
    }
  }

  /**
   * The audit of the request whose head (or what there is of it) is at hand; `undefined` when it is
   * not recorded.
   */
  #auditOf(facts: RouteFacts | undefined, nowMs: number): ExchangeAudit | undefined {
    const { trail, clock } = this.#context;
    if (trail === undefined || facts?.level === "none") return undefined;
    const record = requestRecord(this.#facts, this.#reader.head);
    record.method = this.method;
    record.target = this.target;
    record.startedMs = nowMs;
    record.id = exchangeId(clock.wallAt(nowMs));
    if (record.forwardedFor !== undefined || record.forwarded !== undefined)
      this.#noteClient(record);
    record.route = facts;
    return new ExchangeAudit(record, trail, clock);
  }

  /** Notes the client that the forwarded fields name, if their sender is trusted. */
  #noteClient(record: ExchangeRecord): void {
    const { trusted } = this.#context.forwarded;
    const { peerAddress } = this.#facts;
    if (!trusted.has(peerAddress)) {
      if (record.clientEvidence === "peer") record.clientEvidence = "untrusted";
      return;
    }
    record.clientAddress = clientAddress(
      peerAddress,
      this.fieldValues("x-forwarded-for").join(","),
      this.fieldValues("forwarded").join(","),
      trusted,
    );
    record.clientEvidence = "forwarded_fields";
  }
}
