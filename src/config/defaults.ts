import type {
  AuditConfig,
  CoverageConfig,
  HttpListenerConfig,
  OutlierConfig,
  PoolConfig,
  PoolTlsConfig,
  ProofConfig,
  RetryConfig,
  TcpListenerConfig,
} from "./config.ts";
import type { ShipTargetOptions } from "../audit/ship/ship-messages.ts";
import { usualDataStream } from "../audit/ship/target-name.ts";
import { modernCiphers } from "../net/modern-tls.ts";

/**
 * Every default value of the configuration, once: the schema publishes them, the ancestor's command
 * line form uses them as they are.
 */
export const defaults = {
  workers: 1,
  drainTimeoutMs: 30_000,
  maxConnections: 10_000,
  http: {
    timeouts: { headerMs: 10_000, bodyIdleMs: 15_000, keepAliveMs: 75_000, writeMs: 60_000 },
    limits: {
      headerBytes: 16_384,
      requestLineBytes: 8192,
      headers: 200,
      requestBodyBytes: 0,
      requestsPerConnection: 0,
    },
    // As in the TCP router; load balancers in clouds forget silent connections after minutes.
    tcpKeepAliveMs: 60_000,
    // As in Kestrel, Microsoft's web server: what nobody falls below who wants an answer.
    minRate: { requestBodyBytes: 240, responseBodyBytes: 240, graceMs: 5000 },
    halfClose: "abort",
    forwarded: "none",
    sniff: "pass",
  },
  tcp: {
    preread: { bytes: 16_384, timeoutMs: 5000 },
    // ProxyMachine's ten attempts, a tenth of a second apart.
    dial: { attempts: 10, timeoutMs: 1000, delayMs: 100, concurrent: 256 },
    timeouts: { inactivityMs: 0, idleMs: 0 },
  },
  pool: {
    balance: "round_robin",
    timeouts: {
      connectMs: 3000,
      // More than the minute that Elasticsearch itself waits for shards and for the master.
      responseMs: 90_000,
      responseLongMs: 0,
      bodyIdleMs: 60_000,
      idleMs: 30_000,
      totalMs: 0,
      pendingMs: 10_000,
    },
    limits: {
      connections: 256,
      clientPercent: 80,
      pending: 1024,
      // Elasticsearch may send a `Warning` for each index and setting that is deprecated.
      responseHeaderBytes: 262_144,
      responseHeaders: 4000,
      responseBodyBytes: 0,
      responseBufferBytes: 262_144,
      requestsPerConnection: 10_000,
      replayBodyBytes: 65_536,
    },
    tcpKeepAliveMs: 60_000,
    slowStartMs: 0,
    dnsRefreshMs: 30_000,
  },
  ciphers: modernCiphers,
  poolTls: { verify: true, minVersion: "TLSv1.2" },
  health: {
    intervalMs: 10_000,
    timeoutMs: 2000,
    unhealthyAfter: 3,
    healthyAfter: 2,
    statuses: [{ from: 200, to: 399 }],
  },
  outlier: {
    failures: 5,
    statuses: undefined,
    ejectForMs: 30_000,
    maxEjectedPercent: 50,
  },
  retry: { attempts: 2, totalTimeoutMs: 5000, backoffMs: 50, statuses: [], budgetPercent: 20 },
  audit: {
    format: "ecs",
    ecsResponse: "whole",
    durability: "written",
    onFailure: "continue",
    bodies: "strict",
    level: "full",
    body: { inlineBytes: 16_384, store: true },
    rotate: { sizeBytes: 268_435_456, everyMs: 86_400_000 },
    archive: { compress: false, recipients: [] },
    disk: undefined,
    retain: { forMs: Infinity, sizeBytes: Infinity },
    redact: [],
    proof: undefined,
    coverage: undefined,
    facts: false,
    index: false,
    watch: [],
    ship: [],
  },
  ship: { dataStream: usualDataStream, bodyBytes: 0, everyMs: 1000 },
  disk: { warnPercent: 20, metadataPercent: 10, reserveBytes: 67_108_864 },
  coverage: { everyMs: 60_000 },
  proof: { postQuantum: false, checkpointMs: 10_000, witnessEvery: 1 },
} as const satisfies {
  workers: number;
  drainTimeoutMs: number;
  maxConnections: number;
  http: Pick<
    HttpListenerConfig,
    "timeouts" | "tcpKeepAliveMs" | "minRate" | "limits" | "halfClose" | "forwarded" | "sniff"
  >;
  tcp: Pick<TcpListenerConfig, "preread" | "dial" | "timeouts">;
  pool: Pick<
    PoolConfig,
    "balance" | "timeouts" | "limits" | "tcpKeepAliveMs" | "slowStartMs" | "dnsRefreshMs"
  >;
  ciphers: string;
  poolTls: Pick<PoolTlsConfig, "verify" | "minVersion">;
  health: object;
  outlier: OutlierConfig;
  retry: RetryConfig;
  audit: Omit<AuditConfig, "directory" | "hmacKeyFile">;
  disk: NonNullable<AuditConfig["disk"]>;
  ship: Pick<ShipTargetOptions, "dataStream" | "bodyBytes" | "everyMs">;
  coverage: Pick<CoverageConfig, "everyMs">;
  proof: Pick<ProofConfig, "postQuantum" | "checkpointMs"> & { witnessEvery: number };
};
