import type { PendingRecord } from "../record/pending-record.ts";

/**
 * Exchanges and sessions with their first record and not the second yet, oldest first; the links
 * are in the records.
 */
export class PendingRecords {
  #first: PendingRecord | undefined = undefined;
  #last: PendingRecord | undefined = undefined;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param record not in the list */
  add(record: PendingRecord): void {
    const last = this.#last;
    record.previousOpen = last;
    if (last === undefined) this.#first = record;
    else last.nextOpen = record;
    this.#last = record;
    this.#count += 1;
  }

  /** Does nothing when the record is not in the list. */
  remove(record: PendingRecord): void {
    const previous = record.previousOpen;
    const next = record.nextOpen;
    if (previous === undefined && this.#first !== record) return;
    if (previous === undefined) this.#first = next;
    else previous.nextOpen = next;
    if (next === undefined) this.#last = previous;
    else next.previousOpen = previous;
    record.previousOpen = undefined;
    record.nextOpen = undefined;
    this.#count -= 1;
  }

  /** The callback may remove the record that it is given. */
  forEach(take: (record: PendingRecord) => void): void {
    let at = this.#first;
    while (at !== undefined) {
      const next = at.nextOpen;
      take(at);
      at = next;
    }
  }
}
