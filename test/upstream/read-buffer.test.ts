import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type BufferUse,
  isLeftInBuffer,
  ReadBuffer,
  takeBack,
} from "../../src/upstream/read-buffer.ts";

const small = 65_536;
const large = 131_072;

class Use implements BufferUse {
  isBufferKept = false;
  spareBuffer: Buffer | undefined = undefined;
  isUsable = false;
}

/** One read of so many bytes; gives the buffer for the next. */
function read(buffer: ReadBuffer, use: Use, bytes: number): Buffer {
  buffer.filled = bytes;
  return buffer.next(use);
}

test("a read that fills the small buffer is followed by a large one, until less comes", () => {
  const buffer = new ReadBuffer();
  const use = new Use();
  const first = buffer.next(undefined);
  assert.equal(first.length, small);
  assert.equal(read(buffer, use, small - 1), first);
  const bulk = read(buffer, use, small);
  assert.equal(bulk.length, large);
  assert.equal(read(buffer, use, large), bulk);
  assert.equal(read(buffer, use, small), bulk);
  assert.equal(read(buffer, use, small - 1), first);
});

test("the end of a response ends bulk", () => {
  const buffer = new ReadBuffer();
  const use = new Use();
  const first = buffer.next(undefined);
  read(buffer, use, small);
  use.isUsable = true;
  assert.equal(read(buffer, use, large), first);
  assert.equal(read(buffer, use, small), first, "not begun at the end either");
});

test("a kept buffer is not read into until it is taken back", () => {
  const buffer = new ReadBuffer();
  const use = new Use();
  const first = buffer.next(undefined);
  use.isBufferKept = true;
  const second = read(buffer, use, small);
  assert.notEqual(second, first);
  assert.equal(second.length, small);
  assert.equal(use.isBufferKept, false);
  takeBack(first, use);
  assert.equal(read(buffer, use, 100), second, "what is there is used on");
  use.isBufferKept = true;
  assert.equal(read(buffer, use, 30_000), first);
  assert.equal(use.spareBuffer, undefined);
});

test("a kept large buffer goes to whoever needs one next", () => {
  const [one, other] = [new ReadBuffer(), new ReadBuffer()];
  const use = new Use();
  const first = one.next(undefined);
  const bulk = read(one, use, small);
  use.isBufferKept = true;
  assert.equal(read(one, use, large), first, "its own small one is free");
  assert.notEqual(read(other, new Use(), small), bulk);
  takeBack(bulk, use);
  assert.equal(use.spareBuffer, undefined);
  assert.equal(read(one, use, small), bulk);
  one.release();
  other.release();
});

test("64 connections read into large buffers at a time, and a closed one leaves its place", () => {
  const readers = Array.from({ length: 65 }, () => new ReadBuffer());
  const sizes = readers.map((reader) => read(reader, new Use(), small).length);
  assert.deepEqual(sizes, [...Array.from({ length: 64 }, () => large), small]);
  const [first] = readers;
  const last = readers.at(-1);
  assert.ok(first !== undefined && last !== undefined);
  first.release();
  first.release();
  assert.equal(read(last, new Use(), small).length, large);
  for (const reader of readers) reader.release();
  assert.equal(read(first, new Use(), small).length, large);
  first.release();
});

test("what waits takes at most four times its size", () => {
  const bulk = Buffer.allocUnsafeSlow(large);
  assert.equal(isLeftInBuffer(large / 4, bulk.subarray(0, large / 4)), false);
  assert.equal(isLeftInBuffer(large / 4 + 1, bulk.subarray(0, large / 4 + 1)), true);
  const short = Buffer.allocUnsafeSlow(small);
  assert.equal(isLeftInBuffer(small / 4, short), false);
  assert.equal(isLeftInBuffer(small / 4 + 1, short), true);
  assert.equal(
    isLeftInBuffer(10_000, Buffer.allocUnsafeSlow(10_000)),
    false,
    "short ones are copied",
  );
});
