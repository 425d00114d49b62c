import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { after } from "node:test";
import { connect as connectTls } from "node:tls";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { cutAfter, responseBytes } from "../support/origin-scripts.ts";
import { startProxiedOrigin } from "../support/proxied-origin.ts";
import { RawClient } from "../support/raw-client.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { testVariants } from "../support/test-variants.ts";

const folder = await makeTempDir("broken-off");
const identity = await writeIdentity(folder.path, "es", await (await makeAuthority()).server());
const socketPath = folder.file("proxy.sock");
const pair = await startProxiedOrigin({
  config: (port, own) => `
listeners:
  - name: clear
    bind: 127.0.0.1:0
    timeouts: {write: 1s}
    routes: [{path: /, pool: es}]
  - name: tls
    bind: 127.0.0.1:0
    tls: {cert: ${identity.cert}, key: ${identity.key}}
    timeouts: {write: 1s}
    routes: [{path: /, pool: es}]
  - name: unix
    bind: "unix:${socketPath}"
    timeouts: {write: 1s}
    routes: [{path: /, pool: es}]
pools: {es: {endpoints: ["http://127.0.0.1:${port}"]}}
audit: {directory: ${own}/audit}
`,
});
after(async () => {
  await pair[Symbol.asyncDispose]();
  await folder.remove();
});

const [, tlsPort = ""] = await pair.proxy.child.stderrMatch(/listening on https:\/\/\S+:(\d+)/);
await pair.proxy.child.stderrMatch(/listening on unix:/);

async function client(transport: string, startsPaused: boolean): Promise<RawClient> {
  const socket: Socket =
    transport === "tls"
      ? connectTls({ port: Number(tlsPort), host: "127.0.0.1", rejectUnauthorized: false })
      : transport === "unix"
        ? connectTcp(socketPath)
        : connectTcp(pair.proxy.port, pair.proxy.host);
  const raw = new RawClient(socket, { startsPaused, keepsBodies: false });
  await once(socket, transport === "tls" ? "secureConnect" : "connect");
  return raw;
}

async function assertAlive(transport: string): Promise<void> {
  using next = await client(transport, false);
  next.send("GET / HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await next.response()).head.status, 200);
  assert.equal(pair.proxy.child.ended, undefined);
}

const transports = { "over TCP": "clear", "over TLS": "tls", "over a unix socket": "unix" };

testVariants(
  "an answer without a length that is cut ends the client's connection, and nothing else",
  transports,
  async (transport) => {
    const target = `/cut-${transport}`;
    const answer = responseBytes({ body: "x".repeat(1000), framing: "close" });
    pair.when(target, cutAfter(answer, 500, "reset"));
    using broken = await client(transport, false);
    broken.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
    await broken.closed();
    await assertAlive(transport);
  },
);

testVariants(
  "a client that stops reading its answer loses its connection in time, and nobody else does",
  transports,
  async (transport) => {
    const target = `/large-${transport}`;
    pair.when(target, ({ connection }) =>
      connection.write(responseBytes({ body: Buffer.alloc(32 * 1024 * 1024) })),
    );
    using stalled = await client(transport, true);
    stalled.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
    await pair.origin.until(
      "the end of its upstream work",
      ({ connections }) =>
        connections.some(
          ({ requests, end }) => end !== "open" && requests.at(-1)?.head.target === target,
        ),
      10_000,
    );
    await assertAlive(transport);
  },
);
