import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Route } from "../../src/tcp/route-contract.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  Client,
  FakeClock,
  refusedRemote,
  type RouteOptions,
  startRouter,
  startServer,
  type Told,
} from "./tcp-fixture.ts";

// Every close that the router decides on is an end behind what was sent: a client that reads to the
// end of file gets all of it and no error, although bytes of its own are still under way.

/** More than the preread takes, so that bytes of the client are unread when the router closes. */
const flood = Buffer.alloc(4 * 1024 * 1024, "f");

interface Case {
  readonly route: (t: TestContext) => Route | Promise<Route>;
  readonly options?: RouteOptions;
  /** What makes the router close, once the client's bytes are under way. */
  readonly happens?: (told: Told, clock: FakeClock) => Promise<void>;
  /** What the client gets. @default nothing */
  readonly sent?: string;
}

const silentServer =
  (more: object): Case["route"] =>
  async (t) => {
    const server = await startServer(t, (socket) => {
      socket.resume();
      socket.on("end", () => socket.end());
    });
    return () => ({ remote: server.remote, ...more });
  };

const cases: Readonly<Record<string, Case>> = {
  "a decision to close": { route: () => () => ({ close: true }) },
  "a decision to close with bytes": { route: () => () => ({ close: "bye" }), sent: "bye" },
  "a decision to close after a reply": {
    route: () => {
      let call = 0;
      return () => (call++ === 0 ? { noop: true, reply: "wait " } : { close: "bye" });
    },
    options: { prereadBytes: 2 * flood.length },
    sent: "wait bye",
  },
  "a promise of a close": {
    route: () => async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { close: "bye" };
    },
    sent: "bye",
  },
  "a throw of the router": {
    route: () => () => {
      throw new Error("lost");
    },
  },
  "a decision that is none": { route: () => () => ({ remote: 5 }) as never },
  "a pool that is not configured": { route: () => () => ({ pool: "none", reply: "x" }) },
  "the preread limit": {
    route: () => () => ({ noop: true }),
    options: { prereadBytes: 100 },
  },
  "the preread timeout": {
    route: () => async () => new Promise(() => {}),
    options: { prereadTimeoutMs: 5000 },
    happens: async (told, clock) => {
      await waitFor("the connection", () => told.listener.stats.current === 1);
      clock.advance(5001);
      told.listener.checkDeadlines();
    },
  },
  "a server that cannot be connected to": {
    route: () => () => ({ remote: refusedRemote, reply: "hello" }),
    options: { connectAttempts: 2 },
    sent: "hello",
  },
  "an address that is refused": {
    route: () => () => ({ remote: "169.254.169.254:80", reply: "hello" }),
    sent: "hello",
  },
  "a record that cannot be stored": {
    route: silentServer({}),
    options: { audit: { decided: (_session, gate) => gate.proceed(false), ended: () => {} } },
  },
  "the inactivity timeout": {
    route: silentServer({ inactivityTimeoutMs: 30, reply: "hello" }),
    sent: "hello",
  },
  "the idle timeout": {
    route: silentServer({ reply: "hello" }),
    options: { idleTimeoutMs: 1000 },
    happens: async (told, clock) => {
      await waitFor("the session", () => told.decided.length === 1);
      for (let i = 0; i < 100 && told.ended.length === 0; i += 1) {
        clock.advance(1001);
        told.listener.checkDeadlines();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    sent: "hello",
  },
};

for (const [name, { route, options, happens, sent = "" }] of Object.entries(cases))
  test(`a client gets a clean end after ${name}`, async (t) => {
    const clock = new FakeClock();
    const told = await startRouter(t, await route(t), { clock, ...options });
    const client = await Client.connect(t, told);
    client.send(flood);
    await happens?.(told, clock);
    assert.equal(await client.untilEnd(), sent);
    assert.equal(client.end, "fin");
    client.socket.end();
    await waitFor("the end of the session", () => told.listener.stats.current === 0);
    assert.notEqual(client.end, "reset");
  });

test("after the inactivity timeout the server, too, gets all that was sent, and an end", async (t) => {
  let got = "";
  let end = "open";
  const server = await startServer(t, (socket) => {
    socket.on("data", (bytes: Buffer) => (got += bytes.toString()));
    socket.on("end", () => {
      end = "fin";
      socket.end("too late");
    });
    socket.on("error", () => (end = "reset"));
  });
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 30 }));
  const client = await Client.connect(t, told);
  client.send("question");
  assert.equal(await client.untilEnd(), "", "what comes after the decision to close is dropped");
  assert.equal(client.end, "fin");
  client.socket.end();
  await waitFor("the server's end", () => end !== "open");
  assert.deepEqual([got, end], ["question", "fin"]);
  await waitFor("the end of the session", () => told.listener.stats.current === 0);
  const { outcome, bytesUp, bytesDown } = await told.end();
  assert.deepEqual([outcome, bytesUp, bytesDown], ["timed_out", 8, 0]);
});

test("a peer that does not end its side is waited for a second, and no longer", async (t) => {
  const clock = new FakeClock();
  const server = await startServer(t, (socket) => socket.resume());
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 20 }), {
    clock,
  });
  const client = await Client.connect(t, told);
  client.send("x");
  await client.untilEnd();
  clock.advance(999);
  told.listener.checkDeadlines();
  assert.equal(told.listener.stats.current, 1);
  clock.advance(1);
  told.listener.checkDeadlines();
  await waitFor("the end of the session", () => told.listener.stats.current === 0);
});

test("a server that has not taken all by then gets a reset: an end would make it look whole", async (t) => {
  const clock = new FakeClock();
  let end = "open";
  const server = await startServer(t, (socket) => {
    socket.pause();
    socket.on("error", () => (end = "reset"));
    socket.on("end", () => (end = "fin"));
  });
  const told = await startRouter(t, () => ({ remote: server.remote, inactivityTimeoutMs: 500 }), {
    clock,
  });
  const client = await Client.connect(t, told);
  client.send(Buffer.alloc(64 * 1024 * 1024));
  await client.untilEnd();
  clock.advance(1001);
  told.listener.checkDeadlines();
  await waitFor("the end of the session", () => told.listener.stats.current === 0);
  for (const socket of server.sockets) socket.resume();
  await waitFor("the server's end", () => end !== "open");
  assert.equal(end, "reset");
});

test("a client that ends its side while the router waits for more gets the replies, and an end", async (t) => {
  const told = await startRouter(t, () => ({ noop: true, reply: "more? " }));
  const client = await Client.connect(t, told);
  client.socket.end("all");
  assert.equal(await client.untilEnd(), "more? ");
  assert.equal(client.end, "fin");
  assert.equal((await told.end()).outcome, "client_aborted");
});
