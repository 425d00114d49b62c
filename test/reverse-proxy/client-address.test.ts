import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import test, { after } from "node:test";
import { connect as connectTls } from "node:tls";
import { readProxyHeader, writeProxyHeader } from "../../src/net/proxy-protocol.ts";
import { fieldAt } from "../support/audit-reader.ts";
import { makeAuthority } from "../support/certificates.ts";
import { RawClient } from "../support/raw-client.ts";
import { startOrigin } from "../support/recording-origin.ts";
import { testVariants } from "../support/test-variants.ts";
import { waitFor } from "../support/wait-for.ts";
import { startFixture } from "./fixture.ts";

const authority = await makeAuthority();
const server = await authority.server();
const unixSocket = "edge.sock";

/**
 * Accepts connections that begin with a PROXY protocol header and answers each request with what
 * the header said.
 */
class ToldOrigin {
  readonly seen: { address: string | undefined; requests: number }[] = [];
  readonly origin = startOrigin({
    onConnection: (connection) => {
      const entry: { address: string | undefined; requests: number } = {
        address: undefined,
        requests: 0,
      };
      let received = Buffer.alloc(0);
      let isTold = false;
      connection.socket.removeAllListeners("data");
      connection.socket.on("data", (bytes: Buffer) => {
        received = Buffer.concat([received, bytes]);
        if (!isTold) {
          const header = readProxyHeader(received);
          if (header === undefined) return;
          assert.ok(header !== null, "no PROXY protocol header");
          isTold = true;
          entry.address = header.source === undefined ? "none" : header.source.address;
          received = received.subarray(header.length);
        }
        const requests = received.toString("latin1").split("\r\n\r\n").length - 1;
        if (requests === 0) return;
        received = Buffer.alloc(0);
        entry.requests += requests;
        this.seen.push(entry);
        void connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
      });
    },
  });
}

const told = new ToldOrigin();
const toldOrigin = await told.origin;
const fixture = await startFixture({
  origins: [{}],
  listeners: 7,
  files: { "es.pem": server.certPem, "es.key": server.keyPem },
  config: ([port], folder) => `
listeners:
  - {name: trusting, bind: "127.0.0.1:0", forwarded: both, trusted_proxies: [127.0.0.0/8], routes: [{path: /, pool: es}]}
  - {name: suspicious, bind: "127.0.0.1:0", forwarded: both, via: edge, routes: [{path: /, pool: es}]}
  - {name: proxied, bind: "127.0.0.1:0", proxy_protocol: true, forwarded: x_forwarded, trusted_proxies: [127.0.0.1], timeouts: {header: 500ms}, routes: [{path: /, pool: es}]}
  - {name: closed, bind: "127.0.0.1:0", proxy_protocol: true, trusted_proxies: [10.0.0.0/8], routes: [{path: /, pool: es}]}
  - {name: secure, bind: "127.0.0.1:0", proxy_protocol: true, forwarded: x_forwarded, trusted_proxies: [127.0.0.1], tls: {cert: es.pem, key: es.key}, routes: [{path: /, pool: es}]}
  - name: telling
    bind: 127.0.0.1:0
    routes: [{path: /v1, pool: v1}, {path: /v2, pool: v2}]
  - {name: transparent, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
  - {name: local, bind: "unix:${folder}/${unixSocket}", forwarded: x_forwarded, routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:${port}"]}
  v1: {endpoints: ["http://127.0.0.1:${toldOrigin.port}"], proxy_protocol: v1}
  v2:
    endpoints: ["http://127.0.0.1:${toldOrigin.port}"]
    proxy_protocol: v2
    limits: {connections: 2}
    health: {path: /_cluster/health, interval: 60s}
`,
});
after(async () => {
  await fixture[Symbol.asyncDispose]();
  await toldOrigin.close();
});

const [
  trusting = 0,
  suspicious = 0,
  proxied = 0,
  closed = 0,
  secure = 0,
  telling = 0,
  transparent = 0,
] = fixture.ports;
const origin = fixture.origins[0];
assert.ok(origin !== undefined);
let count = 0;

/** What the origin got for a request with these field lines. */
async function fieldsAt(
  port: number,
  lines: readonly string[],
  preface: Buffer = Buffer.alloc(0),
): Promise<{ target: string; fields: string[] }> {
  count += 1;
  const target = `/n${count}`;
  using client = await fixture.client({ port });
  const head = `GET ${target} HTTP/1.1\r\nHost: es\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
  client.send(Buffer.concat([preface, Buffer.from(head)]), "GET");
  assert.equal((await client.response()).head.status, 200);
  return { target, fields: receivedFor(target) };
}

function receivedFor(target: string): string[] {
  const [request] = origin?.requestsFor(target) ?? [];
  assert.ok(request !== undefined);
  return request.head.fields
    .filter(([name]) => name.toLowerCase() !== "host")
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`);
}

/** `es_proxy` and address fields of both records of a request. */
async function recorded(target: string) {
  const records = await waitFor("both records", async () => {
    const lines = (await fixture.audit()).filter(
      ({ record }) => fieldAt(record, "url.original") === target,
    );
    return lines.length === 2 ? lines : undefined;
  });
  const [request, response] = records.map(({ record }) => ({
    source: fieldAt(record, "source.ip"),
    client: fieldAt(record, "client.ip"),
    port: fieldAt(record, "client.port"),
    evidence: fieldAt(record, "es_proxy.client_evidence"),
  }));
  assert.equal(response?.client, request?.client, "both records say who the client is");
  assert.equal(response?.source, request?.source);
  return request;
}

test("without options nothing is added and nothing is taken away", async () => {
  const lines = [
    "X-Forwarded-For: 1.1.1.1",
    "Forwarded: for=1.1.1.1",
    "X-Real-IP: 1.1.1.1",
    "Via: 1.1 someone",
  ];
  const { fields, target } = await fieldsAt(transparent, lines);
  assert.deepEqual(
    fields,
    lines.map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())),
  );
  assert.deepEqual(await recorded(target), {
    source: "127.0.0.1",
    client: undefined,
    port: undefined,
    evidence: "untrusted",
  });
});

test("what a stranger claims is replaced, and recorded as not believed", async () => {
  const { fields, target } = await fieldsAt(suspicious, [
    "X-Forwarded-For: 1.1.1.1",
    "X-Real-IP: 1.1.1.1",
    "Forwarded: for=1.1.1.1",
  ]);
  assert.deepEqual(fields, [
    "x-forwarded-for: 127.0.0.1",
    "x-forwarded-proto: http",
    `x-forwarded-port: ${suspicious}`,
    "x-forwarded-host: es",
    'forwarded: for=127.0.0.1;proto=http;host="es"',
    "via: 1.1 edge",
  ]);
  assert.deepEqual(await recorded(target), {
    source: "127.0.0.1",
    client: undefined,
    port: undefined,
    evidence: "untrusted",
  });
});

test("a trusted proxy is believed, and its client is recorded", async () => {
  const { fields, target } = await fieldsAt(trusting, [
    "X-Forwarded-For: 6.6.6.6, 203.0.113.5",
    "X-Forwarded-Proto: https",
  ]);
  assert.equal(fields[0], "x-forwarded-for: 6.6.6.6, 203.0.113.5, 127.0.0.1");
  assert.equal(fields[1], "x-forwarded-proto: https");
  assert.deepEqual(await recorded(target), {
    source: "127.0.0.1",
    client: "203.0.113.5",
    port: undefined,
    evidence: "forwarded_fields",
  });
});

test("a request that has passed this proxy before is answered with 508 and goes no further", async () => {
  using client = await fixture.client({ port: suspicious });
  client.send("GET /loop HTTP/1.1\r\nHost: es\r\nVia: 1.0 other, 1.1 edge\r\n\r\n", "GET");
  assert.equal((await client.response()).head.status, 508);
  assert.equal(origin.requestsFor("/loop").length, 0);
});

testVariants(
  "a PROXY protocol header tells who the client is",
  { v1: "v1", v2: "v2" } as const,
  async (version) => {
    const header = writeProxyHeader(version, {
      peerAddress: "203.0.113.7",
      peerPort: 4711,
      localAddress: "198.51.100.1",
      localPort: 9200,
    });
    const { fields, target } = await fieldsAt(proxied, [], header);
    assert.deepEqual(fields, [
      "x-forwarded-for: 203.0.113.7",
      "x-forwarded-proto: http",
      "x-forwarded-port: 9200",
      "x-forwarded-host: es",
    ]);
    assert.deepEqual(await recorded(target), {
      source: "127.0.0.1",
      client: "203.0.113.7",
      port: 4711,
      evidence: "proxy_protocol",
    });
  },
);

test("a PROXY protocol header may come in pieces, with the request behind it or later", async () => {
  const header = writeProxyHeader("v2", {
    peerAddress: "2001:db8::7",
    peerPort: 4711,
    localAddress: "2001:db8::1",
    localPort: 9200,
  });
  using client = await fixture.client({ port: proxied });
  const bytes = Buffer.concat([header, Buffer.from("GET /pieces HTTP/1.1\r\nHost: es\r\n\r\n")]);
  await client.sendSplit(bytes, 7, "GET");
  assert.equal((await client.response()).head.status, 200);
  client.send("GET /more HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await client.response(2)).head.status, 200);
  assert.equal(receivedFor("/more")[0], "x-forwarded-for: 2001:db8::7");
});

testVariants(
  "a connection without a valid PROXY protocol header is closed without an answer",
  {
    "a plain request": "GET / HTTP/1.1\r\nHost: es\r\n\r\n",
    "a broken header": "PROXY TCP4 999.0.0.1 1.1.1.1 1 2\r\nGET / HTTP/1.1\r\nHost: es\r\n\r\n",
    "a header that never ends": `PROXY UNKNOWN ${"x".repeat(600)}`,
    "half a header and nothing more": "PROXY TCP4 1.1.1.1",
    "nothing at all": "",
  },
  async (bytes) => {
    using client = await fixture.client({ port: proxied });
    if (bytes !== "") client.send(bytes, "GET");
    assert.notEqual(await client.closed(), "open");
    assert.equal(client.receivedBytes, 0);
  },
);

test("a PROXY protocol header from somebody who is not trusted is not read", async () => {
  using client = await fixture.client({ port: closed });
  client.send(
    "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET /stranger HTTP/1.1\r\nHost: es\r\n\r\n",
    "GET",
  );
  await client.closed();
  assert.equal(client.receivedBytes, 0);
  assert.equal(origin.requestsFor("/stranger").length, 0);
});

testVariants(
  "a PROXY protocol header comes before TLS",
  { "in one segment with the handshake": true, "in a segment of its own": false },
  async (isTogether) => {
    const transport = connectTcp({ host: "127.0.0.1", port: secure });
    await once(transport, "connect");
    const header = writeProxyHeader("v2", {
      peerAddress: "203.0.113.8",
      peerPort: 1,
      localAddress: "198.51.100.1",
      localPort: 9201,
    });
    if (isTogether) {
      transport.cork();
      transport.write(header);
    } else await new Promise((resolve) => transport.write(header, resolve));
    const socket = connectTls({
      socket: transport,
      ca: authority.certPem,
      servername: "localhost",
    });
    if (isTogether) setImmediate(() => transport.uncork());
    await once(socket, "secureConnect");
    using client = new RawClient(socket);
    const target = `/tls-${isTogether}`;
    for (let i = 1; i <= 2; i += 1) {
      client.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
      assert.equal((await client.response(i)).head.status, 200);
    }
    assert.deepEqual(receivedFor(target).slice(0, 3), [
      "x-forwarded-for: 203.0.113.8",
      "x-forwarded-proto: https",
      "x-forwarded-port: 9201",
    ]);
  },
);

test("two clients over TLS with the same claimed address are kept apart", async () => {
  const open = async (address: string, target: string): Promise<string | undefined> => {
    const transport = connectTcp({ host: "127.0.0.1", port: secure });
    await once(transport, "connect");
    transport.write(
      writeProxyHeader("v1", {
        peerAddress: address,
        peerPort: 5,
        localAddress: "198.51.100.1",
        localPort: 9201,
      }),
    );
    const socket = connectTls({
      socket: transport,
      ca: authority.certPem,
      servername: "localhost",
    });
    await once(socket, "secureConnect");
    using client = new RawClient(socket);
    client.send(`GET ${target} HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
    await client.response();
    return receivedFor(target)[0];
  };
  const all = await Promise.all(
    ["203.0.113.1", "203.0.113.2", "203.0.113.3"].map((address, i) => open(address, `/apart-${i}`)),
  );
  assert.deepEqual(all, [
    "x-forwarded-for: 203.0.113.1",
    "x-forwarded-for: 203.0.113.2",
    "x-forwarded-for: 203.0.113.3",
  ]);
});

testVariants(
  "an endpoint is told of the client, and its connections serve that client only",
  { v1: "v1", v2: "v2" } as const,
  async (version) => {
    const before = told.seen.length;
    const clients = [
      await fixture.client({ port: telling }),
      await fixture.client({ port: telling }),
      await fixture.client({ port: telling }),
    ];
    for (let round = 1; round <= 3; round += 1)
      for (const client of clients) {
        client.send(`GET /${version}/x HTTP/1.1\r\nHost: es\r\n\r\n`, "GET");
        assert.equal((await client.response(round)).head.status, 200);
      }
    for (const client of clients) client.destroy();
    const entries = [...new Set(told.seen.slice(before))].filter(
      ({ address }) => address !== "none",
    );
    assert.ok(entries.every(({ address }) => address === "127.0.0.1"));
    assert.equal(
      entries.reduce((sum, { requests }) => sum + requests, 0),
      9,
    );
    // Two places for three clients (v2): an idle connection of another client makes room. Enough
    // places (v1): each client keeps its own.
    if (version === "v1")
      assert.deepEqual(
        entries.map(({ requests }) => requests),
        [3, 3, 3],
      );
    else assert.ok(entries.length > 3, `${entries.length} connections`);
  },
);

test("a health probe says that it speaks for nobody", async () => {
  await waitFor("the probe", () => told.seen.some(({ address }) => address === "none"));
});

test("a client on a unix socket has no address to forward", async () => {
  const socket = connectTcp({ path: fixture.folder.file(unixSocket) });
  await once(socket, "connect");
  using client = new RawClient(socket);
  client.send("GET /unix HTTP/1.1\r\nHost: es\r\n\r\n", "GET");
  assert.equal((await client.response()).head.status, 200);
  assert.equal(receivedFor("/unix")[0], "x-forwarded-for: unknown");
});
