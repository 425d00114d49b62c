import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import * as net from "node:net";
import { test } from "node:test";

import { runScript, startScript, type Child } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import type { ProxyProcess } from "../support/proxy-process.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { fieldAt, readAudit } from "../support/audit-reader.ts";
import { waitFor } from "../support/wait-for.ts";

type Line = Readonly<Record<string, unknown>>;

interface Setting {
  readonly workers?: number;
  readonly level?: string;
}

const asRoot = process.geteuid?.() === 0;

function start(
  folder: TempDir,
  endpoint: number,
  { workers = 1, level = "full" }: Setting = {},
): Promise<ProxyProcess> {
  const proof = { origin: "reading.example/x", checkpoint_every: "100ms" };
  return startAuditedProxy(folder, { endpoint, workers, audit: { level, proof } });
}

function trail(folder: TempDir): string {
  return folder.file("audit");
}

async function search(port: number, user = "alice"): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/_search`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: `Basic ${Buffer.from(`${user}:x`).toString("base64")}`,
    },
    body: '{"size":1}',
  });
  await response.arrayBuffer();
}

/** Runs a command on the trail. */
async function audit(
  directory: string,
  command: string,
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return runScript("src/cli/main.ts", ["audit", command, "--dir", directory, ...args]);
}

/** What commands have left in the journals. */
async function recorded(directory: string): Promise<Line[]> {
  const lines = await readAudit(directory, { allowTornTail: true });
  return lines
    .map(({ record }) => record)
    .filter((record) => fieldAt(record, "process.args") !== undefined);
}

function sideLog(directory: string): Line[] {
  const text = readFileSync(`${directory}/side-log.jsonl`, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

function actions(lines: readonly Line[]): unknown[] {
  return lines.map((line) => fieldAt(line, "event.action"));
}

async function idOf(directory: string): Promise<string> {
  const { stdout } = await audit(
    directory,
    "query",
    "action: search",
    "--format",
    "csv",
    "--columns",
    "id",
  );
  return stdout.split("\r\n")[1] ?? "";
}

for (const workers of [1, 2])
  test(`what commands read is recorded through the proxy, and proven (${workers} processes)`, async () => {
    await using folder = await makeTempDir();
    await using server = await startOrigin();
    await using proxy = await start(folder, server.port, { workers });
    const directory = trail(folder);
    assert.equal(statSync(`${directory}/control.sock`).mode & 0o777, 0o600);
    for (let at = 0; at < 3; at += 1) await search(proxy.port);
    const id = await idOf(directory);
    const shown = await audit(directory, "show", id);
    assert.deepEqual([shown.code, shown.stderr], [0, ""]);
    const exported = await audit(directory, "export", "user: alice", "--as", "har");
    assert.deepEqual([exported.code, exported.stderr], [0, ""]);
    const lines = await recorded(directory);
    assert.deepEqual(actions(lines), ["audit.show", "audit.export", "audit.export"]);
    const [show, begin, end] = lines.map((line) => fieldAt(line, "es_proxy.event") as Line);
    assert.deepEqual(show, { exchanges: 1, bodies: 2, ids: [id] });
    assert.deepEqual(begin, { stage: "begin" });
    assert.equal(end?.["begin"], fieldAt(lines[1] ?? {}, "event.id"));
    assert.deepEqual([end?.["exchanges"], end?.["bodies"], end?.["exit_code"]], [3, 6, 0]);
    assert.ok(!existsSync(`${directory}/side-log.jsonl`));
    const listed = await audit(directory, "query", "action: audit.*", "--no-pager");
    assert.match(listed.stdout, /es-proxy audit show .* \(1 exchange, 2 bodies\)/);
    assert.match(listed.stdout, /--as har \(begins\)[^]*--as har \(3 exchanges, 6 bodies\)/);
    proxy.child.signal("SIGTERM");
    await proxy.child.exited();
    const verified = await audit(directory, "verify");
    assert.equal(verified.code, 0, verified.stdout);
  });

test("a record of a command is shown in plain words, and no reading changes what was there", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  const directory = trail(folder);
  await search(proxy.port);
  const before = readFileSync(`${directory}/audit.ndjson`, "latin1");
  await audit(directory, "show", await idOf(directory));
  const [line] = await recorded(directory);
  const page = await audit(directory, "show", String(fieldAt(line ?? {}, "event.id")));
  assert.match(page.stdout, /^audit\.show\nsuccess/);
  assert.match(page.stdout, / on \S+: es-proxy audit show --dir .* \(1 exchange, 2 bodies\)/);
  assert.ok(readFileSync(`${directory}/audit.ndjson`, "latin1").startsWith(before));
});

test("only what tells of bodies is recorded of query", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  const directory = trail(folder);
  await search(proxy.port);
  await audit(directory, "query", "user: alice", "--count");
  assert.deepEqual(actions(await recorded(directory)), []);
  const counted = await audit(directory, "query", "body: size", "--count");
  assert.equal(counted.stdout, "1\n");
  await audit(directory, "query", "user: alice", "--columns", "http.request.body.content");
  const top = await audit(directory, "top", "body: size");
  assert.equal(top.stderr, "");
  const lines = await recorded(directory);
  assert.deepEqual(
    actions(lines),
    ["query", "query", "query", "query", "top", "top"].map((command) => `audit.${command}`),
  );
  assert.equal(fieldAt(lines[1] ?? {}, "es_proxy.event.exchanges"), 1);
});

/** A server that accepts and never answers. */
async function startSilent(): Promise<net.Server> {
  const silent = net.createServer((socket) => socket.on("error", () => undefined).resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  return silent;
}

/** Starts a replay that has sent its first request. */
async function replayTo(server: net.Server, directory: string): Promise<Child> {
  const { port } = server.address() as net.AddressInfo;
  const args = ["audit", "replay", "--dir", directory, "--to", `http://127.0.0.1:${port}`];
  const asked = once(server, "connection", { signal: AbortSignal.timeout(60_000) });
  const child = startScript("src/cli/main.ts", args);
  await asked;
  return child;
}

test("a command that is killed has left the record of its beginning", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  const directory = trail(folder);
  await search(proxy.port);
  await using silent = await startSilent();
  await using child = await replayTo(silent, directory);
  await child.kill();
  const lines = await recorded(directory);
  assert.deepEqual(actions(lines), ["audit.replay"]);
  assert.equal(fieldAt(lines[0] ?? {}, "es_proxy.event.stage"), "begin");
});

test("a command that is told to end records how far it came", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  const directory = trail(folder);
  await search(proxy.port);
  await using silent = await startSilent();
  await using child = await replayTo(silent, directory);
  child.signal("SIGTERM");
  assert.equal((await child.exited(30_000)).code, 143);
  const [, end] = await recorded(directory);
  assert.equal(fieldAt(end ?? {}, "event.outcome"), "failure");
  assert.equal(fieldAt(end ?? {}, "es_proxy.event.signal"), "SIGTERM");
});

test("without a proxy the record is in the side log, which the next start proves", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const directory = trail(folder);
  {
    await using proxy = await start(folder, server.port);
    await search(proxy.port);
    proxy.child.signal("SIGTERM");
    await proxy.child.exited();
  }
  const journal = readFileSync(`${directory}/audit.ndjson`);
  const shown = await audit(directory, "show", await idOf(directory));
  assert.deepEqual([shown.code, shown.stderr], [0, ""]);
  assert.deepEqual(readFileSync(`${directory}/audit.ndjson`), journal);
  const [line] = sideLog(directory);
  assert.equal(fieldAt(line ?? {}, "event.action"), "audit.show");
  assert.equal(fieldAt(line ?? {}, "es_proxy.event.side_log"), true);
  const found = await audit(directory, "show", String(fieldAt(line ?? {}, "event.id")));
  assert.match(found.stdout, /es-proxy audit show/);
  const both = await audit(directory, "query", "action: audit.show", "--side-log", "--count");
  assert.equal(both.stdout, "2\n");
  const alone = await audit(directory, "query", "action: audit.show", "--count");
  assert.equal(alone.stdout, "0\n");
  const verified = await audit(directory, "verify");
  assert.equal(verified.code, 0, verified.stdout);
  {
    await using proxy = await start(folder, server.port);
    proxy.child.signal("SIGTERM");
    await proxy.child.exited();
  }
  assert.equal((await audit(directory, "verify")).code, 0);
  // More may come behind it; what was there may not change.
  await audit(directory, "show", await idOf(directory));
  assert.equal((await audit(directory, "verify")).code, 0);
  const path = `${directory}/side-log.jsonl`;
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace("audit.show", "audit.shew"));
  const changed = await audit(directory, "verify");
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /side-log\.jsonl was changed/);
  rmSync(path);
  assert.match((await audit(directory, "verify")).stdout, /side-log\.jsonl is missing/);
});

test("a socket of somebody else is not believed", { skip: !asRoot }, async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  const directory = trail(folder);
  await search(proxy.port);
  const id = await idOf(directory);
  const path = `${directory}/control.sock`;
  rmSync(path);
  let told = "";
  await using impostor = net.createServer((socket) => {
    socket.on("data", (bytes) => {
      told += bytes.toString();
      socket.end('{"id":"01a22757-d637-749a-a392-bdf3dbad3ba4"}\n');
    });
  });
  impostor.listen(path);
  await waitFor("the impostor", () => existsSync(path));
  chownSync(path, 12_345, 12_345);
  const { code, stderr } = await audit(directory, "show", id);
  assert.equal(code, 0);
  assert.match(stderr, /belongs to user 12345, who does not own the records/);
  assert.equal(told, "");
  assert.deepEqual(actions(sideLog(directory)), ["audit.show"]);
});

test("an answer that is none, and one that never comes, leave the record in the side log", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using proxy = await start(folder, server.port);
  const directory = trail(folder);
  await search(proxy.port);
  const id = await idOf(directory);
  const path = `${directory}/control.sock`;
  rmSync(path);
  // The socket's file is gone while the proxy runs: nobody is there to be asked.
  assert.equal((await audit(directory, "show", id)).code, 0);
  await using liar = net.createServer((socket) => socket.resume().end("lies\n")).listen(path);
  await waitFor("the liar", () => liar.listening);
  const { code, stderr } = await audit(directory, "show", id);
  assert.equal(code, 0);
  assert.match(stderr, /its answer cannot be read/);
  assert.equal(sideLog(directory).length, 2);
});

test("commands at once leave a record each, in the trail and in a side log", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const directory = trail(folder);
  await using proxy = await start(folder, server.port);
  await search(proxy.port);
  const id = await idOf(directory);
  const together = async (): Promise<void> => {
    await Promise.all(Array.from({ length: 4 }, async () => audit(directory, "show", id)));
  };
  await together();
  assert.equal((await recorded(directory)).length, 4);
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
  await together();
  assert.equal(sideLog(directory).length, 4);
});

test("a proxy that is being restarted gets the record, or the side log does", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const directory = trail(folder);
  {
    await using proxy = await start(folder, server.port);
    await search(proxy.port);
    await proxy.child.kill();
  }
  const id = await idOf(directory);
  const shown = audit(directory, "show", id);
  await using proxy = await start(folder, server.port);
  assert.equal((await shown).code, 0);
  const inTrail = actions(await recorded(directory));
  const beside = existsSync(`${directory}/side-log.jsonl`) ? actions(sideLog(directory)) : [];
  assert.deepEqual([...inTrail, ...beside], ["audit.show"]);
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
  assert.equal((await audit(directory, "verify")).code, 0);
});

test("where nothing can be written stderr says that the reading leaves no record", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  await using copy = await makeTempDir();
  {
    await using proxy = await start(folder, server.port);
    await search(proxy.port);
    proxy.child.signal("SIGTERM");
    await proxy.child.exited();
  }
  cpSync(trail(folder), copy.path, { recursive: true });
  // Permissions do not stop root; a directory in the place of the file stops everybody.
  if (asRoot) cpSync(trail(folder), copy.file("side-log.jsonl"), { recursive: true });
  else chmodSync(copy.path, 0o500);
  const { code, stderr, stdout } = await audit(copy.path, "show", await idOf(copy.path));
  assert.equal(code, 0);
  assert.match(stdout, /POST \/_search/);
  assert.match(stderr, /this reading leaves no record in .*: E(?:ISDIR|ACCES)/);
});

test("a changed policy is a record, also over a stop, and each start says which key it uses", async () => {
  await using folder = await makeTempDir();
  await using server = await startOrigin();
  const stop = async (proxy: ProxyProcess): Promise<void> => {
    proxy.child.signal("SIGTERM");
    await proxy.child.exited();
  };
  const keysOf = (lines: readonly Line[]): unknown[] =>
    actions(lines).filter((action) => String(action).startsWith("audit.key_"));
  let starts = 0;
  for (const level of ["full", "full", "metadata"]) {
    await using proxy = await start(folder, server.port, { level });
    await search(proxy.port);
    starts += 1;
    await waitFor(
      "the key",
      async () => {
        const lines = await readAudit(trail(folder), { allowTornTail: true });
        return keysOf(lines.map(({ record }) => record)).length === starts;
      },
      30_000,
    );
    await stop(proxy);
  }
  const lines = (await readAudit(trail(folder))).map(({ record }) => record);
  const changes = lines.filter((line) => fieldAt(line, "event.action") === "audit.policy_change");
  assert.deepEqual(
    changes.map((line) => fieldAt(line, "es_proxy.event.changes")),
    [['audit.level: "full" → "metadata"', 'listeners.es./.audit.level: "full" → "metadata"']],
  );
  assert.deepEqual(keysOf(lines), ["audit.key_made", "audit.key_used", "audit.key_used"]);
  assert.equal((await audit(trail(folder), "verify")).code, 0);
});
