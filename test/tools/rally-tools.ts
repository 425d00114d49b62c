/** Rally, Elastic's benchmark, with a small track against mock-es. Run by `make test-tools`. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { startMockEs } from "../../mock-es/index.ts";
import { pythonWith, runProgram, temporaryFolder } from "./tools.ts";

const documents = 2000;
const telemetry = ["node-stats", "shard-stats", "recovery-stats", "segment-stats"];
/** Rally waits for its own processes for most of the time. */
const raceMs = 600_000;

test("Rally races a track with bulks, searches, pages and points in time", async (t) => {
  const python = await pythonWith(t, ["esrally==2.13.0"]);
  if (python === undefined) return;
  const folder = await temporaryFolder(t);
  await cp(join(import.meta.dirname, "rally"), folder, { recursive: true });
  const lines = Array.from({ length: documents }, (_, n) =>
    JSON.stringify({ n, k: `k${n % 7}`, t: `some words ${n}` }),
  );
  await writeFile(join(folder, "documents.json"), `${lines.join("\n")}\n`);
  await mkdir(join(folder, "home"));
  const mock = await startMockEs();
  t.after(() => mock.close());
  const report = join(folder, "report.csv");
  const { stdout } = await runProgram(
    join(python, "..", "esrally"),
    [
      "race",
      "--offline",
      "--pipeline=benchmark-only",
      `--target-hosts=${new URL(mock.url).host}`,
      `--track-path=${folder}`,
      "--on-error=abort",
      `--telemetry=${telemetry.join()}`,
      "--report-format=csv",
      `--report-file=${report}`,
    ],
    raceMs,
    { env: { RALLY_HOME: join(folder, "home") } },
  );
  assert.match(stdout, /SUCCESS/);
  assert.equal(mock.store.indices.get("rally")?.documentCount, documents);
  const rows = (await readFile(report, "utf8")).trim().split("\n");
  const errors = rows.filter((row) => row.startsWith("error rate"));
  assert.ok(errors.length >= 4, rows.join("\n"));
  for (const row of errors) assert.match(row, /,0(?:\.0+)?,/);
  // From jvm.gc of nodes stats, and from index stats.
  for (const metric of ["Total Young Gen GC time", "Cumulative indexing time of primary shards"])
    assert.ok(
      rows.some((row) => row.startsWith(metric)),
      `${metric} is missing:\n${rows.join("\n")}`,
    );
});
