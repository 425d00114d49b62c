import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

type Mock = Awaited<ReturnType<typeof startFor>>;

interface Hit {
  readonly _id: string;
  readonly _score: number | null;
  readonly fields?: Readonly<Record<string, readonly unknown[]>>;
}

/** A mock with an index of documents, whose ids count up from 1. */
async function mockWith(
  t: TestContext,
  properties: object,
  documents: readonly (object | string)[],
): Promise<Mock> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { mappings: { properties } } });
  for (const [at, document] of documents.entries()) {
    const target = `/a/_doc/${at + 1}?routing=1&refresh=true`;
    const answer = await send(mock, "PUT", target, { body: document });
    assert.equal(answer.status, 201, answer.text);
  }
  return mock;
}

async function hits(mock: Mock, body: unknown): Promise<readonly Hit[]> {
  const answer = await send(mock, "POST", "/a/_search", { body });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json["hits"] as { hits: readonly Hit[] }).hits;
}

async function ids(mock: Mock, body: unknown): Promise<string> {
  return (await hits(mock, body)).map(({ _id }) => _id).join(" ");
}

test("scores matches in a match_only_text alike, and has no spans of it", async (t) => {
  const properties = { text: { type: "match_only_text" } };
  const mock = await mockWith(t, properties, [
    { text: "Apache Lucene powers Elasticsearch" },
    { text: "Elasticsearch is based on Apache Lucene" },
  ]);
  const queries: readonly (readonly [object, object])[] = [
    [{ match: { text: "powers" } }, { 1: 1 }],
    [{ match: { text: "powers lucene" } }, { 1: 2, 2: 1 }],
    [{ match_phrase: { text: { query: "lucene powers", boost: 3 } } }, { 1: 3 }],
    [{ match_phrase_prefix: { text: "lucene pow" } }, { 1: 1 }],
    [{ fuzzy: { text: "lucane" } }, { 1: 1, 2: 1 }],
    [{ query_string: { query: '"apache lucene"', default_field: "text" } }, { 1: 1, 2: 1 }],
  ];
  for (const [query, expected] of queries) {
    const found = (await hits(mock, { query })).map(({ _id, _score }) => [_id, _score]);
    assert.deepEqual(Object.fromEntries(found), expected);
  }
  const spans = await send(mock, "POST", "/a/_search", {
    body: { query: { span_term: { text: "lucene" } } },
  });
  assert.equal(spans.status, 400);
  assert.match(spans.text, /Span term query requires position data/);
});

test("finds the beginnings of several words in a search_as_you_type", async (t) => {
  const properties = { text: { type: "search_as_you_type", max_shingle_size: 4 } };
  const mock = await mockWith(t, properties, [
    { text: "quick brown fox jump lazy dog" },
    { text: ["lazy", "dog"] },
  ]);
  const prefix = async (field: string, value: string): Promise<string> =>
    ids(mock, { query: { prefix: { [field]: value } } });
  assert.equal(await prefix("text", "brown fo"), "1");
  assert.equal(await prefix("text", "fox jump lazy do"), "1");
  assert.equal(await prefix("text._2gram", "brown fox ju"), "1");
  assert.equal(await prefix("text", "lazy d"), "1");
  assert.equal(await prefix("text", "do"), "1 2");
  assert.equal(await prefix("text", "quick brown fox jump l"), "", "longer than any that is kept");
});

test("shows join fields as they were written, and the ids of parents by a pattern", async (t) => {
  const relations = { question: "answer", answer: "vote" };
  const mock = await mockWith(t, { join: { type: "join", relations } }, [
    { join: "question" },
    { join: { name: "answer", parent: "1" } },
  ]);
  const found = await hits(mock, { fields: ["*"], docvalue_fields: [] });
  assert.deepEqual(
    found.map(({ fields }) => fields),
    [{ join: ["question"] }, { join: [{ name: "answer", parent: "1" }] }],
  );
  const joined = await hits(mock, { docvalue_fields: ["join", "join#*"] });
  assert.deepEqual(
    joined.map(({ fields }) => fields),
    [
      { join: ["question"], "join#question": ["1"] },
      { join: ["answer"], "join#answer": ["2"], "join#question": ["1"] },
    ],
  );
  const caps = await send(mock, "GET", "/a/_field_caps?fields=join*");
  assert.deepEqual(Object.keys(caps.json["fields"] as object).sort(), [
    "join",
    "join#answer",
    "join#question",
  ]);
});

test("tells which named parts of a stored query match each document", async (t) => {
  const properties = {
    query: { type: "percolator" },
    text: { type: "text" },
    rooms: { type: "integer" },
  };
  const query = {
    bool: {
      filter: { match: { rooms: { query: 3, _name: "three rooms" } } },
      should: [{ match: { text: { query: "fireplace", _name: "warm" } } }],
    },
  };
  const mock = await mockWith(t, properties, [{ query }]);
  const documents = [
    { text: "with a fireplace", rooms: 3 },
    { text: "with a pool", rooms: 3 },
    { text: "with a pool", rooms: 2 },
  ];
  const [hit] = await hits(mock, { query: { percolate: { field: "query", documents } } });
  assert.deepEqual(hit?.fields, {
    _percolator_document_slot: [0, 1],
    _percolator_document_slot_0_matched_queries: ["warm", "three rooms"],
    _percolator_document_slot_1_matched_queries: ["three rooms"],
  });
});

test("knows unsigned longs to their last one", async (t) => {
  const numbers = ["0", "9223372036854775807", "9223372036854775808", "18446744073709551615"];
  const properties = { n: { type: "unsigned_long", store: true } };
  const mock = await mockWith(
    t,
    properties,
    numbers.map((number) => `{"n":${number}}`),
  );
  const sorted = '"sort":[{"n":"asc"}]';
  assert.equal(await ids(mock, `{${sorted},"search_after":[9223372036854775808]}`), "4");
  const [first] = await hits(mock, `{"sort":[{"n":"desc"}],"stored_fields":["n"]}`);
  assert.deepEqual(first?.fields?.["n"], ["18446744073709551615"]);
  const script = { script: "doc['n'].value < 0" };
  const asLongs = { query: { script }, sort: ["n"] };
  assert.equal(await ids(mock, asLongs), "3 4", "scripts see the bits as a long");
  const bound = '"18446744073709551614.5"';
  const range = await send(mock, "POST", "/a/_search", {
    body: `{"query":{"range":{"n":{"lte":${bound}}}}}`,
  });
  assert.match(range.text, /not supported by mock-es/);
});
