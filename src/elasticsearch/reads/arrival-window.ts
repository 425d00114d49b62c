/** Puts what several workers tell into the order of time, within a bounded window. */

/** Items with a time; hands them out in order when nothing earlier is to be expected. */
export class ArrivalWindow<T> {
  /** A binary heap: no item comes before the one at half its position. */
  readonly #heap: T[] = [];
  readonly #timeOf: (item: T) => number;
  readonly #compare: (one: T, other: T) => number;
  readonly #windowMs: number;
  readonly #maxItems: number;
  #latestMs = Number.NEGATIVE_INFINITY;

  /**
   * @param timeOf milliseconds since 1970
   * @param compare order of items; those of an earlier time come first
   * @param windowMs how far one worker may lag behind another, in milliseconds
   * @param maxItems beyond it, the earliest items are handed out without waiting
   */
  constructor(
    timeOf: (item: T) => number,
    compare: (one: T, other: T) => number,
    windowMs: number,
    maxItems: number,
  ) {
    this.#timeOf = timeOf;
    this.#compare = compare;
    this.#windowMs = windowMs;
    this.#maxItems = maxItems;
  }

  add(item: T): void {
    this.advance(this.#timeOf(item));
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || this.#compare(above, item) <= 0) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  }

  /** Up to where everything has been handed out. */
  get watermarkMs(): number {
    return this.#latestMs - this.#windowMs;
  }

  /** Time passes also when nothing arrives. */
  advance(nowMs: number): void {
    this.#latestMs = Math.max(this.#latestMs, nowMs);
  }

  /** The earliest item, if nothing earlier is to be expected. */
  take(): T | undefined {
    const first = this.#heap[0];
    if (first === undefined) return undefined;
    const isDue = this.#timeOf(first) <= this.watermarkMs;
    if (!isDue && this.#heap.length <= this.#maxItems) return undefined;
    this.#removeFirst();
    return first;
  }

  /** All items that wait, in no order. */
  waiting(): readonly T[] {
    return this.#heap;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && this.#compare(right, left) < 0;
      const child = isRight ? right : left;
      if (this.#compare(child, last) >= 0) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}
