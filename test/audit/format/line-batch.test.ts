import assert from "node:assert/strict";
import { test } from "node:test";
import { array, assert as check, integer, property } from "fast-check";

import { LineBatch } from "../../../src/audit/format/line-batch.ts";

/** What a literal of these bytes is; DEL is escaped, too. */
function literal(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString("latin1")).replaceAll("\x7f", "\\u007f");
}

function written(contents: readonly Uint8Array[]): string {
  const batch = new LineBatch(0);
  for (const content of contents) {
    batch.begin();
    batch.putJsonAscii(content);
    batch.end("event", 0, undefined, -1);
  }
  return batch.buffer.toString("latin1", 0, batch.length);
}

test("a JSON literal of every two ASCII bytes is what JSON.stringify makes of them", () => {
  const pairs = Array.from({ length: 128 * 128 }, (_, pair) => [pair & 127, pair >> 7]);
  const contents = pairs.map((pair) => Uint8Array.from(pair));
  assert.equal(written(contents), contents.map(literal).join(""));
});

test("a JSON literal of any ASCII bytes is, of any length, wherever it begins", () => {
  const bytes = array(integer({ min: 0, max: 127 }), { maxLength: 300 });
  const plain = array(integer({ min: 0x20, max: 0x7e }), { maxLength: 3000 });
  check(
    property(array(bytes, { maxLength: 5 }), plain, bytes, (some, long, last) => {
      const contents = [...some, long, last].map((content) => {
        // A slice at an odd place of a larger buffer, as bodies are.
        const slab = Buffer.from([1, ...content, 0x22, 0x22]);
        return slab.subarray(1, 1 + content.length);
      });
      assert.equal(written(contents), contents.map(literal).join(""));
    }),
    { numRuns: 300 },
  );
});
