import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { DeadlineSweep, sweepIntervalMs } from "../../src/core/deadline-sweep.ts";
import type { DeadlineOwner } from "../../src/core/deadline-sweep.ts";
import { ManualClock } from "../upstream/upstream-fixture.ts";

/** Somebody with a deadline, and when it was told that it is over. */
class Owner implements DeadlineOwner {
  sweepIndex = -1;
  readonly expiredAt: number[] = [];
  deadlineMs: number;
  readonly #onExpire: (self: Owner) => void;

  constructor(deadlineMs: number, onExpire: (self: Owner) => void = () => {}) {
    this.deadlineMs = deadlineMs;
    this.#onExpire = onExpire;
  }

  expire(nowMs: number): void {
    this.expiredAt.push(nowMs);
    this.#onExpire(this);
  }
}

/** A sweep whose timer never fires: the test moves the clock and looks. */
function sweepAt(ms: number): { readonly clock: ManualClock; readonly sweep: DeadlineSweep } {
  const clock = new ManualClock(ms);
  return { clock, sweep: new DeadlineSweep(clock) };
}

test("an owner is told once, at the first look at or after its deadline, never before", (t) => {
  const { sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const owner = new Owner(1000);
  sweep.add(owner);
  for (const now of [0, 999, 999.9]) sweep.sweep(now);
  assert.deepEqual(owner.expiredAt, []);
  for (const now of [1000, 1001, 5000]) sweep.sweep(now);
  assert.deepEqual(owner.expiredAt, [1000]);
  assert.equal(owner.deadlineMs, Infinity);
});

test("what thousands have missed at once is told over several turns, all of it", async (t) => {
  const { sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const owners = Array.from({ length: 1000 }, () => new Owner(10));
  for (const owner of owners) sweep.add(owner);
  const told = (): number => owners.filter(({ expiredAt }) => expiredAt.length > 0).length;
  sweep.sweep(10);
  assert.equal(told(), 32);
  let turns = 0;
  for (; told() < 1000; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(turns >= 31, `${turns}`);
  assert.ok(owners.every(({ expiredAt }) => expiredAt.length === 1));
});

test("a turn in which owners take long tells fewer of them", async (t) => {
  const { clock, sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const owners = Array.from({ length: 100 }, () => {
    return new Owner(10, () => {
      clock.ms += 0.2;
    });
  });
  for (const owner of owners) sweep.add(owner);
  const told = (): number => owners.filter(({ expiredAt }) => expiredAt.length > 0).length;
  sweep.sweep(10);
  for (let turn = 1; told() < 100; turn += 1) {
    assert.equal(told(), turn);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

test("owners that are not due are looked at once, however many turns the others take", async (t) => {
  const { clock, sweep } = sweepAt(0);
  t.after(() => sweep.close());
  let looks = 0;
  for (let i = 0; i < 100; i += 1) {
    sweep.add({
      sweepIndex: -1,
      get deadlineMs() {
        looks += 1;
        return 1000;
      },
      set deadlineMs(_ms) {},
      expire() {},
    });
    sweep.add(new Owner(10, () => (clock.ms += 1)));
  }
  sweep.sweep(10);
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(looks, 100);
});

test("who gets more time before its turn comes is not told", async (t) => {
  const { clock, sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const owners = Array.from({ length: 10 }, () => new Owner(10, () => (clock.ms += 1)));
  for (const owner of owners) sweep.add(owner);
  sweep.sweep(10);
  const told = (): number => owners.filter(({ expiredAt }) => expiredAt.length > 0).length;
  assert.equal(told(), 1);
  for (const owner of owners) if (owner.deadlineMs === 10) owner.deadlineMs = 1000;
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(told(), 1);
});

test("what is left at the next look is told once", async (t) => {
  const { clock, sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const owners = Array.from({ length: 20 }, () => new Owner(10, () => (clock.ms += 1)));
  for (const owner of owners) sweep.add(owner);
  sweep.sweep(10);
  sweep.sweep(20);
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(owners.every(({ expiredAt }) => expiredAt.length === 1));
});

test("an owner may set its deadline again when it is told", (t) => {
  const { sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const owner = new Owner(10, (self) => {
    self.deadlineMs = 20;
  });
  sweep.add(owner);
  for (const now of [10, 15, 20, 25]) sweep.sweep(now);
  assert.deepEqual(owner.expiredAt, [10, 20, 25]);
});

test("an owner that has left is told nothing, also when it leaves while others are told", (t) => {
  const { sweep } = sweepAt(0);
  t.after(() => sweep.close());
  const left = new Owner(10);
  const last = new Owner(10);
  const first = new Owner(10, () => sweep.delete(last));
  for (const owner of [first, left, last]) sweep.add(owner);
  sweep.delete(left);
  sweep.sweep(10);
  assert.deepEqual(
    [first, left, last].map(({ expiredAt }) => expiredAt.length),
    [1, 0, 0],
  );
  assert.equal(sweep.size, 1);
});

test("a deadline is never early, and late by two looks at most, whenever it was set", (t) => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: sweepIntervalMs, noNaN: true, maxExcluded: true }),
      fc.integer({ min: 0, max: 3000 }),
      (setAfterLook, forMs) => {
        const { sweep } = sweepAt(0);
        t.after(() => sweep.close());
        sweep.sweep(sweepIntervalMs);
        const setAt = sweepIntervalMs + setAfterLook;
        const owner = new Owner(sweep.deadlineIn(forMs));
        sweep.add(owner);
        for (let now = 2 * sweepIntervalMs; owner.expiredAt.length === 0; now += sweepIntervalMs)
          sweep.sweep(now);
        const waited = (owner.expiredAt[0] ?? 0) - setAt;
        assert.ok(waited >= forMs, `after ${waited} of ${forMs} ms`);
        assert.ok(waited <= forMs + 2 * sweepIntervalMs, `after ${waited} of ${forMs} ms`);
      },
    ),
    { numRuns: 200 },
  );
});

test("each look also calls those who asked for it, and sets the wall clock right", (t) => {
  const { clock, sweep } = sweepAt(0);
  t.after(() => sweep.close());
  let ticks = 0;
  let anchors = 0;
  clock.reanchor = () => {
    anchors += 1;
  };
  const tick = (): void => {
    ticks += 1;
  };
  sweep.onTick(tick);
  sweep.sweep(250);
  sweep.sweep(500);
  sweep.offTick(tick);
  sweep.sweep(750);
  assert.deepEqual([ticks, anchors], [2, 3]);
});

test("after its end it holds nobody", () => {
  const { sweep } = sweepAt(0);
  const owner = new Owner(10);
  sweep.add(owner);
  sweep.close();
  assert.equal(sweep.size, 0);
  assert.equal(owner.sweepIndex, -1);
});
