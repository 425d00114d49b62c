import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { connect } from "node:tls";
import { HttpListeners } from "../../src/assembly/http-listeners.ts";
import { PoolSet } from "../../src/assembly/pool-set.ts";
import type { ProxyConfig } from "../../src/config/config.ts";
import { makeSelfSigned, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { freePort } from "../support/ports.ts";
import { configOf, isOpen, SharedParts } from "./assembly-fixture.ts";

const pools = 'pools: {es: {endpoints: ["http://127.0.0.1:1"]}}\n';

/** Listeners on these ports, each with its routes and what follows them. */
function listenersText(entries: readonly (readonly [port: number, more: string])[]): string {
  const lines = entries.map(
    ([port, more]) => `  - {name: l${port}, bind: "127.0.0.1:${port}", ${more}}\n`,
  );
  return `listeners:\n${lines.join("")}${pools}`;
}

const everything = "routes: [{path: /, pool: es}]";
const partly = "routes: [{path: /a, pool: es}]";

/** The HTTP listeners of a process, with the pools that their routes need. */
class Process implements AsyncDisposable {
  readonly shared = new SharedParts();
  readonly listeners = new HttpListeners(this.shared);
  readonly #pools = new PoolSet({
    clock: this.shared.clock,
    sweep: this.shared.sweep,
    reads: this.shared.reads,
    log: this.shared.log,
    onEjected: () => {},
    onHealth: () => {},
  });

  async open(config: ProxyConfig): Promise<void> {
    const prepared = this.#pools.prepare(config);
    prepared.commit();
    await this.listeners.open(config, prepared.pools, undefined);
  }

  async prepare(config: ProxyConfig): ReturnType<HttpListeners["prepare"]> {
    return this.listeners.prepare(config, this.#pools.prepare(config).pools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.listeners.destroy();
    this.#pools.close();
    this.shared[Symbol.dispose]();
  }
}

async function statusAt(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: "close" } });
  await answer.arrayBuffer();
  return answer.status;
}

test("a listener that stays keeps its socket and follows its routes at the commit", async () => {
  await using proxy = new Process();
  const port = await freePort();
  await proxy.open(await configOf(listenersText([[port, everything]])));
  const [listener] = proxy.listeners.all;
  assert.equal(await statusAt(port), 502, "the endpoint refuses");
  const prepared = await proxy.prepare(await configOf(listenersText([[port, partly]])));
  assert.equal(await statusAt(port), 502, "nothing has changed yet");
  assert.deepEqual(prepared.commit(), []);
  assert.equal(await statusAt(port), 404, "no route takes it");
  assert.ok(proxy.listeners.all[0] === listener);
});

test("new listeners listen before the commit, removed ones are given back by it", async () => {
  await using proxy = new Process();
  const [one, two] = [await freePort(), await freePort()];
  await proxy.open(await configOf(listenersText([[one, everything]])));
  const [old] = proxy.listeners.all;
  const prepared = await proxy.prepare(await configOf(listenersText([[two, partly]])));
  assert.equal(await statusAt(two), 404);
  assert.equal(await statusAt(one), 502);
  const removed = prepared.commit();
  assert.ok(removed.length === 1 && removed[0] === old);
  assert.deepEqual(
    proxy.listeners.all.map(({ url }) => url),
    [`http://127.0.0.1:${two}`],
  );
  old?.destroy();
});

test("what was prepared and not wanted closes what it opened and changes nothing", async () => {
  await using proxy = new Process();
  const [one, two] = [await freePort(), await freePort()];
  await proxy.open(await configOf(listenersText([[one, everything]])));
  const next = listenersText([
    [one, partly],
    [two, partly],
  ]);
  const prepared = await proxy.prepare(await configOf(next));
  assert.equal(await isOpen(two), true);
  prepared.abort();
  assert.equal(await isOpen(two), false);
  assert.equal(await statusAt(one), 502);
});

test("a port that is taken fails the whole preparation", async () => {
  await using holder = new Process();
  await using proxy = new Process();
  const [one, two, taken] = [await freePort(), await freePort(), await freePort()];
  await holder.open(await configOf(listenersText([[taken, everything]])));
  await proxy.open(await configOf(listenersText([[one, everything]])));
  const next = listenersText([
    [one, partly],
    [two, partly],
    [taken, partly],
  ]);
  await assert.rejects(
    proxy.prepare(await configOf(next)),
    (error: { code?: string }) => error.code === "ESP_ERR_LISTEN",
  );
  assert.equal(await isOpen(two), false, "what was opened before is closed");
  assert.equal(await statusAt(one), 502, "the old listener goes on as it was");
});

test("TLS files that cannot be used leave those of every listener as they were", async () => {
  await using folder = await makeTempDir();
  const [one, two] = [await freePort(), await freePort()];
  const names = ["first", "second"] as const;
  for (const name of names) await writeIdentity(folder.path, name, await makeSelfSigned({ name }));
  const withTls = (port: number, name: string): readonly [number, string] => [
    port,
    `${everything}, tls: {cert: ${folder.path}/${name}.pem, key: ${folder.path}/${name}.key}`,
  ];
  await using proxy = new Process();
  await proxy.open(await configOf(listenersText([withTls(one, "first"), withTls(two, "first")])));
  const before = await fingerprintAt(one);
  const next = await configOf(listenersText([withTls(one, "second"), withTls(two, "second")]));
  const broken = {
    ...next,
    listeners: next.listeners.map((listener, at) =>
      at === 0 || listener.tls === undefined
        ? listener
        : { ...listener, tls: { ...listener.tls, keyFile: `${folder.path}/first.key` } },
    ),
  };
  await assert.rejects(
    proxy.prepare(broken),
    (error: { code?: string }) => error.code === "ESP_ERR_TLS_FILE",
  );
  assert.equal(await fingerprintAt(one), before, "the first had followed, and was set back");
  const prepared = await proxy.prepare(next);
  assert.notEqual(await fingerprintAt(one), before);
  prepared.abort();
  assert.equal(await fingerprintAt(one), before);
  assert.equal(await fingerprintAt(two), before);
});

async function fingerprintAt(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}
