import assert from "node:assert/strict";
import { test } from "node:test";
import { clientFor, errorOf, send, startFor } from "./running-mock.ts";

test("creates, finds, describes and deletes an index", async (t) => {
  const { client, mock } = await clientFor(t);
  const created = await client.indices.create({
    index: "books",
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    mappings: { properties: { title: { type: "text" } } },
    aliases: { library: {} },
  });
  assert.deepEqual(created, { acknowledged: true, shards_acknowledged: true, index: "books" });
  assert.equal(await client.indices.exists({ index: "books" }), true);
  const described = (await client.indices.get({ index: "library" }))["books"];
  assert.deepEqual(described?.aliases, { library: {} });
  assert.deepEqual(described?.mappings, { properties: { title: { type: "text" } } });
  assert.equal(described?.settings?.index?.number_of_shards, "2");
  assert.equal((await client.cluster.health()).status, "green");
  assert.deepEqual(await client.indices.delete({ index: "books" }), { acknowledged: true });
  assert.equal((await send(mock, "HEAD", "/books")).status, 404);
});

test("refuses a name that is taken, and names no index can have", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { aliases: { other: {} } } });
  const taken = await send(mock, "PUT", "/a");
  assert.equal(taken.status, 400);
  assert.match(String(errorOf(taken).reason), /^index \[a\/[\w-]{22}\] already exists$/);
  const reasons: Record<string, RegExp> = {
    Upper: /^Invalid index name \[Upper\], must be lowercase$/,
    "-x": /must not start with '_', '-', or '\+'/,
    "a%20b": /must not contain the following characters/,
    "a%23b": /must not contain '#'/,
    ["x".repeat(256)]: /index name is too long, \(256 > 255\)/,
    other: /already exists as alias/,
  };
  for (const [name, reason] of Object.entries(reasons)) {
    const refused = await send(mock, "PUT", `/${name}`);
    assert.equal(errorOf(refused).type, "invalid_index_name_exception", name);
    assert.match(String(errorOf(refused).reason), reason);
  }
  assert.equal(errorOf(await send(mock, "PUT", "/_x")).type, "invalid_index_name_exception");
});

test("deletes nothing when one of several indices is missing, and no wildcard, and no alias", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a", { body: { aliases: { alias: {} } } });
  assert.equal((await send(mock, "DELETE", "/a,missing")).status, 404);
  assert.equal((await send(mock, "DELETE", "/*")).status, 400);
  assert.match(
    String(errorOf(await send(mock, "DELETE", "/alias")).reason),
    /matches an alias, specify the corresponding concrete indices/,
  );
  assert.equal((await send(mock, "HEAD", "/a")).status, 200);
  assert.equal((await send(mock, "DELETE", "/a,missing?ignore_unavailable=true")).status, 200);
  assert.equal((await send(mock, "HEAD", "/a")).status, 404);
});

test("resolves date math in index names", async (t) => {
  const mock = await startFor(t, { nowMs: () => Date.UTC(2026, 10, 23, 12) });
  const created = await send(mock, "PUT", "/%3Clogs-%7Bnow%2Fd%7D%3E");
  assert.equal(created.json["index"], "logs-2026.11.23");
  await send(mock, "PUT", "/%3Clogs-%7Bnow%2Fd%7D%3E/_doc/1", { body: {} });
  assert.equal((await send(mock, "GET", "/logs-2026.11.23/_doc/1")).status, 200);
  assert.equal(
    (await send(mock, "GET", "/%3Clogs-%7Bnow%2FM%7Byyyy.MM%7D%7D.23%3E/_count")).json["count"],
    1,
  );
});

test("refuses documents of a closed index until it is opened again", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: {} });
  const closed = await send(mock, "POST", "/a/_close");
  assert.deepEqual(closed.json, {
    acknowledged: true,
    shards_acknowledged: true,
    indices: { a: { closed: true } },
  });
  for (const [method, target] of [
    ["GET", "/a/_search"],
    ["GET", "/a/_doc/1"],
    ["POST", "/a/_doc"],
  ] as const) {
    const refused = await send(mock, method, target, method === "POST" ? { body: {} } : {});
    assert.deepEqual(
      errorOf(refused),
      { type: "index_closed_exception", reason: "closed" },
      target,
    );
  }
  assert.equal((await send(mock, "GET", "/a/_search?ignore_unavailable=true")).status, 200);
  assert.match((await send(mock, "GET", "/_cat/indices?h=status,index")).text, /^close a\n$/);
  await send(mock, "POST", "/a/_open");
  assert.equal((await send(mock, "GET", "/a/_doc/1")).status, 200);
});

test("changes settings that can be changed and refuses the others", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({ index: "a" });
  await client.indices.putSettings({
    index: "a",
    settings: { index: { refresh_interval: "30s", number_of_replicas: 0 } },
  });
  const settings = await client.indices.getSettings({
    index: "a",
    flat_settings: true,
    name: "index.*r*",
  });
  const flat = settings["a"]?.settings as Record<string, unknown>;
  assert.equal(flat["index.refresh_interval"], "30s");
  assert.equal(flat["index.number_of_replicas"], "0");
  const final = await send(mock, "PUT", "/a/_settings", { body: { number_of_shards: 5 } });
  assert.match(
    String(errorOf(final).reason),
    /^Can't update non dynamic setting\(s\) \[\[index\.number_of_shards\]\] for open indices \[\[a\//,
  );
  await client.indices.close({ index: "a" });
  const closed = await send(mock, "PUT", "/a/_settings", { body: { number_of_shards: 5 } });
  assert.equal(errorOf(closed).reason, "final a setting [index.number_of_shards], not updateable");
  await client.indices.open({ index: "a" });
  const unknown = await send(mock, "PUT", "/a/_settings", { body: { "index.nonsense": 1 } });
  assert.match(String(errorOf(unknown).reason), /^unknown setting \[index\.nonsense\]/);
  const onCreate = await send(mock, "PUT", "/b", {
    body: { settings: { number_of_shards: "two" } },
  });
  assert.match(
    String(errorOf(onCreate).reason),
    /^Failed to parse value \[two\] for setting \[index\.number_of_shards\]/,
  );
  await send(mock, "PUT", "/a/_settings", { body: { index: { refresh_interval: null } } });
  assert.equal(
    (await client.indices.getSettings({ index: "a" }))["a"]?.settings?.index?.refresh_interval,
    undefined,
  );
});

test("refreshes, flushes, merges and clears caches of indices that exist", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a");
  for (const action of ["_refresh", "_flush", "_forcemerge?max_num_segments=1"]) {
    const answer = await send(mock, "POST", `/a/${action}`);
    assert.deepEqual(answer.json, { _shards: { total: 2, successful: 1, failed: 0 } }, action);
  }
  assert.equal((await send(mock, "POST", "/nope/_refresh")).status, 404);
  assert.equal((await send(mock, "POST", "/_cache/clear")).status, 200);
});

test("counts documents and operations in the stats", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.bulk({
    index: "a",
    operations: [
      { index: { _id: "1" } },
      {},
      { index: { _id: "2" } },
      {},
      { delete: { _id: "1" } },
    ],
  });
  await client.search({ index: "a" });
  const stats = await client.indices.stats({ index: "a" });
  assert.equal(stats.indices?.["a"]?.primaries?.docs?.count, 1);
  assert.equal(stats._all.primaries?.indexing?.index_total, 2);
  assert.equal(stats._all.primaries?.indexing?.delete_total, 1);
  assert.equal(stats._all.primaries?.search?.query_total, 1);
  assert.deepEqual(
    Object.keys((await client.indices.stats({ metric: "docs" }))._all.primaries ?? {}),
    ["docs"],
  );
  const unknown = await send(mock, "GET", "/_stats/docs,colours");
  assert.equal(
    errorOf(unknown).reason,
    "request [/_stats/docs,colours] contains unrecognized metric: [colours]",
  );
});

test("resolves names to indices and aliases", async (t) => {
  const { client } = await clientFor(t);
  await client.indices.create({ index: "a1", aliases: { x2: {}, x1: {} } });
  await client.indices.create({ index: "a2", settings: { "index.hidden": true } });
  const resolved = await client.indices.resolveIndex({ name: "a*,x1" });
  assert.deepEqual(resolved, {
    indices: [{ name: "a1", aliases: ["x1", "x2"], attributes: ["open"], mode: "standard" }],
    aliases: [{ name: "x1", indices: ["a1"] }],
    data_streams: [],
  });
});

test("analyzes text as the standard analyzer does", async (t) => {
  const { client, mock } = await clientFor(t);
  const { tokens } = await client.indices.analyze({ text: ["The QUICK fox's", "end"] });
  assert.deepEqual(
    tokens?.map((token) => [token.token, token.start_offset, token.end_offset, token.position]),
    [
      ["the", 0, 3, 0],
      ["quick", 4, 9, 1],
      ["fox's", 10, 15, 2],
      ["end", 16, 19, 103],
    ],
  );
  await client.indices.create({ index: "a", mappings: { properties: { k: { type: "keyword" } } } });
  assert.deepEqual(
    (await client.indices.analyze({ index: "a", field: "k", text: "A b" })).tokens?.map(
      (token) => token.token,
    ),
    ["A b"],
  );
  const unknown = await send(mock, "POST", "/_analyze", {
    body: { analyzer: "klingon", text: "x" },
  });
  assert.equal(errorOf(unknown).reason, "failed to find global analyzer [klingon]");
});
