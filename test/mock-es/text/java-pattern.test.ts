import assert from "node:assert/strict";
import { test } from "node:test";
import { EsError } from "../../../mock-es/es-error.ts";
import { javaPattern } from "../../../mock-es/text/java-pattern.ts";
import { replaceAsJava, splitAsJava } from "../../../mock-es/text/java-replacement.ts";

/** What `Matcher.find` of Java 25 found, one after the other. */
for (const [pattern, text, found] of [
  ["\\p{Lu}", "aÉB", ["É", "B"]],
  ["\\p{Upper}", "aÉB", ["B"]],
  ["(?i)[a-c]x", "BX éX", ["BX"]],
  ["(?i)é", "É", []],
  ["[a-z&&[^b]]+", "abc", ["a", "c"]],
  ["[]a]", "]a", ["]", "a"]],
  ["[a[bc]]+", "cab", ["cab"]],
  ["a$", "a\n", ["a"]],
  ["(?m)^.", "a\r\nb\n", ["a", "b"]],
  [".+", "a\u0085b", ["a", "b"]],
  ["\\s", "\u00a0 ", [" "]],
  ["\\h", "\u00a0 ", ["\u00a0", " "]],
  ["\\Qa.b\\E+", "a.bb", ["a.bb"]],
  ["\\x{1F600}|\\u0041", "😀A", ["😀", "A"]],
  ["(?x) a b # c", "ab", ["ab"]],
  ["\\bé", "é", []],
  ["(?<n>a)\\k<n>", "aa", ["aa"]],
  ["\\Aa|a\\z", "aaa", ["a", "a"]],
] as const) {
  test(`the pattern ${pattern} finds in ${JSON.stringify(text)} what Java finds`, () => {
    const all = Array.from(text.matchAll(javaPattern(pattern, "g")), ([whole]) => whole);
    assert.deepEqual(all, found);
  });
}

for (const pattern of [
  "a++b",
  "(?>a)b",
  "(a)?\\1",
  "(?<=a+)b",
  "\\p{InGreek}",
  "\\G",
  "a{",
  "[a",
  "(a",
  "a)",
  "\\y",
]) {
  test(`the pattern ${pattern}, which is none or cannot be run, is refused`, () => {
    assert.throws(() => javaPattern(pattern, "g"), EsError);
  });
}

test("a replacement has groups by number and by name, and characters behind backslashes", () => {
  const pattern = javaPattern("(?<x>\\w)(\\d)", "g");
  assert.equal(replaceAsJava("a1 b2", pattern, "${x}\\$$2$10"), "a$1a0 b$2b0");
  assert.throws(() => replaceAsJava("a1", pattern, "$3"), /No group 3/);
  assert.throws(() => replaceAsJava("a1", pattern, "$&"), /Illegal group reference/);
  assert.equal(replaceAsJava("-", pattern, "$&"), "-");
});

test("a text is split without the empty parts at its end", () => {
  assert.deepEqual(splitAsJava("a,,b,,", javaPattern(",", "g"), 0), ["a", "", "b"]);
  assert.deepEqual(splitAsJava("a,", javaPattern(",", "g"), -1), ["a", ""]);
});
