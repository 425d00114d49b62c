import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectNet, createServer } from "node:net";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { fieldAt } from "../support/audit-reader.ts";
import { makeSelfSigned, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { startConfigured } from "./configured.ts";
import { Client, refusedRemote, startNamedServer, startServer } from "./tcp-fixture.ts";
import { configuration, series, toPool } from "./configured-fixture.ts";

test("a listener of the configuration routes to a pool by name, is recorded and counted", async (t) => {
  const server = await startNamedServer(t, "server");
  const router = `export default (data) => data.length < 3 ? { noop: true } : data[0] === 0x78 ? { close: "no" } : { pool: "git" };`;
  const configured = await startConfigured(t, configuration([server.remote]), {
    "router.ts": router,
  });
  assert.match(configured.proxy.listeners[0]?.url ?? "", /^tcp:\/\/127\.0\.0\.1:\d+$/);
  const client = await configured.connect();
  client.send("hello");
  assert.equal(await client.untilEnd(), "server:hello");
  client.socket.end();
  await waitFor("the last record", () => configured.records().length === 2);
  const refused = await configured.connect();
  refused.send("xyz");
  assert.equal(await refused.untilEnd(), "no");
  await waitFor("all records", () => configured.records().length === 4);
  const [start = {}, end = {}, closing = {}] = configured.records();
  assert.equal(fieldAt(start, "event.id"), fieldAt(end, "event.id"));
  assert.deepEqual(
    ["record", "listener", "decision", "pool", "seen_bytes"].map((name) =>
      fieldAt(start, `es_proxy.${name}`),
    ),
    ["session_start", "git", "pool", "git", 5],
  );
  assert.equal(
    fieldAt(start, "source.port"),
    client.socket.localPort ?? fieldAt(start, "source.port"),
  );
  assert.deepEqual(
    ["record", "outcome", "attempts", "upstream.endpoint"].map((name) =>
      fieldAt(end, `es_proxy.${name}`),
    ),
    ["session_end", "completed", 1, server.remote],
  );
  assert.deepEqual([fieldAt(end, "source.bytes"), fieldAt(end, "destination.bytes")], [5, 12]);
  assert.equal(fieldAt(closing, "es_proxy.decision"), "close");
  assert.deepEqual(
    [
      configured.metric(series("decisions_total", 'decision="pool"')),
      configured.metric(series("decisions_total", 'decision="close"')),
      configured.metric(series("sessions_total", 'outcome="completed"')),
      configured.metric(series("sessions_total", 'outcome="closed"')),
      configured.metric(series("bytes_total", 'direction="up"')),
      configured.metric(series("bytes_total", 'direction="down"')),
      configured.metric('es_proxy_listener_connections_total{listener="git"}'),
      configured.metric(
        `es_proxy_endpoint_requests_total{pool="git",endpoint="tcp://${server.remote}"}`,
      ),
    ],
    [1, 1, 1, 1, 5, 14, 2, 1],
  );
});

test("the record of the decision is in the file before the server hears of the session", async (t) => {
  let seen = "";
  const server = await startServer(t, (socket) => {
    seen = readFileSync(configured.folder.file("audit/audit.ndjson"), "utf8");
    socket.end("ok");
  });
  const configured = await startConfigured(t, configuration([server.remote]), {
    "router.ts": toPool,
  });
  const client = await configured.connect();
  client.send("password");
  assert.equal(await client.untilEnd(), "ok");
  assert.match(seen, /"record":"session_start"/);
  assert.doesNotMatch(seen, /password|cGFzc3dvcmQ=/);
});

test("the client's bytes are recorded where the configuration asks for them, and nothing with level none", async (t) => {
  const server = await startNamedServer(t, "server");
  const asked = await startConfigured(
    t,
    configuration([server.remote], { listener: ", audit: {first_bytes: true}" }),
    {
      "router.ts": toPool,
    },
  );
  const one = await asked.connect();
  one.send("\0ab");
  await one.untilEnd();
  assert.equal(fieldAt(asked.records()[0] ?? {}, "es_proxy.first_bytes"), "AGFi");
  const silent = await startConfigured(
    t,
    configuration([server.remote], { listener: ", audit: {level: none}" }),
    {
      "router.ts": toPool,
    },
  );
  const other = await silent.connect();
  other.send("x");
  assert.equal(await other.untilEnd(), "server:x");
  other.socket.end();
  await waitFor(
    "the end",
    () => silent.metric(series("sessions_total", 'outcome="completed"')) === 1,
  );
  assert.deepEqual(silent.records(), []);
});

test("an endpoint that refuses connections is ejected, and the other one serves", async (t) => {
  const server = await startNamedServer(t, "server");
  const configured = await startConfigured(
    t,
    configuration([refusedRemote, server.remote], { pool: ", outlier: {failures: 2}" }),
    { "router.ts": toPool },
  );
  for (let time = 0; time < 6; time += 1) {
    const client = await configured.connect();
    client.send("x");
    assert.equal(await client.untilEnd(), "server:x");
  }
  const labels = `{pool="git",endpoint="tcp://${refusedRemote}"}`;
  assert.deepEqual(
    ["ejected", "ejections_total", "connect_failures_total", "connections_open"].map((name) =>
      configured.metric(`es_proxy_endpoint_${name}${labels}`),
    ),
    [1, 1, 2, 0],
  );
});

test("a TCP probe takes an endpoint out before anybody is sent there", async (t) => {
  const server = await startNamedServer(t, "server");
  const configured = await startConfigured(
    t,
    configuration([refusedRemote, server.remote], {
      pool: ", outlier: false, health: {interval: 60s}",
    }),
    { "router.ts": toPool },
  );
  const labels = `{pool="git",endpoint="tcp://${refusedRemote}"}`;
  await waitFor("the probe", () => configured.metric(`es_proxy_endpoint_healthy${labels}`) === 0);
  for (let time = 0; time < 3; time += 1) {
    const client = await configured.connect();
    client.send("x");
    assert.equal(await client.untilEnd(), "server:x");
  }
  assert.equal(configured.metric(`es_proxy_endpoint_requests_total${labels}`), 0);
});

test("a full pool makes sessions wait for a place, as long as attempts last", async (t) => {
  const server = await startServer(t, (socket) =>
    socket.on("data", (bytes: Buffer) => socket.write(bytes)),
  );
  const configured = await startConfigured(
    t,
    configuration([server.remote], { listener: "", pool: ", limits: {connections: 1}" }).replace(
      "delay: 1ms",
      "delay: 10ms, attempts: 100",
    ),
    { "router.ts": toPool },
  );
  const first = await configured.connect();
  first.send("a");
  await first.receives("a");
  const second = await configured.connect();
  second.send("b");
  await waitFor(
    "its decision",
    () => configured.metric(series("decisions_total", 'decision="pool"')) === 2,
  );
  assert.equal(server.sockets.length, 1);
  first.socket.resetAndDestroy();
  await second.receives("b");
  assert.equal(server.sockets.length, 2);
});

test("drain waits for sessions, and close ends what is left with complete records", async (t) => {
  const server = await startServer(t, (socket) =>
    socket.on("data", (bytes: Buffer) => socket.write(bytes)),
  );
  const configured = await startConfigured(t, configuration([server.remote]), {
    "router.ts": toPool,
  });
  const client = await configured.connect();
  client.send("ab");
  await client.receives("ab");
  assert.equal(
    configured.metric(series("bytes_total", 'direction="up"')),
    2,
    "bytes count while the session runs",
  );
  assert.equal(configured.metric('es_proxy_listener_connections_open{listener="git"}'), 1);
  await configured.proxy.drain(20);
  client.send("c");
  await client.receives("abc");
  await assert.rejects(configured.connect(), { code: "ECONNREFUSED" });
  await configured.proxy.close();
  await client.untilEnd();
  const [, end = {}, ...more] = configured.records();
  assert.deepEqual(more, []);
  assert.deepEqual(
    ["es_proxy.outcome", "source.bytes", "destination.bytes", "error.code"].map((name) =>
      fieldAt(end, name),
    ),
    ["shutdown", 3, 3, "ESP_ERR_SHUTDOWN"],
  );
});

test("TLS ends at the listener: the server name reaches the router and the record, and any ALPN is let in", async (t) => {
  const server = await startNamedServer(t, "server");
  await using folder = await makeTempDir();
  const identity = await writeIdentity(folder.path, "tcp", await makeSelfSigned());
  const configured = await startConfigured(
    t,
    configuration([server.remote], {
      listener: `, tls: {cert: ${identity.cert}, key: ${identity.key}}`,
    }),
    {
      "router.ts": `export default (data, { tlsServerName }) => tlsServerName === "a.example" ? { pool: "git" } : { close: true };`,
    },
  );
  assert.match(configured.proxy.listeners[0]?.url ?? "", /^tls:/);
  const socket = connectTls({
    port: configured.port(),
    host: "127.0.0.1",
    servername: "a.example",
    rejectUnauthorized: false,
    ALPNProtocols: ["postgresql"],
  });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  const client = new Client(socket);
  client.send("secret");
  assert.equal(await client.untilEnd(), "server:secret");
  assert.equal(fieldAt(configured.records()[0] ?? {}, "tls.client.server_name"), "a.example");
});

test("a PROXY protocol header names the client for the router and the records, and another one goes to the endpoint", async (t) => {
  const server = await startNamedServer(t, "server");
  const configured = await startConfigured(
    t,
    configuration([server.remote], {
      listener: ', proxy_protocol: true, trusted_proxies: ["127.0.0.0/8"]',
      pool: ", proxy_protocol: v1",
    }),
    {
      "router.ts": `export default (data, { peer, local }) => ({ pool: "git", reply: peer.address + "," + local.port + ";" });`,
    },
  );
  const client = await configured.connect();
  client.send("PROXY TCP4 192.0.2.7 198.51.100.1 40123 9418\r\nx");
  assert.equal(
    await client.untilEnd(),
    "192.0.2.7,9418;server:PROXY TCP4 192.0.2.7 198.51.100.1 40123 9418\r\nx",
  );
  const [start = {}] = configured.records();
  assert.equal(fieldAt(start, "source.ip"), "127.0.0.1");
  assert.deepEqual(fieldAt(start, "client"), { ip: "192.0.2.7", port: 40_123 });
  assert.equal(fieldAt(start, "es_proxy.client_evidence"), "proxy_protocol");
});

test("a router cannot connect to any listener of the proxy, the admin listener included", async (t) => {
  const server = await startNamedServer(t, "server");
  const more = `  - {name: plain, bind: "127.0.0.1:0", routes: [{pool: es}]}
pools:
  es: {endpoints: ["http://${server.remote}"]}
`;
  const configured = await startConfigured(
    t,
    configuration([server.remote], { rest: 'admin: {bind: "localhost:0"}' }).replace(
      "pools:\n",
      more,
    ),
    { "router.ts": `export default (data) => ({ remote: data.toString() });` },
  );
  const own = [
    configured.port("git"),
    configured.port("plain"),
    Number(/\d+$/.exec(configured.proxy.adminUrl ?? "")),
  ];
  for (const [at, port] of own.entries())
    for (const host of ["127.0.0.1", "0x7f.1", "[::ffff:127.0.0.1]"]) {
      const client = await configured.connect();
      client.send(`${host}:${port}`);
      assert.equal(await client.untilEnd(), "", `${host}, listener ${at}`);
    }
  assert.equal(configured.metric(series("failures_total", 'reason="address_refused"')), 9);
  const other = await configured.connect();
  other.send(server.remote);
  assert.equal(await other.untilEnd(), `server:${server.remote}`);
});

test("connections beyond max_connections are closed and counted", async (t) => {
  const configured = await startConfigured(
    t,
    configuration(["127.0.0.1:1"], { listener: ", max_connections: 1" }),
    {
      "router.ts": toPool,
    },
  );
  const first = await configured.connect();
  await waitFor(
    "the first",
    () => configured.metric('es_proxy_listener_connections_open{listener="git"}') === 1,
  );
  const second = await configured.connect();
  await second.untilEnd();
  assert.equal(first.end, "open");
  assert.equal(configured.metric('es_proxy_listener_connections_refused_total{listener="git"}'), 1);
});

test("unix sockets serve on both sides", async (t) => {
  await using folder = await makeTempDir();
  const server = createServer((socket) =>
    socket.once("data", (bytes) => socket.end(`unix:${bytes.toString()}`)),
  );
  server.listen(folder.file("up.sock"));
  await once(server, "listening");
  t.after(() => server.close());
  const configured = await startConfigured(
    t,
    configuration([`unix:${folder.file("up.sock")}`]).replace(
      "127.0.0.1:0",
      `unix:${folder.file("down.sock")}`,
    ),
    { "router.ts": toPool },
  );
  const socket = connectNet(folder.file("down.sock"));
  t.after(() => socket.destroy());
  const client = new Client(socket);
  client.send("x");
  assert.equal(await client.untilEnd(), "unix:x");
  await waitFor("the records", () => configured.records().length === 2);
  const [start = {}, end = {}] = configured.records();
  assert.equal(fieldAt(start, "source.address"), "unix");
  assert.equal(fieldAt(end, "destination.address"), folder.file("up.sock"));
});
