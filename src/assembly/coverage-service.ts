/** The comparison with the nodes' counters, for a whole service. */
import { randomUUID } from "node:crypto";
import type { ProcessReport } from "../admin/process-report.ts";
import type { CoverageConfig, PoolConfig, ProxyConfig } from "../config/config.ts";
import { DailyKeys } from "../core/daily-keys.ts";
import type { Log } from "../core/log.ts";
import { askNodes } from "../coverage/ask-nodes.ts";
import type { AskedPool, NodesAnswer } from "../coverage/ask-nodes.ts";
import { CoverageLedger } from "../coverage/coverage-ledger.ts";
import type { CoverageEvent } from "../coverage/coverage-ledger.ts";
import { CoverageMonitor } from "../coverage/coverage-monitor.ts";
import type { CoverageStatus } from "../coverage/coverage-status.ts";
import type { BypassingRequests } from "../coverage/interval.ts";
import { routeKey, unrecordedRequests } from "../coverage/unrecorded.ts";
import { TrustedProxies } from "../net/trusted-proxies.ts";
import type { OwnConnection } from "../upstream/own-connections.ts";
import { OwnConnections } from "../upstream/own-connections.ts";
import { httpListeners } from "./http-listeners.ts";
import { buildDial, endpointsOf } from "./pool-dial.ts";
import type { ServiceEvent } from "./trail-companions.ts";

/** What the service is compared with. */
export interface CoverageParts {
  readonly log: Log;
  /** Of all processes that relay. */
  readonly report: () => Promise<ProcessReport> | ProcessReport;
  /** Of the other processes of the service. */
  readonly connections: () => Promise<readonly OwnConnection[]>;
  /** Goes into the trail. */
  readonly onEvent: (event: ServiceEvent) => void;
}

/** Runs in the process that the operator signals, beside the traffic; follows reloads. */
export class CoverageService {
  /** Connections of this process to endpoints. */
  readonly own = new OwnConnections(() => performance.now());
  readonly #parts: CoverageParts;
  readonly #monitor: CoverageMonitor;
  readonly #ledger = new CoverageLedger();
  readonly #warned = new DailyKeys();
  readonly #coverage: CoverageConfig;
  #pools: readonly AskedPool[] = [];
  #unrecorded: ReadonlySet<string> = new Set();
  #stopDials: () => void = () => {};

  constructor(coverage: CoverageConfig, parts: CoverageParts) {
    this.#parts = parts;
    this.#coverage = coverage;
    this.#monitor = new CoverageMonitor(
      {
        everyMs: coverage.everyMs,
        opaqueId: `es-proxy-coverage-${randomUUID()}`,
        exempt: new TrustedProxies(coverage.exempt),
        wallMs: Date.now,
      },
      {
        ask: async (opaqueId, signal) => this.#ask(opaqueId, signal),
        connections: async () => [...this.own.list(), ...(await parts.connections())],
        unrecorded: async () =>
          unrecordedRequests((await parts.report()).metrics, this.#unrecorded),
        onMeasured: (status, bypassing) => this.#onMeasured(status, bypassing),
        onUnavailable: (problem) =>
          parts.log.warn({ problem }, "the coverage of the audit cannot be measured"),
      },
    );
  }

  get status(): CoverageStatus {
    return this.#monitor.status;
  }

  /** Clients that were seen to go past the proxy. */
  get clientCount(): number {
    return this.#monitor.clientCount;
  }

  start(config: ProxyConfig): void {
    this.follow(config);
    this.#monitor.start();
  }

  /** @throws {ProxyError} ESP_ERR_TLS_FILE naming the file; what was there before stays */
  follow(config: ProxyConfig): void {
    const dials = askedPools(config, this.#coverage).map((pool) => ({
      pool,
      ...buildDial(pool, this.#parts.log, (socket, purpose) => this.own.note(socket, purpose)),
    }));
    this.#stopDials();
    this.#stopDials = () => {
      for (const { stop } of dials) stop();
    };
    this.#pools = dials.map(({ pool, dial }) => ({
      name: pool.name,
      endpoints: endpointsOf(pool),
      dial,
      hostHeader: pool.hostHeader,
      authorizationFile: this.#coverage.authorizationFile ?? pool.health?.authorizationFile,
    }));
    this.#unrecorded = new Set(
      httpListeners(config).flatMap(({ name, routes }) =>
        routes.flatMap((route) =>
          route.audit.level === "none" ? [routeKey(name, route.name)] : [],
        ),
      ),
    );
  }

  /** Ends; what was measured since the last event is recorded. */
  close(): void {
    this.#monitor.stop();
    this.#stopDials();
    this.#record(this.#ledger.take());
  }

  async #ask(opaqueId: string, signal: AbortSignal): Promise<NodesAnswer[]> {
    return Promise.all(this.#pools.map(async (pool) => askNodes(pool, opaqueId, signal)));
  }

  #onMeasured(status: CoverageStatus, bypassing: readonly BypassingRequests[]): void {
    this.#record(this.#ledger.add(status, bypassing));
    for (const { address, agent, node, requests } of bypassing)
      if (this.#warned.isNew(`${address}\n${agent}`, status.measuredMs))
        this.#parts.log.warn(
          { client: address, user_agent: agent, node, requests },
          "a client asks a node past this proxy: none of that is on record",
        );
  }

  #record(event: CoverageEvent | undefined): void {
    if (event !== undefined) this.#parts.onEvent({ action: "audit.coverage", ...event });
  }
}

/** The pools that the configuration names, else those of routes with an audit. */
function askedPools(config: ProxyConfig, { pools }: CoverageConfig): PoolConfig[] {
  const audited = httpListeners(config).flatMap(({ routes }) =>
    routes.flatMap(({ pool, audit }) => (audit.level === "none" ? [] : [pool])),
  );
  const names = new Set(pools.length > 0 ? pools : audited);
  return Object.values(config.pools).filter(({ name }) => names.has(name));
}
