import assert from "node:assert/strict";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import test from "node:test";
import { explainExact } from "../../leak/artifacts.ts";
import { runGroup } from "../../leak/run-exact.ts";
import { httpConfig } from "../../leak/scenarios/http-group.ts";
import { ordinaryScenarios } from "../../leak/scenarios/ordinary.ts";

void test("a red gate leaves three heap snapshots and says what retains the objects that grew", async () => {
  const summaries: string[] = [];
  await runGroup(
    { config: httpConfig, batches: [ordinaryScenarios.slice(0, 1)] },
    {
      patienceMs: 500,
      prepare: (fixture) => fixture.subject.plant("exchange", 10),
      onRed: async (fixture, result) => void summaries.push(await explainExact(fixture, result)),
    },
  );
  const [summary] = summaries;
  assert.ok(summary !== undefined);
  const folder = dirname(summary);
  try {
    assert.deepEqual((await readdir(folder)).sort(), [
      "1.heapsnapshot",
      "2.heapsnapshot",
      "3.heapsnapshot",
      "summary.txt",
    ]);
    const text = await readFile(summary, "utf8");
    assert.match(text, /instances of Exchange: \d+ before, \d+ after/u);
    // Two loads of 48 requests lie between the snapshots, and every tenth exchange is kept.
    const [, count = "", path = ""] =
      /\n {2}Exchange: \+(\d+) objects, .*retained by\n((?: {6}.*\n)+)/u.exec(text) ?? [];
    assert.ok(Number(count) >= 9 && Number(count) <= 10, text.slice(0, 2000));
    // The array in which the plant keeps them, by the name of its variable.
    assert.match(path, /retained of /u);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
