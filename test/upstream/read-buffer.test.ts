import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type BufferUse,
  isLeftInBuffer,
  ReadBuffer,
  takeBack,
} from "../../src/upstream/read-buffer.ts";

const small = 65_536;
const large = 147_456;

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

test("after a response in bulk the next one is read into a large buffer, if only at first", () => {
  const buffer = new ReadBuffer();
  const use = new Use();
  const first = buffer.next(undefined);
  const bulk = read(buffer, use, small);
  assert.equal(bulk.length, large);
  use.isUsable = true;
  assert.equal(read(buffer, use, 100), bulk, "its end was short");
  assert.equal(read(buffer, use, 300), first, "a short response");
  assert.equal(read(buffer, use, small), bulk, "one that filled the small buffer");
  use.isUsable = false;
  assert.equal(read(buffer, use, 300), first, "the beginning of one that comes slowly");
});

test("a kept end of a response in bulk leaves another large buffer for the next one", () => {
  const buffer = new ReadBuffer();
  const use = new Use();
  buffer.next(undefined);
  const bulk = read(buffer, use, small);
  use.isUsable = true;
  use.isBufferKept = true;
  const other = read(buffer, use, large);
  assert.equal(other.length, large);
  assert.notEqual(other, bulk);
  takeBack(bulk, use);
  buffer.release();
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

test("96 connections read into large buffers at a time, and a closed one leaves its place", () => {
  const readers = Array.from({ length: 97 }, () => new ReadBuffer());
  const sizes = readers.map((reader) => read(reader, new Use(), small).length);
  assert.deepEqual(sizes, [...Array.from({ length: 96 }, () => large), small]);
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

test("with more than 64 large buffers in use none is kept for a response to come", () => {
  const readers = Array.from({ length: 65 }, () => new ReadBuffer());
  for (const reader of readers) assert.equal(read(reader, new Use(), small).length, large);
  const ended = new Use();
  ended.isUsable = true;
  const sizes = readers.map((reader) => read(reader, ended, large).length);
  assert.deepEqual(sizes, [small, ...Array.from({ length: 64 }, () => large)]);
  for (const reader of readers) reader.release();
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
