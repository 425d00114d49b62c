import type { TlsOptions } from "node:tls";
import { SystemClock, type Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { ReadPacer } from "../core/read-pacer.ts";
import { AddressPolicy, type AllowedRange } from "./address-policy.ts";
import { systemLookup, type Lookup } from "./remote-dialer.ts";
import type { OnConnectError, OnInactivity, Route, TcpAddress } from "./route-contract.ts";
import type { TcpAudit, TcpMetrics, TcpPools } from "./interfaces.ts";

/** A router file after loading, or the same made in a program. */
export interface LoadedRouter {
  readonly route: Route;
  readonly onConnectError: OnConnectError | undefined;
  readonly onInactivity: OnInactivity | undefined;
  /** The file's own allow-list; it only narrows. */
  readonly policy: AddressPolicy | undefined;
  /** Where an error of the router was thrown, as `file:line:column`, or the file alone. */
  readonly locate: (error: unknown) => string;
}

/** Gives the router of each new connection; a connection keeps the one it began with. */
export interface RouterSource {
  readonly current: LoadedRouter;
}

/** Options of {@link TcpRouter}. Absent means the default; numbers are checked. */
export interface TcpRouterOptions {
  readonly router: RouterSource;
  /**
   * Bytes that the router is shown at most; a `noop` beyond them closes the connection. @default
   * 16384
   */
  readonly prereadBytes?: number;
  /** Milliseconds from the accept to the decision, a pending promise included. @default 5000 */
  readonly prereadTimeoutMs?: number;
  /** Attempts to connect. @default 10, as ProxyMachine */
  readonly connectAttempts?: number;
  /** Milliseconds between two attempts. @default 100, as ProxyMachine */
  readonly connectRetryDelayMs?: number;
  /** Milliseconds per attempt where the decision gives none. @default 1000 */
  readonly connectTimeoutMs?: number;
  /** Attempts under way at once; further ones wait. @default 256 */
  readonly concurrentDials?: number;
  /**
   * Milliseconds until the server's first byte where the decision gives none. 0: no limit. @default
   * 0
   */
  readonly inactivityTimeoutMs?: number;
  /**
   * Milliseconds without a byte either way. 0: no limit. Kept to within a quarter of a second.
   * @default 0
   */
  readonly idleTimeoutMs?: number;
  /** The same, once one side has ended its direction. 0: no limit. @default 300000 */
  readonly halfClosedTimeoutMs?: number;
  /** Where `remote` may go. Empty: anywhere but to refused addresses. @default [] */
  readonly allow?: readonly AllowedRange[];
  /** See {@link AddressPolicy}. @default true */
  readonly refusesSpecial?: boolean;
  /**
   * Every address that this process listens on; the router's own listener is added. @default none
   */
  readonly ownListeners?: () => Iterable<TcpAddress>;
  /** Without them a decision for a pool is an error. */
  readonly pools?: TcpPools;
  readonly audit?: TcpAudit;
  readonly metrics?: TcpMetrics;
  readonly log?: Log;
  readonly clock?: Clock;
  /** What all that carries much in a process takes turns by. @default one for this router */
  readonly reads?: ReadPacer;
  readonly lookup?: Lookup;
}

/** Options of {@link TcpListener}. */
export interface TcpListenerOptions extends TcpRouterOptions {
  /** @default "0.0.0.0" */
  readonly host?: string;
  /** 0: any free one. @default 5432, as ProxyMachine */
  readonly port?: number;
  /**
   * Connections at most; further ones are closed at once, and counted. 0: no limit. @default 10000
   */
  readonly maxConnections?: number;
  /**
   * Present: TLS is terminated here; the router sees what is inside, and the name in
   * `connection.tlsServerName`. Suites with forward secrecy and authenticated encryption, unless
   * `ciphers` says otherwise; no renegotiation.
   */
  readonly tls?: TlsOptions;
}

/** {@link TcpRouterOptions} with every default filled in. */
export type TcpSettings = Readonly<Required<Omit<TcpRouterOptions, OptionalSeam>>> & {
  readonly [K in OptionalSeam]: TcpRouterOptions[K] | undefined;
} & { readonly policy: AddressPolicy };

type OptionalSeam = "pools" | "audit" | "metrics" | "log";

/** @throws {RangeError} when a number is out of its range */
export function toSettings(options: TcpRouterOptions): TcpSettings {
  const ownListeners = options.ownListeners ?? ((): Iterable<TcpAddress> => []);
  const allow = options.allow ?? [];
  const refusesSpecial = options.refusesSpecial ?? true;
  const clock = options.clock ?? new SystemClock();
  return {
    router: options.router,
    prereadBytes: whole("prereadBytes", options.prereadBytes ?? 16_384, 1),
    prereadTimeoutMs: whole("prereadTimeoutMs", options.prereadTimeoutMs ?? 5000, 1),
    connectAttempts: whole("connectAttempts", options.connectAttempts ?? 10, 1),
    connectRetryDelayMs: whole("connectRetryDelayMs", options.connectRetryDelayMs ?? 100, 0),
    connectTimeoutMs: whole("connectTimeoutMs", options.connectTimeoutMs ?? 1000, 1),
    concurrentDials: whole("concurrentDials", options.concurrentDials ?? 256, 1),
    inactivityTimeoutMs: whole("inactivityTimeoutMs", options.inactivityTimeoutMs ?? 0, 0),
    idleTimeoutMs: whole("idleTimeoutMs", options.idleTimeoutMs ?? 0, 0),
    halfClosedTimeoutMs: whole("halfClosedTimeoutMs", options.halfClosedTimeoutMs ?? 300_000, 0),
    allow,
    refusesSpecial,
    ownListeners,
    policy: new AddressPolicy({ allow, refusesSpecial, ownListeners }),
    pools: options.pools,
    audit: options.audit,
    metrics: options.metrics,
    log: options.log,
    clock,
    reads: options.reads ?? new ReadPacer(clock),
    lookup: options.lookup ?? systemLookup,
  };
}

function whole(name: string, value: number, least: number): number {
  // The upper bound is that of Node's timers.
  if (!Number.isSafeInteger(value) || value < least || value > 2_147_483_647)
    throw new RangeError(
      `${name} must be a whole number from ${least} to 2147483647, not ${value}`,
    );
  return value;
}
