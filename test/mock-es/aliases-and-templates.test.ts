import assert from "node:assert/strict";
import { test } from "node:test";
import { clientFor, errorOf, send, startFor } from "./running-mock.ts";

test("sets, finds and removes aliases", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({ index: "a" });
  await client.indices.create({ index: "b" });
  await client.indices.putAlias({ index: "a", name: "x" });
  await client.indices.updateAliases({
    actions: [
      { add: { index: "b", alias: "x", is_write_index: true } },
      { add: { indices: ["a", "b"], alias: "y" } },
    ],
  });
  assert.deepEqual(await client.indices.getAlias({ name: "x" }), {
    a: { aliases: { x: {} } },
    b: { aliases: { x: { is_write_index: true } } },
  });
  assert.equal(await client.indices.existsAlias({ name: "y" }), true);
  assert.equal(await client.indices.existsAlias({ name: "z" }), false);
  await client.indices.deleteAlias({ index: "*", name: "y" });
  assert.equal(await client.indices.existsAlias({ name: "y" }), false);
  const missing = await send(mock, "GET", "/_alias/x,z");
  assert.equal(missing.status, 404);
  assert.equal(missing.json["error"], "alias [z] missing");
  assert.ok("a" in missing.json);
  const none = await send(mock, "DELETE", "/a/_alias/nope");
  assert.deepEqual(errorOf(none), {
    type: "aliases_not_found_exception",
    reason: "aliases [nope] missing",
  });
});

test("HEAD of a pattern of aliases is 200, whatever it fits, and of a name 404", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({ index: "a" });
  await client.indices.create({ index: "b", aliases: { x: {} } });
  const statusOf = async (path: string): Promise<number> => (await send(mock, "HEAD", path)).status;
  for (const path of ["/_alias/*", "/_alias/z*", "/a/_alias/*", "/a/_alias/_all", "/no*/_alias/*"])
    assert.equal(await statusOf(path), 200, path);
  for (const path of ["/_alias/z", "/_alias/x,z", "/a/_alias/x", "/no/_alias/*"])
    assert.equal(await statusOf(path), 404, path);
});

test("runs alias actions all or none", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a");
  const body = {
    actions: [{ add: { index: "a", alias: "x" } }, { add: { index: "missing", alias: "x" } }],
  };
  assert.equal((await send(mock, "POST", "/_aliases", { body })).status, 404);
  assert.equal((await send(mock, "HEAD", "/_alias/x")).status, 404);
  const taken = await send(mock, "PUT", "/a/_alias/a");
  assert.equal(errorOf(taken).type, "invalid_alias_name_exception");
});

test("swaps an index behind an alias and deletes the old one in one request", async (t) => {
  const { client } = await clientFor(t);
  await client.index({ index: "old", id: "1", document: {} });
  await client.index({ index: "new", id: "2", document: {} });
  await client.indices.putAlias({ index: "old", name: "current" });
  await client.indices.updateAliases({
    actions: [{ add: { index: "new", alias: "current" } }, { remove_index: { index: "old" } }],
  });
  assert.equal((await client.get({ index: "current", id: "2" }))._index, "new");
  assert.equal(await client.indices.exists({ index: "old" }), false);
});

test("applies the index template of highest priority with its components to new indices", async (t) => {
  const { client } = await clientFor(t);
  await client.cluster.putComponentTemplate({
    name: "base",
    template: { settings: { number_of_replicas: 0 } },
  });
  await client.indices.putIndexTemplate({
    name: "low",
    index_patterns: ["logs-*"],
    priority: 1,
    template: { mappings: { properties: { a: { type: "long" } } } },
  });
  await client.indices.putIndexTemplate({
    name: "high",
    index_patterns: ["logs-*"],
    priority: 2,
    composed_of: ["base"],
    template: {
      mappings: { properties: { a: { type: "keyword" } } },
      aliases: { "all-{index}": {} },
    },
  });
  await client.index({ index: "logs-1", document: { a: "x" } });
  const made = (await client.indices.get({ index: "logs-1" }))["logs-1"];
  assert.deepEqual(made?.mappings?.properties?.["a"], { type: "keyword" });
  assert.equal(made?.settings?.index?.number_of_replicas, "0");
  assert.deepEqual(Object.keys(made?.aliases ?? {}), ["all-logs-1"]);
});

test("refuses templates that clash or lack components", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.putIndexTemplate({ name: "one", index_patterns: ["a*"], priority: 5 });
  const put = async (body: unknown): Promise<unknown> =>
    errorOf(await send(mock, "PUT", "/_index_template/two", { body })).reason;
  assert.match(
    String(await put({ index_patterns: ["*b"], priority: 5 })),
    /^index template \[two\] has index patterns \[\*b\] matching patterns from existing templates \[one\]/,
  );
  assert.match(
    String(await put({ index_patterns: ["z"], composed_of: ["none"] })),
    /specifies component templates \[none\] that do not exist/,
  );
  assert.match(String(await put({ index_patterns: ["z"], colour: 1 })), /unknown field \[colour\]/);
  const missing = await send(mock, "GET", "/_index_template/two");
  assert.deepEqual(errorOf(missing), {
    type: "resource_not_found_exception",
    reason: "index template matching [two] not found",
  });
  assert.equal((await send(mock, "HEAD", "/_index_template/one")).status, 200);
  await client.indices.deleteIndexTemplate({ name: "one" });
  assert.equal((await send(mock, "DELETE", "/_index_template/one")).status, 404);
});

test("applies legacy templates, and warns where composable ones come first", async (t) => {
  const mock = await startFor(t);
  const put = await send(mock, "PUT", "/_template/old", {
    body: { index_patterns: ["old-*"], mappings: { properties: { k: { type: "keyword" } } } },
  });
  assert.equal(put.headers["warning"], undefined);
  await send(mock, "PUT", "/old-1/_doc/1", { body: { k: "v" } });
  assert.match((await send(mock, "GET", "/old-1/_mapping")).text, /"k":\{"type":"keyword"\}/);
  assert.equal((await send(mock, "GET", "/_template/none")).status, 404);
  const composable = await send(mock, "PUT", "/_index_template/new", {
    body: { index_patterns: ["old-x*"] },
  });
  assert.match(
    composable.headers["warning"]?.toString() ?? "",
    /^299 Elasticsearch-9\.5\.3-\w+ "index template \[new\] has index patterns .* existing older templates \[old\]/,
  );
});
