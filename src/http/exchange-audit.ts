import type { AuditTrail, BodyCapture, RecordWaiter } from "../audit/trail/audit-trail.ts";
import type { ExchangeRecord } from "../audit/record/exchange-record.ts";
import type { Clock } from "../core/clock.ts";
import type { ErrorCode } from "../core/errors.ts";
import { errorTable } from "../core/errors.ts";
import type { BodyScanner } from "../http1/body-scanner.ts";
import { fieldId } from "../http1/field-names.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { outcomeOf } from "./outcome.ts";
import { fieldValue } from "./request-record.ts";

/** The audit's side of one exchange: its record, and the captures of bodies that pass in pieces. */
export class ExchangeAudit {
  readonly record: ExchangeRecord;
  readonly #trail: AuditTrail;
  readonly #clock: Clock;
  #requestCapture: BodyCapture | undefined = undefined;
  #responseCapture: BodyCapture | undefined = undefined;

  constructor(record: ExchangeRecord, trail: AuditTrail, clock: Clock) {
    this.record = record;
    this.#trail = trail;
    this.#clock = clock;
  }

  /**
   * The request record; `waiter` is told when it is stored. `isStreamed`: the body passes in
   * pieces.
   */
  request(waiter: RecordWaiter | undefined, isStreamed: boolean): void {
    if (isStreamed) this.#requestCapture = this.#trail.captureRequestBody(this.record);
    this.#trail.request(this.record, waiter);
  }

  /** Content of a streamed request body. */
  upload(bytes: Buffer, start: number, end: number): void {
    this.#requestCapture?.write(bytes, start, end);
  }

  uploadEnded(isComplete: boolean): void {
    this.#requestCapture?.finish(isComplete);
    this.#requestCapture = undefined;
  }

  /** The final head of the response with the first piece of its body. */
  response(
    head: HeadParser,
    headBytes: Buffer,
    base: number,
    bytes: Buffer,
    scanner: BodyScanner,
    isOver: boolean,
  ): void {
    const { record } = this;
    record.firstByteMs = this.#clock.now();
    record.status = head.status;
    record.responseContentType = fieldValue(head, headBytes, base, fieldId["content-type"]);
    record.responseContentEncoding = fieldValue(head, headBytes, base, fieldId["content-encoding"]);
    if (isOver && scanner.dataCount <= 2) {
      if (scanner.dataCount === 2)
        record.responseBody.content = bytes.subarray(scanner.data[0] ?? 0, scanner.data[1] ?? 0);
      record.responseBody.complete = true;
      return;
    }
    this.#responseCapture = this.#trail.captureResponseBody(record);
    this.download(bytes, scanner, isOver);
  }

  /** The connection changes its protocol (RFC 9110 §7.8). */
  switched(): void {
    this.record.status = 101;
    this.record.firstByteMs = this.#clock.now();
  }

  /** A further piece of the response's body. */
  download(bytes: Buffer, scanner: BodyScanner, isOver: boolean): void {
    const capture = this.#responseCapture;
    if (capture === undefined) return;
    for (let i = 0; i < scanner.dataCount; i += 2)
      capture.write(bytes, scanner.data[i] ?? 0, scanner.data[i + 1] ?? 0);
    if (isOver) this.downloadEnded(true);
  }

  downloadEnded(isComplete: boolean): void {
    this.#responseCapture?.finish(isComplete);
    this.#responseCapture = undefined;
  }

  /** The exchange is answered by ourselves with `answer`, whose content starts at `contentAt`. */
  answered(code: ErrorCode, answer: Buffer, contentAt: number): void {
    const { record } = this;
    this.downloadEnded(false);
    record.responseBody.clear();
    record.responseContentEncoding = undefined;
    record.errorCode = code;
    record.outcome = outcomeOf(code);
    record.status = errorTable[code].status;
    record.responseContentType = "application/json";
    record.responseBody.content = answer.subarray(contentAt);
    record.responseBody.complete = true;
  }

  /**
   * The terminal record. `code`: why the exchange ended early, `undefined` when it is complete or
   * was {@link answered}.
   */
  terminal(code: ErrorCode | undefined, waiter: RecordWaiter | undefined): void {
    const { record } = this;
    this.uploadEnded(false);
    this.downloadEnded(false);
    if (code !== undefined) {
      record.errorCode = code;
      record.outcome = outcomeOf(code);
    }
    record.endedMs = this.#clock.now();
    this.#trail.response(record, waiter);
  }
}
