import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { defaults } from "../../src/config/defaults.ts";
import { configFromArguments, type PositionalArguments } from "../../src/config/from-arguments.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { poolSchema } from "../../src/config/pool-schema.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { fileSchema } from "../../src/config/schema.ts";
import { makeAuthority, writeIdentity } from "../support/certificates.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const whole = await readFile(new URL("whole.yaml", import.meta.url), "utf8");

test("a file that uses every section is valid", async () => {
  await using folder = await makeTempDir();
  const authority = await makeAuthority();
  await writeIdentity(folder.path, "es", await authority.server());
  await writeIdentity(folder.path, "c", await authority.client());
  await writeFile(folder.file("ca.pem"), authority.certPem);
  await writeFile(folder.file("admin.token"), "0123456789abcdef0123456789abcdef\n");
  await writeFile(folder.file("git-router.ts"), "export default () => ({ close: true });\n");
  await writeFile(folder.file("es.yaml"), whole);
  const result = await loadConfig(folder.file("es.yaml"));
  const messages = "problems" in result ? result.problems.map(formatDiagnostic) : [];
  assert.deepEqual(messages, []);
});

test("every value shown in the whole file is the default, unless it chooses something", () => {
  const parsed = fileSchema.parse(parse(whole));
  const pool = parsed.pools["elasticsearch"];
  const { api } = parsed.pools;
  assert.deepEqual(pool?.timeouts, api?.timeouts);
  assert.deepEqual(pool?.limits, api?.limits);
  assert.ok(typeof pool?.outlier === "object");
  const { statuses: _, ...outlier } = pool.outlier;
  assert.deepEqual(outlier, api?.outlier);
  assert.deepEqual({ ...pool?.retry, statuses: [] }, api?.retry);
});

/** Every property of a JSON Schema with its path. */
function properties(node: unknown, path = ""): { path: string; node: object }[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, inner]: [string, unknown]) => {
    if (key !== "properties" || typeof inner !== "object" || inner === null)
      return typeof inner === "object" ? properties(inner, path) : [];
    return Object.entries(inner).flatMap(([name, property]: [string, unknown]) =>
      typeof property === "object" && property !== null
        ? [{ path: `${path}.${name}`, node: property }, ...properties(property, `${path}.${name}`)]
        : [],
    );
  });
}

test("the published schema describes every key, and gives a default or says what absence means", () => {
  const all = properties(configJsonSchema());
  assert.ok(all.length > 90, `${all.length} keys`);
  const undescribed = all.filter(({ node }) => !("description" in node) || node.description === "");
  assert.deepEqual(
    undescribed.map(({ path }) => path),
    [],
  );
});

test("the committed schema is the one that the command prints", async () => {
  const file = fileURLToPath(new URL("../../es-proxy.schema.json", import.meta.url));
  assert.equal(
    await readFile(file, "utf8"),
    `${JSON.stringify(configJsonSchema(), null, 2)}\n`,
    "run: make schema",
  );
});

test("every default of the published schema is one that the file may spell out", () => {
  const schema = configJsonSchema();
  const text = JSON.stringify(schema);
  assert.match(text, /"default":"10s"/);
  assert.match(text, /"default":"16KiB"/);
  const filled = fileSchema.parse({
    listeners: [{ name: "es", bind: "127.0.0.1:0", routes: [{ pool: "es" }] }],
    pools: { es: { endpoints: ["http://127.0.0.1:19200"] } },
    audit: { directory: "-" },
  });
  const pool = poolSchema.parse({ endpoints: ["http://127.0.0.1:19200"] });
  assert.deepEqual(filled.pools["es"], pool);
  assert.equal(pool.timeouts.connect, defaults.pool.timeouts.connectMs);
  assert.deepEqual(pool.outlier, {
    failures: 5,
    eject_for: 30_000,
    max_ejected_percent: 50,
  });
});

const plainLine: PositionalArguments = {
  remoteHost: "es.example.com",
  remotePort: 80,
  localHost: "127.0.0.1",
  localPort: 9200,
  tls: undefined,
  caFile: undefined,
  verify: true,
  responseMs: undefined,
  auditDirectory: "-",
  auditFormat: "text",
};

test("the ancestor's command line gives the same configuration as the file that says the same", async () => {
  const text = `listeners: [{name: es, bind: "127.0.0.1:9200", routes: [{pool: elasticsearch}]}]
pools: {elasticsearch: {endpoints: ["http://es.example.com:80"]}}
audit: {directory: "-", format: text}
`;
  const result = await loadConfig("es.yaml", { text });
  assert.ok("config" in result, JSON.stringify(result));
  const config = configFromArguments(plainLine);
  assert.deepEqual(config, result.config);
  assert.ok(Object.isFrozen(config.listeners[0]));
});

test("--timeout of the ancestor's command line holds for every call, also for long ones", () => {
  for (const responseMs of [undefined, 0, 120_000]) {
    const { listeners } = configFromArguments({ ...plainLine, responseMs });
    const [listener] = listeners;
    assert.ok(listener?.protocol === "http");
    const { timeouts } = listener.routes[0] ?? {};
    const wanted = responseMs === undefined ? [90_000, 0] : [responseMs, responseMs];
    assert.deepEqual([timeouts?.responseMs, timeouts?.responseLongMs], wanted);
  }
});

test("the ancestor's command line with TLS speaks it on both sides", () => {
  const config = configFromArguments({
    remoteHost: "::1",
    remotePort: 9200,
    localHost: "::1",
    localPort: 0,
    tls: { certFile: "/c.pem", keyFile: "/c.key" },
    caFile: "/ca.pem",
    verify: false,
    responseMs: undefined,
    auditDirectory: "/var/audit",
    auditFormat: "ecs",
  });
  assert.equal(config.listeners[0]?.tls?.certFile, "/c.pem");
  const pool = config.pools["elasticsearch"];
  assert.deepEqual(pool?.endpoints[0], {
    url: "https://[::1]:9200",
    scheme: "https",
    address: { kind: "tcp", host: "::1", port: 9200 },
    authority: "[::1]:9200",
    weight: 1,
  });
  assert.deepEqual([pool?.tls.caFile, pool?.tls.verify], ["/ca.pem", false]);
});
