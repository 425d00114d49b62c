import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { parseCheckpoint } from "../../src/tlog/checkpoint.ts";
import { parseNote } from "../../src/tlog/note.ts";
import { seededKey } from "../tlog/keys.ts";
import { startLocalWitness, witnessOptions, type LocalWitness } from "../witness/local-witness.ts";
import { startScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import { startOrigin, type RecordingOrigin } from "../support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { unzip } from "../support/unzip.ts";
import { waitFor } from "../support/wait-for.ts";

const origin = "example.com/es-proxy-test";

let folder: TempDir;
let witnessFolder: TempDir;
let witness: LocalWitness;
let server: RecordingOrigin;
const trail = (): string => folder.file("audit");

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function verify(...args: readonly string[]): Promise<Outcome> {
  return audit("verify", ...args);
}

async function audit(...args: readonly string[]): Promise<Outcome> {
  await using child = startScript("src/cli/main.ts", ["audit", ...args]);
  const { code } = await child.exited(20_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** A trail of a proxy whose checkpoints a real witness has cosigned. */
before(async () => {
  folder = await makeTempDir();
  witnessFolder = await makeTempDir();
  server = await startOrigin();
  const key = seededKey(origin, 5);
  writeFileSync(folder.file("log.key"), key.toPem(), { mode: 0o600 });
  // The witness's key stands in its file after the first start.
  const options = witnessOptions(witnessFolder.path, []);
  witness = await startLocalWitness({ ...options, logs: [{ origin, keys: [key.verifier] }] });
  const { openWitnessKeys } = await import("../../src/witness/running-witness.ts");
  const silent = (): void => undefined;
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const [witnessKey] = openWitnessKeys(options.name, options.keys, log);
  assert.ok(witnessKey !== undefined);
  await using proxy = await startAuditedProxy(folder, {
    endpoint: server.port,
    audit: {
      proof: {
        origin,
        key_file: folder.file("log.key"),
        checkpoint_every: "100ms",
        witnesses: [{ url: witness.running.url, vkey: witnessKey.verifier.toString() }],
      },
    },
  });
  for (let at = 0; at < 20; at += 1)
    await (await fetch(`http://127.0.0.1:${proxy.port}/i/_doc/${at}`)).arrayBuffer();
  await waitFor("a cosigned checkpoint", () => {
    try {
      const note = parseNote(readFileSync(folder.file("audit", "tlog", "audit", "checkpoint")));
      return note.signatures.length === 2 && parseCheckpoint(note.text).size > 20;
    } catch {
      return false;
    }
  });
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited(20_000)).code, 0, proxy.child.stderr);
});

after(async () => {
  await witness[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await folder.remove();
  await witnessFolder.remove();
});

test("a trail is verified with the keys that it names, and with those that were given", async () => {
  const own = await verify("--dir", trail());
  assert.equal(own.code, 0, own.stderr + own.stdout);
  assert.match(own.stdout, /^audit: 4[0-9] records in 1 segment,/m);
  assert.match(own.stdout, /by witness\.example\/w1 at 20\d\d-/);
  assert.match(own.stdout, /note: the keys are those that the directory itself names/);
  const policy = folder.file("policy.txt");
  cpSync(folder.file("audit", "tlog", "policy"), policy);
  const given = await verify("--dir", trail(), "--policy", policy, "--json", "-j", "2");
  assert.equal(given.code, 0, given.stderr + given.stdout);
  const result = JSON.parse(given.stdout) as {
    readonly ok: boolean;
    readonly keys_from: string;
    readonly logs: readonly { readonly witnessed: { readonly records: number } }[];
  };
  assert.equal(result.ok, true);
  assert.equal(result.keys_from, "policy");
  assert.ok((result.logs[0]?.witnessed.records ?? 0) > 20);
});

test("a changed record is named, and the exit code is 1", async () => {
  await using copy = await makeTempDir();
  cpSync(trail(), copy.path, { recursive: true });
  const file = copy.file("audit.ndjson");
  const lines = readFileSync(file, "latin1").split("\n");
  const id = /"id":"([^"]+)"/.exec(lines[7] ?? "")?.[1] ?? "";
  const intact = await verify("--dir", copy.path, "--id", id);
  assert.equal(intact.code, 0, intact.stderr + intact.stdout);
  assert.match(intact.stdout, /^record 7 of audit is as it was signed.+cosigned by witness/m);
  lines[7] = (lines[7] ?? "")
    .replace('"status_code":200', '"status_code":404')
    .replace("GET", "PUT");
  writeFileSync(file, lines.join("\n"), "latin1");
  for (const args of [[], ["--segment", "audit.ndjson"], ["--id", id]]) {
    const found = await verify("--dir", copy.path, ...args);
    assert.equal(found.code, 1, found.stdout);
    assert.match(
      found.stdout,
      /^BAD audit: record 7: changed after having been written \(audit\.ndjson at \d+\) id /m,
    );
    assert.ok(found.stdout.includes(id), args.join(" "));
  }
});

test("what cannot be used is a usage error, and what is not there a failure", async () => {
  const dir = ["--dir", trail()];
  for (const args of [
    ["--vkey", "nonsense"],
    ["--policy", folder.file("nothing")],
    ["--policy", folder.file("es.yaml")],
    ["--checkpoint", folder.file("es.yaml")],
    ["--segment", "a", "--id", "b"],
    ["--jobs", "many"],
  ])
    assert.equal((await verify(...dir, ...args)).code, 2, args.join(" "));
  assert.equal((await verify("--dir", folder.file("nothing"))).code, 1);
  assert.equal((await verify(...dir, "--id", "ffffffffffff")).code, 1);
  assert.equal((await verify(...dir, "--segment", "audit-none.ndjson")).code, 1);
});

test("evidence is packed for others, once, and only of what is there", async () => {
  const [line = ""] = readFileSync(folder.file("audit", "audit.ndjson"), "latin1")
    .split("\n")
    .slice(5);
  const id = /"id":"([^"]+)"/.exec(line)?.[1] ?? "";
  const out = folder.file("case.zip");
  const args = ["evidence", id, "--dir", trail(), "--out", out];
  const made = await audit(...args);
  assert.equal(made.code, 0, made.stderr);
  assert.ok(made.stdout.includes(id));
  const files = unzip(readFileSync(out));
  assert.ok(files.has("README.txt") && files.has(`records/${id}/response.tlog-proof`));
  assert.equal((await audit(...args)).code, 2, "it exists");
  const none = await audit("evidence", "ffffffffffff", "--dir", trail(), "-o", `${out}.2`);
  assert.equal(none.code, 1);
  assert.match(none.stderr, /there is no record with the id ffffffffffff/);
});
