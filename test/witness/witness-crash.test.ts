import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createHttpClient } from "../../src/attestation/http-client.ts";
import { openSigningKey } from "../../src/attestation/signing-key-file.ts";
import { WitnessClient } from "../../src/attestation/witness-client.ts";
import type { CosignResult } from "../../src/attestation/witness-client.ts";
import { startScript } from "../support/child-process.ts";
import type { Child } from "../support/child-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { GrowingLog } from "./growing-log.ts";

const log = new GrowingLog();
const fork = new GrowingLog(log.origin, 1);

async function start(folder: string, moment: string): Promise<{ child: Child; url: string }> {
  const child = startScript("test/witness/killed-witness.ts", [folder, moment]);
  const [, url = ""] = await child.stderrMatch(/listening on (\S+)/, 20_000);
  return { child, url };
}

/** Asks with a client that remembers nothing, as after a restart of the log. */
async function cosign(
  folder: string,
  url: string,
  from: GrowingLog,
  size: number,
): Promise<CosignResult> {
  const { key } = openSigningKey(`${folder}/w.key`, "witness.example/w1", "ed25519-cosignature");
  const http = createHttpClient();
  try {
    const client = new WitnessClient({ url, keys: [key.verifier] }, http);
    return await client.cosign(from.checkpoint(size), (oldSize) => from.prove(oldSize, size));
  } finally {
    await http.close();
  }
}

test("killed before it has stored, it has signed nothing and forgotten nothing", async () => {
  await using folder = await makeTempDir("witness");
  const honest = await start(folder.path, "never");
  assert.equal((await cosign(folder.path, honest.url, log, 5)).kind, "cosigned");
  await honest.child.kill();
  const killed = await start(folder.path, "before-write");
  assert.equal((await cosign(folder.path, killed.url, log, 9)).kind, "unavailable");
  assert.equal((await killed.child.exited()).signal, "SIGKILL");
  const again = await start(folder.path, "never");
  assert.equal((await cosign(folder.path, again.url, log, 7)).kind, "cosigned", "still at 5");
  await again.child.kill();
});

test("killed between store and answer, it cosigns the same tree again and no other", async () => {
  await using folder = await makeTempDir("witness");
  const killed = await start(folder.path, "after-write");
  assert.equal((await cosign(folder.path, killed.url, log, 9)).kind, "unavailable");
  assert.equal((await killed.child.exited()).signal, "SIGKILL");
  const again = await start(folder.path, "never");
  const other = await cosign(folder.path, again.url, fork, 9);
  assert.equal(other.kind, "conflict", "the answer was lost, the signature may not be");
  assert.equal((await cosign(folder.path, again.url, log, 7)).kind, "conflict", "9 is cosigned");
  assert.equal((await cosign(folder.path, again.url, log, 9)).kind, "cosigned");
  await again.child.kill();
});

test("killed at any moment under load, it never goes behind what it has answered", async () => {
  await using folder = await makeTempDir("witness");
  let answered = 0;
  for (let round = 0; round < 6; round += 1) {
    const { child, url } = await start(folder.path, "never");
    let killing: Promise<unknown> | undefined;
    for (;;) {
      const result = await cosign(folder.path, url, log, answered + 1);
      if (result.kind !== "cosigned") {
        assert.equal(result.kind, "unavailable", JSON.stringify(result));
        break;
      }
      answered += 1;
      // The delay chooses the moment of the kill; nothing waits for it.
      killing ??= sleep(round * 7).then(() => child.kill());
    }
    await killing;
  }
  const { child, url } = await start(folder.path, "never");
  assert.equal((await cosign(folder.path, url, fork, answered + 1)).kind, "conflict");
  assert.equal((await cosign(folder.path, url, log, answered - 1)).kind, "conflict");
  assert.equal((await cosign(folder.path, url, log, answered + 1)).kind, "cosigned");
  await child.kill();
});
