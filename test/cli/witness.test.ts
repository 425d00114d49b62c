import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { VerifierKey } from "../../src/tlog/verifier-key.ts";
import { startScript } from "../support/child-process.ts";
import type { Child } from "../support/child-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import type { TempDir } from "../support/temp-dir.ts";
import { GrowingLog } from "../witness/growing-log.ts";

const log = new GrowingLog();

function start(folder: TempDir, args: readonly string[] = [], extra = ""): Child {
  writeFileSync(
    folder.file("witness.yaml"),
    `name: witness.example/w1\nbind: 127.0.0.1:0\ndirectory: state\n${extra}` +
      `logs: [{vkey: ${log.key.verifier.toString()}}]\n`,
  );
  const file = folder.file("witness.yaml");
  return startScript("src/cli/main.ts", ["witness", "--config", file, ...args]);
}

test("cosigns until a signal ends it, and goes on after the next start", async () => {
  await using folder = await makeTempDir("witness");
  for (const [oldSize, size, signal] of [
    [0, 5, "SIGTERM"],
    [5, 9, "SIGINT"],
  ] as const) {
    await using witness = start(folder);
    const [, url] = await witness.stderrMatch(/listening on (\S+)/, 20_000);
    const answer = await fetch(`${url}/add-checkpoint`, {
      method: "POST",
      body: log.request(oldSize, size),
    });
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /^— witness\.example\/w1 /);
    witness.signal(signal);
    assert.deepEqual(await witness.exited(), { code: 0, signal: null });
    assert.equal(readdirSync(folder.file("state")).includes("witness.lock"), false);
  }
});

test("prints its public keys, the same ones each time, and listens on nothing", async () => {
  await using folder = await makeTempDir("witness");
  const extra = "keys: [{type: ed25519}, {type: ml-dsa-44}]\n";
  const printed: string[] = [];
  for (let i = 0; i < 2; i += 1) {
    await using witness = start(folder, ["--vkeys", "--log-level", "error"], extra);
    assert.equal((await witness.exited(20_000)).code, 0);
    assert.equal(witness.stderr, "");
    printed.push(witness.stdout);
  }
  assert.equal(printed[0], printed[1]);
  const keys = printed[0]
    ?.trimEnd()
    .split("\n")
    .map((vkey) => VerifierKey.parse(vkey));
  assert.deepEqual(
    keys?.map(({ name, type }) => [name, type]),
    [
      ["witness.example/w1", "ed25519-cosignature"],
      ["witness.example/w1", "ml-dsa-44-cosignature"],
    ],
  );
});

test("a configuration that cannot be used ends with 78 and says where", async () => {
  await using folder = await makeTempDir("witness");
  await using wrong = start(folder, [], "direktory: x\n");
  assert.equal((await wrong.exited(20_000)).code, 78);
  assert.match(
    wrong.stderr,
    /^\S+witness\.yaml:4:1: direktory: unknown key; did you mean "directory"\?\n$/,
  );
  writeFileSync(folder.file("k.pem"), "not a key");
  await using badKey = start(folder, [], "keys: [{type: ed25519, file: k.pem}]\n");
  assert.equal((await badKey.exited(20_000)).code, 78);
  assert.match(
    badKey.stderr,
    /^es-proxy: the key of the witness cannot be used: \S+k\.pem: the private key/,
  );
  await using usage = startScript("src/cli/main.ts", ["witness"]);
  assert.equal((await usage.exited(20_000)).code, 2);
});

test("an address in use ends with 1", async () => {
  await using folder = await makeTempDir("witness");
  await using other = await makeTempDir("witness");
  await using first = start(folder);
  const [, port = ""] = await first.stderrMatch(/listening on http:\/\/127\.0\.0\.1:(\d+)/, 20_000);
  const file = other.file("witness.yaml");
  const vkey = log.key.verifier.toString();
  writeFileSync(file, `name: w\nbind: 127.0.0.1:${port}\ndirectory: s\nlogs: [{vkey: ${vkey}}]\n`);
  await using second = startScript("src/cli/main.ts", ["witness", "-c", file]);
  assert.equal((await second.exited(20_000)).code, 1);
  assert.match(second.stderr, /the witness cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE\n$/);
});
