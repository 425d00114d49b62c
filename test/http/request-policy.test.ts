import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionFacts } from "../../src/audit/record/exchange-record.ts";
import { RateLimit } from "../../src/http/rate-limit.ts";
import { admission, hashKeyOf } from "../../src/http/request-policy.ts";
import type { RoutedRequest } from "../../src/http/router.ts";
import { TrustedProxies } from "../../src/net/trusted-proxies.ts";

const nobody = new TrustedProxies([]);
const balancers = new TrustedProxies(["10.0.0.0/8"]);

function request(fields: Record<string, readonly string[]> = {}, target = "/"): RoutedRequest {
  return { method: "GET", target, host: "x", fieldValues: (name) => fields[name] ?? [] };
}

function from(peerAddress: string) {
  return connectionFacts({
    listener: "l",
    peerAddress,
    peerPort: 1,
    localAddress: "127.0.0.1",
    localPort: 2,
    tls: undefined,
  });
}

test("consistent hashing hashes what it is told to", () => {
  const one = request(
    { "x-tenant": ["a", "b"], cookie: ["x=1; session=abc", "other=2"] },
    "/a/%62?x=1",
  );
  const facts = from("203.0.113.1");
  assert.equal(hashKeyOf({ by: "header", name: "x-tenant" }, one, facts, nobody), "a, b");
  assert.equal(hashKeyOf({ by: "header", name: "x-absent" }, one, facts, nobody), "");
  assert.equal(hashKeyOf({ by: "cookie", name: "session" }, one, facts, nobody), "abc");
  assert.equal(hashKeyOf({ by: "cookie", name: "sess" }, one, facts, nobody), "");
  assert.equal(hashKeyOf({ by: "path" }, one, facts, nobody), "a/b");
  assert.equal(hashKeyOf({ by: "client_address" }, one, facts, nobody), "203.0.113.1");
});

test("the client behind a trusted proxy is hashed and counted, not the proxy", () => {
  const forwarded = request({ "x-forwarded-for": ["198.51.100.1", "10.0.0.2"] });
  assert.equal(
    hashKeyOf({ by: "client_address" }, forwarded, from("10.0.0.1"), balancers),
    "198.51.100.1",
  );
  assert.equal(
    hashKeyOf({ by: "client_address" }, forwarded, from("203.0.113.1"), balancers),
    "203.0.113.1",
  );
});

test("a rate limit counts who it is told to count", () => {
  const admit = (by: "client_address" | "user", ...calls: [RoutedRequest, string][]): boolean[] => {
    const limit = new RateLimit({ by, requests: 1, perMs: 1000, burst: 1 });
    return calls.map(([one, peer]) => admission(limit, one, from(peer), balancers, 0) === 0);
  };
  const plain = request();
  assert.deepEqual(
    admit("client_address", [plain, "1.1.1.1"], [plain, "1.1.1.1"], [plain, "1.1.1.2"]),
    [true, false, true],
  );
  const claims = request({ "x-forwarded-for": ["9.9.9.9"] });
  assert.deepEqual(
    admit("client_address", [plain, "1.1.1.1"], [claims, "1.1.1.1"]),
    [true, false],
    "a claim of a stranger is no other client",
  );
  assert.deepEqual(admit("client_address", [plain, "10.0.0.1"], [claims, "10.0.0.1"]), [
    true,
    true,
  ]);
  const alice = request({ authorization: ["Basic YTpi"] });
  const bob = request({ authorization: ["Basic Yjpi"] });
  assert.deepEqual(admit("user", [alice, "1.1.1.1"], [bob, "1.1.1.1"], [alice, "1.1.1.2"]), [
    true,
    true,
    false,
  ]);
  assert.deepEqual(
    admit("user", [plain, "1.1.1.1"], [plain, "1.1.1.1"]),
    [true, false],
    "without a credential the address counts",
  );
});

test("the addresses of one IPv6 network are one client", () => {
  const limit = new RateLimit({ by: "client_address", requests: 1, perMs: 1000, burst: 1 });
  const admit = (peer: string): boolean => admission(limit, request(), from(peer), nobody, 0) === 0;
  assert.equal(admit("2001:db8:0:1::1"), true);
  assert.equal(admit("2001:db8:0:1:ffff::2"), false);
  assert.equal(admit("2001:db8:0:2::1"), true);
  assert.equal(admit("::1"), true);
  assert.equal(admit("fe80::1%lo"), true);
  assert.equal(admit("fe80::2"), false);
});
