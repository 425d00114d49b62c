import assert from "node:assert/strict";
import { test } from "node:test";
import { type PausingOwner, PauseWatch, pauseMs } from "../../src/core/pause-watch.ts";

class Owner implements PausingOwner {
  quietTicks = 0;
  pauseIndex = -1;
  pauses = 0;

  onPause(): void {
    this.pauses += 1;
  }
}

test("an owner is told once that nothing has come for the pause, not earlier", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const watch = new PauseWatch();
  const owner = new Owner();
  watch.add(owner);
  t.mock.timers.tick(pauseMs);
  assert.equal(owner.pauses, 0, "the first tick may have come at once");
  owner.quietTicks = 0;
  t.mock.timers.tick(pauseMs);
  assert.equal(owner.pauses, 0, "something had come");
  t.mock.timers.tick(25);
  assert.equal(owner.pauses, 1);
  t.mock.timers.tick(10 * pauseMs);
  assert.equal(owner.pauses, 1);
});

test("owners that left are not told, and one that comes back is watched again", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const watch = new PauseWatch();
  const owners = [new Owner(), new Owner(), new Owner()] as const;
  for (const owner of owners) watch.add(owner);
  watch.delete(owners[1]);
  t.mock.timers.tick(2 * pauseMs);
  assert.deepEqual(
    owners.map(({ pauses }) => pauses),
    [1, 0, 1],
  );
  watch.add(owners[1]);
  t.mock.timers.tick(2 * pauseMs);
  assert.equal(owners[1].pauses, 1);
});
