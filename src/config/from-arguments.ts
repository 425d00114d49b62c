import { formatAddress } from "./address.ts";
import { deepFreeze, poolTable } from "./assemble.ts";
import type { AuditConfig, PoolConfig, ProxyConfig } from "./config.ts";
import { defaults } from "./defaults.ts";

/** The ancestor's command line, checked: one listener in front of one endpoint. */
export interface PositionalArguments {
  readonly remoteHost: string;
  readonly remotePort: number;
  readonly localHost: string;
  /** 0: the system chooses. */
  readonly localPort: number;
  /** TLS towards clients; `undefined`: plain text on both sides. Absolute file names. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** Absolute file name of the authorities that the endpoint's certificate is checked with. */
  readonly caFile: string | undefined;
  /** Check the endpoint's certificate. */
  readonly verify: boolean;
  /** Until the first byte of a response, milliseconds; 0: no limit; `undefined`: the defaults. */
  readonly responseMs: number | undefined;
  /** Absolute path of the journal's folder, or `-` for stdout. */
  readonly auditDirectory: string;
  readonly auditFormat: AuditConfig["format"];
}

/**
 * The configuration that the ancestor's command line stands for, with the same defaults as a file
 * has.
 *
 * It needs neither YAML nor the schema, so that this form starts quickly.
 */
export function configFromArguments(args: PositionalArguments): ProxyConfig {
  const scheme = args.tls === undefined ? "http" : "https";
  const address = { kind: "tcp", host: args.remoteHost, port: args.remotePort } as const;
  const authority = formatAddress(address);
  const isDefaultPort = args.remotePort === (scheme === "http" ? 80 : 443);
  const { audit, http, pool: poolDefaults, poolTls, retry, outlier } = defaults;
  const pool: PoolConfig = {
    name: "elasticsearch",
    endpoints: [
      {
        url: `${scheme}://${authority}`,
        scheme,
        address,
        authority: isDefaultPort ? authority.slice(0, authority.lastIndexOf(":")) : authority,
        weight: 1,
      },
    ],
    balance: poolDefaults.balance,
    hash: undefined,
    tls: {
      caFile: args.caFile,
      verify: args.verify,
      certFile: undefined,
      keyFile: undefined,
      serverName: undefined,
      minVersion: poolTls.minVersion,
      ciphers: defaults.ciphers,
    },
    timeouts:
      args.responseMs === undefined
        ? poolDefaults.timeouts
        : {
            ...poolDefaults.timeouts,
            responseMs: args.responseMs,
            responseLongMs: args.responseMs,
          },
    health: undefined,
    outlier,
    retry,
    limits: poolDefaults.limits,
    tcpKeepAliveMs: poolDefaults.tcpKeepAliveMs,
    slowStartMs: poolDefaults.slowStartMs,
    dnsRefreshMs: poolDefaults.dnsRefreshMs,
    proxyProtocol: undefined,
    hostHeader: undefined,
  };
  return deepFreeze<ProxyConfig>({
    workers: defaults.workers,
    drainTimeoutMs: defaults.drainTimeoutMs,
    failOnDeadPool: false,
    listeners: [
      {
        name: "es",
        bind: { kind: "tcp", host: args.localHost, port: args.localPort },
        tls: args.tls && {
          ...args.tls,
          clientCaFile: undefined,
          clientCrlFile: undefined,
          clientAuth: "require",
          minVersion: poolTls.minVersion,
          ciphers: defaults.ciphers,
        },
        proxyProtocol: false,
        trustedProxies: [],
        maxConnections: defaults.maxConnections,
        protocol: "http",
        timeouts: http.timeouts,
        tcpKeepAliveMs: http.tcpKeepAliveMs,
        minRate: http.minRate,
        limits: http.limits,
        halfClose: http.halfClose,
        forwarded: http.forwarded,
        sniff: http.sniff,
        sniffAddress: undefined,
        via: undefined,
        routes: [
          {
            name: "/",
            path: "/",
            hosts: [],
            methods: [],
            headers: [],
            pool: pool.name,
            audit: { level: audit.level, onFailure: audit.onFailure },
            timeouts: {
              responseMs: pool.timeouts.responseMs,
              responseLongMs: pool.timeouts.responseLongMs,
              bodyIdleMs: pool.timeouts.bodyIdleMs,
              totalMs: pool.timeouts.totalMs,
            },
            retry,
            upgrade: [],
            rateLimit: undefined,
          },
        ],
      },
    ],
    pools: poolTable([pool]),
    audit: {
      ...audit,
      directory: args.auditDirectory,
      format: args.auditFormat,
      hmacKeyFile: undefined,
    },
    admin: undefined,
    explorer: undefined,
  });
}
