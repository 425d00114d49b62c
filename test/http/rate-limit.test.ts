import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimit } from "../../src/http/rate-limit.ts";

const base = { by: "client_address", requests: 10, perMs: 1000, burst: 5 } as const;

test("a client may send its burst at once and then at the rate", () => {
  const limit = new RateLimit(base);
  for (let i = 0; i < 5; i += 1) assert.equal(limit.take("a", 0), 0, `request ${i + 1}`);
  assert.equal(limit.take("a", 0), 1);
  assert.equal(limit.take("a", 99), 1);
  assert.equal(limit.take("a", 100), 0);
  assert.equal(limit.take("a", 100), 1);
  for (let ms = 200; ms < 5000; ms += 100) assert.equal(limit.take("a", ms), 0, `at ${ms} ms`);
});

test("a refusal costs nothing, and saved tokens stop at the burst", () => {
  const limit = new RateLimit(base);
  for (let i = 0; i < 5; i += 1) limit.take("a", 0);
  for (let i = 0; i < 1000; i += 1) limit.take("a", 50);
  assert.equal(limit.take("a", 100), 0);
  let taken = 0;
  while (limit.take("a", 1_000_000) === 0) taken += 1;
  assert.equal(taken, 5);
});

test("the answer says the true seconds until the next token", () => {
  const rows: { requests: number; perMs: number; seconds: number }[] = [
    { requests: 10, perMs: 1000, seconds: 1 },
    { requests: 1, perMs: 1000, seconds: 1 },
    { requests: 1, perMs: 10_000, seconds: 10 },
    { requests: 3, perMs: 60_000, seconds: 20 },
    { requests: 7, perMs: 60_000, seconds: 9 },
    { requests: 1, perMs: 3_600_000, seconds: 3600 },
  ];
  for (const { requests, perMs, seconds } of rows) {
    const limit = new RateLimit({ by: "user", requests, perMs, burst: 1 });
    assert.equal(limit.take("a", 0), 0);
    assert.equal(limit.take("a", 0), seconds, `${requests} per ${perMs} ms`);
    assert.equal(limit.take("a", seconds * 1000), 0, "who waits as long as told gets through");
  }
});

test("clients do not share their tokens", () => {
  const limit = new RateLimit({ ...base, burst: 1 });
  assert.equal(limit.take("a", 0), 0);
  assert.equal(limit.take("b", 0), 0);
  assert.equal(limit.take("a", 0), 1);
});

test("memory is bounded, and who has spent its tokens is forgotten last", () => {
  const limit = new RateLimit({ ...base, burst: 1 });
  for (let i = 0; i < 5000; i += 1) limit.take(`early ${i}`, 0);
  // By now those are full again; these are not.
  for (let i = 0; i < 4000; i += 1) limit.take(`late ${i}`, 1000);
  for (let i = 0; i < 2000; i += 1) limit.take(`new ${i}`, 1000);
  assert.ok(limit.size <= 10_000);
  for (let i = 0; i < 4000; i += 1) assert.equal(limit.take(`late ${i}`, 1000), 1);
  for (let i = 0; i < 100_000; i += 1) limit.take(`flood ${i}`, 1000);
  assert.ok(limit.size <= 10_000);
});
