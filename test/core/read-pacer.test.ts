import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ReadPacer, type PacedReader } from "../../src/core/read-pacer.ts";

const kib = 1024;

/** A connection that has so much of its message, and what happened to it. */
class Reader implements PacedReader {
  isHeld = false;
  wentOn = 0;
  /** False: it has ended, or its other side takes nothing. */
  reads = true;
  messageBytes: number;
  onHold = (): unknown => undefined;
  onGoOn = (): unknown => undefined;

  constructor(messageBytes = 64 * kib) {
    this.messageBytes = messageBytes;
  }

  hold(): void {
    this.isHeld = true;
    this.onHold();
  }

  goOn(): boolean {
    this.isHeld = false;
    this.wentOn += 1;
    this.onGoOn();
    return this.reads;
  }
}

/** A pacer whose time passes by what is read. */
class Bench {
  nowMs = 0;
  readonly pacer = new ReadPacer({ now: () => this.nowMs });

  /** Relays 64 KiB, which takes so many milliseconds. */
  read(reader: Reader, costMs: number, bytes = 64 * kib): void {
    this.nowMs += costMs;
    this.pacer.spend(reader, bytes);
  }

  /** The same for a client that has not taken an answer before. */
  readFresh(reader: Reader, costMs: number): void {
    this.nowMs += costMs;
    this.pacer.spend(reader, 64 * kib, true);
  }

  /** Holds all of them. */
  fill(all: readonly Reader[]): void {
    for (const reader of all) this.read(reader, 0.5);
    // The turn begins with the first read, which therefore is free.
    const [first] = all;
    if (first?.isHeld === false) this.read(first, 0.5);
  }
}

/** Immediates run in the order in which they were asked for. */
const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const readers = (count: number, messageBytes?: number): Reader[] =>
  Array.from({ length: count }, () => new Reader(messageBytes));

test("holds nobody before 0.3 ms of a turn are used up, and all afterwards", () => {
  const bench = new Bench();
  const all = readers(10);
  for (const reader of all) bench.read(reader, 0.125);
  assert.deepEqual(
    all.map(({ isHeld }) => isHeld),
    [false, false, false, true, true, true, true, true, true, true],
  );
  assert.equal(bench.pacer.waitingCount, 7);
});

test("as soon as somebody waits, each reads once in its turn", async () => {
  const bench = new Bench();
  const all = readers(8);
  bench.fill(all);
  for (let turn = 0; turn < 40; turn += 1) {
    const before = all.map(({ wentOn }) => wentOn);
    await nextTurn();
    for (const [at, reader] of all.entries()) {
      assert.ok(reader.wentOn - (before[at] ?? 0) <= 1);
      if (reader.isHeld) continue;
      bench.read(reader, 0.01);
      assert.equal(reader.isHeld, bench.pacer.waitingCount > 0);
      if (!reader.isHeld) bench.pacer.spend(reader, 64 * kib);
    }
  }
});

test("so many go on in a turn as its time allows, whatever a read costs", async () => {
  for (const [costMs, least, most] of [
    [0.01, 16, 16],
    [0.1, 2, 3],
    [0.3, 1, 2],
    [5, 1, 1],
  ] as const) {
    const bench = new Bench();
    const all = readers(64);
    bench.fill(all);
    for (let turn = 0; turn < 60; turn += 1) {
      await nextTurn();
      const going = all.filter(({ isHeld }) => !isHeld);
      for (const reader of going) bench.read(reader, costMs);
      if (turn < 20) continue;
      assert.ok(going.length >= least && going.length <= most, `${going.length} at ${costMs} ms`);
    }
  }
});

test("all go on in the order in which they were held, whatever their reads cost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 64 }),
      fc.array(fc.double({ min: 0.001, max: 2, noNaN: true }), { minLength: 1, maxLength: 20 }),
      async (count, costs) => {
        const bench = new Bench();
        const all = readers(count);
        const held: Reader[] = [];
        const wentOn: Reader[] = [];
        for (const reader of all) {
          reader.onHold = () => held.push(reader);
          reader.onGoOn = () => wentOn.push(reader);
        }
        for (let turn = 0; turn < 100; turn += 1) {
          for (const [at, reader] of all.entries())
            if (!reader.isHeld) bench.read(reader, costs[(turn + at) % costs.length] ?? 1);
          await nextTurn();
        }
        while (bench.pacer.waitingCount > 0) await nextTurn();
        assert.deepEqual(wentOn, held);
      },
    ),
    { numRuns: 40, seed: 11 },
  );
});

test("a message of up to 256 KiB does not wait for all the long ones", async () => {
  const bench = new Bench();
  const long = readers(100, 8192 * kib);
  bench.fill(long);
  const short = new Reader(128 * kib);
  bench.read(short, 5);
  assert.equal(short.isHeld, true);
  await nextTurn();
  await nextTurn();
  assert.equal(short.isHeld, false);
});

test("long messages have turns, however many short ones wait", async () => {
  const bench = new Bench();
  const short = readers(100);
  bench.fill(short);
  const long = new Reader(8192 * kib);
  for (let turn = 0; turn < 100; turn += 1) {
    if (!long.isHeld) bench.read(long, 5);
    await nextTurn();
    for (const reader of short) if (!reader.isHeld) bench.read(reader, 5);
  }
  assert.ok(long.wentOn >= 49, `${long.wentOn}`);
});

/** Turns in which one of them went on, among so many; each reads for a millisecond then. */
async function turnsOf(bench: Bench, fresh: readonly Reader[], turns: number): Promise<number> {
  let used = 0;
  for (let turn = 0; turn < turns; turn += 1) {
    await nextTurn();
    const going = fresh.filter(({ isHeld }) => !isHeld);
    if (going.length > 0) used += 1;
    for (const reader of going) bench.readFresh(reader, 1);
  }
  return used;
}

test("long messages that may never be read rest between two turns while others are served", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bench = new Bench();
  const fresh = readers(50, 1024 * kib);
  bench.pacer.countServed();
  for (const reader of fresh) bench.readFresh(reader, 0.5);
  assert.equal(await turnsOf(bench, fresh, 20), 1);
  for (let rest = 0; rest < 10; rest += 1) {
    bench.pacer.countServed();
    t.mock.timers.tick(1);
    assert.equal(await turnsOf(bench, fresh, 5), 0);
    t.mock.timers.tick(1);
    assert.equal(await turnsOf(bench, fresh, 5), 1);
  }
});

test("they have all turns when nobody else is served, and 100 ms after the last one was", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bench = new Bench();
  const fresh = readers(50, 1024 * kib);
  for (const reader of fresh) bench.readFresh(reader, 0.5);
  assert.equal(await turnsOf(bench, fresh, 20), 20);
  bench.pacer.countServed();
  assert.ok((await turnsOf(bench, fresh, 200)) < 100);
  bench.nowMs += 100;
  t.mock.timers.tick(2);
  assert.equal(await turnsOf(bench, fresh, 20), 20);
});

test("others go on meanwhile, and neither waits for ever", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bench = new Bench();
  const fresh = readers(50, 1024 * kib);
  const known = readers(2, 1024 * kib);
  bench.pacer.countServed();
  for (const reader of fresh) bench.readFresh(reader, 0.5);
  bench.fill(known);
  let freshTurns = 0;
  for (let turn = 0; turn < 100; turn += 1) {
    if (turn % 10 === 0) t.mock.timers.tick(2);
    bench.pacer.countServed();
    await nextTurn();
    for (const reader of known) if (!reader.isHeld) bench.read(reader, 1);
    for (const reader of fresh)
      if (!reader.isHeld) {
        freshTurns += 1;
        bench.readFresh(reader, 1);
      }
  }
  const knownTurns = known.reduce((sum, { wentOn }) => sum + wentOn, 0);
  assert.ok(freshTurns >= 9 && freshTurns <= 12, `${freshTurns}`);
  assert.ok(knownTurns >= 80, `${knownTurns}`);
});

test("short messages do not rest", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const bench = new Bench();
  const fresh = readers(50, 128 * kib);
  bench.pacer.countServed();
  for (const reader of fresh) bench.readFresh(reader, 0.5);
  assert.equal(await turnsOf(bench, fresh, 20), 20);
});

test("the turn of a connection that reads nothing is another one's", async () => {
  const bench = new Bench();
  const all = readers(50);
  bench.fill(all);
  for (const reader of all.slice(1)) reader.reads = false;
  await nextTurn();
  assert.equal(bench.pacer.waitingCount, 0);
  assert.ok(all.every(({ isHeld }) => !isHeld));
});

test("a turn has 64 KiB in any case, because time also passes without it", () => {
  const bench = new Bench();
  const [first, second, third] = readers(3);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  bench.read(first, 50, 16 * kib);
  bench.read(second, 50, 16 * kib);
  bench.read(second, 50, 16 * kib);
  assert.deepEqual([first.isHeld, second.isHeld], [false, false]);
  bench.read(third, 50, 16 * kib);
  assert.equal(third.isHeld, true);
});

test("small reads are not counted", () => {
  const bench = new Bench();
  const [reader] = readers(1);
  assert.ok(reader !== undefined);
  for (let i = 0; i < 10_000; i += 1) bench.read(reader, 1, 1000);
  assert.equal(reader.isHeld, false);
});

test("holds nobody for ever once nobody reads", async () => {
  const bench = new Bench();
  const all = readers(1000);
  bench.fill(all);
  let turns = 0;
  for (; bench.pacer.waitingCount > 0; turns += 1) await nextTurn();
  assert.ok(turns < 100, `${turns}`);
  assert.ok(all.every(({ isHeld, wentOn }) => !isHeld && wentOn === 1));
});
