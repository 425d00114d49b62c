import assert from "node:assert/strict";
import { test } from "node:test";
import { withTimeout } from "../../src/assembly/drainable.ts";

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}

test("work is waited for, but not longer than it may take", async () => {
  let isDone = false;
  const work = Promise.resolve().then(() => {
    isDone = true;
  });
  await withTimeout(Infinity, work);
  assert.equal(isDone, true);
  await withTimeout(1, new Promise(() => {}));
});

test("no timer is left, also when the work has failed", async () => {
  const before = timers();
  await withTimeout(60_000, Promise.resolve());
  await assert.rejects(withTimeout(60_000, Promise.reject(new Error("failed"))), /failed/);
  // Timers of the test runner may end meanwhile.
  assert.ok(timers() <= before, `${timers()} timers, ${before} before`);
});
