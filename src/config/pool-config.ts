/** The pools of the configuration, and what routes share with them. */

/**
 * Where something listens or is reached. Hosts carry no brackets; port 0 lets the system choose
 * (listeners only).
 */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

export interface RetryConfig {
  /** Tries of one exchange, the first included. 1: never retried. */
  readonly attempts: number;
  /** No new attempt starts later than this after the first. */
  readonly totalTimeoutMs: number;
  /** Wait before the second attempt; doubles, with jitter. */
  readonly backoffMs: number;
  /** Statuses that are retried where it is safe. */
  readonly statuses: readonly StatusRange[];
  /** Retries at most in percent of requests. */
  readonly budgetPercent: number;
}

/** Both ends included; a single status has equal ends. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export interface PoolConfig {
  readonly name: string;
  readonly endpoints: readonly EndpointConfig[];
  readonly balance: "round_robin" | "first_healthy" | "least_requests" | "consistent_hash";
  /** What `consistent_hash` hashes; `undefined` with any other balance. */
  readonly hash: HashKey | undefined;
  /** For `https` endpoints. */
  readonly tls: PoolTlsConfig;
  readonly timeouts: {
    /** DNS, TCP and TLS of one attempt. */
    readonly connectMs: number;
    /** From the end of the request to the first byte of the response. 0: no limit. */
    readonly responseMs: number;
    /** The same for calls that may take long. 0: no limit. */
    readonly responseLongMs: number;
    readonly bodyIdleMs: number;
    /** An idle pooled connection; stays below the endpoint's own. */
    readonly idleMs: number;
    /** Whole exchange. 0: no limit. */
    readonly totalMs: number;
    /** Longest wait for a free connection. */
    readonly pendingMs: number;
  };
  /** `undefined`: no active probes. */
  readonly health: HealthConfig | undefined;
  /** `undefined`: nothing is ejected. */
  readonly outlier: OutlierConfig | undefined;
  readonly retry: RetryConfig;
  readonly limits: {
    /** Connections per endpoint. */
    readonly connections: number;
    /** Of all connections and of the queue, what one client address may have, in percent. */
    readonly clientPercent: number;
    /** Exchanges that wait for a connection. */
    readonly pending: number;
    /** Head of a response, status line and all. */
    readonly responseHeaderBytes: number;
    /** Field lines of a response's head. */
    readonly responseHeaders: number;
    /** Response body. 0: unlimited. */
    readonly responseBodyBytes: number;
    /** Of an answer, kept for a client that does not read it. 0: nothing. */
    readonly responseBufferBytes: number;
    /** Exchanges on one connection before it is replaced. 0: unlimited. */
    readonly requestsPerConnection: number;
    /** Largest request body that is kept for a retry; uploads are collected up to it. */
    readonly replayBodyBytes: number;
  };
  /** Silence after which TCP asks whether the endpoint is still there. 0: never. */
  readonly tcpKeepAliveMs: number;
  /** A recovered endpoint's share grows to full over this time. 0: at once. */
  readonly slowStartMs: number;
  /** Names are resolved again after this time. */
  readonly dnsRefreshMs: number;
  /** Header sent on each new connection. */
  readonly proxyProtocol: "v1" | "v2" | undefined;
  /** `Host` sent upstream; `undefined`: as received. */
  readonly hostHeader: string | undefined;
}

export interface EndpointConfig {
  /**
   * Normal form, a metric label: `http://host:port`, `https://host:port`, `tcp://host:port`,
   * `unix:/path`.
   */
  readonly url: string;
  readonly scheme: "http" | "https" | "tcp";
  readonly address: Address;
  /**
   * `Host` value for requests that came without one (HTTP/1.0, probes); `localhost` for unix
   * sockets.
   */
  readonly authority: string;
  readonly weight: number;
}

export type HashKey =
  | { readonly by: "header" | "cookie"; readonly name: string }
  | { readonly by: "client_address" | "path"; readonly name: undefined };

/** TLS towards endpoints. */
export interface PoolTlsConfig {
  /** `undefined`: the authorities that Node.js trusts. */
  readonly caFile: string | undefined;
  readonly verify: boolean;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Name for SNI and verification; `undefined`: the endpoint's host. */
  readonly serverName: string | undefined;
  readonly minVersion: TlsVersion;
  /** Suites in the order of preference, as OpenSSL names them. */
  readonly ciphers: string;
}

export interface HealthConfig {
  /** Path of the probe; `undefined`: a TCP connection is enough. */
  readonly path: string | undefined;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly unhealthyAfter: number;
  readonly healthyAfter: number;
  readonly statuses: readonly StatusRange[];
  /** File with the value of the probe's `Authorization` field. */
  readonly authorizationFile: string | undefined;
}

export interface OutlierConfig {
  /** Consecutive failures. */
  readonly failures: number;
  /**
   * Statuses that count as failures; `undefined`: 502 to 504, and a 500 that is not an error of
   * Elasticsearch's own.
   */
  readonly statuses: readonly StatusRange[] | undefined;
  /** First ejection; grows with each one that follows. */
  readonly ejectForMs: number;
  readonly maxEjectedPercent: number;
}
