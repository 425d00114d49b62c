import assert from "node:assert/strict";
import { test } from "node:test";
import type { PeerResult, ScenarioResult } from "../../stress/bench/results.ts";
import { cpuRatio, judge } from "../../stress/bench/results.ts";
import { pairedRatios, percentileOf, spreadOf } from "../../stress/bench/statistics.ts";
import { fitUsl, uslRate } from "../../stress/bench-scale/usl.ts";
import type { Target } from "../../stress/bench/targets.ts";

test("summarises samples by median and range", () => {
  assert.deepEqual(spreadOf([5, 1, 3]), { median: 3, min: 1, max: 5 });
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  assert.throws(() => spreadOf([]), RangeError);
  assert.equal(percentileOf([0, 10], 0.99), 9.9);
});

test("takes ratios within a round, so that a slow round does not show", () => {
  assert.deepEqual(pairedRatios([10, 100, 12], [20, 200, 24]), [0.5, 0.5, 0.5]);
  assert.throws(() => pairedRatios([1, 2], [1]), RangeError);
  assert.deepEqual(cpuRatio(resultOf({ a: [10, 100], b: [20, 200] }), "a", "b"), {
    median: 0.5,
    min: 0.5,
    max: 0.5,
  });
});

test("a fit of the scalability law finds the figures that samples were made with", () => {
  const law = { lambda: 20_000, sigma: 0.05, kappa: 0.002 };
  const samples = [1, 2, 4, 8].map((workers) => ({ workers, perSecond: uslRate(law, workers) }));
  const fit = fitUsl(samples);
  assert.ok(Math.abs(fit.lambda / law.lambda - 1) < 1e-6);
  assert.ok(Math.abs(fit.sigma - law.sigma) < 1e-6);
  assert.ok(Math.abs(fit.kappa - law.kappa) < 1e-6);
  assert.throws(() => fitUsl(samples.slice(0, 2)), RangeError);
  const faster = samples.map(({ workers }) => ({ workers, perSecond: 1000 * workers ** 1.1 }));
  assert.deepEqual({ ...fitUsl(faster), lambda: 0 }, { lambda: 0, sigma: 0, kappa: 0 });
});

test("a target on CPU time holds up to its bound and is missed above", () => {
  const target: Target = { scenario: "s", peer: "a", base: "b", figure: "cpu", bound: 1.25 };
  assert.equal(judge([resultOf({ a: [25], b: [20] })], [target])[0]?.holds, true);
  assert.equal(judge([resultOf({ a: [26], b: [20] })], [target])[0]?.holds, false);
});

test("a target on throughput holds from its bound upwards", () => {
  const target: Target = { scenario: "s", peer: "a", base: "b", figure: "throughput", bound: 0.8 };
  // The rate in these results is the inverse of the CPU time.
  assert.equal(judge([resultOf({ a: [10], b: [8] })], [target])[0]?.holds, true);
  assert.equal(judge([resultOf({ a: [11], b: [8] })], [target])[0]?.holds, false);
});

test("a target whose peer is absent is named with the reason, and neither holds nor is missed", () => {
  const target: Target = { scenario: "s", peer: "a", base: "gone", figure: "cpu", bound: 1 };
  const result = { ...resultOf({ a: [1] }), absent: [{ name: "gone", reason: "not on PATH" }] };
  assert.deepEqual(judge([result], [target]), [{ target, reason: "gone: not on PATH" }]);
});

function resultOf(cpu: Readonly<Record<string, readonly number[]>>): ScenarioResult {
  const peers = Object.entries(cpu).map(([name, samples]): PeerResult => {
    const rounds = samples.map((sample) => ({
      cpuMicroseconds: sample,
      mainMicroseconds: sample,
      requestsPerSecond: 1000 / sample,
      foreignShare: 0,
      p50Ms: 1,
      p99Ms: 2,
    }));
    return { name, description: "", version: "", rounds, residentMiB: 1 };
  });
  return {
    name: "s",
    title: "",
    base: "b",
    connections: 1,
    requestsPerRound: 1,
    bytesPerRequest: 1,
    peers,
    absent: [],
  };
}
