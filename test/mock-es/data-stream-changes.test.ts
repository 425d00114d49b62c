// As the server's source and documentation have it: no server at hand changes data streams.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { MockEs } from "../../mock-es/index.ts";
import { errorOf, ndjson, type Received, send, startFor } from "./running-mock.ts";

interface Shown {
  readonly name: string;
  readonly generation: number;
  readonly indices: readonly { readonly index_name: string }[];
}

const timed = { mappings: { properties: { "@timestamp": { type: "date" } } } };

async function startWithStream(t: TestContext, template: object = {}): Promise<MockEs> {
  const mock = await startFor(t);
  const body = { index_patterns: ["trips*"], data_stream: {}, ...template };
  await send(mock, "PUT", "/_index_template/trips", { body });
  await send(mock, "PUT", "/_data_stream/trips");
  return mock;
}

async function shown(mock: MockEs, query = ""): Promise<Shown & Record<string, unknown>> {
  const { json } = await send(mock, "GET", `/_data_stream/trips${query}`);
  const [stream] = json["data_streams"] as (Shown & Record<string, unknown>)[];
  assert.ok(stream !== undefined);
  return stream;
}

async function names(mock: MockEs): Promise<string[]> {
  return (await shown(mock)).indices.map((index) => index.index_name);
}

const refusal = (answer: Received): string =>
  `${answer.status} ${String(errorOf(answer).type)}: ${String(errorOf(answer).reason)}`;

test("an index becomes the oldest one of a data stream, and leaves it again", async (t) => {
  const mock = await startWithStream(t);
  await send(mock, "POST", "/trips/_rollover");
  const [first = "", writer = ""] = await names(mock);
  await send(mock, "PUT", "/older/_doc/1", { body: { "@timestamp": "2020-02-02" } });
  const modify = async (...actions: unknown[]): Promise<Received> =>
    await send(mock, "POST", "/_data_stream/_modify", { body: { actions } });
  const add = { add_backing_index: { data_stream: "trips", index: "older" } };
  const remove = { remove_backing_index: { data_stream: "trips", index: "older" } };
  assert.equal((await modify(add)).text, '{"acknowledged":true}');
  assert.deepEqual(await names(mock), ["older", first, writer]);
  assert.equal((await shown(mock)).generation, 3);
  assert.equal((await send(mock, "GET", "/trips/_count")).json["count"], 1);
  assert.match((await send(mock, "GET", "/older/_settings")).text, /"hidden":"true"/);
  assert.equal((await modify(remove)).status, 200);
  assert.deepEqual(await names(mock), [first, writer]);
  assert.equal((await shown(mock)).generation, 4);
  assert.equal((await send(mock, "GET", "/trips/_count")).json["count"], 0);
  assert.equal((await send(mock, "GET", "/old*/_count")).json["count"], 1);

  const refused = async (action: object): Promise<string> =>
    refusal(await modify(add, { [Object.keys(action)[0] ?? ""]: Object.values(action)[0] }));
  const of = (index: string, stream = "trips"): object => ({ data_stream: stream, index });
  const wrong = "400 illegal_argument_exception: ";
  assert.equal(
    await refused({ remove_backing_index: of(writer) }),
    `${wrong}cannot remove backing index [${writer}] of data stream [trips] because it is the write index`,
  );
  assert.equal(await refused({ add_backing_index: of("none") }), `${wrong}index [none] not found`);
  assert.equal(
    await refused({ add_backing_index: of("older", "none") }),
    `${wrong}data stream [none] not found`,
  );
  await send(mock, "PUT", "/named", { body: { ...timed, aliases: { b: {}, a: {} } } });
  assert.equal(
    await refused({ add_backing_index: of("named") }),
    `${wrong}cannot add index [named] to data stream [trips] until its aliases [a,b] are removed`,
  );
  await send(mock, "PUT", "/untimed", {
    body: { mappings: { properties: { a: { type: "long" } } } },
  });
  assert.equal(
    await refused({ add_backing_index: of("untimed") }),
    `${wrong}data stream timestamp field [@timestamp] does not exist`,
  );
  await send(mock, "PUT", "/_data_stream/trips-2");
  const { json } = await send(mock, "GET", "/_data_stream/trips-2");
  const [other] = json["data_streams"] as Shown[];
  const taken = other?.indices[0]?.index_name ?? "";
  assert.equal(
    await refused({ add_backing_index: of(taken) }),
    `${wrong}cannot add index [${taken}] to data stream [trips] because it is already a backing index on data stream [trips-2]`,
  );
  assert.equal((await modify()).status, 400);
  assert.deepEqual(await names(mock), [first, writer], "what is refused changes nothing");
});

test("an alias becomes a data stream, whose last index is the one that was written to", async (t) => {
  const mock = await startFor(t);
  const migrate = async (name: string): Promise<Received> =>
    await send(mock, "POST", `/_data_stream/_migrate/${name}`);
  await send(mock, "PUT", "/_index_template/old", {
    body: { index_patterns: ["old"], data_stream: {} },
  });
  await send(mock, "PUT", "/a-1", {
    body: { ...timed, aliases: { old: { is_write_index: true } } },
  });
  await send(mock, "PUT", "/a-2", { body: { ...timed, aliases: { old: {} } } });
  for (const index of ["a-1", "a-2"])
    await send(mock, "POST", `/${index}/_doc`, { body: { "@timestamp": 5 } });
  assert.match(refusal(await migrate("none")), /: alias \[none\] does not exist$/);
  await send(mock, "PUT", "/a-2/_alias/more");
  assert.match(refusal(await migrate("old")), /other aliases referencing indices \[a-2\] must be/);
  await send(mock, "DELETE", "/a-2/_alias/more");
  await send(mock, "PUT", "/b-1", { body: { aliases: { part: { routing: "1" } } } });
  assert.match(refusal(await migrate("part")), /may not have custom filtering or routing/);
  assert.equal((await migrate("old")).text, '{"acknowledged":true}');
  const { json } = await send(mock, "GET", "/_resolve/index/a-*,old*?expand_wildcards=all");
  assert.deepEqual(json["data_streams"], [
    { name: "old", backing_indices: ["a-2", "a-1"], timestamp_field: "@timestamp" },
  ]);
  assert.deepEqual(json["aliases"], []);
  assert.match(
    JSON.stringify(json["indices"]),
    /"attributes":\["hidden","open"\],"data_stream":"old"/,
  );
  assert.equal((await send(mock, "GET", "/old/_count")).json["count"], 2);
  const created = await send(mock, "PUT", "/old/_create/9", { body: { "@timestamp": 6 } });
  assert.equal(created.json["_index"], "a-1");
});

test("how long documents are kept is the data stream's word, within the cluster's", async (t) => {
  const mock = await startWithStream(t, { template: { lifecycle: { data_retention: "30d" } } });
  const lifecycle = async (query = ""): Promise<unknown> => (await shown(mock, query))["lifecycle"];
  const own = { enabled: true, data_retention: "30d" };
  const by = (retention: string, source: string): object => ({
    effective_retention: retention,
    retention_determined_by: source,
  });
  assert.deepEqual(await lifecycle(), { ...own, ...by("30d", "data_stream_configuration") });
  const put = async (body: object): Promise<Received> =>
    await send(mock, "PUT", "/_data_stream/*/_lifecycle", { body });
  await put({ ...own, enabled: false });
  assert.deepEqual(await lifecycle(), { enabled: false, data_retention: "30d" });
  const limit = async (name: string, value: string): Promise<Received> =>
    await send(mock, "PUT", "/_cluster/settings", {
      body: { persistent: { [`data_streams.lifecycle.retention.${name}`]: value } },
    });
  await limit("max", "9d");
  const warned = await put(own);
  assert.match(
    String(warned.headers["warning"]),
    /"The retention provided \[30d\] is exceeding the max allowed data retention of this project \[9d\]\. The max retention of \[9d\] will be applied\."/,
  );
  assert.deepEqual(await lifecycle(), { ...own, ...by("9d", "max_global_retention") });
  await limit("default", "7d");
  await put({});
  assert.deepEqual(await lifecycle("?include_defaults=true"), {
    enabled: true,
    ...by("7d", "default_global_retention"),
    rollover: {
      max_age: "1d [automatic]",
      max_primary_shard_size: "50gb",
      min_docs: 1,
      max_primary_shard_docs: 200_000_000,
    },
  });
  const got = await send(mock, "GET", "/_data_stream/trips/_lifecycle");
  assert.deepEqual(got.json["global_retention"], { max_retention: "9d", default_retention: "7d" });
});

test("what a lifecycle means for an index is told of each", async (t) => {
  let now = Date.parse("2026-03-01T12:00:00Z");
  const mock = await startFor(t, { nowMs: () => now });
  await send(mock, "PUT", "/_index_template/trips", {
    body: { index_patterns: ["trips"], data_stream: {}, template: { lifecycle: {} } },
  });
  await send(mock, "PUT", "/_data_stream/trips");
  const created = now;
  now += 90_000;
  await send(mock, "POST", "/trips/_rollover");
  now += 30_000;
  await send(mock, "PUT", "/plain");
  const [old = "", young = ""] = await names(mock);
  const { json } = await send(mock, "GET", "/trips,plain/_lifecycle/explain");
  const lifecycle = { enabled: true };
  assert.deepEqual(json, {
    indices: {
      [old]: {
        index: old,
        managed_by_lifecycle: true,
        index_creation_date_millis: created,
        time_since_index_creation: "2m",
        rollover_date_millis: created + 90_000,
        time_since_rollover: "30s",
        generation_time: "30s",
        lifecycle,
      },
      [young]: {
        index: young,
        managed_by_lifecycle: true,
        index_creation_date_millis: created + 90_000,
        time_since_index_creation: "30s",
        lifecycle,
      },
      plain: { index: "plain", managed_by_lifecycle: false },
    },
  });
});

test("a data stream shows what its template says of it, and who manages its indices", async (t) => {
  const mock = await startWithStream(t, {
    _meta: { owner: "us" },
    template: {
      lifecycle: { enabled: false },
      settings: { "index.lifecycle.name": "p", "index.lifecycle.prefer_ilm": false },
    },
  });
  const byPolicy = await shown(mock);
  assert.deepEqual(byPolicy["_meta"], { owner: "us" });
  assert.deepEqual(byPolicy["settings"], {});
  const store = { enabled: false, rollover_on_write: true, indices: [] };
  assert.deepEqual(byPolicy["failure_store"], store);
  assert.equal(byPolicy["prefer_ilm"], false);
  assert.equal(byPolicy["next_generation_managed_by"], "Index Lifecycle Management");
  await send(mock, "PUT", "/_data_stream/trips/_lifecycle", { body: {} });
  const byLifecycle = await shown(mock);
  assert.equal(byLifecycle["next_generation_managed_by"], "Data stream lifecycle");
  const [index] = byLifecycle.indices as unknown as Record<string, unknown>[];
  assert.equal(index?.["managed_by"], "Data stream lifecycle");
  assert.equal(index["ilm_policy"], "p");
  assert.equal(index["prefer_ilm"], false);
});

test("what a data stream cannot be called or made of is refused", async (t) => {
  const mock = await startWithStream(t);
  const create = async (name: string): Promise<string> =>
    refusal(await send(mock, "PUT", `/_data_stream/${name}`));
  const wrong = "400 illegal_argument_exception: ";
  assert.equal(await create("a%23b"), `${wrong}data_stream [a#b] must not contain '#'`);
  assert.equal(await create("Ab"), `${wrong}data_stream [Ab] must be lowercase`);
  assert.equal(await create(".ds-a"), `${wrong}data_stream [.ds-a] must not start with '.ds-'`);
  await send(mock, "PUT", "/_index_template/p", { body: { index_patterns: ["plain"] } });
  assert.equal(
    await create("plain"),
    `${wrong}matching index template [p] for data stream [plain] has no data stream template`,
  );
  const template = async (body: object): Promise<Received> =>
    await send(mock, "PUT", "/_index_template/x", { body: { index_patterns: ["x"], ...body } });
  assert.equal(
    refusal(await template({ template: { lifecycle: {} } })),
    `${wrong}index template [x] specifies lifecycle configuration that can only be used in combination with a data stream`,
  );
  const keyword = { mappings: { properties: { "@timestamp": { type: "keyword" } } } };
  const untimed = await template({ data_stream: {}, template: keyword });
  assert.equal(
    refusal(untimed),
    `${wrong}composable template [x] template after composition is invalid`,
  );
  assert.match(untimed.text, /is of type \[keyword\], but \[date,date_nanos\] is expected/);
  const enabled = { data_stream_options: { failure_store: { enabled: true } } };
  assert.match(refusal(await template({ data_stream: {}, template: enabled })), /by mock-es$/);
  const missing = await send(mock, "GET", "/_data_stream/absent");
  assert.equal(errorOf(missing).reason, "no such index [absent]");
  assert.equal(missing.text.includes("excluded_ds"), false);
});

test("indices of data streams are kept from what would harm these", async (t) => {
  const mock = await startWithStream(t);
  await send(mock, "PUT", "/trips/_create/1", { body: { "@timestamp": 1 } });
  const [index = ""] = await names(mock);
  const indexed = await send(mock, "PUT", `/${index}/_doc/2`, { body: { "@timestamp": 1 } });
  const reason = `index request with op_type=index and no if_primary_term and if_seq_no set targeting backing indices is disallowed, target corresponding data stream [trips] instead`;
  assert.equal(errorOf(indexed).reason, reason);
  const bulk = await send(mock, "POST", `/${index}/_bulk`, {
    body: ndjson({ index: {} }, { "@timestamp": 1 }),
    headers: { "content-type": "application/x-ndjson" },
  });
  assert.ok(bulk.text.includes(reason));
  const replaced = await send(mock, "PUT", `/${index}/_doc/1?if_seq_no=0&if_primary_term=1`, {
    body: { "@timestamp": 2 },
  });
  assert.equal(replaced.status, 200);
  const resized = await send(mock, "PUT", `/${index}/_clone/copy`);
  assert.equal(
    refusal(resized),
    `400 illegal_argument_exception: cannot resize the write index [${index}] for data stream [trips]`,
  );
  assert.equal((await send(mock, "POST", "/trips/_close")).status, 404);
  assert.equal((await send(mock, "POST", "/trips/_open")).status, 200);
  assert.equal((await send(mock, "GET", "/_cluster/health/trips")).status, 200);
});
