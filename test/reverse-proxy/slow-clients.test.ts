import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import test, { after, type TestContext } from "node:test";
import { respond, responseBytes } from "../support/origin-scripts.ts";
import type { OriginExchange } from "../support/recording-origin.ts";
import { waitFor } from "../support/wait-for.ts";
import { load, startFixture, tally } from "./fixture.ts";

const connections = 128;
/** More than the kernel takes for a client that does not read. */
const big = responseBytes({ body: Buffer.alloc(8 * 1024 * 1024, "x") });

const fixture = await startFixture({
  origins: [
    {
      keepsBodies: false,
      onRequest: (exchange: OriginExchange) =>
        exchange.request.head.target === "/big"
          ? exchange.connection.write(big)
          : respond({ body: "{}" })(exchange),
    },
  ],
  isAudited: false,
  config: ([port]) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    timeouts: {write: 2s}
    min_rate: {grace: 2s}
    routes: [{path: /, pool: es}]
pools:
  es:
    endpoints: ["http://127.0.0.1:${port}"]
    limits: {connections: ${connections}}
`,
});
after(() => fixture[Symbol.asyncDispose]());

/** Opens sockets a hundred at a time and writes `bytes` to each. */
async function open(count: number, localAddress: string, bytes: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
      connect({ host: fixture.proxy.host, port: fixture.proxy.port, localAddress }),
    );
    for (const socket of some) socket.on("error", () => {});
    await Promise.all(some.map((socket) => once(socket, "connect")));
    for (const socket of some) socket.write(bytes);
    sockets.push(...some);
  }
  return sockets;
}

/** Requests of others meanwhile, and how long the slowest hundredth of them took. */
async function others(t: TestContext, what: string): Promise<number[]> {
  const times: number[] = [];
  let startedMs = performance.now();
  const statuses = await load(
    fixture,
    1,
    (sent) => {
      times.push(performance.now() - startedMs);
      startedMs = performance.now();
      return sent >= 300;
    },
    () => ({ path: "/_doc/1" }),
  );
  times.sort((a, b) => a - b);
  t.diagnostic(`${what}: p99 ${(times[Math.floor(times.length * 0.99)] ?? 0).toFixed(1)} ms`);
  return [...tally(statuses).keys()];
}

/** Most connections to the origin at one time. */
let mostAtOrigin = 0;
const watch = setInterval(() => {
  const now = fixture.origins[0]?.connections.filter(({ isClosed }) => !isClosed).length ?? 0;
  mostAtOrigin = Math.max(mostAtOrigin, now);
}, 20);
after(() => clearInterval(watch));

test("2,000 clients that send a byte now and then hold no connection, and are told 408 in time", async (t) => {
  assert.deepEqual(await others(t, "alone"), [200]);
  const startedMs = performance.now();
  const head = "POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nx";
  const sockets = await open(2000, "127.0.0.1", head);
  const answers = sockets.map(() => "");
  for (const [i, socket] of sockets.entries())
    socket.on("data", (bytes: Buffer) => (answers[i] += bytes.toString("latin1")));
  const trickle = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write("x");
  }, 1000);
  assert.deepEqual(await others(t, "beside slow uploads"), [200]);
  await waitFor(
    "an answer for all",
    () => answers.every((answer) => answer.startsWith("HTTP/1.1 408 ")),
    30_000,
  );
  clearInterval(trickle);
  t.diagnostic(`all gone after ${Math.round(performance.now() - startedMs)} ms, the grace is 2 s`);
  assert.equal(fixture.origins[0]?.requestsFor("/_bulk").length, 0);
  for (const socket of sockets) socket.destroy();
});

for (const { localAddress, count, title } of [
  {
    localAddress: "127.0.0.1",
    count: 300,
    title: "300 clients at everybody's address that do not read their answers keep nobody waiting",
  },
  {
    localAddress: "127.0.0.2",
    count: 2000,
    title: "2,000 clients at one address that do not read their answers keep no other one waiting",
  },
])
  test(title, async (t) => {
    const startedMs = performance.now();
    const sockets = await open(count, localAddress, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    for (const socket of sockets) socket.pause();
    assert.deepEqual(await others(t, "beside stalled readers"), [200]);
    await waitFor(
      "the end of their upstream work",
      () =>
        fixture.origins[0]?.connections.every(
          ({ isClosed, requests }) => isClosed || requests.at(-1)?.head.target !== "/big",
        ),
      30_000,
    );
    t.diagnostic(`all gone after ${Math.round(performance.now() - startedMs)} ms`);
    for (const socket of sockets) socket.destroy();
    assert.deepEqual(await others(t, "afterwards"), [200]);
  });

test("connections to the endpoint were bounded all the time", () => {
  // Twice the limit, and those that the origin has not seen closed yet.
  assert.ok(mostAtOrigin <= 3 * connections, `${mostAtOrigin}`);
});
