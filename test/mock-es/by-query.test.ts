// What was asked for and answered here is what a real Elasticsearch 7.10.2 with its modules does,
// but for errors whose words have changed since.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { send, startFor } from "./running-mock.ts";

/** An index with a strict mapping and documents 1 to 4. */
async function withDocuments(t: TestContext): Promise<MockEs> {
  const mock = await startFor(t);
  const properties = { a: { type: "integer" }, b: { type: "keyword" } };
  await send(mock, "PUT", "/g", { body: { mappings: { dynamic: "strict", properties } } });
  for (const a of [1, 2, 3, 4])
    await send(mock, "PUT", `/g/_doc/${a}?refresh=true`, { body: { a } });
  return mock;
}

function update(mock: MockEs, source: string, query = ""): ReturnType<typeof send> {
  const target = `/g/_update_by_query?refresh=true${query}`;
  return send(mock, "POST", target, { body: { script: { source } } });
}

async function valuesOfB(mock: MockEs): Promise<string> {
  const { text } = await send(mock, "GET", "/g/_search?sort=a&filter_path=hits.hits._source.b");
  return [...text.matchAll(/"b":"(\w+)"/g)].map(([, value]) => value).join();
}

test("the documents beside one that cannot be written are written, to the end of the batch", async (t) => {
  const mock = await withDocuments(t);
  const bad = (a: number, b: string): string =>
    `if (ctx._source.a == ${a}) { ctx._source.zz = 1 } else { ctx._source.b = '${b}' }`;
  const first = await update(mock, bad(2, "k"));
  assert.equal(first.status, 400);
  assert.equal(first.json["updated"], 3);
  assert.match(first.text, /"failures":\[\{"index":"g","id":"2","cause":\{"type":"strict_dyn/);
  assert.equal(await valuesOfB(mock), "k,k,k");
  const second = await update(mock, bad(1, "m"), "&scroll_size=2");
  assert.deepEqual([second.json["updated"], second.json["batches"]], [1, 1]);
});

test("a script that fails for one document ends the request before anything of its batch is written", async (t) => {
  const mock = await withDocuments(t);
  const source = "if (ctx._source.a == 3) { ctx._source.x.y = 1 } else { ctx._source.b = 'l' }";
  const answer = await update(mock, source);
  assert.equal(answer.status, 400);
  assert.match(answer.text, /^\{"error":\{"root_cause":\[\{"type":"script_exception"/);
  assert.equal(await valuesOfB(mock), "");
});

for (const [source, reason] of [
  ["ctx._id = 'x'", "_id cannot be updated"],
  ["ctx._index = 'x'", "_index cannot be updated"],
  ["ctx._routing = 'x'", "_routing cannot be updated"],
  ["ctx._version = 7", "_version cannot be updated"],
  ["ctx.junk = 1", "Cannot put key [junk] with value [1] into ctx"],
] as const) {
  test(`refuses ${source} in an update by query`, async (t) => {
    const mock = await withDocuments(t);
    const answer = await update(mock, source);
    assert.equal(answer.status, 400);
    assert.ok(answer.text.includes(`"reason":"${reason}"`), answer.text);
  });
}

for (const [query, reason] of [
  ["max_docs=0", "[max_docs] should be >= [slices]"],
  ["max_docs=1&slices=2", "[max_docs] should be >= [slices]"],
  ["max_docs=-4", "[max_docs] parameter cannot be negative, found [-4]"],
  ["slices=0", '[slices] must be a positive integer or the string \\"auto\\", but was [0]'],
] as const) {
  test(`refuses ${query}`, async (t) => {
    const mock = await withDocuments(t);
    const answer = await send(mock, "POST", `/g/_delete_by_query?q=a:1&${query}`);
    assert.equal(answer.status, 400);
    assert.ok(answer.text.includes(reason), answer.text);
  });
}

test("slices of a reindex share the documents that are wanted", async (t) => {
  const mock = await withDocuments(t);
  const body = { source: { index: "g" }, max_docs: 2, dest: { index: "h" } };
  const answer = await send(mock, "POST", "/_reindex?slices=2", { body });
  assert.deepEqual([answer.json["total"], answer.json["created"]], [2, 2]);
  assert.deepEqual(
    (answer.json["slices"] as { total: number }[]).map(({ total }) => total),
    [1, 1],
  );
});

test("failures of a reindex name the index that is written", async (t) => {
  const mock = await withDocuments(t);
  const body = { source: { index: "g" }, dest: { index: "UPPER" } };
  const answer = await send(mock, "POST", "/_reindex", { body });
  assert.equal(answer.text.split('{"index":"UPPER","id":').length, 5);
});

test("refuses a batch of no documents, and an unknown way of routing", async (t) => {
  const mock = await withDocuments(t);
  for (const [source, dest, reason] of [
    [{ size: 0 }, {}, "[size] cannot be [0] in a scroll context;"],
    [{}, { routing: "x" }, "routing must be unset, [keep], [discard] or [=<some new value>];"],
  ] as const) {
    const body = { source: { index: "g", ...source }, dest: { index: "h", ...dest } };
    const answer = await send(mock, "POST", "/_reindex", { body });
    assert.equal(answer.status, 400);
    assert.ok(answer.text.includes(reason), answer.text);
  }
});

/** Starts a request without waiting for it, and gives what `_tasks` then says. */
async function taskOf(
  mock: MockEs,
  target: string,
  body: unknown,
): Promise<{ readonly task: Record<string, unknown>; readonly text: string }> {
  const started = await send(mock, "POST", `${target}?wait_for_completion=false`, { body });
  assert.equal(started.status, 200, started.text);
  assert.match(String(started.json["task"]), /^[\w-]{22}:\d+$/);
  const { json, text } = await send(mock, "GET", `/_tasks/${String(started.json["task"])}`);
  assert.equal(json["completed"], true, text);
  return { task: json["task"] as Record<string, unknown>, text };
}

test("what is not waited for leaves its result in a task", async (t) => {
  const mock = await withDocuments(t);
  const body = { source: { index: "g" }, dest: { index: "h" } };
  const { task, text } = await taskOf(mock, "/_reindex", body);
  assert.equal(task["action"], "indices:data/write/reindex");
  assert.equal(task["description"], "reindex from [g] to [h]");
  assert.match(text, /"status":\{"total":4,"updated":0,"created":4,"deleted":0,"batches":1,/);
  assert.match(text, /"response":\{"took":\d+,.*"throttled":"0s",.*"failures":\[\]\}\}$/);
  const script = { source: "ctx._source.a += params.n", params: { n: 1 } };
  const updated = await taskOf(mock, "/g/_update_by_query", { script });
  assert.equal(
    updated.task["description"],
    "update-by-query [g] updated with Script{type=inline, lang='painless', idOrCode='ctx._source.a += params.n', options={}, params={n=1}}",
  );
});

test("a task whose request failed has the error", async (t) => {
  const mock = await withDocuments(t);
  const { text } = await taskOf(mock, "/nope/_delete_by_query", { query: { match_all: {} } });
  assert.match(
    text,
    /"error":\{"type":"index_not_found_exception","reason":"no such index \[nope\]"/,
  );
  const missing = await send(mock, "GET", "/_tasks/nowhere:1");
  assert.equal(missing.status, 404);
  assert.doesNotMatch(missing.text, /\.tasks/);
});

test("what does not parse, and what the mock refuses, is said at once", async (t) => {
  const mock = await withDocuments(t);
  const ask = (body: unknown): ReturnType<typeof send> =>
    send(mock, "POST", "/g/_update_by_query?wait_for_completion=false", { body });
  assert.equal((await ask({ query: { nope: {} } })).status, 400);
  const refused = await ask({ query: { semantic: {} } });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /not supported by mock-es/);
});

test("an index for each month, the end of a pipeline, and pipelines of a reindex", async (t) => {
  const mock = await startFor(t);
  const processors = [
    { date_index_name: { field: "d", index_name_prefix: "logs-", date_rounding: "M" } },
    { terminate: {} },
    { set: { field: "late", value: true } },
  ];
  await send(mock, "PUT", "/_ingest/pipeline/monthly", { body: { processors } });
  const source = { d: "2016-04-25T12:02:01.789Z" };
  await send(mock, "PUT", "/any/_doc/1?pipeline=monthly", { body: source });
  const { json } = await send(mock, "GET", "/logs-2016-04-01/_source/1");
  assert.deepEqual(json, source);
  const seen = [{ set: { field: "seen", value: 1 } }];
  await send(mock, "PUT", "/_ingest/pipeline/seen", { body: { processors: seen } });
  const dest = { index: "copy", pipeline: "seen" };
  await send(mock, "POST", "/_reindex", { body: { source: { index: "logs-*" }, dest } });
  assert.deepEqual((await send(mock, "GET", "/copy/_source/1")).json, { ...source, seen: 1 });
  const other = { source: { index: "logs-*" }, dest: { ...dest, pipeline: "none" } };
  assert.equal((await send(mock, "POST", "/_reindex", { body: other })).status, 400);
});
