import { isDeepStrictEqual } from "node:util";
import type { ControlOutcome } from "./admin/admin-source.ts";
import type { ProcessReport } from "./admin/process-report.ts";
import { AdminService } from "./assembly/admin-service.ts";
import type { Control } from "./assembly/admin-service.ts";
import { withTimeout } from "./assembly/drainable.ts";
import type { Drainable } from "./assembly/drainable.ts";
import type { HealthUpdate } from "./workers/health-update.ts";
import { collectReport } from "./assembly/process-report-builder.ts";
import { buildPool } from "./assembly/pools.ts";
import type { BuiltPool } from "./assembly/pools.ts";
import { bindKey, restartOnlyChanges } from "./assembly/restart-only.ts";
import { RouteBuilder } from "./assembly/routes.ts";
import type { RunningProxy } from "./assembly/running-proxy.ts";
import { TcpListeners } from "./assembly/tcp-listeners.ts";
import type { PreparedTcp } from "./assembly/tcp-listeners.ts";
import { openTrail, recoverOthers } from "./assembly/open-audit-trail.ts";
import type { AuditTrail } from "./audit/trail/audit-trail.ts";
import type { HttpListenerConfig, ProxyConfig } from "./config/config.ts";
import { SystemClock } from "./core/clock.ts";
import { DeadlineSweep } from "./core/deadline-sweep.ts";
import { ProxyError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import type { HttpContext } from "./http/http-context.ts";
import { HttpListener } from "./http/http-listener.ts";
import { TrustedProxies } from "./net/trusted-proxies.ts";
import { ParserList } from "./http1/head-reader.ts";
import { ProcessMeter } from "./metrics/process-meter.ts";
import { Registry } from "./metrics/registry.ts";
import type { Block } from "./metrics/registry.ts";
import { RouteMetrics } from "./metrics/route-metrics.ts";

export interface ProxyOptions {
  /** Version of this program. */
  readonly version: string;
  /** What the admin listener's control requests do; `undefined`: they are refused. */
  readonly control?: Control | undefined;
  /** Bound sockets handed over by the service manager, by name of the listener. */
  readonly descriptors?: ReadonlyMap<string, number> | undefined;
  /** Number of the worker process: no admin listener then, and audit files of its own. */
  readonly worker?: number | undefined;
  /** An endpoint was ejected here. */
  readonly onHealth?: ((news: HealthUpdate) => void) | undefined;
}

/** A proxy of one process, with what its supervisor needs. */
export interface ProxyProcess extends RunningProxy {
  report(): ProcessReport;
  /** Another worker's news. */
  followHealth(news: HealthUpdate): void;
}

/** How long a listener that a reload has removed waits for one more request on idle connections. */
const removedIdleMs = 2000;
const refused: Control = {
  reload: async () => noControl,
  restart: async () => noControl,
};
const noControl: ControlOutcome = {
  isOk: false,
  message: "this process cannot be controlled here",
  problems: [],
};

/**
 * Builds everything that one process needs and starts to listen.
 *
 * @throws {ProxyError} with source `config`: a TLS file, the audit directory or an address that
 *   cannot be used; nothing stays open.
 */
export async function startProxy(
  config: ProxyConfig,
  log: Log,
  options: ProxyOptions,
): Promise<ProxyProcess> {
  const parts = new ProxyServer(config, log, options);
  try {
    await parts.open();
  } catch (error) {
    await parts.close();
    throw error;
  }
  return parts;
}

class ProxyServer implements ProxyProcess {
  readonly #log: Log;
  readonly #options: ProxyOptions;
  readonly #clock = new SystemClock();
  readonly #sweep = new DeadlineSweep(this.#clock);
  readonly #registry = new Registry();
  readonly #routes = new RouteBuilder(this.#registry);
  readonly #meter: ProcessMeter;
  readonly #admin: AdminService | undefined;
  /** Listeners that a reload has removed and that still have connections. */
  readonly #leaving = new Set<Drainable>();
  readonly #tcp: TcpListeners;
  #config: ProxyConfig;
  #pools: ReadonlyMap<string, BuiltPool> = new Map();
  /** By {@link bindKey}. */
  #listeners: ReadonlyMap<string, HttpListener> = new Map();
  #trail: AuditTrail | undefined = undefined;

  constructor(config: ProxyConfig, log: Log, options: ProxyOptions) {
    this.#config = config;
    this.#log = log;
    this.#options = options;
    const { version, worker } = options;
    this.#meter = new ProcessMeter(this.#registry, version);
    this.#tcp = new TcpListeners({
      clock: this.#clock,
      log,
      registry: this.#registry,
      descriptors: options.descriptors,
      isShared: worker !== undefined,
    });
    if (worker === undefined)
      this.#admin = new AdminService({
        version,
        log,
        control: options.control ?? refused,
        report: async () => this.report(),
        workers: () => [],
      });
  }

  async open(): Promise<void> {
    const { audit, admin } = this.#config;
    const { version, worker } = this.#options;
    this.#pools = this.#buildPools(this.#config);
    if (this.#config.failOnDeadPool) await this.#checkPools();
    if (audit !== undefined) {
      const parts = { clock: this.#clock, log: this.#log, version };
      this.#trail = openTrail(audit, { ...parts, worker });
      if (worker === undefined) recoverOthers(audit, 0, parts);
    }
    const opened = new Map<string, HttpListener>();
    this.#listeners = opened;
    for (const listener of httpListeners(this.#config))
      opened.set(bindKey(listener), await this.#listen(listener, this.#config, this.#pools));
    await this.#tcp.open(this.#config, this.#pools, this.#trail);
    await this.#admin?.apply(admin);
    this.#tcp.followAddresses(this.#config, this.listeners, this.adminUrl);
  }

  /** @throws {ProxyError} ESP_ERR_NO_ENDPOINT naming the pools whose probes all failed. */
  async #checkPools(): Promise<void> {
    const dead = await Promise.all(
      [...this.#pools.values()].map(async ({ config, health }) =>
        (await health?.firstRound) === false ? config.name : "",
      ),
    );
    const names = dead.filter((name) => name !== "");
    if (names.length > 0)
      throw new ProxyError(
        "ESP_ERR_NO_ENDPOINT",
        `no endpoint is healthy in: ${names.join(", ")} (fail_on_dead_pool)`,
      );
  }

  get listeners(): readonly { readonly name: string; readonly url: string }[] {
    const http = [...this.#listeners.values()].map((listener) => ({
      name: listener.context.name,
      url: listener.url,
    }));
    return [...http, ...this.#tcp.all.map(({ name, url }) => ({ name, url }))];
  }

  get adminUrl(): string | undefined {
    return this.#admin?.url;
  }

  get drainTimeoutMs(): number {
    return this.#config.drainTimeoutMs;
  }

  async drain(timeoutMs: number, idleMs = 0): Promise<void> {
    if (this.#admin !== undefined) this.#admin.state = "draining";
    const all: Drainable[] = [...this.#listeners.values(), ...this.#tcp.all, ...this.#leaving];
    await withTimeout(timeoutMs, Promise.all(all.map(async (listener) => listener.drain(idleMs))));
  }

  async close(): Promise<void> {
    for (const listener of [...this.#listeners.values(), ...this.#leaving]) listener.destroy();
    this.#tcp.destroy();
    for (const built of this.#pools.values()) closePool(built);
    this.#sweep.close();
    this.#meter.close();
    // The records of what was cut are written before anything is waited for: a process that is
    // ending may not get any further.
    const recorded = this.#trail?.close();
    await this.#admin?.close();
    await recorded;
  }

  reopenAudit(): void {
    this.#trail?.reopen();
  }

  report(): ProcessReport {
    const tcp = this.#tcp.collect();
    const report = collectReport({
      registry: this.#registry,
      meter: this.#meter,
      listeners: [...this.#listeners.values()],
      pools: this.#pools.values(),
      trail: this.#trail,
    });
    return { ...report, listeners: [...report.listeners, ...tcp] };
  }

  noteReload(problems: readonly string[]): void {
    this.#admin?.noteReload(problems);
  }

  followHealth(news: HealthUpdate): void {
    const built = this.#pools.get(news.pool);
    const endpoint = built?.pool.endpoints.find(({ address }) => address.url === news.endpoint);
    if (built === undefined || endpoint === undefined) return;
    if (news.ejectedForMs !== undefined)
      built.pool.followEjection(endpoint, this.#clock.now() + news.ejectedForMs);
    if (news.isHealthy !== undefined) built.health?.follow(endpoint, news.isHealthy);
  }

  async restart(): Promise<void> {
    throw new ProxyError(
      "ESP_ERR_CONFIG",
      "there are no workers to restart: with workers: 1 use the service manager, or reload",
    );
  }

  async reload(next: ProxyConfig): Promise<void> {
    const changes = restartOnlyChanges(this.#config, next);
    if (this.#options.worker === undefined && next.workers !== this.#config.workers)
      changes.push("workers cannot change from or to 1 in a running process: restart");
    if (changes.length > 0) throw new ProxyError("ESP_ERR_CONFIG", changes.join("\n"));
    const pools = this.#buildPools(next);
    const opened = new Map<string, HttpListener>();
    let tcp: PreparedTcp | undefined;
    try {
      tcp = await this.#tcp.prepare(next, pools);
      for (const listener of httpListeners(next))
        if (!this.#listeners.has(bindKey(listener)))
          opened.set(bindKey(listener), await this.#listen(listener, next, pools));
      await this.#admin?.apply(next.admin);
      this.#followTls(next);
    } catch (error) {
      tcp?.abort();
      for (const listener of opened.values()) listener.destroy();
      for (const built of pools.values())
        if (this.#pools.get(built.config.name) !== built) closePool(built);
      throw error;
    }
    this.#swap(next, pools, opened);
    for (const part of tcp.commit()) void this.#leave(part);
    this.#tcp.followAddresses(next, this.listeners, this.adminUrl);
    this.#forgetMetrics(next);
  }

  /** Everything that can fail has been done: from here on it is one step. */
  #swap(
    next: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
    opened: ReadonlyMap<string, HttpListener>,
  ): void {
    const listeners = new Map<string, HttpListener>();
    for (const config of httpListeners(next)) {
      const key = bindKey(config);
      const kept = this.#listeners.get(key);
      if (kept !== undefined) Object.assign(kept.context, this.#settings(config, next, pools));
      const listener = kept ?? opened.get(key);
      if (listener !== undefined) listeners.set(key, listener);
    }
    const removed = [...this.#listeners].flatMap(([key, listener]) =>
      listeners.has(key) ? [] : [listener],
    );
    const retired = [...this.#pools.values()].filter(
      (built) => pools.get(built.config.name) !== built,
    );
    this.#config = next;
    this.#listeners = listeners;
    this.#pools = pools;
    for (const { pool, stop } of retired) {
      stop();
      pool.retire();
    }
    for (const listener of removed) void this.#leave(listener);
  }

  async #leave(listener: Drainable): Promise<void> {
    this.#leaving.add(listener);
    await withTimeout(this.#config.drainTimeoutMs, listener.drain(removedIdleMs));
    listener.destroy();
    this.#leaving.delete(listener);
  }

  /** @throws {ProxyError} ESP_ERR_TLS_FILE; the old files are in use everywhere then. */
  #followTls(next: ProxyConfig): void {
    const done: [HttpListener, HttpListenerConfig][] = [];
    try {
      for (const config of httpListeners(next)) {
        const listener = this.#listeners.get(bindKey(config));
        const before = httpListeners(this.#config).find((old) => bindKey(old) === bindKey(config));
        if (listener === undefined || before === undefined) continue;
        listener.update({
          maxConnections: config.maxConnections,
          tls: isDeepStrictEqual(before.tls, config.tls) ? undefined : config.tls,
        });
        done.push([listener, before]);
      }
    } catch (error) {
      for (const [listener, before] of done) listener.update(before);
      throw error;
    }
  }

  /** @throws {ProxyError} ESP_ERR_TLS_FILE; nothing new stays open. */
  #buildPools(config: ProxyConfig): ReadonlyMap<string, BuiltPool> {
    const pools = new Map<string, BuiltPool>();
    const parts = {
      clock: this.#clock,
      sweep: this.#sweep,
      log: this.#log,
      onEjected: (pool: string, endpoint: string, ejectedForMs: number) =>
        this.#options.onHealth?.({ pool, endpoint, ejectedForMs }),
      onHealth: (pool: string, endpoint: string, isHealthy: boolean) =>
        this.#options.onHealth?.({ pool, endpoint, isHealthy }),
    };
    try {
      for (const pool of Object.values(config.pools)) {
        const old = this.#pools.get(pool.name);
        const isSame = old !== undefined && isDeepStrictEqual(old.config, pool);
        pools.set(pool.name, isSame ? old : buildPool(pool, parts, old?.pool));
      }
    } catch (error) {
      for (const built of pools.values())
        if (this.#pools.get(built.config.name) !== built) closePool(built);
      throw error;
    }
    return pools;
  }

  /** What a reload may change in a listener that stays. */
  #settings(
    config: HttpListenerConfig,
    { audit }: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
  ) {
    const { headerBytes, headers, requestLineBytes } = config.limits;
    return {
      name: config.name,
      parsers: new ParserList("request", {
        headBytes: headerBytes,
        fields: headers,
        startLineBytes: requestLineBytes,
      }),
      metrics: {
        unrouted: new RouteMetrics(this.#registry.block("route", config.name, "(none)").values),
        listener: this.#registry.block("listener", config.name).values,
      },
      router: this.#routes.router(config, pools),
      timeouts: config.timeouts,
      limits: config.limits,
      inlineBodyBytes: audit?.body.inlineBytes ?? 0,
      forwarded: {
        fields: config.forwarded,
        trusted: new TrustedProxies(config.trustedProxies),
        via: config.via,
      },
      halfClose: config.halfClose,
    };
  }

  async #listen(
    config: HttpListenerConfig,
    whole: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
  ): Promise<HttpListener> {
    const context: HttpContext = {
      ...this.#settings(config, whole, pools),
      clock: this.#clock,
      sweep: this.#sweep,
      log: this.#log,
      trail: this.#trail,
      isDraining: false,
      drainIdleMs: 0,
    };
    return HttpListener.open(context, {
      name: config.name,
      bind: config.bind,
      tls: config.tls,
      maxConnections: config.maxConnections,
      handshakeMs: config.timeouts.headerMs,
      hasProxyHeaders: config.proxyProtocol,
      log: this.#log,
      fd: this.#options.descriptors?.get(config.name),
      isShared: this.#options.worker !== undefined,
    });
  }

  #forgetMetrics({ pools }: ProxyConfig): void {
    const kept = new Set<Block>();
    const keep = (kind: Block["kind"], ...labels: string[]): void =>
      void kept.add(this.#registry.block(kind, ...labels));
    for (const listener of httpListeners(this.#config)) {
      keep("listener", listener.name);
      keep("route", listener.name, "(none)");
      for (const route of listener.routes) keep("route", listener.name, route.name);
    }
    for (const { name } of this.#tcp.all) {
      keep("listener", name);
      keep("tcp", name);
    }
    for (const pool of Object.values(pools)) {
      keep("pool", pool.name);
      for (const endpoint of pool.endpoints) keep("endpoint", pool.name, endpoint.url);
    }
    for (const kind of ["listener", "route", "tcp", "pool", "endpoint"] as const)
      this.#registry.keep(kind, kept);
  }
}

function httpListeners({ listeners }: ProxyConfig): HttpListenerConfig[] {
  return listeners.filter((listener) => listener.protocol === "http");
}

function closePool({ pool, stop }: BuiltPool): void {
  pool.close();
  stop();
}
