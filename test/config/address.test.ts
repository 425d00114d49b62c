import assert from "node:assert/strict";
import test from "node:test";
import {
  formatAddress,
  isLoopback,
  isSameSocket,
  parseAddress,
  parseEndpoint,
  reaches,
} from "../../src/config/address.ts";
import type { Address } from "../../src/config/config.ts";

function read(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok("value" in parsed, text);
  return parsed.value;
}

test("an address is read and written back the same", () => {
  for (const text of [
    "127.0.0.1:9200",
    "[::1]:9200",
    "es.example.com:443",
    "localhost:0",
    "unix:/run/es-proxy.sock",
    "a_b:1",
  ])
    assert.equal(formatAddress(read(text)), text);
});

const refusedAddresses: readonly (readonly [string, RegExp])[] = [
  ["127.0.0.1", /port is missing/],
  ["127.0.0.1:", /port is missing/],
  ["127.0.0.1:65536", /not a port/],
  ["127.0.0.1:-1", /not a port/],
  ["127.0.0.1:http", /not a port/],
  ["::1:9200", /brackets/],
  ["::1", /brackets/],
  ["[::1]", /port is missing/],
  ["[127.0.0.1]:80", /not an IPv6/],
  ["[zz]:80", /not an IPv6/],
  [":9200", /host is missing/],
  ["*:9200", /0\.0\.0\.0/],
  ["0x7f.1:80", /neither a host name/],
  ["127.1:80", /neither a host name/],
  ["2130706433:80", /neither a host name/],
  ["1.2.3.256:80", /neither a host name/],
  ["a b:80", /neither a host name/],
  ["a..b:80", /neither a host name/],
  ["unix:relative.sock", /absolute/],
  [`unix:/${"x".repeat(107)}`, /107/],
];

test("an address that could be read in two ways is refused with the reason", () => {
  for (const [text, reason] of refusedAddresses) {
    const parsed = parseAddress(text);
    assert.ok("problem" in parsed, text);
    assert.match(parsed.problem, reason, text);
  }
});

const endpoints: readonly (readonly [string, string, string])[] = [
  ["http://127.0.0.1:9200", "http://127.0.0.1:9200", "127.0.0.1:9200"],
  ["http://ES.example.com", "http://es.example.com:80", "es.example.com"],
  ["https://es.example.com/", "https://es.example.com:443", "es.example.com"],
  ["https://es.example.com:80", "https://es.example.com:80", "es.example.com:80"],
  ["http://[::1]", "http://[::1]:80", "[::1]"],
  ["https://[2001:DB8::1]:9200", "https://[2001:db8::1]:9200", "[2001:db8::1]:9200"],
  ["HTTP://a:1", "http://a:1", "a:1"],
  ["db:5432", "tcp://db:5432", "db:5432"],
  ["tcp://[::1]:5432", "tcp://[::1]:5432", "[::1]:5432"],
  ["unix:/run/es.sock", "unix:/run/es.sock", "localhost"],
];

test("an endpoint gets its default port, a normal form and the Host of its own", () => {
  for (const [text, url, authority] of endpoints) {
    const parsed = parseEndpoint(text);
    assert.ok("value" in parsed, `${text}: ${JSON.stringify(parsed)}`);
    assert.deepEqual([parsed.value.url, parsed.value.authority], [url, authority], text);
  }
});

const refusedEndpoints: readonly (readonly [string, RegExp])[] = [
  ["http://user:secret@es:9200", /credentials/],
  ["http://es:9200/prefix", /no path/],
  ["http://es:9200?x", /no path/],
  ["ftp://es", /scheme/],
  ["http://", /host is missing/],
  ["http://es:0", /port 0/],
  ["es", /expected http/],
  ["tcp://es", /port is missing/],
  ["http://::1", /brackets/],
  ["http://es:99999", /not a port/],
];

test("an endpoint with more than an address is refused with the reason, and its password is not repeated", () => {
  for (const [text, reason] of refusedEndpoints) {
    const parsed = parseEndpoint(text);
    assert.ok("problem" in parsed, text);
    assert.match(parsed.problem, reason, text);
    assert.doesNotMatch(parsed.problem, /secret/);
  }
});

test("loopback is what only this machine can reach", () => {
  const cases = {
    "127.0.0.1:1": true,
    "127.9.9.9:1": true,
    "[::1]:1": true,
    "localhost:1": true,
    "unix:/x": true,
    "0.0.0.0:1": false,
    "[::]:1": false,
    "10.0.0.1:1": false,
  };
  for (const [text, wanted] of Object.entries(cases))
    assert.equal(isLoopback(read(text)), wanted, text);
});

test("two binds collide when they are the same socket or one covers the other", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["127.0.0.1:1", "127.0.0.1:1", true],
    ["127.0.0.1:1", "127.0.0.1:2", false],
    ["127.0.0.1:1", "127.0.0.2:1", false],
    ["0.0.0.0:1", "127.0.0.1:1", true],
    ["127.0.0.1:1", "[::]:1", true],
    ["0.0.0.0:1", "[::1]:1", false],
    ["127.0.0.1:0", "127.0.0.1:0", false],
    ["unix:/a", "unix:/a", true],
    ["unix:/a", "unix:/b", false],
    ["unix:/a", "127.0.0.1:1", false],
  ];
  for (const [one, other, wanted] of cases)
    assert.equal(isSameSocket(read(one), read(other)), wanted, `${one} ${other}`);
});

test("an endpoint loops back when it leads to a listener under any spelling of this machine", () => {
  const own = new Set(["10.1.1.1"]);
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["127.0.0.1:9200", "127.0.0.1:9200", true],
    ["localhost:9200", "127.0.0.1:9200", true],
    ["127.0.0.1:9200", "0.0.0.0:9200", true],
    ["0.0.0.0:9200", "0.0.0.0:9200", true],
    ["10.1.1.1:9200", "0.0.0.0:9200", true],
    ["10.1.1.2:9200", "0.0.0.0:9200", false],
    ["localhost.:9200", "127.0.0.1:9200", true],
    ["[::ffff:127.0.0.1]:9200", "127.0.0.1:9200", true],
    ["[::ffff:7f00:1]:9200", "0.0.0.0:9200", true],
    ["[::ffff:a01:101]:9200", "0.0.0.0:9200", true],
    ["[::ffff:a01:102]:9200", "0.0.0.0:9200", false],
    ["127.0.0.1:9201", "127.0.0.1:9200", false],
    ["es.example.com:9200", "0.0.0.0:9200", false],
    ["10.1.1.1:9200", "127.0.0.1:9200", false],
    ["unix:/a", "unix:/a", true],
  ];
  for (const [target, bind, wanted] of cases)
    assert.equal(reaches(read(target), read(bind), own), wanted, `${target} → ${bind}`);
});
