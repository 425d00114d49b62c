import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";

import { matchesWildcard, wildcardsIntersect } from "../../../src/elasticsearch/names/wildcard.ts";

const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 7 });
const name = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });

/** All names over two letters up to a length that two patterns of seven characters can need. */
const names: readonly string[] = (() => {
  const all = [""];
  for (let at = 0; (all[at] ?? "").length < 12; at += 1) all.push(`${all[at]}a`, `${all[at]}b`);
  return all;
})();

function asRegExp(text: string): RegExp {
  return new RegExp(`^${text.replaceAll("*", ".*")}$`);
}

test("matches as the regular expression of the pattern does", () => {
  fc.assert(
    fc.property(pattern, name, (text, candidate) => {
      assert.equal(matchesWildcard(text, candidate), asRegExp(text).test(candidate));
    }),
    { numRuns: 2000 },
  );
});

test("says that two patterns intersect if and only if some name matches both", () => {
  const short = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 5 });
  fc.assert(
    fc.property(short, short, (one, other) => {
      const [left, right] = [asRegExp(one), asRegExp(other)];
      const common = names.some((text) => left.test(text) && right.test(text));
      assert.equal(wildcardsIntersect(one, other), common, `${one} and ${other}`);
    }),
    { numRuns: 300 },
  );
});

test("stays fast where a backtracking matcher would not end", () => {
  assert.equal(matchesWildcard("*a".repeat(100) + "b", "a".repeat(255)), false);
});
