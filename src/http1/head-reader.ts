/**
 * Collects heads that arrive in pieces, and lends parsers to connections for the time of one head.
 */
import { Buffer } from "node:buffer";
import { HeadParser } from "./head-parser.ts";
import { headStatus } from "./parser-states.ts";
import type { HeadLimits, HeadStatus } from "./parser-states.ts";
import { StartLineCache } from "./start-line-cache.ts";

const none = Buffer.alloc(0);

/**
 * Reads heads off a connection whose bytes arrive in any pieces.
 *
 * A head that arrives whole is parsed where it lies; one that arrives in pieces is collected in a
 * buffer that doubles, so each byte is moved and parsed once on average. The parser is borrowed
 * from a free list for the time of one head: idle connections hold none.
 */
export class HeadReader {
  readonly #parsers: ParserList;
  #parser: HeadParser | undefined = undefined;
  #collected: Buffer = none;
  #length = 0;

  /** After `done`: index in the *given* buffer behind the head. */
  consumed = 0;

  constructor(parsers: ParserList) {
    this.#parsers = parsers;
  }

  /** Index in `head.bytes` behind all that has come, also behind what the parser has read. */
  seenEnd = 0;

  /** Bytes of an unfinished head have been seen. */
  get isInside(): boolean {
    return this.#length > 0;
  }

  /** What was read of the head, until {@link release}. */
  get head(): HeadParser {
    return (this.#parser ??= this.#parsers.take(false));
  }

  /**
   * Goes on with `bytes[start, end)`. After `done` or `failed` use {@link head}, then call {@link
   * release}.
   */
  read(bytes: Buffer, start: number, end: number, answersHead: boolean): HeadStatus {
    const parser = (this.#parser ??= this.#parsers.take(answersHead));
    if (this.#length === 0) {
      this.seenEnd = end;
      const status = parser.parse(bytes, start, end);
      if (status !== headStatus.more) {
        this.consumed = start + parser.headEnd;
        return status;
      }
      this.#append(parser, bytes, start, end);
      return status;
    }
    const before = this.#length;
    this.#append(parser, bytes, start, Math.min(end, start + parser.limits.headBytes));
    const status = parser.parse(this.#collected, 0, this.#length);
    if (status !== headStatus.more) {
      this.consumed = start + parser.headEnd - before;
    }
    return status;
  }

  /** Gives the parser back; its offsets must not be used any more. */
  release(): void {
    if (this.#parser !== undefined) this.#parsers.give(this.#parser);
    this.#parser = undefined;
    this.#collected = none;
    this.#length = 0;
  }

  #append(parser: HeadParser, bytes: Buffer, start: number, end: number): void {
    const needed = this.#length + end - start;
    if (needed > this.#collected.length) {
      const larger = Buffer.allocUnsafe(Math.max(512, needed, this.#collected.length * 2));
      this.#collected.copy(larger, 0, 0, this.#length);
      this.#collected = larger;
    }
    bytes.copy(this.#collected, this.#length, start, end);
    this.#length = needed;
    parser.bytes = this.#collected;
    parser.base = 0;
    this.seenEnd = needed;
  }
}

/** Parsers that wait to be used. */
export class ParserList {
  readonly #kind: "request" | "response";
  readonly #limits: HeadLimits;
  readonly #startLines = new StartLineCache();
  readonly #free: HeadParser[] = [];

  constructor(kind: "request" | "response", limits: HeadLimits) {
    this.#kind = kind;
    this.#limits = limits;
  }

  take(answersHead: boolean): HeadParser {
    const parser = this.#free.pop() ?? new HeadParser(this.#kind, this.#limits, this.#startLines);
    parser.reset(answersHead);
    return parser;
  }

  give(parser: HeadParser): void {
    parser.release();
    if (this.#free.length < 64) this.#free.push(parser);
  }
}
