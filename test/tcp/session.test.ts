import assert from "node:assert/strict";
import { test } from "node:test";
import type { Route, RouteConnection } from "../../src/tcp/route-contract.ts";
import { waitFor } from "../support/wait-for.ts";
import { Client, FakeClock, startNamedServer, startRouter, startServer } from "./tcp-fixture.ts";

test("tells the function who is connected", async (t) => {
  let seen: RouteConnection | undefined;
  const told = await startRouter(t, (_data, connection) => {
    seen = connection;
    return { close: true };
  });
  const client = await Client.connect(t, told);
  client.send("x");
  const record = await told.end();
  assert.equal(seen?.id, record.id);
  assert.match(record.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assert.deepEqual(seen?.peer, { address: "127.0.0.1", port: client.socket.localPort });
  assert.deepEqual(seen.local, told.listener.address);
  assert.equal(seen.tlsServerName, undefined);
  assert.ok(seen.elapsedMs >= 0);
});

for (const [name, route, pattern] of [
  [
    "a throw",
    () => {
      throw new Error("lost");
    },
    /the router threw: lost/,
  ],
  ["a rejected promise", async () => Promise.reject(new Error("lost")), /the router threw: lost/],
  [
    "a rejection with something that is no error",
    async () => Promise.reject("lost"),
    /the router threw: lost/,
  ],
  [
    "an object without a text that is thrown",
    () => {
      throw Object.create(null);
    },
    /the router threw: something without a text/,
  ],
  [
    "an error with a stack of its own",
    () => {
      throw Object.assign(new Error("lost"), { stack: 5 });
    },
    /the router threw: lost/,
  ],
  [
    "a decision whose field throws",
    () => ({
      get remote(): string {
        throw new Error("lost");
      },
    }),
    /cannot be read: lost/,
  ],
  ["a decision that is no object any more", () => revoked() as never, /revoked/],
  [
    "something whose then throws",
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- this is what a router may return
      get then(): never {
        throw new Error("lost");
      },
    }),
    /the router threw: lost/,
  ],
  [
    "a then that throws when it is called",
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- this is what a router may return
      then(): never {
        throw new Error("lost");
      },
    }),
    /the router threw: lost/,
  ],
  ["a promise of something else", async () => 5 as never, /returned 5/],
  ["a pool that is not configured", () => ({ pool: "none" }), /"none" is not configured/],
] as const)
  test(`closes, logs the router's file and counts on ${name}`, async (t) => {
    const told = await startRouter(t, route as Route);
    const client = await Client.connect(t, told);
    client.send("x");
    assert.equal(await client.untilEnd(), "");
    assert.equal((await told.end()).outcome, "rejected");
    assert.deepEqual(told.events, ["connection", "router_error"]);
    assert.equal(told.errors.length, 1);
    assert.match(told.errors[0]?.message ?? "", pattern);
    assert.equal(told.errors[0]?.fields["at"], "router.ts");
  });

test("keeps bytes back while a promise is pending, and does not call the function again before it settles", async (t) => {
  const server = await startNamedServer(t, "server");
  const calls: string[] = [];
  const settled = Promise.withResolvers<void>();
  const told = await startRouter(t, async (data) => {
    calls.push(data.toString());
    if (calls.length === 1) await settled.promise;
    return data.length < 3 ? { noop: true } : { remote: server.remote };
  });
  const client = await Client.connect(t, told);
  client.send("a");
  await waitFor("the first call", () => calls.length === 1);
  client.send("b");
  client.send("c");
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(calls, ["a"]);
  settled.resolve();
  assert.equal(await client.untilEnd(), "server:abc");
  assert.deepEqual(calls, ["a", "abc"]);
});

test("lets `data` replace what the function was shown, and sends what came later behind it", async (t) => {
  const server = await startNamedServer(t, "server");
  const settled = Promise.withResolvers<void>();
  const calls: string[] = [];
  const told = await startRouter(t, async (data) => {
    calls.push(data.toString());
    await settled.promise;
    return { remote: server.remote, data: "new " };
  });
  const client = await Client.connect(t, told);
  client.send("old");
  await waitFor("the call", () => calls.length === 1);
  client.send("later");
  await new Promise((resolve) => setTimeout(resolve, 20));
  settled.resolve();
  assert.equal(await client.untilEnd(), "server:new later");
});

test("sends a reply with `noop`, and shows all bytes again", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, (data) =>
    data.length < 4
      ? { noop: true, reply: "go on" }
      : { remote: server.remote, data: data.subarray(3) },
  );
  const client = await Client.connect(t, told);
  client.send("ask");
  await client.receives("go on");
  client.send("payload");
  assert.equal(await client.untilEnd(), "go onserver:payload");
});

test("closes a connection whose router still waits at the preread limit", async (t) => {
  const lengths: number[] = [];
  const told = await startRouter(
    t,
    (data) => {
      lengths.push(data.length);
      return { noop: true };
    },
    { prereadBytes: 100 },
  );
  const client = await Client.connect(t, told);
  client.send("x".repeat(1000));
  assert.equal(await client.untilEnd(), "");
  const record = await told.end();
  assert.deepEqual([record.outcome, record.code], ["rejected", "ESP_ERR_TCP_PREREAD_LIMIT"]);
  assert.ok(told.events.includes("preread_limit"));
  assert.equal(Math.max(...lengths), 100, "never shown more than the limit");
});

test("forwards what came beyond the preread limit", async (t) => {
  let got = "";
  const server = await startServer(t, (socket) => {
    socket.on("data", (bytes: Buffer) => (got += bytes.toString()));
    socket.on("end", () => socket.end());
  });
  const told = await startRouter(t, () => ({ remote: server.remote, data: "|" }), {
    prereadBytes: 10,
  });
  const client = await Client.connect(t, told);
  client.socket.end("0123456789abc");
  await told.end();
  assert.equal(got, "|abc");
});

test("stops reading while a promise is pending and the preread is full", async (t) => {
  const settled = Promise.withResolvers<void>();
  let got = 0;
  const server = await startServer(t, (socket) => {
    socket.on("data", (bytes: Buffer) => (got += bytes.length));
    socket.on("end", () => socket.end());
  });
  let call = 0;
  const told = await startRouter(t, async () => {
    call += 1;
    await settled.promise;
    return { remote: server.remote };
  });
  const client = await Client.connect(t, told);
  const total = 32 * 1024 * 1024;
  client.send("x");
  await waitFor("the call", () => call === 1);
  client.socket.end(Buffer.alloc(total));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(client.socket.writableLength > total / 2, "the client could not get rid of its bytes");
  settled.resolve();
  assert.equal((await told.end()).bytesUp, total + 1);
  assert.equal(got, total + 1);
});

test("ends the wait for a decision at the preread timeout, and tells a pending function through its signal", async (t) => {
  const clock = new FakeClock();
  let signal: AbortSignal | undefined;
  const told = await startRouter(
    t,
    (data, connection) => {
      if (data.length < 2) return { noop: true };
      signal = connection.signal;
      return new Promise(() => {});
    },
    { clock, prereadTimeoutMs: 5000 },
  );
  const silent = await Client.connect(t, told);
  const waiting = await Client.connect(t, told);
  const pending = await Client.connect(t, told);
  waiting.send("a");
  pending.send("ab");
  await waitFor("the pending call", () => signal !== undefined);
  clock.advance(4999);
  told.listener.checkDeadlines();
  assert.equal(told.ended.length, 0);
  clock.advance(1);
  told.listener.checkDeadlines();
  for (const client of [silent, waiting, pending]) assert.equal(await client.untilEnd(), "");
  await told.end(2);
  for (const { outcome, code } of told.ended)
    assert.deepEqual([outcome, code], ["timed_out", "ESP_ERR_TCP_PREREAD_TIMEOUT"]);
  assert.equal(signal?.aborted, true);
});

test("keeps a decided session beyond the preread timeout", async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, (socket) =>
    socket.on("data", (bytes: Buffer) => socket.write(bytes)),
  );
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    clock,
    prereadTimeoutMs: 10,
  });
  const client = await Client.connect(t, told);
  client.send("a");
  await client.receives("a");
  clock.advance(100_000);
  told.listener.checkDeadlines();
  client.send("b");
  await client.receives("ab");
});

test("aborts the signal of a pending function when the client's connection breaks, and records no decision", async (t) => {
  let signal: AbortSignal | undefined;
  const told = await startRouter(t, (_data, connection) => {
    signal = connection.signal;
    return new Promise(() => {});
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await waitFor("the call", () => signal !== undefined);
  client.socket.resetAndDestroy();
  const record = await told.end();
  assert.equal(signal?.aborted, true);
  assert.deepEqual(
    [record.outcome, record.decision.kind, told.decided.length],
    ["client_aborted", "none", 0],
  );
});

test("records a client that leaves before it has said anything", async (t) => {
  const told = await startRouter(t, () => ({ close: true }));
  const client = await Client.connect(t, told);
  client.socket.end();
  const record = await told.end();
  assert.deepEqual([record.outcome, record.bytesDown, record.bytesUp], ["client_aborted", 0, 0]);
  assert.equal(record.peer.port, client.socket.localPort ?? record.peer.port);
});

test("tells the decision before it forwards anything, with the bytes seen, and the end afterwards under the same id", async (t) => {
  const server = await startNamedServer(t, "server");
  let isTold: (() => void) | undefined;
  let seen = "";
  const ended: string[] = [];
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    audit: {
      decided: (session, gate) => {
        seen = `${Buffer.from(session.seen).toString()} ${session.seenBytes} ${session.decision.kind} ${session.decision.target}`;
        isTold = (): void => gate.proceed(true);
      },
      ended: ({ id, dialled, outcome, attempts }) =>
        ended.push(`${id.length} ${dialled} ${outcome} ${attempts}`),
    },
  });
  const client = await Client.connect(t, told);
  client.send("hello");
  await waitFor("the first record", () => isTold !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.sockets.length, 0, "nothing goes out before the record is stored");
  isTold?.();
  assert.equal(await client.untilEnd(), "server:hello");
  client.socket.end();
  await waitFor("the second record", () => ended.length === 1);
  assert.equal(seen, `hello 5 remote ${server.remote}`);
  assert.deepEqual(ended, [`36 ${server.remote} completed 1`]);
});

test("forwards nothing when the record cannot be stored", async (t) => {
  const server = await startNamedServer(t, "server");
  const ended: (string | undefined)[] = [];
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    audit: {
      decided: (_session, gate) => gate.proceed(false),
      ended: ({ code }) => ended.push(code),
    },
  });
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "");
  await waitFor("the end", () => ended.length === 1);
  assert.deepEqual([ended, server.sockets.length], [["ESP_ERR_TCP_AUDIT"], 0]);
});

test("logs what a callback throws or rejects with, and goes on", async (t) => {
  const server = await startServer(t, () => {});
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 1 }), {
    onInactivity: async () => Promise.reject(new Error("my bad")),
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await told.end();
  await waitFor("the log", () => told.errors.length === 1);
  assert.match(told.errors[0]?.message ?? "", /onInactivity threw: my bad/);
});

test("counts connections now, at most and in all, and refuses those beyond the limit", async (t) => {
  const told = await startRouter(t, () => ({ noop: true }), { maxConnections: 2 });
  const one = await Client.connect(t, told);
  await Client.connect(t, told);
  await waitFor("two connections", () => told.listener.stats.current === 2);
  const third = await Client.connect(t, told);
  await third.untilEnd();
  assert.deepEqual(told.listener.stats, { current: 2, max: 2, total: 2 });
  assert.ok(told.events.includes("connection_refused"));
  one.socket.destroy();
  await waitFor("one connection", () => told.listener.stats.current === 1);
  await Client.connect(t, told);
  await waitFor("three in all", () => told.listener.stats.total === 3);
  assert.deepEqual(told.listener.stats, { current: 2, max: 2, total: 3 });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
