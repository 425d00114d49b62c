import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { clientFor, errorOf, send, startFor } from "./running-mock.ts";

test("finds what was indexed, with version, sequence number and source", async (t) => {
  const { client } = await clientFor(t);
  const first = await client.index({ index: "books", id: "1", document: { title: "Snow Crash" } });
  assert.deepEqual(first, {
    _index: "books",
    _id: "1",
    _version: 1,
    result: "created",
    _shards: { total: 2, successful: 1, failed: 0 },
    _seq_no: 0,
    _primary_term: 1,
  });
  const second = await client.index({
    index: "books",
    id: "1",
    document: { title: "Diamond Age" },
    refresh: true,
  });
  assert.equal(second.result, "updated");
  assert.equal(second.forced_refresh, true);
  const found = await client.get({ index: "books", id: "1" });
  assert.deepEqual(found, {
    _index: "books",
    _id: "1",
    _version: 2,
    _seq_no: 1,
    _primary_term: 1,
    found: true,
    _source: { title: "Diamond Age" },
  });
});

test("answers a source byte for byte as it was received", async (t) => {
  const mock = await startFor(t);
  const source = '{ "n":1.0,  "big":9007199254740993, "e":1e2, "text":"caf\u00e9 \\u2603" }';
  await send(mock, "PUT", "/a/_doc/1", { body: source });
  assert.equal((await send(mock, "GET", "/a/_source/1")).text, source);
  assert.match(
    (await send(mock, "GET", "/a/_doc/1")).text,
    new RegExp(`"_source":${source.replace(/[\\{}.]/g, "\\$&")}\\}$`),
  );
  const hit = (await send(mock, "POST", "/a/_search", { body: { query: { term: { n: 1 } } } }))
    .text;
  assert.ok(hit.includes(`"_source":${source}`), hit);
});

test("keeps the digits of numbers when a document is updated, printed or filtered", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: '{"n":1.0,"big":9007199254740993}' });
  await send(mock, "POST", "/a/_update/1", { body: '{"doc":{"m":2.50}}' });
  assert.equal(
    (await send(mock, "GET", "/a/_source/1")).text,
    '{"n":1.0,"big":9007199254740993,"m":2.5}',
  );
  assert.match((await send(mock, "GET", "/a/_source/1?pretty")).text, /"big" : 9007199254740993/);
  assert.equal(
    (await send(mock, "GET", "/a/_doc/1?filter_path=_source.n")).text,
    '{"_source":{"n":1.0}}',
  );
});

test("goes on counting versions after a deletion", async (t) => {
  const { client } = await clientFor(t);
  await client.index({ index: "a", id: "1", document: {} });
  const deleted = await client.delete({ index: "a", id: "1" });
  assert.equal(deleted.result, "deleted");
  assert.equal(deleted._version, 2);
  assert.equal(await client.exists({ index: "a", id: "1" }), false);
  assert.equal((await client.index({ index: "a", id: "1", document: {} }))._version, 3);
});

test("answers 404 with found false for a missing document and an error for a missing index", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a");
  const missing = await send(mock, "GET", "/a/_doc/1");
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.json, { _index: "a", _id: "1", found: false });
  const noIndex = await send(mock, "GET", "/b/_doc/1");
  assert.deepEqual(errorOf(noIndex), {
    type: "index_not_found_exception",
    reason: "no such index [b]",
  });
  const noSource = await send(mock, "GET", "/a/_source/1");
  assert.equal(noSource.status, 404);
  assert.deepEqual(errorOf(noSource), {
    type: "resource_not_found_exception",
    reason: "Document not found [a]/[1]",
  });
  await send(mock, "PUT", "/a/_alias/other");
  assert.equal(
    errorOf(await send(mock, "GET", "/other/_source/1")).reason,
    "Document not found [a]/[1]",
  );
  const deleted = await send(mock, "DELETE", "/a/_doc/1");
  assert.equal(deleted.status, 404);
  assert.equal(deleted.json["result"], "not_found");
});

test("makes ids of 20 URL-safe characters, all different", async (t) => {
  const { client } = await clientFor(t);
  const ids = new Set<string>();
  for (let n = 0; n < 50; n++) {
    const { _id: id } = await client.index({ index: "a", document: { n } });
    assert.match(id, /^[A-Za-z0-9_-]{20}$/);
    ids.add(id);
  }
  assert.equal(ids.size, 50);
});

test("refuses to create a document twice, by path and by op_type", async (t) => {
  const mock = await startFor(t);
  assert.equal((await send(mock, "PUT", "/a/_create/1", { body: {} })).status, 201);
  for (const target of ["/a/_create/1", "/a/_doc/1?op_type=create"]) {
    const refused = await send(mock, "PUT", target, { body: {} });
    assert.equal(refused.status, 409);
    assert.deepEqual(errorOf(refused), {
      type: "version_conflict_engine_exception",
      reason: "[1]: version conflict, document already exists (current version [1])",
    });
  }
});

test("writes only when sequence number and primary term are the current ones", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: {} });
  assert.equal(
    (await send(mock, "PUT", "/a/_doc/1?if_seq_no=0&if_primary_term=1", { body: {} })).status,
    200,
  );
  const stale = await send(mock, "PUT", "/a/_doc/1?if_seq_no=0&if_primary_term=1", { body: {} });
  assert.equal(stale.status, 409);
  assert.equal(
    errorOf(stale).reason,
    "[1]: version conflict, required seqNo [0], primary term [1]. current document has " +
      "seqNo [1] and primary term [1]",
  );
  const half = await send(mock, "PUT", "/a/_doc/1?if_seq_no=0", { body: {} });
  assert.equal(
    errorOf(half).reason,
    "Validation Failed: 1: ifSeqNo is set, but primary term is [0];",
  );
});

test("refuses versions that JavaScript would round, by name", async (t) => {
  const mock = await startFor(t);
  const version = "9007199254740993";
  const line = `{"index":{"_index":"a","_id":"1","version":${version},"version_type":"external"}}`;
  const asked = [
    await send(mock, "PUT", `/a/_doc/1?version=${version}&version_type=external`, { body: {} }),
    await send(mock, "POST", "/_bulk", { body: `${line}\n{}\n` }),
    await send(mock, "POST", "/_mget", {
      body: `{"docs":[{"_index":"a","_id":"1","version":${version}}]}`,
    }),
  ];
  for (const answer of asked) {
    assert.equal(answer.status, 400);
    assert.match(String(errorOf(answer).reason), /\[version\].* is not supported by mock-es$/);
  }
});

test("takes external versions that grow and refuses internal ones", async (t) => {
  const mock = await startFor(t);
  assert.equal(
    (await send(mock, "PUT", "/a/_doc/1?version=7&version_type=external", { body: {} })).json[
      "_version"
    ],
    7,
  );
  assert.equal(
    (await send(mock, "PUT", "/a/_doc/1?version=7&version_type=external", { body: {} })).status,
    409,
  );
  assert.equal(
    (await send(mock, "PUT", "/a/_doc/1?version=7&version_type=external_gte", { body: {} })).status,
    200,
  );
  assert.equal((await send(mock, "PUT", "/a/_doc/1?version=1", { body: {} })).status, 400);
});

test("refuses a body that is not JSON with the place of the problem, and stores nothing", async (t) => {
  const mock = await startFor(t);
  const refused = await send(mock, "PUT", "/a/_doc/1", { body: '{"a": 1,\n "b": }' });
  assert.equal(refused.status, 400);
  const { type, reason } = errorOf(refused);
  assert.equal(type, "document_parsing_exception");
  assert.match(
    String(reason),
    /^\[2:2\] failed to parse: \[2:7\] Unexpected character \('\}' \(code 125\)\): expected a value\n at \[Source/,
  );
  assert.equal((await send(mock, "HEAD", "/a/_doc/1")).status, 404);
  const empty = await send(mock, "PUT", "/a/_doc/1");
  assert.deepEqual(errorOf(empty), { type: "parse_exception", reason: "request body is required" });
});

test("merges a partial document, does nothing for one that changes nothing, and inserts an upsert", async (t) => {
  const { client } = await clientFor(t);
  await client.index({ index: "a", id: "1", document: { foo: "bar", nested: { one: 1, two: 2 } } });
  const merged = await client.update({
    index: "a",
    id: "1",
    doc: { foo: "baz", nested: { one: 3 } },
    _source: true,
  });
  assert.equal(merged._version, 2);
  assert.deepEqual(merged.get?._source, { foo: "baz", nested: { one: 3, two: 2 } });
  const noop = await client.update({ index: "a", id: "1", doc: { foo: "baz" } });
  assert.equal(noop.result, "noop");
  assert.equal(noop._version, 2);
  assert.deepEqual(noop._shards, { total: 0, successful: 0, failed: 0 });
  assert.equal(
    (await client.update({ index: "a", id: "1", doc: { foo: "baz" }, detect_noop: false }))
      ._version,
    3,
  );
  assert.equal(
    (await client.update({ index: "a", id: "2", doc: { a: 1 }, upsert: { b: 2 } })).result,
    "created",
  );
  assert.deepEqual((await client.get({ index: "a", id: "2" }))._source, { b: 2 });
  await client.update({ index: "a", id: "3", doc: { c: 3 }, doc_as_upsert: true });
  assert.deepEqual((await client.get({ index: "a", id: "3" }))._source, { c: 3 });
});

test("refuses updates of missing documents and unknown members", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a");
  const missing = await send(mock, "POST", "/a/_update/1", { body: { doc: {} } });
  assert.equal(missing.status, 404);
  assert.deepEqual(errorOf(missing), {
    type: "document_missing_exception",
    reason: "[1]: document missing",
  });
  const unknown = await send(mock, "POST", "/a/_update/1", { body: { dok: {} } });
  assert.equal(
    errorOf(unknown).reason,
    "[1:2] [UpdateRequest] unknown field [dok] did you mean [doc]?",
  );
});

test("gets many documents in the order asked for, with errors in place", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.index({ index: "a", id: "1", document: { n: 1, m: 2 } });
  const answer = await client.mget({
    docs: [
      { _index: "a", _id: "2" },
      { _index: "a", _id: "1", _source: ["n"] },
      { _index: "nope", _id: "1" },
    ],
  });
  assert.deepEqual(answer.docs[0], { _index: "a", _id: "2", found: false });
  assert.deepEqual((answer.docs[1] as { _source?: unknown })._source, { n: 1 });
  assert.ok("error" in (answer.docs[2] ?? {}));
  const empty = await send(mock, "POST", "/_mget", { body: { docs: [] } });
  assert.equal(errorOf(empty).reason, "Validation Failed: 1: no documents to get;");
});

test("selects parts of a source by patterns", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", {
    body: { user: { name: "x", id: 1 }, tag: "t", other: 1 },
  });
  const source = async (query: string): Promise<unknown> =>
    (await send(mock, "GET", `/a/_doc/1?${query}`)).json["_source"];
  assert.deepEqual(await source("_source=user.name,tag"), { user: { name: "x" }, tag: "t" });
  assert.deepEqual(await source("_source_excludes=user.*"), { user: {}, tag: "t", other: 1 });
  assert.equal(await source("_source=false"), undefined);
});

test("keeps ids and routing with every character a URL can carry", async (t) => {
  const mock = await startFor(t);
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }), async (id) => {
      const target = `/a/_doc/${encodeURIComponent(id)}`;
      const written = await send(mock, "PUT", `${target}?routing=${encodeURIComponent(id)}`, {
        body: {},
      });
      assert.equal(written.json["_id"], id);
      const read = await send(mock, "GET", target);
      assert.equal(read.json["_id"], id);
      assert.equal(read.json["_routing"], id);
    }),
    { numRuns: 40 },
  );
});

test("answers the same documents as a plain map under random writes and deletions", async (t) => {
  const { client } = await clientFor(t);
  await client.indices.create({ index: "a" });
  const model = new Map<string, number>();
  const step = fc.record({
    id: fc.constantFrom("1", "2", "3", "4"),
    n: fc.nat(99),
    deletes: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      for (const { id, n, deletes } of steps) {
        if (deletes) {
          const existed = model.delete(id);
          const outcome = await client.delete({ index: "a", id }, { ignore: [404] });
          assert.equal(outcome.result, existed ? "deleted" : "not_found");
        } else {
          const outcome = await client.index({ index: "a", id, document: { n } });
          assert.equal(outcome.result, model.has(id) ? "updated" : "created");
          model.delete(id);
          model.set(id, n);
        }
      }
      const found = await client.search<{ n: number }>({ index: "a" });
      assert.deepEqual(
        found.hits.hits.map((hit) => [hit._id, hit._source?.n]),
        [...model],
      );
    }),
    { numRuns: 15 },
  );
});
