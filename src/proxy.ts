import { readFileSync } from "node:fs";
import { AuditTrail } from "./audit/audit-trail.ts";
import { routeFacts } from "./audit/record.ts";
import type { AuditConfig, EndpointConfig, HttpListenerConfig, PoolConfig, ProxyConfig, RouteConfig } from "./config/config.ts";
import { SystemClock } from "./core/clock.ts";
import type { Clock } from "./core/clock.ts";
import { DeadlineSweep } from "./core/deadline-sweep.ts";
import type { Log } from "./core/log.ts";
import type { HttpContext } from "./http/http-context.ts";
import { HttpListener } from "./http/http-listener.ts";
import { pathSegments, Router } from "./http/router.ts";
import type { Route } from "./http/router.ts";
import { StatusSet } from "./core/status-set.ts";
import { ParserList } from "./http1/head-reader.ts";
import { TlsFiles } from "./net/tls-files.ts";
import { createBalancer } from "./upstream/balancer.ts";
import { Endpoint } from "./upstream/endpoint.ts";
import { Pool } from "./upstream/pool.ts";

/** A proxy that accepts connections. */
export interface RunningProxy {
  readonly listeners: readonly { readonly name: string; readonly url: string }[];
  /** Accepts nothing more; resolves when every exchange is over, or after `timeoutMs` (`Infinity`: no limit). */
  drain(timeoutMs: number): Promise<void>;
  /** Ends what still runs (recorded as `shutdown`) and closes the journal. */
  close(): Promise<void>;
  /** Opens the journal's file again after it was renamed. */
  reopenAudit(): void;
}

/** Records that may wait in memory, in octets: the queue of `async`, and what could not be written yet. */
const auditQueueBytes = 16 * 1024 * 1024;
/** Octets of a response head and its fields, at most: Elasticsearch's warnings can be many. */
const responseHeadLimits = { headBytes: 65_536, fields: 1000, startLineBytes: 65_536 };

/**
 * Builds everything that one process needs and starts to listen.
 *
 * @throws {ProxyError} with source `config`: a TLS file, the audit directory or an address that cannot be used; nothing stays open.
 */
export async function startProxy(config: ProxyConfig, log: Log): Promise<RunningProxy> {
  const clock = new SystemClock();
  const sweep = new DeadlineSweep(clock);
  const parts = new Parts(config, clock, sweep, log);
  try {
    await parts.open();
  } catch (error) {
    await parts.close();
    throw error;
  }
  return parts;
}

class Parts implements RunningProxy {
  readonly #config: ProxyConfig;
  readonly #clock: Clock;
  readonly #sweep: DeadlineSweep;
  readonly #log: Log;
  readonly #tlsFiles: TlsFiles[] = [];
  readonly #pools = new Map<string, Pool>();
  readonly #listeners: HttpListener[] = [];
  #trail: AuditTrail | undefined = undefined;

  constructor(config: ProxyConfig, clock: Clock, sweep: DeadlineSweep, log: Log) {
    this.#config = config;
    this.#clock = clock;
    this.#sweep = sweep;
    this.#log = log;
  }

  async open(): Promise<void> {
    const { audit, listeners, pools } = this.#config;
    for (const pool of Object.values(pools)) this.#pools.set(pool.name, this.#buildPool(pool));
    if (audit !== undefined) this.#trail = this.#openTrail(audit);
    for (const listener of listeners) if (listener.protocol === "http") this.#listeners.push(await this.#listen(listener));
  }

  get listeners(): readonly { readonly name: string; readonly url: string }[] {
    return this.#listeners.map((listener) => ({ name: listener.context.name, url: listener.url }));
  }

  async drain(timeoutMs: number): Promise<void> {
    const drained = Promise.all(this.#listeners.map(async (listener) => listener.drain()));
    if (timeoutMs === Infinity) {
      await drained;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    await Promise.race([drained, promise]);
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    for (const listener of this.#listeners) listener.destroy();
    for (const pool of this.#pools.values()) pool.close();
    for (const files of this.#tlsFiles) files.close();
    this.#sweep.close();
    await this.#trail?.close();
  }

  reopenAudit(): void {
    this.#trail?.reopen();
  }

  #openTrail(audit: AuditConfig): AuditTrail {
    return AuditTrail.open({
      directory: audit.directory,
      format: audit.format,
      durability: audit.durability,
      onFailure: audit.onFailure,
      inlineBodyBytes: audit.body.inlineBytes,
      rotateBytes: audit.rotate.sizeBytes,
      queueBytes: auditQueueBytes,
      clock: this.#clock,
      log: this.#log,
      hmacKey: audit.hmacKeyFile === undefined ? undefined : readFileSync(audit.hmacKeyFile),
    });
  }

  #buildPool(config: PoolConfig): Pool {
    const endpoints = config.endpoints.map((endpoint) => new Endpoint(addressOf(endpoint)));
    const usesTls = endpoints.some((endpoint) => endpoint.address.isTls);
    const files = usesTls ? new TlsFiles(config.tls, this.#log) : undefined;
    if (files !== undefined) this.#tlsFiles.push(files);
    if (usesTls && !config.tls.verify) this.#log.warn({ pool: config.name }, "upstream certificates are not verified");
    const { serverName, verify } = config.tls;
    return new Pool(
      {
        name: config.name,
        dial: {
          connectMs: config.timeouts.connectMs,
          tlsIdentity: files && (() => ({ secureContext: files.context, serverName, isVerified: verify })),
          preface: undefined,
        },
        idleMs: config.timeouts.idleMs,
        pendingMs: config.timeouts.pendingMs,
        connections: config.limits.connections,
        pending: config.limits.pending,
        requestsPerConnection: config.limits.requestsPerConnection,
        outlier: config.outlier && { ...config.outlier, statuses: new StatusSet(config.outlier.statuses) },
        retryBudgetPercent: config.retry.budgetPercent,
      },
      endpoints,
      createBalancer(config.balance, config.slowStartMs),
      this.#clock,
      this.#sweep,
      new ParserList("response", responseHeadLimits),
      this.#log,
    );
  }

  async #listen(config: HttpListenerConfig): Promise<HttpListener> {
    const { headerBytes, headers, requestLineBytes } = config.limits;
    const context: HttpContext = {
      name: config.name,
      clock: this.#clock,
      sweep: this.#sweep,
      log: this.#log,
      parsers: new ParserList("request", { headBytes: headerBytes, fields: headers, startLineBytes: requestLineBytes }),
      trail: this.#trail,
      router: new Router(config.routes.map((route) => this.#buildRoute(route))),
      timeouts: config.timeouts,
      limits: config.limits,
      inlineBodyBytes: this.#config.audit?.body.inlineBytes ?? 0,
      halfClose: config.halfClose,
      isDraining: false,
    };
    return HttpListener.open(context, {
      name: config.name,
      bind: config.bind,
      tls: config.tls,
      maxConnections: config.maxConnections,
      handshakeMs: config.timeouts.headerMs,
      log: this.#log,
    });
  }

  #buildRoute(config: RouteConfig): Route {
    const pool = this.#pools.get(config.pool);
    const poolConfig = this.#config.pools[config.pool];
    if (pool === undefined || poolConfig === undefined) throw new Error(`pool ${config.pool} does not exist`);
    return {
      facts: routeFacts({ name: config.name, pool: config.pool, level: config.audit.level, onFailure: config.audit.onFailure }),
      pool,
      segments: pathSegments(config.path),
      hosts: config.hosts,
      methods: config.methods,
      headers: config.headers,
      timeouts: config.timeouts,
      totalMs: config.timeouts.totalMs,
      retry: { ...config.retry, statuses: new StatusSet(config.retry.statuses) },
      upgrade: config.upgrade,
      responseBodyBytes: poolConfig.limits.responseBodyBytes,
      replayBodyBytes: poolConfig.limits.replayBodyBytes,
      hostHeader: poolConfig.hostHeader,
    };
  }
}

function addressOf({ url, scheme, address, authority, weight }: EndpointConfig): Endpoint["address"] {
  const isTcp = address.kind === "tcp";
  return {
    url,
    isTls: scheme === "https",
    host: isTcp ? address.host : "",
    port: isTcp ? address.port : 0,
    path: isTcp ? undefined : address.path,
    authority,
    weight,
  };
}
