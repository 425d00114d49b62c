import { Buffer } from "node:buffer";
import { Carry } from "./carry.ts";
import { ClosingQuote, nearBytes } from "./closing-quote.ts";
import { ContainerKinds } from "./container-kinds.ts";
import { FixedWord } from "./fixed-word.ts";
import { JsonFiller } from "./json-filler.ts";
import {
  afterValue,
  beforeColon,
  beforeKey,
  beforeValue,
  done,
  firstElement,
  firstKey,
  inFiller,
  inKey,
  inLiteral,
  inNumber,
  inString,
} from "./json-states.ts";
import { decodeEscapes, hasEscapes } from "./json-text.ts";
import { isNumberByte, literalKind, literals } from "./json-tokens.ts";
import {
  jsonKind,
  maxJsonDepth,
  type JsonFault,
  type JsonKind,
  type JsonVisitor,
} from "./json-visitor.ts";
import { ScanResult } from "./scan-result.ts";

/**
 * Reads JSON that comes in pieces cut anywhere and tells a {@link JsonVisitor} what it asked for.
 *
 * Reads what Elasticsearch's parser reads (`JsonXContentImpl`: Jackson with comments allowed, a
 * byte order mark skipped). Laxer in what tells nothing: contents of strings (escapes, control
 * characters, UTF-8) and the grammar of numbers are not checked. Equal keys are all reported;
 * Elasticsearch refuses them (STRICT_DUPLICATE_DETECTION). What stands behind the first value is
 * not read, only noted in {@link hasMore}.
 *
 * State is bounded: {@link maxJsonDepth} bytes, and what is carried of a token that a cut splits,
 * at most `maxText` bytes.
 */
export class JsonScanner extends ScanResult {
  readonly #visitor: JsonVisitor;
  readonly #maxText: number;
  readonly #kinds = new ContainerKinds();
  #state: number = beforeValue;
  /** State after a comment or mark. */
  #resume: number = beforeValue;
  /** Bytes written before the current piece, less the index where that began. */
  #base = 0;
  /** The value that comes next is reported. */
  #wanted = true;
  /** Depth of the container whose contents are passed over; -1: none. */
  #passing = -1;
  /** `close` is called for the container passed over. */
  #reportsPassed = false;
  readonly #quote = new ClosingQuote();
  readonly #word = new FixedWord();
  readonly #filler = new JsonFiller();
  readonly #carry: Carry;

  /** @param maxText most bytes of one key or scalar that are offered; the rest is cut off */
  constructor(visitor: JsonVisitor, maxText = 65_536) {
    super();
    this.#visitor = visitor;
    this.#maxText = maxText;
    // One byte more than is offered, to know that it was cut.
    this.#carry = new Carry(maxText + 1);
  }

  /** Makes ready for another JSON text. */
  reset(): void {
    this.depth = 0;
    this.fault = undefined;
    this.hasMore = false;
    this.#state = beforeValue;
    this.written = 0;
    this.#wanted = true;
    this.#passing = -1;
    this.#quote.reset();
    this.#carry.length = 0;
  }

  /** Nothing was written but white space, comments and a byte order mark, or a part of them. */
  get isBlank(): boolean {
    return this.#structureState === beforeValue && this.depth === 0 && this.fault === undefined;
  }

  /** Reads `piece[start, end)`. Without effect after a fault and behind the first value. */
  write(piece: Buffer, start = 0, end = piece.length): void {
    this.#base = this.written - start;
    this.written += end - start;
    if (this.fault !== undefined || this.hasMore || start === end) return;
    const at = this.#state >= inString ? this.#token(piece, start, end) : start;
    if (at < end && this.fault === undefined) this.#structure(piece, at, end);
    this.#quote.forget();
  }

  /** The text is over. Sets the fault `end` when its value is not whole; a blank text has none. */
  finish(): void {
    if (this.fault !== undefined) return;
    this.#base = this.written;
    // Within an object or array, the number may have been cut.
    if (this.#state === inNumber && this.depth === 0) this.#endNumber(none, 0, 0);
    if (this.#structureState === done || this.isBlank) return;
    this.fault = "end";
    this.faultAt = this.written;
  }

  /** Reads from `at`, where no token is open, to the end of the piece. */
  #structure(bytes: Buffer, from: number, end: number): void {
    const kinds = this.#kinds;
    let state = this.#state;
    let at = from;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      switch (byte) {
        case 0x20:
        case 0x0a:
        case 0x0d:
        case 0x09:
          at += 1;
          break;
        case 0x22: {
          if (state > firstKey) return this.#unexpected(byte, at, state);
          let quote = at + 1;
          const near = quote + nearBytes < end ? quote + nearBytes : end;
          while (quote < near && bytes[quote] !== 0x22 && bytes[quote] !== 0x5c) quote += 1;
          // Most strings are short and have no escapes.
          const isPlain = quote < near && bytes[quote] === 0x22;
          if (!isPlain) quote = this.#quote.find(bytes, quote, end);
          if (state <= firstElement) {
            if (this.#wanted && this.#passing < 0) {
              this.valueStart = this.#base + at;
              if (quote < 0) this.#carry.add(bytes, at + 1, end);
              else this.#offer(jsonKind.string, bytes, at + 1, quote, quote + 1);
            }
            state = quote < 0 ? inString : this.depth === 0 ? done : afterValue;
          } else {
            if (this.#passing < 0) {
              if (isPlain) this.#wanted = this.#visitor.key(bytes, at + 1, quote);
              else this.#endKey(bytes, at + 1, quote, end);
            }
            state = quote < 0 ? inKey : beforeColon;
          }
          if (quote < 0) {
            this.#state = state;
            return;
          }
          at = quote + 1;
          // Nearly always the case: spares a round for each member.
          if (state === beforeColon && at < end && bytes[at] === 0x3a) {
            at += 1;
            state = beforeValue;
          }
          break;
        }
        case 0x3a:
          if (state !== beforeColon) return this.#unexpected(byte, at, state);
          state = beforeValue;
          at += 1;
          break;
        case 0x2c:
          if (state !== afterValue) return this.#unexpected(byte, at, state);
          state = kinds.isArray(this.depth) ? beforeValue : beforeKey;
          at += 1;
          break;
        case 0x7b:
        case 0x5b: {
          if (state > firstElement) return this.#unexpected(byte, at, state);
          if (this.depth === maxJsonDepth) return this.#fail("depth", at);
          const isArray = byte === 0x5b;
          this.depth += 1;
          kinds.set(this.depth, isArray);
          state = isArray ? firstElement : firstKey;
          if (this.#passing < 0) this.#open(isArray, at);
          at += 1;
          break;
        }
        case 0x7d:
        case 0x5d: {
          const isArray = byte === 0x5d;
          const mayClose = state === afterValue || state === (isArray ? firstElement : firstKey);
          if (!mayClose || kinds.isArray(this.depth) !== isArray)
            return this.#unexpected(byte, at, state);
          if (this.#passing < 0 || this.#passing === this.depth) this.#close(isArray, at + 1);
          this.depth -= 1;
          at += 1;
          state = this.depth === 0 ? done : afterValue;
          break;
        }
        case 0x2d:
        case 0x30:
        case 0x31:
        case 0x32:
        case 0x33:
        case 0x34:
        case 0x35:
        case 0x36:
        case 0x37:
        case 0x38:
        case 0x39: {
          if (state > firstElement) return this.#unexpected(byte, at, state);
          let stop = at + 1;
          while (stop < end && isNumberByte[bytes[stop] ?? 0] === 1) stop += 1;
          if (this.#wanted && this.#passing < 0) {
            this.valueStart = this.#base + at;
            if (stop === end) this.#carry.add(bytes, at, end);
            else this.#offer(jsonKind.number, bytes, at, stop, stop);
          }
          at = stop;
          state = stop === end ? inNumber : this.depth === 0 ? done : afterValue;
          break;
        }
        default:
          this.#state = state;
          at = this.#other(bytes, at, end, byte, state);
          state = this.#state;
          if (this.fault !== undefined || this.hasMore) return;
      }
    }
    this.#state = state;
  }

  get #structureState(): number {
    return this.#state === inFiller ? this.#resume : this.#state;
  }

  get #isReported(): boolean {
    return this.#wanted && this.#passing < 0;
  }

  #open(isArray: boolean, at: number): void {
    this.#passing = this.depth;
    this.#reportsPassed = this.#wanted;
    if (!this.#wanted) return;
    this.valueStart = this.#base + at;
    if (this.#visitor.open(isArray)) this.#passing = -1;
  }

  #close(isArray: boolean, behind: number): void {
    const reports = this.#passing < 0 || this.#reportsPassed;
    this.#passing = -1;
    this.#wanted = true;
    if (!reports) return;
    this.valueEnd = this.#base + behind;
    this.#visitor.close(isArray);
  }

  /** Reads on in the token that the last piece ended in. */
  #token(bytes: Buffer, from: number, end: number): number {
    switch (this.#state) {
      case inString:
      case inKey:
        return this.#resumeString(bytes, from, end);
      case inNumber:
        return this.#number(bytes, from, end);
      case inLiteral:
        return this.#literal(bytes, from, end);
      default:
        return this.#fill(bytes, from, end);
    }
  }

  /** Reads what begins with none of the structural bytes: literals, comments, a mark. */
  #other(bytes: Buffer, at: number, end: number, byte: number, state: number): number {
    if (byte === 0x2f || (byte === 0xef && this.#base + at === 0)) {
      this.#resume = state;
      this.#state = inFiller;
      this.#filler.begin(byte);
      return this.#fill(bytes, at + 1, end);
    }
    if (state <= firstElement) {
      if (this.#isReported) this.valueStart = this.#base + at;
      const kind = literalKind(byte);
      if (kind !== undefined) {
        this.kind = kind;
        this.#state = inLiteral;
        this.#word.begin(literals[kind] ?? none);
        return this.#literal(bytes, at, end);
      }
    }
    this.#unexpected(byte, at, state);
    return at;
  }

  #resumeString(bytes: Buffer, from: number, end: number): number {
    const quote = this.#quote.find(bytes, from, end);
    const isKey = this.#state === inKey;
    if (isKey) {
      if (this.#passing < 0) this.#endKey(bytes, from, quote, end);
    } else if (this.#isReported) {
      if (quote < 0) this.#carry.add(bytes, from, end);
      else this.#report(jsonKind.string, bytes, from, quote, quote + 1);
    }
    if (quote < 0) return end;
    this.#state = isKey ? beforeColon : this.depth === 0 ? done : afterValue;
    return quote + 1;
  }

  #endKey(bytes: Buffer, from: number, quote: number, end: number): void {
    if (quote < 0) this.#carry.add(bytes, from, end);
    else this.#offerKey(bytes, from, quote);
  }

  #offerKey(piece: Buffer, from: number, to: number): void {
    let bytes = piece;
    let start = from;
    let end = to;
    if (this.#carry.length > 0) {
      bytes = this.#carry.bytes;
      start = 0;
      end = this.#endCarry(piece, from, to);
    }
    if (hasEscapes(bytes, start, end)) {
      const decoded = Buffer.allocUnsafe(end - start);
      end = decodeEscapes(bytes, start, end, decoded);
      bytes = decoded;
      start = 0;
    }
    this.#wanted = this.#visitor.key(bytes, start, end);
  }

  #number(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end && isNumberByte[bytes[at] ?? 0] === 1) at += 1;
    if (at < end) this.#endNumber(bytes, from, at);
    else if (this.#isReported) this.#carry.add(bytes, from, at);
    return at;
  }

  #endNumber(bytes: Buffer, from: number, end: number): void {
    if (this.#isReported) this.#report(jsonKind.number, bytes, from, end, end);
    this.#state = this.depth === 0 ? done : afterValue;
  }

  #literal(bytes: Buffer, from: number, end: number): number {
    const at = this.#word.read(bytes, from, end);
    if (this.#word.isFault) this.#fail("syntax", at);
    else if (this.#word.isOver) {
      this.#state = this.depth === 0 ? done : afterValue;
      if (this.#isReported) {
        const word = literals[this.kind] ?? none;
        this.#offer(this.kind, word, 0, word.length, at);
      }
    }
    return at;
  }

  #fill(bytes: Buffer, from: number, end: number): number {
    const at = this.#filler.read(bytes, from, end);
    if (this.#filler.isFault) this.#fail("syntax", at);
    else if (this.#filler.isOver) this.#state = this.#resume;
    return at;
  }

  /** Offers a scalar whose last part is `piece[from, to)`. */
  #report(kind: JsonKind, piece: Buffer, from: number, to: number, behind: number): void {
    if (this.#carry.length === 0) return this.#offer(kind, piece, from, to, behind);
    const length = this.#endCarry(piece, from, to);
    this.#offer(kind, this.#carry.bytes, 0, length, behind);
  }

  /** Carries the last part of a token. Its bytes stay valid until another one is carried. */
  #endCarry(piece: Buffer, from: number, to: number): number {
    this.#carry.add(piece, from, to);
    const { length } = this.#carry;
    this.#carry.length = 0;
    return length;
  }

  #offer(kind: JsonKind, bytes: Buffer, start: number, end: number, behind: number): void {
    this.valueEnd = this.#base + behind;
    const longest = start + this.#maxText;
    this.kind = kind;
    this.bytes = bytes;
    this.start = start;
    this.isCut = end > longest;
    this.end = end > longest ? longest : end;
    if (this.#visitor.scalar(kind)) this.counting?.starts.add(this.valueStart);
  }

  #unexpected(byte: number, at: number, state: number): void {
    // Jackson detects UTF-16 and UTF-32 by zero bytes and byte order marks.
    const fault = byte === 0 || byte >= 0xfe ? "encoding" : "syntax";
    if (state !== done) return this.#fail(fault, at);
    this.#state = done;
    this.hasMore = true;
    this.moreAt = this.#base + at;
  }

  #fail(fault: JsonFault, at: number): void {
    this.fault = fault;
    this.faultAt = this.#base + at;
  }
}

const none = Buffer.alloc(0);
