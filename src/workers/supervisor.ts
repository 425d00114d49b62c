/**
 * The parent of the worker processes: it starts, replaces and ends them, and relays nothing itself.
 */
import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { mergeReports } from "../admin/process-report.ts";
import type { ProcessReport } from "../admin/process-report.ts";
import { wholeStatus } from "../admin/status-fields.ts";
import { AdminService, type Control } from "../assembly/admin-service.ts";
import { ExplorerService } from "../assembly/explorer-service.ts";
import { RestartDelay } from "./restart-delay.ts";
import { SharedAudit } from "./shared-audit.ts";
import { SharedHealth } from "./shared-health.ts";
import { newListeners, refuseSharedStdout, removeStaleSockets } from "./shared-resources.ts";
import { bindKey, restartOnlyChanges } from "../assembly/restart-only.ts";
import type { RunningProxy } from "../assembly/running-proxy.ts";
import { WorkerCoverage } from "./worker-coverage.ts";
import { WorkerHandle } from "./worker-handle.ts";
import type { WorkerMessage } from "./worker-messages.ts";
import type { ProxyConfig } from "../config/config.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { logSniff, SniffNotices } from "../http/sniff-notices.ts";
import { countersOf, mergeSnapshots, withoutVanished } from "../metrics/merge.ts";
import type { Snapshot } from "../metrics/registry.ts";

export interface SupervisorOptions {
  /** Version of this program. */
  readonly version: string;
  readonly control: Control;
  /** Script of the worker processes. */
  readonly workerFile: string;
  readonly logLevel: string;
  /** Bound sockets handed over by the service manager, by name of the listener. */
  readonly descriptors: ReadonlyMap<string, number>;
}

/**
 * Milliseconds that idle connections of a worker which is replaced may still bring one more
 * request.
 */
const replacedIdleMs = 5000;
/**
 * Milliseconds after which a worker that was asked to end now is killed: its records are written
 * synchronously, long before.
 */
const closePatienceMs = 1500;

/** How many processes relay. */
export function workerCount({ workers }: Pick<ProxyConfig, "workers">): number {
  return workers === "auto" ? availableParallelism() : workers;
}

/**
 * Starts worker processes behind common listening sockets and keeps their number. Each worker
 * accepts by itself; this process relays nothing. It has the signals, the admin listener, the sum
 * of the metrics, and passes on what one worker learns about an endpoint.
 *
 * @throws {ProxyError} what keeps a worker from starting; nothing stays open.
 */
export async function startSupervisor(
  config: ProxyConfig,
  log: Log,
  options: SupervisorOptions,
): Promise<RunningProxy> {
  const supervisor = new Supervisor(config, log, options);
  try {
    await supervisor.open();
  } catch (error) {
    await supervisor.close();
    throw error;
  }
  return supervisor;
}

class Supervisor implements RunningProxy {
  readonly #log: Log;
  readonly #options: SupervisorOptions;
  readonly #admin: AdminService;
  readonly #explorer: ExplorerService;
  /** Living workers by number. */
  readonly #members = new Map<number, WorkerHandle>();
  readonly #health = new SharedHealth();
  readonly #sniffs = new SniffNotices((notice) => logSniff(this.#log, notice));
  /** Replacements that wait for their time. */
  readonly #delayed = new Set<NodeJS.Timeout>();
  #config: ProxyConfig;
  /** Counters of workers that have ended. */
  #endedMetrics: Snapshot = [];
  readonly #restartDelay = new RestartDelay();
  readonly #coverage: WorkerCoverage;
  #isStopping = false;
  #audit: SharedAudit | undefined = undefined;
  #listeners: RunningProxy["listeners"] = [];

  constructor(config: ProxyConfig, log: Log, options: SupervisorOptions) {
    this.#config = config;
    this.#log = log;
    this.#options = options;
    this.#coverage = new WorkerCoverage({
      log,
      report: async () => this.#report(),
      onEvent: (event) => this.#audit?.record(event),
      askConnections: async () =>
        Promise.all([...this.#members.values()].map(async (member) => member.connections())),
    });
    this.#admin = new AdminService({
      version: options.version,
      log,
      control: options.control,
      report: async () => this.#report(),
      workers: () =>
        [...this.#members.values()].map(({ number, pid, state }) => ({ number, pid, state })),
      explorerUrl: () => this.explorerUrl,
      follower: () => this.#audit?.companions.follower,
      shipping: () => this.#audit?.companions.shipping ?? [],
      coverage: () => this.#coverage.service,
    });
    this.#explorer = new ExplorerService({ log, status: async () => wholeStatus(this.#admin) });
  }

  get listeners(): RunningProxy["listeners"] {
    return this.#listeners;
  }

  get adminUrl(): string | undefined {
    return this.#admin.url;
  }

  get explorerUrl(): string | undefined {
    return this.#explorer.url;
  }

  get drainTimeoutMs(): number {
    return this.#config.drainTimeoutMs;
  }

  async open(): Promise<void> {
    const { audit, listeners, admin } = this.#config;
    refuseSharedStdout(this.#config);
    // Workers accept from one queue in the kernel; with Node's other policy every connection would
    // pass through this process.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    cluster.setupPrimary({ exec: this.#options.workerFile, args: [], serialization: "advanced" });
    await removeStaleSockets(listeners);
    const count = workerCount(this.#config);
    if (audit !== undefined)
      this.#audit = new SharedAudit(audit, count, {
        version: this.#options.version,
        log: this.#log,
        members: () => this.#members.values(),
      });
    // The first one binds; a mistake shows once.
    const first = this.#fork(this.#config);
    await first.ready;
    this.#listeners = first.listeners;
    await Promise.all(
      Array.from({ length: count - 1 }, async () => this.#fork(this.#config).ready),
    );
    await this.#admin.apply(admin);
    await this.#explorer.open(this.#config);
    this.#audit?.begin(this.#config);
    this.#coverage.apply(this.#config);
  }

  async drain(timeoutMs: number, idleMs = 0): Promise<void> {
    this.#stopping();
    await Promise.all(
      [...this.#members.values()].map(async (member) => member.drain(timeoutMs, idleMs)),
    );
  }

  async close(): Promise<void> {
    this.#stopping();
    this.#audit?.leave();
    await Promise.all(
      [...this.#members.values()].map(async (member) => member.close(closePatienceMs)),
    );
    await this.#audit?.close();
    await Promise.all([this.#admin.close(), this.#explorer.close()]);
  }

  reopenAudit(): void {
    for (const member of this.#members.values()) member.send({ type: "reopen" });
  }

  noteReload(problems: readonly string[]): void {
    this.#admin.noteReload(problems);
  }

  async reload(next: ProxyConfig): Promise<void> {
    const old = this.#config;
    this.#check(next, restartOnlyChanges(old, next));
    await this.#settled();
    await removeStaleSockets(newListeners(old, next));
    const members = [...this.#members.values()].filter(({ state }) => state === "ready");
    const problems = await Promise.all(members.map(async (member) => member.reload(next)));
    const problem = problems.find((text) => text !== undefined);
    try {
      if (problem !== undefined) throw new ProxyError("ESP_ERR_CONFIG", problem);
      await this.#apply(next);
    } catch (error) {
      await Promise.all(
        members.map(async (member, at) =>
          problems[at] === undefined ? member.reload(old) : undefined,
        ),
      );
      throw error;
    }
    this.#config = next;
    this.#audit?.follow(next);
    this.#health.keep(new Set(Object.keys(next.pools)));
    this.#followListeners(next);
    await this.#adjustCount();
  }

  async restart(next: ProxyConfig): Promise<void> {
    this.#check(next, []);
    await this.#settled();
    await removeStaleSockets(newListeners(this.#config, next));
    const old = [...this.#members.values()].filter(({ state }) => state === "ready");
    await this.#apply(next);
    for (const member of old) {
      if (this.#isStopping) return;
      const replacement = this.#fork(next);
      await replacement.ready;
      this.#listeners = replacement.listeners;
      this.#config = next;
      await member.drain(next.drainTimeoutMs, replacedIdleMs);
    }
    this.#audit?.follow(next);
    await this.#adjustCount();
  }

  /** The listeners of this process. */
  async #apply(next: ProxyConfig): Promise<void> {
    const explorer = await this.#explorer.prepare(next);
    try {
      await this.#admin.apply(next.admin);
    } catch (error) {
      explorer.abort();
      throw error;
    }
    explorer.commit();
    this.#coverage.apply(next);
  }

  #check(next: ProxyConfig, changes: readonly string[]): void {
    const all = [...changes];
    if (workerCount(next) < 2)
      all.push("workers cannot change from or to 1 in a running process: restart");
    if (all.length > 0) throw new ProxyError("ESP_ERR_CONFIG", all.join("\n"));
    refuseSharedStdout(next);
  }

  /** Waits for workers that are just starting; one that fails is replaced in its own time. */
  async #settled(): Promise<void> {
    await Promise.allSettled([...this.#members.values()].map(async (member) => member.ready));
  }

  async #adjustCount(): Promise<void> {
    const wanted = workerCount(this.#config);
    const ready = [...this.#members.values()].filter(({ state }) => state === "ready");
    const added = Array.from(
      { length: Math.max(0, wanted - ready.length - this.#delayed.size) },
      () => this.#fork(this.#config),
    );
    await Promise.allSettled(added.map(async (member) => member.ready));
    for (const member of ready.slice(wanted))
      void member.drain(this.#config.drainTimeoutMs, replacedIdleMs);
  }

  /** The addresses for the status; a worker that starts later tells them anew. */
  #followListeners(next: ProxyConfig): void {
    const [member] = this.#members.values();
    if (member === undefined) return;
    const urls = new Map(this.#listeners.map(({ name, url }) => [name, url]));
    this.#listeners = next.listeners.map((listener) => ({
      name: listener.name,
      url: urls.get(listener.name) ?? bindKey(listener),
    }));
  }

  /**
   * @param wanted the number whose audit files the worker continues, when it is free; else the
   *   lowest free one is taken
   */
  #fork(config: ProxyConfig, wanted = 1): WorkerHandle {
    let number = this.#members.has(wanted) ? 1 : wanted;
    while (this.#members.has(number)) number += 1;
    const { version, logLevel, descriptors } = this.#options;
    const member = new WorkerHandle(number, cluster.fork(), (from, message) => {
      if (message.type === "hello")
        from.send({
          type: "start",
          config,
          number,
          version,
          logLevel,
          descriptors: [...descriptors],
        });
      else this.#onMessage(from, message);
    });
    this.#members.set(number, member);
    void member.ended.then(() => this.#onEnd(member));
    return member;
  }

  #onMessage(from: WorkerHandle, message: WorkerMessage): void {
    if (message.type === "health") {
      this.#health.note(message.news, performance.now());
      for (const member of this.#members.values()) if (member !== from) member.send(message);
    }
    if (message.type === "connections") this.#coverage.note(message.connections);
    if (message.type === "sniff") this.#sniffs.note(message.notice, Date.now());
    if (message.type !== "ready") return;
    if (this.#isStopping) void from.drain(0, 0);
    else
      for (const news of this.#health.current(performance.now()))
        from.send({ type: "health", news });
  }

  #onEnd(member: WorkerHandle): void {
    this.#members.delete(member.number);
    if (member.lastReport !== undefined)
      this.#endedMetrics = mergeSnapshots([
        this.#endedMetrics,
        countersOf(member.lastReport.metrics),
      ]);
    const { exitCode, signalCode } = member.worker.process;
    if (this.#isStopping || member.isLeaving) {
      if (exitCode !== 0 && !this.#members.has(member.number)) this.#audit?.recover(member.number);
      return;
    }
    const livedMs = performance.now() - member.startedMs;
    const delayMs = this.#restartDelay.next(livedMs);
    this.#log.error(
      {
        worker: member.number,
        pid: member.pid,
        code: exitCode ?? undefined,
        signal: signalCode ?? undefined,
        delayMs,
      },
      "a worker has died and is replaced",
    );
    this.#admin.noteRestart();
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      if (!this.#isStopping) this.#fork(this.#config, member.number);
    }, delayMs);
    this.#delayed.add(timer);
  }

  #stopping(): void {
    this.#isStopping = true;
    this.#coverage.close();
    this.#admin.state = "draining";
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#delayed.clear();
  }

  async #report(): Promise<ProcessReport> {
    const reports = await Promise.all(
      [...this.#members.values()].map(async (member) => member.report()),
    );
    const known = reports.filter((report) => report !== undefined);
    const snapshots = known.map(({ metrics }) => metrics);
    if (snapshots.length > 0) this.#endedMetrics = withoutVanished(this.#endedMetrics, snapshots);
    return mergeReports([
      ...known,
      { metrics: this.#endedMetrics, listeners: [], pools: [], audit: undefined },
    ]);
  }
}
