import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createAutomaton } from "../../../mock-es/text/automaton.ts";
import { parseRegexp, parseWildcard } from "../../../mock-es/text/regexp-syntax.ts";

// Both dialects read these patterns alike, so JavaScript's own engine is the second opinion.
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", "c", ".", "[ab]", "[^a]", "[a-b]", "\\.", "é", "\\d", "(x)"),
    fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => left + right),
    fc.tuple(tie("pattern"), tie("pattern")).map(([left, right]) => `(${left}|${right})`),
    fc
      .tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "{1,}"))
      .map(([inner, times]) => `(${inner})${times}`),
  ),
}));
const text = fc
  .array(fc.constantFrom("a", "b", "c", ".", "é", "1", "x", "😀"), { maxLength: 7 })
  .map((parts) => parts.join(""));

test("accepts the same texts as an anchored JavaScript expression of the same meaning", () => {
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 8 }), (source, texts) => {
      const automaton = createAutomaton(
        parseRegexp(source, { hasOperators: true, ignoreCase: false }),
      );
      const expected = new RegExp(`^(?:${source})$`, "su");
      for (const candidate of texts)
        assert.equal(
          automaton?.matches(candidate),
          expected.test(candidate),
          `${source} on ${candidate}`,
        );
    }),
    { numRuns: 500 },
  );
});

test("matches wildcards as a walk with backtracking does", () => {
  const walk = (rest: readonly string[], input: readonly string[]): boolean => {
    const [first, ...others] = rest;
    if (first === undefined) return input.length === 0;
    if (first === "*")
      return walk(others, input) || (input.length > 0 && walk(rest, input.slice(1)));
    return (
      input.length > 0 && (first === "?" || first === input[0]) && walk(others, input.slice(1))
    );
  };
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "b", "*", "?", "😀"), { maxLength: 6 }),
      text,
      (parts, candidate) => {
        const automaton = createAutomaton(parseWildcard(parts.join(""), false));
        assert.equal(automaton?.matches(candidate), walk(parts, Array.from(candidate)));
      },
    ),
    { numRuns: 500 },
  );
});

test("needs no exponential time for nested repetitions", () => {
  const automaton = createAutomaton(
    parseRegexp("(a|a)*(a*)*b", { hasOperators: true, ignoreCase: false }),
  );
  // A backtracking matcher would not come back from this in a lifetime.
  assert.equal(automaton?.matches("a".repeat(2000)), false);
});

test("gives up building patterns with too many states", () => {
  assert.equal(
    createAutomaton(parseRegexp("((a{50}){50}){50}", { hasOperators: true, ignoreCase: false })),
    undefined,
  );
});
