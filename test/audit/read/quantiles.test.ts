import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { Quantiles } from "../../../src/audit/read/quantiles.ts";

test("every quantile is within one per cent of the value that it stands for", () => {
  const value = fc.oneof(
    fc.double({ min: 0.001, max: 1e7, noNaN: true }),
    fc.integer({ min: 1, max: 100 }),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 400 }), (values) => {
      const sketch = new Quantiles();
      for (const one of values) sketch.add(one);
      const sorted = values.toSorted((one, other) => one - other);
      for (const share of [0, 0.5, 0.95, 0.99, 1]) {
        const exact = sorted[Math.max(1, Math.ceil(share * values.length)) - 1] ?? 0;
        const estimate = sketch.at(share) ?? 0;
        assert.ok(
          Math.abs(estimate - exact) <= exact * 0.0101,
          `${share}: ${estimate} for ${exact}`,
        );
      }
      assert.equal(sketch.max, sorted.at(-1));
      assert.equal(sketch.count, values.length);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("has no quantile without values, and takes zero", () => {
  assert.equal(new Quantiles().at(0.5), undefined);
  const sketch = new Quantiles();
  sketch.add(0);
  assert.equal(sketch.at(0.5), 0);
});
