import assert from "node:assert/strict";
import { test } from "node:test";

import { GrowingTrouble } from "../../../src/audit/follow/growing-trouble.ts";

const minute = 60_000;

test("a trouble is told at once, then at growing intervals, and how often it came back", () => {
  let nowMs = 0;
  const trouble = new GrowingTrouble(() => nowMs);
  const told: [atMinute: number, times: number][] = [];
  for (; nowMs < 10 * 60 * minute; nowMs += minute / 2) {
    const times = trouble.again("unavailable");
    if (times !== undefined) told.push([nowMs / minute, times]);
  }
  assert.deepEqual(told.slice(0, 5), [
    [0, 0],
    [1, 1],
    [3, 3],
    [7, 7],
    [15, 15],
  ]);
  // At the end it is told once an hour.
  const [last = [0, 0], before = [0, 0]] = told.toReversed();
  assert.equal(last[0] - before[0], 60);
  assert.equal(told.length < 20, true);
  assert.equal(trouble.over(), 1200);
  assert.equal(trouble.over(), 0);
});

test("one that shows itself more seldom than it is told again is told less often, too", () => {
  let nowMs = 0;
  const trouble = new GrowingTrouble(() => nowMs);
  let told = 0;
  for (; nowMs < 24 * 60 * minute; nowMs += 5 * minute)
    if (trouble.again("conflict") !== undefined) told += 1;
  assert.ok(told < 36, `${told} of 288`);
});

test("another trouble, and one that had been over, is told at once", () => {
  const trouble = new GrowingTrouble(() => 0);
  assert.equal(trouble.again("unavailable"), 0);
  assert.equal(trouble.again("unavailable"), undefined);
  assert.equal(trouble.again("conflict"), 1);
  assert.equal(trouble.over(), 3);
  assert.equal(trouble.again("conflict"), 0);
});
