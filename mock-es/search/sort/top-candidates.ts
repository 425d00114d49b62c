/** The best candidates of a search. */
import type { SearchDocument } from "../fields/document.ts";
import type { Sort, SortValue } from "./sort-key.ts";

/** A document that may become a hit. */
export interface Candidate {
  readonly document: SearchDocument;
  readonly score: number;
  /** Place in the order of the shards and their documents; decides between equal sort values. */
  readonly ordinal: number;
  readonly values: readonly SortValue[];
  /** Number of the shard that the document is in. */
  readonly shard: number;
}

/**
 * Keeps the best `limit` candidates of a sort in a heap whose root is the worst of them: memory and
 * work depend on the page that is asked for, not on the number of matches.
 */
export class TopCandidates {
  readonly #limit: number;
  readonly #sort: Sort;
  readonly #after: readonly SortValue[] | undefined;
  readonly #heap: Candidate[] = [];
  readonly #scratch: SortValue[];

  /** `sort` compares; each shard reads values by a sort of its own. */
  constructor(limit: number, sort: Sort, after?: readonly SortValue[]) {
    this.#limit = limit;
    this.#sort = sort;
    this.#after = after;
    this.#scratch = sort.keys.map(() => undefined);
  }

  /**
   * Considers a match.
   *
   * @param own the sort of the document's shard
   * @param position place of the document within its shard
   */
  offer(
    document: SearchDocument,
    score: number,
    ordinal: number,
    own: Sort = this.#sort,
    shard = 0,
    position = ordinal,
  ): void {
    if (this.#limit === 0) return;
    const { keys } = own;
    const values = this.#scratch;
    for (let at = 0; at < keys.length; at++) values[at] = keys[at]?.read(document, score, position);
    if (this.#after !== undefined && this.#compareValues(values, this.#after) <= 0) return;
    const [worst] = this.#heap;
    // Equal values lose against the worst kept one: its ordinal is lower.
    const isFull = this.#heap.length >= this.#limit;
    if (isFull && worst !== undefined && this.#compareValues(values, worst.values) >= 0) return;
    const candidate = { document, score, ordinal, values: values.slice(), shard };
    if (isFull) this.#replaceWorst(candidate);
    else this.#push(candidate);
  }

  /** The kept candidates, best first. */
  sorted(): Candidate[] {
    return this.#heap.toSorted((a, b) => this.#compare(a, b));
  }

  #compareValues(a: readonly SortValue[], b: readonly SortValue[]): number {
    const { keys } = this.#sort;
    for (let at = 0; at < keys.length; at++) {
      const order = keys[at]?.compare(a[at], b[at]) ?? 0;
      if (order !== 0) return order;
    }
    return 0;
  }

  #compare(a: Candidate, b: Candidate): number {
    return this.#compareValues(a.values, b.values) || a.ordinal - b.ordinal;
  }

  #push(candidate: Candidate): void {
    const heap = this.#heap;
    let at = heap.push(candidate) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || this.#compare(parent, candidate) >= 0) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = candidate;
  }

  #replaceWorst(candidate: Candidate): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const other = heap[below + 1];
      if (other !== undefined && this.#compare(other, child) > 0) {
        child = other;
        below++;
      }
      if (this.#compare(child, candidate) <= 0) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = candidate;
  }
}
