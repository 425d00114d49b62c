import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { planDescriptors } from "../../src/assembly/descriptor-plan.ts";
import type { ProxyConfig } from "../../src/config/config.ts";
import { configOf } from "./assembly-fixture.ts";

const route = "routes: [{path: /, pool: es}]";
const endpoint = 'endpoints: ["http://127.0.0.1:1"]';

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, number) => total + number, 0);

function totals({ listeners, pools }: ProxyConfig) {
  return {
    clients: listeners.map(({ maxConnections }) => maxConnections),
    pools: Object.values(pools).map(({ limits }) => limits.connections),
  };
}

test("a configuration that fits stays as it is, the very object", async () => {
  const config = await configOf(`
listeners: [{name: es, bind: "127.0.0.1:0", ${route}}]
pools: {es: {${endpoint}}}
`);
  for (const most of [20_000, 1_048_576, Infinity])
    assert.equal(planDescriptors(config, most).config, config);
});

test("with 256 descriptors clients and endpoints get half each of what files leave", async () => {
  const config = await configOf(`
listeners: [{name: es, bind: "127.0.0.1:0", ${route}}]
pools: {es: {${endpoint}}}
`);
  const plan = planDescriptors(config, 256);
  assert.deepEqual(totals(plan.config), { clients: [96], pools: [48] });
  assert.deepEqual(plan.lowered, [
    { name: 'max_connections of listener "es"', configured: 10_000, used: 96 },
    { name: 'limits.connections of pool "es"', configured: 256, used: 48 },
  ]);
});

test("the operator's listeners keep descriptors of their own", async () => {
  const services = 'admin: {bind: "127.0.0.1:0"}\nexplorer: {bind: "127.0.0.1:0"}\n';
  const audit = "audit: {directory: /tmp/audit}\n";
  const config = await configOf(`
listeners: [{name: es, bind: "127.0.0.1:0", ${route}}]
pools: {es: {${endpoint}}}
${services}${audit}`);
  assert.deepEqual(totals(planDescriptors(config, 256).config), { clients: [32], pools: [16] });
});

test("no limit is a limit, too, and small pools leave more to clients", async () => {
  const config = await configOf(`
listeners: [{name: es, bind: "127.0.0.1:0", max_connections: 0, ${route}}]
pools: {es: {${endpoint}, limits: {connections: 10}}}
`);
  const { config: fitted } = planDescriptors(config, 1064);
  assert.deepEqual(totals(fitted), { clients: [980], pools: [10] });
});

test("whatever is configured and whatever the limit is, files keep their reserve", async () => {
  const base = await configOf(`
listeners: [{name: es, bind: "127.0.0.1:0", ${route}}]
pools: {es: {${endpoint}}}
`);
  const [listener] = base.listeners;
  const pool = base.pools["es"];
  assert.ok(listener !== undefined && pool !== undefined);
  const limits = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 5 });
  const sizes = fc.array(
    fc.record({
      connections: fc.integer({ min: 1, max: 5000 }),
      endpoints: fc.integer({ min: 1, max: 5 }),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 300, max: 100_000 }), limits, sizes, (most, maxima, pools) => {
      const config = {
        ...base,
        listeners: maxima.map((maxConnections) => ({ ...listener, maxConnections })),
        pools: Object.fromEntries(
          pools.map(({ connections, endpoints }, n) => [
            `p${n}`,
            {
              ...pool,
              name: `p${n}`,
              endpoints: Array.from({ length: endpoints }, () => pool.endpoints[0]),
              limits: { ...pool.limits, connections },
            },
          ]),
        ),
      } as ProxyConfig;
      const { config: fitted } = planDescriptors(config, most);
      const clients = fitted.listeners.map(({ maxConnections }) => maxConnections);
      const upstream = Object.values(fitted.pools).map(
        ({ endpoints, limits: { connections } }) => endpoints.length * connections * 2,
      );
      const all = sum([...clients, ...upstream]);
      assert.ok(clients.every((number) => number >= 1));
      // Each endpoint keeps one connection, and one to park.
      const least = sum(pools.map(({ endpoints }) => 2 * endpoints));
      assert.ok(all + 64 <= most + least, `${all} of ${most}`);
    }),
  );
});
