import assert from "node:assert/strict";
import test from "node:test";

import { DistinctSketch } from "../../../src/elasticsearch/reads/distinct-sketch.ts";
import {
  ReadJoiner,
  type ReadJoinerOptions,
  type ReadJoinerState,
  type ReadListener,
} from "../../../src/elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../../src/elasticsearch/reads/read-operation.ts";
import { type ReadPage, readRole } from "../../../src/elasticsearch/reads/read-page.ts";
import { Dice, expectedTotals, kinds, ReadMaker, totalsOf } from "./simulated-reads.ts";

/** Keeps what a joiner tells, as an index of the trail would. */
class Reads implements ReadListener {
  readonly operationOf = new Map<string, string>();
  readonly ended_ = new Map<string, ReadOperation>();

  assigned(pageId: string, operationId: string): void {
    assert.ok(!this.operationOf.has(pageId), `${pageId} was assigned twice`);
    this.operationOf.set(pageId, operationId);
  }

  merged(operationId: string, intoId: string): void {
    for (const [page, operation] of this.operationOf) {
      if (operation === operationId) this.operationOf.set(page, intoId);
    }
  }

  ended(operation: ReadOperation): void {
    assert.ok(!this.ended_.has(operation.id), `${operation.id} ended twice`);
    this.ended_.set(operation.id, operation);
  }
}

function restarted(
  joiner: ReadJoiner,
  listener: ReadListener,
  options: ReadJoinerOptions,
): ReadJoiner {
  const state = JSON.parse(JSON.stringify(joiner.state())) as ReadJoinerState;
  const next = new ReadJoiner(listener, options);
  next.restore(state);
  return next;
}

/** Deals the exchanges to workers, each of which tells its own in order, but up to `lagMs` late. */
function arrivals(
  pages: readonly ReadPage[],
  workers: number,
  lagMs: number,
  dice: Dice,
): ReadPage[] {
  return pages
    .map((one) => {
      const lag = (dice.between(0, workers - 1) * lagMs) / (workers - 1);
      return { page: one, arrivesMs: one.endedMs + lag };
    })
    .sort((one, other) => one.arrivesMs - other.arrivesMs)
    .map((one) => one.page);
}

test("assigns all pages of 1,000 interleaved operations over 4 workers and a restart", () => {
  for (const seed of [1, 2]) {
    const dice = new Dice(seed);
    const maker = new ReadMaker(dice);
    const startMs = Date.parse("2026-03-22T12:00:00Z");
    for (let at = 0; at < 1000; at += 1) {
      const kind = kinds[at % kinds.length] ?? "scroll";
      maker.operation(kind, `op${at}`, startMs + dice.between(0, 20_000));
    }
    const options = { windowMs: 5000 };
    const reads = new Reads();
    let joiner = new ReadJoiner(reads, options);
    const all = arrivals(maker.pages, 4, 4900, dice);
    const isLate = (one: ReadPage, at: number): boolean =>
      one.endedMs < (all[at - 1]?.endedMs ?? 0);
    assert.ok(all.filter(isLate).length > all.length / 4, "workers overtake each other");
    for (const [at, page] of all.entries()) {
      if (at === Math.floor(all.length / 2)) joiner = restarted(joiner, reads, options);
      joiner.add(page);
    }
    joiner.finish();
    assert.equal(reads.operationOf.size, maker.pages.length, "every page is assigned");
    assert.equal(reads.ended_.size, 1000);
    for (const expected of maker.expected) {
      const ids = new Set(expected.pages.map((page) => reads.operationOf.get(page)));
      assert.equal(ids.size, 1, expected.name);
      const operation = reads.ended_.get([...ids][0] ?? "");
      assert.ok(operation !== undefined, expected.name);
      assert.deepEqual(totalsOf(operation), expectedTotals(expected), expected.name);
    }
  }
});

let pageNumber = 0;
function page(given: Partial<ReadPage>): ReadPage {
  pageNumber += 1;
  const startedMs = given.startedMs ?? 1000 * pageNumber;
  return {
    id: `p${pageNumber}`,
    role: "page",
    startedMs,
    endedMs: startedMs + 10,
    status: 200,
    user: "alice",
    indices: [],
    fingerprint: undefined,
    continues: false,
    requestCursors: [],
    responseCursors: [],
    documents: 1,
    bytes: 10,
    ids: undefined,
    keepAliveMs: undefined,
    ...given,
  };
}
const scroll = (digest: string): { kind: string; digest: string }[] => [{ kind: "scroll", digest }];
const sortValues = (digest: string): { kind: string; digest: string }[] => [
  { kind: "search_after", digest },
];
const search = { fingerprint: "q", indices: ["logs-*"] };

/** Pages joined in this order and what came of it: pages of each operation with why it ended. */
function joined(pages: readonly ReadPage[], options: ReadJoinerOptions = {}): string[] {
  const reads = new Reads();
  const joiner = new ReadJoiner(reads, { windowMs: 0, ...options });
  for (const one of pages) joiner.add(one);
  joiner.finish();
  const names = new Map(pages.map(({ id }, at) => [id, String(at)]));
  return [...reads.ended_.values()].map((operation) => {
    const own = [...reads.operationOf].filter(([, id]) => id === operation.id);
    return `${operation.kind} ${own.map(([id]) => names.get(id)).join("")} ${operation.end}`;
  });
}

test("follows a scroll id that changes, and tells how a read ended", () => {
  const start = { ...search, responseCursors: scroll("a") };
  const next = { requestCursors: scroll("a"), responseCursors: scroll("b") };
  const close = page({ role: "close", requestCursors: scroll("b") });
  assert.deepEqual(joined([page(start), page(next), page(close)]), ["scroll 012 closed"]);
  const empty = page({ requestCursors: scroll("a"), documents: 0 });
  assert.deepEqual(joined([page(start), empty]), ["scroll 01 exhausted"]);
  const lost = page({ requestCursors: scroll("a"), status: 404, documents: 0 });
  assert.deepEqual(joined([page(start), lost]), ["scroll 01 lost"]);
  assert.deepEqual(joined([page(start)]), ["scroll 0 expired"]);
  const failed = page({ requestCursors: scroll("a"), status: 503, documents: 0 });
  assert.deepEqual(joined([page(start), failed, page(next)]), ["scroll 012 expired"]);
});

test("joins by sort values where they are known, and else by user, query and indices", () => {
  const first = page({ ...search, responseCursors: sortValues("a") });
  const other = page({ ...search, responseCursors: sortValues("x") });
  const second = page({ ...search, continues: true, requestCursors: sortValues("a") });
  assert.deepEqual(joined([first, second]), ["paging 01 expired"]);
  // Another user with the same sort values, and another query.
  const bob = page({ ...search, user: "bob", continues: true, requestCursors: sortValues("a") });
  assert.deepEqual(joined([first, bob]), ["paging 1 expired"]);
  const anotherQuery = page({ ...search, fingerprint: "r", continues: true });
  assert.deepEqual(joined([first, anotherQuery]), ["paging 1 expired"]);
  // Without sort values the newest search of the kind is meant.
  const plain = page({ ...search, continues: true });
  assert.deepEqual(joined([first, other, plain]), ["paging 12 expired"]);
});

test("keeps two runs of one paged search apart", () => {
  const run = (): ReadPage[] => [
    page({ ...search, responseCursors: sortValues("a") }),
    page({ ...search, continues: true, requestCursors: sortValues("a") }),
    page({ ...search, continues: true, documents: 0 }),
  ];
  assert.deepEqual(joined([...run(), ...run()], { windowMs: 100_000 }), [
    "paging 012 exhausted",
    "paging 345 exhausted",
  ]);
});

test("knows after a restart which of two runs is the newer one", () => {
  const later = (from: string, to: string): ReadPage =>
    page({
      ...search,
      continues: true,
      requestCursors: sortValues(from),
      responseCursors: sortValues(to),
    });
  const one = page({ ...search, responseCursors: sortValues("a") });
  const two = page({ ...search, responseCursors: sortValues("a") });
  const pages = [one, later("a", "b"), two, later("a", "z"), later("b", "c")];
  const behind = [later("a", "y"), page({ ...search, continues: true })];
  const reads = new Reads();
  const joiner = new ReadJoiner(reads, { windowMs: 0 });
  for (const it of pages) joiner.add(it);
  const next = restarted(joiner, reads, { windowMs: 0 });
  for (const it of behind) next.add(it);
  const operations = [...pages, ...behind].map(({ id }) => reads.operationOf.get(id));
  assert.deepEqual(operations, [one.id, one.id, two.id, two.id, one.id, two.id, two.id]);
});

test("makes no operation of a search that nothing continues", () => {
  assert.deepEqual(joined([page(search), page(search), page({ ...search, user: "bob" })]), []);
});

test("joins pages that come in the wrong order, within the window and behind it", () => {
  const pages = [
    page({ startedMs: 1000, ...search, responseCursors: scroll("a") }),
    page({ startedMs: 2000, requestCursors: scroll("a"), responseCursors: scroll("b") }),
    page({ startedMs: 3000, requestCursors: scroll("b"), responseCursors: scroll("c") }),
  ];
  const [one, two, three] = pages;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  for (const order of [
    [two, three, one],
    [three, one, two],
    [three, two, one],
  ]) {
    const ends = joined(order);
    assert.equal(ends.length, 1);
    const numbers = (ends[0] ?? "").match(/\d/g);
    assert.deepEqual(numbers?.sort(), ["0", "1", "2"]);
  }
});

test("names an operation by its earliest page when parts of it are merged", () => {
  const reads = new Reads();
  const joiner = new ReadJoiner(reads, { windowMs: 0 });
  const ids = new DistinctSketch();
  ids.add("logs", "1");
  const late = page({ startedMs: 5000, requestCursors: scroll("b"), documents: 3, ids });
  const first = page({ startedMs: 1000, responseCursors: scroll("a"), documents: 5 });
  const middle = page({
    startedMs: 2000,
    requestCursors: scroll("a"),
    responseCursors: scroll("b"),
    documents: 7,
  });
  for (const one of [late, first, middle]) joiner.add(one);
  assert.deepEqual([...new Set(reads.operationOf.values())], [first.id]);
  const [operation] = joiner.open();
  assert.deepEqual([operation?.id, operation?.documents, operation?.calls], [first.id, 15, 3]);
  assert.equal(operation?.distinctDocuments, 1);
});

test("takes a first page that seems to come behind its second one by a skew of clocks", () => {
  const second = page({ ...search, startedMs: 1000, endedMs: 1010, continues: true });
  const first = page({ ...search, startedMs: 1005, endedMs: 1015 });
  assert.deepEqual(joined([second, first]), ["paging 01 expired"]);
  const later = page({ ...search, startedMs: 9000, endedMs: 9001 });
  assert.deepEqual(joined([second, later]), ["paging 0 expired"]);
});

test("does not make one read of the reads that a multi search or a clearing call names", () => {
  const a = page({ ...search, responseCursors: scroll("a") });
  const b = page({ ...search, responseCursors: scroll("b") });
  const both = [...scroll("a"), ...scroll("b")];
  const clear = page({ role: "close", requestCursors: both });
  assert.deepEqual(joined([a, b, clear]), ["scroll 02 closed", "scroll 1 closed"]);
  const multi = page({ requestCursors: both, responseCursors: both });
  assert.deepEqual(joined([a, b, multi]), ["scroll 1 expired", "scroll 02 expired"]);
});

test("counts calls that return documents, users and indices of all pages", () => {
  const pit = [{ kind: "point_in_time", digest: "p" }];
  const ids = new DistinctSketch();
  ids.add("logs", "1");
  const reads = new Reads();
  const joiner = new ReadJoiner(reads, { windowMs: 0 });
  joiner.add(page({ role: "open", indices: ["logs-*"], responseCursors: pit, documents: 0 }));
  joiner.add(
    page({ requestCursors: pit, responseCursors: pit, fingerprint: "q", documents: 2, ids }),
  );
  joiner.add(page({ requestCursors: pit, user: "bob", documents: 1, ids }));
  joiner.add(page({ role: "close", requestCursors: pit }));
  joiner.finish();
  const [operation] = reads.ended_.values();
  assert.ok(operation !== undefined);
  const { kind, users, indices, calls, documents, distinctDocuments, bytes, end } = operation;
  assert.deepEqual(
    { kind, users, indices, calls, documents, distinctDocuments, bytes, end },
    {
      kind: "point_in_time",
      users: ["alice", "bob"],
      indices: ["logs-*"],
      calls: 2,
      documents: 3,
      distinctDocuments: 1,
      bytes: 20,
      end: "closed",
    },
  );
});

test("ends what is idle, by its own keep-alive where that is known", () => {
  const reads = new Reads();
  const joiner = new ReadJoiner(reads, { windowMs: 0, cursorIdleMs: 60_000 });
  const short = page({ startedMs: 0, responseCursors: scroll("a"), keepAliveMs: 5000 });
  const long = page({ startedMs: 0, responseCursors: scroll("b") });
  joiner.add(short);
  joiner.add(long);
  joiner.advance(20_000);
  assert.deepEqual([...reads.ended_.keys()], [short.id]);
  joiner.add(page({ startedMs: 50_000, requestCursors: scroll("b") }));
  joiner.advance(100_000);
  assert.equal(reads.ended_.size, 1);
  joiner.advance(150_000);
  assert.deepEqual([...reads.ended_.keys()], [short.id, long.id]);
  assert.deepEqual(joiner.open(), []);
});

test("bounds what is open: the read idle longest goes, single searches do not push it out", () => {
  const reads = new Reads();
  const joiner = new ReadJoiner(reads, { windowMs: 0, maxOperations: 10 });
  const first = page({ startedMs: 1, responseCursors: scroll("0") });
  joiner.add(first);
  for (let at = 1; at < 100; at += 1) {
    joiner.add(page({ startedMs: at + 1, fingerprint: `q${at}` }));
  }
  assert.equal(reads.ended_.size, 0);
  for (let at = 1; at <= 10; at += 1) {
    joiner.add(page({ startedMs: 200 + at, responseCursors: scroll(`${at}`) }));
  }
  assert.deepEqual(
    [...reads.ended_.values()].map(({ id, end }) => [id, end]),
    [[first.id, "evicted"]],
  );
  assert.equal(joiner.open().length, 10);
  assert.ok(joiner.state().operations.length <= 20);
});

test("finds an operation by its last cursors, however many there were", () => {
  const pages = [page({ responseCursors: scroll("0") })];
  for (let at = 1; at < 200; at += 1) {
    pages.push(page({ requestCursors: scroll(`${at - 1}`), responseCursors: scroll(`${at}`) }));
  }
  const reads = new Reads();
  let joiner = new ReadJoiner(reads, { windowMs: 0 });
  for (const one of pages) {
    joiner.add(one);
    joiner = restarted(joiner, reads, { windowMs: 0 });
  }
  assert.deepEqual(
    joiner.open().map(({ calls }) => calls),
    [200],
  );
  assert.ok(JSON.stringify(joiner.state()).length < 3000);
});

test("knows the part of each call", () => {
  assert.equal(readRole("scroll"), "page");
  assert.equal(readRole("open_point_in_time"), "open");
  assert.equal(readRole("clear_scroll"), "close");
  assert.equal(readRole("bulk"), undefined);
});
