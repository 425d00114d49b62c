import assert from "node:assert/strict";
import { test } from "node:test";
import { waitFor } from "../support/wait-for.ts";
import {
  Client,
  refusedRemote,
  startNamedServer,
  startRouter,
  startServer,
} from "./tcp-fixture.ts";

// ProxyMachine's own behaviours, one test each.

test("routes by content", async (t) => {
  const one = await startNamedServer(t, "one");
  const two = await startNamedServer(t, "two");
  const told = await startRouter(t, (data) => ({
    remote: data.toString() === "a" ? one.remote : two.remote,
  }));
  const [a, b] = [await Client.connect(t, told), await Client.connect(t, told)];
  a.send("a");
  b.send("b");
  assert.equal(await a.untilEnd(), "one:a");
  assert.equal(await b.untilEnd(), "two:b");
});

test("sends `data` to the server in place of what the client sent", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, () => ({ remote: server.remote, data: "rewritten" }));
  const client = await Client.connect(t, told);
  client.send("original");
  assert.equal(await client.untilEnd(), "server:rewritten");
});

test("sends nothing in place of the client's bytes when `data` is empty", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, () => ({ remote: server.remote, data: "" }));
  const client = await Client.connect(t, told);
  client.send("greeting");
  await waitFor("the connection to the server", () => server.sockets.length === 1);
  client.send("payload");
  assert.equal(await client.untilEnd(), "server:payload");
});

test("sends `reply` to the client before anything of the server", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, () => ({ remote: server.remote, reply: "hello " }));
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "hello server:x");
});

test("closes", async (t) => {
  const told = await startRouter(t, () => ({ close: true }));
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "");
  assert.equal(client.end, "fin");
  assert.equal((await told.end()).outcome, "closed");
});

test("closes after the bytes of `close`", async (t) => {
  const told = await startRouter(t, (data) => ({
    close: data.toString() === "s" ? "bye" : Buffer.from([0xff, 0]),
  }));
  const [text, bytes] = [await Client.connect(t, told), await Client.connect(t, told)];
  text.send("s");
  bytes.send("b");
  assert.equal(await text.untilEnd(), "bye");
  assert.equal(await bytes.untilEnd(), "\u00ff\0");
  assert.equal(text.end, "fin");
});

test("waits over 2,048 bytes with `noop`, and decides at one byte more", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, (data) =>
    data.length <= 2048 ? { noop: true } : { remote: server.remote },
  );
  const client = await Client.connect(t, told);
  client.send("e".repeat(2048));
  client.socket.once("drain", () => {});
  await waitFor("the bytes to be seen", () => client.socket.bytesWritten === 2048);
  client.send("f");
  assert.equal(await client.untilEnd(), `server:${"e".repeat(2048)}f`);
});

test("tries a refused connection ten times, 100 ms apart, and then calls onConnectError once", async (t) => {
  const told = await startRouter(t, () => ({ remote: refusedRemote }), {
    connectRetryDelayMs: 100,
  });
  const client = await Client.connect(t, told);
  const started = performance.now();
  client.send("x");
  assert.equal(await client.untilEnd(), "");
  assert.ok(performance.now() - started >= 890, "nine waits of 100 ms");
  assert.equal((await told.end()).attempts, 10);
  assert.deepEqual(
    told.connectErrors.map(([name, error]) => [name, "code" in error ? error.code : undefined]),
    [[refusedRemote, "ECONNREFUSED"]],
  );
  assert.deepEqual(told.inactive, []);
});

test("closes and calls onInactivity when the server is silent for the given time, and not before", async (t) => {
  const server = await startServer(t, () => {});
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 80 }));
  const client = await Client.connect(t, told);
  const beganMs = performance.now();
  client.send("x");
  await waitFor("onInactivity", () => told.inactive.length === 1);
  assert.ok(performance.now() - beganMs >= 75, "it waited");
  assert.equal(await client.untilEnd(), "");
  assert.equal(client.end, "fin", "ProxyMachine's own suite reads to the end of file");
  assert.deepEqual(told.inactive, [server.remote]);
  assert.equal((await told.end()).outcome, "timed_out");
  assert.deepEqual(told.connectErrors, []);
});

test("does not call onInactivity once the server has said something", async (t) => {
  const server = await startServer(t, (socket) => socket.write("x"));
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 1000 }));
  const client = await Client.connect(t, told);
  client.send("x");
  await client.receives("x");
  const receivedMs = performance.now();
  await waitFor("the time of the callback", () => performance.now() > receivedMs + 1000);
  assert.equal(client.end, "open");
  assert.deepEqual(told.inactive, []);
});

test("calls no callback when the client leaves a silent server", async (t) => {
  const server = await startServer(t, () => {});
  // So long that a busy computer does not reach it before the client has left.
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 1000 }));
  const client = await Client.connect(t, told);
  client.send("x");
  await waitFor("the connection to the server", () => server.sockets.length === 1);
  client.socket.destroy();
  await told.end();
  const endedMs = performance.now();
  await waitFor("the time of the callback", () => performance.now() > endedMs + 1000);
  assert.deepEqual([told.inactive, told.connectErrors], [[], []]);
});

test("calls no callback when the client leaves while its server refuses, and tries no more", async (t) => {
  const told = await startRouter(t, () => ({ remote: refusedRemote }), { connectRetryDelayMs: 50 });
  const client = await Client.connect(t, told);
  client.send("x");
  await waitFor("the decision", () => told.decided.length === 1);
  client.socket.resetAndDestroy();
  const { attempts } = await told.end();
  assert.ok(attempts < 10, `${attempts} attempts`);
  assert.deepEqual([told.inactive, told.connectErrors], [[], []]);
});

test("calls no callback when the client has ended its side before its server refused for the last time", async (t) => {
  const told = await startRouter(t, () => ({ remote: refusedRemote }), {
    connectRetryDelayMs: 50,
    connectAttempts: 4,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await waitFor("the decision", () => told.decided.length === 1);
  client.socket.end();
  const { attempts, outcome } = await told.end();
  assert.ok(attempts < 4, `${attempts} attempts`);
  assert.deepEqual([outcome, told.connectErrors], ["upstream_failed", []]);
});

test("stops gracefully: accepts nothing new, and lets the connection that runs end in its own time", async (t) => {
  const server = await startServer(t, (socket) =>
    socket.on("data", (bytes: Buffer) => socket.write(bytes)),
  );
  const told = await startRouter(t, () => ({ remote: server.remote }));
  const client = await Client.connect(t, told);
  client.send("one");
  await client.receives("one");
  let isDrained = false;
  const drained = told.listener.drain(undefined).then(() => (isDrained = true));
  await assert.rejects(Client.connect(t, told), { code: "ECONNREFUSED" });
  client.send("two");
  await client.receives("onetwo");
  assert.equal(isDrained, false);
  client.socket.end();
  for (const socket of server.sockets) socket.end();
  await drained;
  assert.equal((await told.end()).outcome, "completed");
});

test("stops within a time limit: what still runs then is reset, and recorded as shutdown", async (t) => {
  const server = await startServer(t, (socket) => socket.write("x"));
  const told = await startRouter(t, () => ({ remote: server.remote }));
  const client = await Client.connect(t, told);
  client.send("x");
  await client.receives("x");
  await told.listener.drain(30);
  await client.untilEnd();
  assert.equal(client.end, "reset");
  assert.equal((await told.end()).outcome, "shutdown");
});
