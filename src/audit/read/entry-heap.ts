/** Entries that wait for their turn, the earliest first. */
import type { TrailEntry } from "./trail-entry.ts";

/** Binary heap of entries by the time at which they began; those without time come first. */
export class EntryHeap {
  readonly #entries: TrailEntry[] = [];
  #bytes = 0;

  get count(): number {
    return this.#entries.length;
  }

  /** Bytes of the lines that it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the earliest one began; infinite when there is none. */
  get firstMs(): number {
    const [first] = this.#entries;
    return first === undefined ? Infinity : timeOf(first);
  }

  push(entry: TrailEntry): void {
    this.#bytes += bytesOf(entry);
    this.#entries.push(entry);
    let at = this.#entries.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the earliest one. */
  pop(): TrailEntry | undefined {
    const [first] = this.#entries;
    const last = this.#entries.pop();
    if (first === undefined || last === undefined) return undefined;
    this.#bytes -= bytesOf(first);
    if (this.#entries.length === 0) return first;
    this.#entries[0] = last;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#entries.length && this.#isBefore(child, least)) least = child;
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [first, second] = [this.#entries[one], this.#entries[other]];
    if (first === undefined || second === undefined) return false;
    const difference = timeOf(first) - timeOf(second);
    return difference === 0 ? placeOf(first) < placeOf(second) : difference < 0;
  }

  #swap(one: number, other: number): void {
    const [first, second] = [this.#entries[one], this.#entries[other]];
    if (first === undefined || second === undefined) return;
    this.#entries[one] = second;
    this.#entries[other] = first;
  }
}

function timeOf({ startMs }: TrailEntry): number {
  return Number.isNaN(startMs) ? -Infinity : startMs;
}

/** Lines of one journal that have the same time stay in their order. */
function placeOf({ opening, closing }: TrailEntry): number {
  return (opening ?? closing)?.offset ?? 0;
}

function bytesOf({ opening, closing }: TrailEntry): number {
  return (opening?.bytes.length ?? 0) + (closing?.bytes.length ?? 0);
}
