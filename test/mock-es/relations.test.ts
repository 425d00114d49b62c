import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

type Mock = Awaited<ReturnType<typeof startFor>>;

const relations = { question: ["answer", "comment"], answer: "vote" };

/** The documents of the page of Elastic's documentation about the join field, and a vote. */
async function questions(t: TestContext): Promise<Mock> {
  const mock = await startFor(t);
  const properties = { my_id: { type: "keyword" }, join: { type: "join", relations } };
  await send(mock, "PUT", "/j", { body: { mappings: { properties } } });
  const documents: readonly (readonly [string, string, string, unknown])[] = [
    ["1", "", "This is a question", { name: "question" }],
    ["2", "", "This is another question", "question"],
    ["3", "1", "This is an answer", { name: "answer", parent: "1" }],
    ["4", "1", "This is another answer", { name: "answer", parent: "1" }],
    ["5", "1", "A vote", { name: "vote", parent: "3" }],
  ];
  for (const [id, routing, text, join] of documents)
    await send(mock, "PUT", `/j/_doc/${id}?refresh=true${routing && `&routing=${routing}`}`, {
      body: { my_id: id, text, join },
    });
  return mock;
}

interface Hit {
  readonly _id: string;
  readonly _score: number;
  readonly inner_hits?: Record<string, { hits: { hits: readonly Hit[] } }>;
}

async function hitsOf(mock: Mock, query: unknown): Promise<readonly Hit[]> {
  const answer = await send(mock, "POST", "/j/_search", { body: { query } });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json["hits"] as { hits: readonly Hit[] }).hits;
}

async function idsOf(mock: Mock, query: unknown): Promise<string> {
  return (await hitsOf(mock, query)).map(({ _id, _score }) => `${_id}/${_score}`).join(" ");
}

test("finds parents by their children, and children by their parents", async (t) => {
  const mock = await questions(t);
  // The score that Elastic's documentation shows for these documents.
  const byId = { parent_id: { type: "answer", id: "1" } };
  assert.equal(await idsOf(mock, byId), "3/0.35667494 4/0.35667494");
  const any = { match_all: {} };
  assert.equal(await idsOf(mock, { has_child: { type: "answer", query: any } }), "1/1");
  const several = { type: "answer", query: any, min_children: 3 };
  assert.equal(await idsOf(mock, { has_child: several }), "");
  const scored = { type: "answer", query: any, score_mode: "sum", boost: 3 };
  assert.equal(await idsOf(mock, { has_child: scored }), "1/6");
  const deep = { has_child: { type: "vote", query: { match: { text: "vote" } } } };
  assert.equal(await idsOf(mock, { has_child: { type: "answer", query: deep } }), "1/1");
  const parent = { parent_type: "question", query: { match: { text: "question" } } };
  assert.equal(await idsOf(mock, { has_parent: parent }), "3/1 4/1");
  const query = { match: { text: "another" } };
  const [hit] = await hitsOf(mock, { has_child: { type: "answer", query, inner_hits: {} } });
  assert.deepEqual(
    hit?.inner_hits?.["answer"]?.hits.hits.map(({ _id }) => _id),
    ["4"],
  );
});

test("aggregates children by their parents, and the other way round", async (t) => {
  const mock = await questions(t);
  const tops = { terms: { field: "my_id" } };
  const body = {
    size: 0,
    aggs: {
      c: { children: { type: "answer" }, aggs: { tops } },
      p: { parent: { type: "answer" }, aggs: { tops } },
      names: { terms: { field: "join" } },
    },
  };
  const { json } = await send(mock, "POST", "/j/_search", { body });
  type Buckets = { buckets: { key: string; doc_count: number }[] };
  const { c, p, names } = json["aggregations"] as {
    c: { doc_count: number; tops: Buckets };
    p: { doc_count: number; tops: Buckets };
    names: Buckets;
  };
  const keys = ({ buckets }: Buckets): string =>
    buckets.map(({ key, doc_count: count }) => `${key}:${count}`).join(" ");
  assert.deepEqual([c.doc_count, keys(c.tops)], [2, "3:1 4:1"]);
  assert.deepEqual([p.doc_count, keys(p.tops)], [1, "1:1"]);
  assert.equal(keys(names), "answer:2 question:2 vote:1");
});

test("refuses relations that do not exist, and children without parent or routing", async (t) => {
  const mock = await questions(t);
  const reasonOf = async (method: string, path: string, body: unknown): Promise<string> => {
    const answer = await send(mock, method, path, { body });
    assert.equal(answer.status, 400, answer.text);
    const { error } = answer.json as { error: { root_cause: readonly { reason: string }[] } };
    return error.root_cause[0]?.reason ?? "";
  };
  const query = { match_all: {} };
  const search = (given: unknown): Promise<string> =>
    reasonOf("POST", "/j/_search", { query: given });
  assert.equal(
    await search({ has_child: { type: "nope", query } }),
    "[has_child] join field [join] doesn't hold [nope] as a child",
  );
  assert.equal(
    await search({ has_parent: { parent_type: "vote", query } }),
    "[has_parent] join field [join] doesn't hold [vote] as a parent",
  );
  const lenient = { has_child: { type: "nope", query, ignore_unmapped: true } };
  assert.equal(await idsOf(mock, lenient), "");
  const put = (join: unknown, routing = "?routing=1"): Promise<string> =>
    reasonOf("PUT", `/j/_doc/9${routing}`, { join });
  assert.match(await put("nope"), /unknown join name \[nope\] for field \[join\]$/);
  assert.match(await put("answer"), /\[parent\] is missing for join field \[join\]$/);
  assert.match(await put({ name: "answer", parent: "1" }, ""), /\[routing\] is missing for join/);
  const twice = { a: { type: "join", relations }, b: { type: "join", relations } };
  assert.match(
    await reasonOf("PUT", "/k", { mappings: { properties: twice } }),
    /Only one \[parent-join\] field can be defined per index, got \[a, b\]/,
  );
});

test("percolates documents through stored queries", async (t) => {
  const mock = await startFor(t);
  const properties = { message: { type: "text" }, query: { type: "percolator" } };
  await send(mock, "PUT", "/p", { body: { mappings: { properties } } });
  const put = (id: string, query: unknown): ReturnType<typeof send> =>
    send(mock, "PUT", `/p/_doc/${id}?refresh=true`, { body: { query } });
  await put("1", { match: { message: "bonsai tree" } });
  await put("2", { bool: { must_not: { match: { message: "bonsai" } } } });
  const search = async (percolate: object): Promise<unknown> => {
    const query = { percolate: { field: "query", ...percolate } };
    const { json, text } = await send(mock, "POST", "/p/_search", { body: { query } });
    const found = json["hits"] as { hits: { _id: string; _score: number; fields: unknown }[] };
    assert.ok(found !== undefined, text);
    return found.hits.map(({ _id, _score, fields }) => [_id, _score, fields]);
  };
  // Document and score are those of Elastic's documentation.
  const document = { message: "A new bonsai tree in the office" };
  const slot = "_percolator_document_slot";
  assert.deepEqual(await search({ document }), [["1", 0.26152915, { [slot]: [0] }]]);
  const documents = [document, { message: "nothing" }, { message: "a bonsai" }];
  assert.deepEqual(
    ((await search({ documents, name: "n" })) as [string, number, unknown][]).map(
      ([id, , fields]) => [id, fields],
    ),
    [
      ["1", { [`${slot}_n`]: [0, 2] }],
      ["2", { [`${slot}_n`]: [1] }],
    ],
  );
  await send(mock, "PUT", "/d/_doc/7?refresh=true", { body: document });
  assert.deepEqual(await search({ index: "d", id: "7" }), await search({ document }));
  const unmapped = await put("3", { term: { nope: "x" } });
  assert.equal(unmapped.status, 400);
  assert.match(unmapped.text, /No field mapping can be found for the field with name \[nope\]/);
  assert.equal((await put("3", { nope: {} })).status, 400);
});

test("scores by features of documents, and pins documents above all others", async (t) => {
  const mock = await startFor(t);
  const features = { rank: "rank_feature", length: "rank_feature", topics: "rank_features" };
  const properties = {
    rank: { type: features.rank },
    length: { type: features.length, positive_score_impact: false },
    topics: { type: features.topics },
    t: { type: "text" },
  };
  await send(mock, "PUT", "/j", { body: { mappings: { properties } } });
  const documents = [
    { rank: 8, length: 2, topics: { sport: 10, art: 20 }, t: "a b" },
    { rank: 2, length: 4, topics: { sport: 30 }, t: "a" },
  ];
  for (const [at, body] of documents.entries())
    await send(mock, "PUT", `/j/_doc/${at + 1}?refresh=true`, { body });
  const rank = (body: object): Promise<string> => idsOf(mock, { rank_feature: body });
  assert.equal(await rank({ field: "rank", saturation: { pivot: 8 } }), "1/0.5 2/0.19999999");
  // The mean of what 8 and 2 are kept as stands for 4.
  assert.equal(await rank({ field: "rank" }), "1/0.6666666 2/0.3333333");
  assert.equal(await rank({ field: "rank", linear: {}, boost: 2 }), "1/16 2/4");
  const log = { scaling_factor: 1 };
  assert.equal(await rank({ field: "topics.sport", log }), "2/3.4339871 1/2.3978953");
  const sigmoid = { pivot: 8, exponent: 1 };
  assert.equal(await rank({ field: "rank", sigmoid }), "1/0.5 2/0.2");
  assert.equal(await rank({ field: "length", saturation: { pivot: 0.5 } }), "1/0.5 2/0.3333333");
  assert.equal(await rank({ field: "topics.nope" }), "");
  const negative = { query: { rank_feature: { field: "length", linear: {} } } };
  assert.equal((await send(mock, "POST", "/j/_search", { body: negative })).status, 400);
  for (const body of [{ rank: -1 }, { rank: [1, 2] }, { topics: 5 }, { topics: { a: 0 } }])
    assert.equal((await send(mock, "PUT", "/j/_doc/9", { body })).status, 400);
  const pinned = { ids: ["9", "2"], organic: { match: { t: "b" } } };
  const found = await hitsOf(mock, { pinned });
  assert.deepEqual(
    found.map(({ _id }) => _id),
    ["2", "1"],
  );
  assert.equal(found[0]?._score, 1.7014122e38);
});

test("finds what is being typed by words and by shingles of them", async (t) => {
  const mock = await startFor(t);
  const properties = { f: { type: "search_as_you_type" } };
  await send(mock, "PUT", "/j", { body: { mappings: { properties } } });
  await send(mock, "PUT", "/j/_doc/1?refresh=true", { body: { f: "quick brown fox jump" } });
  await send(mock, "PUT", "/j/_doc/2?refresh=true", { body: { f: "brown dog, then a fox" } });
  const fields = ["f", "f._2gram", "f._3gram"];
  const typed = { query: "brown f", type: "bool_prefix", fields };
  const found = await hitsOf(mock, { multi_match: typed });
  assert.deepEqual(
    found.map(({ _id }) => _id),
    ["1", "2"],
  );
  const ids = async (query: unknown): Promise<unknown> =>
    (await hitsOf(mock, query)).map(({ _id }) => _id);
  assert.deepEqual(await ids({ match: { "f._2gram": "brown fox" } }), ["1"]);
  assert.deepEqual(await ids({ match: { "f._3gram": "quick brown fox" } }), ["1"]);
  assert.deepEqual(await ids({ match: { "f._4gram": "quick brown fox jump" } }), []);
  const shown = await send(mock, "GET", "/j/_mapping?filter_path=**.f");
  assert.match(shown.text, /"max_shingle_size":3,"doc_values":false/);
  const body = { query: { match: { "f._index_prefix": "b" } } };
  assert.equal((await send(mock, "POST", "/j/_search", { body })).status, 400);
  const wide = { f: { type: "search_as_you_type", max_shingle_size: 5 } };
  const refused = await send(mock, "PUT", "/k", { body: { mappings: { properties: wide } } });
  assert.match(refused.text, /must be at least \[2\] and at most \[4\], got \[5\]/);
});
