/** The operations that are open, and the ways in which a page finds its own. */
import type { LiveOperation } from "./read-operation.ts";

/** Newest cursors by which an operation is found; scroll ids may change with every page. */
const maxCursors = 32;

/** Finds operations by cursor and by search. Bounded; the least recently used ones go first. */
export class OperationTable {
  /** Least recently used first. */
  readonly #reads = new Set<LiveOperation>();
  /** Searches that nothing has continued so far; apart, because they are many. */
  readonly #searches = new Set<LiveOperation>();
  readonly #byCursor = new Map<string, LiveOperation>();
  readonly #bySearch = new Map<string, LiveOperation>();
  readonly #maxOperations: number;

  /** @param maxOperations reads that are open at a time, and as many single searches */
  constructor(maxOperations: number) {
    this.#maxOperations = maxOperations;
  }

  get reads(): Iterable<LiveOperation> {
    return this.#reads;
  }

  *all(): Generator<LiveOperation> {
    yield* this.#reads;
    yield* this.#searches;
  }

  withCursor(key: string): LiveOperation | undefined {
    return this.#byCursor.get(key);
  }

  /** The newest operation of a user, query and indices. */
  withSearch(key: string): LiveOperation | undefined {
    return this.#bySearch.get(key);
  }

  /** Puts in an operation with its keys. Of its search it is the newest from now on. */
  add(operation: LiveOperation): void {
    for (const key of operation.cursors) this.#byCursor.set(key, operation);
    const { searchKey } = operation;
    if (searchKey !== undefined) {
      const before = this.#bySearch.get(searchKey);
      // A single search that another one follows is continued by nothing.
      if (before?.isRead === false) this.remove(before);
      else if (before !== undefined) before.searchKey = undefined;
      this.#bySearch.set(searchKey, operation);
    }
    this.used(operation);
  }

  /** The operation was used: all others go before it. */
  used(operation: LiveOperation): void {
    this.#reads.delete(operation);
    this.#searches.delete(operation);
    (operation.isRead ? this.#reads : this.#searches).add(operation);
  }

  /** A cursor belongs to one operation: the newest that had it. */
  addCursor(operation: LiveOperation, key: string): void {
    const owner = this.#byCursor.get(key);
    if (owner === operation) return;
    if (owner !== undefined) owner.cursors = owner.cursors.filter((own) => own !== key);
    this.#byCursor.set(key, operation);
    operation.cursors.push(key);
    while (operation.cursors.length > maxCursors) {
      this.#forgetCursor(operation, operation.cursors.shift());
    }
  }

  remove(operation: LiveOperation): void {
    this.#reads.delete(operation);
    this.#searches.delete(operation);
    for (const key of operation.cursors) this.#forgetCursor(operation, key);
    const { searchKey } = operation;
    if (searchKey !== undefined && this.#bySearch.get(searchKey) === operation) {
      this.#bySearch.delete(searchKey);
    }
  }

  /** Takes out the read that was idle longest, when there are too many; single searches just go. */
  evicted(): LiveOperation | undefined {
    const search = this.#searches.size > this.#maxOperations ? first(this.#searches) : undefined;
    if (search !== undefined) this.remove(search);
    const read = this.#reads.size > this.#maxOperations ? first(this.#reads) : undefined;
    if (read !== undefined) this.remove(read);
    return read;
  }

  #forgetCursor(operation: LiveOperation, key: string | undefined): void {
    if (key !== undefined && this.#byCursor.get(key) === operation) this.#byCursor.delete(key);
  }
}

function first<T>(items: ReadonlySet<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
