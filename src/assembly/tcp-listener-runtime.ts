import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { isDeepStrictEqual } from "node:util";
import type { ListenerReport } from "../admin/process-report.ts";
import type { AuditTrail } from "../audit/trail/audit-trail.ts";
import { formatAddress } from "../config/address.ts";
import type { TcpListenerConfig } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { ReadPacer } from "../core/read-pacer.ts";
import { slot } from "../metrics/metric-slots.ts";
import type { Registry } from "../metrics/registry.ts";
import { TcpListenerMetrics } from "../metrics/tcp-metrics.ts";
import type { ProxyHeader } from "../net/proxy-protocol.ts";
import { SocketListener } from "../net/socket-listener.ts";
import { TrustedProxies } from "../net/trusted-proxies.ts";
import { plainAddress } from "../net/client-network.ts";
import type { LoadedRouter, RouterSource } from "../tcp/options.ts";
import type { TcpAddress } from "../tcp/route-contract.ts";
import { RouterModule } from "../tcp/router-module.ts";
import type { TcpEvent, TcpMetrics, TcpSessionRecord } from "../tcp/interfaces.ts";
import { TcpRouter } from "../tcp/tcp-router.ts";
import { SessionAudit } from "./tcp-audit.ts";
import type { PoolTable } from "./tcp-pools.ts";

/** What all TCP listeners of a process share. */
export interface TcpShared {
  readonly clock: Clock;
  readonly reads: ReadPacer;
  readonly log: Log;
  readonly registry: Registry;
  readonly pools: PoolTable;
  readonly ownListeners: () => Iterable<TcpAddress>;
  /** `undefined`: nothing is recorded. */
  readonly trail: AuditTrail | undefined;
  /** Bound sockets handed over by the service manager, by name of the listener. */
  readonly descriptors: ReadonlyMap<string, number> | undefined;
  /** Several processes accept from the same sockets. */
  readonly isShared: boolean;
}

/** A TCP listener of the configuration with its router and its sessions; follows reloads. */
export class TcpListenerRuntime implements RouterSource, TcpMetrics {
  readonly #shared: TcpShared;
  #config: TcpListenerConfig;
  #trusted: TrustedProxies;
  #module: RouterModule;
  #router: TcpRouter;
  #values: Float64Array;
  #metrics: TcpListenerMetrics;
  #listener: SocketListener | undefined = undefined;
  /** Routers with settings of earlier configurations that still have sessions. */
  readonly #former = new Set<TcpRouter>();

  private constructor(config: TcpListenerConfig, module: RouterModule, shared: TcpShared) {
    this.#config = config;
    this.#shared = shared;
    this.#module = module;
    this.#trusted = new TrustedProxies(config.trustedProxies);
    this.#values = shared.registry.block("listener", config.name).values;
    this.#metrics = new TcpListenerMetrics(shared.registry.block("tcp", config.name).values);
    this.#router = this.#makeRouter();
  }

  /**
   * Loads the router file and listens.
   *
   * @throws {ProxyError} ESP_ERR_CONFIG for a router file that cannot be used, ESP_ERR_LISTEN,
   *   ESP_ERR_TLS_FILE; nothing stays open
   */
  static async open(config: TcpListenerConfig, shared: TcpShared): Promise<TcpListenerRuntime> {
    const module = await RouterModule.load(config.routerFile, shared.log);
    const self = new TcpListenerRuntime(config, module, shared);
    try {
      self.#listener = await self.#listen();
    } catch (error) {
      await self.#router.drain(0);
      throw error;
    }
    return self;
  }

  get config(): TcpListenerConfig {
    return this.#config;
  }

  get name(): string {
    return this.#config.name;
  }

  /** `tcp://host:port`, with TLS `tls://host:port`; `unix:/path`. */
  get url(): string {
    const { bind, tls } = this.#config;
    if (bind.kind === "unix") return formatAddress(bind);
    const bound = { ...bind, port: this.#listener?.port ?? bind.port };
    return `${tls === undefined ? "tcp" : "tls"}://${formatAddress(bound)}`;
  }

  get current(): LoadedRouter {
    return this.#module.current;
  }

  /** For sessions that begin from now on. @param module the router file of `config`, loaded */
  follow(config: TcpListenerConfig, module: RouterModule): void {
    const before = this.#config;
    this.#module = module;
    this.#config = config;
    this.#trusted = new TrustedProxies(config.trustedProxies);
    this.#values = this.#shared.registry.block("listener", config.name).values;
    if (before.name !== config.name)
      this.#metrics = new TcpListenerMetrics(
        this.#shared.registry.block("tcp", config.name).values,
      );
    if (isDeepStrictEqual(before, config)) return;
    const former = this.#router;
    this.#former.add(former);
    void former.drain(undefined).then(() => this.#former.delete(former));
    this.#router = this.#makeRouter();
  }

  /**
   * Connections at most and TLS files, where they change. @throws {ProxyError} ESP_ERR_TLS_FILE;
   * nothing has changed then
   */
  update(
    next: Pick<TcpListenerConfig, "maxConnections" | "tls">,
    before: Pick<TcpListenerConfig, "tls">,
  ): void {
    const tls = isDeepStrictEqual(before.tls, next.tls) ? undefined : next.tls;
    this.#listener?.update({ maxConnections: next.maxConnections, tls });
  }

  /** Accepts nothing more; resolves when every session has ended. */
  async drain(): Promise<void> {
    const routers = [this.#router, ...this.#former];
    await Promise.all([
      this.#listener?.stop(),
      ...routers.map(async (router) => router.drain(undefined)),
    ]);
  }

  /** Ends every session now; their records are complete when the call returns. */
  destroy(): void {
    this.#listener?.abort();
    for (const router of [this.#router, ...this.#former]) {
      router.destroyAll();
      void router.drain(undefined);
    }
  }

  /** Writes what is open now into the metrics. */
  collect(): ListenerReport {
    const routers = [this.#router, ...this.#former];
    const connections = sum(routers.map(({ stats }) => stats.current));
    const bytes = routers.map(({ openBytes }) => openBytes);
    this.#values[slot.listener.open] = connections;
    this.#metrics.collect(sum(bytes.map(({ up }) => up)), sum(bytes.map(({ down }) => down)));
    return { name: this.name, url: this.url, connections, idle: 0 };
  }

  count(event: TcpEvent): void {
    if (event === "connection") this.#add(slot.listener.accepted);
    else if (event === "connection_refused") this.#add(slot.listener.refused);
    else this.#metrics.count(event);
  }

  ended(session: TcpSessionRecord): void {
    this.#metrics.ended(session.outcome ?? "", session.bytesUp, session.bytesDown);
  }

  #makeRouter(): TcpRouter {
    const { preread, dial, timeouts, allow, audit, name } = this.#config;
    const { clock, reads, log, pools, ownListeners, trail } = this.#shared;
    const recorded =
      trail === undefined || audit.level === "none"
        ? {}
        : {
            audit: new SessionAudit(trail, {
              listener: name,
              onFailure: audit.onFailure,
              firstBytes: audit.firstBytes,
            }),
          };
    return new TcpRouter({
      router: this,
      prereadBytes: preread.bytes,
      prereadTimeoutMs: preread.timeoutMs,
      connectAttempts: dial.attempts,
      connectRetryDelayMs: dial.delayMs,
      connectTimeoutMs: dial.timeoutMs,
      concurrentDials: dial.concurrent,
      inactivityTimeoutMs: timeouts.inactivityMs,
      idleTimeoutMs: timeouts.idleMs,
      allow,
      ownListeners,
      pools,
      ...recorded,
      metrics: this,
      log,
      clock,
      reads,
    });
  }

  async #listen(): Promise<SocketListener> {
    const { name, bind, tls, maxConnections, preread, proxyProtocol } = this.#config;
    const { log, descriptors, isShared } = this.#shared;
    return SocketListener.open({
      name,
      bind,
      tls,
      maxConnections,
      handshakeMs: preread.timeoutMs,
      log,
      // The protocol inside need not be HTTP, and a router that decides by ALPN reads a handshake
      // that is passed through.
      alpn: [],
      proxyProtocol: proxyProtocol
        ? { trusts: (address) => this.#trusted.has(address) }
        : undefined,
      onConnection: (socket, header) => this.#accept(socket, header),
      onRefused: () => this.count("connection_refused"),
      onTlsFailure: () => this.#add(slot.listener.tlsFailures),
      fd: descriptors?.get(name),
      isShared,
    });
  }

  #accept(socket: Socket, header: ProxyHeader | undefined): void {
    const serverName: unknown = socket instanceof TLSSocket ? socket.servername : undefined;
    const address = plainAddress(socket.remoteAddress ?? "");
    const proxy = { address, port: socket.remotePort ?? 0 };
    this.#router.accept(socket, {
      ...(header !== undefined && { proxy }),
      ...(header?.source !== undefined && { peer: header.source }),
      ...(header?.destination !== undefined && { local: header.destination }),
      ...(typeof serverName === "string" && { tlsServerName: serverName }),
    });
  }

  #add(index: number): void {
    this.#values[index] = (this.#values[index] ?? 0) + 1;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
