import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { array, assert as check, integer, property, string, tuple } from "fast-check";

import { ZstdEncoder } from "../../../src/audit/store/zstd-encoder.ts";

const encoders = [new ZstdEncoder(1), new ZstdEncoder(1, false)];

/** What Node's documentation does not promise is looked at in the version that comes with this. */
const skip = process.version.startsWith("v26.") ? false : `not known for Node ${process.version}`;

test("keeps its context on this Node", { skip }, () => {
  assert.deepEqual(
    encoders.map(({ isContextKept }) => isContextKept),
    [true, false],
  );
});

test("each frame unfolds by itself to its data, whatever came before", () => {
  const output = Buffer.alloc(70_000);
  check(
    property(
      array(tuple(string({ maxLength: 40 }), integer({ min: 0, max: 1500 })), {
        minLength: 1,
        maxLength: 8,
      }),
      (pieces) => {
        for (const [text, times] of pieces) {
          const data = Buffer.from(text.repeat(times)).subarray(0, 60_000);
          for (const encoder of encoders) {
            const length = encoder.compress(data, output) ?? 0;
            assert.ok(zstdDecompressSync(output.subarray(0, length)).equals(data));
          }
        }
      },
    ),
    { numRuns: 100 },
  );
});

test("says what does not fit, and nothing of it is in the next frame", () => {
  const text = Buffer.from("words and words and words ".repeat(400));
  for (const encoder of encoders) {
    const output = Buffer.alloc(200_000);
    const length = encoder.compress(text, output) ?? 0;
    for (const noise of [randomBytes(500), randomBytes(150_000), randomBytes(300_000)]) {
      assert.equal(encoder.compress(noise, output.subarray(0, noise.length * 0.5)), undefined);
      assert.equal(encoder.compress(text, output), length);
      assert.ok(zstdDecompressSync(output.subarray(0, length)).equals(text));
    }
    assert.equal(encoder.compress(text, output.subarray(0, length)), undefined, "no room is left");
    assert.equal(encoder.compress(text, output.subarray(0, length + 1)), length);
  }
});

test("compresses nothing to an empty frame", () => {
  const output = Buffer.alloc(64);
  for (const encoder of encoders) {
    const length = encoder.compress(Buffer.alloc(0), output) ?? 0;
    assert.equal(zstdDecompressSync(output.subarray(0, length)).length, 0);
  }
});
