import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import test from "node:test";
import type { PageName } from "../../src/admin/admin-pages.ts";
import { BearerToken } from "../../src/net/bearer-token.ts";
import { healthOf } from "../../src/admin/health.ts";
import { mergeReports } from "../../src/admin/process-report.ts";
import { ask, open, token } from "./admin-fixture.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { connectRaw } from "../support/raw-client.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { reportWith } from "./made-report.ts";

test("each address answers with what it is for", async () => {
  await using admin = await open();
  const status = JSON.parse((await admin.ask("GET", "/")).body) as Record<string, unknown>;
  assert.deepEqual(
    [status["name"], status["version"], status["state"], status["health"]],
    ["es-proxy", "1.2.3", "running", "ok"],
  );
  const backends = JSON.parse((await admin.ask("GET", "/health/backends")).body) as {
    pools: Record<string, { endpoints: unknown[] }>;
  };
  assert.equal(backends.pools["es"]?.endpoints.length, 2);
  const metrics = await admin.ask("GET", "/metrics");
  assert.equal(metrics.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  assert.match(metrics.body, /^es_proxy_pool_pending\{pool="es"\} 3$/m);
  assert.deepEqual(
    [(await admin.ask("GET", "/livez")).body, (await admin.ask("GET", "/readyz")).body],
    ["live\n", "ready\n"],
  );
  assert.equal(metrics.headers["cache-control"], "no-store");
});

test("health is 503 only when something is not served or not recorded", async () => {
  await using admin = await open();
  admin.source.current = reportWith("healthy", "ejected");
  assert.deepEqual(
    [(await admin.ask("GET", "/health")).status, healthOf(admin.source.current).status],
    [200, "degraded"],
  );
  admin.source.current = reportWith("unhealthy", "ejected");
  assert.deepEqual(
    [(await admin.ask("GET", "/health")).status, healthOf(admin.source.current).status],
    [503, "failing"],
  );
  const audit = {
    records: 0,
    gaps: 0,
    dropped: 0,
    openExchanges: 0,
    incidents: 0,
    isFailing: true,
  };
  assert.equal(healthOf({ ...reportWith("healthy"), audit }).status, "failing");
  const changed = { ...audit, incidents: 1, isFailing: false };
  assert.equal(healthOf({ ...reportWith("healthy"), audit: changed }).audit, "degraded");
});

test("draining is not ready, but alive", async () => {
  await using admin = await open();
  admin.source.state = "draining";
  const ready = await admin.ask("GET", "/readyz");
  assert.deepEqual(
    [ready.status, ready.body, ready.headers.connection],
    [503, "draining\n", "close"],
  );
  assert.equal((await admin.ask("GET", "/livez")).status, 200);
});

test("HEAD answers like GET without the body, other methods get 405 with what is allowed", async () => {
  await using admin = await open();
  const head = await admin.ask("HEAD", "/metrics");
  assert.deepEqual(
    [head.status, head.body, Number(head.headers["content-length"]) > 100],
    [200, "", true],
  );
  for (const [method, path, allow] of [
    ["POST", "/", "GET, HEAD"],
    ["GET", "/reload", "POST"],
    ["DELETE", "/restart", "POST"],
  ] as const) {
    const { status, headers } = await admin.ask(method, path);
    assert.deepEqual([status, headers.allow], [405, allow]);
  }
  for (const path of ["/nothing", "/health/", "/__proto__", "/constructor", "//metrics"])
    assert.equal((await admin.ask("GET", path)).status, 404, path);
  assert.deepEqual(admin.source.asked, []);
});

test("hidden parts look as if they did not exist", async () => {
  const hide: PageName[] = ["status", "health", "backends", "metrics", "livez", "readyz"];
  await using admin = await open({ hide });
  for (const path of ["/", "/health", "/health/backends", "/metrics", "/livez", "/readyz"])
    assert.equal((await admin.ask("GET", path)).status, 404, path);
  await using other = await open({ hide: ["metrics"] });
  assert.deepEqual(
    [(await other.ask("GET", "/metrics")).status, (await other.ask("GET", "/")).status],
    [404, 200],
  );
});

test("with a token everything but the two probes asks for it, unknown paths included", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("token"), `${token}\n`);
  await using admin = await open({ tokenFile: folder.file("token") });
  for (const path of ["/", "/health", "/health/backends", "/metrics", "/nothing"]) {
    const { status, headers } = await admin.ask("GET", path);
    assert.deepEqual([status, headers["www-authenticate"]], [401, 'Bearer realm="es-proxy"'], path);
  }
  for (const wrong of [
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Basic ${token}`,
    "Bearer",
    "Bearer ",
    token,
  ])
    assert.equal((await admin.ask("POST", "/reload", { authorization: wrong })).status, 401, wrong);
  assert.deepEqual(admin.source.asked, []);
  for (const right of [`Bearer ${token}`, `bearer ${token}`, `Bearer  ${token}`])
    assert.equal(
      (await admin.ask("GET", "/", { authorization: right, host: "proxy.example.com" })).status,
      200,
      right,
    );
  assert.deepEqual(
    [(await admin.ask("GET", "/livez")).status, (await admin.ask("GET", "/readyz")).status],
    [200, 200],
  );
});

test("a token is compared by digest, so that tokens of any length take the same way", () => {
  const bearer = new BearerToken(token);
  for (const wrong of [
    undefined,
    "",
    "Bearer",
    `Bearer ${token} x`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer ${"x".repeat(10_000)}`,
    "Bearer \u0000",
  ])
    assert.equal(bearer.accepts(wrong), false, wrong);
  assert.equal(bearer.accepts(`Bearer ${token}`), true);
});

test("the comparison is Node's constant-time one over digests, and nothing else decides", async () => {
  const source = await readFile(new URL("../../src/net/bearer-token.ts", import.meta.url), "utf8");
  assert.match(source, /timingSafeEqual\(digestOf\(/);
  assert.doesNotMatch(
    source.slice(source.indexOf("accepts(")),
    /#digest\.equals|=== this\.|\.length ===/,
  );
});

test("a token file that holds no good token is refused by name", async () => {
  await using folder = await makeTempDir();
  for (const bad of ["", "short", "two words that are long enough", "ü".repeat(20)]) {
    await writeFile(folder.file("token"), bad);
    assert.throws(() => BearerToken.fromFile(folder.file("token")), {
      code: "ESP_ERR_CONFIG",
      message: /token/,
    });
  }
  assert.throws(() => BearerToken.fromFile(folder.file("absent")), {
    code: "ESP_ERR_CONFIG",
    message: /ENOENT/,
  });
});

test("without a token no web page and no foreign name gets an answer", async () => {
  await using admin = await open();
  for (const headers of [
    { host: "evil.example.com" },
    { host: "127.0.0.1.evil.example.com" },
    { origin: "http://localhost:3000" },
    { origin: "null" },
  ])
    assert.equal(
      (await admin.ask("POST", "/reload", headers)).status,
      403,
      JSON.stringify(headers),
    );
  for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:9180", "[::1]:9180"])
    assert.equal((await admin.ask("GET", "/", { host })).status, 200, host);
  assert.deepEqual(admin.source.asked, []);
});

test("control requests wait for their result and show why they failed", async () => {
  await using admin = await open();
  assert.equal((await admin.ask("POST", "/reload")).status, 200);
  admin.source.outcome = {
    isOk: false,
    message: "the old one stays",
    problems: ["es.yaml:3:1: wrong"],
  };
  const { status, body } = await admin.ask("POST", "/restart");
  assert.deepEqual(
    [status, JSON.parse(body)],
    [422, { ok: false, message: "the old one stays", problems: ["es.yaml:3:1: wrong"] }],
  );
  assert.deepEqual(admin.source.asked, ["reload", "restart"]);
});

test("requests with a body, with two lengths or without a Host are refused", async () => {
  await using admin = await open();
  const { status, headers } = await admin.ask("POST", "/reload", {}, "x".repeat(100));
  assert.deepEqual([status, headers.connection], [413, "close"]);
  for (const bad of [
    "GET / HTTP/1.1\r\n\r\n",
    "POST /reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: " +
      "chunked\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: localhost\r\nA: ${"x".repeat(9000)}\r\n\r\n`,
  ]) {
    using client = await connectRaw({ port: admin.port });
    client.send(bad, "GET");
    const answer = await waitFor("a refusal", () => client.finals[0]);
    assert.ok(answer.head.status >= 400 && answer.head.status < 500, String(answer.head.status));
  }
  assert.deepEqual(admin.source.asked, []);
});

test("a unix socket is for its owner only, and a TLS listener shows its certificate", async () => {
  await using folder = await makeTempDir();
  const path = folder.file("admin.sock");
  await using unix = await open({ bind: { kind: "unix", path } });
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal(unix.listener.url, `unix:${path}`);
  assert.equal(
    (await ask({ socketPath: path, path: "/livez", method: "GET", agent: false })).status,
    200,
  );
  const authority = await makeAuthority();
  await writeIdentity(folder.path, "admin", await authority.server());
  const tls = {
    certFile: folder.file("admin.pem"),
    keyFile: folder.file("admin.key"),
    clientCaFile: undefined,
    clientCrlFile: undefined,
    clientAuth: "require",
    minVersion: "TLSv1.2",
    ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256",
  } as const;
  await using secure = await open({ tls });
  const answer = await ask({
    host: "127.0.0.1",
    port: secure.port,
    path: "/livez",
    method: "GET",
    ca: authority.certPem,
    agent: false,
  });
  assert.equal(answer.status, 200);
});

test("an address that is taken is named", async () => {
  await using admin = await open();
  await assert.rejects(open({ bind: { kind: "tcp", host: "127.0.0.1", port: admin.port } }), {
    code: "ESP_ERR_LISTEN",
    message: /admin listener.*EADDRINUSE/,
  });
});

test("reports of several workers become one: sums, and the worst state of each endpoint", () => {
  const merged = mergeReports([
    reportWith("healthy", "ejected"),
    reportWith("unhealthy", "healthy"),
    { ...reportWith(), pools: [], listeners: [], audit: undefined },
  ]);
  assert.deepEqual(
    merged.pools[0]?.endpoints.map(({ state, requests }) => [state, requests]),
    [
      ["unhealthy", 20],
      ["ejected", 20],
    ],
  );
  assert.deepEqual(
    [merged.pools[0]?.pending, merged.listeners[0]?.connections, merged.audit?.records],
    [6, 4, 8],
  );
});
