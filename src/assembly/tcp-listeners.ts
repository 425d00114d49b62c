import type { ListenerReport } from "../admin/process-report.ts";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import type { ProxyConfig, TcpListenerConfig } from "../config/config.ts";
import { RouterModule } from "../tcp/router-module.ts";
import { adminName, SelfAddresses } from "./self-addresses.ts";
import type { BuiltPool } from "./pools.ts";
import { bindKey } from "./restart-only.ts";
import { TcpListenerRuntime } from "./tcp-listener-runtime.ts";
import type { TcpShared } from "./tcp-listener-runtime.ts";
import { PoolTable } from "./tcp-pools.ts";

/** A listener as the status names it. */
interface Named {
  readonly name: string;
  readonly url: string;
}

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
  #parts: ReadonlyMap<string, TcpListenerRuntime> = new Map();

  constructor(shared: Omit<TcpShared, "trail" | "pools" | "ownListeners">) {
    this.#shared = { ...shared, pools: this.#pools, ownListeners: () => this.#own.current };
  }

  get all(): readonly TcpListenerRuntime[] {
    return [...this.#parts.values()];
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
    this.#parts = opened;
    for (const listener of listeners) opened.set(bindKey(listener), await this.#open(listener));
  }

  /** All listeners are bound: their ports are known. */
  followAddresses(
    config: ProxyConfig,
    listeners: readonly Named[],
    adminUrl: string | undefined,
  ): void {
    const urls = new Map(listeners.map(({ name, url }) => [name, url]));
    if (adminUrl !== undefined) urls.set(adminName, adminUrl);
    this.#own.follow(config, urls);
  }

  /**
   * Does everything of a reload that can fail: loads router files anew, listens, reads TLS files.
   *
   * @throws {ProxyError} nothing has changed then
   */
  async prepare(next: ProxyConfig, pools: ReadonlyMap<string, BuiltPool>): Promise<PreparedTcp> {
    const parts = new Map<string, TcpListenerRuntime>();
    const opened: TcpListenerRuntime[] = [];
    const followed: {
      part: TcpListenerRuntime;
      config: TcpListenerConfig;
      module: RouterModule;
      before: TcpListenerConfig;
    }[] = [];
    const abort = (): void => {
      for (const part of opened) part.destroy();
      for (const { part, config, before } of followed) part.update(before, config);
    };
    try {
      await this.#own.resolve(next);
      for (const config of tcpListeners(next)) {
        const key = bindKey(config);
        const part = this.#parts.get(key);
        if (part === undefined) {
          const fresh = await this.#open(config);
          opened.push(fresh);
          parts.set(key, fresh);
          continue;
        }
        const before = part.config;
        const module = await RouterModule.load(config.routerFile, this.#shared.log);
        part.update(config, before);
        followed.push({ part, config, module, before });
        parts.set(key, part);
      }
    } catch (error) {
      abort();
      throw error;
    }
    return { abort, commit: () => this.#commit(parts, pools, followed) };
  }

  /** Ends every session and listens no more. */
  destroy(): void {
    for (const part of this.all) part.destroy();
  }

  /** Writes what is open now into the metrics. */
  collect(): ListenerReport[] {
    return this.all.map((part) => part.collect());
  }

  #commit(
    parts: ReadonlyMap<string, TcpListenerRuntime>,
    pools: ReadonlyMap<string, BuiltPool>,
    followed: readonly {
      part: TcpListenerRuntime;
      config: TcpListenerConfig;
      module: RouterModule;
    }[],
  ): TcpListenerRuntime[] {
    const removed = [...this.#parts].flatMap(([key, part]) => (parts.has(key) ? [] : [part]));
    for (const { part, config, module } of followed) part.follow(config, module);
    this.#parts = parts;
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
