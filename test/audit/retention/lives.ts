/** Lives of trails in processes of their own, and what must be so after each. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { zstdDecompressSync } from "node:zlib";

import { FactsFollower } from "../../../src/audit/follow/facts-follower.ts";
import { Trust } from "../../../src/audit/read/verify/trust.ts";
import { verifyTrail } from "../../../src/audit/read/verify/verify-trail.ts";
import { SystemClock } from "../../../src/core/clock.ts";
import type { TempDir } from "../../support/temp-dir.ts";
import { logKey } from "../read/verify/made-log.ts";
import { openTrail } from "../trail-fixture.ts";
import { lifeFollower } from "./life-follower.ts";
import type { LifeOptions } from "./life-options.ts";

/** How a life ends. */
export type LifeEnd = "SIGKILL" | "SIGTERM";

/**
 * Lives until it has written so many times, so that as much happens on a slow machine; gives what
 * it said.
 */
export async function live(
  directory: string,
  seed: number,
  options: LifeOptions,
  writes: number,
  end: LifeEnd,
): Promise<string> {
  const script = join(import.meta.dirname, "random-life.ts");
  const child = spawn(execPath, [script, directory, String(seed), JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let said = "";
  let count = 0;
  for await (const line of createInterface(child.stdout)) {
    said += line === "wrote" ? "" : `${line}\n`;
    count += Number(line === "wrote");
    if (count === writes && line === "wrote") child.kill(end);
  }
  await closed;
  if (end === "SIGKILL") assert.equal(child.signalCode, "SIGKILL", said);
  else assert.match(said, /^stopped$/m);
  return said;
}

/** As the next start of a proxy does: recovery, and log and facts follow what is there. */
export async function recover(directory: string, options: LifeOptions): Promise<void> {
  const { workers, format } = options;
  const numbers = workers === 1 ? [undefined] : [1, 2, 3].slice(0, workers);
  for (const worker of numbers)
    await openTrail(directory, {
      clock: new SystemClock(),
      worker,
      format,
      inlineBodyBytes: 64,
    }).close();
  const follower = lifeFollower(directory);
  for (let round = 0; round < 4; round += 1) follower.step(Date.now());
  await follower.finish();
  if (options.facts) await new FactsFollower({ directory, watch: [] }, () => undefined).finish();
}

export async function assertVerified(folder: TempDir, what: string): Promise<void> {
  const trust = Trust.ofKeys([logKey(folder).verifier]);
  const options = { directory: folder.path, trust, held: [], jobs: 1 };
  const { findings } = await verifyTrail(options);
  assert.deepEqual(findings, [], what);
}

/** Nothing of the exchanges whose erasure was reported is in any file that can be read. */
export function assertErased(directory: string, said: string, what: string): void {
  const markers = new Set(
    Array.from(said.matchAll(/^erased (.+)$/gm), ([, list = ""]) => list.split(" ")).flat(),
  );
  for (const name of readdirSync(directory)) {
    if (!/^\.?audit.*\.(?:ndjson|log|pack|zst|facts|documents|new)$/.test(name)) continue;
    const bytes = readFileSync(join(directory, name));
    const isCompressed = bytes.length > 4 && bytes.readUInt32LE(0) === 0xfd2fb528;
    const text = (isCompressed ? zstdDecompressSync(bytes) : bytes).toString("latin1");
    for (const [marker] of text.matchAll(/m\d+x\d+z/g))
      assert.ok(!markers.has(marker), `${marker} is in ${name}; ${what}`);
  }
}
