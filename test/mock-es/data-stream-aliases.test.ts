// As the source and documentation have it: no server at hand has aliases of data streams.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, ndjson, type Received, send, startFor } from "./running-mock.ts";

async function startWithStreams(t: TestContext, ...names: string[]): Promise<MockEs> {
  const mock = await startFor(t);
  const body = { index_patterns: ["visits-*"], data_stream: {} };
  await send(mock, "PUT", "/_index_template/visits", { body });
  for (const [at, name] of names.entries())
    await send(mock, "POST", `/${name}/_doc?op_type=create`, {
      body: { "@timestamp": `2026-05-0${at + 1}`, site: name, hour: at },
    });
  return mock;
}

async function change(mock: MockEs, ...actions: unknown[]): Promise<Received> {
  return await send(mock, "POST", "/_aliases", { body: { actions } });
}

async function count(mock: MockEs, name: string): Promise<unknown> {
  return (await send(mock, "GET", `/${name}/_count`)).json["count"];
}

test("an alias of data streams leads to all of their indices, with a filter for each", async (t) => {
  const mock = await startWithStreams(t, "visits-a", "visits-b");
  const hour = { term: { hour: 5 } };
  const added = await change(
    mock,
    { add: { index: "visits-*", alias: "visited" } },
    { add: { index: "visits-a", alias: "early", filter: hour } },
    { add: { index: "visits-b", alias: "early" } },
  );
  assert.equal(added.text, '{"acknowledged":true,"errors":false}');
  const { json } = await send(mock, "GET", "/_alias");
  assert.deepEqual(json, {
    "visits-a": { aliases: { visited: {}, early: { filter: hour } } },
    "visits-b": { aliases: { visited: {}, early: {} } },
  });
  assert.equal(await count(mock, "visited"), 2);
  assert.equal(await count(mock, "visit*d"), 2);
  assert.equal(await count(mock, "early"), 1);
  await send(mock, "POST", "/visits-b/_rollover");
  await send(mock, "PUT", "/visits-b/_create/9", { body: { "@timestamp": 0, hour: 9 } });
  assert.equal(await count(mock, "visited"), 3);
  assert.equal(await count(mock, "visited,-visits-b"), 1);
  assert.equal((await send(mock, "HEAD", "/_alias/early")).status, 200);
  const young = await send(mock, "GET", "/visits-b");
  assert.equal(young.text.includes("visited"), false, "indices of data streams have no aliases");
  await send(mock, "DELETE", "/_data_stream/visits-b");
  assert.equal(await count(mock, "visited"), 1);
});

test("an alias of data streams is written to where it says so, and is no read of one", async (t) => {
  const mock = await startWithStreams(t, "visits-a", "visits-b");
  await change(mock, { add: { index: "visits-a", alias: "visited" } });
  const write = async (path: string): Promise<Received> =>
    await send(mock, "PUT", path, { body: { "@timestamp": 1 } });
  const refused = await write("/visited/_create/1");
  assert.match(String(errorOf(refused).reason), /^no write index is defined for alias \[visited\]/);
  await change(mock, { add: { index: "visits-a", alias: "visited", is_write_index: true } });
  await change(mock, { add: { index: "visits-b", alias: "visited", is_write_index: true } });
  await send(mock, "POST", "/visits-b/_rollover");
  const written = await write("/visited/_create/1");
  assert.match(String(written.json["_index"]), /^\.ds-visits-b-.*-000002$/);
  const onlyCreates = "only write ops with an op_type of create are allowed in data streams";
  assert.equal(errorOf(await write("/visited/_doc/2")).reason, onlyCreates);
  assert.equal((await send(mock, "GET", "/visited/_doc/1")).status, 404);
  assert.equal((await send(mock, "DELETE", "/visited/_doc/1")).status, 400);
  const bulk = await send(mock, "POST", "/_bulk", {
    body: ndjson({ create: { _index: "visited", require_alias: true } }, { "@timestamp": 2 }),
    headers: { "content-type": "application/x-ndjson" },
  });
  assert.match(bulk.text, /"status":201/);
  const { json } = await send(mock, "GET", "/_alias/visited");
  assert.deepEqual(json, {
    "visits-a": { aliases: { visited: {} } },
    "visits-b": { aliases: { visited: { is_write_index: true } } },
  });
  const rolled = await send(mock, "POST", "/visited/_rollover");
  assert.equal(rolled.status, 500);
  assert.match(rolled.text, /^.*Aliases to data streams cannot be rolled over/);
});

test("what aliases of data streams cannot be is refused, and changes nothing", async (t) => {
  const mock = await startWithStreams(t, "visits-a");
  await send(mock, "PUT", "/plain", { body: { aliases: { taken: {} } } });
  const refusal = async (add: object): Promise<string> => {
    const answer = await change(mock, { add: { index: "visits-a", alias: "x", ...add } });
    return `${answer.status} ${String(errorOf(answer).reason)}`;
  };
  const unsupported = "400 aliases that point to data streams don't support ";
  for (const name of ["routing", "index_routing", "search_routing"])
    assert.equal(await refusal({ [name]: "1" }), unsupported + name);
  assert.equal(await refusal({ is_hidden: false }), `${unsupported}is_hidden`);
  assert.equal(await refusal({ index: "visits-*,plain" }), "404 no such index [visits-*,plain]");
  const both = await change(mock, { add: { indices: ["visits-*", "plain"], alias: "x" } });
  assert.equal(
    errorOf(both).reason,
    "expressions [visits-*, plain] that match with both data streams and regular indices are disallowed",
  );
  assert.match(await refusal({ alias: "visits-a" }), /^400 Invalid alias name \[visits-a\]/);
  assert.match(await refusal({ alias: "taken" }), /^500 index, alias, and data stream names need/);
  const { json } = await send(mock, "GET", "/_data_stream/visits-a?filter_path=**.index_name");
  const [stream] = json["data_streams"] as { indices: { index_name: string }[] }[];
  const index = stream?.indices[0]?.index_name ?? "";
  assert.equal(
    await refusal({ index }),
    `400 The provided expressions [${index}] match a backing index belonging to data stream [visits-a]. Data stream backing indices don't support aliases.`,
  );
  const aliases = await send(mock, "GET", "/_alias");
  assert.equal(aliases.text, '{"plain":{"aliases":{"taken":{}}}}');
  const put = await send(mock, "PUT", "/visits-a/_alias/taken");
  assert.equal(put.status, 500);
});

test("aliases are taken from data streams, and results of actions name these", async (t) => {
  const mock = await startWithStreams(t, "visits-a", "visits-b");
  const mixed = await change(
    mock,
    { add: { index: "visits-*", alias: "visited" } },
    { remove: { index: "visits-*", alias: "absent", must_exist: false } },
  );
  const results = mixed.json["action_results"] as { status: number; action: object }[];
  assert.deepEqual(
    results.map(({ status }) => status),
    [200, 404],
  );
  const indices = ["visits-a", "visits-b"];
  assert.deepEqual(results[1]?.action, { type: "remove", indices, aliases: ["absent"] });
  await send(mock, "PUT", "/plain", { body: { aliases: { other: {} } } });
  await change(mock, { remove: { index: "*", alias: "visited" } });
  assert.equal(await count(mock, "visited"), undefined);
  assert.equal((await send(mock, "PUT", "/visits-a/_alias/again")).status, 200);
  assert.equal((await send(mock, "DELETE", "/visits-a/_alias/again")).status, 200);
  const gone = await send(mock, "DELETE", "/visits-a/_alias/again");
  assert.equal(gone.status, 404);
  assert.equal(errorOf(gone).reason, "aliases [] missing");
});

test("a data stream has the aliases of its template, and keeps them when it is rolled over", async (t) => {
  const mock = await startFor(t);
  const aliases = { shown: { is_write_index: true }, part: { filter: { term: { n: 1 } } } };
  const body = { index_patterns: ["made-*"], data_stream: {}, template: { aliases } };
  await send(mock, "PUT", "/_index_template/made", { body });
  await send(mock, "PUT", "/_data_stream/made-1");
  await send(mock, "POST", "/made-1/_rollover");
  for (const n of [1, 2])
    await send(mock, "POST", "/shown/_doc?op_type=create", { body: { "@timestamp": n, n } });
  assert.equal(await count(mock, "part"), 1);
  assert.deepEqual((await send(mock, "GET", "/_alias")).json, { "made-1": { aliases } });
});
