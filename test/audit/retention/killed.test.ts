import assert from "node:assert/strict";
import { test } from "node:test";

import { makeTempDir } from "../../support/temp-dir.ts";
import { Random } from "../read/verify/tampered-directory.ts";
import type { LifeOptions } from "./life-options.ts";
import { assertErased, assertVerified, live, recover } from "./lives.ts";

/** `ES_PROXY_LIVES=100` is the long run. */
const lives = Number(process.env["ES_PROXY_LIVES"] ?? 3);
const seed = Number(process.env["ES_PROXY_SEED"] ?? 20_261_129);

const options: LifeOptions = {
  workers: 1,
  format: "ecs",
  compress: true,
  recipients: [],
  keepBytes: 120_000,
  erases: true,
  facts: true,
};

test("kill -9 at any moment of prune, compression and erasure leaves a state that verifies", async (context) => {
  await using folder = await makeTempDir("life");
  const random = new Random(seed);
  const done = new Map<string, number>();
  for (let number = 0; number < lives; number += 1) {
    const writes = 20 + random.next(130);
    const said = await live(folder.path, seed + number, options, writes, "SIGKILL");
    for (const [word = ""] of said.matchAll(/^[\w.]+/gm)) done.set(word, (done.get(word) ?? 0) + 1);
    const what = `life ${number} of seed ${seed}, killed after ${writes} writes:\n${said}`;
    await recover(folder.path, options);
    await assertVerified(folder, what);
    assertErased(folder.path, said, what);
  }
  // What comes to pass in a short run depends on the machine.
  if (lives >= 50)
    for (const action of ["audit.prune", "audit.erase", "erased"])
      assert.ok(done.has(action), action);
  context.diagnostic(JSON.stringify(Object.fromEntries(done)));
});
