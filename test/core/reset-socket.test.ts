import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { resetSocket } from "../../src/core/reset-socket.ts";
import { makeAuthority } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

/** A connection's two ends. */
async function pair(
  t: TestContext,
  server: Server,
  event: string,
  dial: (port: number) => Socket,
  path?: string,
): Promise<{ ours: Socket; theirs: Socket; end: () => string }> {
  if (path === undefined) server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");
  t.after(() => server.close());
  const accepted = once(server, event) as Promise<[Socket]>;
  const theirs = dial((server.address() as AddressInfo).port);
  let end = "open";
  theirs
    .on("error", (error: NodeJS.ErrnoException) => (end = error.code ?? ""))
    .on("end", () => {
      if (end === "open") end = "fin";
    })
    .resume();
  const [ours] = await accepted;
  ours.on("error", () => {});
  t.after(() => theirs.destroy());
  return { ours, theirs, end: () => end };
}

test("a TCP connection is reset", async (t) => {
  const server = createServer({ allowHalfOpen: true });
  const { ours, end } = await pair(t, server, "connection", (port) => connect(port, "127.0.0.1"));
  resetSocket(ours);
  await waitFor("the reset", () => end() !== "open");
  assert.equal(end(), "ECONNRESET");
});

test("an end that is on its way closes the connection, and leaves no descriptor open", async (t) => {
  const server = createServer({ allowHalfOpen: true });
  const { ours, end } = await pair(t, server, "connection", (port) => connect(port, "127.0.0.1"));
  const before = process.getActiveResourcesInfo().filter((name) => name.startsWith("TCPS")).length;
  ours.end();
  await Promise.resolve();
  resetSocket(ours);
  await waitFor("the end", () => end() !== "open");
  await waitFor(
    "the descriptor to be closed",
    () =>
      process.getActiveResourcesInfo().filter((name) => name.startsWith("TCPS")).length < before,
  );
});

test("a TLS connection is broken off without an end of its own", async (t) => {
  const identity = await (await makeAuthority()).server();
  const options = { cert: identity.certPem, key: identity.keyPem, allowHalfOpen: true };
  const { ours, theirs, end } = await pair(
    t,
    createTlsServer(options),
    "secureConnection",
    (port) => connectTls({ port, rejectUnauthorized: false }),
  );
  resetSocket(ours);
  await waitFor("the end", () => end() !== "open" || theirs.destroyed);
  assert.equal(ours.destroyed, true);
});

test("a connection over a unix socket is closed", async (t) => {
  await using folder = await makeTempDir("reset");
  const path = folder.file("socket");
  const server = createServer({ allowHalfOpen: true });
  const { ours, end } = await pair(t, server, "connection", () => connect(path), path);
  resetSocket(ours);
  await waitFor("the end", () => end() !== "open");
});
