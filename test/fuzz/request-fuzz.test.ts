import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf, readRequestVectors } from "../conformance/vectors/vector.ts";
import { feed } from "../http1/wire-feed.ts";
import { fuzz, type Reading } from "./fuzz-run.ts";

const seeds = (await readRequestVectors()).map(bytesOf).filter((bytes) => bytes.length < 2000);

test("takes no mutated request that llhttp refuses or reads in another way", () => {
  fuzz("request", seeds);
});

/** Readings that drop one rejection each, by repairing the bytes before our parser sees them. */
const plantedLaxness: Readonly<Record<string, (text: string) => string>> = {
  "bare LF taken as a line end": (text) => text.replace(/(?<!\r)\n/g, "\r\n"),
  "white space before a colon ignored": (text) => text.replace(/^([A-Za-z-]+) +:/gm, "$1:"),
  "a sign in Content-Length ignored": (text) => text.replace(/^(content-length: *)\+/gim, "$1"),
  "a coding that only ends in chunked taken for it": (text) =>
    text.replace(/^(transfer-encoding:) *xchunked/gim, "$1 chunked"),
};

for (const [name, repair] of Object.entries(plantedLaxness))
  test(`would see planted laxness: ${name}`, () => {
    const lax: Reading = (bytes, options) =>
      feed(Buffer.from(repair(bytes.toString("latin1")), "latin1"), {
        ...options,
        pieces: [bytes.length],
      });
    assert.throws(() => fuzz("request", seeds, lax), /fuzz, seed/);
  });
