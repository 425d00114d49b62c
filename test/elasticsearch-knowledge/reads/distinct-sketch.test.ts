import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { DistinctSketch } from "../../../src/elasticsearch/reads/distinct-sketch.ts";

function sketchOf(count: number, prefix = ""): DistinctSketch {
  const sketch = new DistinctSketch();
  for (let at = 0; at < count; at += 1) sketch.add(`logs-${at % 3}`, `${prefix}${at}`);
  return sketch;
}

test("counts exactly while there are few", () => {
  for (const count of [0, 1, 2, 100, 256]) {
    const sketch = sketchOf(count);
    sketch.merge(sketchOf(count));
    assert.deepEqual([sketch.count, sketch.isExact], [count, true]);
  }
});

test("tells the border between index and id, and similar ids apart", () => {
  const sketch = new DistinctSketch();
  for (const [index, id] of [
    ["ab", "c"],
    ["a", "bc"],
    ["abc", ""],
    ["", "abc"],
    ["a", "b\u0000c"],
  ]) {
    sketch.add(index ?? "", id ?? "");
  }
  assert.equal(sketch.count, 5);
});

test("estimates many within four standard errors, at every size", () => {
  // Sizes around which estimators switch methods are those at which they go wrong.
  for (const count of [257, 1000, 3000, 10_000, 13_000, 20_000, 80_000]) {
    for (const prefix of ["", "AVk8fj39", "user-"]) {
      const { count: estimated, isExact } = sketchOf(count, prefix);
      assert.equal(isExact, false);
      const error = Math.abs(estimated - count) / count;
      assert.ok(error < 4 * 0.01625, `${count} ${prefix}: ${estimated}`);
    }
  }
});

test("merges to what one sketch of everything is, and comes back from JSON the same", () => {
  const size = fc.constantFrom(0, 3, 150, 256, 257, 1000);
  fc.assert(
    fc.property(size, size, (one, other) => {
      const merged = sketchOf(one, "a");
      merged.merge(sketchOf(other, "b"));
      const all = sketchOf(one, "a");
      for (let at = 0; at < other; at += 1) all.add(`logs-${at % 3}`, `b${at}`);
      assert.equal(merged.count, all.count);
      const state: unknown = JSON.parse(JSON.stringify(merged.toState()));
      const restored = DistinctSketch.fromState(state as ReturnType<DistinctSketch["toState"]>);
      assert.deepEqual([restored.count, restored.isExact], [merged.count, merged.isExact]);
      restored.merge(sketchOf(one, "a"));
      assert.equal(restored.count, merged.count);
    }),
    { numRuns: 25 },
  );
});

test("needs no more than a few kilobytes", () => {
  assert.ok(JSON.stringify(sketchOf(20_000).toState()).length < 6000);
  assert.ok(JSON.stringify(sketchOf(256).toState()).length < 6000);
});
