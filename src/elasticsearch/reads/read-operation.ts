/** A read that takes one call or many, with its totals. */
import { DistinctSketch, type SketchState } from "./distinct-sketch.ts";
import type { ReadPage } from "./read-page.ts";

/**
 * Why an operation is over: its cursor was `closed`; there was nothing more (`exhausted`);
 * Elasticsearch did not know the cursor any more (`lost`); nobody went on in time (`expired`);
 * there were too many (`evicted`).
 */
export type ReadEnd = "closed" | "exhausted" | "lost" | "expired" | "evicted";

/** What one read took. */
export interface ReadOperation {
  /** Id of its first exchange. */
  readonly id: string;
  /** Kind of its cursor; `paging`: by `search_after` or `from`; `search`: a single call so far. */
  readonly kind: string;
  /** Who took part; the first ten. */
  readonly users: readonly string[];
  readonly fingerprint: string | undefined;
  /** Index expressions as asked; the first 100. */
  readonly indices: readonly string[];
  readonly indexTotal: number;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Time from the start of the first call to the end of the last one, milliseconds. */
  readonly durationMs: number;
  /** Time within calls, milliseconds. */
  readonly busyMs: number;
  /** Calls that return documents; opening and closing do not count. */
  readonly calls: number;
  readonly failedCalls: number;
  readonly documents: number;
  /** Different documents among those whose ids were told. */
  readonly distinctDocuments: number;
  readonly isDistinctExact: boolean;
  readonly bytes: number;
  readonly end: ReadEnd | undefined;
}

/** An operation as JSON, with what is needed to go on. */
export interface OperationState {
  readonly totals: Omit<ReadOperation, "durationMs" | "distinctDocuments" | "isDistinctExact">;
  readonly ids: SketchState;
  readonly cursors: readonly string[];
  readonly searchKey: string | undefined;
  readonly hasFirst: boolean;
  readonly expiresMs: number;
}

/** A read has one user; more are those who share a cursor. */
const maxUsers = 10;
/** Names that are kept of a read, as many as its row can show; the rest is counted. */
const maxIndices = 100;

/** An operation that may still grow. */
export class LiveOperation {
  id: string;
  kind: string;
  startedMs: number;
  endedMs: number;
  fingerprint: string | undefined = undefined;
  busyMs = 0;
  calls = 0;
  failedCalls = 0;
  documents = 0;
  bytes = 0;
  end: ReadEnd | undefined = undefined;
  /** When it ends if nothing more happens. */
  expiresMs = Number.POSITIVE_INFINITY;
  /** Keys of its last cursors, newest last. */
  cursors: string[] = [];
  /** Key by which `search_after` finds it. */
  searchKey: string | undefined = undefined;
  /** The page that nothing goes before was seen. */
  hasFirst = true;
  readonly #users = new Set<string>();
  readonly #indices = new Set<string>();
  #indexTotal = 0;
  #ids = new DistinctSketch();

  constructor(id: string, kind: string, startedMs: number, endedMs: number) {
    this.id = id;
    this.kind = kind;
    this.startedMs = startedMs;
    this.endedMs = endedMs;
  }

  static fromState(state: OperationState): LiveOperation {
    const { totals } = state;
    const { id, kind, startedMs, endedMs } = totals;
    const operation = new LiveOperation(id, kind, startedMs, endedMs);
    operation.fingerprint = totals.fingerprint;
    operation.busyMs = totals.busyMs;
    operation.calls = totals.calls;
    operation.failedCalls = totals.failedCalls;
    operation.documents = totals.documents;
    operation.bytes = totals.bytes;
    operation.end = totals.end;
    operation.expiresMs = state.expiresMs;
    operation.cursors = [...state.cursors];
    operation.searchKey = state.searchKey;
    operation.hasFirst = state.hasFirst;
    for (const user of totals.users) operation.#users.add(user);
    for (const index of totals.indices) operation.#indices.add(index);
    operation.#indexTotal = totals.indexTotal;
    operation.#ids = DistinctSketch.fromState(state.ids);
    return operation;
  }

  /** A search that nothing has continued is no operation of its own yet. */
  get isRead(): boolean {
    return this.kind !== "search";
  }

  toState(): OperationState {
    const { durationMs: _, distinctDocuments: __, isDistinctExact: ___, ...totals } = this.facts();
    return {
      totals,
      ids: this.#ids.toState(),
      cursors: this.cursors,
      searchKey: this.searchKey,
      hasFirst: this.hasFirst,
      expiresMs: this.expiresMs,
    };
  }

  add(page: ReadPage): void {
    this.#span(page.startedMs, page.endedMs);
    this.busyMs += Math.max(0, page.endedMs - page.startedMs);
    this.fingerprint ??= page.fingerprint;
    if (page.user !== "") this.#addUser(page.user);
    for (const index of page.indices) this.#addIndex(index);
    if (page.role !== "page") return;
    this.calls += 1;
    if (page.status === 0 || page.status >= 400) this.failedCalls += 1;
    this.documents += page.documents;
    this.bytes += page.bytes;
    if (page.ids !== undefined) this.#ids.merge(page.ids);
  }

  /** Takes over the totals of another part of the same operation. */
  absorb(other: LiveOperation): void {
    if (other.startedMs < this.startedMs) {
      this.id = other.id;
      this.fingerprint = other.fingerprint ?? this.fingerprint;
    } else this.fingerprint ??= other.fingerprint;
    this.#span(other.startedMs, other.endedMs);
    this.busyMs += other.busyMs;
    this.calls += other.calls;
    this.failedCalls += other.failedCalls;
    this.documents += other.documents;
    this.bytes += other.bytes;
    this.end ??= other.end;
    this.hasFirst ||= other.hasFirst;
    this.searchKey ??= other.searchKey;
    this.cursors = [...new Set([...other.cursors, ...this.cursors])];
    this.expiresMs = Math.max(this.expiresMs, other.expiresMs);
    for (const user of other.#users) this.#addUser(user);
    for (const index of other.#indices) this.#addIndex(index);
    this.#indexTotal += other.#indexTotal - other.#indices.size;
    this.#ids.merge(other.#ids);
  }

  facts(): ReadOperation {
    return {
      id: this.id,
      kind: this.kind,
      users: [...this.#users],
      fingerprint: this.fingerprint,
      indices: [...this.#indices],
      indexTotal: this.#indexTotal,
      startedMs: this.startedMs,
      endedMs: this.endedMs,
      durationMs: this.endedMs - this.startedMs,
      busyMs: this.busyMs,
      calls: this.calls,
      failedCalls: this.failedCalls,
      documents: this.documents,
      distinctDocuments: this.#ids.count,
      isDistinctExact: this.#ids.isExact,
      bytes: this.bytes,
      end: this.end,
    };
  }

  #span(startedMs: number, endedMs: number): void {
    this.startedMs = Math.min(this.startedMs, startedMs);
    this.endedMs = Math.max(this.endedMs, endedMs);
  }

  #addUser(user: string): void {
    if (this.#users.size < maxUsers) this.#users.add(user);
  }

  /** Counts an index that has no room each time it comes: the total is then an upper bound. */
  #addIndex(index: string): void {
    if (this.#indices.has(index)) return;
    this.#indexTotal += 1;
    if (this.#indices.size < maxIndices) this.#indices.add(index);
  }
}
