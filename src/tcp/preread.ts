import { Buffer } from "node:buffer";
/**
 * The first bytes of a connection, until a decision falls.
 *
 * One chunk is kept as it came, without a copy. More of them are joined in a buffer that doubles,
 * so that n bytes cost O(n) however they are split. Bytes beyond the limit are kept too (the caller
 * stops reading then), but never shown.
 */
export class Preread {
  /** Bytes shown to the router at most. */
  readonly limit: number;
  #bytes: Buffer = empty;
  #length = 0;
  /** Whether `#bytes` is our own buffer with room behind `#length`. */
  #isOwn = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes kept. */
  get length(): number {
    return this.#length;
  }

  /** Whether the router has been, or can be, shown as much as it ever will. */
  get isFull(): boolean {
    return this.#length >= this.limit;
  }

  append(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#bytes = chunk;
      this.#length = chunk.length;
      return;
    }
    const length = this.#length + chunk.length;
    if (!this.#isOwn || length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(chunk, this.#length);
    this.#length = length;
  }

  /**
   * All bytes so far, up to the limit. Bytes that are appended later do not change what a view
   * shows.
   */
  view(): Buffer {
    return this.#bytes.subarray(0, Math.min(this.#length, this.limit));
  }

  /** Everything from an offset on. */
  from(offset: number): Buffer {
    return this.#bytes.subarray(offset, this.#length);
  }

  /** Lets go of the bytes. */
  clear(): void {
    this.#bytes = empty;
    this.#length = 0;
    this.#isOwn = false;
  }

  #grow(length: number): void {
    let size = Math.max(256, this.#bytes.length);
    while (size < length) size *= 2;
    const grown = Buffer.allocUnsafeSlow(size);
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#isOwn = true;
  }
}

const empty = Buffer.alloc(0);
