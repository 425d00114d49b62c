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

test("a fusion over fields asks them for a text, weighted and filtered", async (t) => {
  const mock = await startFor(t);
  const texts = [
    { a: "foo match 1", b: "x match 2" },
    { a: "bar match 3", b: "y match 4" },
    { a: "baz match 5", b: "z match 6" },
  ];
  const lines = texts.flatMap((text, at) => [{ index: { _id: String(at + 1) } }, text]);
  await send(mock, "POST", "/places/_bulk?refresh", { body: ndjson(...lines) });
  const ask = (fusion: object): Promise<string[]> => idsOf(mock, { retriever: fusion });
  const linear = { query: "foo 1 z", normalizer: "minmax" };
  assert.deepEqual(await ask({ linear: { ...linear, fields: ["a", "b"] } }), ["1", "3"]);
  assert.deepEqual(await ask({ linear: { ...linear, fields: ["a", "b^3"] } }), ["3", "1"]);
  assert.deepEqual(await ask({ rrf: { query: "foo 1 z", fields: ["a"] } }), ["1"]);
  const filter = { ids: { values: ["2"] } };
  assert.deepEqual(await ask({ rrf: { query: "match", filter } }), ["2"]);
  for (const [fusion, reason] of [
    [{ linear: { query: "foo" } }, "[linear] [normalizer] must be provided when [query] is"],
    [{ rrf: { fields: ["a"] } }, "[rrf] [query] must be provided when [fields] is specified"],
    [{ rrf: { query: "", fields: [] } }, "[query] cannot be empty;2: [rrf] [fields] cannot be"],
    [{ rrf: { query: "x", retrievers: [{ standard: {} }] } }, "cannot combine [retrievers] and"],
    [{ linear: {} }, "[linear] must provide [retrievers] or [query]"],
  ] as const) {
    const refused = await send(mock, "POST", "/places/_search", { body: { retriever: fusion } });
    assert.equal(refused.status, 400);
    assert.ok(String(errorOf(refused).reason).includes(reason), refused.text);
  }
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
  "[inner_hits] of [knn] without nested objects": {
    knn: { field: "v", query_vector: [1, 2], k: 1, inner_hits: {} },
  },
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

// Scores and refusals are those of a node of 9.5.3 that has x-pack-core.
const tokens: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ query_vector: { a: 1, b: 2 } }, "2/3 1/2 8/1 3/0.75"],
  [{ query_vector: { a: 1, b: 2 }, boost: 2.5 }, "2/7.5 1/5 8/2.5 3/1.875"],
  [{ query_vector: {} }, ""],
  [{ query_vector: { zz: 1, b: 3 } }, "1/1.5"],
  [{ query_vector: { a: 1, b: 0.1, x: 0.5 }, prune: true }, "2/3.75 1/1.05 8/1 3/0.75"],
  [
    {
      query_vector: { a: 1, b: 0.1, x: 0.5 },
      prune: true,
      pruning_config: { tokens_freq_ratio_threshold: 1, tokens_weight_threshold: 1 },
    },
    "2/0.75 1/0.05",
  ],
  [
    {
      query_vector: { a: 1, b: 0.1, x: 0.5 },
      prune: true,
      pruning_config: {
        tokens_freq_ratio_threshold: 1,
        tokens_weight_threshold: 1,
        only_score_pruned_tokens: true,
      },
    },
    "2/3 1/1 8/1 3/0.75",
  ],
];

test("finds documents by the tokens of a sparse vector", async (t) => {
  const mock = await startFor(t);
  const properties = { f: { type: "sparse_vector" }, k: { type: "keyword" } };
  await send(mock, "PUT", "/places", { body: { mappings: { properties } } });
  const sources: readonly (readonly [string, unknown])[] = [
    ["1", { f: { a: 1, b: 0.5, "c.d": 0.25 }, k: "x" }],
    ["2", { f: [{ a: 2 }, { a: 3, x: 1.5 }], k: "y" }],
    ["3", { f: { a: "0.75" } }],
    ["8", { f: [{ "b.c": 1 }, { a: 1 }] }],
  ];
  const lines = sources.flatMap(([_id, source]) => [{ index: { _id } }, source]);
  await send(mock, "POST", "/places/_bulk", { body: ndjson(...lines) });
  const ask = (body: unknown): ReturnType<typeof send> =>
    send(mock, "POST", "/places/_search", { body: { query: { sparse_vector: body } } });
  for (const [query, wanted] of tokens) {
    const answer = await ask({ field: "f", ...query });
    assert.equal(answer.status, 200, answer.text);
    const found = (answer.json["hits"] as Hits).hits.map(({ _id, _score }) => `${_id}/${_score}`);
    assert.equal(found.join(" "), wanted);
  }
  const refused: readonly (readonly [unknown, string])[] = [
    [{ field: "f", query: "x" }, "inference_id required to perform vector search on query string"],
    [{ query_vector: { a: 1 } }, "Required [field]"],
    [
      { field: "f", query_vector: 3 },
      "[1:55] [sparse_vector] query_vector doesn't support values of type: VALUE_NUMBER",
    ],
    [{ field: "f", query_vector: { a: 1 }, foo: 1 }, "[1:63] [sparse_vector] unknown field [foo]"],
    [
      { field: "f", query_vector: { a: 1 }, prune: "x" },
      "[1:71] [sparse_vector] failed to parse field [prune]",
    ],
    [
      { field: "k", query_vector: { a: 1 } },
      "failed to create query: field [k] must be type [sparse_vector] but is type [keyword]",
    ],
    [
      { field: "f", query_vector: { a: -1 } },
      "failed to create query: boost must be a positive float, got -1.0",
    ],
    [
      { field: "f", inference_id: "m", query: "x" },
      "[inference_id] of [sparse_vector], which needs a model, is not supported by mock-es",
    ],
  ];
  for (const [query, reason] of refused) {
    const answer = await ask(query);
    assert.equal(answer.status, 400, answer.text);
    const { root_cause: roots } = answer.json["error"] as { root_cause: { reason: string }[] };
    assert.equal(roots[0]?.reason, reason);
  }
});
