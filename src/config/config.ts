/** The configuration as the running proxy sees it; its pools stand in `pool-config.ts`. */

import type { ShipTargetOptions } from "../audit/ship/ship-messages.ts";
import type { Address, PoolConfig, RetryConfig, TlsVersion } from "./pool-config.ts";

export type * from "./pool-config.ts";

/**
 * The configuration as the running proxy sees it: plain data, every default filled in, deep-frozen.
 *
 * Durations are milliseconds (`…Ms`), sizes are bytes (`…Bytes`), file names are absolute. A value
 * that may be absent is present as `undefined`, so that every object of one kind has one shape. The
 * schema next to this file describes each value for the operator, with its default.
 */
export interface ProxyConfig {
  /** Worker processes; `auto` is one per available core. */
  readonly workers: number | "auto";
  /** Longest time between SIGTERM and exit in milliseconds. */
  readonly drainTimeoutMs: number;
  /** Refuse to start when a pool with an active health check has no healthy endpoint. */
  readonly failOnDeadPool: boolean;
  readonly listeners: readonly ListenerConfig[];
  /** By name, without a prototype: `pools[name]` is a pool or `undefined` for any name. */
  readonly pools: Readonly<Record<string, PoolConfig>>;
  /** `undefined`: nothing is recorded. */
  readonly audit: AuditConfig | undefined;
  /** `undefined`: no admin listener. */
  readonly admin: AdminConfig | undefined;
  /** `undefined`: no audit explorer. */
  readonly explorer: ExplorerConfig | undefined;
}

export type ListenerConfig = HttpListenerConfig | TcpListenerConfig;

/** What both kinds of listener have. */
interface ListenerBase {
  /** Unique; a metric label. */
  readonly name: string;
  readonly bind: Address;
  readonly tls: ListenerTlsConfig | undefined;
  /**
   * Every connection starts with a PROXY protocol header, v1 or v2, and only trusted proxies may
   * connect.
   */
  readonly proxyProtocol: boolean;
  /** CIDR ranges (or single addresses) whose forwarded fields and PROXY headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Open connections at most; beyond that the listener stops accepting. 0: no limit. */
  readonly maxConnections: number;
}

export interface HttpListenerConfig extends ListenerBase {
  readonly protocol: "http";
  readonly timeouts: {
    /** From the first byte of a head to its end. */
    readonly headerMs: number;
    /** Between two pieces of a request body. */
    readonly bodyIdleMs: number;
    /** An idle connection between two exchanges. */
    readonly keepAliveMs: number;
    /** A client that does not read what is written to it. */
    readonly writeMs: number;
  };
  /** Silence after which TCP asks whether the client is still there. 0: never. */
  readonly tcpKeepAliveMs: number;
  /** How slow a client may be, in bytes per second. 0: no minimum. */
  readonly minRate: {
    readonly requestBodyBytes: number;
    readonly responseBodyBytes: number;
    /** For the first bytes of a body, and for any bytes of a response. */
    readonly graceMs: number;
  };
  readonly limits: {
    /** Head section of a request, start line and all. */
    readonly headerBytes: number;
    /** The request line alone. */
    readonly requestLineBytes: number;
    /** Fields of a request head. */
    readonly headers: number;
    /** Request body. 0: unlimited. */
    readonly requestBodyBytes: number;
    /** Exchanges on one client connection before it is closed. 0: unlimited. */
    readonly requestsPerConnection: number;
  };
  /**
   * What the FIN of a client means while its response is pending: it went away (`abort`), or only
   * finished sending.
   */
  readonly halfClose: "abort" | "allow";
  /** Which forwarded fields are added upstream. */
  readonly forwarded: "none" | "x_forwarded" | "rfc7239" | "both";
  /** What happens to answers that tell clients the addresses of nodes. */
  readonly sniff: "pass" | "block" | "rewrite";
  /** `host:port` for `rewrite`; `undefined`: as the client has asked. */
  readonly sniffAddress: string | undefined;
  /**
   * Pseudonym of this proxy in `Via` (RFC 9110 §7.6.3), which also detects loops; `undefined`: no
   * `Via`.
   */
  readonly via: string | undefined;
  /** In the order of the file; the router decides by path length first. */
  readonly routes: readonly RouteConfig[];
}

/** TLS towards clients. The files are re-read when they change. */
export interface ListenerTlsConfig {
  readonly certFile: string;
  readonly keyFile: string;
  /** Given: clients are asked for a certificate issued by one of these authorities. */
  readonly clientCaFile: string | undefined;
  /** Revoked client certificates; no effect without `clientCaFile`. */
  readonly clientCrlFile: string | undefined;
  /** Whether a client without a valid certificate is refused; no effect without `clientCaFile`. */
  readonly clientAuth: "require" | "request";
  readonly minVersion: TlsVersion;
  /** Suites in the order of preference, as OpenSSL names them. */
  readonly ciphers: string;
}

/**
 * A condition on requests and what happens to those that match. Overrides are already merged with
 * the pool's values.
 */
export interface RouteConfig {
  /** Unique in its listener; a metric label. By default the path. */
  readonly name: string;
  /** Prefix on a segment boundary, starting with `/`; `/` matches everything. */
  readonly path: string;
  /** Lower-case host names, `*.example.com` for one or more labels in front. Empty: any host. */
  readonly hosts: readonly string[];
  /** Case-sensitive methods. Empty: any. */
  readonly methods: readonly string[];
  /** All must hold. */
  readonly headers: readonly HeaderMatch[];
  /** Key in {@link ProxyConfig.pools}; always exists. */
  readonly pool: string;
  readonly audit: { readonly level: AuditLevel; readonly onFailure: OnAuditFailure };
  readonly timeouts: {
    /** From the last byte sent to the first byte of the response. 0: no limit. */
    readonly responseMs: number;
    /** The same for calls that may take long. 0: no limit. */
    readonly responseLongMs: number;
    /** Between two pieces of the response body. */
    readonly bodyIdleMs: number;
    /** Whole exchange. 0: no limit. */
    readonly totalMs: number;
  };
  readonly retry: RetryConfig;
  /** Protocols that may be switched to, lower case. Empty: `Upgrade` is stripped. */
  readonly upgrade: readonly string[];
  readonly rateLimit: RateLimitConfig | undefined;
}

/** `value` undefined: only presence counts. */
export interface HeaderMatch {
  /** Lower case. */
  readonly name: string;
  readonly present: boolean;
  /** Exact, case-sensitive value of one field line. */
  readonly value: string | undefined;
}

/** Token bucket: `requests` tokens per `perMs`, at most `burst` saved up. */
export interface RateLimitConfig {
  readonly by: "client_address" | "user";
  readonly requests: number;
  readonly perMs: number;
  readonly burst: number;
}

export interface TcpListenerConfig extends ListenerBase {
  readonly protocol: "tcp";
  /** Router module, TypeScript or JavaScript. */
  readonly routerFile: string;
  readonly preread: { readonly bytes: number; readonly timeoutMs: number };
  readonly dial: {
    readonly attempts: number;
    /** Per attempt, where the decision gives none. */
    readonly timeoutMs: number;
    /** Between two attempts. */
    readonly delayMs: number;
    /** Dials in flight at most. */
    readonly concurrent: number;
  };
  readonly timeouts: {
    /** Until the first byte from the server. 0: no limit. */
    readonly inactivityMs: number;
    /** No byte either way. 0: no limit. */
    readonly idleMs: number;
  };
  /**
   * Where free `remote` values may go. Empty: anywhere but own listeners, unspecified, link-local
   * and metadata addresses.
   */
  readonly allow: readonly AllowedDestination[];
  readonly audit: {
    readonly level: AuditLevel;
    readonly onFailure: OnAuditFailure;
    /** Record the bytes that the router was shown when it decided. */
    readonly firstBytes: boolean;
  };
}

/** A range of addresses and of ports, both ends included. */
export interface AllowedDestination {
  readonly cidr: string;
  readonly ports: { readonly from: number; readonly to: number };
}

/** `none`: no record; `metadata`: without bodies; `full`. */
export type AuditLevel = "none" | "metadata" | "facts" | "full";
/**
 * When a record cannot be stored: forward and write a gap record, or answer 503 and forward
 * nothing.
 */
export type OnAuditFailure = "continue" | "reject";

/** One rule of `audit.redact`; empty lists of indices and API endpoints: all. */
export interface RedactConfig {
  readonly names: readonly string[];
  readonly paths: readonly string[];
  readonly parameters: readonly string[];
  /** Sources of regular expressions with the flags `g` and `u`. */
  readonly patterns: readonly string[];
  readonly indices: readonly string[];
  readonly endpoints: readonly string[];
  /** False: nothing but `redacted` stands in place of a value. */
  readonly keepsToken: boolean;
}

export interface AuditConfig {
  /** Absolute path, or `-` for stdout. */
  readonly directory: string;
  readonly format: "ecs" | "text";
  /** `lean`: response records of `ecs` do not repeat what their request records say. */
  readonly ecsResponse: "whole" | "lean";
  readonly durability: "async" | "written" | "durable";
  /** Default for routes; already merged into them. */
  readonly onFailure: OnAuditFailure;
  /**
   * Whether a body that cannot be stored is cut off where `onFailure` is `reject`, or passes with
   * its hash recorded.
   */
  readonly bodies: "strict" | "best_effort";
  /** Default for routes; already merged into them. */
  readonly level: AuditLevel;
  readonly body: {
    /** Bodies up to this size stand in the record. */
    readonly inlineBytes: number;
    /**
     * Larger ones go into packs; `false`: their record has size and SHA-256, and that they were not
     * stored.
     */
    readonly store: boolean;
  };
  readonly rotate: {
    readonly sizeBytes: number;
    /** 0: never by time. */
    readonly everyMs: number;
  };
  /** What is done with full segments. */
  readonly archive: {
    readonly compress: boolean;
    /** Public keys of age; empty: nothing is encrypted. */
    readonly recipients: readonly string[];
  };
  /** What is recorded less when the disk fills; `undefined`: everything, until it is full. */
  readonly disk:
    | {
        readonly warnPercent: number;
        readonly metadataPercent: number;
        readonly reserveBytes: number;
      }
    | undefined;
  /** How much of full segments is kept; infinite: all. */
  readonly retain: { readonly forMs: number; readonly sizeBytes: number };
  /** What is removed beside what always is. */
  readonly redact: readonly RedactConfig[];
  /** `undefined`: no log is kept. */
  readonly proof: ProofConfig | undefined;
  /** `undefined`: the nodes' counters are not looked at. */
  readonly coverage: CoverageConfig | undefined;
  /** Facts are derived from the recorded bodies, with these fields looked for in answers. */
  readonly facts: boolean;
  /** Full segments get an index; then there are facts, too. */
  readonly index: boolean;
  readonly watch: readonly { readonly indices: string; readonly fields: readonly string[] }[];
  /** Where documents of it are shipped to. */
  readonly ship: readonly ShipTargetOptions[];
  /** Key of the redaction tokens; `undefined`: made once and kept in the audit directory. */
  readonly hmacKeyFile: string | undefined;
}

/** The transparency log of the trail. */
export interface ProofConfig {
  readonly origin: string;
  /** Absolute path. */
  readonly keyFile: string;
  readonly postQuantum: boolean;
  readonly checkpointMs: number;
  readonly witnesses: readonly {
    readonly url: string;
    readonly vkeys: readonly string[];
    readonly every: number;
  }[];
}

/** Parts of the admin listener that can be hidden. */
export type AdminService = "status" | "health" | "backends" | "metrics" | "livez" | "readyz";

export interface AdminConfig {
  readonly bind: Address;
  /** File with the bearer token; `undefined` only on loopback and unix sockets. */
  readonly tokenFile: string | undefined;
  readonly tls: ListenerTlsConfig | undefined;
  readonly hide: readonly AdminService[];
}

/** Where the audit explorer is served. */
export interface ExplorerConfig {
  readonly bind: Address;
  /** File with the bearer token; `undefined` only on loopback and unix sockets. */
  readonly tokenFile: string | undefined;
  /** Private keys of age, for encrypted segments; `undefined`: these are not read. */
  readonly identityFile: string | undefined;
  readonly tls: ListenerTlsConfig | undefined;
}

/** How the nodes' counters are compared with the records. */
export interface CoverageConfig {
  readonly everyMs: number;
  /** Names of pools; empty: those that routes with an audit use. */
  readonly pools: readonly string[];
  /** `undefined`: that of the pool's health check. */
  readonly authorizationFile: string | undefined;
  /** CIDR ranges or single addresses. */
  readonly exempt: readonly string[];
}
