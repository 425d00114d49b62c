import assert from "node:assert/strict";
import { test } from "node:test";
import { PoolSet } from "../../src/assembly/pool-set.ts";
import type { PoolParts } from "../../src/assembly/pools.ts";
import { configOf, SharedParts } from "./assembly-fixture.ts";

/** A configuration with these pools, each with what stands behind its endpoints. */
function poolsText(pools: Readonly<Record<string, string>>): string {
  const [first] = Object.keys(pools);
  const sections = Object.entries(pools).map(
    ([name, more]) =>
      `  ${name}: {endpoints: ["http://127.0.0.1:1", "http://127.0.0.1:2"]${more}}\n`,
  );
  return (
    `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: ${first}}]}]\n` +
    `pools:\n${sections.join("")}`
  );
}

function partsOf(shared: SharedParts): PoolParts {
  const { clock, sweep, reads, log } = shared;
  return { clock, sweep, reads, log, onEjected: () => {}, onHealth: () => {} };
}

test("a reload keeps pools that did not change, and gives the others their state", async (t) => {
  using shared = new SharedParts();
  const set = new PoolSet(partsOf(shared));
  t.after(() => set.close());
  set.prepare(await configOf(poolsText({ same: "", other: "" }))).commit();
  const same = set.current.get("same");
  const other = set.current.get("other");
  const endpoint = other?.pool.endpoints[0];
  assert.ok(endpoint !== undefined);
  endpoint.totals.requests = 7;
  endpoint.isHealthy = false;
  const prepared = set.prepare(
    await configOf(poolsText({ same: "", other: ", limits: {connections: 3}", third: "" })),
  );
  assert.ok(set.current.get("other") === other, "nothing changes before the commit");
  prepared.commit();
  assert.ok(set.current.get("same") === same);
  const next = set.current.get("other");
  assert.ok(next !== other);
  assert.equal(next?.pool.options.connections, 3);
  assert.equal(next?.pool.endpoints[0]?.totals.requests, 7);
  assert.equal(next?.pool.endpoints[0]?.isHealthy, false);
  assert.deepEqual([...set.current.keys()], ["same", "other", "third"]);
});

test("what was prepared and not wanted leaves the pools as they were", async (t) => {
  using shared = new SharedParts();
  const set = new PoolSet(partsOf(shared));
  t.after(() => set.close());
  set.prepare(await configOf(poolsText({ one: "", same: "" }))).commit();
  const before = set.current;
  const stopped: string[] = [];
  for (const [name, built] of before)
    Object.assign(built, { stop: () => stopped.push(name) } satisfies Partial<typeof built>);
  const prepared = set.prepare(
    await configOf(poolsText({ one: ", retry: {attempts: 5}", same: "" })),
  );
  prepared.abort();
  assert.deepEqual(stopped, []);
  assert.ok(set.current === before);
  set.followEjection("one", "http://127.0.0.1:1", 60_000);
  const [ejected, left] = set.current.get("one")?.pool.endpoints ?? [];
  assert.deepEqual([ejected?.isAvailable, left?.isAvailable], [false, true], "it still works");
});

test("a TLS file that cannot be used prepares nothing", async (t) => {
  using shared = new SharedParts();
  const set = new PoolSet(partsOf(shared));
  t.after(() => set.close());
  const config = await configOf(poolsText({ one: "" }));
  set.prepare(config).commit();
  const before = set.current;
  const [pool] = Object.values(config.pools);
  assert.ok(pool !== undefined);
  const broken = {
    ...pool,
    name: "two",
    endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, scheme: "https" as const })),
    tls: { ...pool.tls, caFile: "/no/such/file.pem" },
  };
  assert.throws(
    () => set.prepare({ ...config, pools: { ...config.pools, two: broken } }),
    (error: { code?: string }) => error.code === "ESP_ERR_TLS_FILE",
  );
  assert.ok(set.current === before);
});

test("what another worker has noted is followed, for endpoints that are still there", async (t) => {
  using shared = new SharedParts();
  const set = new PoolSet(partsOf(shared));
  t.after(() => set.close());
  const health = ", health: {interval: 60s, timeout: 1s}";
  set.prepare(await configOf(poolsText({ one: health }))).commit();
  const [endpoint] = set.current.get("one")?.pool.endpoints ?? [];
  await set.current.get("one")?.health?.firstRound;
  const isHealthy = endpoint?.isHealthy === true;
  set.followHealth("one", "http://127.0.0.1:1", !isHealthy);
  assert.equal(endpoint?.isHealthy, !isHealthy);
  set.followHealth("one", "http://127.0.0.1:9", isHealthy);
  set.followHealth("gone", "http://127.0.0.1:1", isHealthy);
  set.followEjection("gone", "http://127.0.0.1:1", 1000);
  assert.equal(endpoint?.isHealthy, !isHealthy);
});
