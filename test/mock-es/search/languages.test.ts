import assert from "node:assert/strict";
import { test } from "node:test";
import { AnalysisRegistry, noAnalysisSettings } from "../../../mock-es/analysis/analysis.ts";
import { analyzed, stemmed, words } from "./language-vectors.ts";

const registry = new AnalysisRegistry(noAnalysisSettings);

test("analyzers of languages make the terms that Lucene makes, at the same places", () => {
  for (const [name, text, terms] of analyzed) {
    const tokens = registry.analyzer(name)?.analyze(text) ?? [];
    const found = tokens.map(({ term, position }) => `${term}@${position}`).join(" ");
    assert.equal(found, terms, name);
  }
});

function filtered(type: string, settings: Readonly<Record<string, string>>, text: string): string {
  const analysis = new AnalysisRegistry({
    ...noAnalysisSettings,
    filter: new Map([["own", new Map(Object.entries({ type, ...settings }))]]),
  });
  const terms = analysis.chain("whitespace", ["own"], [], "test")(text);
  return terms.map(({ term }) => term).join(" ");
}

test("stemmers make the stems that Lucene makes", () => {
  for (const [language, terms] of stemmed)
    assert.equal(filtered("stemmer", { language }, words), terms, language);
  assert.equal(filtered("snowball", {}, "generously lying"), "generous lie");
  assert.equal(filtered("snowball", { language: "German2" }, "fuesse"), "fuss");
  assert.equal(filtered("stemmer", { language: "lightGerman" }, "katzen"), "katz");
});

test("stemmers that are not here are refused, and unknown ones as the server refuses them", () => {
  assert.throws(
    () => filtered("stemmer", { language: "kstem" }, "a"),
    /\[kstem\] is not supported/,
  );
  assert.throws(
    () => filtered("snowball", { language: "foo" }, "a"),
    /Invalid stemmer class specified: Foo/,
  );
  assert.throws(
    () => filtered("stop", { stopwords: "_turkish_" }, "a"),
    /\[_turkish_\] is not supported/,
  );
});

test("pairs of characters are made across tokens, and beside single ones when asked for", () => {
  assert.equal(filtered("stop", { stopwords: "_swedish_" }, "sitt sitta"), "sitta");
  const cjk = new AnalysisRegistry({
    ...noAnalysisSettings,
    filter: new Map([
      ["both", new Map(Object.entries({ type: "cjk_bigram", output_unigrams: "true" }))],
    ]),
  });
  const tokens = cjk.chain("standard", ["both"], [], "test")("東京 x");
  assert.deepEqual(
    tokens.map(({ term, position }) => `${term}@${position}`),
    ["東@0", "東京@0", "京@1", "x@2"],
  );
});
