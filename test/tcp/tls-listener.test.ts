import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { waitFor } from "../support/wait-for.ts";
import { makeSelfSigned } from "../support/certificates.ts";
import { Client, startNamedServer, startRouter, startServer, type Told } from "./tcp-fixture.ts";

async function certificate(): Promise<{ cert: string; key: string }> {
  const { certPem, keyPem } = await makeSelfSigned();
  return { cert: certPem, key: keyPem };
}

async function connectTls(
  t: TestContext,
  told: Told,
  servername: string,
  more: ConnectionOptions = {},
): Promise<TLSSocket> {
  const { port } = told.listener.address;
  // `allowHalfOpen` reaches the socket, although the types do not list it.
  const options = {
    port,
    host: "127.0.0.1",
    servername,
    rejectUnauthorized: false,
    allowHalfOpen: true,
    ...more,
  };
  const socket = connect(options);
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

test("terminates TLS and shows the function what is inside, and the server name", async (t) => {
  const server = await startNamedServer(t, "server");
  let name: string | undefined;
  const tls = await certificate();
  const told = await startRouter(
    t,
    (_data, connection) => {
      name = connection.tlsServerName;
      return { remote: server.remote };
    },
    { tls },
  );
  const client = new Client(await connectTls(t, told, "Inside.Example."));
  client.send("secret");
  assert.equal(await client.untilEnd(), "server:secret");
  assert.equal(client.end, "fin");
  client.socket.end();
  assert.equal((await told.end()).outcome, "completed");
  assert.equal(name, "inside.example");
});

test("ends a TLS session whose server breaks without a clean end, and does not throw", async (t) => {
  const server = await startServer(t, (socket) =>
    socket.write("part", () => setTimeout(() => socket.resetAndDestroy(), 10)),
  );
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    tls: await certificate(),
  });
  const socket = await connectTls(t, told, "x.example");
  const client = new Client(socket);
  client.send("x");
  await client.receives("part");
  assert.equal((await told.end()).outcome, "upstream_failed");
  await waitFor("the end", () => socket.destroyed || client.end !== "open");
});

test("goes on after a failed handshake", async (t) => {
  const server = await startNamedServer(t, "server");
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    tls: await certificate(),
  });
  const broken = await Client.connect(t, told);
  broken.send("GET / HTTP/1.1\r\n\r\n");
  await broken.untilEnd();
  const client = new Client(await connectTls(t, told, "x.example"));
  client.send("x");
  assert.equal(await client.untilEnd(), "server:x");
});

test("passes what comes in bulk inside TLS on byte for byte, also to a server that does not read at first", async (t) => {
  const sent = Buffer.alloc(24 << 20);
  for (let at = 0; at < sent.length; at += 4) sent.writeUInt32BE(at, at);
  const received: Buffer[] = [];
  const server = await startServer(t, (socket) => {
    socket.pause();
    socket.removeAllListeners("data");
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    setTimeout(() => socket.resume(), 200);
  });
  const told = await startRouter(t, () => ({ remote: server.remote }), {
    tls: await certificate(),
  });
  const socket = await connectTls(t, told, "x.example");
  socket.end(sent);
  await waitFor(
    "all of it",
    () => received.reduce((sum, { length }) => sum + length, 0) >= sent.length,
    20_000,
  );
  assert.ok(Buffer.concat(received).equals(sent));
});

test("offers no suite without forward secrecy or authenticated encryption, and no renegotiation", async (t) => {
  const told = await startRouter(t, () => ({ noop: true }), { tls: await certificate() });
  const old = { maxVersion: "TLSv1.2" } as const;
  for (const ciphers of ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"])
    await assert.rejects(
      connectTls(t, told, "x.example", { ...old, ciphers: `${ciphers}:@SECLEVEL=0` }),
      { code: "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE" },
    );
  const socket = await connectTls(t, told, "x.example", old);
  const { promise, resolve } = Promise.withResolvers<Error | null>();
  socket.on("error", resolve);
  socket.renegotiate({ rejectUnauthorized: false }, resolve);
  assert.notEqual(await promise, null, "the renegotiation went through");
});
