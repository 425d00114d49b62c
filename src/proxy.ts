/**
 * The composition root of one process: builds its parts from the configuration, starts them,
 * reloads them and ends them.
 */
import { isDeepStrictEqual } from "node:util";

import type { ControlOutcome } from "./admin/admin-source.ts";
import { wholeStatus } from "./admin/status-fields.ts";
import type { ProcessReport } from "./admin/process-report.ts";
import { AdminService } from "./assembly/admin-service.ts";
import type { Control } from "./assembly/admin-service.ts";
import { CoverageService } from "./assembly/coverage-service.ts";
import { withTimeout } from "./assembly/drainable.ts";
import type { Drainable } from "./assembly/drainable.ts";
import { logLowered, planDescriptors, type LoweredLimit } from "./assembly/descriptor-plan.ts";
import { ExplorerService } from "./assembly/explorer-service.ts";
import type { PreparedExplorer } from "./assembly/explorer-service.ts";
import { forgetMetrics } from "./assembly/forget-metrics.ts";
import { HttpListeners } from "./assembly/http-listeners.ts";
import type { PreparedHttp } from "./assembly/http-listeners.ts";
import { PoolSet } from "./assembly/pool-set.ts";
import { collectReport } from "./assembly/process-report-builder.ts";
import { restartOnlyChanges } from "./assembly/restart-only.ts";
import type { RunningProxy } from "./assembly/running-proxy.ts";
import { TcpListeners } from "./assembly/tcp-listeners.ts";
import type { PreparedTcp } from "./assembly/tcp-listeners.ts";
import type { ServiceEvent } from "./assembly/trail-companions.ts";
import { TrailService } from "./assembly/trail-service.ts";
import type { TrailEvent } from "./audit/record/trail-event.ts";
import type { ProxyConfig } from "./config/config.ts";
import { SystemClock } from "./core/clock.ts";
import { DeadlineSweep } from "./core/deadline-sweep.ts";
import { ProxyError } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import { openFileLimit } from "./core/open-file-limit.ts";
import { ReadPacer } from "./core/read-pacer.ts";
import type { Services } from "./core/services.ts";
import { logSniff } from "./http/sniff-notices.ts";
import type { SniffNotice } from "./http/sniff-notices.ts";
import { ProcessMeter } from "./metrics/process-meter.ts";
import { Registry } from "./metrics/registry.ts";
import { OwnConnections } from "./upstream/own-connections.ts";
import type { OwnConnection } from "./upstream/own-connections.ts";
import type { HealthUpdate } from "./workers/health-update.ts";

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
  readonly onHealth?: ((update: HealthUpdate) => void) | undefined;
  /** A client was told addresses of nodes, for the first time today; else it is logged here. */
  readonly onSniff?: ((notice: SniffNotice) => void) | undefined;
}

/** A proxy of one process, with what its supervisor needs. */
export interface ProxyProcess extends RunningProxy {
  report(): ProcessReport;
  /** Records something about the trail that another process has found. */
  recordEvent(event: ServiceEvent): void;
  /** Records what a command does with the trail; gives the id of the record when it is stored. */
  recordOperation(event: TrailEvent): Promise<string | undefined>;
  /** Ends the segment of the trail that is written to. */
  sealAudit(): void;
  /** Connections of this process to endpoints; empty: nobody compares them. */
  connections(): readonly OwnConnection[];
  /** Those that were made since this was called last. */
  freshConnections(): readonly OwnConnection[];
  /** Another worker has noted something about an endpoint. */
  followHealth(update: HealthUpdate): void;
}

/**
 * Milliseconds that a listener which a reload has removed waits for one more request on idle
 * connections: a client that has just sent one gets its answer instead of a reset.
 */
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
 * @throws {ProxyError} of kind `start`: a TLS file, the audit directory or an address that
 *   cannot be used; nothing stays open.
 */
export async function startProxy(
  config: ProxyConfig,
  log: Log,
  options: ProxyOptions,
): Promise<ProxyProcess> {
  const server = new ProxyServer(config, log, options);
  try {
    await server.open();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class ProxyServer implements ProxyProcess {
  readonly #options: ProxyOptions;
  readonly #services: Services;
  readonly #registry = new Registry();
  readonly #meter: ProcessMeter;
  readonly #admin: AdminService | undefined;
  /** Limits that were lowered, as the log says already. */
  #lowered: readonly LoweredLimit[] = [];
  readonly #explorer: ExplorerService | undefined;
  readonly #pools: PoolSet;
  readonly #http: HttpListeners;
  readonly #tcp: TcpListeners;
  /** Listeners that a reload has removed and that still have connections. */
  readonly #leaving = new Set<Drainable>();
  #config: ProxyConfig;
  #audit: TrailService | undefined = undefined;
  /** `undefined`: nobody compares the nodes' counters, or another process does. */
  readonly #coverage: CoverageService | undefined;
  readonly #connections: OwnConnections | undefined;

  constructor(config: ProxyConfig, log: Log, options: ProxyOptions) {
    const { version, worker, descriptors, onHealth } = options;
    const clock = new SystemClock();
    const services = { clock, sweep: new DeadlineSweep(clock), reads: new ReadPacer(clock), log };
    const isShared = worker !== undefined;
    const registry = this.#registry;
    this.#config = config;
    this.#options = options;
    this.#services = services;
    this.#meter = new ProcessMeter(registry, version);
    const { coverage } = config.audit ?? {};
    if (coverage !== undefined && !isShared)
      this.#coverage = new CoverageService(coverage, {
        log,
        report: () => this.report(),
        connections: async () => [],
        onEvent: (event) => this.recordEvent(event),
      });
    const connections =
      coverage && (this.#coverage?.own ?? new OwnConnections(() => performance.now()));
    this.#connections = connections;
    this.#pools = new PoolSet({
      ...(connections !== undefined && {
        onConnected: (socket, purpose) => connections.note(socket, purpose),
      }),
      ...services,
      onEjected: (pool, endpoint, ejectedForMs) => onHealth?.({ pool, endpoint, ejectedForMs }),
      onHealth: (pool, endpoint, isHealthy) => onHealth?.({ pool, endpoint, isHealthy }),
    });
    this.#http = new HttpListeners({
      ...services,
      registry,
      descriptors,
      isShared,
      onSniff: options.onSniff ?? ((notice) => logSniff(log, notice)),
    });
    const { reads } = services;
    this.#tcp = new TcpListeners({ clock, reads, log, registry, descriptors, isShared });
    if (isShared) return;
    const admin = new AdminService({
      version,
      log,
      control: options.control ?? refused,
      report: async () => this.report(),
      workers: () => [],
      explorerUrl: () => this.explorerUrl,
      follower: () => this.#audit?.companions?.follower,
      shipping: () => this.#audit?.companions?.shipping ?? [],
      coverage: () => this.#coverage,
    });
    this.#admin = admin;
    this.#explorer = new ExplorerService({ log, status: async () => wholeStatus(admin) });
  }

  async open(): Promise<void> {
    const config = this.#withinDescriptors(this.#config);
    const prepared = this.#pools.prepare(config);
    prepared.commit();
    if (config.failOnDeadPool) await this.#pools.checkHealth();
    this.#audit = this.#openTrail(this.#config);
    await this.#http.open(config, prepared.pools, this.#audit?.trail);
    await this.#tcp.open(config, prepared.pools, this.#audit?.trail);
    await this.#admin?.apply(config.admin);
    await this.#explorer?.open(config);
    this.#tcp.followAddresses(config, this);
    this.#coverage?.start(config);
  }

  #withinDescriptors(configured: ProxyConfig): ProxyConfig {
    const most = openFileLimit();
    const { config, lowered } = planDescriptors(configured, most);
    const isTold = (limit: LoweredLimit): boolean =>
      this.#lowered.some((told) => isDeepStrictEqual(told, limit));
    logLowered(
      lowered.filter((limit) => !isTold(limit)),
      most,
      this.#services.log,
    );
    this.#lowered = lowered;
    return config;
  }

  #openTrail(config: ProxyConfig): TrailService | undefined {
    if (config.audit === undefined) return undefined;
    const { version, worker } = this.#options;
    const { clock, log } = this.#services;
    return new TrailService(config, config.audit, { clock, log, version, worker });
  }

  get listeners(): readonly { readonly name: string; readonly url: string }[] {
    const http = this.#http.all.map((listener) => ({
      name: listener.context.name,
      url: listener.url,
    }));
    return [...http, ...this.#tcp.all.map(({ name, url }) => ({ name, url }))];
  }

  get adminUrl(): string | undefined {
    return this.#admin?.url;
  }

  get explorerUrl(): string | undefined {
    return this.#explorer?.url;
  }

  get drainTimeoutMs(): number {
    return this.#config.drainTimeoutMs;
  }

  async drain(timeoutMs: number, idleMs = 0): Promise<void> {
    if (this.#admin !== undefined) this.#admin.state = "draining";
    const all: Drainable[] = [...this.#http.all, ...this.#tcp.all, ...this.#leaving];
    await withTimeout(timeoutMs, Promise.all(all.map(async (listener) => listener.drain(idleMs))));
  }

  async close(): Promise<void> {
    this.#coverage?.close();
    this.#http.destroy();
    this.#tcp.destroy();
    for (const listener of this.#leaving) listener.destroy();
    this.#pools.close();
    this.#services.sweep.close();
    this.#meter.close();
    // The records of what was cut are written before anything is waited for: a process that is
    // ending may not get any further.
    const recorded = this.#audit?.close();
    await Promise.all([this.#admin?.close(), this.#explorer?.close()]);
    await recorded;
  }

  reopenAudit(): void {
    this.#audit?.trail.reopen();
  }

  report(): ProcessReport {
    const tcp = this.#tcp.collect();
    const report = collectReport({
      registry: this.#registry,
      meter: this.#meter,
      listeners: this.#http.all,
      pools: this.#pools.current.values(),
      trail: this.#audit?.trail,
    });
    return { ...report, listeners: [...report.listeners, ...tcp] };
  }

  noteReload(problems: readonly string[]): void {
    this.#admin?.noteReload(problems);
    this.#audit?.reloaded(this.#config, problems);
  }

  recordEvent(event: ServiceEvent): void {
    this.#audit?.record(event);
  }

  async recordOperation(event: TrailEvent): Promise<string | undefined> {
    return this.#audit?.recordOperation(event);
  }

  sealAudit(): void {
    this.#audit?.trail.seal();
  }

  connections(): readonly OwnConnection[] {
    return this.#connections?.list() ?? [];
  }

  freshConnections(): readonly OwnConnection[] {
    return this.#connections?.takeFresh() ?? [];
  }

  followHealth({ pool, endpoint, ejectedForMs, isHealthy }: HealthUpdate): void {
    if (ejectedForMs !== undefined) this.#pools.followEjection(pool, endpoint, ejectedForMs);
    if (isHealthy !== undefined) this.#pools.followHealth(pool, endpoint, isHealthy);
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
    const fitted = this.#withinDescriptors(next);
    const pools = this.#pools.prepare(fitted);
    let http: PreparedHttp | undefined;
    let tcp: PreparedTcp | undefined;
    let explorer: PreparedExplorer | undefined;
    try {
      http = await this.#http.prepare(fitted, pools.pools);
      tcp = await this.#tcp.prepare(fitted, pools.pools);
      explorer = await this.#explorer?.prepare(next);
      this.#coverage?.follow(fitted);
      await this.#admin?.apply(next.admin);
    } catch (error) {
      this.#coverage?.follow(this.#config);
      explorer?.abort();
      tcp?.abort();
      http?.abort();
      pools.abort();
      throw error;
    }
    // Everything that can fail has been done: the rest is one step.
    this.#config = next;
    pools.commit();
    explorer?.commit();
    for (const listener of [...http.commit(), ...tcp.commit()]) void this.#leave(listener);
    this.#tcp.followAddresses(next, this);
    forgetMetrics(this.#registry, next);
    // A worker records its own reload; a single process records it with its outcome.
    if (this.#options.worker !== undefined) this.#audit?.reloaded(next, []);
  }

  async #leave(listener: Drainable): Promise<void> {
    this.#leaving.add(listener);
    await withTimeout(this.#config.drainTimeoutMs, listener.drain(removedIdleMs));
    listener.destroy();
    this.#leaving.delete(listener);
  }
}
