import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { test } from "node:test";
import { proxyProtocol, type ProxyHeader } from "../../../src/tcp/matchers/proxy-protocol.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { absent, captureBytes } from "../real-client.ts";
import { freePort } from "../../support/ports.ts";
import { startServer } from "../tcp-fixture.ts";
import { assertMatches, assertNoMatch } from "./match-checks.ts";

test("reads the version 1 header of curl", { skip: absent("curl") }, async (t) => {
  let port = 0;
  const bytes = await captureBytes(
    t,
    "curl",
    (own) => {
      port = own;
      return ["-s", "-m", "5", "--haproxy-protocol", `http://127.0.0.1:${own}/`];
    },
    (sent) => sent.includes("\n"),
  );
  const end = bytes.indexOf("\n") + 1;
  const header = proxyProtocol(bytes);
  assert.deepEqual(header?.destination, { address: "127.0.0.1", port });
  assert.equal(header.source?.address, "127.0.0.1");
  assertMatches(proxyProtocol, bytes.subarray(0, end), header);
});

test("reads the version 2 header of HAProxy", { skip: absent("haproxy") }, async (t) => {
  let bytes = Buffer.alloc(0);
  const server = await startServer(t, (socket) =>
    socket.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk]))),
  );
  const folder = await makeTempDir();
  t.after(() => folder.remove());
  const front = await freePort();
  await writeFile(
    folder.file("haproxy.cfg"),
    `defaults\n mode tcp\n timeout connect 5s\n timeout client 5s\n timeout server 5s\nlisten l\n bind 127.0.0.1:${front}\n server s 127.0.0.1:${server.port} send-proxy-v2\n`,
  );
  const child = spawn("haproxy", ["-db", "-f", folder.file("haproxy.cfg")], {
    stdio: "ignore",
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` },
  });
  t.after(() => child.kill("SIGKILL"));
  const client = await waitFor("HAProxy", async () => {
    const socket = connect(front, "127.0.0.1");
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
    return (await promise) ? socket : undefined;
  });
  t.after(() => client.destroy());
  client.write("hello");
  await waitFor("the header", () => bytes.includes("hello"));
  const header = proxyProtocol(bytes);
  assert.equal(header?.version, 2);
  assert.deepEqual(header.source, { address: "127.0.0.1", port: client.localPort });
  assert.deepEqual(header.destination, { address: "127.0.0.1", port: front });
  assert.equal(bytes.subarray(header.length).toString(), "hello");
  assertMatches(proxyProtocol, bytes.subarray(0, header.length), header);
});

test("reads both families in both versions, and headers without addresses", () => {
  const expected = (
    version: 1 | 2,
    source: string,
    destination: string,
    length: number,
  ): ProxyHeader => ({
    version,
    source: { address: source, port: 56324 },
    destination: { address: destination, port: 443 },
    length,
  });
  assertMatches(
    proxyProtocol,
    Buffer.from("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"),
    expected(1, "192.0.2.1", "198.51.100.1", 45),
  );
  assertMatches(
    proxyProtocol,
    Buffer.from("PROXY TCP6 2001:db8::1 ::1 56324 443\r\n"),
    expected(1, "2001:db8::1", "::1", 38),
  );
  assertMatches(proxyProtocol, Buffer.from("PROXY UNKNOWN\r\n"), {
    version: 1,
    source: undefined,
    destination: undefined,
    length: 15,
  });
  assertMatches(
    proxyProtocol,
    v2(0x21, 0x11, "c0000201c6336401dc0401bb"),
    expected(2, "192.0.2.1", "198.51.100.1", 28),
  );
  assertMatches(
    proxyProtocol,
    v2(0x21, 0x21, `${"20010db8".padEnd(31, "0")}1${"1".padStart(32, "0")}dc0401bb`),
    expected(2, "2001:db8::1", "::1", 52),
  );
  assertMatches(proxyProtocol, v2(0x20, 0, ""), {
    version: 2,
    source: undefined,
    destination: undefined,
    length: 16,
  });
});

test("skips the additional fields of version 2", () => {
  const header = proxyProtocol(v2(0x21, 0x11, "c0000201c6336401dc0401bb04000178"));
  assert.equal(header?.length, 32);
});

test("refuses what is not a PROXY header", () => {
  for (const bytes of [
    "GET /",
    "PROXY TCP4 a b 1 2\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n",
    "PROXY TCP6 fe80::1%lo ::1 1 1\r\n",
    "PROXY TCP4 ::1 ::1 1 1\r\n",
    "PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n",
    `PROXY ${"x".repeat(120)}`,
    "\r\n\r\nX",
  ])
    assertNoMatch(proxyProtocol, bytes);
  assertNoMatch(proxyProtocol, v2(0x11, 0x11, "c0000201c6336401dc0401bb"));
  const addresses = "c0000201c6336401dc0401bb";
  for (const bytes of [
    v2(0x21, 0x11, "c0000201"),
    v2(0x21, 0x41, addresses),
    v2(0x21, 0x11, `${addresses}0400ff00`),
    v2(0x21, 0x11, `${addresses}0400`),
    v2(0x21, 0x11, `${addresses}03000400000000`),
  ])
    assert.equal(proxyProtocol(bytes), null);
});

function v2(command: number, family: number, hex: string): Buffer {
  const body = Buffer.from(hex, "hex");
  const head = Buffer.from("\r\n\r\n\0\r\nQUIT\n\0\0\0\0", "latin1");
  head[12] = command;
  head[13] = family;
  head.writeUInt16BE(body.length, 14);
  return Buffer.concat([head, body]);
}
