import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { isSimpleList, splitIndexList } from "../../../src/elasticsearch/names/index-list.ts";

const vectors: readonly (readonly [string, readonly string[]])[] = [
  ["", []],
  [",,", []],
  ["a", ["a"]],
  ["a,b*,-c", ["a", "b*", "-c"]],
  ["a,,b,", ["a", "b"]],
  ["<a-{now/d}>,b", ["<a-{now/d}>", "b"]],
  ["x*,-<a-{now{yyyy}}>", ["x*", "-<a-{now{yyyy}}>"]],
  ["<x,secret,y>", ["<x", "secret", "y>"]],
  ["<a-{now{yyyy,MM}}>,b", ["<a-{now{yyyy", "MM}}>", "b"]],
  ["eu:-<a,b>::failures,c", ["eu:-<a", "b>::failures", "c"]],
  ['"x,secret,y"', ['"x', "secret", 'y"']],
];

test("splits at every comma, also within what looks like date math or quotes", () => {
  for (const [text, items] of vectors) {
    assert.deepEqual(splitIndexList(text), { items, total: items.length }, text);
  }
});

test("keeps the first items and counts all", () => {
  const text = Array.from({ length: 5000 }, (_, at) => `index-${at}`).join(",");
  assert.deepEqual(splitIndexList(text, 2), { items: ["index-0", "index-1"], total: 5000 });
  assert.equal(splitIndexList(text).items.length, 1000);
});

test("splits what was joined", () => {
  const plain = fc.stringMatching(/^-?[a-z.*]{1,5}(:[a-z*]{1,5})?(::failures)?$/);
  const dateMath = fc.stringMatching(/^(-|eu:)?<[a-z]{0,3}\{now(\{y-M\})?\}>(::data)?$/);
  fc.assert(
    fc.property(fc.array(fc.oneof(plain, dateMath), { maxLength: 20 }), (items) => {
      assert.deepEqual(splitIndexList(items.join(",")).items, items);
    }),
  );
});

test("a simple list is split at each comma", () => {
  const unit = fc.constantFrom(...'aab,,<>"{}:-*'.split(""));
  const simple = fc.string({ unit, minLength: 1 });
  fc.assert(
    fc.property(simple, (list) => {
      if (isSimpleList(list)) assert.deepEqual(splitIndexList(list).items, list.split(","));
    }),
    { numRuns: 3000, seed: 1 },
  );
  for (const list of ["a,b", "<a-{now/d}>,b", "eu:<a>::data,-b*"]) assert.ok(isSimpleList(list));
});

test("loses no character of a list but commas", () => {
  const text = fc.string({ unit: fc.constantFrom(...'a,<>"{}:-*'.split("")) });
  fc.assert(
    fc.property(text, (list) => {
      const bare = (value: string): string => value.replaceAll(",", "");
      assert.equal(bare(splitIndexList(list).items.join("")), bare(list));
    }),
  );
});
