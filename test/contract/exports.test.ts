import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as library from "../../src/index.ts";
import * as routerLibrary from "../../src/tcp/router-library.ts";

const source = join(import.meta.dirname, "../../src");

/** What a program can import at run time. Removing or renaming one is a breaking change. */
const values = [
  "ProxyError",
  "RouterModule",
  "TcpListener",
  "gitRequest",
  "httpHost",
  "loadConfig",
  "loadedRouter",
  "postgresStartup",
  "proxyProtocol",
  "redisCommand",
  "socks4",
  "socks4a",
  "socks5",
  "sshBanner",
  "startProxy",
  "tlsAlpn",
  "tlsClientHello",
  "tlsServerName",
];

/** What a program can import for its types. */
const types = [
  "Address",
  "AdminConfig",
  "AllowedDestination",
  "AllowedRange",
  "AllowedRemote",
  "AuditConfig",
  "Clock",
  "CloseDecision",
  "Decision",
  "Diagnostic",
  "EndpointConfig",
  "ErrorCode",
  "ForwardOptions",
  "GitRequest",
  "HealthConfig",
  "HttpListenerConfig",
  "ListenerConfig",
  "ListenerTlsConfig",
  "LoadResult",
  "LoadedRouter",
  "Log",
  "LogFields",
  "Match",
  "NoopDecision",
  "OnConnectError",
  "OnInactivity",
  "OutlierConfig",
  "PoolConfig",
  "PoolDecision",
  "PostgresSession",
  "PostgresStartup",
  "ProxyConfig",
  "ProxyHeader",
  "ProxyOptions",
  "ProxyProcess",
  "RecordedDecision",
  "RedisCommand",
  "RemoteDecision",
  "RetryConfig",
  "Route",
  "RouteConfig",
  "RouteConnection",
  "RouterExports",
  "RouterSource",
  "RunningProxy",
  "SocksGreeting",
  "SocksRequest",
  "SshBanner",
  "TcpAddress",
  "TcpAudit",
  "TcpClient",
  "TcpEndpoint",
  "TcpErrorCode",
  "TcpEvent",
  "TcpGate",
  "TcpListenerConfig",
  "TcpListenerOptions",
  "TcpMetrics",
  "TcpOutcome",
  "TcpPools",
  "TcpRouterOptions",
  "TcpSessionRecord",
  "TcpStats",
  "TlsClientHello",
];

/** The names in every export list of a file: those marked `type`, and the others. */
function exportedNames(file: string): { types: string[]; values: string[] } {
  const found = { types: [] as string[], values: [] as string[] };
  const text = readFileSync(join(source, file), "utf8");
  for (const [, isTypeList, list = ""] of text.matchAll(/export (type )?\{([^}]*)\}/g))
    for (const entry of list.split(",")) {
      const [, isType, name] = /^\s*(type\s+)?(\w+)\s*$/.exec(entry) ?? [];
      if (name !== undefined)
        found[(isTypeList ?? isType) === undefined ? "values" : "types"].push(name);
    }
  return found;
}

test("the package exports these names and no others", () => {
  assert.deepEqual(Object.keys(library).sort(), values);
  const own = [exportedNames("index.ts"), exportedNames("tcp/router-library.ts")];
  assert.deepEqual(own.flatMap((names) => names.values).sort(), values);
  assert.deepEqual(own.flatMap((names) => names.types).sort(), types);
});

test("a router file gets the same functions as a program does", () => {
  for (const [name, value] of Object.entries(routerLibrary))
    assert.equal((library as Readonly<Record<string, unknown>>)[name], value, name);
});
