import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { refusedPort } from "../support/ports.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { writeFile } from "node:fs/promises";
import { waitFor } from "../support/wait-for.ts";
import type { Lookup } from "../../src/tcp/remote-dialer.ts";
import type { TcpClient, TcpEndpoint, TcpPools } from "../../src/tcp/interfaces.ts";
import { Client, startNamedServer, startRouter, startServer } from "./tcp-fixture.ts";

function answering(...addresses: readonly string[]): Lookup {
  return (_host, callback) =>
    setImmediate(
      callback,
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
}

test("dials the address that it has judged, not a second answer of the resolver", async (t) => {
  const server = await startNamedServer(t, "server");
  const answers = ["127.0.0.1", "169.254.169.254"];
  let lookups = 0;
  const lookup: Lookup = (_host, callback) => {
    const address = answers[Math.min(lookups, 1)] ?? "";
    lookups += 1;
    setImmediate(callback, null, [{ address, family: 4 }]);
  };
  const told = await startRouter(t, () => ({ remote: `rebind.example:${server.port}` }), {
    lookup,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
  client.socket.end();
  assert.equal((await told.end()).dialled, server.remote);
  assert.equal(lookups, 1);
});

for (const host of [
  "0.0.0.0",
  "0",
  "[::]",
  "169.254.169.254",
  "[::ffff:169.254.169.254]",
  "0xa9fea9fe",
  "2852039166",
  "[fe80::1]",
])
  test(`refuses ${host} after the lookup, at once and without a callback`, async (t) => {
    const told = await startRouter(t, () => ({ remote: `${host}:80` }));
    const client = await Client.connect(t, told);
    client.send("x");
    assert.equal(await client.untilEnd(), "");
    const record = await told.end();
    assert.deepEqual(
      [record.outcome, record.code, record.attempts],
      ["rejected", "ESP_ERR_TCP_ADDRESS_REFUSED", 1],
    );
    assert.ok(told.events.includes("address_refused"));
    assert.deepEqual(told.connectErrors, []);
  });

for (const host of [
  "127.0.0.1",
  "0x7f.1",
  "2130706433",
  "0177.0.0.1",
  "127.1",
  "localhost",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
])
  test(`refuses to dial its own listener as ${host}`, async (t) => {
    let port = 0;
    const told = await startRouter(t, () => ({ remote: `${host}:${port}` }), { host: "0.0.0.0" });
    ({ port } = told.listener.address);
    const client = await Client.connect(t, told);
    client.send("x");
    await client.untilEnd();
    assert.equal((await told.end()).code, "ESP_ERR_TCP_ADDRESS_REFUSED");
    assert.equal(told.listener.stats.total, 1, "no loop");
  });

test("dials only what the allow-list holds, whatever the name", async (t) => {
  const server = await startNamedServer(t, "server");
  const allow = [{ cidr: "127.0.0.0/8", ports: { from: server.port, to: server.port } }];
  const told = await startRouter(t, (data) => ({ remote: data.toString() }), {
    allow,
    lookup: answering("10.0.0.1"),
  });
  const good = await Client.connect(t, told);
  good.send(server.remote);
  assert.equal(await good.untilEnd(), `server:${server.remote}`);
  const bad = await Client.connect(t, told);
  bad.send(`trick.example:${server.port}`);
  assert.equal(await bad.untilEnd(), "");
});

test("passes over the refused addresses of a name, and dials an allowed one", async (t) => {
  const server = await startNamedServer(t, "server");
  const lookup = answering("169.254.169.254", "127.0.0.1");
  const told = await startRouter(t, () => ({ remote: `mixed.example:${server.port}` }), { lookup });
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
});

test("tries the next address of a name at once when one refuses", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, () => ({ remote: `two.example:${server.port}` }), {
    lookup: answering("127.0.0.2", "127.0.0.1"),
    connectRetryDelayMs: 60_000,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
  client.socket.end();
  assert.equal((await told.end()).attempts, 1);
});

test("connects on a later attempt when the first ones are refused", async (t) => {
  const server = await startNamedServer(t, "server");
  let lookups = 0;
  const lookup: Lookup = (_host, callback) => {
    lookups += 1;
    // Nothing listens on 127.0.0.2 at the server's port.
    callback(null, [{ address: lookups < 4 ? "127.0.0.2" : "127.0.0.1", family: 4 }]);
  };
  const told = await startRouter(t, () => ({ remote: `late.example:${server.port}` }), { lookup });
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
  client.socket.end();
  assert.equal((await told.end()).attempts, 4);
  assert.deepEqual(told.connectErrors, []);
});

test("ends when a name cannot be resolved, after all attempts", async (t) => {
  const lookup: Lookup = (_host, callback) => setImmediate(callback, new Error("ENOTFOUND"), []);
  const told = await startRouter(t, () => ({ remote: "nowhere.example:1" }), {
    lookup,
    connectAttempts: 3,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await client.untilEnd();
  const record = await told.end();
  assert.deepEqual(
    [record.outcome, record.code, record.attempts],
    ["upstream_failed", "ESP_ERR_TCP_LOOKUP", 3],
  );
});

test("counts a resolver that does not answer against the connect timeout", async (t) => {
  const told = await startRouter(t, () => ({ remote: "slow.example:1", connectTimeoutMs: 20 }), {
    lookup: () => {},
    connectAttempts: 2,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await client.untilEnd();
  const record = await told.end();
  assert.deepEqual([record.code, record.attempts], ["ESP_ERR_TCP_CONNECT_TIMEOUT", 2]);
  assert.deepEqual(
    told.connectErrors.map(([remote]) => remote),
    ["slow.example:1"],
  );
});

test(
  "ends an attempt at the connect timeout, and calls onConnectError after the last",
  { skip: process.platform !== "linux" },
  async (t) => {
    const port = await fullBacklog(t);
    const told = await startRouter(
      t,
      () => ({ remote: `127.0.0.1:${port}`, connectTimeoutMs: 40 }),
      {
        connectAttempts: 2,
      },
    );
    const client = await Client.connect(t, told);
    const started = performance.now();
    client.send("x");
    await client.untilEnd();
    assert.ok(performance.now() - started >= 70, "two timeouts");
    const record = await told.end();
    assert.deepEqual(
      [record.outcome, record.code, record.attempts],
      ["upstream_failed", "ESP_ERR_TCP_CONNECT_TIMEOUT", 2],
    );
    const [[remote, error] = []] = told.connectErrors;
    assert.equal(remote, `127.0.0.1:${port}`);
    assert.ok(error !== undefined && "code" in error);
    assert.equal(error.code, "ESP_ERR_UPSTREAM_CONNECT_TIMEOUT");
  },
);

/**
 * A port whose accept queue is full, because its process is stopped: the kernel answers no further
 * connection.
 */
async function fullBacklog(t: TestContext): Promise<number> {
  const folder = await makeTempDir();
  t.after(() => folder.remove());
  const script = folder.file("server.mjs");
  await writeFile(
    script,
    `import { createServer } from "node:net";
     const server = createServer();
     server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => process.send(server.address().port));`,
  );
  const child = fork(script, { execArgv: [] });
  t.after(() => child.kill("SIGKILL"));
  const [port] = (await once(child, "message")) as [number];
  child.kill("SIGSTOP");
  const fillers: Socket[] = [];
  t.after(() => fillers.forEach((socket) => socket.destroy()));
  await waitFor("a full queue", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    fillers.push(socket);
    const timeout = AbortSignal.timeout(150);
    return once(socket, "connect", { signal: timeout }).then(
      () => false,
      () => true,
    );
  });
  return port;
}

test("has no more attempts under way than it may, and serves those that wait in their order", async (t) => {
  const server = await startServer(t, (socket) => socket.end());
  const waiting: (() => void)[] = [];
  let most = 0;
  let open = 0;
  const lookup: Lookup = (_host, callback) => {
    open += 1;
    most = Math.max(most, open);
    waiting.push(() => {
      open -= 1;
      callback(null, [{ address: "127.0.0.1", family: 4 }]);
    });
  };
  const told = await startRouter(
    t,
    () => ({ remote: `name.example:${server.port}`, connectTimeoutMs: 20_000 }),
    {
      lookup,
      concurrentDials: 2,
    },
  );
  const clients = await Promise.all(Array.from({ length: 6 }, () => Client.connect(t, told)));
  for (const client of clients) client.send("x");
  await waitFor("all decisions", () => told.decided.length === 6);
  assert.equal(waiting.length, 2);
  for (let done = 0; done < 6; done += 1) {
    const next = await waitFor("the next attempt", () => waiting.shift());
    next();
  }
  for (const client of clients) await client.untilEnd();
  assert.equal(most, 2);
});

test("takes a client that leaves out of the queue", async (t) => {
  const lookups: string[] = [];
  const lookup: Lookup = (host) => void lookups.push(host);
  const told = await startRouter(
    t,
    (data) => ({ remote: `${data.toString()}.example:1`, connectTimeoutMs: 300 }),
    {
      lookup,
      concurrentDials: 1,
      connectAttempts: 1,
    },
  );
  const [first, second] = [await Client.connect(t, told), await Client.connect(t, told)];
  first.send("first");
  await waitFor("the first lookup", () => lookups.length === 1);
  second.send("second");
  await waitFor("both decisions", () => told.decided.length === 2);
  second.socket.resetAndDestroy();
  await told.end();
  await first.untilEnd();
  await told.end(1);
  assert.deepEqual(lookups, ["first.example"]);
});

class TestPools implements TcpPools {
  readonly calls: string[] = [];
  readonly #ports: number[];

  constructor(...ports: number[]) {
    this.#ports = ports;
  }

  has(pool: string): boolean {
    return pool === "git";
  }

  pick(_pool: string, { peer }: TcpClient): TcpEndpoint | undefined {
    const port = this.#ports.shift();
    if (port === undefined) return undefined;
    this.calls.push(`pick ${peer.address}`);
    return {
      path: undefined,
      preface: undefined,
      host: "127.0.0.1",
      port,
      connected: () => this.calls.push("connected"),
      connectFailed: () => this.calls.push("failed"),
      released: () => this.calls.push("released"),
    };
  }
}

test("takes endpoints from a pool: another one when the first refuses, and gives each back exactly once", async (t) => {
  const server = await startNamedServer(t, "endpoint");
  const pools = new TestPools(refusedPort, server.port);
  const told = await startRouter(t, () => ({ pool: "git" }), { pools });
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "endpoint:x");
  client.socket.end();
  const record = await told.end();
  assert.deepEqual(
    [record.outcome, record.attempts, record.decision.target],
    ["completed", 2, "git"],
  );
  assert.deepEqual(pools.calls, [
    "pick 127.0.0.1",
    "failed",
    "pick 127.0.0.1",
    "connected",
    "released",
  ]);
});

test("ends when a pool has no endpoint", async (t) => {
  const told = await startRouter(t, () => ({ pool: "git" }), {
    pools: new TestPools(),
    connectAttempts: 2,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await client.untilEnd();
  const record = await told.end();
  assert.deepEqual([record.outcome, record.code], ["upstream_failed", "ESP_ERR_TCP_NO_ENDPOINT"]);
  assert.deepEqual(told.connectErrors, []);
});
