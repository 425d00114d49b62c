import assert from "node:assert/strict";
import test from "node:test";
import { Assembler } from "../../src/config/assemble.ts";
import { crossCheck } from "../../src/config/cross-checks.ts";
import { formatPath } from "../../src/config/source-locations.ts";
import { auditSchema } from "../../src/config/audit-schema.ts";
import { adminSchema, explorerSchema, fileSchema } from "../../src/config/schema.ts";
import { httpListenerSchema, tcpListenerSchema } from "../../src/config/listener-schema.ts";
import { poolSchema } from "../../src/config/pool-schema.ts";

const assembler = new Assembler("/etc/es-proxy/es.yaml");

/** What the checks between sections say about a file of these sections. */
function findings(raw: {
  listeners: object[];
  pools: Record<string, object>;
  admin?: object;
  audit?: object;
  explorer?: object;
}): string[] {
  fileSchema.parse(raw);
  const listeners = raw.listeners.map((listener, index) => ({
    index,
    section:
      "router" in listener ? tcpListenerSchema.parse(listener) : httpListenerSchema.parse(listener),
  }));
  const pools = Object.entries(raw.pools).map(([name, pool]) => ({
    name,
    section: poolSchema.parse(pool),
  }));
  const admin = raw.admin === undefined ? undefined : adminSchema.parse(raw.admin);
  const explorer = raw.explorer === undefined ? undefined : explorerSchema.parse(raw.explorer);
  const audit = raw.audit === undefined ? undefined : auditSchema.parse(raw.audit);
  return crossCheck({ raw, listeners, pools, admin, explorer, audit }).map(
    ({ path, message }) => `${formatPath(path)}: ${message}`,
  );
}

const es = { name: "es", bind: "127.0.0.1:9200", routes: [{ pool: "es" }] };
const pools = { es: { endpoints: ["http://127.0.0.1:19200"] } };

test("a sound set of sections has nothing against it", () => {
  assert.deepEqual(findings({ listeners: [es], pools }), []);
});

const contradictions: Readonly<
  Record<string, readonly [raw: Parameters<typeof findings>[0], finding: RegExp]>
> = {
  "PROXY headers from anyone": [
    { listeners: [{ ...es, proxy_protocol: true }], pools },
    /^listeners\[0\]\.proxy_protocol: needs trusted_proxies/,
  ],
  "a request line longer than its head": [
    { listeners: [{ ...es, limits: { header_bytes: "4KiB", request_line: "8KiB" } }], pools },
    /^listeners\[0\]\.limits\.request_line: is larger/,
  ],
  "shipping through itself": [
    {
      listeners: [es],
      pools,
      audit: { directory: "/a", ship: [{ elasticsearch: "http://localhost:9200" }] },
    },
    /^audit\.ship\[0\]\.elasticsearch: .* is the listener "es" of this proxy: each document/,
  ],
  "shipping what goes to stdout": [
    {
      listeners: [es],
      pools,
      audit: { directory: "-", ship: [{ elasticsearch: "http://127.0.0.1:9299" }] },
    },
    /^audit\.ship: needs a directory/,
  ],
  "client_auth without authorities": [
    { listeners: [{ ...es, tls: { cert: "a", key: "b", client_auth: "request" } }], pools },
    /^listeners\[0\]\.tls\.client_auth: needs client_ca/,
  ],
  "lists of revoked certificates without authorities": [
    { listeners: [{ ...es, tls: { cert: "a", key: "b", client_crl: "c" } }], pools },
    /^listeners\[0\]\.tls\.client_crl: needs client_ca/,
  ],
  "two routes of one name": [
    {
      listeners: [
        {
          ...es,
          routes: [
            { name: "a", path: "/a", pool: "es" },
            { name: "a", path: "/b", pool: "es" },
          ],
        },
      ],
      pools,
    },
    /^listeners\[0\]\.routes\[1\]\.name: the name "a" is taken/,
  ],
  "an HTTP route to a TCP endpoint": [
    { listeners: [es], pools: { es: { endpoints: ["db:5432"] } } },
    /^listeners\[0\]\.routes\[0\]\.pool: the pool has an endpoint without http/,
  ],
  "consistent_hash without a key": [
    { listeners: [es], pools: { es: { ...pools.es, balance: "consistent_hash" } } },
    /^pools\.es\.balance: consistent_hash needs hash/,
  ],
  "a hash key that nothing uses": [
    { listeners: [es], pools: { es: { ...pools.es, hash: { by: "path" } } } },
    /^pools\.es\.hash: has no effect/,
  ],
  "a hash by header without its name": [
    {
      listeners: [es],
      pools: { es: { ...pools.es, balance: "consistent_hash", hash: { by: "header" } } },
    },
    /^pools\.es\.hash: needs the name/,
  ],
  "an endpoint twice": [
    { listeners: [es], pools: { es: { endpoints: ["http://a:1", "http://A:1/"] } } },
    /^pools\.es\.endpoints\[1\]: http:\/\/a:1 is already in the pool/,
  ],
  "a probe that outlasts its interval": [
    { listeners: [es], pools: { es: { ...pools.es, health: { interval: "1s", timeout: "2s" } } } },
    /^pools\.es\.health\.timeout: is longer/,
  ],
  "an admin listener that others can reach": [
    { listeners: [es], pools, admin: { bind: "0.0.0.0:9180" } },
    /^admin\.bind: 0\.0\.0\.0:9180 can be reached by other machines: token_file is required/,
  ],
  "an admin listener in the place of another": [
    { listeners: [es], pools, admin: { bind: "127.0.0.1:9200" } },
    /^admin\.bind: 127\.0\.0\.1:9200 collides with the listener "es"/,
  ],
  "an explorer that others can reach": [
    { listeners: [es], pools, audit: { directory: "audit" }, explorer: { bind: "0.0.0.0:9181" } },
    /^explorer\.bind: 0\.0\.0\.0:9181 can be reached by other machines: token_file is required/,
  ],
  "an explorer in the place of the admin listener": [
    {
      listeners: [es],
      pools,
      audit: { directory: "audit" },
      admin: { bind: "127.0.0.1:9180" },
      explorer: { bind: "127.0.0.1:9180" },
    },
    /^explorer\.bind: 127\.0\.0\.1:9180 collides with the admin listener/,
  ],
  "an endpoint that is the explorer": [
    {
      listeners: [es],
      pools: { es: { endpoints: ["http://127.0.0.1:9181"] } },
      audit: { directory: "audit" },
      explorer: { bind: "127.0.0.1:9181" },
    },
    /is the explorer of this proxy: requests would go round/,
  ],
  "an explorer of nothing": [
    { listeners: [es], pools, explorer: { bind: "127.0.0.1:9181" } },
    /^explorer: needs an audit section/,
  ],
  "an explorer of standard output": [
    {
      listeners: [es],
      pools,
      audit: { directory: "-" },
      explorer: { bind: "127.0.0.1:9181" },
    },
    /^explorer: needs a directory: audit\.directory is "-"/,
  ],
  "facts in lines of text": [
    {
      listeners: [{ ...es, routes: [{ path: "/", pool: "es", audit: { level: "facts" } }] }],
      pools,
      audit: { directory: "audit", format: "text" },
    },
    /^listeners\[0\]\.routes\[0\]\.audit\.level: level "facts" needs format "ecs"/,
  ],
};

for (const [what, [raw, wanted]] of Object.entries(contradictions)) {
  test(`refuses ${what}`, () => {
    const found = findings(raw);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", wanted);
  });
}

test("a token, or a loopback address, is enough for the admin listener", () => {
  assert.deepEqual(
    findings({ listeners: [es], pools, admin: { bind: "0.0.0.0:9180", token_file: "t" } }),
    [],
  );
  assert.deepEqual(findings({ listeners: [es], pools, admin: { bind: "[::1]:9180" } }), []);
});

test("a TCP listener keeps ProxyMachine's dial defaults and resolves its router", () => {
  const section = tcpListenerSchema.parse({
    name: "git",
    protocol: "tcp",
    bind: "0.0.0.0:5432",
    router: "git-router.ts",
    allow: ["10.0.0.0/8:5432", "[fd00::/8]:1-1024", "192.0.2.1"],
  });
  const listener = assembler.listener(section, {}, undefined);
  assert.ok(listener.protocol === "tcp");
  assert.equal(listener.routerFile, "/etc/es-proxy/git-router.ts");
  assert.deepEqual(listener.dial, { attempts: 10, timeoutMs: 1000, delayMs: 100, concurrent: 256 });
  assert.deepEqual(listener.allow, [
    { cidr: "10.0.0.0/8", ports: { from: 5432, to: 5432 } },
    { cidr: "fd00::/8", ports: { from: 1, to: 1024 } },
    { cidr: "192.0.2.1/32", ports: { from: 1, to: 65_535 } },
  ]);
});

test("a pool with everything arrives complete", () => {
  const pool = assembler.pool(
    "es",
    poolSchema.parse({
      endpoints: [{ url: "https://es.example.com:9200", weight: 3 }, "unix:/run/es.sock"],
      balance: "consistent_hash",
      hash: { by: "cookie", name: "session" },
      tls: { ca: "ca.pem", min_version: 1.3 },
      health: {
        path: "/_cluster/health",
        statuses: [200, "202-204"],
        authorization_file: "probe.auth",
      },
      outlier: false,
      retry: { attempts: 3, statuses: ["502-504"] },
      proxy_protocol: "v2",
      slow_start: "10s",
      host_header: "es",
    }),
  );
  assert.deepEqual(
    pool.endpoints.map(({ url, scheme, weight }) => [url, scheme, weight]),
    [
      ["https://es.example.com:9200", "https", 3],
      ["unix:/run/es.sock", "http", 1],
    ],
  );
  assert.deepEqual(pool.hash, { by: "cookie", name: "session" });
  assert.deepEqual(
    [pool.tls.caFile, pool.tls.minVersion, pool.outlier, pool.proxyProtocol],
    ["/etc/es-proxy/ca.pem", "TLSv1.3", undefined, "v2"],
  );
  assert.deepEqual(pool.health?.statuses, [
    { from: 200, to: 200 },
    { from: 202, to: 204 },
  ]);
  assert.deepEqual(pool.retry.statuses, [{ from: 502, to: 504 }]);
  assert.deepEqual(
    [pool.slowStartMs, pool.hostHeader, pool.health?.intervalMs],
    [10_000, "es", 10_000],
  );
});

const refusedStatuses: readonly unknown[] = [99, 600, "200", "399-200", "5xx", "200-", 200.5];

test("the name in a certificate is a host name or an address, and nothing else", () => {
  const isTaken = (name: string): boolean =>
    poolSchema.safeParse({ endpoints: ["https://10.0.0.1:9200"], tls: { server_name: name } })
      .success;
  for (const name of ["es.test", "es.test.", "ES_1.test", "münchen.test", "10.0.0.1", "::1"])
    assert.ok(isTaken(name), name);
  for (const name of ["", ".", "*.es.test", "es.test:9200", "[::1]", "es test", "a,b", "1.2"])
    assert.ok(!isTaken(name), name);
});

test("a status list has whole statuses and forward ranges only", () => {
  for (const status of refusedStatuses)
    assert.equal(
      poolSchema.safeParse({ ...pools.es, health: { statuses: [status] } }).success,
      false,
      String(status),
    );
});

test("429 cannot be made a reason to retry, not even inside a range", () => {
  for (const status of [429, "400-499"])
    assert.equal(
      poolSchema.safeParse({ ...pools.es, retry: { statuses: [status] } }).success,
      false,
      String(status),
    );
  assert.equal(
    poolSchema.safeParse({ ...pools.es, retry: { statuses: [428, "430-499"] } }).success,
    true,
  );
});

test("a route arrives with its matches in the form that the router compares", () => {
  const section = httpListenerSchema.parse({
    ...es,
    routes: [
      {
        path: "/a",
        host: "*.Example.COM",
        methods: ["GET", "HEAD"],
        headers: { "X-Tenant": "blue", "X-Debug": false, "X-Any": true },
        pool: "es",
        upgrade: ["WebSocket"],
        rate_limit: { requests: 100 },
        retry: { attempts: 1 },
      },
      { path: "/a", pool: "es" },
    ],
  });
  const pool = assembler.pool("es", poolSchema.parse(pools.es));
  const listener = assembler.listener(section, { es: pool }, undefined);
  assert.ok(listener.protocol === "http");
  const [route, second] = listener.routes;
  assert.deepEqual([route?.name, second?.name], ["/a#1", "/a#2"]);
  assert.deepEqual(route?.hosts, ["*.example.com"]);
  assert.deepEqual(route?.headers, [
    { name: "x-tenant", present: true, value: "blue" },
    { name: "x-debug", present: false, value: undefined },
    { name: "x-any", present: true, value: undefined },
  ]);
  assert.deepEqual(route?.upgrade, ["websocket"]);
  assert.deepEqual(route?.rateLimit, {
    by: "client_address",
    requests: 100,
    perMs: 1000,
    burst: 100,
  });
  assert.deepEqual([route?.retry.attempts, second?.retry.attempts], [1, 2]);
});

const refusedPaths = ["api", "", "/a?b", "/a%2Fb", "/a/../b", "/./a", "//a", "/a b", "/ä"];

test("a route path has one spelling only", () => {
  for (const path of refusedPaths)
    assert.equal(
      httpListenerSchema.safeParse({ ...es, routes: [{ path, pool: "es" }] }).success,
      false,
      path,
    );
});
