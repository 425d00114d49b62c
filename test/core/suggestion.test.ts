import assert from "node:assert/strict";
import test from "node:test";
import { suggestion, suggestionText } from "../../src/core/suggestion.ts";

const keys = ["listeners", "pools", "audit", "admin", "workers", "drain_timeout", "bind", "name"];

const cases: readonly (readonly [string, string | undefined])[] = [
  ["listener", "listeners"],
  ["lisetners", "listeners"],
  ["Pools", "pools"],
  ["drainTimeout", "drain_timeout"],
  ["drain-timeout", "drain_timeout"],
  ["bnid", "bind"],
  ["worker", "workers"],
  ["audits", "audit"],
  ["nmae", "name"],
  ["zzz", undefined],
  ["timeouts", undefined],
  ["", undefined],
];

test("a misspelt word leads to the nearest candidate, an unrelated one to none", () => {
  for (const [word, wanted] of cases) assert.equal(suggestion(word, keys), wanted, word);
});

test("a word that is a candidate needs no suggestion", () => {
  assert.equal(suggestion("audit", ["audits", "audit"]), undefined);
});

test("the text of a suggestion is empty where there is none", () => {
  assert.equal(suggestionText("bnid", keys), '; did you mean "bind"?');
  assert.equal(suggestionText("zzz", keys), "");
});

test("a very long word costs no more than a short one", () => {
  assert.equal(suggestion("x".repeat(1_000_000), keys), undefined);
});
