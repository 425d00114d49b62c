/** What `function_score` refuses by name; Elasticsearch 9.5.3 fails there with Java's own words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsOf, refusalOf, searchIn, type Types } from "./documents.ts";

const types: Types = {
  k: "keyword",
  i: "ip",
  t: { type: "text", parameters: { fielddata: true } },
};

for (const [field, type] of [
  ["k", "keyword"],
  ["i", "ip"],
  ["t", "text"],
] as const)
  test(`field_value_factor of the type ${type} is refused, though nothing is found`, () => {
    const query = {
      function_score: {
        query: { match: { k: "absent" } },
        functions: [{ weight: 2.5 }, { field_value_factor: { field, missing: 1 } }],
      },
    };
    const documents = documentsOf({ k: "red", i: "127.0.0.1", t: "red" });
    const refusal = refusalOf(() => searchIn(documents, types, { query }));
    assert.equal(
      refusal.reason,
      `[field_value_factor] of the type [${type}] is not supported by mock-es`,
    );
  });
