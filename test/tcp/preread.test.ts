import assert from "node:assert/strict";
import { test } from "node:test";
import { Preread } from "../../src/tcp/preread.ts";

test("shows all bytes so far, however they are split", () => {
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 251));
  for (const size of [1, 7, 255, 256, 257, 1000, 3000]) {
    const preread = new Preread(16_384);
    for (let at = 0; at < bytes.length; at += size) {
      preread.append(bytes.subarray(at, at + size));
      assert.ok(preread.view().equals(bytes.subarray(0, at + size)));
    }
    assert.ok(preread.from(100).equals(bytes.subarray(100)));
  }
});

test("never changes a view that was given out", () => {
  const preread = new Preread(100);
  const views: { readonly view: Buffer; readonly copy: Buffer }[] = [];
  for (let at = 0; at < 60; at += 1) {
    preread.append(Buffer.of(at));
    views.push({ view: preread.view(), copy: Buffer.from(preread.view()) });
  }
  for (const { view, copy } of views) assert.ok(view.equals(copy));
});

test("shows no more than the limit, and keeps what lies beyond it", () => {
  const preread = new Preread(4);
  preread.append(Buffer.from("abc"));
  assert.equal(preread.isFull, false);
  preread.append(Buffer.from("defg"));
  assert.deepEqual(
    [preread.view().toString(), preread.from(4).toString(), preread.isFull],
    ["abcd", "efg", true],
  );
});

test("moves each byte a bounded number of times when they come one by one", () => {
  const preread = new Preread(1 << 20);
  const buffers = new Set<ArrayBufferLike>();
  let allocated = 0;
  for (let at = 0; at < 100_000; at += 1) {
    preread.append(Buffer.of(at & 0xff));
    const { buffer } = preread.view();
    if (at > 0 && !buffers.has(buffer)) allocated += buffer.byteLength;
    buffers.add(buffer);
  }
  assert.ok(buffers.size < 20, `${buffers.size} buffers`);
  assert.ok(allocated < 4 * 100_000, `${allocated} bytes allocated for 100,000`);
});
