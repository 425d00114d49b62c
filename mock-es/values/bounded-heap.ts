/**
 * A heap that keeps so many of its elements, with the order of equal ones that Lucene's
 * PriorityQueue gives.
 */
export class BoundedHeap<T> {
  readonly #most: number;
  readonly #isLess: (a: T, b: T) => boolean;
  readonly #heap: T[] = [];

  /**
   * @param most elements that are kept
   * @param isLess true when `a` is dropped before `b`
   */
  constructor(most: number, isLess: (a: T, b: T) => boolean) {
    this.#most = most;
    this.#isLess = isLess;
  }

  /** Adds an element, or drops it or the least one when all places are taken. */
  offer(element: T): void {
    const [least] = this.#heap;
    if (this.#heap.length < this.#most) {
      this.#heap.push(element);
      this.#up(this.#heap.length - 1);
    } else if (least !== undefined && this.#isLess(least, element)) {
      this.#heap[0] = element;
      this.#down();
    }
  }

  /** Takes all elements out, the least first. */
  drain(): T[] {
    const found: T[] = [];
    for (;;) {
      const [least] = this.#heap;
      const last = this.#heap.pop();
      if (least === undefined || last === undefined) return found;
      found.push(least);
      if (this.#heap.length > 0) {
        this.#heap[0] = last;
        this.#down();
      }
    }
  }

  #less(a: T | undefined, b: T | undefined): boolean {
    return a !== undefined && b !== undefined && this.#isLess(a, b);
  }

  #up(from: number): void {
    const heap = this.#heap;
    const node = heap[from];
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!this.#less(node, above) || above === undefined) break;
      heap[at] = above;
      at = parent;
    }
    if (node !== undefined) heap[at] = node;
  }

  #down(): void {
    const heap = this.#heap;
    const [node] = heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (this.#less(heap[child + 1], heap[child])) child++;
      const below = heap[child];
      if (below === undefined || !this.#less(below, node)) break;
      heap[at] = below;
      at = child;
    }
    if (node !== undefined) heap[at] = node;
  }
}
