// What is refused here is refused by a real Elasticsearch 7.10.2 with the module of analyzers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, send, startFor } from "./running-mock.ts";

const grams = (kind: "filter" | "tokenizer", settings: object): object => ({
  [kind]: { n: settings },
  analyzer: {
    x: kind === "filter" ? { tokenizer: "standard", filter: ["n"] } : { tokenizer: "n" },
  },
});
const named = (filter: string): object => ({
  analyzer: { x: { tokenizer: "standard", filter: [filter] } },
});
const tooFar =
  "The difference between max_gram and min_gram in NGram Tokenizer must be less than or equal to: [1] but was [12]. This limit can be set by changing the [index.max_ngram_diff] index level setting.";

for (const [analysis, reason] of [
  [grams("tokenizer", { type: "ngram", min_gram: 3, max_gram: 15 }), tooFar],
  [grams("filter", { type: "ngram", min_gram: 3, max_gram: 15 }), tooFar],
  [
    grams("filter", { type: "shingle", max_shingle_size: 5 }),
    "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size (and +1 if outputting unigrams) must be less than or equal to: [3] but was [4]. This limit can be set by changing the [index.max_shingle_diff] index level setting.",
  ],
  [named("keep"), "Custom Analyzer [x] failed to find filter under name [keep]"],
  [
    grams("filter", { type: "keep" }),
    "keep requires either `keep_words` or `keep_words_path` to be configured",
  ],
  [
    grams("filter", { type: "length", min: 5, max: 2 }),
    "maximum length must not be greater than minimum length",
  ],
  [
    grams("filter", { type: "pattern_capture" }),
    "required setting 'patterns' is missing for token filter [n]",
  ],
  [{ filter: { unused: { type: "keep_types" } } }, "keep_types requires `types` to be configured"],
  [
    { analyzer: { x: { type: "custom" } } },
    "Custom Analyzer [x] must be configured with a tokenizer",
  ],
  [
    grams("filter", { type: "stop", stopwords_path: "words.txt" }),
    "[stopwords_path] in the settings of [n] is not supported by mock-es",
  ],
] as const) {
  test(`an index cannot be analysed by ${JSON.stringify(analysis)}`, async (t) => {
    const mock = await startFor(t);
    const answer = await send(mock, "PUT", "/a", { body: { settings: { analysis } } });
    assert.deepEqual([answer.status, errorOf(answer).reason], [400, reason]);
  });
}

test("limits of an index allow longer grams and shingles", async (t) => {
  const mock = await startFor(t);
  const filter = {
    n: { type: "ngram", min_gram: 3, max_gram: 15 },
    s: { type: "shingle", max_shingle_size: 5 },
  };
  const settings = { analysis: { filter }, max_ngram_diff: 12, max_shingle_diff: 4 };
  assert.equal((await send(mock, "PUT", "/a", { body: { settings } })).status, 200);
});

for (const [parts, expected] of [
  [{ tokenizer: "standard", filter: ["edge_ngram"], text: "hello" }, "h"],
  [{ tokenizer: "standard", filter: ["snowball"], text: "RUNNING running" }, "RUNNING run"],
  [
    { tokenizer: { type: "char_group", tokenize_on_chars: ["-", "punctuation"] }, text: "a-b!c" },
    "a b c",
  ],
] as const) {
  test(`${JSON.stringify(parts)} makes ${expected}`, async (t) => {
    const mock = await startFor(t);
    const { json } = await send(mock, "POST", "/_analyze", { body: parts });
    const tokens = json["tokens"] as { token: string }[];
    assert.equal(tokens.map(({ token }) => token).join(" "), expected);
  });
}

test("a filter that needs settings cannot be named alone", async (t) => {
  const mock = await startFor(t);
  for (const filter of ["keep", "stemmer_override", "keyword_marker", "synonym"]) {
    const body = { tokenizer: "standard", filter: [filter], text: "a" };
    const answer = await send(mock, "POST", "/_analyze", { body });
    const reason = "Analysis settings required - can't instantiate analysis factory";
    assert.deepEqual([answer.status, errorOf(answer).reason], [400, reason]);
  }
});

test("names of grams of before are refused with the name of today", async (t) => {
  const mock = await startFor(t);
  for (const [parts, reason] of [
    [{ tokenizer: "nGram" }, /The \[nGram\] tokenizer name was deprecated in 7\.6/],
    [
      { tokenizer: "standard", filter: ["edgeNGram"] },
      /The \[edgeNGram\] token filter name was deprecated in 6\.4/,
    ],
  ] as const) {
    const answer = await send(mock, "POST", "/_analyze", { body: { ...parts, text: "a" } });
    assert.equal(answer.status, 400);
    assert.match(String(errorOf(answer).reason), reason);
  }
});

test("parts that are explained have no gap between texts", async (t) => {
  const mock = await startFor(t);
  const body = { tokenizer: "standard", text: ["a b", "c"], explain: true };
  const { text } = await send(mock, "POST", "/_analyze", { body });
  assert.deepEqual(
    [...text.matchAll(/"position":(\d+)/g)].map(([, at]) => at),
    ["0", "1", "2"],
  );
});

// Terms with their places, and how many of them they span, as the real server gives them.
for (const [type, settings, text, expected] of [
  ["word_delimiter", { catenate_words: true }, "500-42-abc-def", "500@0 42@1 abc@2 abcdef@2 def@3"],
  [
    "word_delimiter",
    { generate_word_parts: false, catenate_words: true },
    "42-abc-d",
    "42@0 abcd@0",
  ],
  [
    "word_delimiter",
    {},
    "PowerShot2000 XMLfile x's -- 7",
    "Power@0 Shot@1 2000@2 XMLfile@3 x@4 7@5",
  ],
  ["word_delimiter", { split_on_numerics: false }, "PowerShot2000", "Power@0 Shot2000@1"],
  [
    "word_delimiter_graph",
    { catenate_words: true },
    "Wi-Fi 42-a-b",
    "WiFi@0+2 Wi@0 Fi@1 42@2 ab@3+2 a@3 b@4",
  ],
  [
    "word_delimiter_graph",
    { catenate_all: true, preserve_original: true },
    "a-1",
    "a-1@0+2 a1@0+2 a@0 1@1",
  ],
] as const) {
  test(`${type} with ${JSON.stringify(settings)} takes ${text} apart`, async (t) => {
    const mock = await startFor(t);
    const body = { tokenizer: "whitespace", filter: [{ type, ...settings }], text };
    const { json } = await send(mock, "POST", "/_analyze", { body });
    const tokens = json["tokens"] as { token: string; position: number; positionLength?: number }[];
    const shown = tokens.map(
      ({ token, position, positionLength: span }) =>
        `${token}@${position}${span === undefined ? "" : `+${span}`}`,
    );
    assert.equal(shown.join(" "), expected);
  });
}
