import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import test, { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { respond, responseBytes } from "../support/origin-scripts.ts";
import type { OriginExchange } from "../support/recording-origin.ts";
import { waitFor } from "../support/wait-for.ts";
import { startFixture, tally } from "./fixture.ts";

const clients = 1000;
const slowHeaders = 2000;
/** More than the kernel takes for most clients that do not read. */
const bigBytes = 8 * 1024 * 1024;
/** Bytes that a stalled client may cost: what was read for it and could not be written. */
const perClientBytes = 256 * 1024;
const big = responseBytes({ body: Buffer.alloc(bigBytes, "x") });

let bigRequests = 0;
/** Large answers that the proxy has not taken whole. */
let unfinished = 0;
const fixture = await startFixture({
  origins: [
    {
      keepsBodies: false,
      onRequest: (exchange: OriginExchange) => {
        if (exchange.request.head.target !== "/big") return respond({ body: "{}" })(exchange);
        bigRequests += 1;
        unfinished += 1;
        return exchange.connection.write(big).finally(() => (unfinished -= 1));
      },
    },
  ],
  isAudited: false,
  config: ([port]) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    timeouts: {header: 2s, body_idle: 2s, write: 3s}
    routes: [{path: /, pool: es}]
pools:
  es:
    endpoints: ["http://127.0.0.1:${port}"]
    timeouts: {connect: 20s}
    limits: {connections: 3000}
`,
});
after(() => fixture[Symbol.asyncDispose]());

/** Opens sockets a hundred at a time and writes `bytes` to each. */
async function open(count: number, bytes: string): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(100, count - sockets.length) }, () =>
      connect({ host: fixture.proxy.host, port: fixture.proxy.port }),
    );
    for (const socket of some) socket.on("error", () => {});
    await Promise.all(some.map((socket) => once(socket, "connect")));
    for (const socket of some) socket.write(bytes);
    sockets.push(...some);
  }
  return sockets;
}

async function resident(): Promise<number> {
  const bytes = await fixture.proxy.child.residentBytes();
  assert.ok(bytes !== undefined, "this test reads /proc");
  return bytes;
}

async function ordinary(count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i += 1)
    statuses.push((await fixture.send({ path: "/_doc/1" })).status);
  return statuses;
}

test("clients that do not read their large answers cost a bounded amount of memory, and are reset in time", async () => {
  await ordinary(200);
  const before = await resident();
  const sockets = await open(clients, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
  for (const socket of sockets) socket.pause();
  await waitFor("all requests at the origin", () => bigRequests === clients, 60_000);
  // Other traffic goes on; nothing more is read for those that are stalled.
  const stalled = await resident();
  assert.deepEqual([...tally(await ordinary(100)).keys()], [200]);
  await sleep(1000);
  const later = await resident();
  assert.ok(
    later - before < clients * perClientBytes,
    `${later - before} bytes for ${clients} clients`,
  );
  assert.ok(
    later - stalled < clients * perClientBytes * 0.5,
    `memory grew by ${later - stalled} while nobody read`,
  );
  assert.ok(unfinished > 0, "somebody is stalled");
  await waitFor("the end of the upstream work", () => unfinished === 0, 60_000);
  for (const socket of sockets) socket.destroy();
});

test("clients that stop within their uploads cost a bounded amount of memory, and are told 408", async () => {
  const before = await resident();
  const sockets = await open(
    clients,
    `POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: ${bigBytes}\r\n\r\n${"x".repeat(1000)}`,
  );
  const answers = sockets.map(() => "");
  for (const [i, socket] of sockets.entries())
    socket.on("data", (bytes: Buffer) => (answers[i] += bytes.toString("latin1")));
  assert.deepEqual([...tally(await ordinary(100)).keys()], [200]);
  assert.ok((await resident()) - before < clients * perClientBytes);
  await waitFor(
    "an answer for all",
    () => answers.every((answer) => answer.startsWith("HTTP/1.1 408 ")),
    10_000,
  );
  for (const socket of sockets) socket.destroy();
});

test("slow heads do not keep others out, and each is told 408", async () => {
  const before = await resident();
  const sockets = await open(slowHeaders, "GET /_doc/1 HTTP/1.1\r\nHo");
  const answers = sockets.map(() => "");
  for (const [i, socket] of sockets.entries())
    socket.on("data", (bytes: Buffer) => (answers[i] += bytes.toString("latin1")));
  assert.deepEqual([...tally(await ordinary(200)).keys()], [200]);
  assert.ok(
    (await resident()) - before < slowHeaders * 64 * 1024,
    "a few bytes of a head cost little",
  );
  await waitFor(
    "an answer for all",
    () => answers.every((answer) => answer.startsWith("HTTP/1.1 408 ")),
    10_000,
  );
  for (const socket of sockets) socket.destroy();
  assert.equal((await fixture.send({ path: "/_doc/1" })).status, 200);
});
