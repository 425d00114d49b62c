import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { connect } from "node:tls";
import { tlsAlpn, tlsClientHello, tlsServerName } from "../../../src/tcp/matchers/tls.ts";
import { waitFor } from "../../support/wait-for.ts";
import { absent, captureBytes } from "../real-client.ts";
import { startServer } from "../tcp-fixture.ts";
import { assertMatches, assertNoMatch } from "./match-checks.ts";

const isWhole = (bytes: Buffer): boolean => tlsClientHello(bytes) !== undefined;

test("reads name and protocols of openssl s_client", { skip: absent("openssl") }, async (t) => {
  const bytes = await openssl(t, "-servername", "A.Example", "-alpn", "h2,http/1.1");
  assertMatches(tlsClientHello, bytes, { serverName: "a.example", protocols: ["h2", "http/1.1"] });
  assertMatches(tlsServerName, bytes, "a.example");
  assertMatches(tlsAlpn, bytes, ["h2", "http/1.1"]);
});

test(
  "gives null as the name, and no protocols, for a client that sends none",
  { skip: absent("openssl") },
  async (t) => {
    const bytes = await openssl(t, "-noservername");
    assertMatches(tlsClientHello, bytes, { serverName: undefined, protocols: [] });
    assert.equal(tlsServerName(bytes), null);
    assert.deepEqual(tlsAlpn(bytes), []);
  },
);

test(
  "joins a ClientHello that openssl has split over several records",
  { skip: absent("openssl") },
  async (t) => {
    const many = Array.from({ length: 120 }, (_, index) => `protocol-${index}`);
    const bytes = await openssl(
      t,
      "-servername",
      "split.example",
      "-max_send_frag",
      "512",
      "-alpn",
      many.join(","),
    );
    assert.ok(recordLengths(bytes).length > 2, `records: ${recordLengths(bytes).join(", ")}`);
    assertMatches(tlsClientHello, bytes, { serverName: "split.example", protocols: many });
  },
);

test(
  "joins a ClientHello whose every byte is a record of its own",
  { skip: absent("openssl") },
  async (t) => {
    const bytes = await openssl(t, "-servername", "tiny.example", "-alpn", "h2");
    const handshake = bytes.subarray(5);
    const records = Buffer.concat(
      [...handshake].map((byte) => Buffer.from([22, 3, 1, 0, 1, byte])),
    );
    assertMatches(tlsClientHello, records, { serverName: "tiny.example", protocols: ["h2"] });
  },
);

test("the dot of an absolute name is no part of the server name", async (t) => {
  let bytes = Buffer.alloc(0);
  const server = await startServer(t, (socket) =>
    socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk]))),
  );
  const client = connect({
    port: server.port,
    host: "127.0.0.1",
    servername: "Dot.Example.",
    rejectUnauthorized: false,
  });
  client.on("error", () => {});
  t.after(() => client.destroy());
  await waitFor("the ClientHello", () => isWhole(bytes));
  assertMatches(tlsServerName, bytes, "dot.example");
});

test("reads a ClientHello with a post-quantum key share, larger than one segment", async (t) => {
  let bytes = Buffer.alloc(0);
  const server = await startServer(t, (socket) =>
    socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk]))),
  );
  const client = connect({
    port: server.port,
    host: "127.0.0.1",
    servername: "pq.example",
    ALPNProtocols: ["http/1.1"],
    ecdhCurve: "X25519MLKEM768:X25519",
    rejectUnauthorized: false,
  });
  client.on("error", () => {});
  t.after(() => client.destroy());
  await waitFor("the ClientHello", () => isWhole(bytes));
  assert.ok(bytes.length > 1400, `${bytes.length} bytes`);
  assertMatches(tlsClientHello, bytes, { serverName: "pq.example", protocols: ["http/1.1"] });
});

test("refuses what is not a ClientHello at the first wrong byte", () => {
  assert.equal(tlsClientHello(Buffer.from("G")), null);
  assert.equal(tlsClientHello(Buffer.from([22, 2])), null);
  for (const bytes of [
    "GET / HTTP/1.1\r\n",
    "\x16\x03\x01\x00\x00",
    "\x16\x03\x01\x40\x01",
    "\x16\x03\x03\x00\x04\x02\x00\x00\x00",
    "\x16\x03\x01\x00\x05\x01\xff\xff\xff\x00",
    "\x16\x03\x01\x00\x01\x01\x17\x03\x03",
  ])
    assertNoMatch(tlsClientHello, bytes);
});

test(
  "refuses a ClientHello whose lengths contradict each other",
  { skip: absent("openssl") },
  async (t) => {
    const bytes = await openssl(t, "-servername", "cut.example", "-alpn", "h2");
    const { length } = bytes;
    let refused = 0;
    for (let at = 9 + 34; at < length; at += 1) {
      const broken = Buffer.from(bytes);
      broken.writeUInt8(255, at);
      // Never throws; a broken length is seen, a broken value is not a length.
      if (tlsClientHello(broken) === null) refused += 1;
    }
    assert.ok(refused > 10, `${refused} refused`);
  },
);

function openssl(t: TestContext, ...args: readonly string[]): Promise<Buffer> {
  return captureBytes(
    t,
    "openssl",
    (port) => ["s_client", "-connect", `127.0.0.1:${port}`, ...args],
    isWhole,
  );
}

function recordLengths(bytes: Buffer): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3))
    lengths.push(bytes.readUInt16BE(at + 3));
  return lengths;
}
