import assert from "node:assert/strict";
import { test } from "node:test";

import { startMockEs } from "../../mock-es/index.ts";
import { FactsFollower } from "../../src/audit/follow/facts-follower.ts";
import { ClusterClient } from "../../src/audit/ship/cluster-client.ts";
import { Shipper } from "../../src/audit/ship/shipper.ts";
import { setUp } from "../../src/audit/ship/stream-setup.ts";
import { openExplorer } from "../../src/explorer/explorer-server.ts";
import { StreamTrail } from "../../src/explorer/stream-trail.ts";
import { basic, MadeTrail } from "../audit/read/made-directory.ts";
import { recordingLog } from "../audit/trail-fixture.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { ask } from "./ask.ts";
import { explore } from "./trail.ts";

const dataStream = "logs-es_proxy.audit-default";

/** A trail of several users, with a scroll, its facts, and all of it in a data stream. */
async function makeFleet(directory: string, url: string): Promise<string> {
  const made = new MadeTrail(directory, { inlineBodyBytes: 4096 });
  for (let n = 0; n < 40; n += 1) {
    made.clock.monotonicMs += 700;
    await made.exchange(
      { authorization: basic(`user-${n % 3}`), target: `/logs-${n % 2}/_search` },
      { status: n % 5 === 0 ? 503 : 200 },
      3 + n,
    );
  }
  const hits = { hits: [{ _index: "logs-0", _id: "7", _source: {} }] };
  const found = await made.begin(
    { authorization: basic("alice"), target: "/logs-0/_search?scroll=1m" },
    Buffer.from("{}"),
  );
  await made.end(found, {}, Buffer.from(JSON.stringify({ _scroll_id: "c1", hits })));
  const page = await made.begin(
    { authorization: basic("alice"), target: "/_search/scroll" },
    Buffer.from(JSON.stringify({ scroll_id: "c1" })),
  );
  await made.end(page, {}, Buffer.from(JSON.stringify({ _scroll_id: "c1", hits: { hits: [] } })));
  await made.trail.close();
  const follower = new FactsFollower({ directory, watch: [] }, () => undefined);
  await follower.finish(Infinity);
  const cluster = {
    nodes: [url],
    authorization: () => Promise.resolve(undefined),
    timeoutMs: 20_000,
  };
  const client = new ClusterClient(cluster);
  await setUp(client, { dataStream, retention: "90d", replicas: 0, codec: "default" });
  await client.close();
  const fail = (reason: unknown): never => assert.fail(JSON.stringify(reason));
  const shipper = new Shipper(
    {
      directory,
      name: "target",
      cluster,
      dataStream,
      host: "proxy-1",
      originOf: () => undefined,
      bodyBytes: 4096,
      everyMs: 1000,
      awaitsFacts: false,
    },
    { problem: fail, gap: fail, lost: fail, failed: fail, refused: fail, shipped: () => undefined },
  );
  await shipper.drain(new AbortController().signal);
  await shipper.close();
  return found.id;
}

/**
 * The last line of an answer, without what tells how far reading was and where bytes stand, and
 * which call of its read an exchange is: of a data stream only the kind of the read is told.
 */
function lastOf(body: string): unknown {
  const last = JSON.parse(body.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
  const records = last["records"];
  if (Array.isArray(records))
    for (const record of records as Record<string, unknown>[]) {
      delete record["segment"];
      delete record["offset"];
    }
  delete last["progress"];
  delete last["read"];
  return last;
}

test("the explorer answers the same of a data stream as of the directory", async (t) => {
  await using directory = await makeTempDir();
  const mock = await startMockEs({ instantRefresh: true, seed: 7 });
  t.after(() => mock.close());
  const id = await makeFleet(directory.path, mock.url);
  await using local = await explore(directory.path);
  const client = new ClusterClient({
    nodes: [mock.url],
    authorization: () => Promise.resolve(undefined),
    timeoutMs: 20_000,
  });
  const fleet = await openExplorer({
    trail: new StreamTrail(client, dataStream),
    bind: { kind: "tcp", host: "127.0.0.1", port: 0 },
    token: undefined,
    log: recordingLog([]),
  });
  t.after(async () => {
    await fleet.close();
    await client.close();
  });
  const untilMs = Date.UTC(2026, 10, 23, 4, 24, 30);
  for (const path of [
    "/api/search",
    "/api/search?limit=7",
    "/api/search?q=user%3A%20user-1%20and%20status%20%3E%3D%20500",
    `/api/search?until=${untilMs}`,
    `/api/search?since=${untilMs}`,
    `/api/older?until=${untilMs}&q=status%3A%20200`,
    "/api/ranking?by=user&sort=count",
    "/api/ranking?by=index&sort=docs",
    "/api/who?index=logs-*&doc=7",
    "/api/reads",
    `/api/entry/${id}`,
    `/api/entry/${id.slice(-12)}`,
  ]) {
    const [expected, answer] = await Promise.all([local, fleet].map(({ url }) => ask(url, path)));
    assert.equal(answer?.status, 200, `${path}: ${answer?.body}`);
    assert.deepEqual(lastOf(answer?.body ?? ""), lastOf(expected?.body ?? ""), path);
  }
  const search = lastOf((await ask(fleet.url, "/api/search")).body) as { found: number };
  assert.equal(search.found, 42);
  const reads = lastOf((await ask(fleet.url, "/api/reads")).body) as { found: number };
  assert.equal(reads.found, 1);
  const proof = await ask(fleet.url, `/api/proof/${id}`);
  assert.match(proof.body, /beside the trail \(audit\.ndjson\) of the proxy/);
  const completion = await ask(fleet.url, "/api/complete?text=user%3A%20user-&cursor=11");
  assert.match(completion.body, /user-2/);
  const none = await ask(fleet.url, "/api/entry/00000000-0000-7000-8000-000000000000");
  assert.equal(none.status, 404);
});

test("a cluster that cannot be asked is told with its reason", async (t) => {
  const client = new ClusterClient({
    nodes: ["http://127.0.0.1:1"],
    authorization: () => Promise.resolve(undefined),
    timeoutMs: 5000,
  });
  const explorer = await openExplorer({
    trail: new StreamTrail(client, dataStream),
    bind: { kind: "tcp", host: "127.0.0.1", port: 0 },
    token: undefined,
    log: recordingLog([]),
  });
  t.after(async () => {
    await explorer.close();
    await client.close();
  });
  const { status, body } = await ask(explorer.url, "/api/search");
  assert.equal(status, 502);
  assert.match(body, /127\.0\.0\.1:1 cannot be reached/);
});
