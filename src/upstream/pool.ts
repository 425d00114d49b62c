import type { Clock } from "../core/clock.ts";
import type { DeadlineSweep } from "../core/deadline-sweep.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { StatusSet } from "../core/status-set.ts";
import type { ParserList } from "../http1/head-reader.ts";
import type { Balancer } from "./balancer.ts";
import { Connector } from "./connector.ts";
import type { ClientPeer, DialOptions } from "./connector.ts";
import { DialFailures } from "./dial-failures.ts";
import type { Endpoint } from "./endpoint.ts";
import { OutlierDetection } from "./outlier-detection.ts";
import type { OutlierOptions } from "./outlier-detection.ts";
import { PendingDial } from "./pending-dial.ts";
import type { ConnectionWaiter } from "./pending-dial.ts";
import { RetryBudget } from "./retry-budget.ts";
import type { ConnectionOwner, UpstreamConnection } from "./upstream-connection.ts";

export interface PoolOptions {
  readonly name: string;
  readonly dial: DialOptions;
  readonly idleMs: number;
  readonly pendingMs: number;
  /** Connections per endpoint. */
  readonly connections: number;
  /** Exchanges that wait for a connection. */
  readonly pending: number;
  /** Exchanges on one connection; 0: unlimited. */
  readonly requestsPerConnection: number;
  /** `undefined`: nothing is ejected. */
  readonly outlier: (OutlierOptions & { readonly statuses: StatusSet }) | undefined;
  /** Retries at most in percent of requests. */
  readonly retryBudgetPercent: number;
  /** Outlier detection has ejected an endpoint until a monotonic instant. */
  readonly onEjected?: ((endpoint: Endpoint, untilMs: number) => void) | undefined;
}

interface Pending {
  readonly key: string;
  readonly avoid: readonly Endpoint[];
  readonly deadlineMs: number;
}

/**
 * A named, balanced set of endpoints with their connections. Idle connections are reused last in,
 * first out; beyond the cap per endpoint exchanges wait in a bounded queue, first in, first out.
 */
export class Pool implements ConnectionOwner {
  readonly options: PoolOptions;
  readonly endpoints: readonly Endpoint[];
  readonly #balancer: Balancer;
  readonly #clock: Clock;
  readonly #sweep: DeadlineSweep;
  readonly #parsers: ParserList;
  readonly #pending = new Map<ConnectionWaiter, Pending>();
  readonly #dialling = new Map<ConnectionWaiter, PendingDial>();
  #busy = 0;
  readonly #outlier: OutlierDetection | undefined;
  readonly #budget: RetryBudget;
  readonly #dialFailures: DialFailures;
  /** Who was told of its client by a PROXY protocol header serves that client only. */
  readonly #isShared: boolean;
  #isClosed = false;
  #isRetired = false;
  /** A freed place is spoken for. */
  #isPlacing = false;
  readonly #onTick = (): void => this.#tick();

  constructor(
    options: PoolOptions,
    endpoints: readonly Endpoint[],
    balancer: Balancer,
    clock: Clock,
    sweep: DeadlineSweep,
    parsers: ParserList,
    log: Log,
  ) {
    this.options = options;
    this.endpoints = endpoints;
    this.#balancer = balancer;
    this.#clock = clock;
    this.#sweep = sweep;
    this.#parsers = parsers;
    this.#budget = new RetryBudget(options.retryBudgetPercent);
    this.#dialFailures = new DialFailures(options.name, clock, log);
    this.#isShared = options.dial.preface === undefined;
    if (options.outlier !== undefined && endpoints.length > 1)
      this.#outlier = new OutlierDetection(options.outlier, endpoints, (endpoint, isEjected) => {
        log.warn(
          { pool: options.name, endpoint: endpoint.address.url },
          isEjected ? "endpoint ejected" : "endpoint returned",
        );
        if (!isEjected) return;
        endpoint.totals.ejections += 1;
        options.onEjected?.(endpoint, endpoint.ejectedUntilMs);
      });
    sweep.onTick(this.#onTick);
  }

  /** Another process that shares the endpoints has ejected this one. */
  followEjection(endpoint: Endpoint, untilMs: number): void {
    if (endpoint.ejectedUntilMs === 0) this.#outlier?.follow(endpoint, untilMs);
  }

  /** An endpoint has begun to answer. 429 is back pressure, never a failure. */
  answered(endpoint: Endpoint, status: number): void {
    if (this.#countsAsFailure(status)) this.#outlier?.failed(endpoint, this.#clock.now());
  }

  /** An endpoint has answered whole. */
  completed(endpoint: Endpoint, status: number): void {
    if (!this.#countsAsFailure(status)) this.#outlier?.succeeded(endpoint);
  }

  /** An endpoint could not be reached, or broke off. */
  failed(endpoint: Endpoint): void {
    endpoint.totals.failures += 1;
    this.#outlier?.failed(endpoint, this.#clock.now());
  }

  /**
   * Takes one retry out of the pool's budget; false: none is left. `percent`: the route's share.
   */
  takeRetry(percent: number): boolean {
    return this.#budget.take(this.#clock.now(), percent);
  }

  /** A request enters the pool. */
  countRequest(nowMs: number): void {
    this.#budget.countRequest(nowMs);
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  get busyCount(): number {
    return this.#busy;
  }

  /**
   * Gets a connection for `waiter`: an idle one, a new one, or the next that becomes free.
   *
   * @param avoid endpoints that have failed this exchange: others are preferred.
   * @param wantsFresh no connection that was used before.
   */
  acquire(
    waiter: ConnectionWaiter,
    key: string,
    avoid: readonly Endpoint[],
    wantsFresh: boolean,
  ): void {
    const endpoint = this.pick(key, avoid);
    if (endpoint === undefined) waiter.onNoConnection("ESP_ERR_NO_ENDPOINT", undefined);
    else if (this.hasRoom(endpoint)) this.#place(waiter, endpoint, wantsFresh);
    else if (this.#pending.size < this.options.pending) {
      if (this.#isRetired) this.#sweep.onTick(this.#onTick);
      this.#pending.set(waiter, {
        key,
        avoid,
        deadlineMs: this.#clock.now() + this.options.pendingMs,
      });
    } else waiter.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
  }

  /** `waiter` has gone; neither of its methods is called any more. */
  cancel(waiter: ConnectionWaiter): void {
    this.#pending.delete(waiter);
    const dial = this.#dialling.get(waiter);
    if (dial === undefined) return;
    dial.waiter = undefined;
    this.#dialling.delete(waiter);
  }

  onIdle(connection: UpstreamConnection): void {
    const { endpoint } = connection;
    if (connection.isLent) this.#takeBack(connection);
    const { requestsPerConnection } = this.options;
    const isUsedUp = requestsPerConnection > 0 && connection.served >= requestsPerConnection;
    if (this.#isClosed || endpoint.isDraining || isUsedUp || !this.#isCurrent(connection)) {
      connection.abandon();
      return;
    }
    const next = this.#pending.size === 0 ? undefined : this.#nextPending(connection);
    if (next !== undefined) {
      this.#lend(connection, next);
      return;
    }
    // Room for somebody whom this connection does not suit.
    if (this.#isRetired || this.#pending.size > 0) {
      connection.abandon();
      return;
    }
    connection.deadlineMs = this.#sweep.deadlineIn(this.options.idleMs);
    endpoint.idle.push(connection);
  }

  onClosed(connection: UpstreamConnection): void {
    const { endpoint } = connection;
    endpoint.open -= 1;
    if (connection.isLent) this.#takeBack(connection);
    else {
      const at = endpoint.idle.indexOf(connection);
      if (at !== -1) endpoint.idle.splice(at, 1);
    }
    this.serveNext();
  }

  onTlsError({ endpoint }: UpstreamConnection, reason: string): void {
    this.#dialFailures.note(endpoint, reason);
  }

  /**
   * The configuration no longer has this pool as it is: no connection is kept for later, while
   * exchanges that have it still get what they need, queue and retries included.
   */
  retire(): void {
    this.#isRetired = true;
    this.#dropIdle(() => true);
  }

  /** Closes idle connections now and busy ones when they become idle. */
  close(): void {
    this.#isClosed = true;
    this.#sweep.offTick(this.#onTick);
    this.#dropIdle(() => true);
  }

  /**
   * A name was resolved again: idle connections to addresses that it no longer has are closed now,
   * busy ones when they become idle.
   */
  followAddresses(host: string, addresses: ReadonlySet<string>): void {
    for (const endpoint of this.endpoints)
      if (endpoint.address.host === host) endpoint.addresses = addresses;
    this.#dropIdle((connection) => !this.#isCurrent(connection));
  }

  /** Called by a dial that has connected. */
  dialled({ waiter }: PendingDial, connection: UpstreamConnection): void {
    if (waiter !== undefined) {
      this.#dialling.delete(waiter);
      this.#lend(connection, waiter);
      return;
    }
    // Its exchange has gone while it connected: keep it for the next one.
    this.onIdle(connection);
  }

  /** Called by a dial that has failed. `isLocal`: for want of something on this machine. */
  dialFailed(
    { waiter, endpoint }: PendingDial,
    code: ErrorCode,
    reason: string,
    isLocal: boolean,
  ): void {
    if (waiter !== undefined) this.#dialling.delete(waiter);
    endpoint.totals.connectFailures += 1;
    this.#dialFailures.note(endpoint, reason);
    waiter?.onNoConnection(code, isLocal ? undefined : endpoint);
    this.serveNext();
  }

  #countsAsFailure(status: number): boolean {
    return status !== 429 && this.options.outlier?.statuses.has(status) === true;
  }

  #takeBack(connection: UpstreamConnection): void {
    connection.isLent = false;
    connection.endpoint.active -= 1;
    this.#busy -= 1;
  }

  #lend(connection: UpstreamConnection, waiter: ConnectionWaiter): void {
    connection.endpoint.active += 1;
    connection.endpoint.totals.requests += 1;
    connection.isLent = true;
    this.#busy += 1;
    waiter.onConnection(connection);
  }

  /**
   * An endpoint that may be used now, one with room where there is one; `undefined`: there is none
   * at all. The caller may find it full.
   */
  pick(key: string, avoid: readonly Endpoint[]): Endpoint | undefined {
    const { endpoints } = this;
    const [only] = endpoints;
    if (endpoints.length === 1) return only;
    const now = this.#clock.now();
    const candidates =
      avoid.length === 0 && this.#areAllAvailable() ? endpoints : this.#candidates(avoid);
    const first = this.#balancer.pick(candidates, key, now);
    if (first === undefined || this.hasRoom(first)) return first;
    const roomy = candidates.filter((endpoint) => this.hasRoom(endpoint));
    return roomy.length === 0 ? first : this.#balancer.pick(roomy, key, now);
  }

  #areAllAvailable(): boolean {
    for (const endpoint of this.endpoints) if (!endpoint.isAvailable) return false;
    return true;
  }

  #candidates(avoid: readonly Endpoint[]): readonly Endpoint[] {
    const usable = this.endpoints.filter((endpoint) => !endpoint.isDraining);
    const available = usable.filter((endpoint) => endpoint.isAvailable);
    // Panic rule: with nothing available, all are tried; an exchange that may fail beats one that
    // is refused.
    const allowed = available.length > 0 ? available : usable;
    const others = allowed.filter((endpoint) => !avoid.includes(endpoint));
    return others.length > 0 ? others : allowed;
  }

  hasRoom(endpoint: Endpoint): boolean {
    return endpoint.idle.length > 0 || endpoint.open < this.options.connections;
  }

  /** Lends an idle connection of an endpoint that has room, or makes a new one. */
  #place(waiter: ConnectionWaiter, endpoint: Endpoint, wantsFresh: boolean): void {
    const connection = wantsFresh ? undefined : this.#takeIdle(endpoint, waiter.peer);
    if (connection !== undefined) {
      connection.deadlineMs = Infinity;
      this.#lend(connection, waiter);
      return;
    }
    this.#isPlacing = true;
    // Only idle connections are left that cannot be used: the oldest one makes room.
    if (endpoint.open >= this.options.connections) endpoint.idle[0]?.abandon();
    this.#isPlacing = false;
    this.#dial(endpoint, waiter);
  }

  #takeIdle(endpoint: Endpoint, peer: ClientPeer): UpstreamConnection | undefined {
    const { idle } = endpoint;
    for (let i = idle.length - 1; i >= 0; i -= 1) {
      const connection = idle[i];
      if (connection === undefined || (!this.#isShared && connection.peer !== peer)) continue;
      if (connection.isUsable && this.#isCurrent(connection)) {
        if (i === idle.length - 1) idle.pop();
        else idle.splice(i, 1);
        return connection;
      }
      this.#isPlacing = true;
      connection.abandon();
      this.#isPlacing = false;
    }
    return undefined;
  }

  /** Made with the TLS identity in use, to an address that its endpoint still has. */
  #isCurrent(connection: UpstreamConnection): boolean {
    const { endpoint, socket, identity } = connection;
    if (identity !== undefined && identity !== this.options.dial.tlsIdentity?.()) return false;
    return (
      endpoint.addresses === undefined ||
      socket.remoteAddress === undefined ||
      endpoint.addresses.has(socket.remoteAddress)
    );
  }

  #dropIdle(isDropped: (connection: UpstreamConnection) => boolean): void {
    for (const endpoint of this.endpoints)
      for (const connection of endpoint.idle.toReversed())
        if (isDropped(connection)) connection.abandon();
  }

  #dial(endpoint: Endpoint, waiter: ConnectionWaiter): void {
    endpoint.open += 1;
    const dial = new PendingDial(this, endpoint, waiter);
    this.#dialling.set(waiter, dial);
    void new Connector(
      endpoint,
      waiter.peer,
      this.options.dial,
      this,
      dial,
      this.#clock,
      this.#sweep,
      this.#parsers,
    );
  }

  /** The first in the queue whom this connection, which has just become free, may serve. */
  #nextPending(connection: UpstreamConnection): ConnectionWaiter | undefined {
    const { endpoint } = connection;
    if (!endpoint.isAvailable && this.endpoints.some((other) => other.isAvailable))
      return undefined;
    for (const waiter of this.#pending.keys()) {
      if (!this.#isShared && waiter.peer !== connection.peer) continue;
      this.#pending.delete(waiter);
      return waiter;
    }
    return undefined;
  }

  /** Room has come: the first in the queue gets it. */
  serveNext(): void {
    if (this.#isClosed || this.#isPlacing) return;
    for (const [waiter, { key, avoid }] of this.#pending) {
      const endpoint = this.pick(key, avoid);
      if (endpoint === undefined || !this.hasRoom(endpoint)) return;
      this.#pending.delete(waiter);
      this.#place(waiter, endpoint, false);
      return;
    }
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#outlier?.tick(now);
    // A retired pool that nobody uses ends; who still holds its route and comes later starts it
    // anew.
    if (this.#isRetired && this.#pending.size + this.#dialling.size + this.#busy === 0)
      this.#sweep.offTick(this.#onTick);
    for (const [waiter, { deadlineMs }] of this.#pending) {
      if (deadlineMs > now) break;
      this.#pending.delete(waiter);
      waiter.onNoConnection("ESP_ERR_POOL_BUSY", undefined);
    }
    // An endpoint that has come back may have room.
    if (this.#pending.size > 0) this.serveNext();
  }
}
