import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { caselessNeedle, exactNeedle, findNeedle, isWithin } from "../../src/kql/needle.ts";

const few = fc.array(fc.constantFrom("a", "A", "b", "B", "_", "7", "é"), { maxLength: 40 });
const text = few.map((parts) => parts.join(""));
const wanted = fc
  .array(fc.constantFrom("a", "A", "b", "_", "7"), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));

test("finds byte sequences from any place on, with and without regard to case", () => {
  fc.assert(
    fc.property(text, wanted, fc.nat(45), (haystack, needle, from) => {
      const bytes = Buffer.from(haystack, "latin1");
      assert.equal(findNeedle(bytes, exactNeedle(needle), from), bytes.indexOf(needle, from));
      const lower = Buffer.from(haystack.toLowerCase(), "latin1");
      assert.equal(
        findNeedle(bytes, caselessNeedle(needle), from),
        from > bytes.length ? -1 : lower.indexOf(needle.toLowerCase(), from),
      );
    }),
    { numRuns: 3000, seed: 1 },
  );
});

test("a needle of any length may be longer than a shift", () => {
  const long = "x".repeat(400);
  const bytes = Buffer.from(`${"y".repeat(1000)}${long.toUpperCase()}y`);
  assert.equal(findNeedle(bytes, caselessNeedle(long), 0), 1000);
});

test("says which needle is implied by another one", () => {
  assert.ok(isWithin(exactNeedle("lic"), exactNeedle("alice")));
  assert.ok(isWithin(caselessNeedle("LIC"), exactNeedle("aLice")));
  assert.ok(isWithin(caselessNeedle("lic"), caselessNeedle("alice")));
  assert.ok(!isWithin(exactNeedle("lic"), caselessNeedle("alice")));
  assert.ok(!isWithin(exactNeedle("alice"), exactNeedle("lic")));
});
