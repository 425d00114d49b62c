import assert from "node:assert/strict";
import { test } from "node:test";
import { createBalancer, weightAt } from "../../src/upstream/balancer.ts";
import type { Endpoint } from "../../src/upstream/endpoint.ts";
import { endpointAt, repeatable } from "./upstream-fixture.ts";

function tally(picks: number, pick: (index: number) => Endpoint | undefined): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < picks; i += 1) {
    const port = pick(i)?.address.port ?? 0;
    counts.set(port, (counts.get(port) ?? 0) + 1);
  }
  return counts;
}

test("round_robin gives every endpoint its weight, exactly and spread evenly", () => {
  const endpoints = [endpointAt(1, 5), endpointAt(2, 1), endpointAt(3, 1)];
  const balancer = createBalancer("round_robin", 0);
  const order = Array.from({ length: 7 }, () => balancer.pick(endpoints, "", 0)?.address.port);
  assert.deepEqual(order, [1, 1, 2, 1, 3, 1, 1]);
  assert.deepEqual([...tally(700, () => balancer.pick(endpoints, "", 0))].sort(), [
    [1, 500],
    [2, 100],
    [3, 100],
  ]);
});

test("round_robin goes on in turn when an endpoint leaves and comes back", () => {
  const [one, two, three] = [endpointAt(1), endpointAt(2), endpointAt(3)];
  const balancer = createBalancer("round_robin", 0);
  tally(30, () => balancer.pick([one, two, three], "", 0));
  assert.deepEqual([...tally(20, () => balancer.pick([one, three], "", 0))].sort(), [
    [1, 10],
    [3, 10],
  ]);
  const counts = tally(300, () => balancer.pick([one, two, three], "", 0));
  for (const port of [1, 2, 3])
    assert.ok(Math.abs((counts.get(port) ?? 0) - 100) <= 1, `${port} got ${counts.get(port)}`);
});

test("first_healthy takes the first in the order of the configuration", () => {
  const balancer = createBalancer("first_healthy", 0);
  const [one, two] = [endpointAt(1), endpointAt(2)];
  assert.equal(balancer.pick([one, two], "", 0), one);
  assert.equal(balancer.pick([two], "", 0), two);
  assert.equal(balancer.pick([], "", 0), undefined);
});

test("least_requests takes the less busy of two different endpoints, by weight", () => {
  const endpoints = [endpointAt(1), endpointAt(2), endpointAt(3)];
  const [one, two, three] = endpoints;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  one.active = 10;
  two.active = 5;
  const counts = tally(
    3000,
    (() => {
      const balancer = createBalancer("least_requests", 0, repeatable(7));
      return () => balancer.pick(endpoints, "", 0);
    })(),
  );
  assert.equal(counts.get(1) ?? 0, 0, "the busiest of all never wins against another one");
  assert.ok((counts.get(3) ?? 0) > (counts.get(2) ?? 0));
  const weighted = [endpointAt(1, 10), endpointAt(2, 1)];
  for (const endpoint of weighted) endpoint.active = 4;
  const balancer = createBalancer("least_requests", 0, repeatable(3));
  assert.deepEqual([...tally(50, () => balancer.pick(weighted, "", 0))], [[1, 50]]);
});

test("least_requests spreads evenly when all are equally busy", () => {
  const endpoints = [endpointAt(1), endpointAt(2), endpointAt(3), endpointAt(4)];
  const balancer = createBalancer("least_requests", 0, repeatable(11));
  const counts = tally(8000, () => balancer.pick(endpoints, "", 0));
  for (const [port, count] of counts)
    assert.ok(count > 1700 && count < 2300, `${port} got ${count} of 8000`);
});

test("consistent_hash keeps keys on their endpoint, and moves only those of one that goes", () => {
  const endpoints = [endpointAt(1), endpointAt(2), endpointAt(3), endpointAt(4)];
  const keys = Array.from({ length: 2000 }, (_, i) => `user-${i}`);
  const where = (list: readonly Endpoint[]): (number | undefined)[] => {
    const balancer = createBalancer("consistent_hash", 0);
    return keys.map((key) => balancer.pick(list, key, 0)?.address.port);
  };
  const before = where(endpoints);
  assert.deepEqual(where(endpoints), before, "a new balancer, as after a restart, agrees");
  assert.deepEqual(
    where(endpoints.toReversed()),
    before,
    "the order of the configuration does not matter",
  );
  const after = where(endpoints.slice(0, 3));
  for (const [i, port] of before.entries()) if (port !== 4) assert.equal(after[i], port);
  for (const port of [1, 2, 3, 4]) {
    const share = before.filter((one) => one === port).length;
    assert.ok(share > 380 && share < 620, `${port} has ${share} of 2000 keys`);
  }
});

test("consistent_hash gives keys by weight", () => {
  const endpoints = [endpointAt(1, 3), endpointAt(2, 1)];
  const balancer = createBalancer("consistent_hash", 0);
  const counts = tally(4000, (i) => balancer.pick(endpoints, `k${i}`, 0));
  assert.ok(
    Math.abs((counts.get(1) ?? 0) - 3000) < 200,
    `${counts.get(1)} of 4000 with three quarters of the weight`,
  );
});

test("consistent_hash lets requests without a key go round", () => {
  const endpoints = [endpointAt(1), endpointAt(2)];
  const balancer = createBalancer("consistent_hash", 0);
  assert.deepEqual([...tally(10, () => balancer.pick(endpoints, "", 0))].sort(), [
    [1, 5],
    [2, 5],
  ]);
});

test("an endpoint that has come back gets a share that grows to its weight", () => {
  const endpoint = endpointAt(1, 10);
  assert.equal(weightAt(endpoint, 10_000, 5000), 10, "never away");
  endpoint.returnedAtMs = 100_000;
  const rows: [number, number][] = [
    [0, 0.5],
    [100, 0.5],
    [2500, 2.5],
    [5000, 5],
    [9999, 9.999],
    [10_000, 10],
    [99_000, 10],
  ];
  for (const [sinceMs, weight] of rows)
    assert.equal(
      weightAt(endpoint, 10_000, 100_000 + sinceMs).toFixed(6),
      weight.toFixed(6),
      `after ${sinceMs} ms`,
    );
  assert.equal(weightAt(endpoint, 0, 100_000), 10, "without slow start at once");
  const other = endpointAt(2, 10);
  const balancer = createBalancer("round_robin", 10_000);
  const counts = tally(110, () => balancer.pick([endpoint, other], "", 101_000));
  assert.deepEqual([...counts].sort(), [
    [1, 10],
    [2, 100],
  ]);
});
