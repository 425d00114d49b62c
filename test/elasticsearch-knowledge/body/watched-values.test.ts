import assert from "node:assert/strict";
import { test } from "node:test";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { CursorDigest } from "../../../src/elasticsearch/body/cursor-digest.ts";
import { requestFacts } from "../../../src/elasticsearch/body/request/request-reader.ts";
import { responseFacts } from "../../../src/elasticsearch/body/response/response-reader.ts";
import { maxWatchRules, WatchRules } from "../../../src/elasticsearch/body/watch/watch-rules.ts";
import { watchedValues } from "../../../src/elasticsearch/body/watch/watched-values.ts";

const digest = new CursorDigest(Buffer.alloc(32));
const rules = new WatchRules([{ indices: "patients-*", fields: ["ssn", "name*"] }], 0);

function valuesOf(call: string, asked: object, answered: object): string[] {
  const [method = "", target = ""] = call.split(" ");
  const match = matchApiEndpoint(method, target);
  const request = requestFacts(match, { contentType: undefined, startedMs: 0 }, { digest });
  const response = responseFacts(match, { status: 200, contentType: undefined }, { digest });
  for (const [reader, body] of [
    [request, asked],
    [response, answered],
  ] as const) {
    const bytes = Buffer.from(JSON.stringify(body));
    reader.write(bytes, 0, bytes.length);
  }
  return watchedValues(rules, request.finish(), response.finish(), 0).map(
    ({ field, kind, name, count }) => [field, kind, name, count].join(" "),
  );
}

const buckets = [
  { key: "078-05-1120", doc_count: 1, oldest: { value: 80 } },
  { key: "078-05-1121", doc_count: 1, oldest: { value: 81 } },
];

test("values of watched fields are found behind the names that aggregations give them", () => {
  const aggs = {
    numbers: { terms: { field: "ssn" }, aggs: { oldest: { max: { field: "age" } } } },
  };
  const asked = { size: 0, aggs };
  const answered = { aggregations: { numbers: { buckets } } };
  for (const call of ["POST /patients-2026/_search", "POST /pat*/_search", "POST /_search"])
    assert.deepEqual(valuesOf(call, asked, answered), ["ssn aggregation numbers 2"], call);
  assert.deepEqual(valuesOf("POST /logs-*/_search", asked, answered), []);
});

test("values of watched fields are found in terms, graphs, vectors and suggestions", () => {
  assert.deepEqual(
    valuesOf("POST /patients-1/_terms_enum", { field: "name.raw" }, { terms: ["a", "b"] }),
    ["name.raw term  2"],
  );
  const vertices = [
    { field: "ssn", term: "1" },
    { field: "age", term: "2" },
  ];
  assert.deepEqual(valuesOf("POST /patients-1/_graph/explore", {}, { vertices }), [
    "ssn vertex ssn 1",
  ]);
  const vectors = { _id: "1", found: true, term_vectors: { name: { terms: { a: {}, b: {} } } } };
  assert.deepEqual(valuesOf("GET /patients-1/_termvectors/1", {}, vectors), [
    "name term_vector name 2",
  ]);
  const suggest = { s: { prefix: "a", completion: { field: "name.suggest" } } };
  const options = [{ text: "ann" }];
  assert.deepEqual(
    valuesOf("POST /patients-1/_search", { suggest }, { suggest: { s: [{ options }] } }),
    ["name.suggest suggestion s 1"],
  );
});

test("more rules than a set holds are refused", () => {
  const rule = { indices: "a", fields: ["b"] };
  assert.equal(
    new WatchRules(
      Array.from({ length: maxWatchRules }, () => rule),
      0,
    ).ofIndex("a"),
    2 ** 30 - 1,
  );
  assert.throws(
    () =>
      new WatchRules(
        Array.from({ length: maxWatchRules + 1 }, () => rule),
        0,
      ),
    /at most 30/,
  );
});

test("patterns of fields match whole names and what is below them, stars also dots", () => {
  const matches = (pattern: string, name: string): boolean =>
    new WatchRules([{ indices: "*", fields: [pattern] }], 0).ofField(name) !== 0;
  const cases: readonly (readonly [pattern: string, yes: string, no: string])[] = [
    ["name", "name name.first name.a.b", "names nam x.name"],
    ["a.b", "a.b a.b.c", "a a.bc"],
    ["a.*", "a.b a.b.c", "a ab"],
    ["*.ssn", "x.ssn x.y.ssn x.ssn.raw", "ssn xssn"],
    ["*n*m*", "name nm.x anbmc", "mn"],
    ["*", "a a.b", ""],
    ["é*", "é élan.x", "e"],
  ];
  for (const [pattern, yes, no] of cases) {
    for (const name of yes.split(" ")) assert.ok(matches(pattern, name), `${pattern} ${name}`);
    for (const name of no.split(" ").filter((text) => text !== ""))
      assert.ok(!matches(pattern, name), `${pattern} not ${name}`);
  }
});
