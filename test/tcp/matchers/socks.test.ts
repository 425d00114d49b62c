import assert from "node:assert/strict";
import { test } from "node:test";
import { socks4, socks4a, socks5 } from "../../../src/tcp/matchers/socks.ts";
import { absent, captureBytes } from "../real-client.ts";
import { assertMatches, assertNoMatch } from "./match-checks.ts";

const curl = { skip: absent("curl") };

test("reads a SOCKS 4 request of curl", curl, async (t) => {
  const args = (port: number): string[] => [
    "-s",
    "-m",
    "5",
    "--socks4",
    `me@127.0.0.1:${port}`,
    "http://192.0.2.1:8080/",
  ];
  const bytes = await captureBytes(t, "curl", args, (sent) => socks4(sent) !== undefined);
  const expected = {
    kind: "request",
    version: "4",
    command: "connect",
    host: "192.0.2.1",
    port: 8080,
    remote: "192.0.2.1:8080",
    user: "me",
    length: bytes.length,
  } as const;
  assertMatches(socks4, bytes, expected);
  assert.equal(socks4a(bytes), null);
});

test("reads a SOCKS 4a request of curl", curl, async (t) => {
  const args = (port: number): string[] => [
    "-s",
    "-m",
    "5",
    "--socks4a",
    `127.0.0.1:${port}`,
    "http://name.example/",
  ];
  const bytes = await captureBytes(t, "curl", args, (sent) => socks4a(sent) !== undefined);
  const expected = {
    kind: "request",
    version: "4a",
    command: "connect",
    host: "name.example",
    port: 80,
    remote: "name.example:80",
    user: "",
    length: bytes.length,
  } as const;
  assertMatches(socks4a, bytes, expected);
  assertMatches(socks4, bytes, expected);
});

for (const [option, url, host, remote] of [
  ["--socks5", "http://192.0.2.1/", "192.0.2.1", "192.0.2.1:80"],
  ["--socks5-hostname", "http://name.example/", "name.example", "name.example:80"],
  ["--socks5", "http://[2001:db8::7]/", "2001:db8:0:0:0:0:0:7", "[2001:db8:0:0:0:0:0:7]:80"],
] as const)
  test(`reads greeting and request of curl ${option} ${url}`, curl, async (t) => {
    let greeting: Buffer = Buffer.alloc(0);
    const args = (port: number): string[] => [
      "-s",
      "-g",
      "-m",
      "5",
      option,
      `127.0.0.1:${port}`,
      url,
    ];
    const isWhole = (sent: Buffer): boolean => {
      const found = socks5(sent);
      return found === null || found?.kind === "request";
    };
    const bytes = await captureBytes(t, "curl", args, isWhole, (sent) => {
      if (greeting.length > 0) return undefined;
      greeting = sent;
      return Buffer.from([5, 0]);
    });
    const found = socks5(greeting);
    assert.ok(found?.kind === "greeting" && found.methods.includes(0));
    for (let length = 0; length < greeting.length; length += 1)
      assert.equal(socks5(bytes.subarray(0, length)), undefined);
    for (let length = greeting.length + 1; length < bytes.length; length += 1)
      assert.equal(socks5(bytes.subarray(0, length)), undefined, `${length} of ${bytes.length}`);
    assert.deepEqual(socks5(Buffer.concat([bytes, Buffer.from("more")])), {
      kind: "request",
      version: "5",
      command: "connect",
      host,
      port: 80,
      remote,
      user: "",
      length: bytes.length,
    });
  });

test("refuses what is not SOCKS", () => {
  for (const bytes of [
    "GET",
    "\x05\x01\x00",
    "\x04\x03",
    "\x04\x00",
    `\x04\x01\0\x50\x01\x02\x03\x04${"u".repeat(300)}`,
    "\x04\x01\0\x50\0\0\0\x01\0\0",
  ])
    assertNoMatch(socks4, bytes);
  for (const bytes of ["GET", "\x04", "\x05\x00"]) assertNoMatch(socks5, bytes);
  for (const rest of [
    "\x04",
    "\x05\x04",
    "\x05\x01\x01",
    "\x05\x01\x00\x02\x00",
    "\x05\x01\x00\x03\x00",
  ])
    assert.equal(socks5(Buffer.from(`\x05\x01\x00${rest}`, "latin1")), null);
});
