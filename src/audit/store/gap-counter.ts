import type { Gap } from "../format/encoder.ts";

/** Counts records that are lost, until a gap record that tells of them is stored. */
export class GapCounter {
  #first = 0;
  #last = 0;
  #records = 0;
  #bytes = 0;
  #refused = 0;
  #reason = "";
  #fromMs = 0;
  #toMs = 0;

  /** Lost records not told of yet. */
  get records(): number {
    return this.#records;
  }

  /** @param wallMs milliseconds since the Unix epoch */
  add(sequence: number, bytes: number, isRefused: boolean, reason: string, wallMs: number): void {
    if (this.#records === 0) {
      this.#first = sequence;
      this.#last = sequence;
      this.#fromMs = wallMs;
    }
    this.#first = Math.min(this.#first, sequence);
    this.#last = Math.max(this.#last, sequence);
    this.#toMs = wallMs;
    this.#records += 1;
    this.#bytes += bytes;
    if (isRefused) this.#refused += 1;
    this.#reason = reason;
  }

  /** The counts so far; they stay until `clear`, because the gap record itself may fail. */
  take(): Gap {
    return {
      firstSequence: this.#first,
      lastSequence: this.#last,
      records: this.#records,
      bytes: this.#bytes,
      refused: this.#refused,
      reason: this.#reason,
      fromMs: this.#fromMs,
      toMs: this.#toMs,
    };
  }

  clear(): void {
    this.#records = 0;
    this.#bytes = 0;
    this.#refused = 0;
  }
}
