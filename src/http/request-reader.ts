import { Buffer } from "node:buffer";
import type { ConnectionFacts, ExchangeRecord } from "../audit/record/exchange-record.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import { exchangeId } from "../core/ids.ts";
import { BodyScanner, scanStatus } from "../http1/body-scanner.ts";
import { fieldId } from "../http1/field-names.ts";
import { bodyKind } from "../http1/framing-fields.ts";
import { headStatus } from "../http1/parser-states.ts";
import { HeadReader } from "../http1/head-reader.ts";
import { ExchangeAudit } from "./exchange-audit.ts";
import type { ExchangeClient } from "./exchange-client.ts";
import { Exchange } from "./exchange.ts";
import { clientAddress, ForwardedFields, hasLooped } from "./forwarded-fields.ts";
import type { HttpContext } from "./http-context.ts";
import { methodName } from "./method-names.ts";
import { outgoingRequest, wantedUpgrade } from "./request-head.ts";
import { admission, hashKeyOf } from "./request-policy.ts";
import { requestRecord } from "./request-record.ts";
import { RequestInfo } from "./request-info.ts";
import type { Route, RoutedRequest } from "./router.ts";
import { TargetCache } from "./target-cache.ts";

/** How far the current request is: `complete` lasts until {@link RequestReader.next}. */
export const progress = { head: 0, collecting: 1, body: 2, complete: 3 } as const;

/** A request whose body is collected before it is forwarded whole. */
interface Collected {
  readonly bytes: Buffer;
  readonly contentAt: number;
  readonly route: Route;
  at: number;
}

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
  #collected: Collected | undefined = undefined;

  constructor(client: ExchangeClient, facts: ConnectionFacts, context: HttpContext) {
    this.#client = client;
    this.#facts = facts;
    this.#context = context;
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
    this.#collected = undefined;
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
    const traits = new RequestInfo("", "", false, true, "");
    const audit = this.#auditOf(undefined, this.#context.clock.now());
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

  /** The body did not arrive in time. */
  expireBody(): void {
    const { exchange } = this;
    if (this.progress === progress.collecting) exchange?.audit?.request(undefined, false);
    exchange?.fail("ESP_ERR_BODY_TIMEOUT");
  }

  // RoutedRequest, valid while a head is at hand

  get host(): string | undefined {
    return this.#reader.head.fieldValue(fieldId.host);
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
    const audit = this.#auditOf(route, now);
    const exchange = new Exchange(this.#client, traits, audit, now);
    if (route !== undefined) exchange.metrics = route.metrics;
    this.exchange = exchange;
    scanner.reset(head.body, head.contentLength);
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
    const isCollected =
      !isComplete &&
      audit !== undefined &&
      head.body === bodyKind.length &&
      head.contentLength <= context.inlineBodyBytes &&
      !head.expectsContinue;
    if (isComplete && audit !== undefined && head.body !== bodyKind.none) audit.uploaded(scanner);
    reader.release();
    if (isCollected) this.#startCollecting(route, outgoing);
    else {
      this.progress = isComplete ? progress.complete : progress.body;
      exchange.begin(route, outgoing, isComplete, upgrade, isComplete ? undefined : bytes);
      if (!isComplete) exchange.audit?.upload(scanner);
    }
    scanner.release();
    return bodyEnd;
  }

  /** Why the request is not forwarded; `undefined`: it is. */
  #refusal(route: Route | undefined, status: number, nowMs: number): HttpErrorCode | undefined {
    if (route === undefined) return "ESP_ERR_NO_ROUTE";
    if (status === scanStatus.failed) return "ESP_ERR_BODY_SYNTAX";
    const { limits, forwarded } = this.#context;
    const { head } = this.#reader;
    if (
      limits.requestBodyBytes > 0 &&
      Math.max(head.contentLength, this.#scanner.contentBytes) > limits.requestBodyBytes
    )
      return "ESP_ERR_BODY_TOO_LARGE";
    if (forwarded.via !== undefined && hasLooped(head, forwarded.via)) return "ESP_ERR_LOOP";
    if (route.rateLimit === undefined) return undefined;
    const seconds = admission(route.rateLimit, this, this.#facts, forwarded.trusted, nowMs);
    if (seconds === 0) return undefined;
    if (this.exchange !== undefined) this.exchange.retryAfterSeconds = seconds;
    return "ESP_ERR_RATE_LIMITED";
  }

  #startCollecting(route: Route, outgoing: Buffer): void {
    const scanner = this.#scanner;
    const bytes = Buffer.allocUnsafe(outgoing.length + scanner.remaining);
    outgoing.copy(bytes);
    this.#collected = {
      bytes,
      contentAt: outgoing.length - scanner.contentBytes,
      route,
      at: outgoing.length,
    };
    this.progress = progress.collecting;
  }

  #collect(bytes: Buffer, start: number): number {
    const collected = this.#collected;
    const { exchange } = this;
    if (collected === undefined || exchange === undefined) return bytes.length;
    const scanner = this.#scanner;
    const status = scanner.scan(bytes, start, bytes.length);
    collected.at += bytes.copy(collected.bytes, collected.at, start, scanner.consumed);
    scanner.release();
    const { audit } = exchange;
    exchange.metrics.received(scanner.consumed - start);
    if (audit !== undefined) audit.record.bytesReceived += scanner.consumed - start;
    if (status !== scanStatus.done) return scanner.consumed;
    this.progress = progress.complete;
    this.#collected = undefined;
    audit?.collected(collected.bytes, collected.contentAt, collected.bytes.length);
    exchange.begin(collected.route, collected.bytes, true, "");
    return scanner.consumed;
  }

  #readBody(bytes: Buffer, start: number): number {
    const { exchange } = this;
    if (exchange === undefined) return bytes.length;
    const scanner = this.#scanner;
    const status = scanner.scan(bytes, start, bytes.length);
    const { requestBodyBytes } = this.#context.limits;
    exchange.metrics.received(scanner.consumed - start);
    if (exchange.audit !== undefined)
      exchange.audit.record.bytesReceived += scanner.consumed - start;
    exchange.audit?.upload(scanner);
    const isTooLarge = requestBodyBytes > 0 && scanner.contentBytes > requestBodyBytes;
    if (status === scanStatus.failed || isTooLarge) {
      scanner.release();
      exchange.fail(isTooLarge ? "ESP_ERR_BODY_TOO_LARGE" : "ESP_ERR_BODY_SYNTAX");
      return bytes.length;
    }
    const isComplete = status === scanStatus.done;
    const end = scanner.consumed;
    if (isComplete) this.progress = progress.complete;
    const accepted = scanner.released();
    scanner.release();
    exchange.upload(accepted, isComplete);
    return end;
  }

  /** Method and target of the head at hand, as far as it was read. */
  #nameRequest(): void {
    const { head } = this.#reader;
    const { bytes, base } = head;
    this.method =
      head.methodEnd > 0 ? methodName(bytes, base + head.lineStart, base + head.methodEnd) : "";
    this.target = head.targetEnd > 0 ? this.#targets.textOf(head) : "";
  }

  /**
   * The audit of the request whose head (or what there is of it) is at hand; `undefined` when it is
   * not recorded.
   */
  #auditOf(route: Route | undefined, nowMs: number): ExchangeAudit | undefined {
    const { trail, clock } = this.#context;
    if (trail === undefined || route?.facts.level === "none") return undefined;
    const record = requestRecord(this.#facts, this.#reader.head);
    record.method = this.method;
    record.target = this.target;
    record.startedMs = nowMs;
    record.id = exchangeId(clock.wallAt(nowMs));
    if (record.forwardedFor !== undefined || record.forwarded !== undefined)
      this.#noteClient(record);
    record.route = route?.facts;
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
