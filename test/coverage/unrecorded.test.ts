import assert from "node:assert/strict";
import test from "node:test";
import { routeKey, unrecordedRequests } from "../../src/coverage/unrecorded.ts";
import { countersOf } from "../../src/metrics/merge.ts";
import { slot } from "../../src/metrics/metric-slots.ts";
import { Registry } from "../../src/metrics/registry.ts";
import { RouteMetrics } from "../../src/metrics/route-metrics.ts";

test("counts what routes without records have forwarded, in progress and ended, and lost records", () => {
  const registry = new Registry();
  const silent = new RouteMetrics(registry.block("route", "es", "/_cat").values);
  const loud = new RouteMetrics(registry.block("route", "es", "/").values);
  for (let i = 0; i < 5; i += 1) silent.began();
  silent.ended(1, 200, "completed", 2, true);
  silent.ended(1, 0, "client_aborted", 1, true);
  silent.ended(1, 503, "rejected", 0, true);
  loud.began();
  loud.ended(1, 200, "completed", 1, true);
  registry.block("audit").values[slot.audit.dropped] = 4;
  const routes = new Set([routeKey("es", "/_cat")]);
  // Two in progress, one completed with two attempts, one aborted, four records lost.
  assert.equal(unrecordedRequests(registry.snapshot(), routes), 2 + 2 + 1 + 4);
  assert.equal(unrecordedRequests(registry.snapshot(), new Set()), 4);
  assert.equal(unrecordedRequests(countersOf(registry.snapshot()), routes), 2 + 1 + 4);
});
