/**
 * The value that a body scanner fills for each piece of a body; everything after the scanner reads
 * it.
 */
import { Buffer } from "node:buffer";

const none = Buffer.alloc(0);
/** Shorter parts are copied byte by byte, which costs less than a call of `copy`. */
const shortBytes = 32;

/**
 * A piece of a body as it was read, and what of it may be passed on. A {@link BodyScanner} fills it
 * and uses it again for the next piece: what is wanted longer must be copied.
 */
export abstract class BodyPiece {
  /** The buffer that was scanned from {@link start}; empty after {@link release}. */
  bytes: Buffer = none;
  start = 0;
  /** Index behind the last byte that belongs to this body and is valid. */
  consumed = 0;
  /**
   * `[start, end)` pairs inside the scanned range that must not be passed on; `cutCount` numbers
   * are valid.
   */
  readonly cuts: number[] = [];
  cutCount = 0;
  /** `[start, end)` pairs of content; `dataCount` numbers are valid. */
  readonly data: number[] = [];
  dataCount = 0;
  /** Bytes held back from earlier pieces, to pass on before the released ones. */
  prefix: Buffer = none;
  /**
   * With the last piece: bytes to pass on behind the released ones (a held-back trailer section
   * with the final empty line).
   */
  tail: Buffer = none;
  /** Content bytes of the body so far, those of this piece included. */
  contentBytes = 0;

  /** The body has ended with this piece. */
  abstract get isOver(): boolean;

  /** The released bytes are exactly those scanned: nothing to cut, to put before or behind. */
  get isPlain(): boolean {
    return this.cutCount === 0 && this.prefix === none && this.tail === none;
  }

  /** Room in bytes that {@link copyTo} needs at most. */
  get room(): number {
    return this.prefix.length + this.consumed - this.start + this.tail.length;
  }

  /** Bytes that {@link copyTo} copies. */
  get releasedBytes(): number {
    let count = this.room;
    for (let i = 0; i < this.cutCount; i += 2)
      count -= (this.cuts[i + 1] ?? 0) - (this.cuts[i] ?? 0);
    return count;
  }

  /** Copies what may be passed on, the tail included. @returns the index behind it */
  copyTo(out: Buffer, at: number): number {
    const { bytes } = this;
    let to = at;
    if (this.prefix.length > 0) to += this.prefix.copy(out, to);
    let from = this.start;
    for (let i = 0; i < this.cutCount; i += 2) {
      to += bytes.copy(out, to, from, this.cuts[i]);
      from = this.cuts[i + 1] ?? from;
    }
    to += bytes.copy(out, to, from, this.consumed);
    return this.tail.length > 0 ? to + this.tail.copy(out, to) : to;
  }

  /** What may be passed on: the received bytes themselves where nothing is cut, else a copy. */
  released(): Buffer {
    if (this.isPlain) return this.bytes.subarray(this.start, this.consumed);
    const out = Buffer.allocUnsafe(this.room);
    return out.subarray(0, this.copyTo(out, 0));
  }

  /** Copies the content alone, without its chunk lines. @returns the index behind it */
  copyContentTo(out: Buffer, at: number): number {
    let to = at;
    const { bytes, data, dataCount } = this;
    for (let i = 0; i < dataCount; i += 2) {
      const from = data[i] ?? 0;
      const end = data[i + 1] ?? 0;
      if (end - from > shortBytes) to += bytes.copy(out, to, from, end);
      else for (let byte = from; byte < end; byte += 1) out[to++] = bytes[byte] ?? 0;
    }
    return to;
  }

  /** Lets go of the buffer, so that an idle connection does not keep it in memory. */
  release(): void {
    this.bytes = none;
  }

  /** Makes the piece empty and {@link contentBytes} 0, for the next body. */
  protected clear(): void {
    if (this.tail !== none) this.tail = none;
    if (this.prefix !== none) this.prefix = none;
    this.contentBytes = 0;
  }

  /** The next piece begins at `start`. */
  protected open(bytes: Buffer, start: number): void {
    this.bytes = bytes;
    this.start = start;
    this.cutCount = 0;
    this.dataCount = 0;
    if (this.prefix !== none) this.prefix = none;
  }
}
