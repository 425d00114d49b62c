import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import test from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const minimal = `listeners:
  - name: es
    bind: 127.0.0.1:9200
    routes:
      - pool: es
pools:
  es:
    endpoints: [http://127.0.0.1:19200]
`;

async function problemsOf(text: string): Promise<string[]> {
  const result = await loadConfig("es.yaml", { text });
  return "problems" in result ? result.problems.map(formatDiagnostic) : [];
}

test("the smallest useful file is complete after loading", async () => {
  const result = await loadConfig("es.yaml", { text: minimal });
  assert.ok("config" in result, JSON.stringify(result));
  const { config } = result;
  assert.equal(config.workers, 1);
  assert.equal(config.drainTimeoutMs, 30_000);
  const [listener] = config.listeners;
  assert.ok(listener?.protocol === "http");
  assert.deepEqual(listener.bind, { kind: "tcp", host: "127.0.0.1", port: 9200 });
  assert.deepEqual(listener.timeouts, {
    headerMs: 10_000,
    bodyIdleMs: 15_000,
    keepAliveMs: 75_000,
    writeMs: 60_000,
  });
  assert.equal(listener.limits.headerBytes, 16_384);
  assert.equal(listener.halfClose, "abort");
  const [route] = listener.routes;
  assert.deepEqual(
    [route?.name, route?.path, route?.pool, route?.audit.level],
    ["/", "/", "es", "none"],
  );
  assert.deepEqual([route?.timeouts.responseMs, route?.timeouts.responseLongMs], [90_000, 0]);
  const pool = config.pools["es"];
  assert.deepEqual(
    [pool?.name, pool?.endpoints[0]?.url, pool?.endpoints[0]?.weight],
    ["es", "http://127.0.0.1:19200", 1],
  );
  assert.equal(pool?.timeouts.connectMs, 3000);
  assert.equal(pool?.tls.verify, true);
  assert.equal(config.audit, undefined);
});

test("the result is frozen all the way down, and its table of pools has no foreign entries", async () => {
  const result = await loadConfig("es.yaml", { text: minimal });
  assert.ok("config" in result);
  const { config } = result;
  assert.ok(Object.isFrozen(config) && Object.isFrozen(config.pools["es"]?.endpoints[0]?.address));
  assert.throws(
    () => Object.assign(config.pools["es"]?.timeouts ?? {}, { connectMs: 1 }),
    TypeError,
  );
  assert.equal(config.pools["constructor"], undefined);
  assert.equal(config.pools["__proto__"], undefined);
});

/** Text after the line `listeners:` and so on is replaced; each problem is exact, place and all. */
const mistakes: Readonly<Record<string, readonly [text: string, problems: readonly string[]]>> = {
  "an empty file": ["", ["es.yaml:1:1: the file is empty"]],
  "a comment only": ["# nothing\n", ["es.yaml:1:1: the file is empty"]],
  "a list instead of sections": ["- a\n", ["es.yaml:1:1: expected a map of sections, got a list"]],
  "missing sections": [
    "workers: 1\n",
    ["es.yaml:1:1: listeners: is missing", "es.yaml:1:1: pools: is missing"],
  ],
  "a misspelt section": [
    `${minimal}audti: {directory: a}\n`,
    ['es.yaml:9:1: audti: unknown key; did you mean "audit"?'],
  ],
  "a misspelt key deep inside": [
    minimal.replace("    routes:", "    timeouts: {header: 5s, keepalive: 10s}\n    routes:"),
    ['es.yaml:4:28: listeners[0].timeouts.keepalive: unknown key; did you mean "keep_alive"?'],
  ],
  "an unknown key that is near to nothing": [
    minimal.replace("    routes:", "    limits: {zzzzzz: 1}\n    routes:"),
    [
      "es.yaml:4:14: listeners[0].limits.zzzzzz: unknown key; known keys: header_bytes, " +
        "request_line, headers, request_body, requests_per_connection",
    ],
  ],
  "a number of workers that cannot be": [
    `${minimal}workers: -1\n`,
    ["es.yaml:9:10: workers: must be at least 1, got -1"],
  ],
  "a number beyond its bounds": [
    minimal.replace("routes:", "max_connections: -1\n    routes:"),
    ["es.yaml:4:22: listeners[0].max_connections: must be at least 0, got -1"],
  ],
  "a duplicate key": [
    `${minimal}workers: 1\nworkers: 1\n`,
    ["es.yaml:10:1: this key stands twice in its map"],
  ],
  "a duplicate key beside another mistake": [
    `${minimal}workers: 1\nworkers: 1\ndrain_timeout: soon\n`,
    [
      "es.yaml:10:1: this key stands twice in its map",
      'es.yaml:11:16: drain_timeout: expected a duration such as 10s or 250ms, got "soon"',
    ],
  ],
  "a number where a duration is needed": [
    `${minimal}drain_timeout: 30\n`,
    [
      "es.yaml:9:16: drain_timeout: expected a duration such as 10s or 250ms, got 30 (a " +
        "unit is missing: write 30s)",
    ],
  ],
  "a duration of nothing": [
    `${minimal}drain_timeout: 0s\n`,
    ["es.yaml:9:16: drain_timeout: 0 is not allowed here"],
  ],
  "a duration that no timer can hold": [
    `${minimal}drain_timeout: 30d\n`,
    ['es.yaml:9:16: drain_timeout: "30d" is too large'],
  ],
  "a number where a size is needed": [
    minimal.replace("    routes:", "    limits:\n      header_bytes: 16384\n    routes:"),
    [
      "es.yaml:5:21: listeners[0].limits.header_bytes: expected a size such as 16KiB or " +
        "100MB, got 16384 (a unit is missing: write 16384B)",
    ],
  ],
  "sizes out of bounds, also those of records that nothing could read": [
    `${minimal.replace("routes:", "limits: {header_bytes: 10B, request_line: 2MiB}\n    routes:")}audit: {directory: a, body: {inline: 9MiB}}\n`,
    [
      "es.yaml:4:28: listeners[0].limits.header_bytes: must be at least 1KiB",
      "es.yaml:4:47: listeners[0].limits.request_line: must be at most 1MiB",
      "es.yaml:10:38: audit.body.inline: must be at most 8MiB",
    ],
  ],
  "an unknown pool": [
    minimal.replace("pool: es", "pool: ess"),
    ['es.yaml:5:15: listeners[0].routes[0].pool: there is no pool "ess"; did you mean "es"?'],
  ],
  "an unknown pool behind another mistake in the same listener": [
    minimal.replace("127.0.0.1:9200", "here").replace("pool: es", "pool: other"),
    [
      'es.yaml:3:11: listeners[0].bind: a port is missing in "here"; write host:port',
      'es.yaml:5:15: listeners[0].routes[0].pool: there is no pool "other"; pools: es',
    ],
  ],
  "an endpoint that is the own listener": [
    minimal.replace("19200", "9200"),
    [
      'es.yaml:8:17: pools.es.endpoints[0]: http://127.0.0.1:9200 is the listener "es" of this proxy: requests would go round for ever',
    ],
  ],
  "listeners that collide and share a name": [
    minimal.replace("pools:", "  - {name: es, bind: 0.0.0.0:9200, routes: [{pool: es}]}\npools:"),
    [
      'es.yaml:6:12: listeners[1].name: the name "es" is taken by a listener above',
      'es.yaml:6:22: listeners[1].bind: 0.0.0.0:9200 collides with the listener "es" (127.0.0.1:9200)',
    ],
  ],
  "an unknown value": [
    `${minimal}audit: {directory: "-", format: esc}\n`,
    ['es.yaml:9:33: audit.format: expected one of ecs, text; got "esc"; did you mean "ecs"?'],
  ],
  "a value of the wrong kind": [
    minimal.replace(
      "    endpoints: [http://127.0.0.1:19200]",
      "    endpoints: http://127.0.0.1:19200",
    ),
    ['es.yaml:8:16: pools.es.endpoints: expected a list, got "http://127.0.0.1:19200"'],
  ],
  "no endpoint": [
    minimal.replace("[http://127.0.0.1:19200]", "[]"),
    ["es.yaml:8:16: pools.es.endpoints: at least one endpoint is needed"],
  ],
  "an endpoint in long form with mistakes": [
    minimal.replace("[http://127.0.0.1:19200]", '[{url: "http://u:p@h", wieght: 2}]'),
    [
      "es.yaml:8:23: pools.es.endpoints[0].url: an endpoint carries no credentials: " +
        "clients send their own",
      'es.yaml:8:39: pools.es.endpoints[0].wieght: unknown key; did you mean "weight"?',
    ],
  ],
  "an empty value": [
    minimal.replace("    bind: 127.0.0.1:9200", "    bind:"),
    ["es.yaml:3:5: listeners[0].bind: expected host:port, [v6]:port or unix:/path, got nothing"],
  ],
  "a missing key": [
    minimal.replace("    bind: 127.0.0.1:9200\n", ""),
    ["es.yaml:2:5: listeners[0].bind: is missing"],
  ],
  "an unknown protocol": [
    minimal.replace("    bind:", "    protocol: htp\n    bind:"),
    ['es.yaml:3:15: listeners[0].protocol: expected one of http, tcp; got "htp"'],
  ],
  "a bad pool name": [
    minimal.replaceAll(/\bes:$/gm, "9es:").replace("pool: es", "pool: 9es"),
    [
      "es.yaml:5:15: listeners[0].routes[0].pool: a name starts with a letter and has " +
        "letters, digits, `_`, `-` and `.` only, at most 63",
      "es.yaml:7:3: pools.9es: a name starts with a letter and has letters, digits, `_`, " +
        "`-` and `.` only, at most 63",
    ],
  ],
  "routes that say the same": [
    minimal.replace("      - pool: es", "      - pool: es\n      - {path: /, pool: es}"),
    ["es.yaml:6:9: listeners[0].routes[1]: is never reached: it matches what routes[0] matches"],
  ],
  h2c: [
    minimal.replace("      - pool: es", "      - {pool: es, upgrade: [websocket, H2C]}"),
    [
      "es.yaml:5:41: listeners[0].routes[0].upgrade[1]: h2c is never allowed: it would " +
        "pass requests unseen",
    ],
  ],
  "numbers to which no unit could be added": [
    `${minimal.replace("    routes:", "    timeouts: {header: 1.5}\n    routes:")}drain_timeout: -1\n`,
    [
      "es.yaml:4:24: listeners[0].timeouts.header: expected a duration such as 10s or 250ms, got 1.5",
      "es.yaml:10:16: drain_timeout: expected a duration such as 10s or 250ms, got -1",
    ],
  ],
  "empty lists where one value is needed, which is not taken for any": [
    minimal
      .replace("      - pool: es", "      - {pool: es, methods: [], host: []}")
      .replace("  es:", "  es:\n    health: {statuses: []}"),
    [
      "es.yaml:5:29: listeners[0].routes[0].methods: is empty: at least one is needed",
      "es.yaml:5:39: listeners[0].routes[0].host: is empty: at least one is needed",
      "es.yaml:8:24: pools.es.health.statuses: is empty: at least one is needed",
    ],
  ],
  "a problem behind an alias": [
    `x: &x {header: 5}\n${minimal.replace("    routes:", "    timeouts: *x\n    routes:")}`,
    [
      "es.yaml:1:1: x: unknown key; known keys: workers, drain_timeout, fail_on_dead_pool, " +
        "listeners, pools, audit, admin, explorer",
      "es.yaml:1:16: listeners[0].timeouts.header: expected a duration such as 10s or " +
        "250ms, got 5 (a unit is missing: write 5s)",
    ],
  ],
  "half a client certificate": [
    `${minimal}    tls: {cert: a.pem}\n`,
    [
      "es.yaml:9:10: pools.es.tls: cert and key belong together: one of them is missing",
      "es.yaml:9:17: pools.es.tls.cert: FOLDER/a.pem cannot be read: no such file",
    ],
  ],
};

for (const [what, [text, wanted]] of Object.entries(mistakes)) {
  test(`reports ${what} with its place`, async () => {
    const found = (await problemsOf(text)).map((line) => line.replace(process.cwd(), "FOLDER"));
    assert.deepEqual(found, wanted);
  });
}

test("reports broken YAML with its place, and nothing that follows from it", async () => {
  const problems = await problemsOf("listeners:\n  - name: es\n   bind: x\nzzz: 1\n");
  assert.ok(problems.length > 0);
  for (const problem of problems) assert.match(problem, /^es\.yaml:[34]:\d+: not valid YAML: /);
  assert.match((await problemsOf("audit: [1\n"))[0] ?? "", /^es\.yaml:\d:\d+: not valid YAML: /);
  assert.match((await problemsOf("audit: {}\na: !!foo 1\n"))[0] ?? "", /^es\.yaml:\d:1: /);
  assert.deepEqual(await problemsOf("workers: 1\n---\nworkers: 2\n"), [
    "es.yaml:2:1: not valid here: a second document begins, and a configuration is one",
  ]);
});

test("an address in brackets without quotes leads to the quotes", async () => {
  const [problem] = await problemsOf(minimal.replace("127.0.0.1:9200", "[::1]:9200"));
  assert.match(
    problem ?? "",
    /^es\.yaml:3:\d+: not valid YAML: .*needs quotes, as in "\[::1\]:9200"$/,
  );
});

test("a bomb of aliases is refused, not expanded", async () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${["b", "c", "d", "e", "f", "g", "h"]
    .map((key, at) => `${key}: &${key} [${Array(9).fill(`*${"abcdefg"[at]}`).join(",")}]`)
    .join("\n")}\n`;
  const [problem] = await problemsOf(bomb);
  assert.match(problem ?? "", /^es\.yaml:1:1: .*aliases/);
});

test("no text of the file can break a problem into two lines or reach the terminal", async () => {
  const [problem = ""] = await problemsOf(
    `${minimal}audit: {directory: "-", format: "a\\n\\e[31mb"}\n`,
  );
  // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
  assert.doesNotMatch(problem, /[\u0000-\u001f]/);
  assert.match(problem, /audit\.format/);
});

test("a file that is not there is said plainly", async () => {
  const result = await loadConfig("/nowhere/es.yaml");
  assert.ok("problems" in result);
  assert.deepEqual(result.problems.map(formatDiagnostic), [
    "/nowhere/es.yaml: cannot be read: no such file",
  ]);
});

test("file names are relative to the folder of the file, and TLS files are checked", async () => {
  await using folder = await makeTempDir();
  const authority = await makeAuthority();
  await writeIdentity(folder.path, "es", await authority.server());
  await writeIdentity(folder.path, "other", await authority.server());
  await writeIdentity(folder.path, "old", await authority.server({ isExpired: true }));
  await writeFile(folder.file("ca.pem"), authority.certPem);
  await writeFile(folder.file("junk.pem"), "junk\n");
  await mkdir(folder.file("audit"));
  const file = folder.file("es.yaml");
  const load = async (tls: string): Promise<string[]> => {
    const text = `${minimal.replace("    routes:", `    tls: ${tls}\n    routes:`)}audit: {directory: ./audit}\n`;
    await writeFile(file, text);
    const result = await loadConfig(file);
    const all = "problems" in result ? result.problems : result.warnings;
    return all.map((problem) => formatDiagnostic(problem).replaceAll(`${folder.path}/`, ""));
  };
  assert.deepEqual(await load("{cert: es.pem, key: es.key, client_ca: ca.pem}"), []);
  assert.deepEqual(await load("{cert: es.pem, key: other.key}"), [
    "es.yaml:4:30: listeners[0].tls.key: the key other.key does not belong to the " +
      "certificate es.pem",
  ]);
  assert.deepEqual(await load("{cert: junk.pem, key: nope.key, client_ca: audit}"), [
    "es.yaml:4:17: listeners[0].tls.cert: junk.pem holds no PEM certificate",
    "es.yaml:4:32: listeners[0].tls.key: nope.key cannot be read: no such file",
    "es.yaml:4:53: listeners[0].tls.client_ca: audit cannot be read: it is a folder",
  ]);
  assert.deepEqual(
    await load("{cert: es.pem, key: es.key, client_ca: ca.pem, client_crl: es.pem}"),
    ["es.yaml:4:69: listeners[0].tls.client_crl: es.pem holds no PEM list of revoked certificates"],
  );
  assert.deepEqual(await load("{cert: es.pem, key: junk.pem}"), [
    "es.yaml:4:30: listeners[0].tls.key: junk.pem holds no PEM private key",
  ]);
  const [expired = ""] = await load("{cert: old.pem, key: old.key}");
  assert.match(
    expired,
    /^es\.yaml:4:17: listeners\[0\]\.tls\.cert: the certificate old\.pem has expired/,
  );

  const result = await loadConfig(file);
  assert.ok(
    "config" in result,
    "an expired certificate is a warning: it may be replaced while the proxy runs",
  );
  assert.equal(result.config.audit?.directory, folder.file("audit"));
  assert.equal(result.config.listeners[0]?.tls?.certFile, folder.file("old.pem"));
  assert.equal(result.config.listeners[0]?.tls?.clientAuth, "require");
});

test("an audit folder that is a file is refused", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("audit"), "");
  await chmod(folder.file("audit"), 0o600);
  const result = await loadConfig(folder.file("es.yaml"), {
    text: `${minimal}audit: {directory: audit}\n`,
  });
  assert.ok("problems" in result);
  assert.deepEqual(
    result.problems.map((problem) => [problem.line, problem.column, problem.message]),
    [[9, 20, `audit.directory: ${folder.file("audit")} is not a folder`]],
  );
});

test("overrides of a route are merged with its pool and the audit section", async () => {
  const text = `${minimal.replace(
    "      - pool: es",
    "      - {path: /_bulk/, pool: es, audit: {level: metadata}, timeouts: {response: 5m, " +
      "total: 10m}}\n      - pool: es",
  )}    timeouts: {response: 20s}
audit: {directory: "-", format: text, on_failure: reject, body: {inline: 0}}
`;
  const result = await loadConfig("es.yaml", { text });
  assert.ok("config" in result, JSON.stringify(result));
  const [listener] = result.config.listeners;
  assert.ok(listener?.protocol === "http");
  const [bulk, rest] = listener.routes;
  assert.deepEqual(
    [bulk?.path, bulk?.audit],
    ["/_bulk", { level: "metadata", onFailure: "reject" }],
  );
  assert.deepEqual(bulk?.timeouts, {
    responseMs: 300_000,
    responseLongMs: 300_000,
    bodyIdleMs: 60_000,
    totalMs: 600_000,
  });
  assert.deepEqual(rest?.audit, { level: "full", onFailure: "reject" });
  assert.deepEqual([rest?.timeouts.responseMs, rest?.timeouts.responseLongMs], [20_000, 20_000]);
  assert.equal(result.config.audit?.directory, "-");
  assert.equal(result.config.audit.body.inlineBytes, 0);
});
