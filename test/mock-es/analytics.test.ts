import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

type Mock = Awaited<ReturnType<typeof startFor>>;

/** A mock with an index of documents, whose fields are mapped as they come but for these. */
async function mockWith(
  t: TestContext,
  documents: readonly object[],
  properties: object = {},
): Promise<Mock> {
  const mock = await startFor(t);
  await fill(mock, "a", documents, properties);
  return mock;
}

async function fill(
  mock: Mock,
  index: string,
  documents: readonly (object | string)[],
  properties: object,
): Promise<void> {
  await send(mock, "PUT", `/${index}`, { body: { mappings: { properties } } });
  for (const document of documents)
    await send(mock, "POST", `/${index}/_doc?refresh=true`, { body: document });
}

interface Bucket {
  readonly key: string;
  readonly key_as_string: string;
  readonly doc_count: number;
  readonly rate: { readonly value: number };
}

async function search(mock: Mock, aggs: object): Promise<Record<string, unknown>> {
  const answer = await send(mock, "POST", "/_search", { body: { size: 0, aggs } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json["aggregations"] as Record<string, unknown>;
}

async function bucketsOf(mock: Mock, terms: object): Promise<readonly Bucket[]> {
  const { all } = await search(mock, { all: terms });
  return (all as { readonly buckets: readonly Bucket[] }).buckets;
}

async function refusalOf(mock: Mock, aggs: object): Promise<string> {
  const answer = await send(mock, "POST", "/a/_search", { body: { size: 0, aggs } });
  assert.equal(answer.status, 400, answer.text);
  return (answer.json["error"] as { root_cause: [{ reason: string }] }).root_cause[0].reason;
}

const days = { day: { type: "date" }, ip: { type: "ip" } };
const visits = [
  { ip: "192.168.0.1", day: "2020-01-01", name: "first", n: 1 },
  { ip: "192.168.0.1", day: "2020-01-02", name: "zebra", n: 2 },
  { ip: "192.168.0.2", day: "2020-01-02", name: "apple", n: 3 },
];
const last = (metrics: object): object => ({
  top_metrics: { metrics, sort: { day: "desc" } },
});

test("sorts buckets by metrics of their top document, and adds them up", async (t) => {
  const mock = await mockWith(t, visits, days);
  const keysBy = async (order: object): Promise<string> => {
    const aggs = { last: last([{ field: "n" }, { field: "name.keyword" }]) };
    const buckets = await bucketsOf(mock, { terms: { field: "ip", order }, aggs });
    return buckets.map(({ key }) => key).join(" ");
  };
  assert.equal(await keysBy({ "last.n": "desc" }), "192.168.0.2 192.168.0.1");
  assert.equal(await keysBy({ "last[name.keyword]": "asc" }), "192.168.0.2 192.168.0.1");
  assert.equal(await keysBy({ "last[name.keyword]": "desc" }), "192.168.0.1 192.168.0.2");
  const terms = { terms: { field: "ip" }, aggs: { last: last({ field: "n" }) } };
  const sum = { sum_bucket: { buckets_path: "terms>last[n]" } };
  assert.deepEqual((await search(mock, { terms, sum }))["sum"], { value: 5 });
  const unknown = {
    terms: { field: "ip", order: { "last.x": "asc" } },
    aggs: { last: last({ field: "n" }) },
  };
  assert.match(await refusalOf(mock, { unknown }), /unknown metric \[x\]/);
});

test("shows what top documents are sorted by in the format of its field", async (t) => {
  const mock = await mockWith(t, visits, days);
  const found = (await search(mock, { last: last({ field: "n" }) }))["last"];
  assert.deepEqual(found, { top: [{ sort: ["2020-01-02T00:00:00.000Z"], metrics: { n: 2 } }] });
  const by = (sort: unknown, size = 1): object => ({
    a: { top_metrics: { metrics: { field: "n" }, sort, size } },
  });
  assert.equal(
    await refusalOf(mock, by("name.keyword")),
    "error building sort for field [name.keyword] of type [keyword] in index [a]: only supported on numeric fields",
  );
  assert.match(await refusalOf(mock, by("day", 11)), /^\[top_metrics.size\] must not be more than/);
});

test("counts for a rate what a document stands for", async (t) => {
  const mock = await mockWith(t, [
    { at: "2021-09-14T22:33:37Z", _doc_count: 10 },
    { at: "2021-09-14T22:34:37Z" },
  ]);
  const minutes = await bucketsOf(mock, {
    date_histogram: { field: "at", fixed_interval: "60s" },
    aggs: { rate: { rate: { unit: "minute" } } },
  });
  assert.deepEqual(
    minutes.map(({ rate }) => rate.value),
    [10, 1],
  );
});

test("combines unsigned longs with longs of another index as doubles", async (t) => {
  const mock = await mockWith(t, []);
  const of = (type: string): object => ({ n: { type: "long" }, big: { type } });
  await fill(mock, "u", ['{"n":4,"big":9223372036854775814}'], of("unsigned_long"));
  const both = { multi_terms: { terms: [{ field: "n" }, { field: "big" }] } };
  const [own] = await bucketsOf(mock, both);
  assert.deepEqual(own?.key, [4, "9223372036854775814"]);
  await fill(mock, "l", ['{"n":4,"big":9223372036854775804}'], of("long"));
  const [found] = await bucketsOf(mock, both);
  assert.equal(found?.key_as_string, "4|9.223372036854776E18");
  assert.equal(found?.doc_count, 2);
});

test("sees the combinations only that a shard sends", async (t) => {
  const mock = await mockWith(
    t,
    ["x", "x", "y"].map((k) => ({ k, m: k })),
  );
  await fill(
    mock,
    "b",
    ["x", "z", "z"].map((k) => ({ k, m: k })),
    {},
  );
  const terms = [{ field: "k.keyword" }, { field: "m.keyword" }];
  const { all } = await search(mock, { all: { multi_terms: { terms, size: 1, shard_size: 1 } } });
  assert.deepEqual(all, {
    doc_count_error_upper_bound: 4,
    sum_other_doc_count: 4,
    buckets: [{ key: ["x", "x"], key_as_string: "x|x", doc_count: 2 }],
  });
});

test("refuses to sort buckets by nothing", async (t) => {
  const mock = await mockWith(t, visits, days);
  const inner = { nothing: { bucket_sort: {} } };
  const answer = await send(mock, "POST", "/a/_search", {
    body: { aggs: { ips: { terms: { field: "ip" }, aggs: inner } } },
  });
  assert.equal(answer.status, 400);
  assert.match(answer.text, /\[nothing\] is configured to perform nothing/);
});
