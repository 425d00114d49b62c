/** Reads one body for its facts while it passes, and keeps nothing of it. */
import { Buffer } from "node:buffer";

import type { BodyReader } from "../../elasticsearch/body/body-reader.ts";
import type { ExaminationReason } from "../../elasticsearch/body/examination.ts";
import { hasErrorCode } from "../../core/system-error.ts";
import type { BodyRead } from "../examine/exchange-examiner.ts";
import type { BodyFacts } from "../record/body-facts.ts";
import type { Examined } from "../record/examined.ts";
import type { BodyRedactor, RedactedSink } from "../redact/body-redactor.ts";
import { codingOf } from "../redact/coded-redactor.ts";
import type { BodyTap } from "./body-tap.ts";

/** Larger coded bodies are not decoded. Bytes. */
const maxCodedBytes = 1_048_576;
/**
 * Nor is one decoded to more than this. Decoding and reading take 4 to 6 ns a byte, within one turn
 * of the event loop.
 */
const maxDecodedBytes = 4_194_304;
/** Nor to more than this and so many times its size: what does not compress well is no bomb. */
const freeBytes = 131_072;
const usualRatio = 32;

/**
 * What the redaction lets through of the body is read at once, in pieces as they come. A body with
 * a content coding is kept up to a bound, decoded at its end and read then. Never throws.
 */
export class FactsTap<Facts> implements BodyTap, RedactedSink {
  readonly #body: BodyFacts;
  readonly #reader: BodyReader<Facts>;
  readonly #redactor: BodyRedactor | undefined;
  readonly #coding: string | undefined;
  readonly #onRead: (read: BodyRead<Facts>) => void;
  #coded: Buffer[] | undefined = undefined;
  #codedBytes = 0;
  /** Why not all of it could be read. */
  #reason: ExaminationReason | undefined = undefined;
  #hasFailed = false;

  /**
   * @internal Made by `TapMaker`
   * @param redactor undefined: the body may be stored as received
   * @param coding `Content-Encoding` as received; undefined: none
   * @param onRead takes what was found when the body has ended
   */
  constructor(
    body: BodyFacts,
    reader: BodyReader<Facts>,
    redactor: BodyRedactor | undefined,
    coding: string | undefined,
    onRead: (read: BodyRead<Facts>) => void,
  ) {
    this.#body = body;
    this.#reader = reader;
    this.#redactor = redactor;
    this.#coding = coding;
    this.#onRead = onRead;
    body.sink = this;
  }

  write(bytes: Buffer, start: number, end: number): void {
    const body = this.#body;
    if (body.sink !== this || end <= start) return;
    body.bytes += end - start;
    if (this.#redactor === undefined) this.keep(bytes, start, end);
    else this.#redactor.write(bytes, start, end, this);
  }

  whole(bytes: Buffer, start: number, end: number): void {
    this.write(bytes, start, end);
    this.finish(true);
  }

  flush(): void {
    // Nothing is kept.
  }

  /** @internal Takes what the redaction lets through. */
  keep(bytes: Buffer, start: number, end: number): void {
    if (this.#reason !== undefined || this.#hasFailed) return;
    if (this.#coding === undefined) return this.#read(bytes, start, end);
    this.#codedBytes += end - start;
    if (this.#codedBytes > maxCodedBytes) {
      this.#coded = undefined;
      this.#reason = "size";
    } else (this.#coded ??= []).push(Buffer.from(bytes.subarray(start, end)));
  }

  finish(isComplete: boolean): void {
    const body = this.#body;
    if (body.sink !== this) return;
    body.sink = undefined;
    body.complete = isComplete;
    const result = this.#redactor?.finish(this);
    body.namesCredentials = result?.namesCredentials === true;
    body.secrets = result?.secrets;
    const redaction = result?.state ?? "none";
    if (this.#coded !== undefined) this.#decode(Buffer.concat(this.#coded), isComplete);
    // What the redaction did not look through stands for itself.
    if (redaction === "bounded") this.#reason ??= "size";
    if (!isComplete) this.#reason ??= "end";
    const isHidden = redaction === "hidden" && body.bytes > 0;
    this.#onRead(this.#result(isHidden));
  }

  #result(isHidden: boolean): BodyRead<Facts> {
    const { bytes } = this.#body;
    const none = (reason: NonNullable<Examined["reason"]>): Examined => ({
      state: "none",
      reason,
      bytes,
    });
    const reason = this.#reason;
    const facts = this.#reader.finish(isHidden || this.#hasFailed ? "end" : reason);
    if (isHidden) return { facts, lost: none("hidden") };
    if (this.#hasFailed) return { facts, lost: none("unreadable") };
    const isUnread = this.#coding !== undefined && reason !== undefined && reason !== "end";
    return { facts, lost: isUnread ? none(reason) : undefined };
  }

  /** A scanner that fails must not take the exchange with it. */
  #read(bytes: Buffer, start: number, end: number): void {
    try {
      this.#reader.write(bytes, start, end);
    } catch {
      this.#hasFailed = true;
    }
  }

  #decode(received: Buffer, isComplete: boolean): void {
    const coding = codingOf(this.#coding ?? "");
    if (coding === undefined) {
      this.#reason = "coding";
      return;
    }
    const maxOutputLength = Math.min(maxDecodedBytes, freeBytes + usualRatio * received.length);
    try {
      // Of a body that was cut there is what had come.
      const options = isComplete
        ? { maxOutputLength }
        : { maxOutputLength, finishFlush: coding.flush };
      const decoded = coding.decode(received, options);
      this.#read(decoded, 0, decoded.length);
    } catch (error) {
      this.#reason = hasErrorCode(error, "ERR_BUFFER_TOO_LARGE") ? "size" : "corrupt";
    }
  }
}
