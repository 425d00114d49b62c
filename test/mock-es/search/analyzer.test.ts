import assert from "node:assert/strict";
import { test } from "node:test";
import { AnalysisRegistry, noAnalysisSettings } from "../../../mock-es/analysis/analysis.ts";
import { analyzeStandard, standardTerms } from "../../../mock-es/analysis/standard-tokenizer.ts";

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  "": [],
  "   ": [],
  "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone.":
    "the 2 quick brown foxes jumped over the lazy dog's bone".split(" "),
  "user@example.com, http://a.b/c": ["user", "example.com", "http", "a.b", "c"],
  "3.14 1,000,000 10.0.0.1": ["3.14", "1,000,000", "10.0.0.1"],
  "snake_case __ x-1": ["snake_case", "x", "1"],
  "Größe ÉTÉ naïve": ["größe", "été", "naïve"],
  "東京 タワー ひら": ["東", "京", "タワー", "ひ", "ら"],
  "привет мир": ["привет", "мир"],
  "ΟΔΟΣ İx ｶﾞﾊﾞ": ["οδοσ", "ix", "ｶﾞﾊﾞ"],
};

for (const [text, terms] of Object.entries(TEXTS)) {
  test(`analyses ${JSON.stringify(text)} into the standard analyzer's terms`, () => {
    assert.deepEqual(standardTerms(text), terms);
    assert.deepEqual(
      analyzeStandard(text).map((token) => token.term),
      terms,
    );
  });
}

test("reports offsets, positions and types of tokens", () => {
  assert.deepEqual(analyzeStandard("A 42 東"), [
    { term: "a", start: 0, end: 1, position: 0, type: "<ALPHANUM>" },
    { term: "42", start: 2, end: 4, position: 1, type: "<NUM>" },
    { term: "東", start: 5, end: 6, position: 2, type: "<IDEOGRAPHIC>" },
  ]);
});

test("splits a term of more than 255 characters", () => {
  assert.deepEqual(
    analyzeStandard("x".repeat(300)).map((token) => token.term.length),
    [255, 45],
  );
});

// Each as Lucene 10.5.1 has it.
for (const [tokenizer, filter, text, tokens] of [
  ["whitespace", "uppercase", "ß é", "ß@0 É@1"],
  ["whitespace", "asciifolding", "𝒜é ①", "𝒜e@0 1@1"],
  ["whitespace", "classic", "boss's U.S.A", "boss's@0 U.S.A@1"],
  ["whitespace", "cjk_width", "２ ｶﾞ ﬁ", "2@0 ガ@1 ﬁ@2"],
  ["whitespace", "word_delimiter", "a ! b-c", "a@0 b@1 c@2"],
  ["whitespace", "word_delimiter_graph", "a ! b-c", "a@0 b@2 c@3"],
  ["path_hierarchy", "trim", "/a/b", "/a@0 /a/b@1"],
  ["uax_url_email", "trim", "ftp://x.com ftp://x.com/a", "ftp@0 x.com@1 ftp://x.com/a@2"],
] as const) {
  test(`makes ${tokens} of ${text} with ${tokenizer} and ${filter}`, () => {
    const registry = new AnalysisRegistry(noAnalysisSettings);
    const found = registry.chain(tokenizer, [filter], [], "test")(text);
    assert.equal(found.map(({ term, position }) => `${term}@${position}`).join(" "), tokens);
  });
}

test("counts the places of stop words that end a text", () => {
  const registry = new AnalysisRegistry(noAnalysisSettings);
  const analyze = registry.chain("whitespace", ["stop"], [], "test");
  assert.equal(analyze("fox of the").trailing, 2);
  assert.equal(analyze("the fox").trailing, undefined);
});
