import { Buffer } from "node:buffer";
import { BodyPiece } from "./body-piece.ts";
import { bodyKind } from "./framing-fields.ts";
import { noNames } from "./message-head.ts";
import { trailerStatus, TrailerSection } from "./trailer-section.ts";
import { hexValue, byte, byteClass } from "./character-classes.ts";

/** What {@link BodyScanner.scan} returns. */
export const scanStatus = { more: 0, done: 1, failed: 2 } as const;
export type ScanStatus = (typeof scanStatus)[keyof typeof scanStatus];

const state = {
  size: 0,
  sizeFeed: 1,
  extensionStart: 2,
  extensionName: 3,
  extensionValueStart: 4,
  extensionToken: 5,
  extensionQuoted: 6,
  extensionEscape: 7,
  extensionEnd: 8,
  data: 9,
  dataReturn: 10,
  dataFeed: 11,
  trailerStart: 12,
  trailerLine: 13,
  endFeed: 14,
  over: 15,
} as const;

/** Digits of a chunk size, leading zeros included: 2^53 has 14. */
const maxSizeDigits = 16;
/**
 * Bytes of chunk extensions in one line, and in one message: they are cut out, and reading them
 * without a bound was an attack on Node.js (CVE-2024-22019).
 */
const maxExtensionLine = 4096;
const maxExtensionTotal = 16384;

/**
 * Finds the end of a body and which bytes of a buffer may be passed on.
 *
 * Length-delimited bodies are counted. Chunked ones (RFC 9112 §7.1) are read at the chunk lines and
 * skipped by count in the data. A chunk's line, and the line end behind its data, are released only
 * when each is complete and valid: a piece of one is held back and offered as {@link prefix} later,
 * a fault ends the body before it. Chunk extensions are cut out; a trailer section is offered as
 * {@link tail}. Pure and resumable at every byte.
 */
export class BodyScanner extends BodyPiece {
  #kind: number = bodyKind.none;
  #state: number = state.over;
  #remaining = 0;
  #digits = 0;
  #extensionLine = 0;
  #extensionTotal = 0;
  readonly #trailer = new TrailerSection();
  /** Where the line being read began in the scanned buffer; -1 inside data. */
  #lineAt = -1;
  #held: number[] = [];

  /**
   * Makes ready for a body of the given {@link bodyKind}; `length` in bytes matters for
   * `bodyKind.length` only.
   *
   * @param nominated lower-case names that `Connection` of the head names: such trailers stay here.
   */
  reset(kind: number, length: number, nominated: ReadonlySet<string> = noNames): void {
    this.#kind = kind;
    this.#remaining = length;
    this.#state =
      kind === bodyKind.chunked ? state.size : kind === bodyKind.none ? state.over : state.data;
    this.#digits = 0;
    this.#extensionTotal = 0;
    this.clear();
    if (this.#held.length > 0) this.#held = [];
    this.#lineAt = -1;
    this.#trailer.reset(nominated);
  }

  /** The {@link bodyKind} given to {@link reset}. */
  get kind(): number {
    return this.#kind;
  }

  override get isOver(): boolean {
    return this.#state === state.over;
  }

  /** Bytes of the content: announced, or come so far. */
  get knownBytes(): number {
    return this.contentBytes + (this.#kind === bodyKind.length ? this.#remaining : 0);
  }

  /**
   * Reads `bytes[start, end)`; see the fields for what it found. After `failed` the scanner must
   * not be used again.
   */
  scan(bytes: Buffer, start: number, end: number): ScanStatus {
    this.open(bytes, start);
    if (this.#kind === bodyKind.chunked) return this.#scanChunked(bytes, start, end);
    if (this.#state === state.over) {
      this.consumed = start;
      return scanStatus.done;
    }
    const length =
      this.#kind === bodyKind.untilClose ? end - start : Math.min(this.#remaining, end - start);
    this.#take(start, start + length);
    this.consumed = start + length;
    if (this.#kind === bodyKind.untilClose) return scanStatus.more;
    this.#remaining -= length;
    if (this.#remaining > 0) return scanStatus.more;
    this.#state = state.over;
    return scanStatus.done;
  }

  #take(start: number, end: number): void {
    if (end === start) return;
    this.data[this.dataCount] = start;
    this.data[this.dataCount + 1] = end;
    this.dataCount += 2;
    this.contentBytes += end - start;
  }

  #cut(start: number, end: number): void {
    if (end === start) return;
    if (this.cutCount > 0 && this.cuts[this.cutCount - 1] === start) {
      this.cuts[this.cutCount - 1] = end;
      return;
    }
    this.cuts[this.cutCount] = start;
    this.cuts[this.cutCount + 1] = end;
    this.cutCount += 2;
  }

  #scanChunked(bytes: Uint8Array, start: number, end: number): ScanStatus {
    let at = start;
    this.#lineAt = this.#state === state.data ? -1 : start;
    while (at < end) {
      const c = bytes[at] ?? 0;
      switch (this.#state) {
        case state.data: {
          const length = Math.min(this.#remaining, end - at);
          this.#take(at, at + length);
          this.#remaining -= length;
          at += length;
          if (this.#remaining > 0) continue;
          this.#state = state.dataReturn;
          this.#lineAt = at;
          continue;
        }
        case state.dataReturn:
          if (c !== 0x0d) return this.#fail(at);
          this.#state = state.dataFeed;
          break;
        case state.dataFeed:
          if (c !== 0x0a) return this.#fail(at);
          this.#state = state.size;
          this.#digits = 0;
          this.#remaining = 0;
          // The chunk is whole: it must not wait for the next one.
          this.#releaseLine();
          this.#lineAt = at + 1;
          break;
        case state.size:
          if (((byteClass[c] ?? 0) & byte.hex) !== 0) {
            this.#remaining = this.#remaining * 16 + (hexValue[c] ?? 0);
            this.#digits += 1;
            if (this.#digits > maxSizeDigits || this.#remaining > Number.MAX_SAFE_INTEGER)
              return this.#fail(at);
            break;
          }
          if (this.#digits === 0) return this.#fail(at);
          if (c === 0x0d) this.#state = state.sizeFeed;
          else if (c === 0x3b) {
            this.#extensionLine = 0;
            if (!this.#extend(at)) return this.#fail(at);
            this.#state = state.extensionStart;
          } else return this.#fail(at);
          break;
        case state.sizeFeed:
          if (c !== 0x0a) return this.#fail(at);
          this.#state = this.#remaining === 0 ? state.trailerStart : state.data;
          if (this.#remaining > 0) this.#releaseLine();
          break;
        case state.extensionStart:
        case state.extensionName:
        case state.extensionValueStart:
        case state.extensionToken:
        case state.extensionQuoted:
        case state.extensionEscape:
        case state.extensionEnd:
          if (!this.#scanExtension(c)) return this.#fail(at);
          if (c !== 0x0d && !this.#extend(at)) return this.#fail(at);
          break;
        case state.trailerStart:
          if (c === 0x0d) {
            this.#state = state.endFeed;
            if (!this.#trailer.isEmpty) this.#cut(at, at + 1);
            break;
          }
          if (!this.#trailer.beginLine()) return this.#fail(at);
          this.#state = state.trailerLine;
          continue;
        case state.trailerLine: {
          this.#cut(at, at + 1);
          const status = this.#trailer.take(c);
          if (status === trailerStatus.failed) return this.#fail(at);
          if (status === trailerStatus.lineEnd) this.#state = state.trailerStart;
          break;
        }
        case state.endFeed:
          if (c !== 0x0a) return this.#fail(at);
          if (!this.#trailer.isEmpty) {
            this.#cut(at, at + 1);
            this.tail = this.#trailer.bytes;
          }
          this.#state = state.over;
          this.#releaseLine();
          this.consumed = at + 1;
          return scanStatus.done;
        default:
          this.consumed = at;
          return scanStatus.done;
      }
      at += 1;
    }
    this.consumed = at;
    if (this.#lineAt !== -1) this.#holdLine(bytes, at);
    return scanStatus.more;
  }

  #releaseLine(): void {
    this.#lineAt = -1;
    if (this.#held.length === 0) return;
    this.prefix = Buffer.from(this.#held);
    this.#held = [];
  }

  /** Keeps the bytes from the line's begin to `end` that are not cut anyway, and cuts them. */
  #holdLine(bytes: Uint8Array, end: number): void {
    const lineAt = this.#lineAt;
    let from = lineAt;
    let kept = this.cutCount;
    for (let i = 0; i < this.cutCount; i += 2) {
      if ((this.cuts[i] ?? 0) < lineAt) continue;
      kept = Math.min(kept, i);
      for (; from < (this.cuts[i] ?? 0); from += 1) this.#held.push(bytes[from] ?? 0);
      from = this.cuts[i + 1] ?? from;
    }
    for (; from < end; from += 1) this.#held.push(bytes[from] ?? 0);
    this.cutCount = kept;
    this.#cut(lineAt, end);
  }

  /**
   * RFC 9112 §7.1.1 without the white space that its grammar calls bad: `*( ";" token [ "=" ( token
   * / quoted-string ) ] )`.
   */
  #scanExtension(c: number): boolean {
    const kind = byteClass[c] ?? 0;
    switch (this.#state) {
      case state.extensionStart:
        this.#state = state.extensionName;
        return (kind & byte.token) !== 0;
      case state.extensionName:
        if ((kind & byte.token) !== 0) return true;
        if (c === 0x3d) {
          this.#state = state.extensionValueStart;
          return true;
        }
        return this.#endExtension(c);
      case state.extensionValueStart:
        this.#state = c === 0x22 ? state.extensionQuoted : state.extensionToken;
        return c === 0x22 || (kind & byte.token) !== 0;
      case state.extensionToken:
        return (kind & byte.token) !== 0 || this.#endExtension(c);
      case state.extensionQuoted:
        if (c === 0x22) this.#state = state.extensionEnd;
        else if (c === 0x5c) this.#state = state.extensionEscape;
        else return (kind & byte.quoted) !== 0;
        return true;
      case state.extensionEscape:
        this.#state = state.extensionQuoted;
        return (kind & byte.quoted) !== 0 || c === 0x22 || c === 0x5c;
      default:
        return this.#endExtension(c);
    }
  }

  #endExtension(c: number): boolean {
    if (c === 0x3b) this.#state = state.extensionStart;
    else if (c === 0x0d) this.#state = state.sizeFeed;
    else return false;
    return true;
  }

  #extend(at: number): boolean {
    this.#cut(at, at + 1);
    this.#extensionLine += 1;
    this.#extensionTotal += 1;
    return this.#extensionLine <= maxExtensionLine && this.#extensionTotal <= maxExtensionTotal;
  }

  #fail(at: number): ScanStatus {
    this.consumed = this.#lineAt === -1 ? at : this.#lineAt;
    while (this.cutCount > 0 && (this.cuts[this.cutCount - 2] ?? 0) >= this.consumed)
      this.cutCount -= 2;
    return scanStatus.failed;
  }
}
