import assert from "node:assert/strict";
import { test } from "node:test";
import { OutlierDetection } from "../../src/upstream/outlier-detection.ts";
import { endpointAt } from "./upstream-fixture.ts";

const options = { failures: 3, ejectForMs: 10_000, maxEjectedPercent: 50 };

function detect(count: number, changed: Partial<typeof options> = {}) {
  const endpoints = Array.from({ length: count }, (_, i) => endpointAt(i + 1));
  const changes: string[] = [];
  const detection = new OutlierDetection(
    { ...options, ...changed },
    endpoints,
    (endpoint, isEjected) => {
      changes.push(`${endpoint.address.port} ${isEjected ? "out" : "in"}`);
    },
  );
  const at = (index: number) => {
    const endpoint = endpoints[index];
    assert.ok(endpoint !== undefined);
    return endpoint;
  };
  const fail = (index: number, times: number, nowMs: number): void => {
    for (let i = 0; i < times; i += 1) detection.failed(at(index), nowMs);
  };
  return { detection, endpoints, changes, at, fail };
}

test("an endpoint is ejected after failures in a row, and one success starts the count again", () => {
  const { detection, at, fail, changes } = detect(4);
  fail(0, 2, 0);
  detection.succeeded(at(0));
  fail(0, 2, 0);
  assert.deepEqual(changes, []);
  fail(0, 1, 0);
  assert.deepEqual(changes, ["1 out"]);
  assert.equal(at(0).ejectedUntilMs, 10_000);
  assert.equal(at(0).isAvailable, false);
});

test("an endpoint returns when its time is over, on trial: one failure more ejects it for longer", () => {
  const { detection, at, fail, changes } = detect(4);
  let now = 0;
  for (const factor of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]) {
    fail(0, changes.length === 0 ? 3 : 1, now);
    assert.equal(at(0).ejectedUntilMs - now, factor * options.ejectForMs);
    now = at(0).ejectedUntilMs;
    detection.tick(now - 1);
    assert.equal(at(0).isAvailable, false);
    detection.tick(now);
    assert.equal(at(0).isAvailable, true);
    assert.equal(at(0).returnedAtMs, now, "slow start begins");
  }
});

test("a long good time forgives earlier ejections", () => {
  const { detection, at, fail } = detect(4);
  fail(0, 3, 0);
  detection.tick(10_000);
  detection.succeeded(at(0));
  detection.tick(111_000);
  fail(0, 3, 111_000);
  assert.equal(at(0).ejectedUntilMs - 111_000, options.ejectForMs);
});

test("no more than the share of the pool is ejected, and never the last available endpoint", () => {
  const rows: { endpoints: number; percent: number; out: number }[] = [
    { endpoints: 1, percent: 100, out: 0 },
    { endpoints: 2, percent: 100, out: 1 },
    { endpoints: 2, percent: 50, out: 1 },
    { endpoints: 3, percent: 50, out: 1 },
    { endpoints: 4, percent: 50, out: 2 },
    { endpoints: 10, percent: 30, out: 3 },
    { endpoints: 5, percent: 100, out: 4 },
    { endpoints: 5, percent: 0, out: 0 },
  ];
  for (const { endpoints: count, percent, out } of rows) {
    const { endpoints, fail } = detect(count, { maxEjectedPercent: percent });
    for (const [index] of endpoints.entries()) fail(index, 9, 0);
    assert.equal(
      endpoints.filter((one) => one.ejectedUntilMs !== 0).length,
      out,
      `${count} endpoints, ${percent} %`,
    );
  }
});

test("an endpoint that its health check calls unhealthy does not count as one that is left", () => {
  const { at, fail } = detect(2, { maxEjectedPercent: 100 });
  at(1).isHealthy = false;
  fail(0, 9, 0);
  assert.equal(at(0).isAvailable, true);
});

test("an endpoint that another process has ejected is out here as well, and returns", () => {
  const { detection, at, fail } = detect(4);
  detection.follow(at(0), 10_000);
  assert.equal(at(0).isAvailable, false);
  detection.tick(10_000);
  assert.equal(at(0).isAvailable, true);
  fail(0, 1, 10_000);
  assert.equal(at(0).ejectedUntilMs, 30_000, "the second ejection in a row");
});
