import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ReadPacer } from "../../src/core/read-pacer.ts";
import { waitFor } from "../support/wait-for.ts";
import { Client, FakeClock, startRouter, startServer } from "./tcp-fixture.ts";

test("passes the client's end on while the server's answer still comes", async (t) => {
  const server = await startServer(t, (socket) => {
    let got = "";
    socket.on("data", (bytes: Buffer) => (got += bytes.toString()));
    socket.on("end", () => setImmediate(() => socket.end(`got ${got}`)));
  });
  const told = await startRouter(t, () => ({ remote: server.remote }));
  const client = await Client.connect(t, told);
  client.send("one ");
  client.socket.end("two");
  assert.equal(await client.untilEnd(), "got one two");
  const record = await told.end();
  assert.deepEqual([record.outcome, record.bytesUp, record.bytesDown], ["completed", 7, 11]);
});

test("passes on the end of a client that ends in the segment that decides", async (t) => {
  const server = await startServer(t, (socket) => {
    socket.resume();
    socket.on("end", () => socket.end("bye"));
  });
  const told = await startRouter(t, async () => {
    await nextTurn();
    return { remote: server.remote };
  });
  const client = await Client.connect(t, told);
  client.socket.end("all");
  assert.equal(await client.untilEnd(), "bye");
  assert.equal((await told.end()).outcome, "completed");
});

test("passes the server's end on while the client still sends", async (t) => {
  let got = "";
  const server = await startServer(t, (socket) => {
    socket.end("done");
    socket.on("data", (bytes: Buffer) => (got += bytes.toString()));
  });
  const told = await startRouter(t, () => ({ remote: server.remote }));
  const client = await Client.connect(t, told);
  client.send("a");
  assert.equal(await client.untilEnd(), "done");
  assert.equal(client.end, "fin");
  client.send("b");
  client.socket.end("c");
  assert.equal((await told.end()).outcome, "completed");
  assert.equal(got, "abc");
});

test("passes a reset of the server on as a reset, behind the bytes that came before it", async (t) => {
  const server = await startServer(t, (socket) => {
    socket.write("part", () => setTimeout(() => socket.resetAndDestroy(), 10));
  });
  const told = await startRouter(t, () => ({ remote: server.remote }));
  const client = await Client.connect(t, told);
  client.send("x");
  assert.equal(await client.untilEnd(), "part");
  assert.equal(client.end, "reset");
  assert.equal((await told.end()).outcome, "upstream_failed");
});

test("passes a reset of the client on as a reset", async (t) => {
  let end = "open";
  const server = await startServer(t, (socket) => {
    socket.write("x");
    socket.on("end", () => (end = "fin"));
    socket.on("error", () => (end = "reset"));
  });
  const told = await startRouter(t, () => ({ remote: server.remote }));
  const client = await Client.connect(t, told);
  client.send("x");
  await client.receives("x");
  client.socket.resetAndDestroy();
  assert.equal((await told.end()).outcome, "client_aborted");
  await waitFor("the server's end", () => end !== "open");
  assert.equal(end, "reset");
});

test("stops reading the server while the client does not read, and loses nothing", async (t) =>
  slowReader(t, true));

test("stops reading the client while the server does not read, and loses nothing", async (t) =>
  slowReader(t, false));

/**
 * 64 MiB towards a side that does not read at first: the sender must get stuck early, and all must
 * arrive in the end.
 */
async function slowReader(t: TestContext, isDown: boolean): Promise<void> {
  const total = 64 * 1024 * 1024;
  const block = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < block.length; at += 4) block.writeUInt32BE(at, at);
  const server = await startServer(t, (socket) => socket.pause());
  const told = await startRouter(t, () => ({ remote: server.remote, data: "" }));
  const client = await Client.connect(t, told);
  client.socket.pause();
  client.send("x");
  const peer = await waitFor("the connection to the server", () => server.sockets[0]);
  const [source, sink] = isDown ? [peer, client.socket] : [client.socket, peer];
  let sent = 0;
  const send = (): void => {
    while (sent < total) {
      sent += block.length;
      if (!source.write(block)) return;
    }
    source.end();
  };
  source.on("drain", send);
  send();
  await waitUnchanged(() => source.bytesWritten - source.writableLength);
  const stuckAt = source.bytesWritten - source.writableLength;
  assert.ok(stuckAt < total / 2, `the sender got rid of ${stuckAt} bytes although nobody reads`);
  assert.ok(
    process.memoryUsage().arrayBuffers < 48 * 1024 * 1024,
    "the bytes do not pile up in the process",
  );
  let received = 0;
  let isOrdered = true;
  sink.removeAllListeners("data");
  sink.on("data", (chunk: Buffer) => {
    for (let at = (4 - (received % 4)) % 4; at + 4 <= chunk.length; at += 4096)
      if (chunk.readUInt32BE(at) !== (received + at) % block.length) isOrdered = false;
    received += chunk.length;
  });
  const ended = once(sink, "end");
  sink.resume();
  await ended;
  assert.equal(received, total);
  assert.ok(isOrdered, "in order");
}

/** Waits until a number has not changed for a while. */
async function waitUnchanged(read: () => number): Promise<void> {
  let last = -1;
  let since = performance.now();
  await waitFor("nothing moves any more", () => {
    const now = read();
    if (now !== last) since = performance.now();
    last = now;
    return performance.now() - since > 150;
  });
}

test("ends a session that is idle for the given time, and not one that is used", async (t) => {
  const server = await startServer(t, (socket) =>
    socket.on("data", (bytes: Buffer) => socket.write(bytes)),
  );
  const clock = new FakeClock();
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    idleTimeoutMs: 1000,
    clock,
  });
  const client = await Client.connect(t, told);
  client.send("a");
  await client.receives("a");
  told.listener.checkDeadlines();
  clock.advance(900);
  client.send("b");
  await client.receives("ab");
  told.listener.checkDeadlines();
  clock.advance(900);
  told.listener.checkDeadlines();
  assert.equal(told.ended.length, 0);
  clock.advance(101);
  told.listener.checkDeadlines();
  const record = await told.end();
  assert.equal(record.outcome, "timed_out");
  assert.deepEqual(told.events.slice(-1), ["idle"]);
});

test("ends sessions that are overdue together in several turns of the event loop", async (t) => {
  let got = 0;
  const server = await startServer(t, (socket) => socket.on("data", () => (got += 1)));
  /** Each look at it may take a millisecond. */
  class SlowClock extends FakeClock {
    stepMs = 0;

    override now(): number {
      this.advance(this.stepMs);
      return super.now();
    }
  }
  const clock = new SlowClock();
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    idleTimeoutMs: 60_000,
    clock,
  });
  const count = 40;
  for (let i = 0; i < count; i += 1) (await Client.connect(t, told)).send("a");
  await waitFor("a byte of each", () => got === count);
  told.listener.checkDeadlines();
  const idle = (): number => told.events.filter((event) => event === "idle").length;
  clock.advance(60_001);
  clock.stepMs = 1;
  told.listener.checkDeadlines();
  assert.equal(idle(), 16);
  await waitFor("the others", () => idle() === count);
});

test("ends a half-closed session whose other side goes on in silence", async (t) => {
  const server = await startServer(t, (socket) => socket.end("bye"));
  const clock = new FakeClock();
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    halfClosedTimeoutMs: 500,
    clock,
  });
  const client = await Client.connect(t, told);
  client.send("a");
  assert.equal(await client.untilEnd(), "bye");
  told.listener.checkDeadlines();
  clock.advance(501);
  told.listener.checkDeadlines();
  assert.equal((await told.end()).outcome, "timed_out");
});

test("connections that carry much take turns, both ways, and nothing is lost", async (t) => {
  const bytes = Buffer.alloc(1_500_000, "0123456789abcdef");
  const got: number[] = [];
  const server = await startServer(t, (socket) => {
    const index = got.push(0) - 1;
    socket.on("data", (chunk: Buffer) => (got[index] = (got[index] ?? 0) + chunk.length));
    socket.on("end", () => socket.end(bytes));
  });
  let nowMs = 0;
  const mostWaiting = { up: 0, down: 0 };
  const reads: ReadPacer = new ReadPacer({
    now: () => {
      const direction = got.every((count) => count === bytes.length) ? "down" : "up";
      mostWaiting[direction] = Math.max(mostWaiting[direction], reads.waitingCount);
      // Each read uses up the time of a turn.
      return (nowMs += 1);
    },
  });
  const told = await startRouter(t, () => ({ remote: server.remote }), { reads });
  const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(t, told)));
  for (const client of clients) client.socket.end(bytes);
  await waitFor("all ends", () => clients.every(({ end }) => end !== "open"));
  assert.deepEqual(
    got,
    clients.map(() => bytes.length),
  );
  assert.ok(clients.every((client) => client.end === "fin" && client.bytes.equals(bytes)));
  await waitFor("the records", () => told.ended.length === 8);
  assert.ok(told.ended.every(({ outcome }) => outcome === "completed"));
  assert.ok(mostWaiting.up > 0 && mostWaiting.down > 0, JSON.stringify(mostWaiting));
});

test("a client that reads nothing gives its turns to others, and gets the rest later", async (t) => {
  const bytes = Buffer.alloc(7_000_000, "x");
  const server = await startServer(t, (socket) => {
    socket.on("data", () => {});
    socket.write(bytes);
  });
  let nowMs = 0;
  const reads = new ReadPacer({ now: () => (nowMs += 1) });
  const told = await startRouter(t, () => ({ remote: server.remote }), { reads });
  const clients = await Promise.all(Array.from({ length: 4 }, () => Client.connect(t, told)));
  const stalled = clients.slice(0, 2);
  for (const { socket } of stalled) socket.pause();
  for (const client of clients) client.send("go");
  await waitFor("those that read", () =>
    clients.slice(2).every(({ socket }) => socket.bytesRead === bytes.length),
  );
  for (const { socket } of stalled) socket.resume();
  await waitFor("the others", () =>
    stalled.every(({ socket }) => socket.bytesRead === bytes.length),
  );
  for (const { socket } of clients) socket.destroy();
});
