import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import test from "node:test";
import { connect as connectTls } from "node:tls";
import { defaults } from "../../src/config/defaults.ts";
import { writeProxyHeader } from "../../src/net/proxy-protocol.ts";
import { SocketListener } from "../../src/net/socket-listener.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { recordingLog } from "../audit/trail-fixture.ts";

test("connections to a unix socket keep their own PROXY protocol headers through TLS", async (t) => {
  await using folder = await makeTempDir();
  const authority = await makeAuthority();
  const files = await writeIdentity(folder.path, "server", await authority.server());
  const path = folder.file("s");
  const listener = await SocketListener.open({
    name: "es",
    bind: { kind: "unix", path },
    tls: {
      certFile: files.cert,
      keyFile: files.key,
      clientCaFile: undefined,
      clientCrlFile: undefined,
      clientAuth: "require",
      minVersion: "TLSv1.2",
      ciphers: defaults.ciphers,
    },
    maxConnections: 0,
    handshakeMs: 10_000,
    log: recordingLog([]),
    proxyProtocol: { trusts: () => false },
    onConnection: (socket, header) => socket.end(header?.source?.address ?? "nobody"),
  });
  t.after(() => listener.abort());
  const clients = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
  // All headers are there before the first handshake begins.
  const sockets = await Promise.all(
    clients.map(async (peerAddress) => {
      const socket = connect({ path });
      t.after(() => socket.destroy());
      const ends = { peerAddress, peerPort: 1, localAddress: "192.0.2.9", localPort: 2 };
      socket.write(writeProxyHeader("v2", ends));
      await once(socket, "connect");
      return socket;
    }),
  );
  const told = sockets.map(async (socket) => {
    const secure = connectTls({ socket, ca: authority.certPem, servername: "localhost" });
    const [bytes] = (await once(secure, "data")) as [Buffer];
    secure.destroy();
    return bytes.toString();
  });
  assert.deepEqual(await Promise.all(told), clients);
});
