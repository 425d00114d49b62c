import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadPacer, type PacedReader } from "../../src/core/read-pacer.ts";

class Reader implements PacedReader {
  isHeld = false;
  wentOn = 0;

  hold(): void {
    this.isHeld = true;
  }

  goOn(): void {
    this.isHeld = false;
    this.wentOn += 1;
  }
}

/** Immediates run in the order in which they were asked for. */
const nextTurn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const readers = (count: number): Reader[] => Array.from({ length: count }, () => new Reader());

test("holds nobody before 256 KiB have been read in a turn, and everybody afterwards", async () => {
  const pacer = new ReadPacer();
  const all = readers(20);
  for (const reader of all) pacer.spend(reader, 65_536);
  const held = all.map(({ isHeld }) => isHeld);
  assert.deepEqual(held, [
    ...Array.from({ length: 3 }, () => false),
    ...Array.from({ length: 17 }, () => true),
  ]);
  assert.equal(pacer.waitingCount, 17);
});

test("four go on in each turn, in the order in which they were held", async () => {
  const pacer = new ReadPacer();
  const all = readers(20);
  for (const reader of all) pacer.spend(reader, 524_288);
  for (const left of [16, 12, 8, 4, 0, 0]) {
    await nextTurn();
    assert.equal(pacer.waitingCount, left);
    assert.deepEqual(
      all.map(({ isHeld }) => isHeld),
      all.map((_, index) => index >= 20 - left),
    );
  }
});

test("the next turn begins anew, and whoever still waits goes before those who read then", async () => {
  const pacer = new ReadPacer();
  const [first, ...rest] = readers(8);
  assert.ok(first !== undefined);
  for (const reader of rest) pacer.spend(reader, 524_288);
  await nextTurn();
  assert.equal(pacer.waitingCount, 3);
  pacer.spend(first, 65_536);
  assert.equal(first.isHeld, false);
  pacer.spend(first, 524_288);
  assert.equal(first.isHeld, true);
  await nextTurn();
  assert.deepEqual([pacer.waitingCount, first.wentOn], [0, 1]);
  assert.ok(rest.every(({ wentOn }) => wentOn === 1));
});

test("small reads are not counted", () => {
  const pacer = new ReadPacer();
  const [reader] = readers(1);
  assert.ok(reader !== undefined);
  for (let i = 0; i < 10_000; i += 1) pacer.spend(reader, 1000);
  assert.equal(reader.isHeld, false);
});

test("its list does not grow with the number of turns", async () => {
  const pacer = new ReadPacer();
  const all = readers(40);
  for (const reader of all) pacer.spend(reader, 524_288);
  for (let turn = 0; turn < 2000; turn += 1) {
    await nextTurn();
    for (const reader of all) if (!reader.isHeld) pacer.spend(reader, 524_288);
    assert.ok(pacer.waitingCount >= 36 && pacer.waitingCount <= 40);
  }
  const least = Math.min(...all.map(({ wentOn }) => wentOn));
  const most = Math.max(...all.map(({ wentOn }) => wentOn));
  assert.ok(most - least <= 1, `${least} to ${most}`);
});
