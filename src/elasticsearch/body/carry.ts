/** Keeps the bytes of a token that a cut splits, until its end has come. */
import { Buffer } from "node:buffer";

const none = Buffer.alloc(0);
/** Most values that pieces cut in two are shorter; room grows from here. Bytes. */
const firstRoom = 512;
/** So few bytes are copied faster by a loop than by a call. */
const nearBytes = 32;

/** The bytes of a token that goes on in the next piece, up to a limit. */
export class Carry {
  /** `bytes[0, length)` is kept. */
  bytes: Buffer = none;
  length = 0;
  readonly #limit: number;

  /** @param limit most bytes that are kept; what comes after them is dropped */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(piece: Buffer, from: number, to: number): void {
    const added = Math.min(to - from, this.#limit - this.length);
    if (added <= 0) return;
    const needed = this.length + added;
    if (needed > this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstRoom, Math.min(2 * needed, this.#limit)));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    if (added > nearBytes) piece.copy(this.bytes, this.length, from, from + added);
    else for (let at = 0; at < added; at += 1) this.bytes[this.length + at] = piece[from + at] ?? 0;
    this.length = needed;
  }
}
