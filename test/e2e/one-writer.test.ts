import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process, { execPath } from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { DirectoryLock } from "../../src/audit/store/directory-lock.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

function configuration(directory: TempDir, name: string, workers: number): string {
  const file = directory.file(name);
  const pools = { es: { endpoints: ["http://127.0.0.1:9"] } };
  const listeners = [{ name: "es", bind: "127.0.0.1:0", routes: [{ pool: "es" }] }];
  const audit = { directory: directory.file("audit") };
  writeFileSync(file, JSON.stringify({ workers, pools, listeners, audit }));
  return file;
}

/** Runs it in the foreground: it is expected to end by itself. */
function run(file: string, prefix: readonly string[] = []): { status: number | null; log: string } {
  const [command, ...args] = [...prefix, execPath, "src/cli/main.ts", "run", "--config", file];
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 20_000 });
  return { status, log: stderr };
}

for (const [first, second] of [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 2],
] as const)
  test(`beside ${first} process(es) a service of ${second} does not write into the same directory`, async () => {
    await using directory = await makeTempDir();
    await using running = await startConfiguredProxy(configuration(directory, "a.json", first));
    const { status, log } = run(configuration(directory, "b.json", second));
    assert.notEqual(status, 0);
    assert.match(log, new RegExp(`in use by another es-proxy \\(process ${running.child.pid}\\)`));
  });

test("a service in another container does not write into the same directory", async (context) => {
  const container = ["unshare", "--pid", "--fork", "--mount-proc"];
  if (spawnSync(container[0] ?? "", [...container.slice(1), "true"]).status !== 0) {
    context.skip("this user may not make a PID name space");
    return;
  }
  await using directory = await makeTempDir();
  await using running = await startConfiguredProxy(configuration(directory, "a.json", 1));
  assert.ok(running.port > 0);
  const { status, log } = run(configuration(directory, "b.json", 1), container);
  assert.notEqual(status, 0);
  assert.match(log, /in use by another es-proxy \((process \d+|in another container)\)/);
});

test("a lock file that was removed keeps others out after a second", async () => {
  await using directory = await makeTempDir();
  await using running = await startConfiguredProxy(configuration(directory, "a.json", 1));
  const lock = directory.file("audit", "audit.lock");
  rmSync(lock);
  await waitFor("the lock to be taken again", () => DirectoryLock.isSeenHeld(lock));
  const { log } = run(configuration(directory, "b.json", 1));
  assert.match(log, new RegExp(`in use by another es-proxy \\(process ${running.child.pid}\\)`));
});

test("a process whose directory another has taken stops", async () => {
  await using directory = await makeTempDir();
  await using first = await startConfiguredProxy(configuration(directory, "a.json", 1));
  // It may take its lock again between the two calls.
  const taken = await waitFor("the lock", () => {
    rmSync(directory.file("audit", "audit.lock"), { force: true });
    const lock = DirectoryLock.take(directory.file("audit"), "audit");
    return lock instanceof DirectoryLock && lock;
  });
  await first.child.stderrMatch(/was taken by another es-proxy/);
  assert.deepEqual(await first.child.exited(), { code: 0, signal: null });
  taken.release();
});

test("workers that are stopped while their supervisor dies keep others out of their files", async () => {
  await using directory = await makeTempDir();
  const file = configuration(directory, "a.json", 2);
  await using running = await startConfiguredProxy(file);
  const { pid } = running.child;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  const workers = children.trim().split(" ").map(Number);
  assert.equal(workers.length, 2);
  for (const worker of workers) process.kill(worker, "SIGSTOP");
  try {
    running.child.signal("SIGKILL");
    await waitFor("the supervisor to end", () => !existsSync(`/proc/${pid}`));
    const { status, log } = run(configuration(directory, "b.json", 2));
    assert.equal(status, 78);
    assert.match(log, /in use by another es-proxy \(process \d+\)/);
  } finally {
    for (const worker of workers) process.kill(worker, "SIGCONT");
  }
  await waitFor(
    "the workers to end",
    () => !workers.some((worker) => existsSync(`/proc/${worker}`)),
  );
  await using next = await startConfiguredProxy(file);
  assert.ok(next.port > 0);
});

test("a lock in a directory from which nothing can be removed is released all the same", async (context) => {
  await using directory = await makeTempDir();
  const lock = DirectoryLock.take(directory.path, "audit");
  assert.ok(lock instanceof DirectoryLock);
  if (spawnSync("chattr", ["+i", directory.path]).status !== 0) {
    lock.release();
    context.skip("this user, or this file system, keeps no directory as it is");
    return;
  }
  try {
    lock.release();
  } finally {
    spawnSync("chattr", ["-i", directory.path]);
  }
  const next = DirectoryLock.take(directory.path, "audit");
  assert.ok(next instanceof DirectoryLock);
  next.release();
});

test("a lock is not taken for that of a file system which is mounted over its own", async (context) => {
  const [unshare, ...options] = ["unshare", "--mount"] as const;
  if (spawnSync(unshare, [...options, "true"]).status !== 0) {
    context.skip("this user may not make a mount name space");
    return;
  }
  await using directory = await makeTempDir();
  const script = fileURLToPath(new URL("mounted-over.ts", import.meta.url));
  const args = [...options, execPath, script, directory.path];
  const { stdout, stderr } = spawnSync(unshare, args, { encoding: "utf8", timeout: 60_000 });
  const { keeps, other, holder } = JSON.parse(stdout || stderr) as Record<string, unknown>;
  assert.deepEqual({ keeps, holder }, { keeps: false, holder: other });
});
