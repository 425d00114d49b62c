import { Buffer } from "node:buffer";
import type { AuditTrail, BodyTap, RecordWaiter } from "../audit/trail/audit-trail.ts";
import type { ExchangeRecord } from "../audit/record/exchange-record.ts";
import type { Clock } from "../core/clock.ts";
import type { HttpErrorCode } from "../core/http-errors.ts";
import { httpErrors } from "../core/http-errors.ts";
import type { BodyPiece } from "../http1/body-piece.ts";
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";
import type { UpstreamConnection } from "../upstream/upstream-connection.ts";

/**
 * Bytes of content and chunk lines for each part, below which parts are joined for the tap: a call
 * costs it as much as some hundred bytes.
 */
const shortChunk = 64;
/** Bytes of one read at most, see `upstream/read-buffer.ts`. */
const mostJoined = 131_072;
/** Memory for parts that are joined. */
let joined: Buffer | undefined = undefined;

/** The audit's side of one exchange: its record, and the taps of bodies that pass in pieces. */
export class ExchangeAudit {
  readonly record: ExchangeRecord;
  readonly #trail: AuditTrail;
  readonly #clock: Clock;
  #requestTap: BodyTap | undefined = undefined;
  #responseTap: BodyTap | undefined = undefined;

  constructor(record: ExchangeRecord, trail: AuditTrail, clock: Clock) {
    this.record = record;
    this.#trail = trail;
    this.#clock = clock;
  }

  /**
   * The request record; `waiter` is called when it is stored. `isStreamed`: the body passes in
   * pieces.
   */
  request(waiter: RecordWaiter | undefined, isStreamed: boolean): void {
    if (isStreamed) this.#requestTap = this.#trail.tapRequest(this.record);
    this.#trail.request(this.record, waiter);
  }

  /** The whole request body, before {@link request}. */
  uploaded(piece: BodyPiece): void {
    const tap = this.#trail.tapRequest(this.record);
    if (piece.dataCount === 2) wholeContent(tap, piece);
    else {
      writeContent(tap, piece);
      tap.finish(true);
    }
  }

  /** Content of a streamed request body. */
  upload(piece: BodyPiece): void {
    if (this.#requestTap !== undefined) writeContent(this.#requestTap, piece);
  }

  /** Writes what has been taken of a streamed request body, before it is passed on. */
  storeUpload(): void {
    this.#requestTap?.flush();
  }

  /** A body could not be stored and must not pass; see `AuditTrail.mustCut`. */
  get mustCut(): boolean {
    const { requestBody, responseBody } = this.record;
    return (requestBody.isLost || responseBody.isLost) && this.#trail.mustCut(this.record);
  }

  uploadEnded(isComplete: boolean): void {
    this.#requestTap?.finish(isComplete);
    this.#requestTap = undefined;
  }

  /** The request goes out on this connection. @param attempts with this one */
  attempt({ endpoint, served }: UpstreamConnection, attempts: number): void {
    const { record } = this;
    record.endpoint = endpoint.label;
    record.upstreamReused = served > 0;
    record.attempts = attempts;
  }

  /** The final head of the response with the first piece of its body. */
  response(head: MessageHead, piece: BodyPiece): void {
    const { record } = this;
    this.#responseHead(head);
    record.responseContentEncoding = head.fieldValue(fieldId["content-encoding"]);
    if (piece.isOver && piece.dataCount <= 2) {
      if (piece.dataCount === 2) wholeContent(this.#trail.tapResponse(record), piece);
      else record.responseBody.complete = true;
      return;
    }
    this.#responseTap = this.#trail.tapResponse(record);
    this.download(piece);
  }

  /** The final head of a response whose body will be {@link replaced}. */
  replacing(head: MessageHead): void {
    this.#responseHead(head);
    this.record.responseContentEncoding = undefined;
  }

  /** The whole body that the client gets in place of the endpoint's. */
  replaced(body: Buffer): void {
    this.#trail.tapResponse(this.record).whole(body, 0, body.length);
  }

  #responseHead(head: MessageHead): void {
    const { record } = this;
    record.firstByteMs = this.#clock.now();
    record.status = head.status;
    record.responseContentType = head.fieldValue(fieldId["content-type"]);
  }

  /** The connection changes its protocol (RFC 9110 §7.8). */
  switched(): void {
    this.record.status = 101;
    this.record.firstByteMs = this.#clock.now();
  }

  /** A further piece of the response's body. */
  download(piece: BodyPiece): void {
    const tap = this.#responseTap;
    if (tap === undefined) return;
    writeContent(tap, piece);
    if (piece.isOver) this.downloadEnded(true);
  }

  downloadEnded(isComplete: boolean): void {
    this.#responseTap?.finish(isComplete);
    this.#responseTap = undefined;
  }

  /** This proxy answers the exchange with `answer`, whose content starts at `contentAt`. */
  answered(code: HttpErrorCode, answer: Buffer, contentAt: number): void {
    const { record } = this;
    this.downloadEnded(false);
    record.responseBody.clear();
    record.responseContentEncoding = undefined;
    record.errorCode = code;
    record.outcome = httpErrors[code].outcome;
    record.status = httpErrors[code].status;
    record.responseContentType = "application/json";
    this.#trail.tapResponse(record).whole(answer, contentAt, answer.length);
  }

  /**
   * The terminal record. `code`: why the exchange ended early, `undefined` when it is complete or
   * was {@link answered}.
   */
  terminal(code: HttpErrorCode | undefined, waiter: RecordWaiter | undefined): void {
    const { record } = this;
    this.uploadEnded(false);
    this.downloadEnded(false);
    if (code !== undefined) {
      record.errorCode = code;
      record.outcome = httpErrors[code].outcome;
    }
    record.endedMs = this.#clock.now();
    this.#trail.response(record, waiter);
  }
}

/** Content between chunk lines; where chunks are short, the tap takes them as one piece. */
function writeContent(tap: BodyTap, piece: BodyPiece): void {
  const { bytes, data, dataCount, start, consumed } = piece;
  const readBytes = consumed - start;
  if (dataCount > 2 && readBytes <= mostJoined && readBytes < dataCount * shortChunk) {
    joined ??= Buffer.allocUnsafeSlow(mostJoined);
    tap.write(joined, 0, piece.copyContentTo(joined, 0));
    return;
  }
  for (let i = 0; i < dataCount; i += 2) tap.write(bytes, data[i] ?? 0, data[i + 1] ?? 0);
}

/** Content that is not cut into parts by chunk lines. */
function wholeContent(tap: BodyTap, { bytes, data }: BodyPiece): void {
  tap.whole(bytes, data[0] ?? 0, data[1] ?? 0);
}
