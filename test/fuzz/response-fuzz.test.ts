import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf, readResponseVectors } from "../conformance/vectors/vector.ts";
import { feed } from "../http1/wire-feed.ts";
import { fuzz, type Reading } from "./fuzz-run.ts";

const seeds = (await readResponseVectors())
  .map(bytesOf)
  .filter((bytes) => bytes.length > 0 && bytes.length < 2000);

test("takes no mutated response that llhttp refuses or reads in another way", () => {
  fuzz("response", seeds);
});

test("would see planted laxness: a bare LF taken as a line end", () => {
  const lax: Reading = (bytes, options) =>
    feed(Buffer.from(bytes.toString("latin1").replace(/(?<!\r)\n/g, "\r\n"), "latin1"), {
      ...options,
      pieces: [bytes.length],
    });
  assert.throws(() => fuzz("response", seeds, lax), /fuzz, seed/);
});
