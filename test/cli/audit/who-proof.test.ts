import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { MadeLog } from "../../audit/read/verify/made-log.ts";
import { startScript } from "../../support/child-process.ts";

async function who(
  directory: string,
  ...more: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string }> {
  const asked = ["--index", "logs", "--id", "7", "--proof", "--no-pager", ...more];
  await using child = startScript(
    "src/cli/main.ts",
    ["audit", "who", "--dir", directory, ...asked],
    {
      env: { ...process.env, COLUMNS: "100", NO_COLOR: "1" },
    },
  );
  const { code } = await child.exited(60_000);
  return { code, stdout: child.stdout };
}

/** Somebody is sent the document. */
async function read(log: MadeLog): Promise<void> {
  const get = await log.made.begin({ method: "GET", target: "/logs/_doc/7" });
  log.made.clock.monotonicMs += 5;
  const answer = '{"_index":"logs","_id":"7","found":true,"_source":{}}';
  await log.made.end(get, { responseContentType: "application/json" }, Buffer.from(answer));
}

function standings(csv: string): (string | undefined)[] {
  const [names = "", ...rows] = csv.trimEnd().split("\r\n");
  const at = names.split(",").indexOf("proof");
  return rows.map((row) => row.split(",")[at]);
}

test("audit who says of each row how far the log proves it, and all of it in words", async () => {
  await using log = await MadeLog.make();
  await read(log);
  await read(log);
  log.sign();
  await read(log);
  const { path } = log.folder;
  const csv = await who(path, "--format", "csv");
  assert.deepEqual([csv.code, standings(csv.stdout)], [0, ["proven", "proven", "unsigned"]]);
  const table = await who(path);
  assert.equal(table.code, 0);
  assert.match(table.stdout, /\nproof +As it was signed: 2 of 3 exchanges, such as this one\n/);
  assert.match(table.stdout, /\nproof +Not signed yet: 1 of 3 exchanges/);
  assert.match(table.stdout, /Both records, numbers 0 and 1 of the log audit, are in the newest/);
  await log.end();
  const file = log.folder.file("audit.ndjson");
  const lines = readFileSync(file, "latin1").split("\n");
  writeFileSync(
    file,
    lines.with(1, lines[1]?.replace(":200,", ":201,") ?? "").join("\n"),
    "latin1",
  );
  const changed = await who(path, "--format", "csv");
  assert.deepEqual([changed.code, standings(changed.stdout)[0]], [1, "contradicted"]);
});
