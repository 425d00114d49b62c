import { httpErrors } from "../../src/core/http-errors.ts";
import { BodyScanner, scanStatus } from "../../src/http1/body-scanner.ts";
import { bodyKind } from "../../src/http1/framing-fields.ts";
import { noEdits, writeHead } from "../../src/http1/head-editor.ts";
import type { MessageHead } from "../../src/http1/message-head.ts";
import { type HeadLimits, headStatus } from "../../src/http1/parser-states.ts";
import { HeadReader, ParserList } from "../../src/http1/head-reader.ts";
import { targetLead } from "../../src/http1/request-target.ts";

/** One message as `src/http1` reads it. */
export interface FedMessage {
  /** Start line as received, without its CRLF. */
  readonly startLine: string;
  readonly method: string;
  /** In origin-form. */
  readonly target: string;
  readonly status: number;
  readonly fields: readonly (readonly [string, string])[];
  /** The head as the editor writes it without further edits, latin1. */
  readonly written: string;
  /** Decoded content, latin1. */
  content: string;
  /** Bytes of the body that may be passed on, latin1. */
  released: string;
  isComplete: boolean;
}

/** What a whole connection's bytes gave. */
export interface FedResult {
  readonly messages: readonly FedMessage[];
  /**
   * `between`: at the end of a message; `inside`: a message is not complete; `closing`: the last
   * message ends the connection, bytes behind it were not read; otherwise the error code.
   */
  readonly end: string;
}

/** Limits that the vectors ask for. */
export const vectorLimits: HeadLimits = { headBytes: 16_384, fields: 200, startLineBytes: 8192 };

/** The status that a {@link FedResult.end} is answered with; 0 when it is no error code. */
export function statusOf(end: string): number {
  return end in httpErrors ? httpErrors[end as keyof typeof httpErrors].status : 0;
}

/** How bytes are fed. */
export interface FeedOptions {
  readonly kind: "request" | "response";
  /** Lengths of the pieces, used in turn; the last one repeats. Default: one piece. */
  readonly pieces?: readonly number[];
  /** The responses answer HEAD. @default false */
  readonly answersHead?: boolean;
  readonly limits?: HeadLimits;
}

/** Feeds one direction of a connection to the head reader and the body scanner, as a relay does. */
export function feed(content: Buffer, options: FeedOptions): FedResult {
  const run = new Feed(options);
  const pieces = options.pieces ?? [content.length];
  for (let at = 0, turn = 0; at < content.length && !run.isOver; turn += 1) {
    const size = Math.max(1, pieces[Math.min(turn, pieces.length - 1)] ?? 1);
    // A copy of its own: whatever is kept beyond the call must have been copied by the code under
    // test.
    const piece = Buffer.from(content.subarray(at, at + size));
    run.push(piece);
    piece.fill(0x21);
    at += size;
  }
  return run.result();
}

class Feed {
  readonly #messages: FedMessage[] = [];
  readonly #options: FeedOptions;
  readonly #reader: HeadReader;
  readonly #scanner = new BodyScanner();
  #isInBody = false;
  #closes = false;
  #error = "";

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#reader = new HeadReader(new ParserList(options.kind, options.limits ?? vectorLimits));
  }

  get isOver(): boolean {
    return this.#error !== "" || (this.#closes && !this.#isInBody);
  }

  push(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && !this.isOver)
      at = this.#isInBody ? this.#body(piece, at) : this.#head(piece, at);
  }

  result(): FedResult {
    return { messages: this.#messages, end: this.#end() };
  }

  #end(): string {
    if (this.#error !== "") return this.#error;
    if (this.#isInBody || this.#reader.isInside) return "inside";
    return this.#closes ? "closing" : "between";
  }

  #head(piece: Buffer, at: number): number {
    const status = this.#reader.read(piece, at, piece.length, this.#options.answersHead === true);
    if (status === headStatus.more) return piece.length;
    const head = this.#reader.head;
    if (status === headStatus.failed) {
      this.#error = head.error;
      this.#reader.release();
      return piece.length;
    }
    this.#messages.push(toMessage(head));
    const isInterim = head.isResponse && head.status < 200;
    this.#closes = !isInterim && !head.isPersistent;
    this.#scanner.reset(head.body, head.contentLength, head.nominated);
    this.#isInBody =
      head.body !== bodyKind.none && !(head.body === bodyKind.length && head.contentLength === 0);
    const last = this.#messages.at(-1);
    if (last !== undefined) last.isComplete = !this.#isInBody;
    const next = this.#reader.consumed;
    this.#reader.release();
    return next;
  }

  #body(piece: Buffer, at: number): number {
    const scanner = this.#scanner;
    const status = scanner.scan(piece, at, piece.length);
    const message = this.#messages.at(-1);
    if (message === undefined) throw new Error("a body without a head");
    for (let i = 0; i < scanner.dataCount; i += 2)
      message.content += piece.toString("latin1", scanner.data[i] ?? 0, scanner.data[i + 1] ?? 0);
    message.released += scanner.prefix.toString("latin1");
    let from = at;
    for (let i = 0; i < scanner.cutCount; i += 2) {
      message.released += piece.toString("latin1", from, scanner.cuts[i] ?? 0);
      from = scanner.cuts[i + 1] ?? 0;
    }
    if (from > scanner.consumed) throw new Error("a cut behind the consumed bytes");
    message.released += piece.toString("latin1", from, scanner.consumed);
    if (status === scanStatus.failed) this.#error = "ESP_ERR_BODY_SYNTAX";
    if (status === scanStatus.done) {
      message.released += scanner.tail.toString("latin1");
      message.isComplete = true;
      this.#isInBody = false;
    }
    return scanner.consumed;
  }
}

function toMessage(head: MessageHead): FedMessage {
  const { bytes, base } = head;
  const text = (start: number, end: number): string => head.text(start, end);
  const fields: [string, string][] = [];
  for (let i = 0; i < head.fieldCount * 4; i += 4) {
    const [a = 0, b = 0, c = 0, d = 0] = head.fieldOffsets.subarray(i, i + 4);
    fields.push([text(a, b), text(c, d)]);
  }
  const out = Buffer.alloc(head.headEnd + 64);
  const end = writeHead(head, base + head.headEnd, noEdits, out, 0);
  const lineEnd = bytes.indexOf("\r\n", base + head.lineStart) - base;
  return {
    startLine: text(head.lineStart, lineEnd),
    method: head.isResponse ? "" : text(head.lineStart, head.methodEnd),
    target: head.isResponse ? "" : targetLead(head) + text(head.targetStart, head.targetEnd),
    status: head.status,
    fields,
    written: out.toString("latin1", 0, end),
    content: "",
    released: "",
    isComplete: false,
  };
}
