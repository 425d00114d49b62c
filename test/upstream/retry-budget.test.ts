import assert from "node:assert/strict";
import { test } from "node:test";
import { RetryBudget } from "../../src/upstream/retry-budget.ts";

function takeAll(budget: RetryBudget, nowMs: number, percent?: number): number {
  let taken = 0;
  while (taken < 100_000 && budget.take(nowMs, percent)) taken += 1;
  return taken;
}

test("retries are bounded to the share of the requests, with a floor for little traffic", () => {
  const rows: { requests: number; percent: number; retries: number }[] = [
    { requests: 0, percent: 20, retries: 30 },
    { requests: 100, percent: 20, retries: 30 },
    { requests: 1000, percent: 20, retries: 200 },
    { requests: 1000, percent: 100, retries: 1000 },
    { requests: 10_000, percent: 1, retries: 100 },
    { requests: 10_000, percent: 0, retries: 0 },
  ];
  for (const { requests, percent, retries } of rows) {
    const budget = new RetryBudget(percent);
    for (let i = 0; i < requests; i += 1) budget.countRequest(5000);
    assert.equal(takeAll(budget, 5000), retries, `${requests} requests, ${percent} %`);
    assert.equal(budget.take(5000), false);
  }
});

test("only the last ten seconds count", () => {
  const budget = new RetryBudget(10);
  for (let second = 0; second < 10; second += 1)
    for (let i = 0; i < 100; i += 1) budget.countRequest(second * 1000);
  assert.equal(takeAll(budget, 9500), 100);
  assert.equal(budget.take(18_999), false, "the retries are still in the window");
  assert.equal(takeAll(budget, 19_000), 30, "both have left it");
});

test("a route may have a share of its own", () => {
  const budget = new RetryBudget(20);
  for (let i = 0; i < 1000; i += 1) budget.countRequest(0);
  assert.equal(budget.take(0, 0), false);
  assert.equal(takeAll(budget, 0, 50), 500);
  assert.equal(budget.take(0), false, "what the route took is gone for all");
});

test("a long silence empties the window", () => {
  const budget = new RetryBudget(50);
  for (let i = 0; i < 1000; i += 1) budget.countRequest(1000);
  assert.equal(takeAll(budget, 3_600_000), 30);
});
