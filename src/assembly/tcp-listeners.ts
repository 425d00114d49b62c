import type { ListenerReport } from "../admin/process-report.ts";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import type { ProxyConfig, TcpListenerConfig } from "../config/config.ts";
import { RouterModule } from "../tcp/router-module.ts";
import type { RunningProxy } from "./running-proxy.ts";
import { adminName, explorerName, SelfAddresses } from "./self-addresses.ts";
import type { BuiltPool } from "./pools.ts";
import { bindKey } from "./restart-only.ts";
import { TcpListenerRuntime } from "./tcp-listener-runtime.ts";
import type { TcpShared } from "./tcp-listener-runtime.ts";
import { PoolTable } from "./tcp-pools.ts";

/** What a reload has prepared: exactly one of the two is called. */
export interface PreparedTcp {
  /**
   * Everything that can fail has been done. @returns listeners that the configuration no longer
   * has, for the caller to drain
   */
  commit(): TcpListenerRuntime[];
  /** The old configuration stays. */
  abort(): void;
}

/** The TCP listeners of a process. */
export class TcpListeners {
  readonly #shared: Omit<TcpShared, "trail">;
  readonly #pools = new PoolTable();
  readonly #own = new SelfAddresses();
  #trail: AuditTrail | undefined = undefined;
  /** By `bindKey`. */
  #listeners: ReadonlyMap<string, TcpListenerRuntime> = new Map();

  constructor(shared: Omit<TcpShared, "trail" | "pools" | "ownListeners">) {
    this.#shared = { ...shared, pools: this.#pools, ownListeners: () => this.#own.current };
  }

  get all(): readonly TcpListenerRuntime[] {
    return [...this.#listeners.values()];
  }

  /**
   * @throws {ProxyError} as `TcpListenerRuntime.open` does; what is open by then is closed by
   *   {@link destroy}
   */
  async open(
    config: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
    trail: AuditTrail | undefined,
  ): Promise<void> {
    this.#trail = trail;
    const listeners = tcpListeners(config);
    if (listeners.length === 0) return;
    this.#pools.pools = pools;
    await this.#own.resolve(config);
    this.#own.follow(config, new Map());
    const opened = new Map<string, TcpListenerRuntime>();
    this.#listeners = opened;
    for (const listener of listeners) opened.set(bindKey(listener), await this.#open(listener));
  }

  /** All listeners are bound: their ports are known. */
  followAddresses(
    config: ProxyConfig,
    {
      listeners,
      adminUrl,
      explorerUrl,
    }: Pick<RunningProxy, "listeners" | "adminUrl" | "explorerUrl">,
  ): void {
    const urls = new Map(listeners.map(({ name, url }) => [name, url]));
    if (adminUrl !== undefined) urls.set(adminName, adminUrl);
    if (explorerUrl !== undefined) urls.set(explorerName, explorerUrl);
    this.#own.follow(config, urls);
  }

  /**
   * Does everything of a reload that can fail: loads router files anew, listens, reads TLS files.
   *
   * @throws {ProxyError} nothing has changed then
   */
  async prepare(next: ProxyConfig, pools: ReadonlyMap<string, BuiltPool>): Promise<PreparedTcp> {
    const kept = new Map<string, TcpListenerRuntime>();
    const opened: TcpListenerRuntime[] = [];
    const followed: {
      listener: TcpListenerRuntime;
      config: TcpListenerConfig;
      module: RouterModule;
      before: TcpListenerConfig;
    }[] = [];
    const abort = (): void => {
      for (const listener of opened) listener.destroy();
      for (const { listener, config, before } of followed) listener.update(before, config);
    };
    try {
      await this.#own.resolve(next);
      for (const config of tcpListeners(next)) {
        const key = bindKey(config);
        const listener = this.#listeners.get(key);
        if (listener === undefined) {
          const fresh = await this.#open(config);
          opened.push(fresh);
          kept.set(key, fresh);
          continue;
        }
        const before = listener.config;
        const module = await RouterModule.load(config.routerFile, this.#shared.log);
        listener.update(config, before);
        followed.push({ listener, config, module, before });
        kept.set(key, listener);
      }
    } catch (error) {
      abort();
      throw error;
    }
    return { abort, commit: () => this.#commit(kept, pools, followed) };
  }

  /** Ends every session and listens no more. */
  destroy(): void {
    for (const listener of this.all) listener.destroy();
  }

  /** Writes what is open now into the metrics. */
  collect(): ListenerReport[] {
    return this.all.map((listener) => listener.collect());
  }

  #commit(
    kept: ReadonlyMap<string, TcpListenerRuntime>,
    pools: ReadonlyMap<string, BuiltPool>,
    followed: readonly {
      listener: TcpListenerRuntime;
      config: TcpListenerConfig;
      module: RouterModule;
    }[],
  ): TcpListenerRuntime[] {
    const removed = [...this.#listeners].flatMap(([key, listener]) =>
      kept.has(key) ? [] : [listener],
    );
    for (const { listener, config, module } of followed) listener.follow(config, module);
    this.#listeners = kept;
    this.#pools.pools = pools;
    return removed;
  }

  async #open(config: TcpListenerConfig): Promise<TcpListenerRuntime> {
    return TcpListenerRuntime.open(config, { ...this.#shared, trail: this.#trail });
  }
}

/** Those of the configuration. */
export function tcpListeners({ listeners }: ProxyConfig): TcpListenerConfig[] {
  return listeners.filter((listener) => listener.protocol === "tcp");
}
