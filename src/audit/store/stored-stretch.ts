/** What was stored since some moment: since the file began, or since it was last on the device. */
import type { LineBatch } from "../format/line-batch.ts";
import type { Stretch } from "./gap-counter.ts";

/** Counts stored lines, so that a gap record can say exactly what was lost with a file. */
export class StoredStretch {
  #first = 0;
  #last = 0;
  #records = 0;
  #bytes = 0;
  #fromMs = 0;

  /**
   * The first `stored` lines of a batch were written. @param wallMs milliseconds since the epoch
   */
  add(batch: LineBatch, stored: number, wallMs: number): void {
    if (stored === 0) return;
    if (this.#records === 0) {
      this.#first = batch.sequences[0] ?? 0;
      this.#fromMs = wallMs;
    }
    this.#last = batch.sequences[stored - 1] ?? this.#last;
    this.#records += stored;
    this.#bytes += batch.ends[stored - 1] ?? 0;
  }

  get value(): Stretch {
    return {
      first: this.#first,
      last: this.#last,
      records: this.#records,
      bytes: this.#bytes,
      fromMs: this.#fromMs,
    };
  }

  /** Goes on from what another one has counted. */
  copy(other: StoredStretch): void {
    this.#first = other.#first;
    this.#last = other.#last;
    this.#records = other.#records;
    this.#bytes = other.#bytes;
    this.#fromMs = other.#fromMs;
  }

  /** Counts what comes from now on. */
  begin(): void {
    this.#records = 0;
    this.#bytes = 0;
  }
}
