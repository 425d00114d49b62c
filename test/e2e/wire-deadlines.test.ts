import assert from "node:assert/strict";
import test, { after } from "node:test";
import { drip, stall } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { refusedPort } from "../support/ports.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    timeouts: {header: 1s, body_idle: 1s, keep_alive: 1s, write: 1s}
    routes:
      - {path: /nobody, pool: nobody}
      - {path: /hasty, pool: origin, timeouts: {body_idle: 250ms, response: 250ms}}
      - {path: /, pool: origin}
pools:
  origin:
    endpoints: ["http://127.0.0.1:${port}"]
    timeouts: {response: 1s, body_idle: 1s}
  nobody: {endpoints: ["http://127.0.0.1:${refusedPort}"]}
audit: {directory: ${folder}/audit, format: ecs}
`,
});
after(() => pair[Symbol.asyncDispose]());

// The deadlines are one second and the sweep is coarse: ten seconds are for a slow machine, not for
// the proxy.
const patienceMs = 10_000;

test("answers 408 to a head that does not come to its end, and closes", async () => {
  using client = await pair.client();
  client.send("GET /slow-head HTTP/1.1\r\nHost: x\r\n", "GET");
  assert.equal((await client.response(1, patienceMs)).head.status, 408);
  assert.equal(await client.closed(patienceMs), "fin");
});

test("answers 408 to a head that comes byte by byte without end: progress does not move the deadline", async () => {
  using client = await pair.client();
  client.send("GET /slow-bytes HTTP/1.1\r\nHost: x\r\nX: ", "GET");
  const feeding = setInterval(() => client.send("a"), 100);
  try {
    assert.equal((await client.response(1, patienceMs)).head.status, 408);
  } finally {
    clearInterval(feeding);
  }
});

test("answers 408 to a body that stops, and leaves an unfinished request at the origin", async () => {
  using client = await pair.client();
  client.send("POST /slow-body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello", "POST");
  assert.equal((await client.response(1, patienceMs)).head.status, 408);
  assert.equal(await client.closed(patienceMs), "fin");
  const requests = pair.origin.requestsFor("/slow-body");
  assert.ok(requests.every((request) => !request.complete));
  await pair.origin.until("the end of the connection", (origin) =>
    origin.connections.every((one) => one.parser.isBetweenMessages || one.end !== "open"),
  );
});

test("blames the client, never the endpoint, for an upload that stops, however short the endpoint's own time", async () => {
  using client = await pair.client();
  client.send("POST /hasty HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "POST");
  client.send("x".repeat(20_000));
  assert.equal((await client.response(1, patienceMs)).head.status, 408);
});

test("closes an idle connection silently, whether it has served anything or not", async () => {
  using fresh = await pair.client();
  using used = await pair.client();
  used.send("GET /used HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  await used.response();
  assert.equal(await used.closed(patienceMs), "fin");
  assert.equal(await fresh.closed(patienceMs), "fin");
  assert.equal(used.finals.length, 1);
  assert.equal(fresh.receivedBytes, 0);
});

test("answers 504 when a read gets no answer in time, and ends the upstream connection", async () => {
  pair.when("/logs/_search", stall());
  using client = await pair.client();
  client.send("GET /logs/_search HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response(1, patienceMs)).head.status, 504);
  const carrier = pair.origin.connections.find((one) =>
    one.requests.some((request) => request.head.target === "/logs/_search"),
  );
  await pair.origin.until("the end of the connection", () => carrier?.end !== "open");
  assert.equal(pair.origin.requestsFor("/logs/_search").length, 1);
});

test("calls the outcome of a write unknown when it gets no answer in time", async () => {
  pair.when("/logs/_bulk", stall());
  using client = await pair.client();
  client.send("POST /logs/_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", "POST");
  assert.equal((await client.response(1, patienceMs)).head.status, 500);
  assert.equal(pair.origin.requestsFor("/logs/_bulk").length, 1);
});

test("ends a response visibly when its body stops", async () => {
  pair.when("/stopped", ({ connection }) =>
    connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
  );
  using client = await pair.client();
  client.send("GET /stopped HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  await client.closed(patienceMs);
  assert.equal(client.isWhole, false);
  assert.equal(client.fault, undefined);
});

test("lets a slow response take its time as long as it moves", async () => {
  // Two and a half times the idle time in all.
  pair.when("/drip", async (exchange) => {
    await exchange.connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
    await drip(Buffer.from("a".repeat(10)), 1, 250)(exchange);
  });
  using client = await pair.client();
  client.send("GET /drip HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response(1, patienceMs)).body.toString(), "a".repeat(10));
});

test("answers 502 when nobody listens at the endpoint", async () => {
  using client = await pair.client();
  client.send("POST /nobody/_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", "POST");
  const answer = await client.response(1, patienceMs);
  assert.equal(answer.head.status, 502);
  assert.match(answer.body.toString(), /not sent/);
});

test("resets a client that does not read its response", async () => {
  const block = Buffer.alloc(1 << 20);
  pair.when("/unread", async ({ connection }) => {
    await connection.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * block.length}\r\n\r\n`);
    for (let i = 0; i < 64 && !connection.isClosed; i += 1) await connection.write(block);
  });
  using client = await pair.client({ startsPaused: true, keepsBodies: false });
  client.send("GET /unread HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  const carrier = () =>
    pair.origin.connections.find((one) =>
      one.requests.some((request) => request.head.target === "/unread"),
    );
  await pair.origin.until(
    "the end of the upstream connection",
    () => (carrier()?.end ?? "open") !== "open",
    patienceMs,
  );
  client.socket.resume();
  await client.closed();
  assert.equal(client.isWhole, false);
});
