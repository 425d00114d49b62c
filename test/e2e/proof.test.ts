import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { request, Agent } from "node:http";
import { test } from "node:test";

import { checkpointOf, origin, rootOf } from "../audit/follow/follow-fixture.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import type { ProxyProcess } from "../support/proxy-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

const heldFollower = new URL("../support/held-follower.ts", import.meta.url).href;

interface Setting {
  readonly workers?: number;
  /** The follower is held until this file is there. */
  readonly heldUntil?: string;
}

function start(
  folder: TempDir,
  endpoint: number,
  { workers = 1, heldUntil }: Setting = {},
): Promise<ProxyProcess> {
  return startAuditedProxy(folder, {
    endpoint,
    workers,
    audit: {
      directory: folder.path,
      rotate: { size: "64KiB" },
      proof: { origin, checkpoint_every: "100ms" },
    },
    ...(heldUntil !== undefined && {
      process: { env: { HELD_UNTIL: heldUntil }, nodeOptions: ["--import", heldFollower] },
    }),
  });
}

/** Sends so many requests, some at a time. @returns how many were answered with 200 */
async function load(port: number, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const one = (): Promise<number> =>
    new Promise((resolve) => {
      const sent = request({ port, host: "127.0.0.1", path: "/i/_search", agent }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode === 200 ? 1 : 0));
        answer.on("error", () => resolve(0));
      });
      sent.on("error", () => resolve(0));
      sent.end();
    });
  const results = await Promise.all(Array.from({ length: count }, one));
  agent.destroy();
  return results.reduce((sum, result) => sum + result, 0);
}

/** Segments of a journal in the order in which they were written. */
function segments(folder: TempDir, base: string): string[] {
  const names = readdirSync(folder.path).filter((name) => name.endsWith(".ndjson"));
  const sealed = names.filter((name) => name.startsWith(`${base}-`)).sort();
  return [...sealed, `${base}.ndjson`];
}

function assertProven(folder: TempDir, base = "audit"): void {
  const { checkpoint } = checkpointOf(folder, base);
  const files = segments(folder, base);
  const lines = files
    .map((file) => readFileSync(folder.file(file), "latin1").split("\n").length - 1)
    .reduce((sum, count) => sum + count, 0);
  assert.equal(checkpoint.size, lines, "every record is an entry");
  assert.deepEqual(Buffer.from(checkpoint.root), rootOf(folder, ...files));
}

test("a stop leaves a checkpoint over every record, over several segments", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  assert.equal(await load(proxy.port, 200), 200);
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited(20_000)).code, 0, proxy.child.stderr);
  assert.ok(segments(folder, "audit").length >= 3, "the journal was rotated");
  assertProven(folder);
  const records = (await readAudit(folder.path)).map(({ record }) => record);
  const actions = records
    .filter((record) => fieldAt(record, "es_proxy.record") === "event")
    .map((record) => fieldAt(record, "event.action"))
    // The thread tells of its key when it has made it; a short run may be over by then.
    .filter((action) => action !== "audit.key_made");
  assert.deepEqual(actions, ["audit.start", "audit.stop"]);
});

test("each worker's journal is proven, and the manifest names all of them", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port, { workers: 2 });
  assert.equal(await load(proxy.port, 100), 100);
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited(20_000)).code, 0, proxy.child.stderr);
  for (const base of ["audit.1", "audit.2"]) assertProven(folder, base);
  const manifest = readFileSync(folder.file("tlog", "manifest"), "utf8");
  assert.match(manifest, /^audit\.1 \d+ \S+\naudit\.2 \d+ \S+$/m);
});

test("after kill -9 tree and journal agree again, and what was signed stays signed", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const signed: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using proxy = await start(folder, server.port);
    const loaded = load(proxy.port, 300);
    await waitFor("a checkpoint of this run", () => {
      if (!existsSync(folder.file("tlog", "audit", "checkpoint"))) return false;
      return checkpointOf(folder).checkpoint.size > (signed.at(-1) ?? 0) + 20;
    });
    proxy.child.signal("SIGKILL");
    await proxy.child.exited();
    await loaded;
    signed.push(checkpointOf(folder).checkpoint.size);
  }
  await using proxy = await start(folder, server.port);
  proxy.child.signal("SIGTERM");
  assert.equal((await proxy.child.exited(20_000)).code, 0, proxy.child.stderr);
  assert.doesNotMatch(proxy.child.stderr, /not signed any more|behind record/);
  assertProven(folder);
});

test("a follower that hangs delays no request, and goes on where it was", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const heldUntil = folder.file("go-on");
  await using proxy = await start(folder, server.port, { heldUntil });
  assert.equal(await load(proxy.port, 200), 200);
  const records = await readAudit(folder.path, { allowTornTail: true });
  assert.ok(records.length >= 400, "the records are written as ever");
  assert.equal(existsSync(folder.file("tlog", "audit", "checkpoint")), false);
  writeFileSync(heldUntil, "");
  await waitFor("a checkpoint over everything", () => {
    if (!existsSync(folder.file("tlog", "audit", "checkpoint"))) return false;
    return checkpointOf(folder).checkpoint.size >= 400;
  });
});
