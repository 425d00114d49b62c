import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import type { StressScenario } from "../../stress/harness/scenario.ts";
import { runStress } from "../../stress/harness/run.ts";
import type { StressReport } from "../../stress/report/stress-page.ts";
import { mixed } from "../../stress/scenarios/mixed.ts";
import { retries } from "../../stress/scenarios/retries.ts";
import { startScript } from "../support/child-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";

void test("the command runs the mixture, finds that load, audit and mock agree, and leaves JSON, page and baseline", async () => {
  await using folder = await makeTempDir("stress");
  const args = [
    "--scenario",
    "mixed",
    "--duration",
    "2s",
    "--clients",
    "10",
    "--results",
    folder.path,
    "--baseline",
    "accept",
  ];
  await using child = startScript("stress/main.ts", args);
  const { code } = await child.exited(60_000);
  assert.equal(code, 0, child.stdout + child.stderr);
  const { result } = JSON.parse(
    await readFile(folder.file("stress-mixed.json"), "utf8"),
  ) as StressReport;
  assert.ok(result.load.completed > 0);
  assert.equal(result.reconciled.problemCount, 0);
  // Every answered request and those that were on their way at the end.
  assert.equal(result.reconciled.agreed, result.load.completed + result.load.excused);
  assert.ok(result.reconciled.records >= 2 * result.load.completed);
  assert.match(await readFile(folder.file("stress-mixed.html"), "utf8"), /<p class="passed">/u);
  assert.deepEqual(
    JSON.parse(await readFile(folder.file("stress-mixed-accepted.json"), "utf8")),
    JSON.parse(await readFile(folder.file("stress-mixed.json"), "utf8")),
  );
  assert.match(child.stdout, /requests\/s {2}p50 .* MiB {2}event loop/u);
});

void test("a run fails when answers are not what they must be", async () => {
  // The faults of this scenario without its excuses: every third answer is a 503.
  const unexcused: StressScenario = { ...mixed, faults: retries.faults ?? [] };
  const result = await runStress(unexcused, { clients: 4, durationMs: 1000 });
  assert.ok(result.load.problemCount > 0);
  assert.match(result.failures.join("\n"), /wrong answers, the first: .*status 503/u);
  assert.equal(result.reconciled.problemCount, 0, "the proxy itself did nothing wrong");
});

void test("a run fails when records are missing", async () => {
  const silent: StressScenario = {
    ...mixed,
    config: (parts) =>
      mixed
        .config(parts)
        .replace("pool: elasticsearch}", "pool: elasticsearch, audit: {level: none}}"),
  };
  const result = await runStress(silent, { clients: 2, durationMs: 1000 });
  assert.match(
    result.failures.join("\n"),
    /do not agree, the first: request \d+ has no request record/u,
  );
});

void test("says how it is used, and refuses what it does not know", async () => {
  for (const [args, code, pattern] of [
    [["--help"], 0, /--scenario/u],
    [["--scenario", "nonsense"], 2, /unknown scenario "nonsense"; known: search/u],
    [["--duration", "3"], 2, /--duration needs a time/u],
    [["--clients", "0"], 2, /--clients needs/u],
  ] as const) {
    await using child = startScript("stress/main.ts", args);
    assert.equal((await child.exited()).code, code);
    assert.match(child.stdout + child.stderr, pattern);
  }
});
