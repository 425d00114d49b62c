import assert from "node:assert/strict";
import test, { after } from "node:test";
import { respond, respondRaw } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";

const pair = await startProxiedOrigin({
  config: (port, folder) => `
listeners:
  - name: es
    bind: 127.0.0.1:0
    routes:
      - {path: /socket, pool: origin, upgrade: [websocket]}
      - {path: /, pool: origin}
pools:
  origin: {endpoints: ["http://127.0.0.1:${port}"]}
audit: {directory: ${folder}/audit, format: ecs}
`,
});
const { origin } = pair;
after(() => pair[Symbol.asyncDispose]());

const switched =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: " +
  "websocket\r\nX-Chosen: yes\r\n\r\n";

function upgradeRequest(target: string, protocol = "websocket", more = ""): string {
  return `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`;
}

test("becomes a tunnel both ways after a valid 101, bytes behind either head included", async () => {
  pair.when("/socket/a", ({ connection }) => {
    // The rest of the connection is no HTTP: echo it, upper-cased, without the strict reader.
    connection.socket.removeAllListeners("data");
    connection.socket.on(
      "data",
      (bytes: Buffer) => void connection.write(bytes.toString("latin1").toUpperCase()),
    );
    return connection.write(`${switched}hello from the origin;`);
  });
  using client = await pair.client();
  client.send(upgradeRequest("/socket/a"), "GET");
  await client.until("101", () => client.finals[0]?.head.status === 101);
  const [answer] = client.finals;
  assert.equal(answer?.value("upgrade"), "websocket");
  assert.match(answer?.value("connection") ?? "", /upgrade/i);
  assert.equal(answer?.value("x-chosen"), "yes");
  const [request] = origin.requestsFor("/socket/a");
  assert.equal(request?.value("upgrade"), "websocket");
  assert.match(request?.value("connection") ?? "", /upgrade/i);
  client.send("\x81\x05abc\0GET / HTTP/1.1\r\n\r\n");
  const expected = "hello from the origin;\x81\x05ABC\0GET / HTTP/1.1\r\n\r\n";
  await client.until("the echo", () => (answer?.bodyBytes ?? 0) >= expected.length);
  assert.equal(answer?.body.toString("latin1"), expected);
});

test("passes half-close through the tunnel in both directions", async () => {
  pair.when("/socket/b", ({ connection }) => {
    connection.socket.removeAllListeners("data");
    connection.socket.on("data", () => {});
    connection.socket.on("end", () => {
      void connection.write("after your end");
      connection.fin();
    });
    return connection.write(switched);
  });
  using client = await pair.client();
  client.send(upgradeRequest("/socket/b"), "GET");
  await client.until("101", () => client.finals[0]?.head.status === 101);
  client.halfClose();
  assert.equal(await client.closed(), "fin");
  assert.equal(client.finals[0]?.body.toString(), "after your end");
});

test("goes on with HTTP when the origin answers an upgrade request with an ordinary response", async () => {
  using client = await pair.client();
  pair.when("/socket/c", respond({ status: 426, body: "{}" }));
  client.send(upgradeRequest("/socket/c"), "GET");
  assert.equal((await client.response()).head.status, 426);
  client.send("GET /socket/c2 HTTP/1.1\r\nHost: x\r\n\r\n", "GET");
  assert.equal((await client.response(2)).head.status, 200);
});

test("does not forward bytes that the client sends before the origin has switched", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let early = -1;
  pair.when("/socket/d", async ({ connection }) => {
    await promise;
    early = connection.parser.pending.length + connection.requests.length;
    await respond({ status: 403, body: "{}" })({
      connection,
      request: connection.requests[0] ?? assert.fail(),
    });
  });
  using client = await pair.client();
  client.send(`${upgradeRequest("/socket/d")}\x81\x05early`, "GET");
  await origin.until("the request", () => origin.requestsFor("/socket/d").length === 1);
  const carrier = origin.connections.find((one) =>
    one.requests.some((request) => request.head.target === "/socket/d"),
  );
  const before = carrier?.requests.length ?? 0;
  resolve();
  assert.equal((await client.response()).head.status, 403);
  assert.equal(early, before, "nothing but the request had come");
  // What came behind is no request: it must not be taken for one.
  await client.closed();
  assert.ok(client.finals.length <= 2);
});

for (const [name, target, protocol] of [
  ["on a route without upgrades", "/plain", "websocket"],
  ["to a protocol that the route does not list", "/socket/e", "irc"],
  ["to h2c", "/socket/f", "h2c"],
] as const)
  test(`takes the upgrade off ${name} and serves the request as HTTP`, async () => {
    using client = await pair.client();
    client.send(
      upgradeRequest(
        target,
        protocol,
        protocol === "h2c" ? "HTTP2-Settings: AAMAAABkAAQAAP__\r\n" : "",
      ),
      "GET",
    );
    assert.equal((await client.response()).head.status, 200);
    const [request] = origin.requestsFor(target);
    assert.deepEqual(request?.values("upgrade"), []);
    assert.deepEqual(request?.values("http2-settings"), []);
    assert.ok(!/upgrade/i.test(request?.values("connection").join() ?? ""));
  });

for (const [name, target, headers, content] of [
  ["that nobody asked for", "/plain-101", "", switched],
  [
    "to a protocol that was not offered",
    "/socket/g",
    "Connection: Upgrade\r\nUpgrade: websocket\r\n",
    switched.replace("websocket", "irc"),
  ],
] as const)
  test(`answers 502 to a 101 ${name}`, async () => {
    pair.when(target, respondRaw(content));
    using client = await pair.client();
    client.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`, "GET");
    assert.equal((await client.response()).head.status, 502);
  });
