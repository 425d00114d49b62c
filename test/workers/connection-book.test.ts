import assert from "node:assert/strict";
import test from "node:test";
import { ConnectionBook } from "../../src/workers/connection-book.ts";

test("knows the connections of workers that have ended for as long as nodes may tell of them", () => {
  const book = new ConnectionBook();
  book.note([{ place: "10.0.0.1:1", purpose: "relay" }], 0);
  book.note([{ place: "10.0.0.1:2", purpose: "own" }], 300_000);
  assert.equal(book.list(660_000).length, 2);
  assert.deepEqual(book.list(660_001), [{ place: "10.0.0.1:2", purpose: "own" }]);
});

test("a connection that is told of again stays, with what it is for now", () => {
  const book = new ConnectionBook();
  book.note([{ place: "10.0.0.1:1", purpose: "relay" }], 0);
  book.note([{ place: "10.0.0.1:1", purpose: "own" }], 600_000);
  assert.deepEqual(book.list(1_200_000), [{ place: "10.0.0.1:1", purpose: "own" }]);
});

test("its memory is bounded", () => {
  const book = new ConnectionBook();
  for (let at = 0; at < 250; at += 1)
    book.note(
      Array.from({ length: 1000 }, (_, port) => ({
        place: `10.0.${at}.1:${port}`,
        purpose: "relay" as const,
      })),
      at,
    );
  const list = book.list(250);
  assert.ok(list.length <= 200_000);
  assert.equal(list.at(-1)?.place, "10.0.249.1:999");
});
