import { DistinctSketch } from "../../../src/elasticsearch/reads/distinct-sketch.ts";
import type { ReadOperation } from "../../../src/elasticsearch/reads/read-operation.ts";
import type { ReadCursor, ReadPage, ReadRole } from "../../../src/elasticsearch/reads/read-page.ts";

/** What an operation must come to, known from how it was made. */
export interface Expected {
  readonly name: string;
  readonly kind: string;
  readonly pages: string[];
  users: Set<string>;
  indices: Set<string>;
  startedMs: number;
  endedMs: number;
  busyMs: number;
  calls: number;
  failedCalls: number;
  documents: number;
  readonly ids: Set<string>;
  bytes: number;
}

/** Repeatable random numbers. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return low + Math.floor((this.#state / 2 ** 32) * (high - low + 1));
  }
}

export const kinds = ["scroll", "point_in_time", "async_search", "sql", "paging"] as const;
export type Kind = (typeof kinds)[number];

/** Makes the exchanges of one operation after the other. */
export class ReadMaker {
  readonly pages: ReadPage[] = [];
  readonly expected: Expected[] = [];
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** An operation of a kind from a time on; each has a user, query and indices of its own. */
  operation(kind: Kind, name: string, startMs: number): Expected {
    const dice = this.#dice;
    const expected: Expected = {
      name,
      kind,
      pages: [],
      users: new Set(),
      indices: new Set(),
      startedMs: Number.POSITIVE_INFINITY,
      endedMs: 0,
      busyMs: 0,
      calls: 0,
      failedCalls: 0,
      documents: 0,
      ids: new Set(),
      bytes: 0,
    };
    this.expected.push(expected);
    const count = dice.between(2, 12);
    let timeMs = startMs;
    const cursor = (at: number): ReadCursor => {
      // A scroll id may stay or change; sort values always change.
      const changes = kind === "paging" || kind === "sql" || dice.between(0, 1) === 1;
      return { kind, digest: `${name}-${changes ? at : 0}` };
    };
    let current: ReadCursor | undefined;
    const step = (role: ReadRole, at: number, isLast: boolean): void => {
      const startedMs = timeMs + dice.between(0, 50);
      const endedMs = startedMs + dice.between(1, 400);
      timeMs = endedMs;
      const next = isLast && kind === "sql" ? undefined : cursor(at);
      // Whoever pages by sort values shows no cursor here: user, query and indices must do.
      const shows = kind !== "paging";
      this.#page(expected, {
        role,
        startedMs,
        endedMs,
        continues: kind === "paging" && at > 0,
        requestCursors: shows && current !== undefined ? [current] : [],
        responseCursors: shows && next !== undefined && role !== "close" ? [next] : [],
        documents: role !== "page" || (isLast && kind !== "sql") ? 0 : dice.between(1, 80),
        isNamed: at === 0 || kind === "paging",
      });
      if (role !== "close") current = next;
    };
    if (kind === "point_in_time") step("open", 0, false);
    for (let at = 0; at < count; at += 1) step("page", at, at === count - 1);
    if (kind === "scroll" || kind === "point_in_time" || kind === "async_search")
      step("close", 0, true);
    return expected;
  }

  #page(
    expected: Expected,
    given: Pick<
      ReadPage,
      | "role"
      | "startedMs"
      | "endedMs"
      | "continues"
      | "requestCursors"
      | "responseCursors"
      | "documents"
    > & { isNamed: boolean },
  ): void {
    const dice = this.#dice;
    const { role, startedMs, endedMs, documents, isNamed, ...rest } = given;
    const id = `${expected.name}/${expected.pages.length}`;
    const user = `user-${expected.name}`;
    const indices = isNamed ? [`logs-${expected.name}`, "shared"] : [];
    const bytes = role === "page" ? 100 + documents * 37 : 20;
    const ids = new DistinctSketch();
    for (let at = 0; at < documents; at += 1) {
      const document = `${expected.name}-${dice.between(0, 200)}`;
      ids.add("logs", document);
      expected.ids.add(document);
    }
    expected.pages.push(id);
    const isFailed = role === "page" && dice.between(0, 20) === 0;
    this.pages.push({
      id,
      role,
      startedMs,
      endedMs,
      status: isFailed ? 503 : 200,
      user,
      indices,
      fingerprint: isNamed ? `print-${expected.name}` : undefined,
      documents,
      bytes,
      ids,
      keepAliveMs: undefined,
      ...rest,
    });
    // The call that closes is no part of the totals.
    if (role === "close") return;
    expected.users.add(user);
    for (const index of indices) expected.indices.add(index);
    expected.startedMs = Math.min(expected.startedMs, startedMs);
    expected.endedMs = Math.max(expected.endedMs, endedMs);
    expected.busyMs += endedMs - startedMs;
    if (role !== "page") return;
    expected.calls += 1;
    if (isFailed) expected.failedCalls += 1;
    expected.documents += documents;
    expected.bytes += bytes;
  }
}

/** The totals that an operation is compared by. */
export function totalsOf(operation: ReadOperation): object {
  const { kind, users, startedMs, endedMs, durationMs, busyMs, calls, failedCalls } = operation;
  const { documents, distinctDocuments, bytes, indices, indexTotal } = operation;
  return {
    kind,
    users: users.toSorted(),
    indices: indices.toSorted(),
    indexTotal,
    startedMs,
    endedMs,
    durationMs,
    busyMs,
    calls,
    failedCalls,
    documents,
    distinctDocuments,
    bytes,
  };
}

export function expectedTotals(expected: Expected): object {
  const { kind, users, startedMs, endedMs, busyMs, calls, failedCalls } = expected;
  const { documents, ids, bytes, indices } = expected;
  return {
    kind,
    users: [...users].sort(),
    indices: [...indices].sort(),
    indexTotal: indices.size,
    startedMs,
    endedMs,
    durationMs: endedMs - startedMs,
    busyMs,
    calls,
    failedCalls,
    documents,
    distinctDocuments: ids.size,
    bytes,
  };
}
