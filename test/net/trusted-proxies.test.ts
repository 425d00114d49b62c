import assert from "node:assert/strict";
import { test } from "node:test";
import { TrustedProxies } from "../../src/net/trusted-proxies.ts";

test("only addresses within the ranges are trusted", () => {
  const trusted = new TrustedProxies([
    "10.0.0.0/8",
    "192.0.2.7",
    "192.0.2.9/32",
    "fd00::/8",
    "2001:db8::1",
  ]);
  const rows: [address: string, isTrusted: boolean][] = [
    ["10.0.0.0", true],
    ["10.255.255.255", true],
    ["11.0.0.0", false],
    ["192.0.2.7", true],
    ["192.0.2.8", false],
    ["192.0.2.9", true],
    ["::ffff:10.1.2.3", true],
    ["::ffff:11.1.2.3", false],
    ["fd12::1", true],
    ["fe80::1", false],
    ["fe80::1%lo", false],
    ["2001:db8::1", true],
    ["2001:db8:0:0::1", true],
    ["2001:db8::2", false],
    ["", false],
    ["unix", false],
    ["10.0.0", false],
    ["10.0.0.1.", false],
    ["0x0a000001", false],
  ];
  for (const [address, isTrusted] of rows) assert.equal(trusted.has(address), isTrusted, address);
});

test("an empty list trusts nobody", () => {
  const trusted = new TrustedProxies([]);
  assert.equal(trusted.isEmpty, true);
  for (const address of ["127.0.0.1", "::1", "unix"]) assert.equal(trusted.has(address), false);
});

test("a range of everything trusts every address of its family", () => {
  const trusted = new TrustedProxies(["0.0.0.0/0"]);
  assert.equal(trusted.has("203.0.113.1"), true);
  assert.equal(trusted.has("2001:db8::1"), false);
});
