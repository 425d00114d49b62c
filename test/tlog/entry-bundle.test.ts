import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { formatBundle, parseBundle } from "../../src/tlog/entry-bundle.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";

test("writes each entry behind its length", () => {
  assert.equal(formatBundle([Buffer.from("abc"), Buffer.of()]).toString("hex"), "00036162630000");
});

test("reads back what it writes, and with no other number of entries", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 20 }), (entries) => {
      const bundle = formatBundle(entries);
      assert.deepEqual(
        parseBundle(bundle, entries.length),
        entries.map((entry) => Buffer.from(entry)),
      );
      assert.throws(() => parseBundle(bundle, entries.length + 1), TlogError);
      if (entries.length > 0)
        assert.throws(() => parseBundle(bundle, entries.length - 1), TlogError);
    }),
  );
});

test("a bundle that is cut anywhere is refused", () => {
  const bundle = formatBundle([Buffer.alloc(300, 1), Buffer.alloc(32, 2)]);
  for (let length = 0; length < bundle.length; length += 1)
    assert.throws(() => parseBundle(bundle.subarray(0, length), 2), { code: "tile" });
});

test("garbage gives entries or a TlogError, nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 5 }), (bytes, width) => {
      try {
        assert.equal(parseBundle(bytes, width).length, width);
      } catch (error) {
        assert.ok(error instanceof TlogError);
      }
    }),
  );
});

test("refuses entries and bundles that the format cannot hold", () => {
  assert.equal(formatBundle([Buffer.alloc(65_535)]).length, 65_537);
  assert.throws(() => formatBundle([Buffer.alloc(65_536)]), RangeError);
  assert.throws(() => formatBundle(Array.from({ length: 257 }, () => Buffer.of())), RangeError);
});
