import assert from "node:assert/strict";
import test from "node:test";
import { networkOf, plainAddress } from "../../src/net/client-network.ts";

test("an address is written as other hosts know it", () => {
  for (const [address, plain] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "::ffff:c000:201"],
    ["2001:db8::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["unix", "unix"],
    ["", ""],
  ] as const)
    assert.equal(plainAddress(address), plain, address);
});

test("clients of one IPv6 network are one, whatever their zone", () => {
  assert.equal(networkOf("fe80::1%eth0"), networkOf("fe80::2"));
});
