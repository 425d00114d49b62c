import assert from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { layOutJson } from "../../../src/audit/export/json-layout.ts";

test("lays JSON out as JSON.stringify does, but for empty lines in the values", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(3), (text, indent) => {
      const value: unknown = JSON.parse(text);
      const laidOut = layOutJson(JSON.stringify(value, null, indent));
      const isStructure = typeof value === "object" && value !== null;
      assert.equal(laidOut, isStructure ? JSON.stringify(value, null, 2) : undefined);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test("keeps numbers, escapes and repeated members as they are", () => {
  const text = '{"a":12345678901234567890.10,"a":"\\u00e9\\/","b":[1e400,-0]}';
  const lines = [
    "{",
    '  "a": 12345678901234567890.10,',
    '  "a": "\\u00e9\\/",',
    '  "b": [',
    "    1e400,",
  ];
  assert.equal(layOutJson(text), [...lines, "    -0", "  ]", "}"].join("\n"));
});

test("says when a text is not JSON", () => {
  for (const text of [
    "",
    "{",
    "{}}",
    "[1,]",
    '{"a"}',
    '{"a":}',
    "{a:1}",
    "[01]",
    "[nul]",
    '["a"',
    "{} {}",
    "x",
    "[1 2]",
    "{,}",
  ])
    assert.equal(layOutJson(text), undefined, text);
});

test("lays out what is there of a text that is cut anywhere", () => {
  const whole = '{"a":[1,{"b":"x\\"y"},true],"c":{}}';
  const laidOut = layOutJson(whole) ?? "";
  for (let length = 1; length < whole.length; length += 1) {
    const part = layOutJson(whole.slice(0, length), undefined, true) ?? "";
    const plain = (text: string): string => text.replaceAll(/\s/g, "");
    assert.ok(plain(laidOut).startsWith(plain(part).slice(0, -1)), `${length}: ${part}`);
    assert.ok(part.length > 0);
  }
});

test("takes any text in linear time", () => {
  for (const text of [
    "[".repeat(1e5),
    '{"a":'.repeat(1e5),
    '"'.repeat(1e5),
    `["${"\\".repeat(1e5)}`,
  ])
    for (const isCut of [false, true]) layOutJson(text, undefined, isCut);
});
