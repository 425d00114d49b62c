/** Reads what facts are derived from in the bytes of an exchange's two lines. */
import { Buffer } from "node:buffer";

import { decodeEscapes } from "../../elasticsearch/body/json-text.ts";
import { EcsLineFields, lineField } from "../format/ecs/ecs-line-fields.ts";
import { LineHead, timeOfLine } from "../format/line-head.ts";
import type { RecordedBody } from "../read/recorded-body.ts";
import type { LineBody, LineBytes, LineExchange } from "./line-exchange.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

const firstRoom = 65_536;

/**
 * One object for many exchanges. It reads those whose lines are in `ecs` and hold all that there
 * is of their bodies as text, which are nearly all; the others are for `exchangeOf`.
 */
export class ExchangeLines {
  readonly #head = new LineHead();
  readonly #opening = new EcsLineFields();
  readonly #closing = new EcsLineFields();
  #requestRoom: Buffer = Buffer.allocUnsafeSlow(firstRoom);
  #responseRoom: Buffer = Buffer.allocUnsafeSlow(firstRoom);

  /** The exchange of two lines; `undefined`: they are to be read another way. */
  read(id: string, opening: LineBytes, closing: LineBytes): LineExchange | undefined {
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
    const request: LineBody = {
      mediaType: asked.text(lineField.requestType),
      coding: asked.text(lineField.requestEncoding),
      bytes: asked.number(lineField.requestBytes),
      content: asked.place(lineField.requestContent),
    };
    const response: LineBody = {
      mediaType: answered.text(lineField.responseType),
      coding: answered.text(lineField.responseEncoding),
      bytes: answered.number(lineField.responseBytes),
      content: answered.place(lineField.responseContent),
    };
    if (isElsewhere(request) || isElsewhere(response)) return undefined;
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
      request,
      response,
    };
  }

  /** The same exchange with its bodies, which are valid until the next call. */
  decoded(exchange: LineExchange): RecordedExchange {
    const { request, response } = exchange;
    this.#requestRoom = roomFor(request, this.#requestRoom);
    this.#responseRoom = roomFor(response, this.#responseRoom);
    return {
      ...exchange,
      hasOpening: true,
      request: recorded(request, this.#requestRoom),
      response: recorded(response, this.#responseRoom),
      recorded: undefined,
    };
  }
}

/** Of a body that is kept elsewhere, or nowhere, the record says more. */
function isElsewhere({ content, bytes }: LineBody): boolean {
  return content === undefined && bytes !== undefined;
}

function roomFor({ content }: LineBody, room: Buffer): Buffer {
  const size = content === undefined ? 0 : content.end - content.start;
  return size > room.length ? Buffer.allocUnsafeSlow(2 * size) : room;
}

function recorded({ mediaType, coding, bytes, content }: LineBody, room: Buffer): RecordedBody {
  return {
    state: content === undefined ? "none" : "inline",
    bytes,
    mediaType,
    coding,
    redaction: undefined,
    isComplete: true,
    content: content && decoded(content, room),
    pointer: undefined,
  };
}

function decoded({ bytes, start, end }: LineBytes, room: Buffer): Buffer {
  return room.subarray(0, decodeEscapes(bytes, start, end, room));
}
