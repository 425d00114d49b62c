/** Turns the checked sections of a file into the configuration that the program runs on. */
import { dirname, join, resolve } from "node:path";

import type {
  AdminConfig,
  ExplorerConfig,
  AuditConfig,
  HttpListenerConfig,
  ListenerConfig,
  ListenerTlsConfig,
  PoolConfig,
  RetryConfig,
  RouteConfig,
} from "./config.ts";
import { defaults } from "./defaults.ts";
import type {
  AdminSection,
  ExplorerSection,
  AuditSection,
  HttpListenerSection,
  ListenerSection,
  PoolSection,
} from "./schema.ts";

type RouteSection = HttpListenerSection["routes"][number];
type ListenerTlsSection = NonNullable<AdminSection["tls"]>;

/**
 * Turns checked sections of one file into the configuration: names of this program, absolute files,
 * overrides merged.
 */
export class Assembler {
  readonly #folder: string;

  /** @param file the configuration file; relative names start at its folder */
  constructor(file: string) {
    this.#folder = dirname(resolve(file));
  }

  /** The absolute form of a file name of the configuration. */
  file(name: string): string {
    return resolve(this.#folder, name);
  }

  listener(
    section: ListenerSection,
    pools: Readonly<Record<string, PoolConfig>>,
    audit: AuditConfig | undefined,
  ): ListenerConfig {
    const base = {
      name: section.name,
      bind: section.bind,
      tls: this.listenerTls(section.tls),
      proxyProtocol: section.proxy_protocol,
      trustedProxies: section.trusted_proxies,
      maxConnections: section.max_connections,
    };
    if (section.protocol === "http") return { ...base, ...this.#http(section, pools, audit) };
    return {
      ...base,
      protocol: "tcp",
      routerFile: this.file(section.router),
      preread: { bytes: section.preread.bytes, timeoutMs: section.preread.timeout },
      dial: {
        attempts: section.dial.attempts,
        timeoutMs: section.dial.timeout,
        delayMs: section.dial.delay,
        concurrent: section.dial.concurrent,
      },
      timeouts: { inactivityMs: section.timeouts.inactivity, idleMs: section.timeouts.idle },
      allow: section.allow,
      audit: { ...auditOf(section.audit, audit), firstBytes: section.audit.first_bytes },
    };
  }

  pool(name: string, section: PoolSection): PoolConfig {
    const { tls, timeouts, limits } = section;
    const { responseMs, responseLongMs } = defaults.pool.timeouts;
    return {
      name,
      endpoints: section.endpoints,
      balance: section.balance,
      hash: hashOf(section.hash),
      tls: {
        caFile: this.#optional(tls.ca),
        verify: tls.verify,
        certFile: this.#optional(tls.cert),
        keyFile: this.#optional(tls.key),
        serverName: tls.server_name,
        minVersion: tls.min_version,
        ciphers: tls.ciphers,
      },
      timeouts: {
        connectMs: timeouts.connect,
        responseMs: timeouts.response ?? responseMs,
        responseLongMs: timeouts.response_long ?? timeouts.response ?? responseLongMs,
        bodyIdleMs: timeouts.body_idle,
        idleMs: timeouts.idle,
        totalMs: timeouts.total,
        pendingMs: timeouts.pending,
      },
      health: section.health && {
        path: section.health.path,
        intervalMs: section.health.interval,
        timeoutMs: section.health.timeout,
        unhealthyAfter: section.health.unhealthy_after,
        healthyAfter: section.health.healthy_after,
        statuses: section.health.statuses,
        authorizationFile: this.#optional(section.health.authorization_file),
      },
      outlier:
        section.outlier === false
          ? undefined
          : {
              failures: section.outlier.failures,
              statuses: section.outlier.statuses,
              ejectForMs: section.outlier.eject_for,
              maxEjectedPercent: section.outlier.max_ejected_percent,
            },
      retry: {
        attempts: section.retry.attempts,
        totalTimeoutMs: section.retry.total_timeout,
        backoffMs: section.retry.backoff,
        statuses: section.retry.statuses,
        budgetPercent: section.retry.budget_percent,
      },
      limits: {
        connections: limits.connections,
        clientPercent: limits.client_percent,
        pending: limits.pending,
        responseHeaderBytes: limits.response_header_bytes,
        responseHeaders: limits.response_headers,
        responseBodyBytes: limits.response_body,
        responseBufferBytes: limits.response_buffer,
        requestsPerConnection: limits.requests_per_connection,
        replayBodyBytes: limits.replay_body,
      },
      tcpKeepAliveMs: section.keep_alive,
      slowStartMs: section.slow_start,
      dnsRefreshMs: section.dns_refresh,
      proxyProtocol: section.proxy_protocol === false ? undefined : section.proxy_protocol,
      hostHeader: section.host_header,
    };
  }

  audit(section: AuditSection): AuditConfig {
    const directory = section.directory === "-" ? "-" : this.file(section.directory);
    return {
      directory,
      format: section.format,
      ecsResponse: section.ecs_response,
      durability: section.durability,
      onFailure: section.on_failure,
      bodies: section.bodies,
      level: section.level,
      body: { inlineBytes: section.body.inline, store: section.body.store },
      rotate: { sizeBytes: section.rotate.size, everyMs: section.rotate.every },
      archive: section.archive,
      disk: section.disk && {
        warnPercent: section.disk.warn_percent,
        metadataPercent: section.disk.metadata_percent,
        reserveBytes: section.disk.reserve,
      },
      retain: {
        forMs: section.retain?.for ?? defaults.audit.retain.forMs,
        sizeBytes: section.retain?.size ?? defaults.audit.retain.sizeBytes,
      },
      redact: section.redact.map(({ with: marker, ...rule }) => ({
        ...rule,
        keepsToken: marker === "token",
      })),
      proof: section.proof && {
        origin: section.proof.origin,
        keyFile: this.#optional(section.proof.key_file) ?? join(directory, "proof.key"),
        postQuantum: section.proof.post_quantum,
        checkpointMs: section.proof.checkpoint_every,
        witnesses: section.proof.witnesses.map(({ url, vkey, every }) => ({
          url,
          vkeys: vkey.map((key) => key.toString()),
          every,
        })),
      },
      coverage: section.coverage && {
        everyMs: section.coverage.every,
        pools: section.coverage.pools,
        authorizationFile: this.#optional(section.coverage.authorization_file),
        exempt: section.coverage.exempt,
      },
      facts: section.index || (section.facts ?? (defaults.audit.facts || section.watch.length > 0)),
      index: section.index,
      watch: section.watch.map(({ indices, fields }) => ({ indices: indices.join(","), fields })),
      ship: section.ship.map((target) => ({
        nodes: target.elasticsearch.map(({ url }) => url),
        dataStream: target.data_stream,
        apiKeyFile: this.#optional(target.api_key_file),
        caFile: this.#optional(target.ca),
        bodyBytes: target.bodies,
        everyMs: target.every,
      })),
      hmacKeyFile: this.#optional(section.hmac_key_file),
    };
  }

  admin(section: AdminSection): AdminConfig {
    return {
      bind: section.bind,
      tokenFile: this.#optional(section.token_file),
      tls: this.listenerTls(section.tls),
      hide: section.hide,
    };
  }

  explorer(section: ExplorerSection): ExplorerConfig {
    return {
      bind: section.bind,
      tokenFile: this.#optional(section.token_file),
      identityFile: this.#optional(section.identity_file),
      tls: this.listenerTls(section.tls),
    };
  }

  #http(
    section: HttpListenerSection,
    pools: Readonly<Record<string, PoolConfig>>,
    audit: AuditConfig | undefined,
  ): Omit<
    HttpListenerConfig,
    "name" | "bind" | "tls" | "proxyProtocol" | "trustedProxies" | "maxConnections"
  > {
    const { timeouts, limits } = section;
    const names = routeNames(section.routes);
    return {
      protocol: "http",
      timeouts: {
        headerMs: timeouts.header,
        bodyIdleMs: timeouts.body_idle,
        keepAliveMs: timeouts.keep_alive,
        writeMs: timeouts.write,
      },
      tcpKeepAliveMs: section.keep_alive,
      minRate: {
        requestBodyBytes: section.min_rate.request_body,
        responseBodyBytes: section.min_rate.response_body,
        graceMs: section.min_rate.grace,
      },
      limits: {
        headerBytes: limits.header_bytes,
        requestLineBytes: limits.request_line,
        headers: limits.headers,
        requestBodyBytes: limits.request_body,
        requestsPerConnection: limits.requests_per_connection,
      },
      halfClose: section.half_close,
      forwarded: section.forwarded,
      sniff: section.sniff,
      sniffAddress: section.sniff_address,
      via: section.via,
      // A route whose pool is missing has been reported by then; it only has to be left out here.
      routes: section.routes.flatMap((route, index) => {
        const pool = pools[route.pool];
        return pool === undefined ? [] : [routeOf(route, names[index] ?? route.path, pool, audit)];
      }),
    };
  }

  listenerTls(section: ListenerTlsSection | undefined): ListenerTlsConfig | undefined {
    return (
      section && {
        certFile: this.file(section.cert),
        keyFile: this.file(section.key),
        clientCaFile: this.#optional(section.client_ca),
        clientCrlFile: this.#optional(section.client_crl),
        clientAuth: section.client_auth ?? "require",
        minVersion: section.min_version,
        ciphers: section.ciphers,
      }
    );
  }

  #optional(name: string | undefined): string | undefined {
    return name === undefined ? undefined : this.file(name);
  }
}

/**
 * Names of routes: the given one, else the path, with the position (from 1) where several share it.
 */
export function routeNames(routes: readonly RouteSection[]): string[] {
  const labels = routes.map((route) => route.name ?? route.path);
  return labels.map((label, index) => {
    const isShared =
      routes[index]?.name === undefined &&
      labels.some((other, at) => at !== index && other === label);
    return isShared ? `${label}#${index + 1}` : label;
  });
}

/** `__proto__` and `constructor` are ordinary names of pools in it: it has no prototype. */
export function poolTable(pools: readonly PoolConfig[]): Readonly<Record<string, PoolConfig>> {
  const table: Record<string, PoolConfig> = Object.create(null) as Record<string, PoolConfig>;
  for (const pool of pools) table[pool.name] = pool;
  return table;
}

/** Freezes plain data all the way down and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

function routeOf(
  route: RouteSection,
  name: string,
  pool: PoolConfig,
  audit: AuditConfig | undefined,
): RouteConfig {
  const { rate_limit: rate } = route;
  return {
    name,
    path: route.path.length > 1 && route.path.endsWith("/") ? route.path.slice(0, -1) : route.path,
    hosts: route.host ?? [],
    methods: route.methods ?? [],
    headers: Object.entries(route.headers ?? {}).map(([field, wanted]) => ({
      name: field.toLowerCase(),
      present: wanted !== false,
      value: typeof wanted === "string" ? wanted : undefined,
    })),
    pool: route.pool,
    audit: auditOf(route.audit, audit),
    timeouts: {
      responseMs: route.timeouts.response ?? pool.timeouts.responseMs,
      responseLongMs:
        route.timeouts.response_long ?? route.timeouts.response ?? pool.timeouts.responseLongMs,
      bodyIdleMs: route.timeouts.body_idle ?? pool.timeouts.bodyIdleMs,
      totalMs: route.timeouts.total ?? pool.timeouts.totalMs,
    },
    retry: retryOf(route.retry, pool.retry),
    upgrade: route.upgrade,
    rateLimit: rate && {
      by: rate.by,
      requests: rate.requests,
      perMs: rate.per,
      burst: rate.burst ?? rate.requests,
    },
  };
}

function retryOf(override: RouteSection["retry"], pool: RetryConfig): RetryConfig {
  return {
    attempts: override.attempts ?? pool.attempts,
    totalTimeoutMs: override.total_timeout ?? pool.totalTimeoutMs,
    backoffMs: override.backoff ?? pool.backoffMs,
    statuses: override.statuses ?? pool.statuses,
    budgetPercent: override.budget_percent ?? pool.budgetPercent,
  };
}

function auditOf(
  override: RouteSection["audit"],
  audit: AuditConfig | undefined,
): RouteConfig["audit"] {
  return {
    level: audit === undefined ? "none" : (override.level ?? audit.level),
    onFailure: override.on_failure ?? audit?.onFailure ?? defaults.audit.onFailure,
  };
}

function hashOf(section: PoolSection["hash"]): PoolConfig["hash"] {
  if (section === undefined) return undefined;
  if (section.by === "client_address" || section.by === "path")
    return { by: section.by, name: undefined };
  return { by: section.by, name: section.name ?? "" };
}
