// What a real 9.5.3 answered for the same requests.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { MockEs } from "../../mock-es/index.ts";
import { clientFor, errorOf, ndjson, send, startFor } from "./running-mock.ts";

const ndjsonType = { "content-type": "application/x-ndjson" };
const backing = /^\.ds-ds-a-\d{4}\.\d{2}\.\d{2}-00000(\d)$/;

async function startWithTemplate(t: TestContext): Promise<MockEs> {
  const mock = await startFor(t);
  const template = await send(mock, "PUT", "/_index_template/t", {
    body: {
      index_patterns: ["ds-*"],
      priority: 200,
      data_stream: {},
      template: { settings: { number_of_replicas: 0 }, lifecycle: { data_retention: "90d" } },
    },
  });
  assert.equal(template.status, 200, template.text);
  return mock;
}

const dated = (n: number): unknown => ({ "@timestamp": `2026-01-01T00:00:0${n}Z`, n });

async function create(mock: MockEs, id: string, n = 1): Promise<string> {
  const answer = await send(mock, "PUT", `/ds-a/_create/${id}`, { body: dated(n) });
  assert.equal(answer.status, 201, answer.text);
  return String(answer.json["_index"]);
}

test("a write to a name that a template claims makes a data stream with a hidden index", async (t) => {
  const mock = await startWithTemplate(t);
  const index = await create(mock, "1");
  assert.match(index, backing);
  const { json } = await send(mock, "GET", "/_data_stream/ds-a");
  const [stream] = json["data_streams"] as Record<string, unknown>[];
  assert.equal(stream?.["name"], "ds-a");
  assert.equal(stream?.["generation"], 1);
  assert.equal(stream?.["template"], "t");
  const settings = await send(mock, "GET", "/ds-a/_settings?flat_settings=true");
  assert.match(settings.text, /"index.hidden":"true"/);
  const mapping = await send(mock, "GET", "/ds-a/_mapping");
  assert.match(mapping.text, /"_data_stream_timestamp":\{"enabled":true\}/);
  const got = await send(mock, "GET", "/_index_template/t");
  assert.match(got.text, /"data_stream":\{"hidden":false,"allow_custom_routing":false\}/);
  assert.match(got.text, /"lifecycle":\{"enabled":true,"data_retention":"90d"\}/);
});

test("a data stream takes new documents with one timestamp, and nothing else", async (t) => {
  const mock = await startWithTemplate(t);
  await create(mock, "1");
  const refused = async (method: string, path: string, body?: unknown): Promise<string> => {
    const answer = await send(mock, method, path, body === undefined ? {} : { body });
    return `${answer.status} ${String(errorOf(answer).reason)}`;
  };
  const creates = "400 only write ops with an op_type of create are allowed in data streams";
  assert.equal(await refused("PUT", "/ds-a/_doc/2", dated(2)), creates);
  assert.equal(await refused("PUT", "/ds-c/_doc/2", dated(2)), creates);
  assert.equal(await refused("DELETE", "/ds-a/_doc/1"), creates);
  assert.equal(await refused("POST", "/ds-a/_update/1", { doc: {} }), creates);
  assert.equal(
    await refused("PUT", "/ds-a/_create/2", { a: 1 }),
    "400 [1:7] failed to parse: data stream timestamp field [@timestamp] is missing",
  );
  assert.match(await refused("PUT", "/ds-a/_create/1", dated(1)), /^409 \[1\]: version conflict/);
  assert.match(await refused("PUT", "/ds-a/_create/3?routing=x", dated(1)), /^400 index request/);
  assert.match(await refused("PUT", "/ds-b"), /^400 cannot create index with name \[ds-b\]/);
  assert.equal(await refused("GET", "/ds-a/_doc/1"), "404 no such index [ds-a]");
  assert.equal((await send(mock, "POST", "/ds-a/_doc", { body: dated(3) })).status, 201);
});

test("a bulk creates in a data stream, and says so when there is none", async (t) => {
  const mock = await startWithTemplate(t);
  const statuses = async (name: string, body: string): Promise<unknown[]> => {
    const path = `/${name}/_bulk?require_data_stream=true`;
    const { json } = await send(mock, "POST", path, { body, headers: ndjsonType });
    const items = json["items"] as Record<string, { status: number }>[];
    return items.map((item) => Object.values(item)[0]?.status);
  };
  const body = ndjson({ create: { _id: "1" } }, dated(1), { index: {} }, dated(2));
  assert.deepEqual(await statuses("ds-a", body), [201, 400]);
  assert.deepEqual(await statuses("ds-a", body), [409, 400]);
  assert.deepEqual(await statuses("plain", ndjson({ create: { _id: "1" } }, dated(1))), [404]);
});

test("after a rollover writes go to the next index, and searches to all", async (t) => {
  const mock = await startWithTemplate(t);
  const old = await create(mock, "1");
  const rolled = await send(mock, "POST", "/ds-a/_rollover");
  assert.equal(rolled.json["old_index"], old);
  const young = await create(mock, "1", 2);
  assert.equal(rolled.json["new_index"], young);
  for (const name of ["ds-a", "ds-*", "_all", "d*,plain*"]) {
    const { json } = await send(mock, "GET", `/${name}/_count`);
    assert.equal(json["count"], 2, name);
  }
  const own = await send(mock, "GET", `/${old}/_count`);
  assert.equal(own.json["count"], 1);
  assert.equal((await send(mock, "DELETE", `/${young}`)).status, 400);
  assert.equal((await send(mock, "DELETE", "/ds-a")).status, 404);
  assert.equal((await send(mock, "DELETE", "/_index_template/t")).status, 400);
  assert.equal((await send(mock, "DELETE", `/${old}`)).status, 200);
  assert.equal((await send(mock, "GET", "/ds-a/_count")).json["count"], 1);
  assert.equal((await send(mock, "DELETE", "/_data_stream/ds-a")).status, 200);
  assert.equal((await send(mock, "GET", "/ds-a/_count")).status, 404);
  assert.equal((await send(mock, "GET", `/${young}`)).status, 404);
});

test("a lifecycle is taken from the template, changed, shown and taken away", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.putIndexTemplate({
    name: "kept",
    index_patterns: ["kept*"],
    data_stream: {},
    template: { lifecycle: { data_retention: "7d" } },
  });
  await client.indices.createDataStream({ name: "kept" });
  const retention = async (): Promise<unknown> => {
    const { data_streams: streams } = await client.indices.getDataLifecycle({ name: "kept" });
    return streams[0]?.lifecycle?.data_retention;
  };
  assert.equal(await retention(), "7d");
  const { data_streams: streams } = await client.indices.getDataStream({ name: "kept" });
  assert.equal(streams[0]?.next_generation_managed_by, "Data stream lifecycle");
  await client.indices.putDataLifecycle({ name: "kept", data_retention: "30d" });
  assert.equal(await retention(), "30d");
  await client.indices.deleteDataLifecycle({ name: "kept" });
  assert.equal(await retention(), undefined);
  const wrong = await send(mock, "PUT", "/_data_stream/kept/_lifecycle", { body: { x: 1 } });
  assert.equal(wrong.status, 400);
});

test("statistics of data streams tell their indices, sizes and latest timestamps", async (t) => {
  const mock = await startWithTemplate(t);
  await create(mock, "1", 7);
  await create(mock, "2", 3);
  await send(mock, "POST", "/ds-a/_rollover");
  await send(mock, "PUT", "/_data_stream/ds-b");
  await send(mock, "POST", "/ds-a/_refresh");
  const { json } = await send(mock, "GET", "/_data_stream/_stats");
  const size = Number(json["total_store_size_bytes"]);
  assert.ok(size > 0);
  assert.deepEqual(json, {
    _shards: { total: 3, successful: 3, failed: 0 },
    data_stream_count: 2,
    backing_indices: 3,
    total_store_size_bytes: size,
    data_streams: [
      {
        data_stream: "ds-a",
        backing_indices: 2,
        store_size_bytes: size,
        maximum_timestamp: Date.parse("2026-01-01T00:00:07Z"),
      },
      { data_stream: "ds-b", backing_indices: 1, store_size_bytes: 0, maximum_timestamp: 0 },
    ],
  });
  const some = await send(mock, "GET", "/_data_stream/*-b/_stats");
  assert.equal(some.json["data_stream_count"], 1);
  assert.equal((await send(mock, "GET", "/_data_stream/absent/_stats")).status, 404);
});

test("patterns lead to hidden data streams only where hidden ones are asked for", async (t) => {
  const mock = await startFor(t);
  for (const [name, hidden] of [
    ["seen", false],
    ["unseen", true],
    [".dotted", true],
  ] as const) {
    const body = { index_patterns: [name], data_stream: { hidden } };
    await send(mock, "PUT", `/_index_template/${hidden ? "h" : "s"}-${name}`, { body });
    await send(mock, "POST", `/${name}/_doc?op_type=create`, { body: { "@timestamp": 1 } });
  }
  const names = async (path: string): Promise<string[]> => {
    const { json } = await send(mock, "GET", `/_data_stream${path}`);
    return (json["data_streams"] as { name: string }[]).map(({ name }) => name);
  };
  assert.deepEqual(await names(""), ["seen"]);
  assert.deepEqual(await names("/*"), ["seen"]);
  assert.deepEqual(await names("/.d*"), [".dotted"]);
  assert.deepEqual(await names("/unseen"), ["unseen"]);
  assert.deepEqual(await names("/*?expand_wildcards=hidden"), [".dotted", "seen", "unseen"]);
  assert.deepEqual(await names("/*,-un*?expand_wildcards=all"), [".dotted", "seen"]);
  const count = async (path: string): Promise<unknown> =>
    (await send(mock, "GET", `/${path}`)).json["count"];
  assert.equal(await count("un*/_count"), 0);
  assert.equal(await count("un*/_count?expand_wildcards=open,hidden"), 1);
  assert.equal(await count(".dot*/_count"), 1);
  assert.equal((await send(mock, "DELETE", "/_data_stream/*")).status, 200);
  assert.deepEqual(await names("/*?expand_wildcards=all"), [".dotted", "unseen"]);
});
