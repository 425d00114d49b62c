import { isDeepStrictEqual } from "node:util";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import type { HttpListenerConfig, ProxyConfig } from "../config/config.ts";
import { PauseWatch } from "../core/pause-watch.ts";
import { StartTurns } from "../core/start-turns.ts";
import type { Services } from "../core/services.ts";
import { AnswerRoom } from "../http/answer-queue.ts";
import { HttpListener } from "../http/http-listener.ts";
import type { SniffNotice } from "../http/sniff-notices.ts";
import type { Registry } from "../metrics/registry.ts";
import { HttpSettingsBuilder } from "./http-settings.ts";
import type { BuiltPool } from "./pools.ts";
import { bindKey } from "./restart-only.ts";

/** What all HTTP listeners of a process share. */
export interface HttpShared extends Services {
  readonly registry: Registry;
  /** Bound sockets handed over by the service manager, by name of the listener. */
  readonly descriptors: ReadonlyMap<string, number> | undefined;
  /** Several processes accept from the same sockets. */
  readonly isShared: boolean;
  /** A client was told addresses of nodes; called once a day for each. */
  readonly onSniff: (notice: SniffNotice) => void;
}

/** What a reload has prepared: exactly one of the two is called. */
export interface PreparedHttp {
  /**
   * Everything that can fail has been done. @returns listeners that the configuration no longer
   * has, for the caller to drain
   */
  commit(): HttpListener[];
  /** The old configuration stays. */
  abort(): void;
}

/** A listener that stays, with the configuration that it follows. */
interface Followed {
  readonly listener: HttpListener;
  readonly config: HttpListenerConfig;
}

/** The HTTP listeners of a process; follows reloads. */
export class HttpListeners {
  readonly #shared: HttpShared;
  readonly #settings: HttpSettingsBuilder;
  readonly #pauses = new PauseWatch();
  readonly #answerRoom = new AnswerRoom();
  readonly #pipelined: StartTurns;
  #trail: AuditTrail | undefined = undefined;
  #config: readonly HttpListenerConfig[] = [];
  /** By `bindKey`. */
  #listeners: ReadonlyMap<string, HttpListener> = new Map();

  constructor(shared: HttpShared) {
    this.#shared = shared;
    const { registry, clock, onSniff } = shared;
    this.#pipelined = new StartTurns(clock);
    this.#settings = new HttpSettingsBuilder(registry, clock, onSniff);
  }

  get all(): readonly HttpListener[] {
    return [...this.#listeners.values()];
  }

  /**
   * @throws {ProxyError} as `HttpListener.open` does; what is open by then is closed by
   *   {@link destroy}
   */
  async open(
    config: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
    trail: AuditTrail | undefined,
  ): Promise<void> {
    this.#trail = trail;
    this.#config = httpListeners(config);
    const opened = new Map<string, HttpListener>();
    this.#listeners = opened;
    for (const listener of this.#config)
      opened.set(bindKey(listener), await this.#listen(listener, config, pools));
  }

  /**
   * Does everything of a reload that can fail: listens, reads TLS files.
   *
   * @throws {ProxyError} nothing has changed then
   */
  async prepare(next: ProxyConfig, pools: ReadonlyMap<string, BuiltPool>): Promise<PreparedHttp> {
    const listeners = new Map<string, HttpListener>();
    const opened: HttpListener[] = [];
    const followed: (Followed & { readonly before: HttpListenerConfig })[] = [];
    const abort = (): void => {
      for (const listener of opened) listener.destroy();
      for (const { listener, config, before } of followed) update(listener, before, config);
    };
    try {
      for (const config of httpListeners(next)) {
        const key = bindKey(config);
        const listener = this.#listeners.get(key);
        const before = this.#config.find((old) => bindKey(old) === key);
        if (listener === undefined || before === undefined) {
          const fresh = await this.#listen(config, next, pools);
          opened.push(fresh);
          listeners.set(key, fresh);
          continue;
        }
        update(listener, config, before);
        followed.push({ listener, config, before });
        listeners.set(key, listener);
      }
    } catch (error) {
      abort();
      throw error;
    }
    return { abort, commit: () => this.#commit(listeners, next, pools, followed) };
  }

  /** Ends every connection and listens no more. */
  destroy(): void {
    for (const listener of this.all) listener.destroy();
  }

  #commit(
    listeners: ReadonlyMap<string, HttpListener>,
    next: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
    followed: readonly Followed[],
  ): HttpListener[] {
    const removed = [...this.#listeners].flatMap(([key, listener]) =>
      listeners.has(key) ? [] : [listener],
    );
    for (const { listener, config } of followed)
      Object.assign(listener.context, this.#settings.build(config, next.audit, pools));
    this.#config = httpListeners(next);
    this.#listeners = listeners;
    return removed;
  }

  async #listen(
    config: HttpListenerConfig,
    { audit }: ProxyConfig,
    pools: ReadonlyMap<string, BuiltPool>,
  ): Promise<HttpListener> {
    const { clock, sweep, reads, log, descriptors, isShared } = this.#shared;
    return HttpListener.open(
      {
        ...this.#settings.build(config, audit, pools),
        clock,
        sweep,
        reads,
        pipelined: this.#pipelined,
        pauses: this.#pauses,
        answerRoom: this.#answerRoom,
        log,
        trail: this.#trail,
        isDraining: false,
        drainIdleMs: 0,
      },
      {
        name: config.name,
        bind: config.bind,
        tls: config.tls,
        maxConnections: config.maxConnections,
        handshakeMs: config.timeouts.headerMs,
        hasProxyHeaders: config.proxyProtocol,
        log,
        fd: descriptors?.get(config.name),
        isShared,
      },
    );
  }
}

/** Those of the configuration. */
export function httpListeners({ listeners }: ProxyConfig): HttpListenerConfig[] {
  return listeners.filter((listener) => listener.protocol === "http");
}

/**
 * Connections at most and TLS files, where they change.
 *
 * @throws {ProxyError} ESP_ERR_TLS_FILE; nothing has changed then
 */
function update(
  listener: HttpListener,
  next: HttpListenerConfig,
  before: HttpListenerConfig,
): void {
  const tls = isDeepStrictEqual(before.tls, next.tls) ? undefined : next.tls;
  listener.update({ maxConnections: next.maxConnections, tls });
}
