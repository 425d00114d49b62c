import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { test } from "node:test";

import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { startScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import type { ProxyProcess } from "../support/proxy-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function audit(...args: readonly string[]): Promise<Outcome> {
  await using child = startScript("src/cli/main.ts", ["audit", ...args]);
  const { code } = await child.exited(120_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

function start(
  folder: TempDir,
  endpoint: number,
  { workers = 1, keeping = {} }: { workers?: number; keeping?: object } = {},
): Promise<ProxyProcess> {
  return startAuditedProxy(folder, {
    endpoint,
    workers,
    audit: {
      body: { inline: "64B" },
      rotate: { size: "64KiB" },
      proof: { origin: "example.com/removal", checkpoint_every: "100ms" },
      ...keeping,
    },
  });
}

async function put(port: number, name: string, text = "x".repeat(500)): Promise<void> {
  const url = `http://127.0.0.1:${port}/people/_doc/${name}`;
  const headers = { "content-type": "application/json" };
  const answer = await fetch(url, { method: "PUT", headers, body: JSON.stringify({ name, text }) });
  await answer.arrayBuffer();
}

const actionsIn = async (directory: string): Promise<string[]> =>
  (await readAudit(directory))
    .map(({ record }) => record)
    .filter((record) => fieldAt(record, "es_proxy.record") === "event")
    .map((record) => String(fieldAt(record, "event.action")));

for (const workers of [1, 2])
  test(`exchanges are held and erased while the proxy writes (${workers} workers)`, async () => {
    await using folder = await makeTempDir();
    await using server = await startOrigin();
    await using proxy = await start(folder, server.port, { workers });
    const directory = folder.file("audit");
    const dir = ["--dir", directory];
    for (let at = 0; at < 5; at += 1) await put(proxy.port, `other-${at}`);
    for (const name of ["wanda", "william"]) await put(proxy.port, name);
    assert.equal(statSync(folder.file("audit", "control.sock")).mode & 0o777, 0o600);
    const held = ["hold", "add", "-f", "url.path: *william*", "--reason", "case 17", ...dir];
    const hold = await audit(...held);
    assert.equal(hold.code, 0, hold.stderr);
    assert.match((await audit("hold", "list", ...dir)).stdout, /^hold-1: url\.path: \*william\*/);
    const [first] = (await readAudit(directory))
      .map(({ record }) => record)
      .filter((record) => fieldAt(record, "es_proxy.record") === "request");
    const id = String(fieldAt(first ?? {}, "event.id"));
    const byPart = await audit("hold", "add", "--id", id.slice(-10), "--reason", "case 18", ...dir);
    assert.ok(byPart.stdout.startsWith(`hold-2: ${id} (case 18;`), byPart.stdout + byPart.stderr);
    const filter = ["-f", "url.path: (*wanda* or *william*)", "--reason", "GDPR 4", ...dir];
    const planned = await audit("erase", ...filter, "--dry-run");
    assert.equal(planned.stdout, "1 exchange would be erased; 1 is held and stays\n");
    const erased = await audit("erase", ...filter, "--by", "dpo");
    assert.equal(erased.code, 0, erased.stderr);
    assert.match(
      erased.stdout,
      /^1 exchange erased: 2 records, 1 body \(on record as [0-9a-f-]{36}\); 1 is held/,
    );
    const found = await audit("query", "--count", "url.path: *wanda* or body: wanda", ...dir);
    assert.equal(found.stdout, "0\n");
    assert.equal(found.code, 0, "all bodies in packs were searched");
    const verified = await audit("verify", ...dir);
    assert.equal(verified.code, 0, verified.stdout);
    assert.match(verified.stdout, /2 of the records are erased/);
    await put(proxy.port, "later");
    proxy.child.signal("SIGTERM");
    assert.equal((await proxy.child.exited(20_000)).code, 0, proxy.child.stderr);
    assert.ok(!existsSync(folder.file("audit", "control.sock")));
    const actions = await actionsIn(directory);
    for (const action of ["audit.hold", "audit.erase"]) assert.ok(actions.includes(action), action);
    assert.equal((await audit("verify", ...dir)).code, 0);
  });

test("full segments are compressed and pruned by themselves, and the trail verifies", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const keeping = { archive: { compress: true }, retain: { size: "1MiB" } };
  await using proxy = await start(folder, server.port, { keeping });
  const directory = folder.file("audit");
  const text = (): string => Math.random().toString(36).repeat(1000);
  const names = (): string[] => readdirSync(directory);
  for (let at = 0; at < 200; at += 1) await put(proxy.port, `doc-${at}`, text());
  await waitFor(
    "a compressed segment",
    () => names().some((name) => name.endsWith(".ndjson.zst")),
    30_000,
  );
  const pruned = await audit("prune", "--max-size", "1KiB", "--dir", directory);
  assert.equal(pruned.code, 0, pruned.stderr);
  assert.match(pruned.stdout, /^audit-.+\.ndjson was pruned \(retain\.size\)$/m);
  const verified = await audit("verify", "--dir", directory);
  assert.equal(verified.code, 0, verified.stdout);
  assert.match(verified.stdout, /records 0 to \d+ were pruned: retain\.size/);
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited(20_000)).code, 0, proxy.child.stderr);
});

test("what is missing on the command line is a usage error", async () => {
  for (const args of [
    ["erase", "--reason", "x"],
    ["erase", "--id", "a", "-f", "b", "--reason", "x"],
    ["hold", "add", "-f", "es_proxy.facts.took > 10", "--reason", "x"],
    ["hold", "add", "-f", "user: now or not @timestamp < now-7d", "--reason", "x"],
    ["prune", "--older-than", "long"],
  ])
    assert.equal((await audit(...args)).code, 2, args.join(" "));
});
