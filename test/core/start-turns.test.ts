import assert from "node:assert/strict";
import { test } from "node:test";
import { StartTurns } from "../../src/core/start-turns.ts";

/** Time passes by what is started. */
class Bench {
  nowMs = 0;
  readonly started: number[] = [];
  readonly turns = new StartTurns({ now: () => this.nowMs });

  add(name: number, costMs: number): void {
    this.turns.add({
      start: () => {
        this.nowMs += costMs;
        this.started.push(name);
      },
    });
  }
}

const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what comes alone starts at once", async () => {
  const bench = new Bench();
  for (let name = 0; name < 10; name += 1) {
    bench.add(name, 5);
    assert.equal(bench.started.length, name + 1);
    await nextTurn();
  }
});

for (const [costMs, least, most] of [
  [0.01, 32, 32],
  [0.1, 3, 6],
  [5, 1, 1],
] as const)
  test(`so many start in a turn as its time allows, at ${costMs} ms each`, async () => {
    const bench = new Bench();
    for (let name = 0; name < 2000; name += 1) bench.add(name, costMs);
    for (let turn = 0; turn < 60 && bench.started.length < 1900; turn += 1) {
      const before = bench.started.length;
      await nextTurn();
      const count = bench.started.length - before;
      if (turn > 30) assert.ok(count >= least && count <= most, `${count} in a turn`);
    }
    assert.deepEqual(
      bench.started,
      bench.started.map((_name, at) => at),
    );
  });

test("what a start adds comes behind what waits", async () => {
  const bench = new Bench();
  bench.turns.add({ start: () => bench.add(100, 0) });
  for (let name = 0; name < 8; name += 1) bench.add(name, 0);
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
  assert.deepEqual(bench.started, [100, 0, 1, 2, 3, 4, 5, 6, 7]);
  bench.add(8, 0);
  bench.turns.add({ start: () => bench.add(9, 0) });
  assert.deepEqual(bench.started.slice(-2), [8, 9]);
});
