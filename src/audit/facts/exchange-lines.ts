/** Reads what facts are derived from in the bytes of an exchange's two lines. */
import { Buffer } from "node:buffer";

import { EcsLineFields, lineField } from "../format/ecs/ecs-line-fields.ts";
import { LineHead, timeOfLine } from "../format/line-head.ts";
import type { RecordedBody } from "../read/recorded-body.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

/** Bytes of a line: `bytes[start, end)`, without its line feed. */
export interface LineBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

const firstRoom = 65_536;

/**
 * One object for many exchanges. It reads those whose lines are in `ecs` and hold all that there
 * is of their bodies as text, which are nearly all; the others are for `exchangeOf`.
 */
export class ExchangeLines {
  readonly #head = new LineHead();
  readonly #opening = new EcsLineFields();
  readonly #closing = new EcsLineFields();
  #requestRoom = Buffer.allocUnsafeSlow(firstRoom);
  #responseRoom = Buffer.allocUnsafeSlow(firstRoom);

  /**
   * The exchange of two lines; `undefined`: they are to be read another way. Its bodies are valid
   * until the next call.
   */
  read(id: string, opening: LineBytes, closing: LineBytes): RecordedExchange | undefined {
    const [asked, answered] = [this.#opening, this.#closing];
    if (!asked.read(opening.bytes, opening.start, opening.end)) return undefined;
    if (!answered.read(closing.bytes, closing.start, closing.end)) return undefined;
    if (asked.text(lineField.record) !== "request") return undefined;
    if (answered.text(lineField.record) !== "response") return undefined;
    const method = asked.text(lineField.method);
    const target = asked.text(lineField.target);
    if (method === undefined || target === undefined) return undefined;
    // What was long under way stands in the last record.
    if (answered.has(lineField.requestBytes)) return undefined;
    const request = this.#request();
    const response = this.#response();
    if (request === undefined || response === undefined) return undefined;
    const user =
      asked.text(lineField.userName) ??
      answered.text(lineField.userName) ??
      asked.text(lineField.userId) ??
      answered.text(lineField.userId);
    this.#head.reset();
    this.#head.read(opening.bytes, opening.start, opening.end);
    return {
      id,
      method,
      target,
      startedMs: timeOfLine(opening.bytes, this.#head.timeAt),
      durationMs: (answered.number(lineField.duration) ?? 0) / 1e6,
      status: answered.number(lineField.status) ?? 0,
      user: user ?? "",
      hasOpening: true,
      request,
      response,
      recorded: undefined,
    };
  }

  #request(): RecordedBody | undefined {
    const fields = this.#opening;
    const size = fields.contentBytes(lineField.requestContent);
    if (size > this.#requestRoom.length) this.#requestRoom = Buffer.allocUnsafeSlow(2 * size);
    const type = fields.text(lineField.requestType);
    const coding = fields.text(lineField.requestEncoding);
    const bytes = fields.number(lineField.requestBytes);
    if (!fields.has(lineField.requestContent)) return withoutContent(type, coding, bytes);
    const length = fields.content(lineField.requestContent, this.#requestRoom);
    return inline(this.#requestRoom.subarray(0, length), type, coding, bytes);
  }

  #response(): RecordedBody | undefined {
    const fields = this.#closing;
    const size = fields.contentBytes(lineField.responseContent);
    if (size > this.#responseRoom.length) this.#responseRoom = Buffer.allocUnsafeSlow(2 * size);
    const type = fields.text(lineField.responseType);
    const coding = fields.text(lineField.responseEncoding);
    const bytes = fields.number(lineField.responseBytes);
    if (!fields.has(lineField.responseContent)) return withoutContent(type, coding, bytes);
    const length = fields.content(lineField.responseContent, this.#responseRoom);
    return inline(this.#responseRoom.subarray(0, length), type, coding, bytes);
  }
}

function inline(
  content: Buffer,
  mediaType: string | undefined,
  coding: string | undefined,
  bytes: number | undefined,
): RecordedBody {
  return {
    state: "inline",
    bytes,
    mediaType,
    coding,
    redaction: undefined,
    isComplete: true,
    content,
    pointer: undefined,
  };
}

/** There was none: of a body that is kept elsewhere, or nowhere, the record says more. */
function withoutContent(
  mediaType: string | undefined,
  coding: string | undefined,
  bytes: number | undefined,
): RecordedBody | undefined {
  if (bytes !== undefined) return undefined;
  return {
    state: "none",
    bytes,
    mediaType,
    coding,
    redaction: undefined,
    isComplete: true,
    content: undefined,
    pointer: undefined,
  };
}
