import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { ArrivalWindow } from "../../../src/elasticsearch/reads/arrival-window.ts";

function windowOf(windowMs: number, maxItems = 1000): ArrivalWindow<number> {
  return new ArrivalWindow(
    (time) => time,
    (one, other) => one - other,
    windowMs,
    maxItems,
  );
}

function taken(window: ArrivalWindow<number>): number[] {
  const items: number[] = [];
  for (let item = window.take(); item !== undefined; item = window.take()) items.push(item);
  return items;
}

test("hands out in order what cannot be overtaken any more", () => {
  const window = windowOf(10);
  for (const time of [5, 3, 8]) window.add(time);
  assert.deepEqual(taken(window), []);
  window.add(15);
  assert.deepEqual(taken(window), [3, 5]);
  window.advance(18);
  assert.deepEqual(taken(window), [8]);
  assert.deepEqual(window.waiting(), [15]);
});

test("waits for nobody when there are too many", () => {
  const window = windowOf(1e9, 3);
  for (const time of [5, 4, 3, 2, 1]) window.add(time);
  assert.deepEqual(taken(window), [1, 2]);
});

test("sorts everything that comes within the window", () => {
  const moves = fc.array(fc.nat(1000), { maxLength: 200 });
  fc.assert(
    fc.property(moves, (delays) => {
      const window = windowOf(1000);
      const got: number[] = [];
      const sent = delays.map((delay, at) => ({ time: at, arrives: at + delay }));
      for (const { time } of sent.toSorted((one, other) => one.arrives - other.arrives)) {
        window.add(time);
        got.push(...taken(window));
      }
      window.advance(Number.MAX_SAFE_INTEGER);
      got.push(...taken(window));
      assert.deepEqual(
        got,
        sent.map(({ time }) => time),
      );
    }),
  );
});
