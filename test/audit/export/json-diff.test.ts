import assert from "node:assert/strict";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";

import { diffJson, plainPath } from "../../../src/audit/export/json-diff.ts";

function paths(before: unknown, after: unknown, ignored?: readonly string[]): string[] | undefined {
  const found = diffJson(JSON.stringify(before), JSON.stringify(after), ignored);
  return found?.map(({ path }) => path);
}

test("differences have the path and both values", () => {
  const before = { hits: { total: 3, hits: [{ _id: "1", a: { b: [1, 2] } }, { _id: "2" }] }, x: 1 };
  const after = { hits: { total: 4, hits: [{ _id: "1", a: { b: [1, 9, 3] } }] }, y: null };
  assert.deepEqual(diffJson(JSON.stringify(before), JSON.stringify(after)), [
    { path: "hits.total", before: "3", after: "4" },
    { path: "hits.hits[0].a.b[1]", before: "2", after: "9" },
    { path: "hits.hits[0].a.b[2]", before: undefined, after: "3" },
    { path: "hits.hits[1]", before: '{"_id":"2"}', after: undefined },
    { path: "x", before: "1", after: undefined },
    { path: "y", before: undefined, after: "null" },
  ]);
  assert.equal(plainPath("hits.hits[0].a.b[12]"), "hits.hits.a.b");
  assert.equal(plainPath("[3].index._id"), "index._id");
});

test("numbers are compared by value, with all their digits", () => {
  for (const [before, after] of [
    ["1.0", "1"],
    ["1e2", "100"],
    ["-0", "0"],
    ["1.50000000000000000000", "1.5"],
    ["12345678901234567890", "1.2345678901234567890e19"],
    ["0.10000000000000000000e1", "1"],
  ])
    assert.deepEqual(diffJson(`{"a":${before}}`, `{"a":${after}}`), [], `${before} ${after}`);
  for (const [before, after] of [
    ["12345678901234567890", "12345678901234567891"],
    ["0.1", "0.10000000000000000001"],
    ["1", '"1"'],
    ["-12345678901234567890", "12345678901234567890"],
  ])
    assert.deepEqual(diffJson(`[${before}]`, `[${after}]`), [{ path: "[0]", before, after }]);
  // Also where it stands in a value that is there only once.
  assert.deepEqual(diffJson("{}", '{"a":[12345678901234567890]}'), [
    { path: "a", before: undefined, after: "[12345678901234567890]" },
  ]);
});

test("what differs from answer to answer is left out, and what is named", () => {
  const answer = (n: number): object => ({
    took: n,
    _scroll_id: String(n),
    hits: { hits: [{ _seq_no: n, _score: n, _source: { took: n } }] },
  });
  assert.deepEqual(paths(answer(1), answer(2)), [
    "hits.hits[0]._score",
    "hits.hits[0]._source.took",
  ]);
  assert.deepEqual(paths(answer(1), answer(2), ["*._score", "took"]), [
    "_scroll_id",
    "hits.hits[0]._seq_no",
    "hits.hits[0]._source.took",
  ]);
  assert.deepEqual(paths(answer(1), answer(2), ["hits.hits", "_scroll_id"]), ["took"]);
});

test("JSON line by line is compared line by line; anything else is not", () => {
  assert.deepEqual(diffJson('{"index":{}}\n{"a":1}\n', '{"index":{}}\n\n{"a":2}'), [
    { path: "[1].a", before: "1", after: "2" },
  ]);
  for (const text of ["", "health status\ngreen open", "{", "{}\n{"])
    assert.equal(diffJson(text, "{}"), undefined);
  // More than there is stack for.
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  assert.doesNotThrow(() => diffJson(deep, deep.replace("[]", "[1]")));
});

test("two values have differences exactly when they are not equal", () => {
  const value = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
  const normal = (one: unknown): unknown => JSON.parse(JSON.stringify(one));
  fc.assert(
    fc.property(value, value, (one, other) => {
      const found = paths(one, other, []);
      assert.equal(found?.length === 0, isDeepStrictEqual(normal(one), normal(other)));
      assert.deepEqual(paths(one, one, []), []);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("members may stand in any order", () => {
  const members = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { minKeys: 1 });
  fc.assert(
    fc.property(members, (object) => {
      const reversed = Object.fromEntries(Object.entries(object).toReversed());
      assert.deepEqual(paths(object, reversed), []);
    }),
    { numRuns: 200, seed: 1 },
  );
});
