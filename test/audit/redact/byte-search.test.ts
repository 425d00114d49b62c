import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";

import * as fc from "fast-check";

import { ByteSearch, wantedBytes } from "../../../src/audit/redact/byte-search.ts";

const wanted = "=: ,<";

/** Texts in which wanted bytes stand close together, far apart, or not at all. */
const text = fc
  .array(
    fc.tuple(fc.constantFrom("x", "é", "=", "<", " :"), fc.constantFrom(1, 3, 255, 256, 257, 700)),
    { maxLength: 8 },
  )
  .map((parts) => parts.map(([part, times]) => part.repeat(times)).join(""));

test("finds every wanted byte, and nothing behind the end", () => {
  const search = new ByteSearch(wantedBytes(wanted));
  fc.assert(
    fc.property(text, text, fc.nat(1000), fc.nat(1000), (first, second, skipped, left) => {
      for (const body of [first, second]) {
        const bytes = Buffer.from(body);
        const start = Math.min(skipped, bytes.length);
        const end = Math.max(start, bytes.length - left);
        const found: number[] = [];
        search.reset();
        for (let at = search.next(bytes, start, end); at < end;)
          at = search.next(bytes, (found.push(at), at + 1), end);
        const expected = [...bytes.keys()].filter(
          (at) => at >= start && at < end && wanted.includes(String.fromCharCode(bytes[at] ?? 0)),
        );
        assert.deepEqual(found, expected);
      }
    }),
    { numRuns: 200, seed: 11 },
  );
});
