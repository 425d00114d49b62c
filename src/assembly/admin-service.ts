import { isDeepStrictEqual } from "node:util";
import { AdminListener } from "../admin/admin-listener.ts";
import type { AdminSource, ControlOutcome, ServiceFacts } from "../admin/admin-source.ts";
import { mergeReports } from "../admin/process-report.ts";
import type { ProcessReport } from "../admin/process-report.ts";
import type { FollowerStatus } from "../audit/follow/follower.ts";
import type { ShipStatus } from "../audit/ship/ship-host.ts";
import type { AdminConfig } from "../config/config.ts";
import { coverageRatio } from "../coverage/coverage-status.ts";
import type { CoverageStatus } from "../coverage/coverage-status.ts";
import type { Log } from "../core/log.ts";
import { slot } from "../metrics/metric-slots.ts";
import { Registry } from "../metrics/registry.ts";
import type { CoverageService } from "./coverage-service.ts";

/** Carries out what the operator asks for; given by the code that handles the signals. */
export interface Control {
  reload(): Promise<ControlOutcome>;
  restart(): Promise<ControlOutcome>;
}

export interface AdminServiceOptions {
  readonly version: string;
  readonly log: Log;
  readonly control: Control;
  /** Of all processes that relay. */
  readonly report: () => Promise<ProcessReport>;
  readonly workers: () => ServiceFacts["workers"];
  /** Where the audit explorer is. */
  readonly explorerUrl: () => string | undefined;
  /** Of the follower in this process; `undefined`: none runs. */
  readonly follower?: () => FollowerStatus | undefined;
  /** Of what this process ships; none when nothing is shipped. */
  readonly shipping?: () => readonly ShipStatus[];
  /** `undefined`: the nodes' counters are not looked at. */
  readonly coverage?: () => Pick<CoverageService, "status" | "clientCount"> | undefined;
}

/**
 * The admin listener of a service with what it knows of the service as a whole; follows the `admin`
 * section through reloads.
 */
export class AdminService implements AdminSource {
  state: "running" | "draining" = "running";
  readonly #options: AdminServiceOptions;
  readonly #registry = new Registry();
  readonly #values: Float64Array;
  readonly #startedAt = new Date().toISOString();
  #listener: AdminListener | undefined = undefined;
  #config: AdminConfig | undefined = undefined;
  #lastProblems: readonly string[] = [];

  constructor(options: AdminServiceOptions) {
    this.#options = options;
    this.#values = this.#registry.block("service").values;
  }

  /** Where it listens; `undefined`: nowhere. */
  get url(): string | undefined {
    return this.#listener?.url;
  }

  /**
   * Listens on the address of `config`. An unchanged address stays bound, but its token file is
   * read again.
   *
   * @throws {ProxyError} when it cannot; what was there before stays.
   */
  async apply(config: AdminConfig | undefined): Promise<void> {
    const old = this.#listener;
    if (config === undefined) {
      this.#listener = undefined;
      this.#config = undefined;
      await old?.close();
      return;
    }
    const options = { ...config, log: this.#options.log };
    if (
      old !== undefined &&
      isDeepStrictEqual(config.bind, this.#config?.bind) &&
      isDeepStrictEqual(config.tls, this.#config?.tls)
    )
      old.update(options);
    else {
      this.#listener = await AdminListener.open(options, this);
      void old?.close();
    }
    this.#config = config;
  }

  /** Counts a reload; `problems` is empty when it went well. */
  noteReload(problems: readonly string[]): void {
    this.#lastProblems = problems;
    this.#add(problems.length === 0 ? slot.service.reloadsOk : slot.service.reloadsFailed, 1);
  }

  noteRestart(): void {
    this.#add(slot.service.restarts, 1);
  }

  facts(): ServiceFacts {
    return {
      version: this.#options.version,
      node: process.versions.node,
      pid: process.pid,
      startedAt: this.#startedAt,
      reloads: {
        ok: this.#values[slot.service.reloadsOk] ?? 0,
        failed: this.#values[slot.service.reloadsFailed] ?? 0,
        lastProblems: this.#lastProblems,
      },
      explorer: this.#options.explorerUrl(),
      workers: this.#options.workers(),
    };
  }

  async report(): Promise<ProcessReport> {
    const workers = this.#options.workers();
    this.#values[slot.service.workers] =
      workers.length === 0 ? 1 : workers.filter(({ state }) => state === "ready").length;
    this.#values[slot.service.draining] = this.state === "draining" ? 1 : 0;
    const follower = this.#options.follower?.();
    if (follower !== undefined) this.#measureFollower(follower);
    const shipping = this.#options.shipping?.() ?? [];
    if (shipping.length > 0) this.#measureShipping(shipping);
    const coverage = this.#options.coverage?.();
    if (coverage !== undefined) this.#measureCoverage(coverage.status, coverage.clientCount);
    const own: ProcessReport = {
      follower,
      shipping,
      coverage: coverage?.status,
      metrics: this.#registry.snapshot(),
      listeners: [],
      pools: [],
      audit: undefined,
    };
    return mergeReports([own, await this.#options.report()]);
  }

  #measureFollower(status: FollowerStatus): void {
    const { values } = this.#registry.block("follower");
    values[slot.follower.records] = status.records;
    values[slot.follower.behindRecords] = status.recordsBehind;
    values[slot.follower.behindSeconds] = status.secondsBehind;
    values[slot.follower.logSize] = status.treeSize;
    values[slot.follower.checkpointAge] = status.checkpointAgeSeconds ?? 0;
    values[slot.follower.incidents] = status.incidents;
    values[slot.follower.brokenLogs] = status.brokenLogs;
  }

  #measureShipping(targets: readonly ShipStatus[]): void {
    const { values } = this.#registry.block("shipping");
    const sum = (of: (status: ShipStatus) => number): number =>
      targets.reduce((total, status) => total + of(status), 0);
    values[slot.shipping.shipped] = sum(({ shipped }) => shipped);
    values[slot.shipping.refused] = sum(({ refused }) => refused);
    values[slot.shipping.failures] = sum(({ failures }) => failures);
    values[slot.shipping.lost] = sum(({ lost }) => lost);
    values[slot.shipping.behindSeconds] = Math.max(
      ...targets.map(({ secondsBehind }) => secondsBehind),
    );
  }

  #measureCoverage(status: CoverageStatus, clients: number): void {
    const { values } = this.#registry.block("coverage");
    const { last, total, measuredMs } = status;
    values[slot.coverage.ratio] = coverageRatio(last) ?? 1;
    values[slot.coverage.recorded] = total.recorded;
    values[slot.coverage.unrecorded] = total.unrecorded;
    values[slot.coverage.bypassed] = total.bypassed;
    values[slot.coverage.exempt] = total.exempt;
    values[slot.coverage.lostConnections] = total.lostConnections;
    values[slot.coverage.clients] = clients;
    values[slot.coverage.failedLooks] = status.failedLooks;
    values[slot.coverage.age] =
      measuredMs === 0 ? Number.NaN : Math.max(0, Date.now() - measuredMs) / 1000;
  }

  async reload(): Promise<ControlOutcome> {
    return this.#options.control.reload();
  }

  async restart(): Promise<ControlOutcome> {
    return this.#options.control.restart();
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  #add(index: number, amount: number): void {
    this.#values[index] = (this.#values[index] ?? 0) + amount;
  }
}
