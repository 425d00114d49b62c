import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import test from "node:test";
import { gzipSync, zstdDecompressSync } from "node:zlib";

import {
  compressedBound,
  FrameCompression,
  looksCompressible,
} from "../../../src/audit/store/frame-compression.ts";
import { ZstdEncoder } from "../../../src/audit/store/zstd-encoder.ts";

const text = Buffer.from(
  JSON.stringify(Array.from({ length: 2000 }, (_, id) => ({ id, name: `name ${id % 7}` }))),
);

const output = Buffer.alloc(compressedBound(text.length));

test("tells text from data that is compressed already by a sample", () => {
  for (const data of [text, Buffer.from(randomBytes(6000).toString("base64")), Buffer.alloc(5000)])
    assert.equal(looksCompressible(data), true);
  for (let at = 0; at < 200; at += 1) assert.equal(looksCompressible(randomBytes(5000)), false);
  assert.equal(looksCompressible(gzipSync(randomBytes(5000).toString("hex"))), false);
});

test("compresses what pays, leaves what does not, and does not try the rest of such a body", () => {
  const compression = new FrameCompression(() => 0);
  const body = { isCompressible: undefined };
  const length = compression.compress(text, body, output) ?? Infinity;
  assert.ok(length < text.length / 3);
  assert.ok(zstdDecompressSync(output.subarray(0, length)).equals(text));
  const noise = { isCompressible: undefined as boolean | undefined };
  assert.equal(compression.compress(randomBytes(50_000), noise, output), undefined);
  assert.equal(noise.isCompressible, false);
  assert.equal(compression.compress(text, noise, output), undefined);
  assert.equal(compression.compress(text.subarray(0, 4000), body, output), undefined, "too small");
});

test("data that only looks as if it could be compressed is left, and fits the room meanwhile", () => {
  const compression = new FrameCompression(() => 0);
  for (const size of [4096, 50_000, 200_000, 524_288]) {
    const noise = randomBytes(size);
    const body = { isCompressible: true };
    const room = Buffer.alloc(compressedBound(size));
    assert.equal(compression.compress(noise, body, room), undefined);
    assert.equal(body.isCompressible, false);
    const frame = new ZstdEncoder(1).compress(noise, room);
    assert.ok(frame !== undefined && frame <= room.length, `${frame} of ${size}`);
  }
});

test("takes an eighth of the time at most after a burst, and goes on when some has passed", () => {
  let now = 0;
  // Each compression is seen to take 2 ms.
  const compression = new FrameCompression(() => (now += 2));
  const done = (): boolean =>
    compression.compress(text, { isCompressible: true }, output) !== undefined;
  let compressed = 0;
  for (let at = 0; at < 2000; at += 1) if (done()) compressed += 1;
  assert.ok(compressed * 2 <= 250 + now / 8 + 4, `${compressed} in ${now} ms`);
  assert.ok(compressed * 2 >= 250, "a burst is allowed");
  assert.equal(done(), false);
  now += 1000;
  assert.equal(done(), true);
});
