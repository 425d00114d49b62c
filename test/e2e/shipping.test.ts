import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, createServer as createRelay, type AddressInfo } from "node:net";
import { once } from "node:events";
import { test, type TestContext } from "node:test";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { ClusterClient } from "../../src/audit/ship/cluster-client.ts";
import { setUp } from "../../src/audit/ship/stream-setup.ts";
import { valueAt, type AuditDocument } from "../../src/audit/format/audit-document.ts";
import { startScript } from "../support/child-process.ts";
import { startConfiguredProxy, type ProxyProcess } from "../support/proxy-process.ts";
import { allRecords } from "../audit/read/made-directory.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

const dataStream = "logs-es_proxy.audit-default";
/** An entry waits half a minute for its facts, on a machine that has no time for them. */
const shippedMs = 60_000;

/** A cluster for the audit, one for the traffic, and a folder for the trail between them. */
async function startFleet(t: TestContext) {
  const folder = await makeTempDir();
  const audit = await startMockEs({ instantRefresh: true });
  const traffic = await startMockEs({ instantRefresh: true });
  t.after(async () => {
    await Promise.all([audit.close(), traffic.close()]);
    await folder.remove();
  });
  return { folder, audit, traffic };
}

async function prepare(audit: MockEs): Promise<void> {
  const client = new ClusterClient(clusterAt(audit.url));
  await setUp(client, { dataStream, retention: "90d", replicas: 0, codec: "default" });
  await client.close();
}

function clusterAt(url: string) {
  return { nodes: [url], authorization: () => Promise.resolve(undefined), timeoutMs: 10_000 };
}

function start(
  folder: TempDir,
  { target, traffic, workers = 1 }: { target: string; traffic: MockEs; workers?: number },
): Promise<ProxyProcess> {
  const file = folder.file("es.yaml");
  writeFileSync(
    file,
    `workers: ${workers}
listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["${traffic.url}"]}
audit:
  directory: ${folder.file("audit")}
  rotate: {size: 64KiB}
  facts: true
  ship: [{elasticsearch: "${target}", every: 50ms}]
admin: {bind: "unix:${folder.file("admin.sock")}"}
`,
  );
  return startConfiguredProxy(file);
}

async function call(port: number, method: string, path: string, body?: unknown): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  await response.arrayBuffer();
  return response.status;
}

async function documents(audit: MockEs): Promise<AuditDocument[]> {
  const client = new ClusterClient(clusterAt(audit.url));
  try {
    const page = (await client.request({
      method: "POST",
      path: `/${dataStream}/_search`,
      body: JSON.stringify({ size: 10_000, sort: ["@timestamp"] }),
    })) as { hits: { hits: { _source: AuditDocument }[] } };
    return page.hits.hits.map(({ _source }) => _source);
  } catch {
    return [];
  } finally {
    await client.close();
  }
}

/**
 * Waits until there are so many. To ask for the documents themselves again and again would keep the
 * mock, which answers in this process, from taking any.
 */
async function shippedCount(audit: MockEs, wanted: () => number): Promise<void> {
  await waitFor(
    "the documents",
    async () => {
      const response = await fetch(`${audit.url}/${dataStream}/_count`);
      const { count } = (await response.json()) as { count?: number };
      return count === wanted();
    },
    shippedMs,
  );
}

test("a running proxy ships each exchange with its facts", async (t) => {
  const { folder, audit, traffic } = await startFleet(t);
  await prepare(audit);
  await using proxy = await start(folder, { target: audit.url, traffic, workers: 2 });
  for (let n = 0; n < 10; n += 1) await call(proxy.port, "PUT", `/patients/_doc/${n}`, { n });
  await call(proxy.port, "POST", "/patients/_search", { size: 3 });
  await shippedCount(audit, () => 11);
  const found = await documents(audit);
  const search = found.find((document) => valueAt(document, "event.action") === "search");
  assert.equal(valueAt(search ?? {}, "es_proxy.facts.documents"), 3);
  assert.deepEqual(valueAt(search ?? {}, "es_proxy.facts.indices"), ["patients"]);
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited()).code, 0);
  assert.equal((await documents(audit)).length, 11, "a stop sends nothing twice");
});

test("after a kill everything that is in the trail is shipped, once", async (t) => {
  const { folder, audit, traffic } = await startFleet(t);
  await prepare(audit);
  for (let run = 0; run < 3; run += 1) {
    await using proxy = await start(folder, { target: audit.url, traffic });
    const calls = Array.from({ length: 60 }, (_, n) =>
      call(proxy.port, "PUT", `/i/_doc/${run}-${n}`, { n }).catch(() => 0),
    );
    await calls[20 + 10 * run];
    proxy.child.signal("SIGKILL");
    await Promise.all(calls);
    await proxy.child.exited();
  }
  await using last = await start(folder, { target: audit.url, traffic });
  const recorded = (): string[] => [...allRecords(folder.file("audit")).keys()].sort();
  const shipped = async (): Promise<unknown[]> =>
    (await documents(audit)).map((document) => valueAt(document, "event.id")).sort();
  const all = recorded();
  await shippedCount(audit, () => all.length);
  assert.deepEqual(await shipped(), all);
  assert.equal(await call(last.port, "GET", "/_cluster/health"), 200);
});

test("a target that does not answer holds no request up, and gets everything later", async (t) => {
  const { folder, audit, traffic } = await startFleet(t);
  const silent: Server = createServer(() => undefined);
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const target = `http://127.0.0.1:${port}`;
  await using proxy = await start(folder, { target, traffic });
  for (let n = 0; n < 30; n += 1)
    assert.equal(await call(proxy.port, "PUT", `/i/_doc/${n}`, { n }), 201);
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited()).code, 0, "the stop does not wait for it either");
  silent.closeAllConnections();
  silent.close();
  await prepare(audit);
  await using next = await start(folder, { target: audit.url, traffic });
  await shippedCount(audit, () => 30);
  next.child.signal("SIGTERM");
  assert.equal((await next.child.exited()).code, 0);
});

test("a way round through the proxy itself is noticed by its own records, and ends shipping", async (t) => {
  const { folder, traffic } = await startFleet(t);
  await prepare(traffic);
  let proxyPort = 0;
  const relay = createRelay((client) => {
    const server = connect(proxyPort, "127.0.0.1");
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on("error", () => socket.destroy());
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  t.after(() => relay.close());
  const target = `http://127.0.0.1:${(relay.address() as AddressInfo).port}`;
  await using proxy = await start(folder, { target, traffic });
  proxyPort = proxy.port;
  await call(proxy.port, "GET", "/_cluster/health");
  await proxy.child.stderrMatch(/nothing is shipped any more: .* is reached through this proxy/);
  const bulks = (): number =>
    traffic.requests.all().filter(({ target: path }) => path.includes("_bulk")).length;
  const before = bulks();
  await call(proxy.port, "GET", "/_cluster/health");
  assert.equal(bulks(), before);
  assert.ok(before < 10, `${before} requests went round`);
  const events = [...allRecords(folder.file("audit")).values()].flat();
  assert.ok(events.some((record) => valueAt(record, "event.action") === "audit.ship_stopped"));
  const through = `http://127.0.0.1:${proxy.port}`;
  const args = ["audit", "ship", "--dir", folder.file("audit"), "--to", through];
  await using command = startScript("src/cli/main.ts", args);
  assert.equal((await command.exited()).code, 1);
  assert.match(command.stderr, /is reached through this proxy/);
});
