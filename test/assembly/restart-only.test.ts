import assert from "node:assert/strict";
import { test } from "node:test";
import { bindKey, restartOnlyChanges } from "../../src/assembly/restart-only.ts";
import type { ListenerConfig, ProxyConfig } from "../../src/config/config.ts";
import { configOf } from "./assembly-fixture.ts";

const base =
  "listeners:\n" +
  '  - {name: es, bind: "127.0.0.1:9200", routes: [{path: /, pool: es}]}\n' +
  'pools: {es: {endpoints: ["http://127.0.0.1:1"]}}\n';
const audited = `${base}audit: {directory: /var/audit, format: ecs}\n`;

function withListener(config: ProxyConfig, change: Partial<ListenerConfig>): ProxyConfig {
  const [first, ...rest] = config.listeners;
  assert.ok(first !== undefined);
  // One kind of listener, with some of its own members.
  return { ...config, listeners: [{ ...first, ...change } as ListenerConfig, ...rest] };
}

const tls = {
  certFile: "a.pem",
  keyFile: "a.key",
  clientCaFile: undefined,
  clientCrlFile: undefined,
  clientAuth: "require",
} as unknown as NonNullable<ListenerConfig["tls"]>;

test("what every process can follow needs no restart", async () => {
  const old = await configOf(audited);
  const next = await configOf(
    audited
      .replace("path: /", "path: /a")
      .replace("127.0.0.1:1", "127.0.0.1:2")
      .replace("format: ecs", "format: ecs, level: metadata"),
  );
  assert.deepEqual(restartOnlyChanges(old, next), []);
});

test("each part of the audit that is bound to the life of a process is named as in the file", async () => {
  const old = await configOf(audited);
  for (const [change, key] of [
    ["format: text", "audit.format"],
    ["format: ecs, durability: async", "audit.durability"],
    ["format: ecs, body: {inline: 1KiB}", "audit.body"],
  ] as const) {
    const changes = restartOnlyChanges(old, await configOf(audited.replace("format: ecs", change)));
    assert.equal(changes.length, 1, key);
    assert.match(changes[0] ?? "", new RegExp(`^${key.replace(".", "\\.")} cannot change`));
  }
  assert.ok(old.audit !== undefined);
  const otherKey = { ...old, audit: { ...old.audit, hmacKeyFile: "/k" } };
  assert.match(restartOnlyChanges(old, otherKey)[0] ?? "", /^audit\.hmac_key_file cannot change/);
  const off = await configOf(base);
  for (const [from, to] of [
    [old, off],
    [off, old],
  ] as const)
    assert.match(restartOnlyChanges(from, to)[0] ?? "", /^audit cannot change/);
});

test("a bound socket keeps its protocol, whether it speaks TLS, and whom it asks", async () => {
  const old = await configOf(base);
  const secure = withListener(old, { tls });
  const cases: readonly (readonly [ProxyConfig, ProxyConfig, RegExp])[] = [
    [old, secure, /: tls cannot/],
    [secure, old, /: tls cannot/],
    [old, withListener(old, { protocol: "tcp" }), /: protocol cannot/],
    [old, withListener(old, { proxyProtocol: true }), /: proxy_protocol cannot/],
    [secure, withListener(old, { tls: { ...tls, clientCaFile: "ca" } }), /: tls\.client_ca cannot/],
    [
      secure,
      withListener(old, { tls: { ...tls, clientAuth: "request" } }),
      /: tls\.client_auth cannot/,
    ],
  ];
  for (const [from, to, expected] of cases) {
    const changes = restartOnlyChanges(from, to);
    assert.equal(changes.length, 1, String(expected));
    assert.match(changes[0] ?? "", expected);
    assert.match(changes[0] ?? "", /^listener "es"/);
  }
  assert.deepEqual(
    restartOnlyChanges(secure, withListener(old, { tls: { ...tls, certFile: "b.pem" } })),
    [],
  );
});

test("a socket is known by its address, and by its name where the system chooses the port", () => {
  const at = (port: number, name: string): string =>
    bindKey({ name, bind: { kind: "tcp", host: "::1", port } });
  assert.equal(at(9200, "a"), at(9200, "b"));
  assert.notEqual(at(9200, "a"), at(9201, "a"));
  assert.notEqual(at(0, "a"), at(0, "b"));
  assert.equal(bindKey({ name: "a", bind: { kind: "unix", path: "/x" } }), "unix:/x");
});
