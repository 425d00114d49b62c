import type { LineBatch } from "./line-batch.ts";
import { pieceOf } from "./line-batch.ts";

/**
 * Writes instants with nanoseconds, keeping the bytes of the current second. The clock gives about
 * 0.25 µs; finer digits are what its fraction holds.
 */
export class TimestampWriter {
  readonly #separator: string;
  #second = Number.NaN;
  #piece: Uint8Array = pieceOf("");

  /** @param separator between date and time: `T` or a blank */
  constructor(separator: "T" | " ") {
    this.#separator = separator;
  }

  /**
   * Puts `2026-11-23T04:24:11.123456789`, UTC; what marks the zone is for the caller to add.
   *
   * @param wallMs milliseconds since the Unix epoch, fractional
   */
  put(batch: LineBatch, wallMs: number): void {
    const second = Math.floor(wallMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      const iso = new Date(second * 1000).toISOString();
      this.#piece = pieceOf(`${iso.slice(0, 10)}${this.#separator}${iso.slice(11, 19)}.`);
    }
    batch.putPiece(this.#piece);
    batch.putDigits(Math.min(Math.floor((wallMs - second * 1000) * 1e6), 999_999_999), 9);
  }
}
