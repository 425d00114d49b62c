import assert from "node:assert/strict";
import { test } from "node:test";
import {
  maxProxyHeaderBytes,
  readProxyHeader,
  writeOwnHeader,
  writeProxyHeader,
} from "../../src/net/proxy-protocol.ts";
import type { ProxiedConnection } from "../../src/net/proxy-protocol.ts";

const signature = "0d0a0d0a000d0a515549540a";
const v2 = (hex: string): Buffer => Buffer.from(signature + hex.replaceAll(" ", ""), "hex");

function connection(peerAddress: string, localAddress: string): ProxiedConnection {
  return { peerAddress, peerPort: 56_324, localAddress, localPort: 443 };
}

const connections: readonly ProxiedConnection[] = [
  connection("192.0.2.1", "198.51.100.2"),
  connection("0.0.0.0", "255.255.255.255"),
  connection("2001:db8::1", "2001:db8::2"),
  connection("::", "::1"),
  connection("::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6"),
  connection("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "1::"),
  connection("fe80::1", "fe80::2"),
];

test("a header that is written is read back, in both versions and in any pieces", () => {
  for (const version of ["v1", "v2"] as const)
    for (const one of connections) {
      const bytes = writeProxyHeader(version, one);
      const label = `${version} ${one.peerAddress}`;
      for (let length = 0; length < bytes.length; length += 1)
        assert.equal(
          readProxyHeader(bytes.subarray(0, length)),
          undefined,
          `${label}, ${length} bytes`,
        );
      const header = readProxyHeader(Buffer.concat([bytes, Buffer.from("GET / HTTP/1.1\r\n")]));
      assert.equal(header?.length, bytes.length, label);
      const normal = (address: string): string =>
        address.includes(":") ? new URL(`http://[${address}]`).hostname : address;
      assert.equal(normal(header?.source?.address ?? ""), normal(one.peerAddress), label);
      assert.equal(normal(header?.destination?.address ?? ""), normal(one.localAddress), label);
      assert.equal(header?.source?.port, 56_324);
      assert.equal(header?.destination?.port, 443);
    }
});

test("the bytes are those of the specification", () => {
  const one = connection("192.0.2.1", "198.51.100.2");
  assert.equal(
    writeProxyHeader("v1", one).toString(),
    "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n",
  );
  assert.deepEqual(writeProxyHeader("v2", one), v2("21 11 000c c0000201 c6336402 dc04 01bb"));
  const six = connection("2001:db8::1", "2001:db8::2");
  assert.equal(
    writeProxyHeader("v1", six).toString(),
    "PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n",
  );
  assert.deepEqual(
    writeProxyHeader("v2", six),
    v2("21 21 0024 20010db8000000000000000000000001 20010db8000000000000000000000002 dc04 01bb"),
  );
  assert.equal(
    writeProxyHeader("v1", connection("fe80::1%eth0", "fe80::2")).toString(),
    "PROXY TCP6 fe80::1 fe80::2 56324 443\r\n",
  );
});

test("a client without an IP address, or with one of another family, is unknown", () => {
  for (const one of [connection("unix", "unix"), connection("192.0.2.1", "2001:db8::1")]) {
    assert.equal(writeProxyHeader("v1", one).toString(), "PROXY UNKNOWN\r\n");
    assert.deepEqual(writeProxyHeader("v2", one), v2("21 00 0000"));
    assert.deepEqual(readProxyHeader(writeProxyHeader("v2", one)), {
      source: undefined,
      destination: undefined,
      length: 16,
    });
  }
});

test("connections of our own say so", () => {
  assert.equal(writeOwnHeader("v1").toString(), "PROXY UNKNOWN\r\n");
  assert.deepEqual(writeOwnHeader("v2"), v2("20 00 0000"));
  assert.deepEqual(readProxyHeader(writeOwnHeader("v2")), {
    source: undefined,
    destination: undefined,
    length: 16,
  });
});

test("valid headers in rarer forms are read", () => {
  const rows: [name: string, bytes: Buffer, source: string | undefined, length: number][] = [
    [
      "v1 UNKNOWN with addresses",
      Buffer.from("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"),
      undefined,
      35,
    ],
    [
      "v1 UNKNOWN of the greatest length",
      Buffer.from(`PROXY UNKNOWN ${"x".repeat(91)}\r\n`),
      undefined,
      107,
    ],
    ["v2 LOCAL with an address", v2("20 11 000c c0000201 c6336402 dc04 01bb"), undefined, 28],
    ["v2 with TLVs", v2("21 11 0010 c0000201 c6336402 dc04 01bb 04 0001 00"), "192.0.2.1", 32],
    ["v2 over UNIX stream", Buffer.concat([v2("21 31 00d8"), Buffer.alloc(216)]), undefined, 232],
    ["v2 over UNIX datagram", Buffer.concat([v2("21 32 00d8"), Buffer.alloc(216)]), undefined, 232],
    ["v2 over UDP", v2("21 12 000c c0000201 c6336402 dc04 01bb"), undefined, 28],
    ["v2 over UDP and IPv6", Buffer.concat([v2("21 22 0024"), Buffer.alloc(36)]), undefined, 52],
    ["v2 UNSPEC", v2("21 00 0004 00000000"), undefined, 20],
    ["v2 LOCAL with a family and nothing else", v2("20 11 0000"), undefined, 16],
    ["v2 LOCAL with half an address", v2("20 21 0004 00000000"), undefined, 20],
    ["v2 LOCAL with an unknown family", v2("20 ff 0003 abcdef"), undefined, 19],
  ];
  for (const [name, bytes, source, length] of rows) {
    const header = readProxyHeader(bytes);
    assert.equal(header?.source?.address, source, name);
    assert.equal(header?.length, length, name);
  }
});

const addresses = "c0000201 c6336402 dc04 01bb";

test("values behind the addresses must fill the header exactly", () => {
  for (const [name, bytes] of [
    ["a value that overruns", v2(`21 11 0010 ${addresses} 04 00ff 00`)],
    ["a head that is cut", v2(`21 11 000e ${addresses} 04 00`)],
    ["one byte behind the last value", v2(`21 11 0011 ${addresses} 04 0001 00 04`)],
    ["IPv6 addresses and a value that overruns", v2(`21 21 0028 ${"00".repeat(36)} 01 0002 68`)],
  ] as const)
    assert.equal(readProxyHeader(bytes), null, name);
});

test("a checksum is verified", () => {
  // Computed with the table-less definition of RFC 9260, bit by bit, over the zeroed header.
  const bitwise = (bytes: Uint8Array): number => {
    let value = 0xffffffff;
    for (const byte of bytes) {
      value ^= byte;
      for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
    }
    return ~value >>> 0;
  };
  assert.equal(bitwise(Buffer.from("123456789")), 0xe3069283, "the check value of the polynomial");
  const header = v2(`21 11 0017 ${addresses} 03 0004 00000000 04 0001 00`);
  header.writeUInt32BE(bitwise(header), 31);
  assert.equal(readProxyHeader(header)?.source?.address, "192.0.2.1");
  for (let at = 16; at < header.length; at += 1) {
    // The type says that there is a checksum at all.
    if (at === 28) continue;
    const changed = Buffer.from(header);
    changed.writeUInt8(changed.readUInt8(at) ^ 0x01, at);
    assert.equal(readProxyHeader(changed), null, `byte ${at} changed`);
  }
  // Where nothing tells how long addresses are, values that fill the header are values.
  for (const start of ["20 00", "21 00"]) {
    const bare = v2(`${start} 000b 03 0004 00000000 04 0001 00`);
    bare.writeUInt32BE(bitwise(bare), 19);
    assert.equal(readProxyHeader(bare)?.length, 27, start);
    bare.writeUInt8(1, 26);
    assert.equal(readProxyHeader(bare), null, `${start}, changed`);
  }
  const twice = v2(`21 11 001a ${addresses} 03 0004 00000000 03 0004 00000000`);
  assert.equal(readProxyHeader(twice), null, "two checksums");
});

test("what is no header is refused", () => {
  const rows: [name: string, bytes: Buffer][] = [
    ["an HTTP request", Buffer.from("GET / HTTP/1.1\r\n")],
    ["a TLS handshake", Buffer.from("1603010200010001fc0303", "hex")],
    ["one wrong byte", Buffer.from("PROXz")],
    ["lower case", Buffer.from("proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n")],
    ["v1 without CR", Buffer.from(`PROXY TCP4 1.1.1.1 2.2.2.2 1 2\n${"x".repeat(100)}`)],
    ["v1 too long", Buffer.from(`PROXY UNKNOWN ${"x".repeat(92)}\r\n`)],
    ["v1 that never ends", Buffer.from(`PROXY TCP4 ${"1".repeat(107)}`)],
    ["v1 with another family", Buffer.from("PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n")],
    ["v1 with IPv6 as TCP4", Buffer.from("PROXY TCP4 ::1 ::2 1 2\r\n")],
    ["v1 with IPv4 as TCP6", Buffer.from("PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n")],
    ["v1 with a name", Buffer.from("PROXY TCP4 localhost 2.2.2.2 1 2\r\n")],
    ["v1 with two blanks", Buffer.from("PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n")],
    ["v1 with a blank at the end", Buffer.from("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n")],
    ["v1 with too little", Buffer.from("PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n")],
    ["v1 with too much", Buffer.from("PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n")],
    ["v1 with a leading zero", Buffer.from("PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n")],
    ["v1 with a sign", Buffer.from("PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n")],
    ["v1 with too great a port", Buffer.from("PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n")],
    ["v1 with octal", Buffer.from("PROXY TCP4 1.1.1.01 2.2.2.2 1 2\r\n")],
    ["v1 with a zone", Buffer.from("PROXY TCP6 fe80::1%lo ::1 1 2\r\n")],
    ["v2 of version 1", v2("11 11 000c c0000201 c6336402 dc04 01bb")],
    ["v2 of version 3", v2("31 11 000c c0000201 c6336402 dc04 01bb")],
    ["v2 with an unknown command", v2("22 11 000c c0000201 c6336402 dc04 01bb")],
    ["v2 with an unknown family", v2("21 41 000c c0000201 c6336402 dc04 01bb")],
    ["v2 with a family and no transport", v2("21 10 000c c0000201 c6336402 dc04 01bb")],
    ["v2 with a transport and no family", v2("21 01 000c c0000201 c6336402 dc04 01bb")],
    ["v2 too short for UDP", v2("21 12 000b c0000201 c6336402 dc04 01")],
    ["v2 of another version, cut", v2("31")],
    ["v2 too short for IPv4", v2("21 11 000b c0000201 c6336402 dc04 01")],
    ["v2 too short for IPv6", v2("21 21 000c c0000201 c6336402 dc04 01bb")],
    ["v2 too short for UNIX", v2("21 31 0000")],
    ["v2 too long", Buffer.concat([v2("21 11 ffff"), Buffer.alloc(maxProxyHeaderBytes)])],
  ];
  for (const [name, bytes] of rows) assert.equal(readProxyHeader(bytes), null, name);
});
