import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { test } from "node:test";
import { Client } from "@elastic/elasticsearch";
import type { MockEs } from "../../mock-es/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { clientFor, send, startFor } from "./running-mock.ts";

/** The HTTP stats of the nodes in the order of their addresses. */
async function httpStats(mock: MockEs) {
  const client = new Client({ node: mock.url });
  const { nodes } = await client.nodes.stats({ metric: "http" });
  await client.close();
  return mock.store.nodes.map(({ id }) => nodes[id]?.http);
}

async function get(agent: Agent, url: string, headers = {}): Promise<void> {
  const asked = request(url, { agent, headers }).end();
  const [response] = (await once(asked, "response")) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, "end");
}

test("has as many nodes as were asked for, each with an address of its own", async (t) => {
  const { client, mock } = await clientFor(t, { nodes: 3 });
  assert.equal(new Set(mock.nodeUrls).size, 3);
  const { nodes } = await client.nodes.info({ node_id: "_all", metric: "http" });
  assert.deepEqual(
    mock.store.nodes.map(({ id }) => `http://${nodes[id]?.http?.publish_address}`),
    mock.nodeUrls,
  );
  const health = await client.cluster.health({ wait_for_nodes: ">=3", timeout: "1ms" });
  assert.deepEqual(
    [health.timed_out, health.number_of_nodes, health.number_of_data_nodes],
    [false, 3, 1],
  );
  assert.equal((await client.cat.nodes({ format: "json" })).length, 3);
  assert.equal(Object.keys((await client.cluster.state({ metric: "nodes" }))["nodes"]).length, 3);
});

test("every node has the same documents", async (t) => {
  const mock = await startFor(t, { nodes: 2 });
  const [first = "", second = ""] = mock.nodeUrls;
  await fetch(`${first}/a/_doc/1`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.equal((await fetch(`${second}/a/_doc/1`)).status, 200);
});

test("finds nodes by id, name and address, the one that was asked and the master", async (t) => {
  const mock = await startFor(t, { nodes: 3 });
  const [, second = ""] = mock.nodeUrls;
  const ids = mock.store.nodes.map(({ id }) => id);
  const found = async (base: string, filter: string): Promise<number[]> => {
    const answer = await fetch(`${base}/_nodes/${filter}/http`);
    const { nodes } = (await answer.json()) as { nodes: Record<string, unknown> };
    return Object.keys(nodes).map((id) => ids.indexOf(id));
  };
  assert.deepEqual(await found(second, "_local"), [1]);
  assert.deepEqual(await found(mock.url, "_local"), [0]);
  assert.deepEqual(await found(second, "_master"), [0]);
  assert.deepEqual(await found(second, `${ids[2]},mock-es-node-2`), [1, 2]);
  assert.deepEqual(await found(second, "data:true"), [0]);
});

test("each node counts its own connections, and what they asked for", async (t) => {
  const mock = await startFor(t, { nodes: 2 });
  const [, second = ""] = mock.nodeUrls;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await get(agent, `${second}/`, { "user-agent": "me", "x-opaque-id": "7" });
  await get(agent, `${second}/_cat/health?v`);
  const [, before] = await httpStats(mock);
  assert.equal(before?.current_open, 1);
  assert.equal(before?.total_opened, 1);
  const [client] = before?.clients ?? [];
  assert.equal(client?.request_count, 2);
  assert.equal(client?.agent, "me");
  assert.equal(client?.x_opaque_id, "7");
  assert.equal(client?.last_uri, "/_cat/health?v");
  assert.equal(client?.local_address, second.slice("http://".length));
  assert.equal(client?.closed_time_millis, undefined);
  agent.destroy();
  await waitFor("its end", async () => (await httpStats(mock))[1]?.current_open === 0);
  const [first, after] = await httpStats(mock);
  assert.equal(after?.total_opened, 1);
  assert.equal(after?.clients?.length, 1);
  assert.ok((after?.clients?.[0]?.closed_time_millis ?? 0) > 0);
  assert.ok((first?.total_opened ?? 0) >= 3);
});

test("forgets connections that were closed more than five minutes ago", async (t) => {
  let now = 1_000_000;
  const mock = await startFor(t, { nowMs: () => now });
  await send(mock, "GET", "/");
  const closed = async (): Promise<number | undefined> =>
    (await httpStats(mock))[0]?.clients?.find((one) => one.closed_time_millis === now)?.id;
  await waitFor("the end of its connection", async () => (await closed()) !== undefined);
  const id = await closed();
  now += 300_000;
  const isThere = async (): Promise<boolean> =>
    (await httpStats(mock))[0]?.clients?.some((one) => one.id === id) === true;
  assert.equal(await isThere(), true);
  now += 1;
  assert.equal(await isThere(), false);
});
