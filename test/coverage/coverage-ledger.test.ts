import assert from "node:assert/strict";
import test from "node:test";
import { BypassingClients } from "../../src/coverage/bypassing-clients.ts";
import { CoverageLedger } from "../../src/coverage/coverage-ledger.ts";
import { coveragePercent, noCounts } from "../../src/coverage/coverage-status.ts";
import type { CoverageCounts, CoverageStatus } from "../../src/coverage/coverage-status.ts";

const start = 1_800_000_000_000;

function measured(minute: number, counts: Partial<CoverageCounts>): CoverageStatus {
  return {
    state: "measured",
    problem: undefined,
    everyMs: 60_000,
    measuredMs: start + minute * 60_000,
    identifiedBy: "connection",
    nodes: 3,
    failedLooks: 0,
    last: { ...noCounts(), seconds: 60, ...counts },
    total: noCounts(),
    clients: [],
  };
}

const someone = { address: "10.0.0.9", agent: "curl", opaqueId: "", node: "n", requests: 2 };

test("an event comes at once when something is missing, else once an hour; none is lost", () => {
  const ledger = new CoverageLedger();
  for (let minute = 1; minute < 60; minute += 1)
    assert.equal(ledger.add(measured(minute, { recorded: 10 }), []), undefined);
  const hourly = ledger.add(measured(60, { recorded: 10 }), []);
  assert.equal(hourly?.outcome, "success");
  assert.equal(hourly.fields["recorded"], 600);
  assert.equal(hourly.fields["from"], new Date(start).toISOString());
  assert.equal(hourly.fields["to"], new Date(start + 3_600_000).toISOString());
  assert.equal(ledger.add(measured(61, { recorded: 4 }), []), undefined);
  const missing = ledger.add(measured(62, { recorded: 3, bypassed: 2 }), [someone]);
  assert.equal(missing?.outcome, "failure");
  assert.deepEqual(
    [missing.fields["recorded"], missing.fields["bypassed"], missing.fields["percent"]],
    [7, 2, 77.77],
  );
  assert.deepEqual(missing.fields["clients"], ["10.0.0.9 curl (2 requests)"]);
  assert.equal(ledger.take(), undefined);
  assert.equal(ledger.add(measured(63, { exempt: 1 }), []), undefined);
  const last = ledger.take();
  assert.deepEqual(last?.fields["exempt"], 1);
  assert.equal(last?.fields["percent"], undefined);
  assert.equal(last?.fields["clients"], undefined);
});

test("a percentage is rounded down, so that 100 means all", () => {
  assert.equal(coveragePercent({ ...noCounts(), recorded: 999_999, bypassed: 1 }), 99.99);
  assert.equal(coveragePercent({ ...noCounts(), recorded: 5, exempt: 7 }), 100);
  assert.equal(coveragePercent({ ...noCounts(), unrecorded: 5 }), 0);
  assert.equal(coveragePercent(noCounts()), undefined);
});

test("remembers a bounded number of clients, and shows those with the most requests", () => {
  const clients = new BypassingClients();
  for (let i = 0; i < 1500; i += 1)
    clients.add({ ...someone, address: `10.0.${i >> 8}.${i & 255}`, requests: i + 1 }, i);
  for (let i = 0; i < 20; i += 1)
    clients.add({ ...someone, address: "10.9.9.9", node: `n${i}`, requests: 1000 }, 2000);
  assert.equal(clients.size, 1000);
  const [first, second, ...rest] = clients.list();
  assert.equal(rest.length, 48);
  assert.deepEqual(
    [first?.address, first?.requests, first?.nodes.length],
    ["10.9.9.9", 20_000, 10],
  );
  assert.equal(second?.requests, 1500);
});
