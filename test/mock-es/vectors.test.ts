import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, ndjson, send, startFor } from "./running-mock.ts";

async function withVectors(t: TestContext): Promise<MockEs> {
  const mock = await startFor(t);
  const properties = {
    v: { type: "dense_vector", dims: 2, similarity: "l2_norm" },
    text: { type: "text" },
    kind: { type: "keyword" },
  };
  await send(mock, "PUT", "/places", {
    body: { settings: { number_of_shards: 3 }, mappings: { properties } },
  });
  const lines = Array.from({ length: 30 }, (_unused, n) => [
    { index: { _id: String(n) } },
    { v: [n, 0], text: n % 2 === 0 ? "even" : "odd", kind: n < 15 ? "low" : "high" },
  ]);
  await send(mock, "POST", "/places/_bulk", { body: ndjson(...lines.flat()) });
  return mock;
}

interface Hits {
  readonly total: { readonly value: number };
  readonly hits: readonly { readonly _id: string; readonly _score: number }[];
}

async function idsOf(mock: MockEs, body: unknown): Promise<string[]> {
  const answer = await send(mock, "POST", "/places/_search", { body });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json["hits"] as Hits).hits.map((hit) => hit._id);
}

test("finds the nearest documents of all shards, exactly", async (t) => {
  const mock = await withVectors(t);
  const knn = { field: "v", query_vector: [10.2, 0], k: 4 };
  assert.deepEqual(await idsOf(mock, { knn }), ["10", "11", "9", "12"]);
  const filtered = { ...knn, filter: { term: { kind: "high" } } };
  assert.deepEqual(await idsOf(mock, { knn: filtered }), ["15", "16", "17", "18"]);
});

test("ranks several retrievers together by their ranks alone", async (t) => {
  const mock = await withVectors(t);
  const retrievers = [
    { knn: { field: "v", query_vector: [4, 0], k: 3, num_candidates: 10 } },
    { standard: { query: { match_all: {} }, sort: [{ kind: "asc" }] } },
  ];
  const [nearest, sorted] = retrievers;
  const answer = await send(mock, "POST", "/places/_search", {
    body: {
      retriever: {
        rrf: { retrievers: [nearest, nearest, sorted], rank_constant: 1, rank_window_size: 50 },
      },
      size: 2,
    },
  });
  assert.equal(answer.status, 200, answer.text);
  const { hits, total } = answer.json["hits"] as Hits;
  assert.equal(hits[0]?._id, "4");
  assert.ok((hits[0]?._score ?? 0) >= 1);
  assert.equal(total.value, 15 + 15);
});

test("the window of a rank fusion may not be smaller than the page", async (t) => {
  const mock = await withVectors(t);
  const retriever = { rrf: { retrievers: [{ standard: {} }], rank_window_size: 5 } };
  const answer = await send(mock, "POST", "/places/_search", { body: { retriever, size: 6 } });
  assert.equal(answer.status, 400);
  assert.match(String(errorOf(answer).reason), /rank_window_size: 5/);
});

for (const [what, body] of Object.entries({
  "the retriever [diversify]": { retriever: { diversify: {} } },
  "[query_vector_builder] of [knn]": { knn: { field: "v", k: 1, query_vector_builder: {} } },
  "[inner_hits] of [knn]": { knn: { field: "v", query_vector: [1, 2], k: 1, inner_hits: {} } },
})) {
  test(`refuses ${what} by name`, async (t) => {
    const mock = await withVectors(t);
    const answer = await send(mock, "POST", "/places/_search", { body });
    assert.equal(answer.status, 400);
    assert.equal(errorOf(answer).reason, `${what} is not supported by mock-es`);
  });
}

test("sources show vectors only when they are asked for", async (t) => {
  const mock = await withVectors(t);
  const plain = await send(mock, "GET", "/places/_source/3");
  assert.deepEqual(plain.json, { text: "odd", kind: "low" });
  const whole = await send(mock, "GET", "/places/_doc/3?_source_exclude_vectors=false");
  assert.deepEqual(whole.json["_source"], { v: [3, 0], text: "odd", kind: "low" });
});

test("a vector outlives an update of another field", async (t) => {
  const mock = await withVectors(t);
  await send(mock, "POST", "/places/_update/7", { body: { doc: { kind: "none" } } });
  await send(mock, "POST", "/places/_update_by_query", {
    body: { query: { term: { kind: "none" } } },
  });
  const knn = { field: "v", query_vector: [7, 0], k: 1 };
  assert.deepEqual(await idsOf(mock, { knn }), ["7"]);
});
