import assert from "node:assert/strict";
import { test } from "node:test";
import { numberOf } from "../../../mock-es/json/java-number.ts";
import {
  queryFromQueryString,
  type QueryStringOptions,
} from "../../../mock-es/search/queries/query-string.ts";
import { documentsOf, idsOf, refusalOf, searchIn } from "./documents.ts";

const TYPES = {
  title: "text",
  tag: "keyword",
  n: "long",
  day: "date",
  o: "object",
  "o.x": "keyword",
};
const DOCS = documentsOf(
  { title: "quick brown fox", tag: "red", n: 1, day: "2024-05-01" },
  { title: "quick dog", tag: "green apple", n: 5, day: "2024-05-02" },
  { title: "lazy dog-house", tag: "red", n: 10, o: { x: "deep" } },
  { title: "fox and dog", n: 20 },
);

const STRINGS: readonly (readonly [string, string, QueryStringOptions?])[] = [
  ["quick", "01"],
  ["QUICK", "01"],
  ["quick fox", "013"],
  ["quick fox", "0", { defaultOperator: "and" }],
  ["quick AND fox", "0"],
  ["quick && fox", "0"],
  ["quick OR lazy", "012"],
  ["quick OR lazy", "012", { defaultOperator: "and" }],
  ["quick NOT fox", "1"],
  ["quick -fox", "1"],
  ["quick !fox", "1"],
  ["+fox quick", "03"],
  ["NOT quick", "23"],
  ["(quick OR lazy) AND dog", "12"],
  ["title:(quick lazy)", "012"],
  ["title:fox AND n:[1 TO 5]", "0"],
  ["n:[5 TO 10]", "12"],
  ["n:{5 TO 10]", "2"],
  ["n:[5 TO 10}", "1"],
  ["n:[* TO 5]", "01"],
  ["n:>5", "23"],
  ["n:>=5", "123"],
  ["n:<5", "0"],
  ["n:(<=5)", "01"],
  ['day:["2024-05-02" TO *]', "1"],
  ["day:2024-05-02", "1"],
  ['"brown fox"', "0"],
  ['"fox brown"', ""],
  ['"quick fox"~1', "0"],
  ['tag:"green apple"', "1"],
  ["tag:green\\ apple", "1"],
  ["title:qu*", "01"],
  ["title:?ox", "03"],
  ["TI\\*:fox", ""],
  ["ti\\*:fox", "03"],
  ["title:/l.zy/", "2"],
  ["title:quik~", "01"],
  ["title:dog-house", "123"],
  ["_exists_:tag", "012"],
  ["tag:*", "012"],
  ["*", "0123"],
  ["*:*", "0123"],
  ["deep", "2"],
  ["o.x:deep", "2"],
  ["red", "02"],
  ["fox", "", { defaultField: "tag" }],
  ["5", "1"],
  ["", ""],
  ["quick AND", "refused"],
  ['"quick', "refused"],
  ["(quick", "refused"],
  ["quick)", "refused"],
  ["n:[1 TO", "refused"],
  ["OR quick", "refused"],
];

for (const [text, expected, options] of STRINGS) {
  test(`q=${text} ${JSON.stringify(options ?? {})} finds ${expected === "" ? "nothing" : expected}`, () => {
    const run = (): string =>
      idsOf(
        searchIn(DOCS, TYPES, { query: queryFromQueryString(text, options), sort: "_doc" }),
      ).join("");
    if (expected === "refused") {
      const { type, reason } = refusalOf(run);
      assert.equal(type, "query_shard_exception");
      assert.equal(reason, `Failed to parse query [${text}]`);
    } else assert.equal(run(), expected);
  });
}

test("weighs clauses and fields by their boosts", () => {
  const score = (query: string, id: string): number =>
    numberOf(
      searchIn(DOCS, TYPES, {
        query: { query_string: { query, fields: ["title^3", "tag"] } },
      }).hits.find((hit) => hit._id === id)?._score ?? 0,
    );
  assert.ok(score("fox", "0") > 0);
  assert.ok(Math.abs(score("fox^2", "0") / score("fox", "0") - 2) < 1e-6);
  assert.ok(Math.abs(score("fox", "0") / score("title:fox", "0") - 3) < 1e-6);
});

test("refuses a value that a named field cannot hold, unless lenient", () => {
  const body = (lenient?: boolean): unknown => ({
    query: queryFromQueryString("n:many", { lenient }),
  });
  assert.equal(
    refusalOf(() =>
      searchIn(DOCS, TYPES, {
        query: { query_string: { query: "n:many", default_field: "title" } },
      }),
    ).type,
    "query_shard_exception",
  );
  assert.deepEqual(idsOf(searchIn(DOCS, TYPES, body(true))), []);
});

test("refuses settings that do not exist", () => {
  assert.deepEqual(
    refusalOf(() => searchIn(DOCS, TYPES, { query: { query_string: { query: "x", field: "y" } } })),
    {
      status: 400,
      type: "parsing_exception",
      reason: "[query_string] query does not support [field]",
    },
  );
});
