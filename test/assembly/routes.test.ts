import assert from "node:assert/strict";
import { test } from "node:test";
import { forgetMetrics } from "../../src/assembly/forget-metrics.ts";
import { httpListeners } from "../../src/assembly/http-listeners.ts";
import { PoolSet } from "../../src/assembly/pool-set.ts";
import { RouteBuilder } from "../../src/assembly/routes.ts";
import type { ProxyConfig } from "../../src/config/config.ts";
import { Registry } from "../../src/metrics/registry.ts";
import { configOf, SharedParts } from "./assembly-fixture.ts";

const text =
  'listeners: [{name: es, bind: "127.0.0.1:0", routes: [' +
  "{name: limited, path: /a, pool: es, rate_limit: {requests: 1, per: 1h}}," +
  " {name: rest, path: /, pool: es}]}]\n" +
  'pools: {es: {endpoints: ["http://127.0.0.1:1"]}}\n';

test("a bucket stays as full as it is when a reload leaves its limit alone", async (t) => {
  using shared = new SharedParts();
  const { clock, sweep, reads, log } = shared;
  const set = new PoolSet({ clock, sweep, reads, log, onEjected: () => {}, onHealth: () => {} });
  t.after(() => set.close());
  const builder = new RouteBuilder(new Registry());
  const config = await configOf(text);
  const { pools } = set.prepare(config);
  const limitOf = (of: ProxyConfig) => {
    const [listener] = httpListeners(of);
    assert.ok(listener !== undefined);
    const request = { method: "GET", target: "/a", host: undefined, fieldValues: () => [] };
    const route = builder.router(listener, pools).match(request);
    return typeof route === "object" ? route.rateLimit : undefined;
  };
  const limit = limitOf(config);
  assert.equal(limit?.take("client", 0), 0);
  assert.notEqual(limit?.take("client", 0), 0, "it is empty");
  assert.ok(limitOf(await configOf(text)) === limit);
  const raised = limitOf(await configOf(text.replace("requests: 1", "requests: 2")));
  assert.equal(raised?.take("client", 0), 0, "a changed limit begins anew");
  for (const built of pools.values()) built.stop();
});

test("metrics of what is no longer configured are forgotten, the others go on counting", async () => {
  const registry = new Registry();
  const config = await configOf(text);
  for (const [kind, ...labels] of [
    ["listener", "es"],
    ["listener", "old"],
    ["route", "es", "rest"],
    ["route", "es", "old"],
    ["route", "es", "(none)"],
    ["tcp", "old"],
    ["pool", "es"],
    ["pool", "old"],
    ["endpoint", "es", "http://127.0.0.1:1"],
    ["endpoint", "es", "http://127.0.0.1:2"],
    ["audit"],
  ] as const)
    registry.block(kind, ...labels).values[0] = 5;
  forgetMetrics(registry, config);
  const left = registry
    .snapshot()
    .filter(({ values }) => values[0] === 5)
    .map(({ kind, labels }) => [kind, ...labels].join(" "));
  assert.deepEqual(left, [
    "listener es",
    "route es rest",
    "route es (none)",
    "pool es",
    "endpoint es http://127.0.0.1:1",
    "audit",
  ]);
});
