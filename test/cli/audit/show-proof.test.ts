import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { MadeLog } from "../../audit/read/verify/made-log.ts";
import { startScript } from "../../support/child-process.ts";

async function shown(directory: string, id: string, ...more: readonly string[]): Promise<string> {
  const args = ["audit", "show", id, "--dir", directory, "--no-pager", ...more];
  await using child = startScript("src/cli/main.ts", args);
  assert.deepEqual(await child.exited(60_000), { code: 0, signal: null }, child.stderr);
  return child.stdout;
}

test("audit show says at its end what the log proves", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(4);
  log.sign();
  await log.exchanges(1);
  const ids: string[] = [];
  for await (const entries of readTrail({ directory: log.folder.path }))
    ids.push(...entries.map(({ id }) => id));
  const proven = await shown(log.folder.path, ids[1] ?? "");
  assert.match(proven, /\nproof +As it was signed\n/);
  const late = await shown(log.folder.path, ids[4] ?? "");
  assert.match(late, /\nproof +Not signed yet\n +Both records/);
  await log.end();
  const path = log.folder.file("audit.ndjson");
  const lines = readFileSync(path, "latin1").split("\n");
  writeFileSync(path, lines.with(2, lines[2]?.replace("POST", "PUTT") ?? "").join("\n"), "latin1");
  const changed = await shown(log.folder.path, ids[1] ?? "");
  assert.match(changed, /\nproof +Not as it was signed\n/);
  const widest = Math.max(...changed.split("\n").map((line) => line.length));
  assert.ok(widest <= 100, changed);
});

test("audit verify says of records that nobody has signed that nothing proves them", async () => {
  await using log = await MadeLog.make();
  await log.exchanges(2);
  await using child = startScript("src/cli/main.ts", ["audit", "verify", "--dir", log.folder.path]);
  const { code } = await child.exited(60_000);
  assert.equal(code, 1, child.stdout + child.stderr);
  assert.match(child.stdout, /nobody has signed these records/);
  assert.match(child.stdout, /\nNothing proves these records: 1 finding\.\n$/);
});
