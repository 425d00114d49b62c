/** The explorer of a running proxy, from outside: where it is, who may ask, what it costs. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";

import { askPort, startService, type Service } from "../lifecycle/service.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { waitFor } from "../support/wait-for.ts";
import { ask } from "./ask.ts";

const token = "0123456789abcdef0123456789abcdef";

interface Choices {
  readonly origin: number;
  readonly workers?: number;
  /** What stands behind `explorer: `; absent: no such section. */
  readonly explorer?: string;
}

function configuration({ origin, workers = 1, explorer }: Choices): string {
  return `workers: ${workers}
listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:${origin}"]}
audit: {directory: audit}
admin: {bind: "127.0.0.1:0"}
${explorer === undefined ? "" : `explorer: ${explorer}\n`}`;
}

/** Where the newest explorer is. */
async function addressOf({ child }: Service): Promise<string> {
  await child.stderrMatch(/explorer on \S+/, 60_000);
  return /explorer on (\S+)/.exec(child.stderr)?.[1] ?? "";
}

async function found(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { body } = await ask(url, "/api/search", headers);
  const last = body.trimEnd().split("\n").at(-1) ?? "";
  return (JSON.parse(last) as { readonly found?: number }).found ?? -1;
}

for (const workers of [1, 2])
  test(`a proxy of ${workers} shows what it records and how it does`, async () => {
    await using origin = await startOrigin();
    await using service = await startService(
      configuration({ origin: origin.port, workers, explorer: '{bind: "127.0.0.1:0"}' }),
    );
    const url = await addressOf(service);
    for (let at = 0; at < 8; at += 1) await askPort(service.port, "GET", `/books/_doc/${at}`);
    await waitFor("the exchanges in the explorer", async () => (await found(url)) === 8, 60_000);
    const { body } = await ask(url, "/api/status");
    const status = JSON.parse(body) as {
      readonly state: string;
      readonly health: { readonly status: string };
      readonly workers: readonly unknown[];
      readonly pools: readonly { readonly endpoints: readonly { readonly requests: number }[] }[];
    };
    assert.deepEqual(
      [status.state, status.health.status, status.workers.length],
      ["running", "ok", workers === 1 ? 0 : 2],
    );
    assert.equal(status.pools[0]?.endpoints[0]?.requests, 8);
    for (const headers of [
      { host: "evil.example" },
      { origin: "http://evil.example" },
      { "sec-fetch-site": "cross-site" },
    ])
      assert.equal((await ask(url, "/api/status", headers)).status, 403, JSON.stringify(headers));
    service.child.signal("SIGTERM");
    assert.deepEqual(await service.child.exited(30_000), { code: 0, signal: null });
  });

test("with a token and TLS only who knows the token is answered", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  const authority = await makeAuthority();
  await writeIdentity(service.folder.path, "explorer", await authority.server());
  await writeFile(service.folder.file("token"), token);
  const explorer =
    '{bind: "127.0.0.1:0", token_file: token, tls: {cert: explorer.pem, key: explorer.key}}';
  await service.write(configuration({ origin: origin.port, explorer }));
  const reload = await service.ask("POST", "/reload");
  assert.equal(reload.status, 200, reload.body);
  const url = await explorerOf(service);
  assert.match(url, /^https:/);
  assert.equal((await ask(url, "/")).status, 200);
  assert.equal((await ask(url, "/api/status")).status, 401);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask(url, "/api/status", headers)).status, 200);
  assert.equal((await ask(url, "/api/status", { ...headers, host: "name.example" })).status, 200);
  assert.equal(
    (await ask(url, "/api/status", { ...headers, origin: "https://evil.example" })).status,
    403,
  );
});

test("a reload opens, moves, keeps and closes it, and a bad one changes nothing", async () => {
  await using origin = await startOrigin();
  await using service = await startService(configuration({ origin: origin.port }));
  const reload = async (explorer?: string): Promise<number> => {
    await service.write(configuration({ origin: origin.port, ...(explorer && { explorer }) }));
    return (await service.ask("POST", "/reload")).status;
  };
  assert.equal(await explorerOf(service), "");
  assert.equal(await reload('{bind: "127.0.0.1:0"}'), 200);
  const first = await explorerOf(service);
  assert.equal((await ask(first, "/api/status")).status, 200);
  await writeFile(service.folder.file("token"), token);
  assert.equal(await reload('{bind: "127.0.0.1:0", token_file: token}'), 200);
  assert.equal(await explorerOf(service), first);
  await waitFor(
    "the token to be asked for",
    async () => (await ask(first, "/api/status")).status === 401,
    60_000,
  );
  await writeFile(service.folder.file("token"), "short");
  assert.equal(await reload('{bind: "127.0.0.1:0", token_file: token}'), 422);
  assert.equal(await reload(`{bind: "127.0.0.1:${origin.port}"}`), 422);
  const headers = { authorization: `Bearer ${token}` };
  assert.equal((await ask(first, "/api/status", headers)).status, 200);
  assert.equal(await reload('{bind: "localhost:0"}'), 200);
  const second = await explorerOf(service);
  assert.equal((await ask(second, "/api/status")).status, 200);
  const isClosed = async (): Promise<boolean> =>
    ask(first, "/").then(
      () => false,
      () => true,
    );
  await waitFor("the old one to close", isClosed, 60_000);
  assert.equal(await reload(), 200);
  assert.equal(await explorerOf(service), "");
});

/** As the status of the proxy says; empty: nowhere. */
async function explorerOf(service: Service): Promise<string> {
  const { body } = await service.ask("GET", "/");
  return (JSON.parse(body) as { readonly explorer?: string }).explorer ?? "";
}

test(
  "what the explorer reads costs the thread of the traffic nothing",
  { skip: process.platform !== "linux" && "there is no /proc here" },
  async () => {
    await using origin = await startOrigin();
    await using service = await startService(
      configuration({ origin: origin.port, explorer: '{bind: "127.0.0.1:0"}' }),
    );
    const url = await addressOf(service);
    const { pid } = service.child;
    for (let at = 0; at < 500; at += 1) await askPort(service.port, "GET", `/books/_doc/${at}`);
    const before = [busyMs(pid, "node"), busyMs(pid, "audit-explorer")] as const;
    await waitFor(
      "the explorer to have worked for half a second",
      async () => (await found(url)) === 500 && busyMs(pid, "audit-explorer") > before[1] + 500,
      120_000,
    );
    const traffic = busyMs(pid, "node") - before[0];
    assert.ok(traffic < 250, `${traffic} ms of the thread that relays`);
  },
);

/** Processor time of a thread, by its name; that of the process is the one that relays. */
function busyMs(pid: number, name: string): number {
  const folder = `/proc/${pid}/task`;
  if (name === "node") return nanoseconds(`${folder}/${pid}/schedstat`) / 1e6;
  const thread = readdirSync(folder).find(
    (id) => readFileSync(`${folder}/${id}/comm`, "utf8").trim() === name,
  );
  assert.ok(thread !== undefined, `no thread ${name}`);
  return nanoseconds(`${folder}/${thread}/schedstat`) / 1e6;
}

/** The first number: time on a processor (Documentation/scheduler/sched-stats.rst of Linux). */
function nanoseconds(file: string): number {
  return Number(readFileSync(file, "utf8").split(" ", 1)[0]);
}
