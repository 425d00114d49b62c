import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import test from "node:test";
import { startScript } from "../support/child-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { testVariants } from "../support/test-variants.ts";

testVariants(
  "Node's own profiler leaves a file of the proxy under load",
  { flame: ".cpuprofile", heap: ".heapprofile" },
  async (ending, tool) => {
    await using folder = await makeTempDir("clinic");
    const args = [tool, "--duration", "1", "--clients", "4", "--dest", folder.path, "--node-only"];
    await using child = startScript("stress/clinic/main.ts", args);
    assert.equal((await child.exited(60_000)).code, 0, child.stdout + child.stderr);
    assert.match(child.stdout, /[1-9]\d* requests, 0 wrong answers/u);
    assert.ok((await readdir(folder.path)).some((name) => name.endsWith(ending)));
  },
);

void test("says how the profilers are used", async () => {
  await using child = startScript("stress/clinic/main.ts", ["nonsense"]);
  assert.equal((await child.exited()).code, 2);
  assert.match(child.stderr, /^the tool is one of doctor, flame, heap, not "nonsense"/u);
});
