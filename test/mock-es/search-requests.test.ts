import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Client } from "@elastic/elasticsearch";
import { clientFor, errorOf, ndjson, send, startFor } from "./running-mock.ts";

async function withNumbers(t: TestContext, count: number) {
  const started = await clientFor(t);
  await load(started.client, "numbers", count);
  return started;
}

async function load(client: Client, index: string, count: number): Promise<void> {
  const operations = Array.from({ length: count }, (_unused, n) => [
    { index: { _id: String(n) } },
    { n, even: n % 2 === 0 },
  ]);
  await client.bulk({ index, operations: operations.flat() });
}

test("pages through everything with from and size", async (t) => {
  const { client } = await withNumbers(t, 25);
  const page = await client.search({ index: "numbers", from: 20, size: 10 });
  assert.deepEqual(page.hits.total, { value: 25, relation: "eq" });
  assert.equal(page.hits.max_score, 1);
  assert.deepEqual(
    page.hits.hits.map((hit) => hit._id),
    ["20", "21", "22", "23", "24"],
  );
  assert.deepEqual(page._shards, { total: 1, successful: 1, skipped: 0, failed: 0 });
});

test("takes search members from the query string as well, which wins over the body", async (t) => {
  const { mock } = await withNumbers(t, 12);
  const answer = await send(
    mock,
    "GET",
    "/numbers/_search?size=2&sort=n:desc&_source=n&track_total_hits=5&q=even:true",
    {
      body: { size: 9 },
    },
  );
  const hits = answer.json["hits"] as {
    total: unknown;
    hits: { _source: unknown; sort: unknown }[];
  };
  assert.deepEqual(hits.total, { value: 5, relation: "gte" });
  assert.deepEqual(
    hits.hits.map((hit) => [hit._source, hit.sort]),
    [
      [{ n: 10 }, [10]],
      [{ n: 8 }, [8]],
    ],
  );
  const total = await send(mock, "GET", "/numbers/_search?rest_total_hits_as_int=true&size=0");
  assert.equal((total.json["hits"] as { total: unknown }).total, 12);
});

test("answers the fast path for everything and the general path alike", async (t) => {
  const { mock } = await withNumbers(t, 15);
  const hitsOf = async (body: unknown): Promise<unknown> =>
    (await send(mock, "POST", "/numbers/_search", { body })).json["hits"];
  for (const page of [
    {},
    { size: 3 },
    { from: 4, size: 20 },
    { size: 0 },
    { track_total_hits: false },
    { track_total_hits: 4 },
    { from: 30 },
  ]) {
    // `min_score` changes nothing here but takes the search off the fast path.
    assert.deepEqual(
      await hitsOf(page),
      await hitsOf({ ...page, min_score: 0.5 }),
      JSON.stringify(page),
    );
  }
});

test("refuses pages beyond the window and negative ones in the server's words", async (t) => {
  const { mock } = await withNumbers(t, 1);
  const deep = await send(mock, "POST", "/numbers/_search", { body: { from: 9990, size: 20 } });
  assert.equal(deep.status, 400);
  assert.equal(errorOf(deep).type, "search_phase_execution_exception");
  assert.match(
    deep.text,
    /Result window is too large, from \+ size must be less than or equal to: \[10000\] but was \[10010\]/,
  );
  const negative = await send(mock, "POST", "/numbers/_search?size=-5");
  assert.equal(errorOf(negative).reason, "[size] parameter cannot be negative, found [-5]");
});

test("answers an empty result for a missing index only when asked to ignore it", async (t) => {
  const mock = await startFor(t);
  const missing = await send(mock, "GET", "/nope/_search");
  assert.equal(missing.status, 404);
  assert.deepEqual(errorOf(missing), {
    type: "index_not_found_exception",
    reason: "no such index [nope]",
  });
  const ignored = await send(mock, "GET", "/nope/_search?ignore_unavailable=true");
  assert.equal(ignored.status, 200);
  assert.match(
    ignored.text,
    /"hits":\{"total":\{"value":0,"relation":"eq"\},"max_score":0.0,"hits":\[\]\}/,
  );
});

test("searches several indices, patterns, exclusions and filtered aliases", async (t) => {
  const { client } = await withNumbers(t, 4);
  await load(client, "numbers-two", 2);
  await client.indices.putAlias({
    index: "numbers",
    name: "evens",
    filter: { term: { even: true } },
  });
  const countOf = async (index: string): Promise<number> => (await client.count({ index })).count;
  assert.equal(await countOf("numbers,numbers-two"), 6);
  assert.equal(await countOf("numbers*"), 6);
  assert.equal(await countOf("numbers*,-numbers-two"), 4);
  assert.equal(await countOf("_all"), 6);
  assert.equal(await countOf("evens"), 2);
  const found = await client.search({ index: "evens", query: { match_all: {} } });
  assert.deepEqual(
    found.hits.hits.map((hit) => hit._id),
    ["0", "2"],
  );
});

test("scrolls through a moment: later writes change nothing", async (t) => {
  const { client } = await withNumbers(t, 25);
  const first = await client.search<{ n: number }>({
    index: "numbers",
    scroll: "1m",
    size: 10,
    sort: [{ n: "desc" }],
  });
  assert.deepEqual(first.hits.total, { value: 25, relation: "eq" });
  await client.index({ index: "numbers", id: "0", document: { n: 1000 } });
  await client.delete({ index: "numbers", id: "1" });
  const seen = first.hits.hits.map((hit) => hit._source?.n);
  let scrollId = first._scroll_id ?? "";
  for (;;) {
    const page = await client.scroll<{ n: number }>({ scroll_id: scrollId, scroll: "1m" });
    if (page.hits.hits.length === 0) break;
    seen.push(...page.hits.hits.map((hit) => hit._source?.n));
    scrollId = page._scroll_id ?? "";
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_unused, n) => 24 - n),
  );
  assert.deepEqual(await client.clearScroll({ scroll_id: scrollId }), {
    succeeded: true,
    num_freed: 1,
  });
});

test("lets the client's scroll helper read everything and clean up", async (t) => {
  const { client, mock } = await withNumbers(t, 2500);
  const seen = new Set<number>();
  for await (const document of client.helpers.scrollDocuments<{ n: number }>({
    index: "numbers",
    size: 1000,
  }))
    seen.add(document.n);
  assert.equal(seen.size, 2500);
  assert.equal(mock.store.contexts.size, 0);
});

test("forgets a scroll when it is cleared or its time is over", async (t) => {
  let nowMs = 1_000_000;
  const { client, mock } = await clientFor(t, { nowMs: () => nowMs });
  await load(client, "numbers", 5);
  const open = async (): Promise<string> =>
    (await client.search({ index: "numbers", scroll: "1m", size: 1 }))._scroll_id ?? "";
  const cleared = await open();
  await client.clearScroll({ scroll_id: cleared });
  const expired = await open();
  nowMs += 61_000;
  for (const id of [cleared, expired]) {
    const answer = await send(mock, "POST", "/_search/scroll", { body: { scroll_id: id } });
    assert.equal(answer.status, 404);
    assert.match(
      answer.text,
      /"type":"search_context_missing_exception","reason":"No search context found for id \[\[[\w-]{22}\]\[\d+\] searcherId \[null\]\]"/,
    );
    const again = await send(mock, "DELETE", "/_search/scroll", { body: { scroll_id: [id] } });
    assert.equal(again.status, 404);
    assert.deepEqual(again.json, { succeeded: true, num_freed: 0 });
  }
});

test("takes a scroll id from the body before the path and query", async (t) => {
  const { client, mock } = await withNumbers(t, 3);
  const id = (await client.search({ index: "numbers", scroll: "1m", size: 1 }))._scroll_id ?? "";
  const body = { scroll_id: id, scroll: "1m" };
  const answer = await send(mock, "GET", "/_search/scroll/nonsense?scroll_id=more", { body });
  assert.equal(answer.status, 200);
  assert.equal(
    (await send(mock, "GET", `/_search/scroll?scroll=1m&scroll_id=${encodeURIComponent(id)}`))
      .status,
    200,
  );
});

test("ends a scroll with the page that is asked for without a time to keep it open", async (t) => {
  const { client, mock } = await withNumbers(t, 3);
  const id = (await client.search({ index: "numbers", scroll: "1m", size: 1 }))._scroll_id ?? "";
  const last = await send(mock, "POST", "/_search/scroll", { body: { scroll_id: id } });
  assert.equal(last.status, 200);
  assert.equal(last.json["_scroll_id"], undefined);
  assert.equal(mock.store.contexts.size, 0);
  assert.equal(
    (await send(mock, "POST", "/_search/scroll", { body: { scroll_id: id } })).status,
    404,
  );
});

test("refuses what a scroll cannot do", async (t) => {
  const { mock } = await withNumbers(t, 3);
  const reasonOf = async (query: string, body: unknown): Promise<unknown> =>
    errorOf(await send(mock, "POST", `/numbers/_search?scroll=1m&${query}`, { body })).reason;
  assert.match(
    String(await reasonOf("from=1", {})),
    /using \[from\] is not allowed in a scroll context/,
  );
  assert.match(
    String(await reasonOf("size=0", {})),
    /\[size\] cannot be \[0\] in a scroll context/,
  );
  const large = await send(mock, "POST", "/numbers/_search?scroll=1m&size=10010");
  assert.match(
    large.text,
    /Batch size is too large, size must be less than or equal to: \[10000\] but was \[10010\]/,
  );
});

test("searches a point in time that later writes do not reach", async (t) => {
  const { client, mock } = await withNumbers(t, 3);
  const { id } = await client.openPointInTime({ index: "numbers", keep_alive: "1m" });
  await client.delete({ index: "numbers", id: "0" });
  const found = await client.search({
    pit: { id, keep_alive: "1m" },
    sort: [{ n: "asc" }],
    size: 2,
  });
  assert.equal(found.pit_id, id);
  const next = await client.search({
    pit: { id },
    sort: [{ n: "asc" }],
    search_after: found.hits.hits[1]?.sort ?? [],
  });
  assert.deepEqual(
    [...found.hits.hits, ...next.hits.hits].map((hit) => hit._id),
    ["0", "1", "2"],
  );
  assert.deepEqual(await client.closePointInTime({ id }), { succeeded: true, num_freed: 1 });
  const gone = await send(mock, "POST", "/_search", { body: { pit: { id } } });
  assert.equal(gone.status, 404);
  const named = await send(mock, "POST", "/numbers/_search", { body: { pit: { id } } });
  assert.match(String(errorOf(named).reason), /\[indices\] cannot be used with point in time/);
});

test("answers each search of an msearch by itself, with its status", async (t) => {
  const { client, mock } = await withNumbers(t, 3);
  const answer = await client.msearch({
    searches: [
      { index: "numbers" },
      { query: { term: { n: 1 } } },
      { index: "nope" },
      {},
      { index: "numbers" },
      { query: { term: { n: "x" } } },
    ],
  });
  assert.deepEqual(
    answer.responses.map((response) => response.status),
    [200, 404, 400],
  );
  const short = await send(mock, "POST", "/_msearch", { body: '{}\n{"size":0}' });
  assert.equal(errorOf(short).reason, "The msearch request must be terminated by a newline [\n]");
  const unreadable = await send(mock, "POST", "/numbers/_msearch", {
    body: ndjson({}, {}, {}, { query: { term: {} } }),
  });
  assert.equal(unreadable.status, 400);
  assert.equal(errorOf(unreadable).reason, "field name is null or empty");
  const unknown = await send(mock, "POST", "/_msearch", { body: ndjson({ colour: 1 }, {}) });
  assert.equal(errorOf(unknown).reason, "key [colour] is not supported in the metadata section");
});

test("says whether a document matches, and whether a query is valid", async (t) => {
  const { client } = await withNumbers(t, 3);
  assert.equal(
    (await client.explain({ index: "numbers", id: "1", query: { term: { n: 1 } } })).matched,
    true,
  );
  assert.equal(
    (await client.explain({ index: "numbers", id: "1", query: { term: { n: 2 } } })).matched,
    false,
  );
  assert.equal(
    (await client.indices.validateQuery({ index: "numbers", query: { term: { n: 1 } } })).valid,
    true,
  );
  const wrong = await client.indices.validateQuery({ index: "numbers", explain: true, q: "n:(1" });
  assert.equal(wrong.valid, false);
  assert.match(String(wrong.explanations?.[0]?.error), /Failed to parse query \[n:\(1\]/);
});

test("deletes by query and reports how many", async (t) => {
  const { client, mock } = await withNumbers(t, 10);
  const outcome = await client.deleteByQuery({ index: "numbers", query: { term: { even: true } } });
  assert.equal(outcome.deleted, 5);
  assert.equal(outcome.total, 5);
  assert.equal((await client.count({ index: "numbers" })).count, 5);
  const updated = await client.updateByQuery({ index: "numbers" });
  assert.equal(updated.updated, 5);
  assert.equal((await client.get({ index: "numbers", id: "1" }))._version, 2);
  const missing = await send(mock, "POST", "/numbers/_delete_by_query", { body: {} });
  assert.equal(errorOf(missing).reason, "Validation Failed: 1: query is missing;");
});

test("lists fields with what can be done with them, and terms by prefix", async (t) => {
  const { client } = await clientFor(t);
  await client.indices.create({
    index: "a",
    mappings: { properties: { f: { type: "keyword" }, t: { type: "text" } } },
  });
  await client.indices.create({ index: "b", mappings: { properties: { f: { type: "long" } } } });
  const caps = await client.fieldCaps({ index: "a,b", fields: ["f", "t"], include_unmapped: true });
  assert.deepEqual(caps.indices, ["a", "b"]);
  assert.deepEqual(Object.keys(caps.fields["f"] ?? {}).sort(), ["keyword", "long"]);
  assert.deepEqual(caps.fields["t"]?.["text"]?.aggregatable, false);
  assert.deepEqual(caps.fields["t"]?.["unmapped"]?.indices, ["b"]);
  await client.bulk({
    index: "a",
    operations: ["Berlin", "Bern", "Rome", "bari"].flatMap((f) => [{ index: {} }, { f }]),
  });
  assert.deepEqual((await client.termsEnum({ index: "a", field: "f", string: "Be" })).terms, [
    "Berlin",
    "Bern",
  ]);
  assert.deepEqual(
    (
      await client.termsEnum({
        index: "a",
        field: "f",
        string: "b",
        case_insensitive: true,
        size: 2,
      })
    ).terms,
    ["Berlin", "Bern"],
  );
});

test("shows the routing of documents in every kind of hit", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1?routing=here", { body: { n: 1 } });
  for (const body of [{}, { query: { term: { n: 1 } } }, { sort: ["n"], _source: false }]) {
    const hits = (await send(mock, "POST", "/a/_search", { body })).json["hits"] as {
      hits: { _routing?: string }[];
    };
    assert.equal(hits.hits[0]?._routing, "here", JSON.stringify(body));
  }
});

test("scrolls through everything in the order of writing, at any page size", async (t) => {
  const { client } = await withNumbers(t, 7);
  for (const size of [1, 3, 7, 100]) {
    const seen: string[] = [];
    let page = await client.search({ index: "numbers", scroll: "1m", size });
    assert.deepEqual(page.hits.total, { value: 7, relation: "eq" });
    while (page.hits.hits.length > 0) {
      assert.ok(page.hits.hits.length <= size);
      seen.push(...page.hits.hits.map((hit) => hit._id ?? ""));
      page = await client.scroll({ scroll_id: page._scroll_id ?? "", scroll: "1m" });
    }
    assert.deepEqual(seen, ["0", "1", "2", "3", "4", "5", "6"]);
  }
});
