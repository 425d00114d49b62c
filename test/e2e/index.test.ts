import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import { startMockEs } from "../../mock-es/index.ts";
import { startScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

test("a proxy with audit.index builds the index of each full segment while it runs", async () => {
  await using folder = await makeTempDir();
  const mock = await startMockEs();
  try {
    const audit = folder.file("audit");
    await using proxy = await startAuditedProxy(folder, {
      endpoint: mock.port,
      audit: { index: true, rotate: { size: "64KiB" } },
    });
    for (let at = 0; at < 100; at += 1) {
      const url = `http://127.0.0.1:${proxy.port}/patients/_doc/${at % 10}`;
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url, { method: "PUT", headers, body: '{"name":"Ada"}' });
      await answer.arrayBuffer();
    }
    const files = (ending: string): string[] =>
      readdirSync(audit).filter((name) => name.endsWith(ending));
    // One more may become full with the last record, which nobody has waited for.
    const full = (): number => files(".ndjson").filter((name) => name !== "audit.ndjson").length;
    assert.ok(full() > 1);
    await waitFor("an index of each", () => files(".index").length === full(), 60_000);
    const asked = ["audit", "who", "--dir", audit, "--index", "patients", "--id", "4"];
    await using who = startScript("src/cli/main.ts", [...asked, "--format", "csv"]);
    const { code } = await who.exited(60_000);
    assert.deepEqual([code, who.stderr], [0, ""]);
    assert.equal(who.stdout.trimEnd().split("\r\n").length, 11);
  } finally {
    await mock.close();
  }
});
