import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { BenchResult, PeerResult, ScenarioResult } from "../../stress/bench/results.ts";
import { withCostRows } from "../../stress/report/cost-rows.ts";
import { sentences } from "../../stress/report/sentences.ts";

/** Microseconds of each peer in three rounds: slower by 10 %, as it is, faster by 10 %. */
function scenario(name: string, base: string, cpu: Record<string, number>): ScenarioResult {
  const peers = Object.entries(cpu).map(([peer, microseconds]): PeerResult => ({
    name: peer,
    description: "",
    version: "",
    rounds: [1.1, 1, 0.9].map((factor) => ({
      cpuMicroseconds: peer === base ? microseconds : microseconds * factor,
      mainMicroseconds: microseconds,
      requestsPerSecond: 1,
      foreignShare: 0.02,
      p50Ms: 1,
      p99Ms: 2,
    })),
    residentMiB: 1,
    ...(peer === "es-proxy-audit" ? { diskBytesPerRequest: 3100.4 } : {}),
    ...(peer === "nginx-json" ? { diskBytesPerRequest: 900 } : {}),
  }));
  return {
    name,
    title: "",
    base,
    connections: 1,
    requestsPerRound: 1,
    bytesPerRequest: 1,
    peers,
    absent: [],
  };
}

const result: BenchResult = {
  takenAt: "2026-11-29T10:00:00.000Z",
  command: "",
  machine: { processor: "EPYC, 2 cores", node: "v26.10.0" },
  scenarios: [
    scenario("small", "nginx", { nginx: 10, "es-proxy": 13, "node-undici": 40 }),
    scenario("search", "nginx", { nginx: 10, "nginx-json": 12, "es-proxy-audit": 18 }),
  ],
  verdicts: [],
};

test("a run is told in five sentences, with what was not measured", () => {
  assert.deepEqual(sentences(result), [
    "Without audit a small request costs 1.30 (1.17 to 1.43) times what it costs in nginx.",
    "With everything recorded, a search with its answer costs 1.50 (1.50 to 1.50) times what it " +
      "costs in nginx-json, which logs no answers, and takes 3100 bytes on disk beside 900.",
    "Large bodies, recorded: an answer of 256 KiB costs (not measured beside nginx) without a log, " +
      "an upload of 64 KiB (not measured beside nginx-json).",
    "Among proxies in Node and Rust a small request costs (not measured beside http-proxy-3), " +
      "0.33 (0.33 to 0.33) times what it costs in node-undici and (not measured beside ferrum).",
    "Half of the rounds lie within 10 % of their median, and other programs used 2 % of the " +
      "computer: differences below that are noise.",
  ]);
});

test("a disturbed run says that it should be repeated", () => {
  const scenarios = result.scenarios.map((one) => ({
    ...one,
    peers: one.peers.map((peer) => ({
      ...peer,
      rounds: peer.rounds.map((sample) => ({ ...sample, foreignShare: 0.5 })),
    })),
  }));
  assert.match(sentences({ ...result, scenarios })[4] ?? "", /used 50 % .* repeat on a quiet/u);
});

test("the README gets the rows of a run in place of those that it has", () => {
  const whole = {
    ...result,
    scenarios: [
      scenario("small", "nginx", {
        nginx: 10,
        "es-proxy": 13,
        "node-undici": 40,
        "http-proxy-3": 65,
      }),
      scenario("search", "nginx", { nginx: 10, "nginx-json": 12, "es-proxy-audit": 18 }),
      scenario("upload", "nginx", { nginx: 10, "nginx-json": 100, "es-proxy-audit": 80 }),
      ...["healthy_get", "large_response", "retry_get", "upload_post"].map((name) =>
        scenario(name, "nginx", { ferrum: 40, "es-proxy": 26, "es-proxy-audit": 44 }),
      ),
    ],
  };
  const file = fileURLToPath(new URL("../../README.md", import.meta.url));
  const readme = readFileSync(file, "utf8");
  const once = withCostRows(readme, whole);
  assert.ok(once.includes("| nginx without a log, es-proxy without audit | 1.30 (1.17 to 1.43) |"));
  assert.ok(
    once.includes(
      "everything recorded | 1.50 (1.50 to 1.50); uploads of 64 KiB 0.80 (0.80 to 0.80) |",
    ),
  );
  assert.match(
    once,
    /undici; http-proxy-3 \| 0\.33 \(0\.33 to 0\.33\); 0\.20 \(0\.20 to 0\.20\) \|/u,
  );
  assert.match(
    once,
    /`upload_post` \| 0\.65, 0\.65, 0\.65, 0\.65; everything recorded 1\.10, 1\.10, 1\.10, 1\.10 \|/u,
  );
  assert.ok(once.includes("3 rounds on 2026-11-29, EPYC, 2 cores\n(others used 2 %)"));
  assert.equal(withCostRows(once, whole), once);
  const withoutFerrum = withCostRows(once, { ...whole, scenarios: whole.scenarios.slice(0, -1) });
  assert.doesNotMatch(withoutFerrum, /ferrum-proxy/u, "not measured in each of its scenarios");
  assert.throws(
    () => withCostRows(readme, result),
    /no es-proxy-audit beside nginx-json in upload/u,
  );
  assert.throws(() => withCostRows("# A\n", whole), /no section/u);
});
