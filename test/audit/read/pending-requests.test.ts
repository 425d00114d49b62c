import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { PendingRequests, timeOfId } from "../../../src/audit/read/pending-requests.ts";
import { exchangeId } from "../../../src/core/ids.ts";

const ids = Array.from({ length: 300 }, (_, at) => exchangeId(1_795_000_000_000 + at));
/** The same last bits in the first slots: every search has to pass over others. */
const crowded = Array.from({ length: 40 }, (_, at) => {
  const last = ((at % 4) * 0x1000 + (at >> 2)).toString(16).padStart(4, "0");
  return `01a206bf-1c6c-73e2-8000-00000000${last}`;
});

const step = fc.tuple(fc.constantFrom("add", "find", "remove"), fc.nat(339));

test("remembers what was added and not removed, however it was crowded", () => {
  const all = [...ids, ...crowded].map((id) => Buffer.from(`x${id}`));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const pending = new PendingRequests(4);
      const known = new Map<number, number>();
      for (const [action, at] of steps) {
        const bytes = all[at] ?? Buffer.alloc(0);
        const place = pending.find(bytes, 1);
        assert.equal(place >= 0, known.has(at));
        if (place >= 0) assert.equal(pending.offset[place], known.get(at));
        if (action === "add") {
          const added = pending.add(bytes, 1);
          pending.offset[added] = at * 7;
          known.set(at, at * 7);
        }
        if (action === "remove" && place >= 0) {
          pending.remove(place);
          known.delete(at);
        }
        assert.equal(pending.count, known.size);
      }
      const offsets = Array.from(pending.places(), (place) => pending.offset[place]);
      assert.deepEqual(offsets.sort(), [...known.values()].sort());
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("reads the time of an id", () => {
  for (const time of [0, 1, 1_795_000_000_123, 2 ** 47]) {
    const id = Buffer.from(exchangeId(Math.max(time, 1_795_000_100_000 + time)));
    const [high, low] = [id.toString("latin1", 0, 8), id.toString("latin1", 9, 13)];
    assert.equal(timeOfId(id, 0), Number.parseInt(high + low, 16));
  }
});

test("ids that stand side by side, as somebody may choose them, take no more time than others", () => {
  // Each took away all that stood behind it, which took minutes; the suite's time-out is the judge.
  const pending = new PendingRequests();
  const idOf = (at: number): Buffer =>
    Buffer.from(`01a22700-f0d9-75b7-a3c0-${at.toString(16).padStart(12, "0")}`);
  const places = Array.from({ length: 300_000 }, (_, at) => pending.add(idOf(at), 0));
  assert.equal(pending.count, 300_000);
  for (const place of places) pending.remove(place);
  assert.equal(pending.count, 0);
});
