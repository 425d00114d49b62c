import assert from "node:assert/strict";
import { test } from "node:test";
import { clientAddress, ForwardedFields, hasLooped } from "../../src/http/forwarded-fields.ts";
import type { ForwardedOptions } from "../../src/http/forwarded-fields.ts";
import { fieldId } from "../../src/http1/field-names.ts";
import { TrustedProxies } from "../../src/net/trusted-proxies.ts";
import { headWith } from "./head-fixture.ts";

const trusted = new TrustedProxies(["10.0.0.0/8", "fd00::/8", "192.0.2.7/32"]);

interface Row {
  readonly name: string;
  readonly fields: ForwardedOptions["fields"];
  readonly peer?: string;
  readonly isTls?: boolean;
  readonly received?: readonly string[];
  readonly lines: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: "a client of ours",
    fields: "x_forwarded",
    lines: [
      "x-forwarded-for: 203.0.113.9",
      "x-forwarded-proto: http",
      "x-forwarded-port: 9200",
      "x-forwarded-host: es:9200",
    ],
  },
  {
    name: "over TLS",
    fields: "x_forwarded",
    isTls: true,
    lines: [
      "x-forwarded-for: 203.0.113.9",
      "x-forwarded-proto: https",
      "x-forwarded-port: 9200",
      "x-forwarded-host: es:9200",
    ],
  },
  {
    name: "claims of a stranger are replaced",
    fields: "both",
    received: [
      "X-Forwarded-For: 1.1.1.1",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Port: 1",
      "X-Forwarded-Host: evil",
      "Forwarded: for=1.1.1.1",
      "X-Real-IP: 1.1.1.1",
    ],
    lines: [
      "x-forwarded-for: 203.0.113.9",
      "x-forwarded-proto: http",
      "x-forwarded-port: 9200",
      "x-forwarded-host: es:9200",
      'forwarded: for=203.0.113.9;proto=http;host="es:9200"',
    ],
  },
  {
    name: "a trusted proxy's list is continued, its scheme, host and port kept",
    fields: "both",
    peer: "10.1.2.3",
    received: [
      "X-Forwarded-For: 198.51.100.1",
      "X-Forwarded-For: 192.0.2.7",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Port: 443",
      "X-Forwarded-Host: public",
      "Forwarded: for=198.51.100.1;proto=https",
    ],
    lines: [
      "x-forwarded-for: 198.51.100.1, 192.0.2.7, 10.1.2.3",
      "x-forwarded-proto: https",
      "x-forwarded-port: 443",
      "x-forwarded-host: public",
      'forwarded: for=198.51.100.1;proto=https, for=10.1.2.3;proto=http;host="es:9200"',
    ],
  },
  {
    name: "IPv6 is quoted and in brackets",
    fields: "rfc7239",
    peer: "2001:db8::1",
    lines: ['forwarded: for="[2001:db8::1]";proto=http;host="es:9200"'],
  },
  {
    name: "IPv6 in a list has none",
    fields: "x_forwarded",
    peer: "2001:db8::1",
    lines: [
      "x-forwarded-for: 2001:db8::1",
      "x-forwarded-proto: http",
      "x-forwarded-port: 9200",
      "x-forwarded-host: es:9200",
    ],
  },
  {
    name: "a unix socket has no address",
    fields: "both",
    peer: "unix",
    lines: [
      "x-forwarded-for: unknown",
      "x-forwarded-proto: http",
      "x-forwarded-port: 9200",
      "x-forwarded-host: es:9200",
      'forwarded: for=unknown;proto=http;host="es:9200"',
    ],
  },
  { name: "nothing is asked for", fields: "none", lines: [] },
];

test("forwarded fields are built from the peer, and continued behind a trusted proxy", () => {
  for (const { name, fields, peer = "203.0.113.9", isTls = false, received = [], lines } of rows) {
    const head = headWith(["Host: es:9200", ...received]);
    const forwarded = new ForwardedFields(
      { fields, trusted, via: undefined },
      { peerAddress: peer, localAddress: "127.0.0.1", localPort: 9200, isTls },
    );
    assert.deepEqual(forwarded.lines(head).split("\r\n").slice(0, -1), lines, name);
  }
});

test("a listener on a unix socket has no port to tell", () => {
  const head = headWith(["Host: x"]);
  const peer = { peerAddress: "unix", localAddress: "unix", localPort: 0, isTls: false };
  const lines = new ForwardedFields({ fields: "x_forwarded", trusted, via: undefined }, peer).lines(
    head,
  );
  assert.equal(
    lines,
    "x-forwarded-for: unknown\r\nx-forwarded-proto: http\r\nx-forwarded-host: x\r\n",
  );
});

test("every claim of a stranger is dropped; of a trusted proxy only what is written anew", () => {
  const peer = { localAddress: "127.0.0.1", localPort: 9200, isTls: false };
  const dropped = (fields: ForwardedOptions["fields"], peerAddress: string): string[] => {
    const { drop } = new ForwardedFields(
      { fields, trusted, via: undefined },
      { ...peer, peerAddress },
    );
    return Object.entries(fieldId)
      .flatMap(([name, id]) => (drop[id] === 1 ? [name] : []))
      .sort();
  };
  const x = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto"];
  assert.deepEqual(dropped("x_forwarded", "203.0.113.9"), ["forwarded", ...x, "x-real-ip"]);
  assert.deepEqual(dropped("rfc7239", "203.0.113.9"), ["forwarded", ...x, "x-real-ip"]);
  assert.deepEqual(dropped("x_forwarded", "10.0.0.1"), x);
  assert.deepEqual(dropped("rfc7239", "10.0.0.1"), ["forwarded"]);
  assert.deepEqual(dropped("both", "10.0.0.1"), ["forwarded", ...x]);
});

test("the client is the last address that is not a trusted proxy", () => {
  const cases: [
    peer: string,
    forwardedFor: string | undefined,
    forwarded: string | undefined,
    client: string,
  ][] = [
    ["203.0.113.9", "1.1.1.1", undefined, "203.0.113.9"],
    ["203.0.113.9", undefined, "for=1.1.1.1", "203.0.113.9"],
    ["10.0.0.1", undefined, undefined, "10.0.0.1"],
    ["10.0.0.1", "", "", "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1", undefined, "198.51.100.1"],
    ["10.0.0.1", "6.6.6.6, 198.51.100.1", undefined, "198.51.100.1"],
    ["10.0.0.1", "6.6.6.6,198.51.100.1,192.0.2.7 , 10.9.9.9", undefined, "198.51.100.1"],
    ["10.0.0.1", "10.0.0.5, 10.0.0.6", undefined, "10.0.0.5"],
    ["10.0.0.1", "198.51.100.1, unknown", undefined, "10.0.0.1"],
    ["10.0.0.1", "198.51.100.1, garbage, 10.0.0.3", undefined, "10.0.0.3"],
    ["10.0.0.1", "198.51.100.1:5555", undefined, "198.51.100.1"],
    ["10.0.0.1", "[2001:db8::9]:5555", undefined, "2001:db8::9"],
    ["10.0.0.1", "2001:db8::9", undefined, "2001:db8::9"],
    ["10.0.0.1", "6.6.6.6, ::ffff:198.51.100.1", undefined, "198.51.100.1"],
    ["10.0.0.1", "6.6.6.6, ::ffff:10.1.1.1", undefined, "6.6.6.6"],
    ["fd00::1", "198.51.100.1", undefined, "198.51.100.1"],
    ["10.0.0.1", undefined, "for=198.51.100.1;proto=https", "198.51.100.1"],
    ["10.0.0.1", undefined, 'for=6.6.6.6, for="[2001:db8::9]:80";by=10.0.0.1', "2001:db8::9"],
    ["10.0.0.1", undefined, 'For="198.51.100.1:80"', "198.51.100.1"],
    ["10.0.0.1", undefined, "for=198.51.100.1, for=_hidden", "10.0.0.1"],
    ["10.0.0.1", undefined, "for=198.51.100.1, proto=http", "10.0.0.1"],
    ["10.0.0.1", undefined, 'for=6.6.6.6;host="a,for=7.7.7.7", for=198.51.100.1', "198.51.100.1"],
    ["10.0.0.1", undefined, 'host="a;for=7.7.7.7";for=198.51.100.1', "198.51.100.1"],
    ["10.0.0.1", undefined, 'host="a\\";for=7.7.7.7";for=198.51.100.1', "198.51.100.1"],
    ["10.0.0.1", undefined, 'for="6.6.6.6, for=198.51.100.1', "198.51.100.1"],
    ["10.0.0.1", undefined, 'for="6.6.6.6\\", for=198.51.100.1', "198.51.100.1"],
    ["10.0.0.1", undefined, "for=198.51.100.1, , for=10.0.0.2,", "198.51.100.1"],
    ["10.0.0.1", "198.51.100.1", "for=6.6.6.6", "198.51.100.1"],
    ["unix", "1.1.1.1", undefined, "unix"],
  ];
  for (const [peer, forwardedFor, forwarded, client] of cases)
    assert.equal(
      clientAddress(peer, forwardedFor, forwarded, trusted),
      client,
      `${peer} | ${forwardedFor} | ${forwarded}`,
    );
});

test("a request that has passed this proxy before is recognised by Via", () => {
  const cases: [lines: string[], hasPassed: boolean][] = [
    [[], false],
    [["Via: 1.1 other"], false],
    [["Via: 1.1 es-proxy"], true],
    [["Via: HTTP/1.1 ES-PROXY (comment)"], true],
    [["Via: 1.0 a, 1.1 es-proxy, 1.1 b"], true],
    [["Via: 1.0 a", "Via: 1.1\tes-proxy"], true],
    [["Via: 1.1 es-proxy-2"], false],
    [["Via: es-proxy"], false],
  ];
  for (const [lines, hasPassed] of cases) {
    const head = headWith(["Host: x", ...lines]);
    assert.equal(hasLooped(head, "es-proxy"), hasPassed, lines.join(" | "));
  }
});
