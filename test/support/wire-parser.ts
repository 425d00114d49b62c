import { parseChunkLine, parseField, parseHead, parseLength, WireFault } from "./wire-grammar.ts";
import {
  type WireField,
  type WireFraming,
  type WireHead,
  WireMessage,
  valuesOf,
} from "./wire-message.ts";

/** What a test wants of a {@link WireParser}. */
export interface WireParserOptions {
  readonly kind: "request" | "response";
  /** `false` counts the bytes of bodies without keeping them. @default true */
  readonly keepsBodies?: boolean;
  /** Method of the request that a final response answers; asked once a response. @default GET */
  readonly nextMethod?: () => string | undefined;
  /** Called when a head was parsed, when a body has grown, and when a message is complete. */
  readonly onMessage?: (message: WireMessage, event: "head" | "body" | "complete") => void;
}

type State =
  | "head"
  | "length"
  | "chunk-line"
  | "chunk-data"
  | "chunk-end"
  | "trailers"
  | "until-close"
  | "stopped";

const emptyLine = Buffer.from("\r\n\r\n");
// Longest line or head that a test sends on purpose, with room; beyond it the peer is broken.
const maxHeadBytes = 1 << 20;

/**
 * Strict reader of one direction of a connection: bytes in, messages out. After the first fault
 * nothing more is read.
 *
 * Interim responses are messages of their own; 101 turns the rest of the connection into that
 * message's body.
 */
export class WireParser {
  readonly messages: WireMessage[] = [];
  /** The first broken rule, or `undefined`. */
  fault: string | undefined;
  /** Bytes that belong to no message yet: a head or line that is not complete. */
  pending: Buffer = Buffer.alloc(0);
  readonly #options: WireParserOptions;
  #state: State = "head";
  #left = 0;
  #trailers: WireField[] = [];

  constructor(options: WireParserOptions) {
    this.#options = options;
  }

  /** Whether the bytes so far end exactly between two messages. */
  get isBetweenMessages(): boolean {
    return this.fault === undefined && this.#state === "head" && this.pending.length === 0;
  }

  /** The message that has started last, complete or not. */
  get last(): WireMessage | undefined {
    return this.messages.at(-1);
  }

  /** Takes the next bytes, which the parser may keep. */
  push(bytes: Buffer): void {
    if (this.fault !== undefined) return;
    let input: Buffer = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    this.pending = Buffer.alloc(0);
    try {
      while (input.length > 0) {
        const rest = this.#step(input);
        if (rest === undefined) {
          if (input.length > maxHeadBytes) throw new WireFault("head or line without end");
          this.pending = input;
          return;
        }
        input = rest;
      }
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      this.fault = error.message;
      this.#state = "stopped";
    }
  }

  /** The peer has sent FIN: completes a close-delimited message. */
  end(): void {
    if (this.#state === "until-close" && this.fault === undefined) this.#complete();
  }

  /** Consumes one unit and returns what is behind it; `undefined` when more bytes are needed. */
  #step(input: Buffer): Buffer | undefined {
    switch (this.#state) {
      case "head":
        return this.#head(input);
      case "length":
      case "chunk-data":
        return this.#data(input);
      case "chunk-line":
        return this.#line(input, (line) => {
          this.#left = parseChunkLine(line);
          this.#state = this.#left === 0 ? "trailers" : "chunk-data";
        });
      case "chunk-end":
        return this.#line(input, (line) => {
          if (line !== "") throw new WireFault("chunk data is longer than its size");
          this.#state = "chunk-line";
        });
      case "trailers":
        return this.#line(input, (line) => {
          if (line !== "") this.#trailers.push(parseField(line));
          else this.#complete();
        });
      case "until-close":
        this.last?.append(input, this.#options.keepsBodies !== false);
        this.#announce("body");
        return Buffer.alloc(0);
      case "stopped":
        throw new WireFault("bytes after the end");
    }
  }

  #head(input: Buffer): Buffer | undefined {
    const end = input.indexOf(emptyLine);
    const raw = end < 0 ? input : input.subarray(0, end + 4);
    checkLineEnds(raw);
    if (end < 0) return undefined;
    const head = parseHead(Buffer.from(raw), this.#options.kind);
    const framing = this.#framingOf(head);
    this.messages.push(new WireMessage(head, framing.kind));
    this.#left = framing.length;
    this.#trailers = [];
    this.#state = stateOf(framing.kind);
    this.#announce("head");
    if (framing.kind === "none" || (framing.kind === "length" && framing.length === 0))
      this.#complete();
    return input.subarray(end + 4);
  }

  #data(input: Buffer): Buffer {
    const taken = Math.min(this.#left, input.length);
    this.last?.append(input.subarray(0, taken), this.#options.keepsBodies !== false);
    this.#left -= taken;
    this.#announce("body");
    if (this.#left === 0) {
      if (this.#state === "length") this.#complete();
      else this.#state = "chunk-end";
    }
    return input.subarray(taken);
  }

  #line(input: Buffer, take: (line: string) => void): Buffer | undefined {
    const end = input.indexOf("\r\n");
    checkLineEnds(end < 0 ? input : input.subarray(0, end + 2));
    if (end < 0) return undefined;
    take(input.toString("latin1", 0, end));
    return input.subarray(end + 2);
  }

  #complete(): void {
    const message = this.last;
    if (message === undefined) return;
    message.trailers = this.#trailers;
    message.complete = true;
    this.#state = message.framing === "until-close" ? "stopped" : "head";
    this.#announce("complete");
  }

  #announce(event: "head" | "body" | "complete"): void {
    if (this.last !== undefined) this.#options.onMessage?.(this.last, event);
  }

  #framingOf(head: WireHead): { kind: WireFraming; length: number } {
    const lengths = valuesOf(head.fields, "content-length");
    const codings = valuesOf(head.fields, "transfer-encoding");
    if (lengths.length + codings.length > 1) throw new WireFault("more than one framing field");
    if (codings.length > 0 && head.version === "1.0")
      throw new WireFault("Transfer-Encoding in HTTP/1.0");
    if (codings.some((value) => value.toLowerCase() !== "chunked"))
      throw new WireFault(`Transfer-Encoding is ${codings.join()}`);
    const length = lengths.length > 0 ? parseLength(lengths.join()) : 0;
    if (head.kind === "response") {
      if (head.status === 101) return { kind: "tunnel", length: 0 };
      if (head.status < 200) {
        if (lengths.length + codings.length > 0)
          throw new WireFault("framing field in an interim response");
        return { kind: "none", length: 0 };
      }
      const method = this.#options.nextMethod?.() ?? "GET";
      if (method === "HEAD" || head.status === 204 || head.status === 304)
        return { kind: "none", length: 0 };
      if (lengths.length + codings.length === 0) return { kind: "until-close", length: 0 };
    }
    if (codings.length > 0) return { kind: "chunked", length: 0 };
    return { kind: lengths.length > 0 ? "length" : "none", length };
  }
}

function stateOf(framing: WireFraming): State {
  if (framing === "chunked") return "chunk-line";
  if (framing === "until-close" || framing === "tunnel") return "until-close";
  return framing === "length" ? "length" : "head";
}

/**
 * Every CR is followed by LF and every LF follows a CR (RFC 9112 §2.2); a CR in the last place may
 * still be.
 */
function checkLineEnds(bytes: Buffer): void {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1))
    if (bytes[at - 1] !== 13) throw new WireFault("line feed without carriage return");
  for (let at = bytes.indexOf(13); at >= 0 && at < bytes.length - 1; at = bytes.indexOf(13, at + 1))
    if (bytes[at + 1] !== 10) throw new WireFault("carriage return without line feed");
}
