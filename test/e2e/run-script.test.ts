import assert from "node:assert/strict";
import { test } from "node:test";

import { startScript } from "../support/child-process.ts";
import { freePort } from "../support/ports.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

test("make run shows a request on the terminal, and answers a question about it in the browser's API", async () => {
  await using folder = await makeTempDir();
  const [port, mock, explorer] = [await freePort(), await freePort(), await freePort()];
  await using child = startScript("scripts/run.ts", [
    `--audit=${folder.file("audit")}`,
    `--port=${port}`,
    `--mock-port=${mock}`,
    `--explorer-port=${explorer}`,
  ]);
  try {
    await child.stderrMatch(new RegExp(`http://127.0.0.1:${explorer}/`), 30_000);
    // One request, before the rows begin.
    const authorization = `Basic ${Buffer.from("alice:secret").toString("base64")}`;
    await fetch(`http://127.0.0.1:${port}/books/_doc/4711`, { headers: { authorization } });
    await waitFor("the request on the terminal", () => /alice +get +books +404/.test(child.stdout));
    const found = await fetch(`http://127.0.0.1:${explorer}/api/search?q=user%3Aalice`);
    assert.match(await found.text(), /\/books\/_doc\/4711/);
  } finally {
    // It ends its own children, which a killed one would leave.
    child.signal("SIGINT");
    assert.deepEqual(await child.exited(), { code: 0, signal: null });
  }
});
