/** Passes the response of one attempt on to the client: head, body, or what follows an upgrade. */
import { Buffer } from "node:buffer";
import type { HttpErrorCode } from "../core/http-errors.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import type { MessageHead } from "../http1/message-head.ts";
import { isLeftInBuffer, takeBack } from "../upstream/read-buffer.ts";
import type { ResponseHandler } from "../upstream/response-handler.ts";
import type { UpstreamConnection } from "../upstream/upstream-connection.ts";
import { AnswerQueue } from "./answer-queue.ts";
import { BufferedResponse } from "./buffered-response.ts";
import type { RelayedExchange } from "./relayed-exchange.ts";
import { isEventStream, offeredProtocol, ResponseHeadWriter } from "./response-head.ts";
import type { Route } from "./router.ts";
import type { SniffedAnswer } from "./sniffed-answer.ts";

const headWriter = new ResponseHeadWriter();
const nothing = Buffer.alloc(0);

/** Passes the response of one attempt on: head, body, or what follows an upgrade. */
export class ResponseRelay implements ResponseHandler {
  readonly #exchange: RelayedExchange;
  readonly #route: Route;
  readonly #connection: UpstreamConnection;
  #held: BufferedResponse | undefined = undefined;
  #queue: AnswerQueue | undefined = undefined;
  /** The last piece, while the queue is before it. */
  #last: Buffer | undefined = undefined;
  /** The response has arrived whole: its connection is another exchange's, perhaps. */
  #isWhole = false;
  /** Announced bytes of the body that have not arrived; 0 where its length is not known. */
  #restBytes = 0;
  /** The read buffer in which the last bytes lie. */
  #keptBuffer: Buffer | undefined = undefined;
  /** The beginning of a response that is kept whole, because its body will be another one. */
  #replacedHead:
    | { readonly bytes: Buffer; readonly status: number; readonly closes: boolean }
    | undefined = undefined;
  #isDechunked = false;
  #isCloseDelimited = false;
  #isTunnel = false;
  #hasClientEnded = false;
  #hasUpstreamEnded = false;

  constructor(exchange: RelayedExchange, route: Route, connection: UpstreamConnection) {
    this.#exchange = exchange;
    this.#route = route;
    this.#connection = connection;
  }

  /** Nothing of the response has gone to the client, although it has begun to arrive. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** The client sees the end of the response by the end of the connection (RFC 9112 §6.3). */
  get isCloseDelimited(): boolean {
    return this.#isCloseDelimited;
  }

  /** The last bytes have been written. */
  lastWritten(): void {
    const kept = this.#keptBuffer;
    this.#keptBuffer = undefined;
    if (kept !== undefined) takeBack(kept, this.#connection);
  }

  /** What is held back, or waits for the client, is not wanted. */
  drop(): void {
    this.#held?.drop();
    this.#held = undefined;
    this.#queue?.drop();
  }

  /** The client has taken what it was given. */
  onClientDrain(): void {
    const queue = this.#queue;
    for (let next = queue?.take(); next !== undefined; next = queue?.take())
      if (!this.#write(next)) {
        if (!this.#isWhole && queue?.isFull === false) this.#connection.resume();
        return;
      }
    const last = this.#last;
    this.#last = undefined;
    if (!this.#isWhole) this.#connection.resume();
    else if (last === undefined) return;
    else if (this.#exchange.audit === undefined && last.length === 0) this.#exchange.done();
    else this.#finishNow(last);
  }

  /** The response pauses: what there is of it goes on its way. */
  releaseHeld(): void {
    const out = this.#withHeld(nothing);
    if (out !== undefined && !this.#write(out)) this.#pauseWhenFull();
  }

  // ResponseHandler

  onInterimHead(head: MessageHead): void {
    if (!this.#exchange.traits.isHttp10) this.#write(headWriter.interim(head));
  }

  onSwitchedProtocols(head: MessageHead): boolean {
    const { upgrade, audit, client } = this.#exchange;
    if (upgrade === "" || !offeredProtocol(head, upgrade)) return false;
    const out = headWriter.switched(head);
    this.#isTunnel = true;
    this.#exchange.responds(101, true);
    audit?.switched();
    client.becomeTunnel();
    this.#write(out);
    return true;
  }

  onResponseHead(head: MessageHead, piece: BodyPiece): void {
    const { isOver } = piece;
    const exchange = this.#exchange;
    this.#restBytes = head.contentLength - piece.contentBytes;
    const { audit, traits, client } = exchange;
    const { responseBodyBytes } = this.#route;
    if (!exchange.takes(head, piece)) return;
    if (
      responseBodyBytes > 0 &&
      !traits.isHead &&
      Math.max(head.contentLength, piece.contentBytes) > responseBodyBytes
    ) {
      exchange.upstreamStatus = head.status;
      exchange.lose("ESP_ERR_UPSTREAM_BODY_TOO_LARGE");
      return;
    }
    if (traits.sniff?.begin(head, traits.isHead) === true) {
      this.#replace(head, piece, traits.sniff);
      return;
    }
    const plan = headWriter.plan(
      head,
      traits,
      !exchange.isRequestComplete || client.context.isDraining,
    );
    audit?.response(head, piece);
    if (audit?.mustCut === true) {
      exchange.lose("ESP_ERR_AUDIT_BODY");
      return;
    }
    exchange.responds(head.status, plan.closes);
    this.#isDechunked = plan.isDechunked;
    this.#isCloseDelimited = plan.isCloseDelimited;
    if (!isOver && !plan.isCloseDelimited && exchange.isWrite && !isEventStream(head))
      this.#held = new BufferedResponse(client.context.pauses, this);
    if (traits.sniff !== undefined) this.#watch(piece, traits.sniff);
    if (isOver) this.#received();
    if (head.bytes === piece.bytes && plan.isVerbatim && piece.isPlain) {
      this.#pass(piece.bytes, head.base, piece.consumed, isOver);
      return;
    }
    const out = headWriter.write(head, piece, this.#isDechunked);
    if (isOver) this.#finish(out);
    else this.#relay(out, false);
  }

  onResponseBody(piece: BodyPiece): void {
    const { isOver } = piece;
    this.#restBytes -= piece.consumed - piece.start;
    const { responseBodyBytes } = this.#route;
    if (responseBodyBytes > 0 && piece.contentBytes > responseBodyBytes) {
      this.#exchange.lose("ESP_ERR_UPSTREAM_BODY_TOO_LARGE");
      return;
    }
    const { audit, traits } = this.#exchange;
    this.#exchange.continues(piece);
    if (traits.sniff !== undefined) this.#watch(piece, traits.sniff);
    if (this.#replacedHead !== undefined) return;
    audit?.download(piece);
    if (audit?.mustCut === true) {
      this.#exchange.lose("ESP_ERR_AUDIT_BODY");
      return;
    }
    if (isOver) this.#received();
    if (piece.isPlain && !this.#isDechunked) {
      this.#pass(piece.bytes, piece.start, piece.consumed, isOver);
      return;
    }
    const out = headWriter.body(piece, this.#isDechunked);
    if (isOver) this.#finish(out);
    else if (out.length > 0) this.#relay(out, false);
  }

  onResponseClosed(): void {
    const { audit, traits } = this.#exchange;
    const { sniff } = traits;
    if (sniff !== undefined && this.#replacedHead !== undefined) {
      this.#sendReplaced(sniff);
      return;
    }
    sniff?.passed();
    this.#received();
    audit?.downloadEnded(true);
    if (audit?.mustCut === true) this.#exchange.lose("ESP_ERR_AUDIT_BODY");
    else this.#finish(nothing);
  }

  onUpstreamFailed(code: HttpErrorCode): void {
    this.#exchange.upstreamStatus = this.#connection.answeredStatus;
    if (this.#isTunnel) this.#exchange.tunnelEnded();
    else this.#exchange.upstreamFailed(code);
  }

  onClientTooSlow(): void {
    this.#exchange.clientTooSlow();
  }

  onUpstreamDrain(): void {
    if (this.#isTunnel || !this.#exchange.isRequestComplete) this.#exchange.client.resumeUpload();
  }

  onTunnelBytes(bytes: Buffer, start: number, end: number): void {
    const { client } = this.#exchange;
    if (!this.#write(bytes.subarray(start, end))) this.#connection.pause();
    if (client.hasUnsent) this.#connection.isBufferKept = true;
  }

  onTunnelEnd(): void {
    this.#hasUpstreamEnded = true;
    if (this.#hasClientEnded) this.#exchange.tunnelEnded();
    else this.#exchange.client.endTunnel();
  }

  /** The client has ended its direction of the tunnel. */
  clientEnded(): void {
    this.#hasClientEnded = true;
    if (this.#hasUpstreamEnded) this.#exchange.tunnelEnded();
    else this.#connection.socket.end();
  }

  #received(): void {
    this.#isWhole = true;
    this.#exchange.received();
  }

  /** A response that tells addresses of nodes begins, which are not to reach the client. */
  #replace(head: MessageHead, piece: BodyPiece, sniff: SniffedAnswer): void {
    const { audit, client, traits, isRequestComplete } = this.#exchange;
    const closes = traits.closes || !isRequestComplete || client.context.isDraining;
    const bytes = headWriter.replaced(head, traits, closes);
    this.#replacedHead = { bytes, status: head.status, closes };
    audit?.replacing(head);
    this.#watch(piece, sniff);
  }

  /** A piece of a response that may tell addresses of nodes. */
  #watch(piece: BodyPiece, sniff: SniffedAnswer): void {
    sniff.add(piece);
    if (this.#replacedHead === undefined) {
      if (piece.isOver) sniff.passed();
    } else if (sniff.isTooLong) this.#exchange.lose("ESP_ERR_SNIFF_UNREADABLE");
    else if (piece.isOver) this.#sendReplaced(sniff);
  }

  /** Everything of a response that is replaced has arrived. */
  #sendReplaced(sniff: SniffedAnswer): void {
    const head = this.#replacedHead;
    const exchange = this.#exchange;
    const body = sniff.rewritten();
    if (head === undefined || body === undefined) {
      exchange.lose("ESP_ERR_SNIFF_UNREADABLE");
      return;
    }
    exchange.audit?.replaced(body);
    if (exchange.audit?.mustCut === true) {
      exchange.lose("ESP_ERR_AUDIT_BODY");
      return;
    }
    exchange.responds(head.status, head.closes);
    this.#received();
    const length = exchange.traits.isHead ? "" : `content-length: ${body.length}\r\n`;
    this.#finish(Buffer.concat([head.bytes, Buffer.from(`${length}\r\n`, "latin1"), body]));
  }

  /** Bytes that leave as they were read. */
  #pass(bytes: Buffer, start: number, end: number, isOver: boolean): void {
    if (isOver && this.#outlastsRead(bytes, end - start))
      this.#finish(this.#owned(bytes, start, end));
    else this.#relay(bytes.subarray(start, end), isOver);
  }

  /**
   * Whether the last bytes are needed when the next read comes: those of a recorded exchange wait
   * for its record, and TLS sends after the turn, for which a few bytes would keep a whole buffer.
   */
  #outlastsRead(bytes: Buffer, length: number): boolean {
    const { audit, client } = this.#exchange;
    return (
      audit !== undefined || (client.facts.tls !== undefined && !isLeftInBuffer(length, bytes))
    );
  }

  #relay(piece: Buffer, isOver: boolean): void {
    if (!isOver && this.#held?.add(piece) === true) return;
    const out = this.#withHeld(isOver ? piece : nothing) ?? piece;
    const { client } = this.#exchange;
    if (client.isStalled && this.#keep(out)) {
      if (isOver) this.#last = nothing;
      return;
    }
    const isRoomLeft = this.#write(out);
    // What the kernel did not take at once still lies in the read buffer.
    if (client.hasUnsent) this.#connection.isBufferKept = true;
    if (isOver) this.#exchange.done();
    else if (!isRoomLeft) this.#pauseWhenFull();
  }

  #finish(piece: Buffer): void {
    const out = this.#withHeld(piece) ?? piece;
    if (this.#queue?.isEmpty === false) this.#last = out;
    else this.#finishNow(out);
  }

  #finishNow(out: Buffer): void {
    this.#exchange.countSent(out.length);
    this.#exchange.finish(out);
  }

  /** Keeps a piece for a client that does not read; false: nothing is kept. */
  #keep(piece: Buffer): boolean {
    if (!this.#mayKeep) return false;
    const mostBytes = this.#route.responseBufferBytes;
    const isLeft = isLeftInBuffer(piece.length, piece);
    if (isLeft) this.#connection.isBufferKept = true;
    this.#queue ??= new AnswerQueue(this.#exchange.client.context.answerRoom, mostBytes);
    if (piece.length > 0) this.#queue.add(isLeft ? piece : Buffer.from(piece));
    this.#pauseWhenFull();
    return true;
  }

  /** Reads no further when nothing more can wait for the client. */
  #pauseWhenFull(): void {
    if (this.#isWhole) return;
    const isFull = this.#mayKeep ? this.#queue?.isFull === true : true;
    if (isFull) this.#connection.pause();
  }

  /**
   * Something may wait for the client: its rest fits, or nobody knows how long it is. Otherwise the
   * endpoint's connection would not become free, and the memory would be for nothing.
   */
  get #mayKeep(): boolean {
    const mostBytes = this.#route.responseBufferBytes;
    return this.#queue !== undefined || (mostBytes > 0 && this.#restBytes <= mostBytes);
  }

  /** What was held back, and `last` behind it; `undefined`: nothing was. */
  #withHeld(last: Buffer): Buffer | undefined {
    const whole = this.#held?.take(last);
    this.#held = undefined;
    return whole;
  }

  #write(out: Buffer): boolean {
    this.#exchange.countSent(out.length);
    return this.#exchange.client.write(out);
  }

  /** Bytes that outlive the read buffer. */
  #owned(bytes: Buffer, start: number, end: number): Buffer {
    const length = end - start;
    if (isLeftInBuffer(length, bytes)) {
      this.#connection.isBufferKept = true;
      this.#keptBuffer = bytes;
      return bytes.subarray(start, end);
    }
    const copy = Buffer.allocUnsafe(length);
    bytes.copy(copy, 0, start, end);
    return copy;
  }
}
