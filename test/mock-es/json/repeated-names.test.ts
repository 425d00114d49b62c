import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { findRepeatedName } from "../../../mock-es/json/repeated-names.ts";

const find = (text: string): string | undefined =>
  findRepeatedName(text, JSON.parse(text))?.message;

test("finds a name that an object repeats, at any depth and with any white space", () => {
  for (const text of [
    '{"a":1,"a":2}',
    '{"x":[{"a":1},{"b":{"a" :1,\n"a"\t: 2}}]}',
    // The strings hold as many pairs of quote and colon as names are lost.
    '{"a" :1,"a" :2,"b":"\\":"}',
    '{"a":1,"\\u0061":2}',
  ])
    assert.match(find(text) ?? "nothing", /^Duplicate field 'a'/, text);
});

test("finds nothing where no object repeats a name", () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, "\t"), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), undefined, indent);
      assert.equal(find(text), undefined);
    }),
  );
  assert.equal(find('{"a":"\\":\\" :","b":{"a":": \\":"}}'), undefined);
});
