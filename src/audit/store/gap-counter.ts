import type { Gap } from "../format/encoder.ts";

/** Consecutive records of one file. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly records: number;
  readonly bytes: number;
  /** When the first of them was written. Milliseconds since the Unix epoch. */
  readonly fromMs: number;
}

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
    this.addStretch(
      { first: sequence, last: sequence, records: 1, bytes, fromMs: wallMs },
      reason,
      wallMs,
    );
    if (isRefused) this.#refused += 1;
  }

  /** Records that had been stored and are lost together. @param wallMs of the loss */
  addStretch(stretch: Stretch, reason: string, wallMs: number): void {
    const isFirst = this.#records === 0;
    this.#first = isFirst ? stretch.first : Math.min(this.#first, stretch.first);
    this.#last = isFirst ? stretch.last : Math.max(this.#last, stretch.last);
    this.#fromMs = isFirst ? stretch.fromMs : Math.min(this.#fromMs, stretch.fromMs);
    this.#toMs = wallMs;
    this.#records += stretch.records;
    this.#bytes += stretch.bytes;
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

  /** Takes over what a gap record would have told. */
  restore(gap: Gap): void {
    this.addStretch(
      {
        first: gap.firstSequence,
        last: gap.lastSequence,
        records: gap.records,
        bytes: gap.bytes,
        fromMs: gap.fromMs,
      },
      gap.reason,
      Math.max(gap.toMs, this.#records === 0 ? gap.toMs : this.#toMs),
    );
    this.#refused += gap.refused;
  }

  clear(): void {
    this.#records = 0;
    this.#bytes = 0;
    this.#refused = 0;
  }
}
