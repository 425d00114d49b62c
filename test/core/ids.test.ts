import assert from "node:assert/strict";
import test from "node:test";
import { exchangeId } from "../../src/core/ids.ts";

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const millisecondsOf = (id: string): number =>
  Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

test("an id is a UUIDv7 that holds its milliseconds", () => {
  const first = 4_102_444_800_000;
  for (const ms of [first, first + 1, first + 0xffff, first + 0x1_0000_0000]) {
    const id = exchangeId(ms + 0.75);
    assert.match(id, form);
    assert.equal(millisecondsOf(id), ms);
  }
});

test("ids increase within a millisecond, beyond its counter, and when the clock goes back", () => {
  const ms = 9_000_000_000_000;
  let last = exchangeId(ms);
  for (let i = 0; i < 20_000; i += 1) {
    const id = exchangeId(i < 10_000 ? ms : ms - 5000);
    assert.ok(id > last, `${id} after ${last}`);
    assert.match(id, form);
    last = id;
  }
  // 12 bits of counter: 20,000 ids borrow a few milliseconds.
  assert.ok(millisecondsOf(last) - ms <= 20_000 / 2048 + 1);
});

test("ids of one millisecond differ in their random part", () => {
  const random = new Set(
    Array.from({ length: 2000 }, () => exchangeId(9_100_000_000_000).slice(19)),
  );
  assert.equal(random.size, 2000);
});
