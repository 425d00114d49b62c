import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { decodePathPart } from "../../../src/elasticsearch/names/path-part.ts";

const vectors: readonly (readonly [string, string])[] = [
  ["logs", "logs"],
  ["a%2Cb", "a,b"],
  ["a%2fb", "a/b"],
  ["%3Clogs-%7Bnow%2Fd%7D%3E", "<logs-{now/d}>"],
  ["%3Cx-%7Bnow%2B1d%7BHH%3Amm%7C%2B02%3A00%7D%7D%3E", "<x-{now+1d{HH:mm|+02:00}}>"],
  ["a+b", "a+b"],
  ["a%2Bb", "a+b"],
  ["%252F", "%2F"],
  ["%C3%A9", "é"],
  ["\xc3\xa9", "é"],
  ["%ff", "\ufffd"],
  ["%", "%"],
  ["a%2", "a%2"],
  ["%zz%41", "%zz%41"],
  ["%+1", "%+1"],
  ["", ""],
];

test("decodes each escape of a path segment exactly once", () => {
  for (const [segment, expected] of vectors) assert.equal(decodePathPart(segment), expected);
});

test("decodes what encodeURIComponent encoded, and never throws", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(decodePathPart(encodeURIComponent(text.toWellFormed())), text.toWellFormed());
      decodePathPart(Buffer.from(text).toString("latin1"));
    }),
  );
});
