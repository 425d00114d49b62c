import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerQueue, AnswerRoom } from "../../src/http/answer-queue.ts";

const mebibyte = 1024 * 1024;

test("pieces come out as they went in, and their room is given back", () => {
  const room = new AnswerRoom();
  const queue = new AnswerQueue(room, 10);
  for (let round = 0; round < 3; round += 1) {
    for (const text of ["one", "two", "three"]) queue.add(Buffer.from(text));
    assert.equal(queue.isFull, true);
    assert.equal(room.usedBytes, 11);
    assert.equal(queue.take()?.toString(), "one");
    queue.add(Buffer.from("four"));
    const rest = [queue.take(), queue.take(), queue.take(), queue.take()];
    assert.deepEqual(
      rest.map((piece) => piece?.toString()),
      ["two", "three", "four", undefined],
    );
    assert.deepEqual([queue.isEmpty, queue.isFull, room.usedBytes], [true, false, 0]);
  }
});

test("what is dropped gives its room back", () => {
  const room = new AnswerRoom();
  const queue = new AnswerQueue(room, 10);
  queue.add(Buffer.alloc(7));
  queue.drop();
  queue.drop();
  assert.deepEqual([queue.isEmpty, queue.take(), room.usedBytes], [true, undefined, 0]);
});

test("all queues of a process together are bounded", () => {
  const room = new AnswerRoom();
  const queues = Array.from({ length: 64 }, () => new AnswerQueue(room, 2 * mebibyte));
  for (const queue of queues) {
    assert.equal(queue.isFull, false);
    queue.add(Buffer.alloc(mebibyte));
  }
  assert.ok(queues.every(({ isFull }) => isFull));
  queues[0]?.drop();
  assert.ok(queues.every(({ isFull }) => !isFull));
});
