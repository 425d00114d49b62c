/** A text of bytes that is put together from many short pieces. */
import { Buffer } from "node:buffer";

/** A longer text gets memory of its own, in bytes. */
const usualBytes = 16_384;
/** Longer pieces are copied by `copy`, whose call costs more than the bytes of shorter ones. */
const shortBytes = 48;

/** Puts one text together at a time, without a string for each piece. */
export class ByteText {
  readonly #usual = Buffer.allocUnsafeSlow(usualBytes);
  #bytes = this.#usual;
  #length = 0;

  /** The text so far stands in the first `length` of them. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#bytes = this.#usual;
    this.#length = 0;
  }

  /** @param piece one char per byte */
  add(piece: string): void {
    this.#makeRoom(piece.length);
    const bytes = this.#bytes;
    let to = this.#length;
    if (piece.length > shortBytes) to += bytes.write(piece, to, "latin1");
    else for (let at = 0; at < piece.length; at += 1) bytes[to++] = piece.charCodeAt(at);
    this.#length = to;
  }

  addBytes(piece: Buffer, start: number, end: number): void {
    this.#makeRoom(end - start);
    const bytes = this.#bytes;
    let to = this.#length;
    if (end - start > shortBytes) to += piece.copy(bytes, to, start, end);
    else for (let at = start; at < end; at += 1) bytes[to++] = piece[at] ?? 0;
    this.#length = to;
  }

  /** One char per byte. */
  toString(): string {
    return this.#bytes.toString("latin1", 0, this.#length);
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(needed * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
