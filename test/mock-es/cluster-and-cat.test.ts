import assert from "node:assert/strict";
import { test } from "node:test";
import { clientFor, errorOf, send, startFor } from "./running-mock.ts";

test("is yellow while an index wants a replica, and times out waiting for green", async (t) => {
  const { client, mock } = await clientFor(t);
  assert.equal((await client.cluster.health()).status, "green");
  await client.indices.create({ index: "a", settings: { number_of_shards: 3 } });
  const health = await client.cluster.health({ level: "shards" });
  assert.equal(health.status, "yellow");
  assert.equal(health.active_shards, 3);
  assert.equal(health.unassigned_shards, 3);
  assert.equal(health.active_shards_percent_as_number, 50);
  assert.equal(Object.keys(health.indices?.["a"]?.shards ?? {}).length, 3);
  const waited = await send(mock, "GET", "/_cluster/health?wait_for_status=green&timeout=1ms");
  assert.equal(waited.status, 408);
  assert.equal(waited.json["timed_out"], true);
  assert.equal((await send(mock, "GET", "/_cluster/health?wait_for_status=yellow")).status, 200);
});

test("a report of health tells why replicas have no node", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({ index: "a" });
  await client.indices.create({ index: "b", settings: { "index.priority": 5 } });
  const report = await client.healthReport({ feature: "shards_availability", size: 1 });
  const shards = report.indicators.shards_availability;
  assert.equal(shards?.status, "yellow");
  assert.deepEqual(shards.impacts, [
    {
      id: "elasticsearch:health:shards_availability:impact:replica_unassigned",
      severity: 2,
      description:
        "Searches might be slower than usual. Fewer redundant copies of the data exist on 2 indices [b, a].",
      impact_areas: ["search"],
    },
  ]);
  const [diagnosis] = shards.diagnosis ?? [];
  assert.match(String(diagnosis?.id), /:increase_tier_capacity_for_allocations:tier:data_content$/);
  assert.deepEqual(diagnosis?.affected_resources.indices, ["b"]);
  const body = { "index.routing.allocation.require.rack": "x" };
  await send(mock, "PUT", "/a/_settings", { body });
  const refused = await send(mock, "GET", "/_health_report");
  assert.match(String(errorOf(refused).reason), /allocation\.require\.rack\] is not supported/);
});

test("keeps cluster settings, nested and flat, until they are set to null", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.cluster.putSettings({
    persistent: { "cluster.max_shards_per_node": 10 },
    transient: { action: { auto_create_index: "x" } },
  });
  assert.deepEqual(await client.cluster.getSettings(), {
    persistent: { cluster: { max_shards_per_node: "10" } },
    transient: { action: { auto_create_index: "x" } },
  });
  await client.cluster.putSettings({ persistent: { "cluster.max_shards_per_node": null } });
  assert.deepEqual((await client.cluster.getSettings({ flat_settings: true })).persistent, {});
  const unknown = await send(mock, "PUT", "/_cluster/settings", {
    body: { persistent: { nonsense: 1 } },
  });
  assert.equal(errorOf(unknown).reason, "persistent setting [nonsense], not recognized");
});

test("takes settings of modules, and neither unknown ones nor those of the keystore", async (t) => {
  const mock = await startFor(t);
  const reasonOf = async (name: string): Promise<unknown> => {
    const answer = await send(mock, "PUT", "/_cluster/settings", {
      body: { persistent: { [name]: "x" } },
    });
    return answer.status === 200 ? undefined : errorOf(answer).reason;
  };
  const taken = ["xpack.monitoring.collection.enabled", "xpack.notification.email.default_account"];
  for (const name of taken) assert.equal(await reasonOf(name), undefined);
  const unknown = "xpack.foo.bar";
  assert.equal(await reasonOf(unknown), `persistent setting [${unknown}], not recognized`);
  for (const name of [
    "xpack.notification.slack.account.a.secure_url",
    "xpack.security.authc.realms.ldap.l.secure_bind_password",
    "xpack.security.enabled",
  ])
    assert.equal(await reasonOf(name), `persistent setting [${name}], not dynamically updateable`);
});

test("publishes the address that it listens on to clients that sniff", async (t) => {
  const { client, mock } = await clientFor(t);
  const answer = await client.nodes.info({ node_id: "_all", metric: "http" });
  const [node] = Object.values(answer.nodes);
  assert.equal(node?.http?.publish_address, `127.0.0.1:${mock.port}`);
  assert.equal(node?.transport, undefined);
  assert.deepEqual((await client.nodes.info({ node_id: "elsewhere" }))._nodes, {
    total: 0,
    successful: 0,
    failed: 0,
  });
  const unknown = await send(mock, "GET", "/_nodes/_all/colour");
  assert.equal(unknown.status, 200, "metrics of nodes that do not exist are left out");
  const misspelt = await send(mock, "GET", "/_nodes/stats/fs,transprot");
  assert.equal(
    errorOf(misspelt).reason,
    "request [/_nodes/stats/fs,transprot] contains unrecognized metric: [transprot] -> did you mean [transport]?",
  );
});

test("describes its state, its stats, its licence and that it has no extra features", async (t) => {
  const { client } = await clientFor(t);
  await client.index({ index: "a", document: {} });
  const state = (await client.cluster.state({ metric: ["metadata", "routing_table"] })) as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  assert.deepEqual(Object.keys(state["metadata"]?.["indices"] ?? {}), ["a"]);
  assert.equal(state["nodes"], undefined);
  const stats = await client.cluster.stats();
  assert.equal(stats.indices.docs.count, 1);
  assert.equal((await client.nodes.stats({ metric: "indices" }))._nodes?.total, 1);
  assert.deepEqual((await client.cluster.pendingTasks()).tasks, []);
  assert.equal((await client.license.get()).license.type, "basic");
  assert.equal((await client.xpack.info()).features.security.enabled, false);
});

test("prints cat tables as text, with headings, chosen and sorted columns, units and help", async (t) => {
  const { client, mock } = await clientFor(t, { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5) });
  await client.bulk({ index: "b", operations: [{ index: {} }, { n: 1 }, { index: {} }, { n: 2 }] });
  await client.indices.create({ index: "a", settings: { number_of_replicas: 0 } });
  const cat = async (target: string): Promise<string> => (await send(mock, "GET", target)).text;
  assert.equal(await cat("/_cat/indices?h=health,index,docs.count"), "green  a 0\nyellow b 2\n");
  assert.equal(await cat("/_cat/indices?v&h=i,dc&s=dc:desc"), "i dc\nb  2\na  0\n");
  assert.equal(await cat("/_cat/indices/b?h=pri.store.size&bytes=b"), "14\n");
  assert.equal(
    await cat("/_cat/indices/b?h=pri,pri.store*&v"),
    "pri pri.store.size\n  1            14b\n",
  );
  assert.equal(await cat("/_cat/count"), "1767323045 03:04:05 2\n");
  assert.equal(await cat("/_cat/indices?health=red"), "");
  assert.match(
    await cat("/_cat/count?help"),
    /^epoch +\| t,time +\| seconds since 1970-01-01 00:00:00 *\n/,
  );
  assert.equal(
    (await send(mock, "GET", "/_cat/count")).headers["content-type"],
    "text/plain; charset=UTF-8",
  );
  assert.equal((await send(mock, "GET", "/_cat/indices?s=colour")).status, 400);
});

test("answers cat tables as JSON whose values are all text", async (t) => {
  const { client, mock } = await clientFor(t);
  await client.indices.create({ index: "a", aliases: { x: {} } });
  assert.deepEqual(
    await client.cat.indices({ format: "json", h: ["index", "pri", "docs.count"] }),
    [{ index: "a", pri: "1", "docs.count": "0" }],
  );
  const byAccept = await send(mock, "GET", "/_cat/aliases", {
    headers: { accept: "application/json" },
  });
  assert.deepEqual(byAccept.json, [
    {
      alias: "x",
      index: "a",
      filter: "-",
      "routing.index": "-",
      "routing.search": "-",
      is_write_index: "-",
    },
  ]);
  const byFormat = await send(mock, "GET", "/_cat/aliases?format=text", {
    headers: { accept: "application/json" },
  });
  assert.equal(byFormat.text, "x a - - - -\n");
});

test("answers every cat endpoint in text and JSON", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: {} });
  const names =
    "aliases allocation count health indices master nodeattrs nodes pending_tasks plugins recovery segments shards templates component_templates thread_pool".split(
      " ",
    );
  for (const name of names) {
    const headed = await send(mock, "GET", `/_cat/${name}?v`);
    assert.equal(headed.status, 200, name);
    assert.match(headed.text, /^\w.*\n/, name);
    const json = await send(mock, "GET", `/_cat/${name}?format=json`);
    assert.ok(Array.isArray(json.json), name);
    assert.match((await send(mock, "GET", `/_cat/${name}?help`)).text, / \| /, name);
  }
  assert.match((await send(mock, "GET", "/_cat")).text, /^=\^\.\^=\n/);
});

test("a health report is yellow as soon as a replica has no node", async (t) => {
  const { client } = await clientFor(t);
  await client.indices.create({ index: "a", settings: { number_of_replicas: 0 } });
  const green = await client.healthReport();
  assert.equal(green.status, "green");
  assert.equal(green.indicators.shards_availability?.details?.started_primaries, 1);
  await client.indices.create({ index: "b", settings: { number_of_replicas: 2 } });
  const yellow = await client.healthReport({ verbose: false });
  assert.deepEqual(
    [yellow.status, yellow.indicators.shards_availability?.symptom],
    ["yellow", "This cluster has 2 unavailable replica shards."],
  );
});
