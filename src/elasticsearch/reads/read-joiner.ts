/** Joins exchanges into read operations: scrolls, points in time, async searches, paging. */
import { ArrivalWindow } from "./arrival-window.ts";
import { OperationTable } from "./operation-table.ts";
import { LiveOperation, type OperationState, type ReadEnd } from "./read-operation.ts";
import type { ReadOperation } from "./read-operation.ts";
import { cursorKey, pageFrom, type ReadPage, type ReadPageState } from "./read-page.ts";
import { pageState, paging, searchAfter, searchKey } from "./read-page.ts";

/** Is told what belongs together. Called during `add`, `advance` and `finish` only. */
export interface ReadListener {
  /** A page belongs to an operation. A search that nothing continues belongs to none. */
  assigned(pageId: string, operationId: string): void;
  /** Two operations were parts of one: what belonged to the first belongs to the second. */
  merged(operationId: string, intoId: string): void;
  /** Nothing more comes. */
  ended(operation: ReadOperation): void;
}

export interface ReadJoinerOptions {
  /** How far the records of one worker may lag behind another's, milliseconds. @default 10000 */
  readonly windowMs?: number;
  /** Life of a cursor whose `keep_alive` is not known, milliseconds. @default 3600000 */
  readonly cursorIdleMs?: number;
  /** Time within which a page is continued by `search_after` or `from`. @default 300000 */
  readonly pagingIdleMs?: number;
  /** Operations that are open at a time; beyond it the one idle longest ends. @default 50000 */
  readonly maxOperations?: number;
}

/** All that a joiner knows, as JSON. */
export interface ReadJoinerState {
  readonly version: 1;
  /** Everything that ended before has been joined. */
  readonly watermarkMs: number;
  readonly waiting: readonly ReadPageState[];
  readonly operations: readonly OperationState[];
}

/** Pages that wait for earlier ones of their window; more are taken in the order they come. */
const maxWaiting = 100_000;
/** Expired operations are looked for this often, in milliseconds of the pages' time. */
const sweepMs = 10_000;
/** Clocks of workers may differ a little: a first page seems to come behind its second one. */
const clockSkewMs = 1000;

/**
 * Assigns pages to operations by the cursors that they share, and pages without a cursor by user,
 * query and indices. Pages may come in any order within the window; those that share a cursor are
 * joined also when they come later, as long as the operation is open. Each page is to be given
 * once: whoever keeps `state` keeps with it the place up to which pages were given.
 */
export class ReadJoiner {
  readonly #listener: ReadListener;
  readonly #windowMs: number;
  readonly #cursorIdleMs: number;
  readonly #pagingIdleMs: number;
  readonly #window: ArrivalWindow<ReadPage>;
  readonly #table: OperationTable;
  #sweptMs = Number.NEGATIVE_INFINITY;

  constructor(listener: ReadListener, options: ReadJoinerOptions = {}) {
    this.#listener = listener;
    this.#windowMs = options.windowMs ?? 10_000;
    this.#cursorIdleMs = options.cursorIdleMs ?? 3_600_000;
    this.#pagingIdleMs = options.pagingIdleMs ?? 300_000;
    this.#table = new OperationTable(options.maxOperations ?? 50_000);
    this.#window = new ArrivalWindow(({ endedMs }) => endedMs, byEnd, this.#windowMs, maxWaiting);
  }

  /** Goes on where another joiner stood. Call once, before the first page. */
  restore(state: ReadJoinerState): void {
    this.#window.advance(state.watermarkMs + this.#windowMs);
    for (const saved of state.operations) this.#table.add(LiveOperation.fromState(saved));
    for (const page of state.waiting) this.#window.add(pageFrom(page));
  }

  state(): ReadJoinerState {
    return {
      version: 1,
      watermarkMs: Math.max(0, this.#window.watermarkMs),
      waiting: this.#window.waiting().map(pageState),
      operations: Array.from(this.#table.all(), (operation) => operation.toState()),
    };
  }

  /** Operations that are open, as they are now; without those that are one search so far. */
  open(): ReadOperation[] {
    return Array.from(this.#table.reads, (operation) => operation.facts());
  }

  /** Takes a page whose answer has ended. */
  add(page: ReadPage): void {
    this.#window.add(page);
    this.#drain();
  }

  /** Time has passed: what waits for other workers is joined, what is idle ends. */
  advance(nowMs: number): void {
    this.#window.advance(nowMs);
    this.#drain();
  }

  /** Joins what still waits and ends everything: no more pages come. */
  finish(): void {
    this.advance(Number.MAX_SAFE_INTEGER);
  }

  #drain(): void {
    for (let page = this.#window.take(); page !== undefined; page = this.#window.take()) {
      if (page.role === "close") this.#close(page);
      else this.#join(page);
    }
    const now = this.#window.watermarkMs;
    if (now < this.#sweptMs + sweepMs) return;
    this.#sweptMs = now;
    for (const operation of this.#table.all()) {
      if (operation.expiresMs <= now) this.#end(operation, "expired");
    }
  }

  #join(page: ReadPage): void {
    const operation = this.#found(page) ?? this.#begun(page);
    operation.add(page);
    this.#learn(operation, page);
    if (operation.isRead) this.#listener.assigned(page.id, operation.id);
    this.#foresee(operation, page);
    this.#table.used(operation);
    const evicted = this.#table.evicted();
    if (evicted !== undefined) this.#tellEnd(evicted, "evicted");
  }

  /** The operation that the page goes on with. */
  #found(page: ReadPage): LiveOperation | undefined {
    const key = searchKey(page);
    let found: LiveOperation | undefined;
    for (const cursor of page.requestCursors) {
      found ??= this.#unexpired(page, this.#table.withCursor(cursorKey(cursor, key)));
    }
    // A page that its successor overtook: the successor knows what this one returned. Sort values
    // come again whenever the same search does, so they prove nothing here.
    for (const cursor of isMulti(page) ? [] : page.responseCursors) {
      if (cursor.kind === searchAfter) continue;
      const other = this.#unexpired(page, this.#table.withCursor(cursorKey(cursor, key)));
      if (other !== undefined) found = found === undefined ? other : this.#merged(found, other);
    }
    found ??= this.#pagingOf(page, key);
    if (found !== undefined) this.#becomePaging(found);
    return found;
  }

  /**
   * An operation that is not over when the page comes. Sweeps end operations some time after that,
   * which would let other traffic decide what belongs together.
   */
  #unexpired(page: ReadPage, found: LiveOperation | undefined): LiveOperation | undefined {
    if (found === undefined || found.expiresMs > page.endedMs) return found;
    this.#end(found, "expired");
    return undefined;
  }

  /** `search_after` and `from` continue the newest search of the same user, query and indices. */
  #pagingOf(page: ReadPage, key: string | undefined): LiveOperation | undefined {
    if (key === undefined || cursorKind(page) !== undefined) return undefined;
    const newest = this.#unexpired(page, this.#table.withSearch(key));
    if (newest === undefined || page.continues) return newest;
    const isFirst = !newest.hasFirst && page.startedMs <= newest.startedMs + clockSkewMs;
    if (!isFirst) return undefined;
    newest.hasFirst = true;
    return newest;
  }

  #begun(page: ReadPage): LiveOperation {
    const kind = cursorKind(page);
    const operation = new LiveOperation(
      page.id,
      kind ?? (page.continues ? paging : "search"),
      page.startedMs,
      page.endedMs,
    );
    operation.hasFirst = !page.continues;
    if (kind === undefined) operation.searchKey = searchKey(page);
    this.#table.add(operation);
    return operation;
  }

  /** A single search turns out to be the first page of several. */
  #becomePaging(operation: LiveOperation): void {
    if (operation.isRead) return;
    operation.kind = paging;
    this.#listener.assigned(operation.id, operation.id);
  }

  /** Remembers the page's cursors. */
  #learn(operation: LiveOperation, page: ReadPage): void {
    if (isMulti(page)) return;
    const key = searchKey(page);
    for (const cursors of [page.requestCursors, page.responseCursors]) {
      for (const cursor of cursors) this.#table.addCursor(operation, cursorKey(cursor, key));
    }
  }

  /** Tells from a page when the operation is over. */
  #foresee(operation: LiveOperation, page: ReadPage): void {
    const isPaging = !operation.isRead || operation.kind === paging;
    const idleMs = page.keepAliveMs ?? (isPaging ? this.#pagingIdleMs : this.#cursorIdleMs);
    if (operation.end === undefined) {
      operation.expiresMs = Math.max(page.endedMs, operation.endedMs) + idleMs + this.#windowMs;
    }
    if (page.role !== "page") return;
    if (page.status === 404 && page.requestCursors.length > 0)
      this.#endSoon(operation, page, "lost");
    else if (page.status >= 200 && page.status < 300 && isLastPage(operation, page)) {
      this.#endSoon(operation, page, "exhausted");
    }
  }

  /** One call may close many scrolls; it is told as a part of the first. */
  #close(page: ReadPage): void {
    let isAssigned = false;
    for (const cursor of page.requestCursors) {
      const found = this.#table.withCursor(cursorKey(cursor, undefined));
      const operation = this.#unexpired(page, found);
      if (operation === undefined) continue;
      if (!isAssigned) this.#listener.assigned(page.id, operation.id);
      isAssigned = true;
      this.#endSoon(operation, page, "closed");
    }
  }

  /** Keeps the operation for the time in which pages may come that were on their way. */
  #endSoon(operation: LiveOperation, { endedMs }: ReadPage, end: ReadEnd): void {
    if (operation.end !== undefined) return;
    operation.end = end;
    const latestMs = Math.max(operation.endedMs, endedMs) + this.#windowMs;
    operation.expiresMs = Math.min(operation.expiresMs, latestMs);
  }

  /** Makes one operation of two; the earlier one gives the name. */
  #merged(one: LiveOperation, other: LiveOperation): LiveOperation {
    if (one === other) return one;
    const ids = [one.id, other.id];
    this.#table.remove(one);
    this.#table.remove(other);
    one.absorb(other);
    this.#table.add(one);
    for (const id of ids) if (id !== one.id) this.#listener.merged(id, one.id);
    return one;
  }

  #end(operation: LiveOperation, end: ReadEnd): void {
    this.#table.remove(operation);
    if (operation.isRead) this.#tellEnd(operation, end);
  }

  #tellEnd(operation: LiveOperation, end: ReadEnd): void {
    operation.end ??= end;
    this.#listener.ended(operation.facts());
  }
}

/** A page returns its cursor before another one can give it back, so the ends are in order. */
function byEnd(one: ReadPage, other: ReadPage): number {
  return (
    one.endedMs - other.endedMs ||
    one.startedMs - other.startedMs ||
    Number(one.continues) - Number(other.continues)
  );
}

/** Several cursors in one request, as in a multi search, do not make one read of several. */
function isMulti(page: ReadPage): boolean {
  return page.requestCursors.length > 1;
}

/** Kind of the cursor that the page reads by; undefined: none, or sort values only. */
function cursorKind(page: ReadPage): string | undefined {
  const cursor = page.requestCursors[0] ?? page.responseCursors[0];
  return cursor?.kind === searchAfter ? undefined : cursor?.kind;
}

/** SQL gives no cursor with its last page; a scroll and paging end with an empty one. */
function isLastPage(operation: LiveOperation, page: ReadPage): boolean {
  if (operation.kind === "sql") return page.responseCursors.length === 0;
  const endsEmpty = operation.kind === "scroll" || operation.kind === paging;
  return endsEmpty && page.documents === 0;
}
