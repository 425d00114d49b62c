/** Random requests for the tokens of texts. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { settings } from "../choose.ts";
import { asked, filled, index, mostlyGood } from "./parts.ts";

const text = fc.constantFrom<unknown>(
  "The quick Brown-Fox's 3.5 jumps!",
  "a@b.org http://x.y/z?q=1 É",
  ["one two", "three"],
  "",
  [],
  "日本 語 한국어 ไทย",
  "😀 e\u0301 ﬁ x_y",
  5,
  "word ".repeat(3),
  "The_THE-the",
  "don't can't 1,000.50",
);

const body = settings(
  {
    text,
    analyzer: mostlyGood(
      fc.constantFrom("standard", "simple", "whitespace", "keyword", "stop", "own"),
      "absent",
      5,
      "",
    ),
    tokenizer: mostlyGood(
      fc.constantFrom<unknown>("standard", {
        type: "standard",
        max_token_length: 3,
      }),
      "absent",
      {},
      { type: "x" },
    ),
    filter: fc.array(
      fc.constantFrom<unknown>(
        "lowercase",
        "stop",
        "absent",
        { type: "stop", stopwords: ["fox's", "the"] },
        { type: "shingle" },
        {},
        5,
      ),
      { maxLength: 2 },
    ),
    char_filter: fc.constantFrom<unknown>([], ["absent"], "html_strip"),
    field: fc.constantFrom("t", "k", "n", "absent", "t.own"),
    normalizer: fc.constantFrom("lowercase", "low", "absent"),
    explain: mostlyGood(fc.boolean(), "true", 1),
    attributes: fc.constantFrom(["keyword"], ["type", "positionLength"]),
    unknown: fc.constant(1),
  },
  3,
).chain((one) => text.map((given) => ({ text: given, ...one })));

/** Requests on an index with analyzers, and on none. */
export const analyses = asked(
  fc
    .tuple(fc.constantFrom(`/${index}`, `/${index}`, ""), body)
    .map(([path, one]): Step => ({ ask: `POST ${path}/_analyze`, body: one })),
).map((steps) => [
  ...filled(
    {
      properties: {
        t: { type: "text", fields: { own: { type: "text", analyzer: "own" } } },
        k: { type: "keyword", normalizer: "low" },
        n: { type: "integer" },
      },
    },
    [],
    {
      analysis: {
        analyzer: { own: { type: "standard", stopwords: ["quick"], max_token_length: 4 } },
        normalizer: { low: { type: "custom", filter: ["lowercase"] } },
      },
    },
  ).slice(0, 2),
  ...steps,
]);
