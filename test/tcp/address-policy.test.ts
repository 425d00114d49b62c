import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { AddressPolicy, effectiveAddress } from "../../src/tcp/address-policy.ts";

const everyPort = { from: 1, to: 65535 };

test("refuses unspecified, link-local, multicast and metadata addresses by default, in every spelling", () => {
  const policy = new AddressPolicy();
  for (const [address, reason] of [
    ["0.0.0.0", "unspecified"],
    ["0.1.2.3", "unspecified"],
    ["::", "unspecified"],
    ["::ffff:0.0.0.0", "unspecified"],
    ["169.254.1.1", "link-local"],
    ["fe80::1", "link-local"],
    ["fe80::1%lo", "link-local"],
    ["febf::1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["::ffff:169.254.169.254", "metadata"],
    ["::ffff:a9fe:a9fe", "metadata"],
    ["0:0:0:0:0:ffff:a9fe:a9fe", "metadata"],
    ["64:ff9b::a9fe:a9fe", "metadata"],
    ["2002:a9fe:a9fe::1", "metadata"],
    // NAT64 within a network: behind prefixes of 48, 56, 64 and 96 bits.
    ["64:ff9b:1:a9fe:a9:fe00::", "metadata"],
    ["64:ff9b:1:42a9:fe:a9fe::", "metadata"],
    ["64:ff9b:1:4242:a9:fea9:fe00:0", "metadata"],
    ["64:ff9b:1::169.254.169.254", "metadata"],
    ["64:ff9b:1:1:2:3:a9fe:a9fe", "metadata"],
    ["64:ff9b:1::169.254.1.1", "link-local"],
    ["64:ff9b:1::100.100.100.200", "metadata"],
    ["fd00:ec2::254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "multicast"],
    ["ff02::1", "multicast"],
  ] as const)
    assert.equal(policy.refusal(address, 80), reason, address);
});

test("lets other addresses pass, loopback and private ones among them", () => {
  const policy = new AddressPolicy();
  for (const address of [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "192.168.0.1",
    "8.8.8.8",
    "2001:db8::1",
    "fd12::1",
    "100.100.100.201",
    "64:ff9b:1::10.1.2.3",
    "64:ff9b:1:a01:2:300::",
    "64:ff9b:2::169.254.169.254",
  ])
    assert.equal(policy.refusal(address, 80), undefined, address);
});

test("lets everything pass but own listeners when told not to refuse special addresses", () => {
  const policy = new AddressPolicy({
    refusesSpecial: false,
    ownListeners: () => [{ address: "127.0.0.1", port: 9 }],
  });
  assert.equal(policy.refusal("169.254.169.254", 80), undefined);
  assert.equal(policy.refusal("127.0.0.1", 9), "own listener");
});

test("refuses own listeners: the bound address, and for a wildcard every address of this machine", () => {
  const one = new AddressPolicy({ ownListeners: () => [{ address: "127.0.0.1", port: 9000 }] });
  assert.equal(one.refusal("127.0.0.1", 9000), "own listener");
  assert.equal(one.refusal("::ffff:127.0.0.1", 9000), "own listener");
  assert.equal(one.refusal("127.0.0.1", 9001), undefined);
  assert.equal(one.refusal("127.0.0.2", 9000), undefined);
  const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const wildcard of ["0.0.0.0", "::"]) {
    const all = new AddressPolicy({
      refusesSpecial: false,
      ownListeners: () => [{ address: wildcard, port: 9000 }],
    });
    for (const address of [
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "0.0.0.0",
      "::",
      ...interfaces.map((one) => one.address),
    ])
      assert.equal(
        all.refusal(address, 9000),
        "own listener",
        `${wildcard} is reached by ${address}`,
      );
    assert.equal(all.refusal("192.0.2.1", 9000), undefined);
  }
});

test("asks for own listeners at each check, so that later ones count", () => {
  const own: { address: string; port: number }[] = [];
  const policy = new AddressPolicy({ ownListeners: () => own });
  assert.equal(policy.refusal("127.0.0.1", 9000), undefined);
  own.push({ address: "127.0.0.1", port: 9000 });
  assert.equal(policy.refusal("127.0.0.1", 9000), "own listener");
});

test("allows only what the list holds, address and port together", () => {
  const policy = new AddressPolicy({
    allow: [
      { cidr: "10.0.0.0/8", ports: { from: 443, to: 443 } },
      { cidr: "10.1.0.0/16", ports: { from: 8000, to: 8999 } },
      { cidr: "fd00::/8", ports: everyPort },
      { cidr: "192.0.2.7", ports: everyPort },
    ],
  });
  for (const [address, port] of [
    ["10.9.9.9", 443],
    ["10.1.2.3", 8000],
    ["10.1.2.3", 8999],
    ["::ffff:10.9.9.9", 443],
    ["fd01::1", 1],
    ["192.0.2.7", 22],
  ] as const)
    assert.equal(policy.refusal(address, port), undefined, `${address} ${port}`);
  for (const [address, port] of [
    ["10.9.9.9", 444],
    ["10.2.2.3", 8000],
    ["10.1.2.3", 9000],
    ["11.0.0.1", 443],
    ["fe00::1", 1],
    ["192.0.2.8", 22],
  ] as const)
    assert.equal(policy.refusal(address, port), "not in the allow-list", `${address} ${port}`);
});

test("does not allow a special address because the list holds it", () => {
  const policy = new AddressPolicy({ allow: [{ cidr: "0.0.0.0/0", ports: everyPort }] });
  assert.equal(policy.refusal("169.254.169.254", 80), "metadata");
});

test("refuses an allow-list that is none", () => {
  for (const cidr of [
    "10.0.0.0/33",
    "10.0.0/8",
    "x",
    "",
    "fd00::/129",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
  ])
    assert.throws(
      () => new AddressPolicy({ allow: [{ cidr, ports: everyPort }] }),
      RangeError,
      cidr,
    );
});

test("sees the IPv4 address that an IPv6 one wraps", () => {
  assert.equal(effectiveAddress("::ffff:7f00:1"), "127.0.0.1");
  assert.equal(effectiveAddress("64:ff9b::127.0.0.1"), "127.0.0.1");
  assert.equal(effectiveAddress("2002:7f00:1::"), "127.0.0.1");
  assert.equal(effectiveAddress("::1"), "::1");
  assert.equal(effectiveAddress("2001:DB8:0:0::1"), "2001:db8::1");
});
