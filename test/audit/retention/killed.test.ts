import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { Trust } from "../../../src/audit/read/verify/trust.ts";
import { verifyTrail } from "../../../src/audit/read/verify/verify-trail.ts";
import { SystemClock } from "../../../src/core/clock.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { logKey } from "../read/verify/made-log.ts";
import { Random } from "../read/verify/tampered-directory.ts";
import { openTrail } from "../trail-fixture.ts";
import { lifeFollower } from "./life-follower.ts";

/** `ES_PROXY_LIVES=100` is the long run. */
const lives = Number(process.env["ES_PROXY_LIVES"] ?? 4);
const seed = Number(process.env["ES_PROXY_SEED"] ?? 20_261_129);

/** Lives until it is killed; gives what it said. */
async function live(directory: string, number: number, ms: number): Promise<string> {
  const script = join(import.meta.dirname, "random-life.ts");
  const child = spawn(execPath, [script, directory, String(seed + number)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let said = "";
  for await (const chunk of child.stdout) {
    if (said === "") void setTimeout(ms).then(() => child.kill("SIGKILL"));
    said += String(chunk);
  }
  await closed;
  assert.equal(child.signalCode, "SIGKILL", said);
  return said;
}

/** As the next start of a proxy does: recovery, and the log follows what is there. */
async function recover(directory: string): Promise<void> {
  const trail = openTrail(directory, { clock: new SystemClock(), inlineBodyBytes: 64 });
  const follower = lifeFollower(directory);
  await trail.close();
  for (let round = 0; round < 4; round += 1) follower.step(Date.now());
  await follower.finish();
}

async function assertVerified(folder: TempDir, what: string): Promise<void> {
  const trust = Trust.ofKeys([logKey(folder).verifier]);
  const options = { directory: folder.path, trust, held: [], jobs: 1 };
  const { findings } = await verifyTrail(options);
  assert.deepEqual(findings, [], what);
}

test("kill -9 at any moment of prune, compression and erasure leaves a state that verifies", async (context) => {
  await using folder = await makeTempDir("life");
  const random = new Random(seed);
  const done = new Map<string, number>();
  for (let number = 0; number < lives; number += 1) {
    const ms = 300 + random.next(2200);
    const said = await live(folder.path, number, ms);
    for (const line of said.split("\n")) done.set(line, (done.get(line) ?? 0) + 1);
    await recover(folder.path);
    await assertVerified(folder, `life ${number} of seed ${seed}, killed after ${ms} ms:\n${said}`);
  }
  // What comes to pass in a short run depends on the machine.
  if (lives >= 50)
    for (const action of ["audit.prune", "audit.erase"]) assert.ok(done.has(action), action);
  context.diagnostic(JSON.stringify(Object.fromEntries(done)));
});
